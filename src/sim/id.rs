//! Identifiers that look like Auth0's, from a counter: the same requests give the same ids.

use serde::{Deserialize, Serialize};

/// Counts what was created in a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ids {
    serial: u64,
}

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Ids {
    /// 64 well-mixed bits that no other call has given (the finaliser of `SplitMix64`).
    fn next(&mut self) -> u64 {
        self.serial += 1;
        let mut bits = self.serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn letters(&mut self, count: usize) -> String {
        let mut text = String::with_capacity(count);
        let mut bits = 0;
        for index in 0..count {
            if index % 8 == 0 {
                bits = self.next();
            }
            text.push(char::from(
                LETTERS[usize::try_from(bits % 62).unwrap_or_default()],
            ));
            bits /= 62;
        }
        // Real ids always hold a capital letter or a digit; clients tell ids from words by it.
        text.replace_range(count - 1.., "Z");
        text
    }

    /// `pro_…` and the like.
    pub(super) fn prefixed(&mut self, prefix: &str, count: usize) -> String {
        format!("{prefix}_{}", self.letters(count))
    }

    /// A client id, or a generated secret of any length.
    pub(super) fn opaque(&mut self, count: usize) -> String {
        self.letters(count)
    }

    /// A UUID.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0xfff,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Ids;

    #[test]
    fn ids_are_unique_and_of_the_right_form() {
        let mut ids = Ids::default();
        let all: BTreeSet<String> = (0..1000).map(|_| ids.prefixed("pro", 22)).collect();
        assert_eq!(all.len(), 1000);
        assert!(
            all.iter()
                .all(|id| id.len() == 26 && id.starts_with("pro_"))
        );
        assert_eq!(ids.opaque(32).len(), 32);
        let uuid = ids.uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
