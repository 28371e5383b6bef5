//! The laws over random tenants and random objects.

use std::collections::BTreeSet;
use std::sync::Arc;

use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::credential::Credential;
use dialtone::auth0::exchange::Method;
use dialtone::auth0::pacer::{Pacer, RateLimit};
use dialtone::auth0::tenant::{ManagementApi, Tenant as _};
use dialtone::auth0::token::TokenCache;
use dialtone::phone::delivery::MessageType;
use dialtone::phone::flow::Flow as Told;
use dialtone::phone::plan::plan;
use dialtone::phone::policy::Withheld;
use dialtone::phone::secret::Secret;
use dialtone::sim::flow::{Flow, flows, try_flow};
use dialtone::sim::server::{Listen, serve};
use dialtone::sim::store::Store;
use dialtone::sim::tenant::{Setup, SimulatedTenant};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::rig::{Objects, Rig, admin, picture};

/// A tenant as other people may have left it.
#[derive(Clone, Debug)]
struct Left {
    provider: Option<(Vec<&'static str>, bool)>,
    factor: bool,
    types: Vec<&'static str>,
    connection: Option<(u8, Vec<usize>)>,
    identifier: Option<(bool, bool, bool)>,
    unified: bool,
}

/// What the objects want.
#[derive(Clone, Debug)]
struct Wanted {
    provider: Option<(Vec<&'static str>, bool, bool)>,
    factor: Option<(bool, Vec<&'static str>, Option<bool>)>,
    connection: Option<(Option<u8>, Vec<usize>, bool)>,
    enable: bool,
}

const APPLICATIONS: [&str; 3] = ["web", "ios", "android"];

fn subset(of: &[&'static str], least: usize) -> impl Strategy<Value = Vec<&'static str>> + use<> {
    proptest::sample::subsequence(of.to_vec(), least..=of.len())
}

fn applications() -> impl Strategy<Value = Vec<usize>> {
    proptest::sample::subsequence(vec![0, 1, 2], 0..=3)
}

prop_compose! {
    fn left()(
        provider in proptest::option::weighted(0.8, (subset(&["text", "voice"], 1), any::<bool>())),
        factor in any::<bool>(),
        types in subset(&["sms", "voice"], 0),
        connection in proptest::option::of((4_u8..9, applications())),
        identifier in proptest::option::of(any::<(bool, bool, bool)>()),
        unified in prop_oneof![4 => Just(true), 1 => Just(false)],
    ) -> Left {
        Left { provider, factor, types, connection, identifier, unified }
    }
}

prop_compose! {
    fn wanted()(
        provider in proptest::option::weighted(
            0.8,
            (subset(&["Text", "Voice"], 1), any::<bool>(), any::<bool>()),
        ),
        factor in proptest::option::of(
            (any::<bool>(), subset(&["SMS", "Voice"], 1), proptest::option::of(any::<bool>())),
        ),
        connection in proptest::option::of(
            (proptest::option::of(4_u8..9), applications(), any::<bool>()),
        ),
        enable in any::<bool>(),
    ) -> Wanted {
        Wanted { provider, factor, connection, enable }
    }
}

impl Left {
    /// Sets a tenant up as an administrator would, in an order that Auth0 accepts.
    fn set_up(&self, tenant: &SimulatedTenant) {
        let patch = |path: &str, body: Value| admin(tenant, Method::Patch, path, body);
        let ids: Vec<String> = APPLICATIONS
            .iter()
            .map(|name| tenant.change(|store, _| store.seed_client(name)).unwrap())
            .collect();
        patch(
            "tenants/settings",
            json!({"phone_consolidated_experience": false}),
        );
        if let Some((methods, disabled)) = &self.provider {
            let body = json!({
                "name": "twilio",
                "disabled": disabled,
                "configuration": {"sid": "AC1", "default_from": "+15550100", "delivery_methods": methods},
                "credentials": {"auth_token": "old"},
            });
            assert_eq!(
                admin(tenant, Method::Post, "branding/phone/providers", body).status,
                201
            );
        }
        admin(
            tenant,
            Method::Put,
            "guardian/factors/sms",
            json!({"enabled": true}),
        );
        let types = json!({"message_types": self.types});
        admin(
            tenant,
            Method::Put,
            "guardian/factors/phone/message-types",
            types,
        );
        admin(
            tenant,
            Method::Put,
            "guardian/factors/sms",
            json!({"enabled": self.factor}),
        );
        if let Some((length, applications)) = &self.connection {
            let options = json!({"name": "sms", "totp": {"length": length, "time_step": 300}, "syntax": "liquid"});
            let body = json!({"name": "sms", "strategy": "sms", "options": options});
            let made = admin(tenant, Method::Post, "connections", body);
            let dialtone::auth0::exchange::Payload::Json(made) = made.body else {
                return;
            };
            let switches: Vec<Value> = applications
                .iter()
                .map(|index| json!({"client_id": ids[*index], "status": true}))
                .collect();
            if !switches.is_empty() {
                let clients = format!("connections/{}/clients", made["id"].as_str().unwrap());
                assert_eq!(patch(&clients, Value::from(switches)).status, 204);
            }
        }
        if let Some((active, verify, otp)) = self.identifier {
            let attribute = |active: bool| json!({"identifier": {"active": active}});
            let options = json!({
                "attributes": {
                    "email": attribute(true),
                    "phone_number": {
                        "identifier": {"active": active},
                        "signup": {"status": "required", "verification": {"active": verify}},
                    },
                },
                "authentication_methods": {"phone_otp": {"enabled": otp}},
            });
            let body = json!({"name": "users", "strategy": "auth0", "options": options});
            assert_eq!(admin(tenant, Method::Post, "connections", body).status, 201);
        }
        patch(
            "tenants/settings",
            json!({"phone_consolidated_experience": self.unified}),
        );
    }
}

impl Wanted {
    fn manifests(&self) -> String {
        let mut documents = vec![
            json!({
                "kind": "Auth0Tenant",
                "metadata": {"name": "acme"},
                "spec": {
                    "domain": "acme.eu.auth0.com",
                    "credentials": {"clientSecret": {
                        "clientId": "id",
                        "secretRef": {"name": "secrets", "key": "secret"},
                    }},
                    "unifiedPhoneExperience": if self.enable { "Enable" } else { "Require" },
                },
            }),
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "secrets"},
                "stringData": {"secret": "s", "token": "t"},
            }),
        ];
        if let Some((methods, enabled, service)) = &self.provider {
            let mut twilio = json!({
                "accountSid": "AC00000000000000000000000000000000",
                "authTokenSecretRef": {"name": "secrets", "key": "token"},
            });
            if *service {
                twilio["messagingServiceSid"] = json!("MG00000000000000000000000000000000");
            } else {
                twilio["from"] = json!("+15550100");
            }
            documents.push(json!({
                "kind": "PhoneProvider",
                "metadata": {"name": "it"},
                "spec": {
                    "tenantRef": {"name": "acme"},
                    "enabled": enabled,
                    "deliveryMethods": methods,
                    "twilio": twilio,
                },
            }));
        }
        if let Some((enabled, types, policy)) = &self.factor {
            let mut spec =
                json!({"tenantRef": {"name": "acme"}, "enabled": enabled, "messageTypes": types});
            if let Some(always) = policy {
                spec["policies"] = if *always {
                    json!(["AllApplications"])
                } else {
                    json!([])
                };
            }
            documents
                .push(json!({"kind": "MfaPhoneFactor", "metadata": {"name": "it"}, "spec": spec}));
        }
        if let Some((length, applications, exclusive)) = &self.connection {
            let refs: Vec<Value> = applications
                .iter()
                .map(|index| json!({"name": APPLICATIONS[*index]}))
                .collect();
            let mode = if *exclusive { "Exclusive" } else { "Additive" };
            let mut spec = json!({
                "tenantRef": {"name": "acme"},
                "applications": {"mode": mode, "refs": refs},
            });
            if let Some(length) = length {
                spec["otp"] = json!({"length": length});
            }
            documents.push(
                json!({"kind": "PasswordlessConnection", "metadata": {"name": "it"}, "spec": spec}),
            );
        }
        let documents: Vec<String> = documents
            .into_iter()
            .map(|mut document| {
                if document.get("apiVersion").is_none() {
                    document["apiVersion"] = json!("dialtone.dev/v1alpha1");
                }
                document.to_string()
            })
            .collect();
        documents.join("\n---\n")
    }
}

fn rig(left: &Left, wanted: &Wanted) -> Rig {
    let rig = Rig::new(&wanted.manifests());
    left.set_up(&rig.tenant);
    rig.tenant.clear_calls();
    rig
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The flows that work in the simulated tenant, as the planner names them.
fn work(store: &Store, rig: &Rig) -> BTreeSet<Told> {
    let mut copy = store.clone();
    flows(store)
        .into_iter()
        .filter(|flow| try_flow(&mut copy, flow, rig.clock.now()).is_ok())
        .map(|flow| match flow {
            Flow::MfaSms => Told::Mfa(MessageType::Sms),
            Flow::MfaVoice => Told::Mfa(MessageType::Voice),
            Flow::Passwordless {
                connection,
                client_id,
            } => Told::Passwordless {
                connection,
                client_id,
            },
            Flow::SignupVerification { connection } => Told::SignupVerification { connection },
            Flow::PasswordReset { connection } => Told::PasswordReset { connection },
            Flow::PhoneOtp { connection } => Told::PhoneOtp { connection },
        })
        .collect()
}

/// What no object owns: database connections, applications, templates, attack protection.
fn unowned(store: &Store) -> Value {
    let mut value = serde_json::to_value(store).unwrap();
    let databases: Vec<Value> = value["connections"]["all"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["document"]["strategy"] == "auth0")
        .cloned()
        .collect();
    json!({
        "databases": databases,
        "clients": value["clients"].take(),
        "templates": value["templates"].take(),
        "attack_protection": value["attack_protection"].take(),
        "actions": value["actions"].take(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Laws 1, 4 and 5: one pass converges, the next ones do nothing, and strangers' things stay.
    #[test]
    fn a_pass_converges_and_leaves_the_rest_alone(left in left(), wanted in wanted()) {
        run(async {
            let mut rig = rig(&left, &wanted);
            let strangers = unowned(&rig.tenant.store());
            let (result, _) = rig.pass().await;
            let outcome = result.unwrap();
            prop_assert_eq!(outcome.failures().count(), 0, "{:#?}", outcome.steps);
            prop_assert!(outcome.remaining.due().next().is_none(), "{:#?}", outcome.remaining);
            prop_assert_eq!(&unowned(&rig.tenant.store()), &strangers);
            let scope = rig.objects.desired().scope();
            let fresh = rig.api().snapshot(scope).await.unwrap();
            prop_assert_eq!(&outcome.observed, &fresh);
            let reached = rig.picture();
            for _ in 0..2 {
                rig.tenant.clear_calls();
                let (_, told) = rig.pass().await;
                prop_assert!(told.patches.is_empty(), "{:#?}", told.patches);
                prop_assert_eq!(rig.writes(), 0);
                prop_assert_eq!(&rig.picture(), &reached);
            }
            Ok(())
        })?;
    }

    /// Law 2: a pass that dies after any write is continued by the next one.
    #[test]
    fn a_pass_that_dies_is_continued(left in left(), wanted in wanted(), after in 1_u32..9) {
        run(async {
            let mut whole = rig(&left, &wanted);
            whole.settle().await;
            let mut broken = rig(&left, &wanted);
            let kill = dialtone::sim::fault::Fault::Kill { applied: true };
            let mut script = dialtone::sim::fault::Script::nth_call(after, kill);
            script.matching = serde_json::from_value(json!({"path": "/api/v2/**"})).unwrap();
            broken.tenant.add_faults([script]);
            broken.settle().await;
            prop_assert_eq!(broken.picture(), whole.picture());
            prop_assert_eq!(broken.objects.reasons(), whole.objects.reasons());
            prop_assert!(broken.writes() <= whole.writes() + 1);
            Ok(())
        })?;
    }

    /// Law 8: foresight. A plan tells a hazard if and only if signing in works before it and fails
    /// after it, in the tenant itself.
    #[test]
    fn hazards_are_what_end_users_lose(left in left(), wanted in wanted()) {
        run(async {
            let mut rig = rig(&left, &wanted);
            let desired = rig.objects.desired();
            // A tenant that no object reads in full cannot be judged in full.
            prop_assume!(desired.scope().factor && desired.scope().connections);
            let observed = rig.api().snapshot(desired.scope()).await.unwrap();
            let made = plan(&desired, &observed, &rig.objects.policy());
            let blocked = made.steps.iter().any(|step| {
                matches!(step.withheld, Some(Withheld::BreakingChange(_)))
            });
            prop_assert!(!blocked);
            let before = work(&rig.tenant.store(), &rig);
            rig.pass().await.0.unwrap();
            let after = work(&rig.tenant.store(), &rig);
            let lost: BTreeSet<Told> = before.difference(&after).cloned().collect();
            let told: BTreeSet<Told> =
                made.hazards.iter().map(|hazard| hazard.flow.clone()).collect();
            prop_assert_eq!(told, lost, "{:#?}", made);
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Law 7: the tenant in memory and the client over HTTP come to the same.
    #[test]
    fn memory_and_http_come_to_the_same(left in left(), wanted in wanted()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut memory = rig(&left, &wanted);
            let (result, _) = memory.pass().await;
            let in_memory = result.unwrap();

            let tenant = SimulatedTenant::start(Setup {
                domain: Some("acme.eu.auth0.com".to_owned()),
                ..Setup::default()
            })
            .unwrap();
            left.set_up(&tenant);
            let listen = Listen { addr: "127.0.0.1:0".parse().unwrap(), tls: None };
            let running = serve(listen, tenant).await.unwrap();
            let connection = Connection {
                domain: "acme.eu.auth0.com".to_owned(),
                endpoint: Some(running.url()),
                ca_bundle: None,
                credential: Credential::client_secret("id", Secret::new("s")).unwrap(),
                timing: Timing::default(),
            };
            let pacer = Arc::new(Pacer::new(RateLimit::new(1000.0, 100)));
            let client = HttpClient::new(connection, Arc::new(TokenCache::new()), pacer).unwrap();
            let mut objects = Objects::new(&wanted.manifests());
            let api = ManagementApi::new(client);
            let (result, _) = objects.pass(&api, None, memory.clock.now()).await;
            let over_http = result.unwrap();

            prop_assert_eq!(&in_memory.steps, &over_http.steps);
            prop_assert_eq!(memory.picture(), picture(&running.tenant.store()));
            prop_assert_eq!(memory.objects.reasons(), objects.reasons());
            running.stop().await;
            Ok(())
        })?;
    }
}
