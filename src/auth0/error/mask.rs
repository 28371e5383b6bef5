//! Makes what Auth0 said printable: it may echo input, so secrets and phone numbers are masked.

use serde_json::Value;

use crate::phone::number::masked;

/// Keys of request bodies whose values are secrets, at any depth.
const SECRET_KEYS: [&str; 7] = [
    "auth_token",
    "client_secret",
    "client_assertion",
    "access_token",
    "password",
    "secret",
    "twilio_token",
];

/// What stands in for a secret.
const MASK: &str = "[masked]";

/// Characters of a message that are kept.
const MESSAGE_LENGTH: usize = 300;

/// Digits from which a number counts as a phone number.
const PHONE_DIGITS: usize = 7;

/// The most digits of a phone number (E.164).
const LONGEST_NUMBER: usize = 15;

/// `text` without control characters, secrets of `body` and phone numbers, cut to 300 characters.
pub(super) fn message(body: Option<&Value>, text: &str) -> String {
    let mut secrets = Vec::new();
    if let Some(body) = body {
        collect(body, false, &mut secrets);
    }
    // The longest first: one secret may be part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for secret in secrets {
        for form in forms(secret) {
            text = without(&text, &form);
        }
    }
    printable(&phone_numbers(&text), MESSAGE_LENGTH)
}

/// `text` in one line of at most `length` characters, without control characters.
pub(super) fn printable(text: &str, length: usize) -> String {
    let mut out = String::new();
    for (index, word) in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .enumerate()
    {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
    match out.char_indices().nth(length) {
        Some((end, _)) => {
            out.truncate(end);
            out.push('…');
            out
        }
        None => out,
    }
}

/// All secret strings of a body. `named` is true inside an Action's `secrets`, whose entries are
/// `{name, value}` (§3.3).
fn collect<'a>(value: &'a Value, named: bool, into: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) => {
                        let secret = SECRET_KEYS.contains(&key.as_str())
                            || (named && key.as_str() == "value");
                        if secret && !text.is_empty() {
                            into.push(text);
                        }
                    }
                    other => collect(other, named || key.as_str() == "secrets", into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, named, into)),
        _ => {}
    }
}

/// The ways in which a text may be echoed: as it is, within JSON, within a URL.
fn forms(secret: &str) -> Vec<String> {
    let json = Value::String(secret.to_owned()).to_string();
    let json = json.trim_matches('"').to_owned();
    let url = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let mut forms = vec![secret.to_owned(), json, url.replace('+', "%20"), url];
    forms.retain(|form| !form.is_empty());
    forms.dedup();
    forms
}

/// `text` with every `secret` in it masked. A short one counts only as a word of its own: masking
/// each "a" would hide the message and give the secret away.
fn without(text: &str, secret: &str) -> String {
    if secret.chars().count() >= 4 {
        return text.replace(secret, MASK);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, from) = rest.split_at(at);
        let after = from.get(secret.len()..).unwrap_or_default();
        let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let preceding = before
            .chars()
            .next_back()
            .or_else(|| out.chars().next_back());
        out.push_str(before);
        out.push_str(if joined(preceding) || joined(after.chars().next()) {
            secret
        } else {
            MASK
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `text` with phone numbers as `+1*******34`: digits after a `+`, and digits that are a word of their
/// own, as Auth0 repeats a number without its sign.
fn phone_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        out.push_str(before);
        let signed = out.ends_with('+');
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let word = !joined(out.chars().next_back()) && !joined(after.chars().next());
        let long = if signed {
            digits.len() >= PHONE_DIGITS
        } else {
            word && (PHONE_DIGITS..=LONGEST_NUMBER).contains(&digits.len())
        };
        if long {
            out.push_str(&masked(digits));
        } else {
            out.push_str(digits);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_of_the_body_is_masked_in_every_form() {
        let body = json!({
            "credentials": {"auth_token": "p\"ss w/rd"},
            "options": {"twilio_token": "tok+en"},
            "secrets": [{"name": "KEY", "value": "valuable"}],
        });
        let text = r#"'p"ss w/rd', "p\"ss w/rd", p%22ss%20w%2Frd p%22ss+w%2Frd tok%2Ben valuable"#;
        let masked = message(Some(&body), text);
        assert_eq!(
            masked,
            r#"'[masked]', "[masked]", [masked] [masked] [masked] [masked]"#
        );
    }

    #[test]
    fn what_is_not_secret_stays() {
        let body = json!({"name": "twilio", "configuration": {"sid": "AC1"}, "value": "text"});
        assert_eq!(message(Some(&body), "twilio AC1 text"), "twilio AC1 text");
    }

    #[test]
    fn a_short_secret_is_masked_as_a_word_only() {
        let body = json!({"secret": "a"});
        assert_eq!(
            message(Some(&body), "'a' is a bad value"),
            "'[masked]' is [masked] bad value"
        );
    }

    #[test]
    fn phone_numbers_are_masked() {
        assert_eq!(
            message(None, "from +15555550123 is not +1234"),
            "from +1********23 is not +1234"
        );
        assert_eq!(
            message(
                None,
                "'15555550123' or 1-5555550123, not 123456, x15555550123, 1234567890123456"
            ),
            "'1********23' or 1-5*******23, not 123456, x15555550123, 1234567890123456"
        );
    }

    #[test]
    fn a_message_is_one_line_without_escapes_and_of_bounded_length() {
        assert_eq!(message(None, "a\n\u{1b}[31mb\t c"), "a [31mb c");
        let long = message(None, &"ä".repeat(1000));
        assert_eq!(long.chars().count(), MESSAGE_LENGTH + 1);
        assert!(long.ends_with('…'));
    }

    proptest! {
        #[test]
        fn no_message_contains_a_secret_of_four_characters(
            secret in "[a-zA-Z0-9+/=]{4,40}", before in ".{0,40}", after in ".{0,40}",
        ) {
            let rest = format!("{before}{MASK}{after}");
            prop_assume!(!rest.contains(&secret));
            let body = json!({"credentials": {"auth_token": secret.clone()}});
            let masked = message(Some(&body), &format!("{before}{secret}{after}"));
            prop_assert!(!masked.contains(&secret));
        }
    }
}
