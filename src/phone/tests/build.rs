//! Tenants and objects to test with: handmade ones, and generators of random ones.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::api::{Adopt, Kind, OnBreakingChange, UnifiedPhoneExperience};
use crate::phone::action::{Credential, ObjectKey};
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desired::{
    ActionSecrets, ApplicationRef, AuthToken, Claim, Desired, DesiredAction, DesiredApplications,
    DesiredConnection, DesiredFactor, DesiredIdentifier, DesiredMessage, DesiredProvider,
    DesiredTemplate, Sender, TwilioFrom,
};
use crate::phone::number::PhoneNumber;
use crate::phone::observed::{
    Application, Build, Connection, Content, Dependency, Observed, PhoneAction, Provider,
    ProviderName, Reading, Strategy as ConnectionStrategy, Template, TemplateContent,
};
use crate::phone::secret::{Fingerprint, FingerprintKey, Secret};
use crate::template::TemplateType;

pub(super) const SID: &str = "AC00000000000000000000000000000000";

pub(super) fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: "acme".to_owned(),
        name: name.to_owned(),
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

pub(super) fn token(value: &str) -> Credential {
    let secret = Secret::new(value);
    let fingerprint = FingerprintKey::from_bytes([7; 32]).fingerprint("twilio/auth-token", &secret);
    Credential {
        secret,
        fingerprint,
    }
}

pub(super) fn claim(kind: Kind) -> Claim {
    Claim {
        owner: key(kind, "main"),
        settled: false,
        removing: false,
        adopt: Adopt::IfExists,
        known_id: None,
        creating: false,
    }
}

/// A provider object that has been applied to [`provider`].
pub(super) fn desired_provider(methods: &[DeliveryMethod]) -> DesiredProvider {
    let auth_token = token("token-1");
    DesiredProvider {
        claim: Claim {
            known_id: Some("pro_1".to_owned()),
            ..claim(Kind::PhoneProvider)
        },
        enabled: true,
        delivery_methods: methods.iter().copied().collect(),
        sender: Sender::Twilio {
            account_sid: SID.to_owned(),
            from: TwilioFrom::Number("+15550100".to_owned()),
            applied_token: Some(auth_token.fingerprint.clone()),
            auth_token: AuthToken::Given(auth_token),
        },
        left_action: None,
        on_breaking_change: OnBreakingChange::Warn,
        acknowledged: BTreeSet::new(),
    }
}

pub(super) fn desired_factor(types: &[MessageType]) -> DesiredFactor {
    DesiredFactor {
        claim: claim(Kind::MfaPhoneFactor),
        enabled: true,
        message_types: Some(types.iter().copied().collect()),
        policies: None,
    }
}

pub(super) fn desired_connection(clients: &[&str]) -> DesiredConnection {
    DesiredConnection {
        claim: Claim {
            known_id: Some("con_sms".into()),
            ..claim(Kind::PasswordlessConnection)
        },
        name: "sms".to_owned(),
        display_name: None,
        options: BTreeMap::new(),
        applications: Some(DesiredApplications {
            exclusive: false,
            refs: clients
                .iter()
                .map(|id| ApplicationRef::ClientId((*id).to_owned()))
                .collect(),
            enabled_before: BTreeSet::new(),
        }),
    }
}

/// An identifier's object that has been applied to [`database`].
pub(super) fn desired_identifier() -> DesiredIdentifier {
    DesiredIdentifier {
        claim: Claim {
            known_id: Some("con_db".to_owned()),
            ..claim(Kind::PhoneIdentifier)
        },
        connection: "users".to_owned(),
        options: [(ACTIVE.to_vec(), json!(true))].into(),
    }
}

/// The option that makes the phone number an identifier.
pub(super) const ACTIVE: [&str; 4] = ["attributes", "phone_number", "identifier", "active"];
/// The option that has it verified at sign-up.
pub(super) const VERIFIED: [&str; 5] = [
    "attributes",
    "phone_number",
    "signup",
    "verification",
    "active",
];
/// The option that lets people sign in with a code.
pub(super) const PHONE_OTP: [&str; 3] = ["authentication_methods", "phone_otp", "enabled"];

/// A template's object that has been applied to [`stored`].
pub(super) fn desired_template(type_: TemplateType) -> DesiredTemplate {
    DesiredTemplate {
        claim: Claim {
            owner: key(Kind::PhoneTemplate, type_.as_str()),
            known_id: Some(format!("tem_{type_}")),
            ..claim(Kind::PhoneTemplate)
        },
        type_,
        enabled: None,
        content: words("Your code is {{ code }}"),
        fingerprint: token("words").fingerprint,
        errors: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A text message, with nothing said of the rest.
pub(super) fn words(text: &str) -> TemplateContent {
    TemplateContent {
        text: Some(text.to_owned()),
        ..TemplateContent::default()
    }
}

/// A template that somebody stored.
pub(super) fn stored(type_: TemplateType, text: &str) -> Template {
    Template {
        id: Some(format!("tem_{type_}")),
        ..by_default(type_, text)
    }
}

/// What Auth0 shows of a type for which nothing is stored.
pub(super) fn by_default(type_: TemplateType, text: &str) -> Template {
    Template {
        id: None,
        type_,
        disabled: false,
        content: TemplateContent {
            voice: Some("Auth0's own call".to_owned()),
            ..words(text)
        },
    }
}

/// A tenant that shows these templates.
pub(super) fn showing(templates: Vec<Template>, tenant: Observed) -> Observed {
    let by_type = templates.into_iter().map(|item| (item.type_, item));
    Observed {
        templates: Reading::Read(by_type.collect()),
        ..tenant
    }
}

pub(super) fn nothing_desired() -> Desired {
    let tenant = key(Kind::Auth0Tenant, "acme");
    Desired {
        unified: UnifiedPhoneExperience::Require,
        suspended: false,
        objects: vec![tenant.clone()],
        provider: None,
        factor: None,
        connections: Vec::new(),
        templates: Vec::new(),
        identifiers: Vec::new(),
        messages: Vec::new(),
        rejected: Vec::new(),
        tenant,
    }
}

pub(super) fn desired(
    provider: Option<DesiredProvider>,
    factor: Option<DesiredFactor>,
    connections: Vec<DesiredConnection>,
) -> Desired {
    let mut desired = nothing_desired();
    desired
        .objects
        .extend(provider.as_ref().map(|item| item.claim.owner.clone()));
    desired
        .objects
        .extend(factor.as_ref().map(|item| item.claim.owner.clone()));
    desired
        .objects
        .extend(connections.iter().map(|item| item.claim.owner.clone()));
    Desired {
        provider,
        factor,
        connections,
        ..desired
    }
}

pub(super) fn provider(methods: &[&str]) -> Provider {
    Provider {
        id: "pro_1".to_owned(),
        name: ProviderName::Twilio,
        disabled: false,
        configuration: object(
            json!({"sid": SID, "default_from": "+15550100", "delivery_methods": methods}),
        ),
    }
}

pub(super) fn sms_connection() -> Connection {
    Connection {
        id: "con_sms".to_owned(),
        name: "sms".to_owned(),
        strategy: ConnectionStrategy::Sms,
        display_name: None,
        options: Some(object(
            json!({"name": "sms", "brute_force_protection": true}),
        )),
    }
}

pub(super) fn database(options: Value) -> Connection {
    Connection {
        id: "con_db".to_owned(),
        name: "users".to_owned(),
        strategy: ConnectionStrategy::Auth0,
        display_name: None,
        options: Some(object(options)),
    }
}

/// A unified tenant without anything.
pub(super) fn empty_tenant() -> Observed {
    Observed {
        unified: Reading::Read(true),
        provider: Reading::Read(None),
        actions: Reading::NotRead,
        templates: Reading::Read(BTreeMap::new()),
        factor: Reading::Read(false),
        message_types: Reading::Read(BTreeSet::new()),
        policies: Reading::Read(Vec::new()),
        connections: Reading::Read(Vec::new()),
        connection_clients: BTreeMap::new(),
        applications: Reading::Read(
            ["web", "ios", "android"]
                .iter()
                .map(|name| Application {
                    client_id: format!("client_{name}"),
                    name: (*name).to_owned(),
                })
                .collect(),
        ),
    }
}

/// A unified tenant in which everything works: provider, MFA by both, two passwordless apps.
pub(super) fn full_tenant() -> Observed {
    let clients = ["client_web", "client_ios"].map(str::to_owned).into();
    Observed {
        provider: Reading::Read(Some(provider(&["text", "voice"]))),
        factor: Reading::Read(true),
        message_types: Reading::Read(MessageType::ALL.into()),
        connections: Reading::Read(vec![sms_connection()]),
        connection_clients: [("con_sms".to_owned(), Reading::Read(clients))].into(),
        ..empty_tenant()
    }
}

/// What an Action is made of that somebody else wrote.
pub(super) fn content(code: &str) -> Content {
    Content {
        code: code.to_owned(),
        runtime: "node22".to_owned(),
        ..Content::default()
    }
}

/// An Action that is deployed and bound.
pub(super) fn phone_action(code: &str) -> PhoneAction {
    PhoneAction {
        id: "act_1".to_owned(),
        name: "sender".to_owned(),
        draft: content(code),
        build: Build::Built,
        deployed: Some(content(code)),
        current: true,
        bound: Some(true),
    }
}

fn fingerprinted(label: &str, text: &str) -> Fingerprint {
    FingerprintKey::from_bytes([7; 32]).fingerprint(label, &Secret::new(text))
}

/// Secrets of an Action: one, of this value.
pub(super) fn action_secrets(value: &str) -> ActionSecrets {
    ActionSecrets {
        values: vec![("KEY".to_owned(), Secret::new(value))],
        unseen: BTreeSet::new(),
        fingerprint: fingerprinted("action/secrets", value),
    }
}

/// An Action object that has been applied to [`phone_action`].
pub(super) fn desired_action(code: &str) -> DesiredAction {
    DesiredAction {
        claim: Claim {
            known_id: Some("act_1".to_owned()),
            ..claim(Kind::PhoneProvider)
        },
        name: "sender".to_owned(),
        code: code.to_owned(),
        code_fingerprint: fingerprinted("action/code", code),
        applied_code: Some(fingerprinted("action/code", code)),
        runtime: None,
        dependencies: None,
        secrets: None,
        applied_secrets: None,
    }
}

/// A custom provider's object that has been applied.
pub(super) fn desired_custom(action: DesiredAction) -> DesiredProvider {
    DesiredProvider {
        sender: Sender::Action(Box::new(action)),
        ..desired_provider(&DeliveryMethod::ALL)
    }
}

/// The full tenant with a custom provider.
pub(super) fn custom_tenant(actions: Vec<PhoneAction>) -> Observed {
    let existing = Provider {
        name: ProviderName::Custom,
        configuration: object(json!({"delivery_methods": ["text", "voice"]})),
        ..provider(&["text", "voice"])
    };
    Observed {
        provider: Reading::Read(Some(existing)),
        actions: Reading::Read(actions),
        ..full_tenant()
    }
}

fn package() -> Dependency {
    Dependency {
        name: "twilio".to_owned(),
        version: "5.0.0".to_owned(),
        registry_url: None,
    }
}

prop_compose! {
    fn any_content()(
        code in prop_oneof![Just("code-1"), Just("code-2"), Just("by hand")],
        old in any::<bool>(),
        package in any::<bool>().prop_map(|it| it.then(package)),
        secret in any::<bool>(),
    ) -> Content {
        Content {
            code: code.to_owned(),
            runtime: if old { "node18-actions" } else { "node22" }.to_owned(),
            dependencies: package.into_iter().collect(),
            secrets: secret.then(|| "KEY".to_owned()).into_iter().collect(),
        }
    }
}

prop_compose! {
    fn any_action()(
        other in any::<bool>(),
        draft in any_content(),
        deployed in proptest::option::of(any_content()),
        current in any::<bool>(),
        build in prop_oneof![
            Just(Build::Running), Just(Build::Built), Just(Build::Failed(Some("no".to_owned()))),
        ],
        bound in prop_oneof![Just(Some(true)), Just(Some(false)), Just(None)],
    ) -> PhoneAction {
        PhoneAction {
            id: "act_1".to_owned(),
            name: if other { "other" } else { "sender" }.to_owned(),
            build: if current { Build::Built } else { build },
            deployed: if current { Some(draft.clone()) } else { deployed.clone() },
            bound: if current || deployed.is_some() { bound } else { bound.map(|_| false) },
            draft,
            current,
        }
    }
}

prop_compose! {
    fn any_desired_action()(
        code in prop_oneof![Just("code-1"), Just("code-2")],
        runtime in any::<bool>(),
        dependencies in proptest::option::of(any::<bool>()),
        secrets in proptest::option::of(prop_oneof![Just(""), Just("one"), Just("two")]),
        known in any::<bool>(),
        settled in any::<bool>(),
        adopt in any_adopt(),
    ) -> DesiredAction {
        let none = || ActionSecrets {
            values: Vec::new(),
            unseen: BTreeSet::new(),
            fingerprint: fingerprinted("action/secrets", ""),
        };
        let base = desired_action(code);
        DesiredAction {
            claim: Claim {
                known_id: known.then(|| "act_1".to_owned()),
                settled: settled && known,
                adopt,
                ..base.claim
            },
            runtime: runtime.then(|| "node22".to_owned()),
            dependencies: dependencies.map(|some| some.then(package).into_iter().collect()),
            secrets: secrets.map(|value| if value.is_empty() { none() } else { action_secrets(value) }),
            applied_code: known.then(|| fingerprinted("action/code", "code-1")),
            applied_secrets: known.then(|| fingerprinted("action/secrets", "one")),
            ..base
        }
    }
}

fn any_sender(twilio: Sender) -> impl Strategy<Value = Sender> {
    prop_oneof![
        3 => Just(twilio),
        2 => any_desired_action().prop_map(|action| Sender::Action(Box::new(action))),
        1 => prop_oneof![Just("sender"), Just("missing")]
            .prop_map(|name| Sender::ActionNamed(name.to_owned())),
    ]
}

fn methods() -> impl Strategy<Value = BTreeSet<DeliveryMethod>> {
    proptest::sample::subsequence(DeliveryMethod::ALL.to_vec(), 1..=2)
        .prop_map(|all| all.into_iter().collect())
}

fn types() -> impl Strategy<Value = BTreeSet<MessageType>> {
    proptest::sample::subsequence(MessageType::ALL.to_vec(), 0..=2)
        .prop_map(|all| all.into_iter().collect())
}

fn clients() -> impl Strategy<Value = BTreeSet<String>> {
    let all = ["client_web", "client_ios", "client_android", "client_old"].map(str::to_owned);
    proptest::sample::subsequence(all.to_vec(), 0..=4).prop_map(|all| all.into_iter().collect())
}

prop_compose! {
    fn any_provider()(
        methods in methods(),
        disabled in any::<bool>(),
        custom in any::<bool>(),
        from in prop_oneof![Just("+15550100"), Just("+15550199")],
        extra in any::<bool>(),
        reversed in any::<bool>(),
    ) -> Provider {
        let mut names: Vec<&str> = methods.iter().map(|method| method.as_wire()).collect();
        if reversed {
            names.reverse();
        }
        let mut configuration =
            object(json!({"sid": SID, "default_from": from, "delivery_methods": names}));
        if extra {
            configuration.insert("region".to_owned(), json!("ie1"));
        }
        let name = if custom { ProviderName::Custom } else { ProviderName::Twilio };
        Provider { id: "pro_1".to_owned(), name, disabled, configuration }
    }
}

prop_compose! {
    fn any_database()(
        modern in prop_oneof![4 => Just(true), 1 => Just(false)],
        email in any::<bool>(),
        phone in prop_oneof![3 => Just(true), 1 => Just(false)],
        active in any::<bool>(),
        verify in any::<bool>(),
        required in any::<bool>(),
        otp in any::<bool>(),
        no_reset in any::<bool>(),
        hidden in prop_oneof![9 => Just(false), 1 => Just(true)],
        encrypted in prop_oneof![9 => Just(false), 1 => Just(true)],
    ) -> Connection {
        let mut options = json!({
            "authentication_methods": {"phone_otp": {"enabled": otp}, "passkey": {"enabled": false}},
            "disable_self_service_change_password": no_reset,
            "unknown": {"kept": [1, 2]},
            "passwordPolicy": "good",
        });
        if modern {
            options["attributes"] = json!({"email": {"identifier": {"active": email}, "unique": false}});
            if phone {
                options["attributes"]["phone_number"] = json!({
                    "identifier": {"active": active},
                    "profile_required": required,
                    "signup": {"status": "required", "verification": {"active": verify}},
                });
            }
        } else {
            options["requires_username"] = json!(email);
            options["validation"] = json!({"username": {"min": 3, "max": 20}});
        }
        if encrypted {
            options["configuration"] = json!({"URL": "2.0$abc"});
        }
        let mut connection = database(options);
        if hidden {
            connection.options = None;
        }
        connection
    }
}

prop_compose! {
    fn any_desired_identifier()(
        active in any::<bool>(),
        verify in proptest::option::of(any::<bool>()),
        required in proptest::option::of(any::<bool>()),
        status in proptest::option::of(prop_oneof![Just("required"), Just("optional")]),
        otp in proptest::option::of(any::<bool>()),
        known in any::<bool>(),
        settled in any::<bool>(),
        removing in prop_oneof![4 => Just(false), 1 => Just(true)],
        adopt in any_adopt(),
    ) -> DesiredIdentifier {
        let base = desired_identifier();
        let mut options = BTreeMap::from([(ACTIVE.to_vec(), json!(active))]);
        let mut set = |path: &[&'static str], value: Option<Value>| {
            options.extend(value.map(|value| (path.to_vec(), value)));
        };
        set(&VERIFIED, verify.map(Value::from));
        set(&["attributes", "phone_number", "profile_required"], required.map(Value::from));
        set(&["attributes", "phone_number", "signup", "status"], status.map(Value::from));
        set(&PHONE_OTP, otp.map(Value::from));
        DesiredIdentifier {
            claim: Claim {
                known_id: base.claim.known_id.filter(|_| known),
                settled: settled && known,
                removing,
                adopt,
                ..base.claim
            },
            options,
            ..base
        }
    }
}

const TEMPLATES: [TemplateType; 2] = [TemplateType::OtpVerify, TemplateType::PasswordBreach];

fn any_words() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof![Just("{{ code }}"), Just("Code {{ code }}")])
        .prop_map(|text| text.map(str::to_owned))
}

fn any_from() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(Just("+15550122".to_owned()))
}

prop_compose! {
    fn any_template(type_: TemplateType)(
        is_stored in any::<bool>(),
        disabled in any::<bool>(),
        from in any_from(),
        text in any_words(),
        voice in any_words(),
    ) -> Option<Template> {
        let content = TemplateContent { from, text, voice };
        let it = Template { disabled, content, ..stored(type_, "") };
        match (is_stored, type_) {
            (true, _) => Some(it),
            (false, TemplateType::PasswordBreach) => None,
            (false, _) => Some(by_default(type_, "Auth0's own words")),
        }
    }
}

prop_compose! {
    fn any_desired_template(type_: TemplateType)(
        enabled in proptest::option::of(any::<bool>()),
        from in any_from(),
        text in any_words(),
        voice in any_words(),
        broken in prop_oneof![7 => Just(false), 1 => Just(true)],
        known in any::<bool>(),
        settled in any::<bool>(),
        removing in prop_oneof![4 => Just(false), 1 => Just(true)],
        adopt in any_adopt(),
    ) -> DesiredTemplate {
        let base = desired_template(type_);
        DesiredTemplate {
            claim: Claim {
                known_id: base.claim.known_id.filter(|_| known),
                settled: settled && known,
                removing,
                adopt,
                ..base.claim
            },
            enabled,
            content: TemplateContent { from, text, voice },
            errors: broken.then(|| "text:1:1: it is not Liquid".to_owned()).into_iter().collect(),
            ..base
        }
    }
}

prop_compose! {
    /// Any tenant that the planner can meet.
    pub(crate) fn any_tenant()(
        templates in TEMPLATES.map(|type_| any_template(type_).boxed()),
        unified in prop_oneof![4 => Just(true), 1 => Just(false)],
        provider in proptest::option::of(any_provider()).boxed(),
        factor in any::<bool>(),
        types in types(),
        policies in prop_oneof![Just(vec![]), Just(vec!["all-applications".to_owned()])],
        sms in any::<bool>(),
        hidden in prop_oneof![9 => Just(false), 1 => Just(true)],
        clients in clients(),
        actions in proptest::collection::vec(any_action(), 0..2).boxed(),
        database in proptest::option::of(any_database()).boxed(),
    ) -> Observed {
        let mut connections: Vec<Connection> = database.into_iter().collect();
        let mut connection_clients = BTreeMap::new();
        if sms {
            let mut connection = sms_connection();
            if let Some(options) = &mut connection.options {
                options.insert("totp".to_owned(), json!({"length": 6, "time_step": 300}));
                options.insert("unknown".to_owned(), json!({"kept": [1, 2]}));
            }
            if hidden {
                connection.options = None;
            }
            connection_clients.insert(connection.id.clone(), Reading::Read(clients));
            connections.push(connection);
        }
        let templates = templates.into_iter().flatten().map(|item| (item.type_, item));
        Observed {
            unified: Reading::Read(unified),
            provider: Reading::Read(provider),
            actions: Reading::Read(actions),
            templates: Reading::Read(templates.collect()),
            factor: Reading::Read(factor),
            message_types: Reading::Read(types),
            policies: Reading::Read(policies),
            connections: Reading::Read(connections),
            connection_clients,
            ..empty_tenant()
        }
    }
}

prop_compose! {
    fn any_desired_provider()(
        methods in methods(),
        enabled in any::<bool>(),
        from in prop_oneof![Just("+15550100"), Just("+15550199")],
        service in any::<bool>(),
        known in any::<bool>(),
        rotated in any::<bool>(),
        settled in any::<bool>(),
        removing in prop_oneof![4 => Just(false), 1 => Just(true)],
        adopt in any_adopt(),
        block in any::<bool>(),
        acknowledged in any::<bool>(),
        sender in any_sender(Sender::Nobody),
        left in any::<bool>(),
    ) -> DesiredProvider {
        let base = desired_provider(&[]);
        let from = if service {
            TwilioFrom::MessagingService("MG00000000000000000000000000000000".to_owned())
        } else {
            TwilioFrom::Number(from.to_owned())
        };
        let auth_token = token(if rotated { "token-2" } else { "token-1" });
        DesiredProvider {
            claim: Claim {
                known_id: known.then(|| "pro_1".to_owned()),
                settled: settled && known,
                removing,
                adopt,
                ..base.claim
            },
            enabled,
            delivery_methods: methods,
            left_action: (left && (removing || sender == Sender::Nobody))
                .then(|| desired_action("code-1").claim),
            sender: match sender {
                _ if removing => Sender::Nobody,
                Sender::Nobody => Sender::Twilio {
                    account_sid: SID.to_owned(),
                    from,
                    auth_token: AuthToken::Given(auth_token),
                    applied_token: known.then(|| token("token-1").fingerprint),
                },
                other => other,
            },
            on_breaking_change: if block { OnBreakingChange::Block } else { OnBreakingChange::Warn },
            acknowledged: acknowledged.then(|| "mfa".to_owned()).into_iter().collect(),
        }
    }
}

fn any_adopt() -> impl Strategy<Value = Adopt> {
    prop_oneof![6 => Just(Adopt::IfExists), 1 => Just(Adopt::Never), 1 => Just(Adopt::Require)]
}

prop_compose! {
    fn any_desired_factor()(
        enabled in any::<bool>(),
        types in proptest::option::of(types()),
        policies in proptest::option::of(prop_oneof![
            Just(vec![]),
            Just(vec!["all-applications".to_owned()]),
        ]),
        settled in any::<bool>(),
        removing in prop_oneof![4 => Just(false), 1 => Just(true)],
    ) -> DesiredFactor {
        let message_types = types.filter(|types| !types.is_empty());
        let claim = Claim { settled, removing, ..claim(Kind::MfaPhoneFactor) };
        DesiredFactor { claim, enabled, message_types, policies }
    }
}

prop_compose! {
    fn any_desired_connection()(
        length in proptest::option::of(4_i64..8),
        signup in proptest::option::of(any::<bool>()),
        display_name in proptest::option::of(Just("Text me".to_owned())),
        refs in proptest::option::of(proptest::sample::subsequence(
            vec![
                ApplicationRef::ClientId("client_web".to_owned()),
                ApplicationRef::Name("ios".to_owned()),
                ApplicationRef::ClientId("client_android".to_owned()),
                ApplicationRef::Name("missing".to_owned()),
            ],
            0..=3,
        )),
        exclusive in any::<bool>(),
        before in clients(),
        known in any::<bool>(),
        settled in any::<bool>(),
        removing in prop_oneof![4 => Just(false), 1 => Just(true)],
        adopt in any_adopt(),
    ) -> DesiredConnection {
        let mut options = BTreeMap::new();
        if let Some(length) = length {
            options.insert(vec!["totp", "length"], json!(length));
        }
        if let Some(disabled) = signup {
            options.insert(vec!["disable_signup"], json!(disabled));
        }
        DesiredConnection {
            claim: Claim {
                known_id: known.then(|| "con_sms".to_owned()),
                settled: settled && known,
                removing,
                adopt,
                ..claim(Kind::PasswordlessConnection)
            },
            name: "sms".to_owned(),
            display_name,
            options,
            applications: refs.map(|refs| DesiredApplications {
                exclusive,
                refs,
                enabled_before: before,
            }),
        }
    }
}

prop_compose! {
    /// Any set of objects of one tenant. Each part is in a box: together they are too large for the
    /// stack of a test.
    pub(crate) fn any_desired()(
        provider in proptest::option::weighted(0.8, any_desired_provider()).boxed(),
        factor in proptest::option::of(any_desired_factor()).boxed(),
        connection in proptest::option::of(any_desired_connection()).boxed(),
        templates in TEMPLATES.map(|type_| proptest::option::of(any_desired_template(type_)).boxed()),
        identifier in proptest::option::of(any_desired_identifier()).boxed(),
        message in proptest::option::weighted(0.3, proptest::sample::select(&DeliveryMethod::ALL)),
        template in proptest::option::of(Just(())),
        enable in any::<bool>(),
    ) -> Desired {
        let unified = if enable {
            UnifiedPhoneExperience::Enable
        } else {
            UnifiedPhoneExperience::Require
        };
        let mut all = desired(provider, factor, connection.into_iter().collect());
        let templates = templates.into_iter().flatten();
        for template in templates {
            all.objects.push(template.claim.owner.clone());
            all.templates.push(template);
        }
        if let Some(identifier) = identifier {
            all.objects.push(identifier.claim.owner.clone());
            all.identifiers.push(identifier);
        }
        if let Some(method) = message {
            let owner = key(Kind::PhoneTestMessage, "main");
            all.objects.push(owner.clone());
            let to = PhoneNumber::parse("+15550123");
            let template = template.map(|()| TemplateType::OtpVerify);
            all.messages.push(DesiredMessage { owner, to, method, template });
        }
        Desired { unified, ..all }
    }
}
