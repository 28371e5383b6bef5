//! What tools that wait for objects (kstatus, Flux, `kubectl wait`) rely on in a status.
//!
//! The rules are those that Flux holds its own objects against, with its numbers.

use serde_json::Value;

/// Conditions that say that something is the matter while they are True.
const ABNORMAL: [&str; 2] = ["Reconciling", "Stalled"];

/// A rule: whether an object keeps it, and what to say when not.
type Rule = fn(&Status) -> Option<String>;

/// What the status of an object says where no pass is under way.
///
/// Gives every rule that it breaks.
pub fn violations(object: &Value) -> Vec<String> {
    broken(object, &[f1, f2, f3, f4, f5, f6, f7, f8, f9, f11])
}

/// What the status may say at any time, the middle of a pass included.
///
/// Gives every rule that it breaks.
pub fn violations_in_passing(object: &Value) -> Vec<String> {
    broken(object, &[f2, f4, f5, f6, f11])
}

fn broken(object: &Value, rules: &[Rule]) -> Vec<String> {
    let status = Status { object };
    rules.iter().filter_map(|rule| rule(&status)).collect()
}

struct Status<'a> {
    object: &'a Value,
}

impl<'a> Status<'a> {
    fn conditions(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let conditions = self.object["status"]["conditions"].as_array();
        conditions.into_iter().flatten()
    }

    fn has(&self, kind: &str) -> bool {
        self.state(kind).is_some()
    }

    /// `True`, `False` or `Unknown`, where there is such a condition.
    fn state(&self, kind: &str) -> Option<&'a str> {
        let condition = self.conditions().find(|one| one["type"] == kind)?;
        condition["status"].as_str()
    }

    fn ready(&self) -> bool {
        self.state("Ready") == Some("True")
    }

    fn generation(&self) -> i64 {
        self.object["metadata"]["generation"].as_i64().unwrap_or(0)
    }

    fn observed(&self) -> i64 {
        self.object["status"]["observedGeneration"]
            .as_i64()
            .unwrap_or(0)
    }

    /// The types of the conditions whose observed generation is `wrong`.
    fn observing(&self, wrong: impl Fn(i64) -> bool) -> Vec<&'a str> {
        self.conditions()
            .filter(|one| wrong(one["observedGeneration"].as_i64().unwrap_or(0)))
            .filter_map(|one| one["type"].as_str())
            .collect()
    }

    /// The rule that Ready is False while `kind` is True.
    fn false_while(&self, number: &str, kind: &str) -> Option<String> {
        let ready = self.state("Ready")?;
        let wrong = self.state(kind) == Some("True") && ready != "False";
        wrong.then(|| format!("{number}: Ready is {ready} while {kind} is True"))
    }
}

fn f1(status: &Status) -> Option<String> {
    let abnormal: Vec<&str> = ABNORMAL
        .into_iter()
        .filter(|kind| status.state(kind) == Some("True"))
        .collect();
    let wrong = status.ready() && !abnormal.is_empty();
    wrong.then(|| format!("F1: beside Ready=True there are {abnormal:?}"))
}

fn f2(status: &Status) -> Option<String> {
    (!status.has("Ready")).then(|| "F2: there is no condition Ready".to_owned())
}

fn f3(status: &Status) -> Option<String> {
    status.false_while("F3", "Reconciling")
}

fn f4(status: &Status) -> Option<String> {
    status.false_while("F4", "Stalled")
}

fn f5(status: &Status) -> Option<String> {
    let both = status.has("Reconciling") && status.has("Stalled");
    both.then(|| "F5: there are both Reconciling and Stalled".to_owned())
}

fn f6(status: &Status) -> Option<String> {
    let (observed, generation) = (status.observed(), status.generation());
    (observed > generation).then(|| {
        format!("F6: generation {observed} was observed, but the object's is {generation}")
    })
}

fn f7(status: &Status) -> Option<String> {
    let (observed, generation) = (status.observed(), status.generation());
    (status.ready() && observed < generation)
        .then(|| format!("F7: Ready is True for generation {observed} of {generation}"))
}

fn f8(status: &Status) -> Option<String> {
    let generation = status.generation();
    let stale = status.observing(|observed| observed < generation);
    (status.ready() && !stale.is_empty())
        .then(|| format!("F8: Ready is True, but older than generation {generation} are {stale:?}"))
}

fn f9(status: &Status) -> Option<String> {
    let root = status.observed();
    let other = status.observing(|observed| observed != root);
    (status.ready() && !other.is_empty())
        .then(|| format!("F9: the status observed generation {root}, and another one {other:?}"))
}

fn f11(status: &Status) -> Option<String> {
    let lost =
        status.state("Ready") == Some("Unknown") && status.state("Reconciling") != Some("True");
    lost.then(|| "F11: Ready is Unknown, but Reconciling is not True".to_owned())
}
