//! States of a test message.

use dialtone::api::Kind::PhoneTestMessage;
use dialtone::auth0::exchange::Method;
use dialtone::sim::fault::{Fault, Script};

use super::{
    DEGRADED, HEALTHY, PROGRESSING, State, begun, fresh, manifests, only, ready, state, with_tenant,
};
use crate::laws::rig::Rig;

/// Where a message is sent.
const SENDING: &str = "/api/v2/branding/phone/providers/*/try";

pub async fn states() -> Vec<State> {
    let lost = Fault::Lost { applied: true };
    let refused = Fault::Status {
        code: 400,
        applied: false,
    };
    vec![
        state(
            "Auth0 has taken the message",
            HEALTHY,
            only(&ready().await, &[PhoneTestMessage]),
        ),
        state(
            "the message is being sent",
            PROGRESSING,
            only(&begun().await, &[PhoneTestMessage]),
        ),
        state(
            "the message may have been sent or not",
            DEGRADED,
            only(&struck(lost).await, &[PhoneTestMessage]),
        ),
        state(
            "Auth0 refuses the message",
            DEGRADED,
            only(&struck(refused).await, &[PhoneTestMessage]),
        ),
        state(
            "the tenant is observe-only, and the message is not sent",
            DEGRADED,
            only(&observed().await, &[PhoneTestMessage]),
        ),
    ]
}

async fn struck(fault: Fault) -> Rig {
    let mut rig = fresh(&manifests());
    rig.tenant
        .add_faults([Script::once(Method::Post, SENDING, fault)]);
    rig.pass().await.0.unwrap();
    rig
}

async fn observed() -> Rig {
    let mut rig = ready().await;
    let text = with_tenant("managementPolicy: Observe");
    rig.objects.edit(&text.replace("+15550123", "+15550124"));
    rig.settle().await;
    rig
}
