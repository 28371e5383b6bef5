//! In which order statuses are written.

use std::collections::BTreeMap;

use crate::phone::action::ObjectKey;
use crate::phone::report::{Status, Statuses};

/// Those that acknowledge a request for a pass after the others: who waits for the acknowledgement
/// finds everything told that the pass has to tell.
pub(super) fn acknowledged_last(
    previous: &Statuses,
    patches: BTreeMap<ObjectKey, Status>,
) -> [BTreeMap<ObjectKey, Status>; 2] {
    let acknowledges = |key: &ObjectKey, status: &Status| {
        let before = previous.get(key).and_then(|it| it.status.last_handled());
        status.last_handled() != before
    };
    let (last, first) = patches
        .into_iter()
        .partition(|(key, status)| acknowledges(key, status));
    [first, last]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Auth0TenantStatus, Kind, PhoneProviderStatus};
    use crate::phone::report::Previous;

    #[test]
    fn what_acknowledges_a_request_is_told_after_the_rest() {
        let key = |kind, name: &str| ObjectKey {
            kind,
            namespace: "default".to_owned(),
            name: name.to_owned(),
        };
        let tenant = |handled: Option<&str>| {
            Status::Tenant(Auth0TenantStatus {
                last_handled_reconcile_at: handled.map(str::to_owned),
                ..Auth0TenantStatus::default()
            })
        };
        let (asked, known) = (
            key(Kind::Auth0Tenant, "asked"),
            key(Kind::Auth0Tenant, "known"),
        );
        let provider = key(Kind::PhoneProvider, "twilio");
        let before = |status| Previous {
            generation: Some(1),
            status,
            requested: None,
        };
        let previous = [
            (asked.clone(), before(tenant(Some("1")))),
            (known.clone(), before(tenant(Some("1")))),
        ];
        let patches = [
            (asked.clone(), tenant(Some("2"))),
            (known.clone(), tenant(Some("1"))),
            (
                provider.clone(),
                Status::Provider(PhoneProviderStatus::default()),
            ),
        ];
        let [first, last] = acknowledged_last(&previous.into(), patches.into());
        assert_eq!(first.into_keys().collect::<Vec<_>>(), [known, provider]);
        assert_eq!(last.into_keys().collect::<Vec<_>>(), [asked]);
    }
}
