//! What is printed holds neither secrets nor whole phone numbers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::build::{any_desired, any_tenant, database, desired_provider, provider, token};
use super::laws::any_policy;
use super::reporting::{at, fresh, pass};
use crate::phone::delivery::DeliveryMethod;
use crate::phone::desired::TwilioFrom;
use crate::phone::observed::{Observed, Reading};
use crate::phone::report::report;

/// What no output may hold: tokens, an option of an old connection, the numbers.
const PLANTED: [&str; 5] = [
    "token-1",
    "token-2",
    "planted-option",
    "15550100",
    "15550199",
];

fn leak(text: &str) -> Option<&'static str> {
    PLANTED.into_iter().find(|planted| text.contains(planted))
}

/// Plants a secret in every connection, as old ones hold it in clear (§6.3).
fn planted(mut tenant: Observed) -> Observed {
    if let Reading::Read(connections) = &mut tenant.connections {
        for options in connections
            .iter_mut()
            .filter_map(|item| item.options.as_mut())
        {
            options.insert("twilio_token".to_owned(), json!("planted-option"));
        }
    }
    tenant
}

#[test]
fn debug_output_masks_numbers_and_leaves_bodies_out() {
    assert_eq!(
        format!("{:?}", provider(&["text", "voice"])),
        "Provider(twilio pro_1 enabled, Text and Voice)"
    );
    let mut off = provider(&["text"]);
    off.disabled = true;
    assert_eq!(format!("{off:?}"), "Provider(twilio pro_1 disabled, Text)");
    assert_eq!(
        format!("{:?}", TwilioFrom::Number("+15550100".to_owned())),
        "Number(+1*****00)"
    );
    assert_eq!(
        format!("{:?}", TwilioFrom::MessagingService("MG1".to_owned())),
        "MessagingService(MG1)"
    );
    let options = database(json!({"secret": "planted-option"}));
    assert_eq!(leak(&format!("{options:?}")), None);
    let wanted = format!("{:?}", desired_provider(&DeliveryMethod::ALL));
    assert_eq!(leak(&wanted), None, "{wanted}");
    assert_eq!(leak(&format!("{:?}", token("token-1"))), None);
}

proptest! {

    /// Nothing that a pass prints, plans or tells holds a secret or a whole number.
    #[test]
    fn nothing_that_is_told_holds_a_secret(
        desired in any_desired(),
        observed in any_tenant(),
        policy in any_policy(),
    ) {
        let observed = planted(observed);
        let outcome = pass(&desired, &observed, policy, &BTreeMap::new());
        let shown = format!("{desired:?} {outcome:?}");
        prop_assert_eq!(leak(&shown), None, "{}", shown);
        for step in &outcome.plan.steps {
            let line = format!("{} {:?}", step.action.change.summary(), step.action.fields);
            prop_assert_eq!(leak(&line), None, "{}", line);
        }
        let told = report(&fresh(&desired), &desired, &Ok(outcome), at(1));
        let told = format!("{told:?}");
        prop_assert_eq!(leak(&told), None, "{}", told);
    }
}
