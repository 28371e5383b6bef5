//! The variables that Auth0 offers to phone templates (§4.5).

use crate::template::{Channel, TemplateType};

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Auth0 offers it.
    Offered,
    /// Auth0 offers it, but not here; the text says where.
    Elsewhere(&'static str),
    /// Auth0 probably does not offer it here, which nobody has confirmed.
    Doubtful(&'static str),
    /// Auth0 does not offer it.
    Unknown,
}

/// A property, and which it has itself: none, any, or these.
enum Properties {
    None,
    Any,
    These(&'static [(&'static str, Properties)]),
}

use Properties::{Any, None as Plain, These};

const USER: &[(&str, Properties)] = &[
    ("name", Plain),
    ("nickname", Plain),
    ("given_name", Plain),
    ("family_name", Plain),
    ("picture", Plain),
    ("login_count", Plain),
    ("user_metadata", Any),
    ("app_metadata", Any),
    ("email", Plain),
    ("email_verified", Plain),
    ("phone_number", Plain),
    ("phone_verified", Plain),
    ("multifactor", Any),
    ("source_ip", Plain),
    ("country", Plain),
    ("city", Plain),
];

const BRANDING: &[(&str, Properties)] = &[
    ("logo_url", Plain),
    (
        "colors",
        These(&[("primary", Plain), ("page_background", Plain)]),
    ),
];

const VARIABLES: &[(&str, Properties)] = &[
    ("code", Plain),
    ("pause", Plain),
    ("tenant", Plain),
    ("friendly_name", Plain),
    ("support_email", Plain),
    ("support_url", Plain),
    ("logo_url", Plain),
    ("home_url", Plain),
    ("region", Plain),
    ("locale", Plain),
    ("connection", Plain),
    ("user", These(USER)),
    (
        "client",
        These(&[("name", Plain), ("clientID", Plain), ("metadata", Any)]),
    ),
    (
        "application",
        These(&[
            ("name", Plain),
            ("clientID", Plain),
            ("client_metadata", Any),
        ]),
    ),
    (
        "organization",
        These(&[
            ("id", Plain),
            ("name", Plain),
            ("display_name", Plain),
            ("metadata", Any),
            ("branding", These(BRANDING)),
        ]),
    ),
    (
        "custom_domain",
        These(&[("domain", Plain), ("domain_metadata", Any)]),
    ),
];

/// What Liquid itself makes of every value.
const OF_EVERY_VALUE: [&str; 4] = ["size", "length", "first", "last"];

/// What is known of a variable with its properties.
pub fn known(names: &[&str], template_type: TemplateType, channel: Channel) -> Known {
    let mut properties = VARIABLES;
    for (at, name) in names.iter().enumerate() {
        if at > 0 && OF_EVERY_VALUE.contains(name) {
            break;
        }
        match properties.iter().find(|(known, _)| known == name) {
            None => return Known::Unknown,
            Some((_, These(next))) => properties = next,
            Some((_, Any)) => break,
            Some((_, Plain)) => properties = &[],
        }
    }
    match (names.first().copied(), template_type, channel) {
        (Some("code"), TemplateType::BlockedAccount, _) => {
            Known::Elsewhere("a notice of a blocked account carries no code")
        }
        (Some("code"), TemplateType::PasswordBreach, _) => {
            Known::Doubtful("a notice of a breached password probably carries no code")
        }
        (Some("pause"), _, Channel::Text) => Known::Elsewhere("it is a silence in calls"),
        (Some("pause"), TemplateType::BlockedAccount | TemplateType::PasswordBreach, _) => {
            Known::Doubtful("only the calls with a code are known to have it")
        }
        _ => Known::Offered,
    }
}

/// What is meant by a name of another kind of message, or of another spelling.
pub fn meant(names: &[&str]) -> Option<String> {
    let advice = match names {
        ["tenant", ..] => "tenant is a text here; the name of the tenant is {{ friendly_name }}",
        ["password" | "otp" | "verification_code" | "passcode" | "pin" | "token"] => {
            "the one-time code is {{ code }}"
        }
        ["request_language" | "language" | "lang" | "requestInfo", ..] => {
            "the language is {{ locale }}"
        }
        [
            "email" | "phone_number" | "phone" | "name" | "nickname" | "city" | "country"
            | "source_ip",
        ] => {
            let name = if names == ["phone"] {
                "phone_number"
            } else {
                names.first()?
            };
            return Some(format!("a user's own is {{{{ user.{name} }}}}"));
        }
        ["message_type"] => "there is one template for each type and channel of messages",
        _ => return nearest(names).map(|name| format!("{{{{ {name} }}}} is meant?")),
    };
    Some(advice.to_owned())
}

/// The offered variable that is spelled most alike.
fn nearest(names: &[&str]) -> Option<String> {
    let mut properties = VARIABLES;
    let mut path: Vec<&str> = Vec::new();
    for name in names {
        let exact = properties.iter().find(|(known, _)| known == name);
        let found = exact.or_else(|| {
            let near = properties
                .iter()
                .map(|entry| (distance(name, entry.0), entry));
            let near = near.filter(|(distance, _)| *distance <= 1 + name.len() / 5);
            near.min_by_key(|(distance, _)| *distance)
                .map(|(_, entry)| entry)
        });
        let (known, next) = found?;
        path.push(known);
        match next {
            These(next) => properties = next,
            Any | Plain => properties = &[],
        }
        if properties.is_empty() {
            break;
        }
    }
    Some(path.join("."))
}

/// How many letters have to be changed, put in or left out, for names of a sensible length.
fn distance(left: &str, right: &str) -> usize {
    if left.len() > 64 {
        return usize::MAX;
    }
    strsim::levenshtein(&left.to_lowercase(), &right.to_lowercase())
}
