//! One thing that is worth pointing at, and the line that it is about.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Place;
use super::rule::Rule;
use crate::phone::acknowledgement::Acknowledgement;
use crate::phone::flow::Flow;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The check fails because of it.
    Error,
    /// The check passes, and somebody should look.
    Warning,
    /// Worth knowing.
    Notice,
}

/// What is to be known of a hazard beside its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The step that breaks the flow, counted over all tenants.
    pub step: usize,
    /// The flow.
    pub flow: Flow,
    /// The annotation of the object names it.
    pub acknowledged: bool,
    /// Where it can be acknowledged.
    pub acknowledgement: Acknowledgement,
}

impl Broken {
    /// What an acknowledgement names.
    #[must_use]
    pub fn id(&self) -> String {
        self.flow.id()
    }
}

/// How hazards that let a check fail are let through: one line for each place to do so.
#[must_use]
pub fn let_through(hazards: &[&Annotation]) -> Vec<String> {
    let mut places: BTreeMap<&Acknowledgement, BTreeSet<Flow>> = BTreeMap::new();
    let denied = hazards.iter().filter(|it| it.level == Level::Error);
    for broken in denied.filter_map(|it| it.broken.as_ref()) {
        let flows = places.entry(&broken.acknowledgement).or_default();
        flows.insert(broken.flow.clone());
    }
    let places = places.into_iter();
    places.map(|(place, flows)| place.advice(&flows)).collect()
}

/// One thing that is worth pointing at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How bad it is.
    pub level: Level,
    /// What sort of thing it is.
    pub rule: Rule,
    /// What it is about: an action with its object, an object, or the path of a field.
    pub subject: String,
    /// What is to be said, in one line or several.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
    /// The line.
    pub place: Option<Place>,
    /// What tells it from others of its rule, and stays the same when lines move.
    pub identity: String,
    /// Set for a hazard.
    pub broken: Option<Broken>,
}

impl Annotation {
    /// What is to be said, with its subject where that is not the action of a hazard.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = String::new();
        if self.broken.is_none() && !self.subject.is_empty() {
            text.push_str(&self.subject);
            text.push_str(": ");
        }
        text.push_str(&self.message);
        text
    }
}
