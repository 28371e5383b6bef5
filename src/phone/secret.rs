//! Values that must reach Auth0 and nobody else, and the keyed fingerprints by which two of them
//! can be told apart without being kept.
//!
//! Auth0 never returns a credential, so whether a Secret was rotated can be seen only by comparing
//! fingerprints: that of the value applied last and that of the value desired now (§2.3).

use std::fmt;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Bytes of the HMAC that a [`Fingerprint`] keeps.
const FINGERPRINT_BYTES: usize = 16;

/// What every fingerprint's input begins with, so that the key is of no use to anything else.
const DOMAIN: &[u8] = b"dialtone/fingerprint/v1";

/// A secret value: it can be sent, but neither printed, serialised nor compared.
///
/// The memory is wiped when the value is dropped. Compare two secrets by their fingerprints.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value into custody.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The value itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the value is the empty string, which no credential is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The key of all fingerprints of one installation: 32 random bytes.
///
/// Without it a fingerprint cannot be tried against guesses, so it is kept where secrets are kept.
/// Randomness is an effect: a host draws the bytes.
#[derive(Clone)]
pub struct FingerprintKey(Secret);

/// A text is not a fingerprint key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint key is 64 hexadecimal digits")]
pub struct InvalidFingerprintKey;

impl FingerprintKey {
    /// The key made of these bytes, which must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(hex(&bytes)))
    }

    /// Reads a key as [`FingerprintKey::to_hex`] wrote it; white space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`InvalidFingerprintKey`] for anything but 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, InvalidFingerprintKey> {
        let text = text.trim();
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(Secret::new(text.to_ascii_lowercase())))
        } else {
            Err(InvalidFingerprintKey)
        }
    }

    /// The key as 64 hexadecimal digits, to be stored where secrets are stored.
    #[must_use]
    pub fn to_hex(&self) -> Secret {
        self.0.clone()
    }

    /// The fingerprint of `value` in the role `label`.
    ///
    /// Equal values in equal roles have equal fingerprints; the same value in two roles
    /// (`twilio/auth_token` and `action/secret/TOKEN`, say) has two that cannot be linked.
    #[must_use]
    pub fn fingerprint(&self, label: &str, value: &Secret) -> Fingerprint {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose().as_bytes());
        let mut context = hmac::Context::with_key(&key);
        for part in [DOMAIN, label.as_bytes(), value.expose().as_bytes()] {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let kept = tag.as_ref().get(..FINGERPRINT_BYTES);
        Fingerprint(hex(kept.unwrap_or_else(|| tag.as_ref())))
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

/// A keyed hash of a secret value: says whether two values are equal and nothing else.
///
/// 32 hexadecimal digits, the first half of an HMAC-SHA256. It may be stored in status.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// A fingerprint as a status holds it.
    #[must_use]
    pub const fn from_status(text: String) -> Self {
        Self(text)
    }

    /// The fingerprint's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> FingerprintKey {
        FingerprintKey::from_bytes([byte; 32])
    }

    #[test]
    fn a_secret_prints_as_an_ellipsis() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(Secret(…))");
        assert_eq!(format!("{:?}", key(1)), "FingerprintKey(…)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn only_the_empty_string_is_an_empty_secret() {
        assert!(Secret::new("").is_empty());
        assert!(!Secret::new(" ").is_empty());
        assert!(Secret::from(String::new()).is_empty());
        assert_eq!(Secret::from("hunter2").expose(), "hunter2");
    }

    #[test]
    fn a_key_survives_the_way_through_hex() {
        let key = key(0xa5);
        let text = key.to_hex();
        let again = FingerprintKey::from_hex(&format!(" {}\n", text.expose().to_uppercase()));
        let value = Secret::new("v");
        assert_eq!(
            again.unwrap().fingerprint("l", &value),
            key.fingerprint("l", &value)
        );
    }

    #[test]
    fn what_is_not_64_hexadecimal_digits_is_no_key() {
        for text in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65)] {
            assert_eq!(
                FingerprintKey::from_hex(text).err(),
                Some(InvalidFingerprintKey),
                "{text}"
            );
        }
    }

    #[test]
    fn a_fingerprint_is_stable_across_releases() {
        let fingerprint = key(7).fingerprint("twilio/auth_token", &Secret::new("token"));
        assert_eq!(fingerprint.to_string(), "5431725dfee447f7dfd060f762c0c0d7");
        let json = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(
            serde_json::from_str::<Fingerprint>(&json).unwrap(),
            fingerprint
        );
    }

    proptest! {
        #[test]
        fn fingerprints_differ_in_key_label_and_value(
            label in "[a-z]{0,4}", other_label in "[a-z]{0,4}",
            value in "[a-z]{0,4}", other_value in "[a-z]{0,4}",
            byte in any::<u8>(), other_byte in any::<u8>(),
        ) {
            let one = key(byte).fingerprint(&label, &Secret::new(value.clone()));
            let two = key(other_byte).fingerprint(&other_label, &Secret::new(other_value.clone()));
            let same = (label, value, byte) == (other_label, other_value, other_byte);
            prop_assert_eq!(one == two, same);
        }

        #[test]
        fn a_fingerprint_does_not_contain_the_value(value in "[a-z0-9]{8,40}") {
            let fingerprint = key(3).fingerprint("label", &Secret::new(value.clone()));
            prop_assert!(!fingerprint.as_str().contains(&value));
            prop_assert_eq!(fingerprint.as_str().len(), 32);
        }
    }
}
