//! Randomness, the one effect that has no other home: keys, identifiers and jitter.

use aws_lc_rs::rand;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// `N` unpredictable bytes, fit for keys.
///
/// # Errors
///
/// [`NoRandomness`] where the operating system has none to give.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A number from 0 (included) to 1 (excluded) for jitter; 0.5 where there is no randomness.
#[must_use]
pub fn fraction() -> f64 {
    bytes::<4>().map_or(0.5, |bytes| {
        f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    })
}

/// 128 unpredictable bits as 32 hexadecimal digits.
///
/// # Errors
///
/// [`NoRandomness`] where the operating system has none to give.
pub fn identifier() -> Result<String, NoRandomness> {
    Ok(format!("{:032x}", u128::from_be_bytes(bytes()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_lie_between_zero_and_one() {
        assert!((0..1000).all(|_| (0.0..1.0).contains(&fraction())));
    }

    #[test]
    fn identifiers_do_not_repeat() {
        let mut seen = std::collections::BTreeSet::new();
        assert!((0..1000).all(|_| seen.insert(identifier().unwrap())));
        assert!(seen.iter().all(|identifier| identifier.len() == 32));
    }
}
