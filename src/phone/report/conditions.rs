//! How conditions are put into a status.

use jiff::Timestamp;

use super::Status;
use crate::api::{Condition, ConditionStatus, ConditionType, Reason};
use crate::phone::policy::Withheld;

/// The most bytes of a message. The definitions take 32768 characters; nobody reads that many, and
/// a status has to stay well below what etcd takes.
const LONGEST_MESSAGE: usize = 4096;

/// A suspended object keeps what was last known of it, and says that nobody looks any more. The
/// generation that it is about stays as well: a change made meanwhile has not been acted on. Only the
/// tenant's own advances, for it is its spec that says so: tools that wait for it would wait in vain.
pub(super) fn rest(status: &mut Status, generation: Option<i64>, now: Timestamp) {
    let (reason, message) = (Reason::Suspended, Withheld::Suspended.message());
    let suspends = matches!(status, Status::Tenant(_));
    let (conditions, observed_generation) = status.common();
    let known = crate::api::condition::find(conditions, ConditionType::Ready).cloned();
    let Some(known) = known else {
        let ready = (
            ConditionType::Ready,
            ConditionStatus::False,
            reason,
            message,
        );
        *conditions = merge(&[], vec![ready], generation, now);
        *observed_generation = generation;
        return;
    };
    let abnormal = [ConditionType::Reconciling, ConditionType::Stalled];
    conditions.retain(|condition| !abnormal.contains(&condition.type_));
    if let Some(ready) = conditions
        .iter_mut()
        .find(|item| item.type_ == ConditionType::Ready)
    {
        *ready = Condition {
            reason,
            message,
            ..known
        };
    }
    if suspends {
        *observed_generation = generation;
        for condition in conditions {
            condition.observed_generation = generation;
        }
    }
}

/// Merges conditions: the time of a condition moves only with its status.
pub(super) fn merge(
    previous: &[Condition],
    wanted: Vec<(ConditionType, ConditionStatus, Reason, String)>,
    generation: Option<i64>,
    now: Timestamp,
) -> Vec<Condition> {
    wanted
        .into_iter()
        .map(|(type_, status, reason, message)| {
            let before = crate::api::condition::find(previous, type_);
            let unchanged = before.filter(|before| before.status == status);
            Condition {
                type_,
                status,
                reason,
                message: shortened(message, LONGEST_MESSAGE),
                last_transition_time: unchanged.map_or(now, |before| before.last_transition_time),
                observed_generation: generation,
            }
        })
        .collect()
}

/// At most this many bytes: a text that is too long ends in an ellipsis, so that what it is part of
/// is not refused.
#[must_use]
pub fn shortened(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest.saturating_sub("…".len())));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_message_that_is_too_long_is_cut() {
        let longest = "x".repeat(LONGEST_MESSAGE);
        assert_eq!(shortened(longest.clone(), LONGEST_MESSAGE), longest);
        let cut = shortened(format!("{longest}x"), LONGEST_MESSAGE);
        assert_eq!(cut.len(), LONGEST_MESSAGE);
        assert!(cut.ends_with("x…"));
        // A character of several bytes is left out whole.
        let wide = shortened("é".repeat(LONGEST_MESSAGE), LONGEST_MESSAGE);
        assert!(wide.len() <= LONGEST_MESSAGE && wide.ends_with("é…"));
        assert_eq!(shortened("ünd".to_owned(), LONGEST_MESSAGE), "ünd");
    }
}
