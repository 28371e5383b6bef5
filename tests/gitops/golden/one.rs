//! States of single objects.

use dialtone::api::Kind;
use dialtone::auth0::exchange::Method;
use dialtone::sim::actions::Pace;
use dialtone::sim::store::Store;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use super::{
    DEGRADED, HEALTHY, PROGRESSING, State, always, begun, edited, fresh, manifests, named, only,
    ready, settled, state, with_provider, with_tenant,
};
use crate::laws::rig::Rig;

use Kind::{MfaPhoneFactor, PasswordlessConnection, PhoneIdentifier, PhoneProvider, PhoneTemplate};

pub async fn states() -> Vec<State> {
    let disabled = edited(&with_provider("enabled: false")).await;
    let dependents = [MfaPhoneFactor, PasswordlessConnection, PhoneIdentifier];
    let blocked = with_provider("onBreakingChange: Block\n  enabled: false");
    let created = [PhoneProvider, PasswordlessConnection, PhoneTemplate];
    vec![
        state(
            "it is being created for the first time",
            PROGRESSING,
            only(&begun().await, &created),
        ),
        state(
            "the provider is disabled as it says, and sign-in flows need it",
            ("Degraded", "Current", "Failed"),
            only(&disabled, &[PhoneProvider]),
        ),
        state(
            "it needs the provider, which is disabled",
            DEGRADED,
            only(&disabled, &dependents),
        ),
        state(
            "a change that would break sign-in is withheld",
            DEGRADED,
            only(&edited(&blocked).await, &[PhoneProvider]),
        ),
        state(
            "it is deleted, and going would break sign-in",
            ("Degraded", "Terminating", "Failed"),
            vec![held_back().await],
        ),
        state(
            "it needs a provider, and there is none yet",
            PROGRESSING,
            only(&settled(&without_provider()).await, &dependents[..2]),
        ),
        state(
            "the tenant has drifted, and that is only reported",
            HEALTHY,
            only(&drifted().await, &[MfaPhoneFactor]),
        ),
        state(
            "the tenant is observe-only, and differs",
            HEALTHY,
            only(&observed().await, &[PhoneProvider]),
        ),
        state(
            "an older object manages the same thing",
            DEGRADED,
            conflicts().await,
        ),
        state(
            "it must not take over what exists",
            DEGRADED,
            only(&refused().await, &[PhoneProvider]),
        ),
        state(
            "its Secret is not there",
            DEGRADED,
            only(&unchecked(&without_token()).await, &[PhoneProvider]),
        ),
        state(
            "the tenant does not let its namespace in",
            DEGRADED,
            only(&unchecked(&elsewhere()).await, &[MfaPhoneFactor]),
        ),
        state(
            "the application lacks a scope for it",
            DEGRADED,
            only(&forbidden().await, &[MfaPhoneFactor]),
        ),
        state(
            "who needs the provider is not seen, for want of a scope",
            HEALTHY,
            only(&forbidden().await, &[PhoneProvider]),
        ),
        state(
            "its words are no Liquid",
            DEGRADED,
            only(&unchecked(&broken_words()).await, &[PhoneTemplate]),
        ),
        state(
            "Auth0 builds its Action",
            PROGRESSING,
            only(&building().await, &[PhoneProvider]),
        ),
        state(
            "its Action cannot be built",
            DEGRADED,
            only(&unbuildable().await, &[PhoneProvider]),
        ),
    ]
}

/// A pass over objects that validation would find fault with.
async fn unchecked(manifests: &str) -> Rig {
    let mut rig = ready().await;
    let now = rig.clock.now();
    rig.objects.edit_unchecked(manifests, now);
    rig.pass().await.0.unwrap();
    rig
}

/// A provider that stays because somebody signs in through it.
async fn held_back() -> Value {
    let text = with_provider("onBreakingChange: Block\n  deletionPolicy: Delete");
    let mut rig = settled(&text).await;
    let now = rig.clock.now();
    let mut resources = rig.objects.resources.iter_mut();
    let provider = resources.find(|it| it.kind() == PhoneProvider).unwrap();
    provider.metadata_mut().deletion_timestamp = Some(Time(now));
    provider.metadata_mut().finalizers = Some(vec!["dialtone.dev/finalizer".to_owned()]);
    rig.pass().await.0.unwrap();
    only(&rig, &[PhoneProvider]).remove(0)
}

/// The documents that do not contain this.
fn without(text: &str, unwanted: &str) -> String {
    let documents = text.split("---\n");
    let kept: Vec<&str> = documents.filter(|it| !it.contains(unwanted)).collect();
    kept.join("---\n")
}

fn without_provider() -> String {
    let text = without(&manifests(), "kind: PhoneProvider");
    without(&text, "kind: PhoneTestMessage")
}

fn without_token() -> String {
    without(&manifests(), "authToken: example")
}

fn elsewhere() -> String {
    let here = "kind: MfaPhoneFactor\nmetadata:\n  name: phone\nspec:\n  tenantRef: {name: acme}";
    let there = "kind: MfaPhoneFactor\nmetadata:\n  name: phone\n  namespace: shop\nspec:\n  \
                 tenantRef: {name: acme, namespace: default}";
    let text = manifests().replace(here, there);
    assert!(text.contains(there));
    text
}

fn broken_words() -> String {
    manifests().replace("{{ code }} is", "{% if code %}{{ code }} is")
}

async fn drifted() -> Rig {
    let mut rig = settled(&with_tenant("drift: {mode: Warn}")).await;
    let off = json!({"enabled": false});
    let answer = rig.admin(Method::Put, "guardian/factors/sms", off);
    assert_eq!(answer.status, 200);
    rig.settle().await;
    rig
}

async fn observed() -> Rig {
    let text = with_tenant("managementPolicy: Observe");
    edited(&text.replace("+15550100", "+15550199")).await
}

async fn conflicts() -> Vec<Value> {
    let younger = |kind: &str, spec: &str| {
        format!(
            "---\napiVersion: dialtone.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: younger}}\n\
             spec: {{tenantRef: {{name: acme}}, {spec}}}\n"
        )
    };
    let twilio = "deliveryMethods: [Text], twilio: {accountSid: AC11111111111111111111111111111111, \
                  from: \"+15550111\", authTokenSecretRef: {name: twilio, key: authToken}}";
    let mut found = Vec::new();
    for (kind, spec) in [
        ("PhoneProvider", twilio),
        ("MfaPhoneFactor", "messageTypes: [Voice]"),
        ("PasswordlessConnection", "otp: {length: 12}"),
        ("PhoneTemplate", "type: OtpVerify, text: \"{{ code }}\""),
        (
            "PhoneIdentifier",
            "connection: Username-Password-Authentication",
        ),
    ] {
        let rig = unchecked(&(manifests() + &younger(kind, spec))).await;
        found.extend(named(&rig, "younger"));
    }
    found
}

/// A provider that somebody set up by hand.
async fn refused() -> Rig {
    let before = ready().await;
    let mut rig = Rig::with(&with_provider("adopt: Never"), before.tenant.store());
    rig.settle().await;
    rig
}

async fn forbidden() -> Rig {
    let mut rig = fresh(&manifests());
    let factors = always(Some("GET"), Some("/api/v2/guardian/factors"), 403);
    rig.tenant.add_faults([factors]);
    rig.settle().await;
    rig
}

fn custom() -> String {
    let read = |name: &str| {
        let path = format!(
            "{}/examples/custom-provider/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).unwrap()
    };
    format!("{}---\n{}", read("tenant.yaml"), read("provider.yaml"))
}

async fn building() -> Rig {
    let mut rig = Rig::with(&custom(), Store::new("acme.eu.auth0.com"));
    let pace = Pace {
        build: 11,
        deploy: 1,
    };
    rig.tenant.change(|store, _| store.set_pace(pace)).unwrap();
    rig.pass().await.0.unwrap();
    rig
}

async fn unbuildable() -> Rig {
    let mut rig = Rig::with(&custom(), Store::new("acme.eu.auth0.com"));
    rig.settle().await;
    let broken = "dependencies:\n        - {name: left-pad, version: 0.0.0}";
    rig.objects
        .edit(&custom().replace("dependencies: []", broken));
    rig.settle().await;
    rig
}
