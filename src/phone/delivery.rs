//! Delivery methods of the provider, message types of the MFA factor, and which of the one the
//! other needs (§12.5).

use std::collections::BTreeSet;
use std::fmt;

/// How the tenant's phone provider can reach somebody (`configuration.delivery_methods`, §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveryMethod {
    /// A text message.
    Text,
    /// A phone call that reads the message out.
    Voice,
}

impl DeliveryMethod {
    /// Both methods, in Auth0's order.
    pub const ALL: [Self; 2] = [Self::Text, Self::Voice];

    /// Auth0's spelling.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Voice => "voice",
        }
    }

    /// The method that Auth0 spells like this.
    #[must_use]
    pub fn from_wire(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_wire() == text)
    }
}

impl fmt::Display for DeliveryMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "Text",
            Self::Voice => "Voice",
        })
    }
}

/// What the MFA phone factor may send (`message_types`, §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageType {
    /// A text message.
    Sms,
    /// A phone call.
    Voice,
}

impl MessageType {
    /// Both types, in Auth0's order.
    pub const ALL: [Self; 2] = [Self::Sms, Self::Voice];

    /// Auth0's spelling.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// The type that Auth0 spells like this.
    #[must_use]
    pub fn from_wire(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_wire() == text)
    }

    /// The delivery method that the provider must offer for this message type.
    #[must_use]
    pub const fn needs(self) -> DeliveryMethod {
        match self {
            Self::Sms => DeliveryMethod::Text,
            Self::Voice => DeliveryMethod::Voice,
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sms => "SMS",
            Self::Voice => "Voice",
        })
    }
}

/// The message types of `wanted` that a provider with these methods cannot deliver.
#[must_use]
pub fn undeliverable(
    wanted: &BTreeSet<MessageType>,
    offered: &BTreeSet<DeliveryMethod>,
) -> BTreeSet<MessageType> {
    wanted
        .iter()
        .copied()
        .filter(|kind| !offered.contains(&kind.needs()))
        .collect()
}

/// Whether a change on one side asks for a change on the other side first (§12.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherSide {
    /// The other side may stay as it is.
    Stays,
    /// What a dependent uses would no longer be delivered: change the other side first.
    MustChange,
}

/// What a change to these two sides together means for the side that stays: the one rule of
/// §12.5, whichever side moves.
#[must_use]
pub fn other_side(
    message_types: &BTreeSet<MessageType>,
    methods: &BTreeSet<DeliveryMethod>,
) -> OtherSide {
    if undeliverable(message_types, methods).is_empty() {
        OtherSide::Stays
    } else {
        OtherSide::MustChange
    }
}

/// A set as people read it: `SMS and Voice`, `none`.
pub(crate) fn listed<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, "and")
}

/// A choice as people read it: `read:clients or read:client_summary`.
pub(crate) fn either<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, "or")
}

fn joined<T: fmt::Display>(items: impl IntoIterator<Item = T>, word: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
    }
}

/// The most items that a message of a condition names one by one.
pub(crate) const MOST_NAMED: usize = 20;

/// As [`listed`], with all but the first items counted where there are many.
pub(crate) fn listed_briefly<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.len() > MOST_NAMED {
        let more = items.split_off(MOST_NAMED).len();
        items.push(format!("{more} more"));
    }
    listed(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(text: &str) -> BTreeSet<MessageType> {
        match text {
            "SMS" => [MessageType::Sms].into(),
            "Voice" => [MessageType::Voice].into(),
            _ => MessageType::ALL.into(),
        }
    }

    fn methods(text: &str) -> BTreeSet<DeliveryMethod> {
        match text {
            "SMS" => [DeliveryMethod::Text].into(),
            "Voice" => [DeliveryMethod::Voice].into(),
            _ => DeliveryMethod::ALL.into(),
        }
    }

    #[test]
    fn each_documented_change_of_message_types_follows_the_rule() {
        // (from, to, provider, the user must act first). The page has "Voice → SMS, both" twice
        // with different answers and "Voice → both, Voice" against its own rule: the rule wins.
        let rows = [
            ("SMS", "Voice", "SMS", true),
            ("SMS", "Voice", "both", false),
            ("SMS", "both", "SMS", true),
            ("SMS", "both", "both", false),
            ("Voice", "SMS", "both", false),
            ("Voice", "both", "Voice", true),
            ("Voice", "both", "both", false),
            ("both", "SMS", "both", false),
            ("both", "Voice", "both", false),
        ];
        for (from, to, provider, act) in rows {
            let expected = if act {
                OtherSide::MustChange
            } else {
                OtherSide::Stays
            };
            let verdict = other_side(&types(to), &methods(provider));
            assert_eq!(verdict, expected, "M {from} → {to}, P {provider}");
        }
    }

    #[test]
    fn each_documented_change_of_the_provider_follows_the_rule() {
        // "P both → SMS, M both" and "P both → Voice, M both" are documented as harmless, against
        // the rule that the API enforces with 409: the rule wins.
        let rows = [
            ("SMS", "both", "SMS", false),
            ("SMS", "Voice", "SMS", true),
            ("both", "Voice", "SMS", true),
            ("both", "SMS", "SMS", false),
            ("Voice", "SMS", "Voice", true),
            ("Voice", "both", "Voice", false),
            ("both", "SMS", "Voice", true),
            ("both", "Voice", "Voice", false),
            ("both", "SMS", "both", true),
            ("both", "Voice", "both", true),
        ];
        for (from, to, factor, act) in rows {
            let expected = if act {
                OtherSide::MustChange
            } else {
                OtherSide::Stays
            };
            let verdict = other_side(&types(factor), &methods(to));
            assert_eq!(verdict, expected, "P {from} → {to}, M {factor}");
        }
    }

    #[test]
    fn passwordless_always_needs_text() {
        let rows = [
            ("SMS", "both", false),
            ("SMS", "Voice", true),
            ("both", "Voice", true),
            ("both", "SMS", false),
        ];
        for (from, to, act) in rows {
            let expected = if act {
                OtherSide::MustChange
            } else {
                OtherSide::Stays
            };
            assert_eq!(
                other_side(&types("SMS"), &methods(to)),
                expected,
                "P {from} → {to}"
            );
        }
    }

    #[test]
    fn what_cannot_be_delivered_is_named() {
        assert_eq!(
            undeliverable(&types("both"), &methods("SMS")),
            types("Voice")
        );
        assert_eq!(
            undeliverable(&types("both"), &methods("Voice")),
            types("SMS")
        );
        assert_eq!(
            undeliverable(&types("both"), &BTreeSet::new()),
            types("both")
        );
    }

    #[test]
    fn wire_names_round_trip() {
        for method in DeliveryMethod::ALL {
            assert_eq!(DeliveryMethod::from_wire(method.as_wire()), Some(method));
        }
        for kind in MessageType::ALL {
            assert_eq!(MessageType::from_wire(kind.as_wire()), Some(kind));
        }
        assert_eq!(DeliveryMethod::from_wire("pigeon"), None);
        assert_eq!(MessageType::from_wire("text"), None);
    }

    #[test]
    fn lists_read_like_english() {
        assert_eq!(listed(Vec::<String>::new()), "none");
        assert_eq!(listed(["a"]), "a");
        assert_eq!(listed(["a", "b", "c"]), "a, b and c");
        assert_eq!(listed(MessageType::ALL), "SMS and Voice");
        assert_eq!(listed(DeliveryMethod::ALL), "Text and Voice");
    }

    #[test]
    fn a_long_list_is_counted_from_its_twenty_first_item_on() {
        assert_eq!(listed_briefly(["a", "b"]), "a and b");
        assert_eq!(listed_briefly(1..=20), listed(1..=20));
        assert!(listed_briefly(1..=21).ends_with("19, 20 and 1 more"));
        assert!(listed_briefly(1..=500).ends_with("19, 20 and 480 more"));
    }
}
