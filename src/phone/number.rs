//! Phone numbers as Dialtone shows them: masked.

use std::fmt;

/// A phone number with all but its last two digits hidden: `+1******34`.
///
/// Anything that is not a phone number (a sender id, say) is hidden whole but for its first
/// character, so that no caller has to decide what is sensitive.
#[must_use]
pub fn masked(number: &str) -> String {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let plain = digits.len() > 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        let (head, tail) = digits.split_at(digits.len() - 2);
        let sign = if number.starts_with('+') { "+" } else { "" };
        return format!("{sign}{}{}{tail}", &head[..1], "*".repeat(head.len() - 1));
    }
    let hidden = number.chars().count().saturating_sub(1);
    number
        .chars()
        .take(1)
        .chain(std::iter::repeat_n('*', hidden))
        .collect()
}

/// Somebody's phone number in E.164, which is sent to Auth0 and shown masked only.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The number, if this is one as the API takes it (§2.4): `+` and up to 15 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fits = (2..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    /// The number itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The number as people may see it.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::{PhoneNumber, masked};

    #[test]
    fn a_number_in_e164_has_a_plus_and_no_leading_zero() {
        for number in ["+12", "+15550100", "+123456789012345"] {
            assert!(PhoneNumber::parse(number).is_some(), "{number}");
        }
        for text in [
            "",
            "+",
            "+1",
            "15550100",
            "+0155",
            "+1 555",
            "+1234567890123456",
            "+1५५",
        ] {
            assert!(PhoneNumber::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_number_keeps_its_first_and_last_two_digits() {
        assert_eq!(masked("+15550100"), "+1*****00");
        assert_eq!(masked("15550100"), "1*****00");
        assert_eq!(masked("+12345"), "+1**45");
    }

    #[test]
    fn what_is_too_short_or_no_number_is_hidden() {
        assert_eq!(masked("1234"), "1***");
        assert_eq!(masked("Acme Inc"), "A*******");
        assert_eq!(masked("+49 171 23"), "+*********");
        assert_eq!(masked(""), "");
    }
}
