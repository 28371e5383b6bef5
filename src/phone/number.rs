//! Phone numbers as Dialtone shows them: masked.

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

#[cfg(test)]
mod tests {
    use super::masked;

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
