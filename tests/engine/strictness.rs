//! Bodies that the published description refuses are refused, and no others are for their form.

mod samples;

use dialtone::auth0::exchange::Method;
use serde_json::{Value, json};

use crate::description::Description;

/// An operation, its path with ids filled in, and a body that is good.
struct Case {
    method: Method,
    template: &'static str,
    path: String,
    body: Value,
}

/// Values of every kind, and of lengths that may be too short or too long.
fn stand_ins() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(7),
        json!(-1),
        json!(7.5),
        json!(""),
        json!("x"),
        json!("x".repeat(20)),
        json!("x".repeat(300)),
        json!("x".repeat(6000)),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({"x": 1}),
    ]
}

/// Every body that differs from `value` in one place, with the place.
fn mutants(value: &Value) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = stand_ins()
        .into_iter()
        .map(|other| (String::new(), other))
        .collect();
    match value {
        Value::Object(map) => {
            let mut more = map.clone();
            more.insert("unheard_of".to_owned(), json!(1));
            all.push(("/+".to_owned(), Value::Object(more)));
            for (key, inner) in map {
                let mut less = map.clone();
                less.shift_remove(key);
                all.push((format!("/{key}-"), Value::Object(less)));
                all.extend(mutants(inner).into_iter().map(|(place, mutant)| {
                    let mut whole = map.clone();
                    whole.insert(key.clone(), mutant);
                    (format!("/{key}{place}"), Value::Object(whole))
                }));
            }
        }
        Value::Array(items) => {
            let mut twice = items.clone();
            twice.extend(items.first().cloned());
            all.push(("/twice".to_owned(), Value::Array(twice)));
            for (at, inner) in items.iter().enumerate() {
                all.extend(mutants(inner).into_iter().map(|(place, mutant)| {
                    let mut whole = items.clone();
                    whole[at] = mutant;
                    (format!("/{at}{place}"), Value::Array(whole))
                }));
            }
        }
        _ => {}
    }
    all
}

/// Where more is refused than the description does: path of the operation, where in the body (`*`:
/// and all within), and why. Nothing that it refuses is accepted.
const STRICTER: &[(&str, &str, &str)] = &[
    (
        "/branding/phone/providers",
        "/+",
        "no other properties, read-only ones included (§2.5)",
    ),
    (
        "/branding/phone/providers",
        "/configuration-",
        "Twilio needs a sender, as recorded (§2.1)",
    ),
    (
        "/actions/triggers/{triggerId}/bindings",
        "",
        "the list is what a change replaces (§3.6)",
    ),
    (
        "/actions/triggers/{triggerId}/bindings",
        "/bindings-",
        "the list is what a change replaces (§3.6)",
    ),
    (
        "/actions/triggers/{triggerId}/bindings",
        "/bindings/0/ref*",
        "a reference has a type and a value (§3.6)",
    ),
    (
        "/branding/phone/providers",
        "/configuration/default_from-",
        "Twilio needs a sender, as recorded (§2.1)",
    ),
    (
        "/branding/phone/providers",
        "/configuration/delivery_methods/twice",
        "no duplicates (§2.1)",
    ),
    (
        "/branding/phone/providers",
        "/credentials*",
        "a Twilio provider's credentials are its token (§2.1)",
    ),
    (
        "/branding/phone/templates",
        "/type-",
        "a template of no type could not be told apart (§4.1)",
    ),
    ("/branding/phone/templates", "", "an empty body has no type"),
    (
        "/connections",
        "/options/name*",
        "the options of strategy sms (§6.3)",
    ),
    (
        "/connections",
        "/options/totp*",
        "the options of strategy sms (§6.3)",
    ),
    (
        "/connections",
        "/options/brute_force_protection*",
        "the options of strategy sms (§6.3)",
    ),
    (
        "/connections",
        "/options/disable_signup*",
        "the options of strategy sms (§6.3)",
    ),
    (
        "/connections",
        "/options",
        "what null does to options is not known",
    ),
    (
        "/connections",
        "/options/attributes/email/profile_required",
        "must be required on sign-up (§7.2)",
    ),
    (
        "/connections",
        "/options/attributes/username/profile_required",
        "must be required on sign-up (§7.2)",
    ),
    (
        "/connections",
        "/options/attributes/username/validation*",
        "there are no half characters",
    ),
    (
        "/actions/actions",
        "/supported_triggers/twice",
        "exactly one (§3.3)",
    ),
    (
        "/actions/actions",
        "/secrets/0*",
        "lengths of names and values (§3.3)",
    ),
];

fn known(template: &str, place: &str) -> bool {
    STRICTER.iter().any(|(path, part, _)| {
        let fits = match part.strip_suffix('*') {
            Some(start) => place.starts_with(start),
            None => place == *part,
        };
        template.starts_with(path) && fits
    })
}

#[test]
fn bodies_are_refused_where_the_description_refuses_them() {
    let Some(description) = Description::read() else {
        return;
    };
    let (tenant, cases) = samples::cases();
    let mut wrong: Vec<String> = Vec::new();
    let mut judged = 0;
    for case in cases {
        let described = description.body_of(case.method, case.template);
        let good = ("good".to_owned(), case.body.clone());
        for (place, body) in [good].into_iter().chain(mutants(&case.body)) {
            let allowed = described.is_valid(&body);
            let mut tenant = tenant.clone();
            let (status, answer) = tenant.send(case.method, &case.path, Some(body));
            judged += 1;
            if allowed == (status != 400) || (allowed && known(case.template, &place)) {
                continue;
            }
            wrong.push(format!(
                "{} {} {place}: described as allowed: {allowed}, answered {status} {}",
                case.method, case.template, answer["message"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 4000, "only {judged} bodies were judged");
}
