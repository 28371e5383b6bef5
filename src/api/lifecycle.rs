//! How objects begin, change and end: the choices that several kinds share.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens in the tenant when the object is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// Leave the tenant as it is.
    #[default]
    Orphan,
    /// Undo in the tenant what the object set up.
    Delete,
}

/// What to do with something that exists in the tenant already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Adopt {
    /// Take it over if it exists, create it otherwise.
    #[default]
    IfExists,
    /// Never take over what somebody else set up.
    Never,
    /// Take it over; never create it.
    Require,
}

/// What to do with a change that breaks a sign-in flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OnBreakingChange {
    /// Carry it out, and say what it breaks.
    #[default]
    Warn,
    /// Withhold it until it is acknowledged.
    Block,
}

/// Whether the tenant may be written at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ManagementPolicy {
    /// Keep the tenant as the objects say.
    #[default]
    Manage,
    /// Plan and report; write nothing to the tenant.
    Observe,
}

/// What to do when somebody else changed the tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DriftMode {
    /// Set it right.
    #[default]
    Correct,
    /// Report it, and leave it.
    Warn,
    /// Leave it.
    Ignore,
}

/// Why a duration cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no duration: write it like 90s, 10m or 1h30m")]
pub struct DurationError(String);

/// The pattern of a duration in a custom resource: `90s`, `10m`, `1h30m`.
pub(super) const DURATION_PATTERN: &str = r"^([0-9]{1,9}(ms|s|m|h))+$";

/// Reads a duration as Kubernetes writes it: whole numbers with `h`, `m`, `s` or `ms`.
///
/// # Errors
///
/// [`DurationError`] where the text is empty, has another unit, or is too long a time to count.
pub fn duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError(text.to_owned());
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        let number: u64 = number.parse().map_err(|_| error())?;
        let part = match unit {
            "h" => number.checked_mul(3600).map(Duration::from_secs),
            "m" => number.checked_mul(60).map(Duration::from_secs),
            "s" => Some(Duration::from_secs(number)),
            "ms" => Some(Duration::from_millis(number)),
            _ => None,
        };
        total = part
            .and_then(|part| total.checked_add(part))
            .ok_or_else(error)?;
        rest = tail;
    }
    if text.is_empty() {
        Err(error())
    } else {
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up_their_parts() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_no_duration_is_refused_in_words() {
        for text in [
            "",
            "10",
            "m",
            "10 m",
            "-5s",
            "1.5h",
            "10d",
            "99999999999999999999s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        let message = duration("10d").expect_err("days are no unit").to_string();
        assert_eq!(
            message,
            "\"10d\" is no duration: write it like 90s, 10m or 1h30m"
        );
    }
}
