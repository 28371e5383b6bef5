//! What several steps break or mend one after the other.

use super::*;

#[test]
fn what_one_step_breaks_stays_told_when_another_step_follows() {
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let made = planned(
        &desired(Some(disabled()), Some(factor), vec![]),
        &full_tenant(),
    );
    let told: Vec<(String, usize)> = made
        .hazards
        .iter()
        .map(|hazard| (hazard.id(), hazard.step))
        .collect();
    for (id, step) in [
        ("mfa/sms", 0),
        ("mfa/voice", 0),
        ("passwordless/sms/client_web", 1),
    ] {
        assert!(told.contains(&(id.to_owned(), step)), "{id}: {told:?}");
    }
}

#[test]
fn a_flow_that_only_works_on_the_way_is_no_hazard() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(None);
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let wanted = desired(
        Some(desired_provider(&DeliveryMethod::ALL)),
        Some(factor),
        vec![],
    );
    assert!(planned(&wanted, &tenant).hazards.is_empty());
}
