//! Secrets that cannot be printed, and fingerprints by which they are remembered.

use std::fmt;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// A secret value. It has neither `Display` nor `Serialize`, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value into keeping.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The value, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The key of fingerprints. Without it a fingerprint says nothing about the value.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key in hexadecimal, for a file that only its owner can read.
    #[must_use]
    pub fn to_hex(&self) -> Secret {
        Secret::new(hex(&self.0))
    }

    /// Reads a key back from hexadecimal; `None` where it is not one.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The fingerprint of a secret that is used for `label`. The same value used for another
    /// purpose has another fingerprint.
    #[must_use]
    pub fn fingerprint(&self, label: &str, secret: &Secret) -> Fingerprint {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut context = hmac::Context::with_key(&key);
        context.update(label.as_bytes());
        context.update(&[0]);
        context.update(secret.expose().as_bytes());
        Fingerprint(hex(&context.sign().as_ref()[..16]))
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// A keyed hash of a secret: says whether a value changed, and nothing else about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// A fingerprint as a status holds it.
    #[must_use]
    pub const fn from_status(text: String) -> Self {
        Self(text)
    }

    /// The text as a status holds it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> FingerprintKey {
        FingerprintKey::new([byte; 32])
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::new("planted")), "Secret(…)");
        assert_eq!(format!("{:?}", key(1)), "FingerprintKey(…)");
    }

    #[test]
    fn a_fingerprint_depends_on_key_label_and_value() {
        let secret = Secret::new("token");
        let print = key(1).fingerprint("twilio", &secret);
        assert_eq!(print, key(1).fingerprint("twilio", &Secret::new("token")));
        assert_ne!(print, key(2).fingerprint("twilio", &secret));
        assert_ne!(print, key(1).fingerprint("action", &secret));
        assert_ne!(print, key(1).fingerprint("twilio", &Secret::new("token2")));
        assert_eq!(print.as_str().len(), 32);
        assert!(!print.as_str().contains("token"));
        assert_eq!(Fingerprint::from_status(print.as_str().to_owned()), print);
    }

    #[test]
    fn a_label_cannot_run_into_the_value() {
        let left = key(1).fingerprint("a", &Secret::new("bc"));
        let right = key(1).fingerprint("ab", &Secret::new("c"));
        assert_ne!(left, right);
    }

    #[test]
    fn a_key_survives_its_file() {
        let text = key(0xa7).to_hex();
        assert_eq!(text.expose(), "a7".repeat(32));
        let back = FingerprintKey::from_hex(text.expose()).expect("a key");
        assert_eq!(back.0, key(0xa7).0);
        assert!(FingerprintKey::from_hex("a7").is_none());
        assert!(FingerprintKey::from_hex(&"zz".repeat(32)).is_none());
    }
}
