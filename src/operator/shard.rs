//! Which tenants are this replica's, where several share the work.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use kube::core::{Expression, Selector, SelectorExt as _};

/// The part of the tenants that one group of replicas works for, by labels of the `Auth0Tenant`.
/// Objects follow their tenant whatever their own labels are.
#[derive(Clone, Debug, Default)]
pub struct Shard {
    selector: Option<Selector>,
}

impl Shard {
    /// Whether a tenant with these labels belongs to this part. One that does not exist has none.
    #[must_use]
    pub fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        self.selector
            .as_ref()
            .is_none_or(|selector| selector.matches(labels))
    }

    /// What the name of this part's Lease ends with: each part has its own leader. However the same
    /// part is written, it has the same one.
    #[must_use]
    pub fn suffix(&self) -> String {
        let Some(selector) = &self.selector else {
            return String::new();
        };
        let requirements = selector.clone().into_iter().map(|it| it.to_string());
        let requirements: Vec<String> = requirements.collect::<BTreeSet<_>>().into_iter().collect();
        let digest = digest(&SHA256, requirements.join(",").as_bytes());
        format!("-{}", data_encoding::HEXLOWER.encode(&digest.as_ref()[..4]))
    }
}

/// A text is no label selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no label requirement: write it as kubectl does, shard=a, shard in (a,b) or !shard"
)]
pub struct InvalidSelector(String);

impl FromStr for Shard {
    type Err = InvalidSelector;

    /// Reads a label selector as kubectl writes it: `shard=a`, `shard in (a,b)`, `!shard`, and
    /// several of these with commas between them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let requirements = split(text).into_iter().map(requirement);
        let expressions: Vec<Expression> = requirements.collect::<Result<_, _>>()?;
        Ok(Self {
            selector: Some(expressions.into_iter().collect()),
        })
    }
}

/// Splits at commas that are not inside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut inside = false;
    let parts = text.split(|letter| {
        match letter {
            '(' => inside = true,
            ')' => inside = false,
            _ => {}
        }
        letter == ',' && !inside
    });
    parts.map(str::trim).collect()
}

fn requirement(text: &str) -> Result<Expression, InvalidSelector> {
    let invalid = || InvalidSelector(text.to_owned());
    let label = |text: &str| {
        let text = text.trim();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
        let valid = !text.is_empty() && text.bytes().all(fits);
        valid.then(|| text.to_owned()).ok_or_else(invalid)
    };
    if let Some(key) = text.strip_prefix('!') {
        return Ok(Expression::DoesNotExist(label(key)?));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Expression::NotEqual(label(key)?, label(value)?));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(Expression::Equal(label(key)?, label(value)?));
    }
    let Some((key, rest)) = text.split_once(' ') else {
        return Ok(Expression::Exists(label(text)?));
    };
    let (word, values) = rest.trim().split_once('(').ok_or_else(invalid)?;
    let values = values.strip_suffix(')').ok_or_else(invalid)?;
    let values: BTreeSet<String> = values.split(',').map(label).collect::<Result<_, _>>()?;
    match word.trim() {
        "in" => Ok(Expression::In(label(key)?, values)),
        "notin" => Ok(Expression::NotIn(label(key)?, values)),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(shard: &str) -> BTreeMap<String, String> {
        [("shard".to_owned(), shard.to_owned())].into()
    }

    #[test]
    fn parts_divide_tenants_by_label() {
        let all = Shard::default();
        let one: Shard = "shard=one".parse().unwrap();
        let rest: Shard = "shard notin (one)".parse().unwrap();
        for tenant in [labels("one"), labels("two"), BTreeMap::new()] {
            assert!(all.holds(&tenant));
            assert_ne!(one.holds(&tenant), rest.holds(&tenant), "{tenant:?}");
        }
        assert!(one.holds(&labels("one")));
    }

    #[test]
    fn selectors_are_read_as_kubectl_writes_them() {
        let holds = |selector: &str, shard: &str| {
            let shard_of: Shard = selector.parse().unwrap();
            shard_of.holds(&labels(shard))
        };
        assert!(holds("shard==a", "a") && !holds("shard==a", "b"));
        assert!(holds("shard!=a", "b") && !holds("shard!=a", "a"));
        assert!(holds("shard in (a, b)", "b") && !holds("shard in (a, b)", "c"));
        assert!(holds("shard, shard in (a,b)", "a") && !holds("shard, !shard", "a"));
        for text in [
            "",
            "shard in",
            "shard in a",
            "shard at (a)",
            "=a",
            "a b",
            "a,,b",
        ] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_part_has_a_lease_of_its_own() {
        let one: Shard = "shard=one".parse().unwrap();
        let two: Shard = "shard=two".parse().unwrap();
        assert_eq!(Shard::default().suffix(), "");
        assert_ne!(one.suffix(), two.suffix());
        assert_eq!(one.suffix().len(), 9);
    }

    #[test]
    fn one_part_has_one_lease_however_it_is_written() {
        let lease = |text: &str| {
            let shard: Shard = text.parse().unwrap();
            shard.suffix()
        };
        assert_eq!(lease("shard=a"), lease("shard == a"));
        assert_eq!(lease("shard in (a,b),!old"), lease("!old, shard in (b, a)"));
    }
}
