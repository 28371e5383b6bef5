//! What a command found, as the forms for pull requests need it.

mod action;

use std::collections::BTreeMap;

use super::annotation::{Annotation, Level};
use super::place::Root;
use super::rule::Rule;
use crate::manifest::{Diagnostic, Severity, Source};
use crate::phone::action::ObjectKey;
use crate::phone::foreign::misleads;
use crate::phone::plan::Plan;

pub use action::deny;

/// What a command found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The command: `plan` or `validate`.
    pub command: &'static str,
    /// One line that sums everything up.
    pub summary: String,
    /// The path of what was read first, from the root of the repository; `None` where it is no file.
    pub input: Option<String>,
    /// What is worth pointing at: errors first, and hazards of one action together.
    pub annotations: Vec<Annotation>,
    /// What would change, tenant by tenant.
    pub tenants: Vec<Part>,
    /// The command ended before it had a result.
    pub failed: bool,
    /// Something was not seen: what is not told here need not be mended.
    pub partial: bool,
}

/// One tenant's plan as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The tenant.
    pub heading: String,
    /// How much changes.
    pub summary: String,
    /// The plan, without colours.
    pub text: String,
}

/// Where objects and lines are.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where each object was read.
    pub sources: BTreeMap<ObjectKey, Source>,
    /// What paths count from.
    pub root: Root,
}

impl Sheet {
    /// A sheet of one command.
    #[must_use]
    pub fn of(command: &'static str) -> Self {
        Self {
            command,
            ..Self::default()
        }
    }

    /// Remembers what is read, by its names on the command line.
    pub fn reads(&mut self, names: &[String], root: &Root) {
        let first = names.iter().find(|name| *name != "-");
        self.input = first.map(|name| match root.path_of(name) {
            path if path.is_empty() => ".".to_owned(),
            path => path,
        });
    }

    /// Adds what is wrong with manifests.
    pub fn diagnostics(&mut self, diagnostics: &[Diagnostic], root: &Root) {
        let shown = diagnostics.iter().map(|item| annotation(item, root));
        self.annotations.extend(shown);
    }

    /// Adds what one tenant's plan has to say. A hazard is an error where it lets the command fail.
    pub fn plan(&mut self, plan: &Plan, places: &Places, deny_hazards: bool) {
        let told = action::annotations(plan, places, deny_hazards, self.steps());
        self.annotations.extend(told);
    }

    /// Adds that a tenant was not seen as it should be, or that the command failed. `about` is the
    /// object that the reader looks at, as messages write it.
    pub fn incomplete(&mut self, level: Level, about: &str, message: &str, places: &Places) {
        let mut sources = places.sources.iter();
        let source = sources.find(|(key, _)| key.to_string() == about);
        let location = source.map(|(_, source)| source.location("/metadata/name"));
        self.annotations.push(Annotation {
            level,
            rule: Rule::Incomplete,
            subject: about.to_owned(),
            message: message.to_owned(),
            advice: None,
            place: location.and_then(|location| places.root.place(&location)),
            identity: format!("{about}\n{message}"),
            broken: None,
        });
    }

    /// Puts errors first, and in each level hazards, those of one step together.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.annotations.sort_by_key(|it| {
            let step = it.broken.as_ref().map(|broken| broken.step);
            (it.level, step.is_none(), step)
        });
        self
    }

    /// Counts warnings as errors.
    #[must_use]
    pub fn strictly(mut self) -> Self {
        let warnings = self.annotations.iter_mut();
        for warning in warnings.filter(|it| it.level == Level::Warning) {
            warning.level = Level::Error;
        }
        self.sorted()
    }

    /// How many steps have been counted.
    fn steps(&self) -> usize {
        let broken = self.annotations.iter().filter_map(|it| it.broken.as_ref());
        broken.map(|broken| broken.step + 1).max().unwrap_or(0)
    }
}

fn annotation(diagnostic: &Diagnostic, root: &Root) -> Annotation {
    let location = diagnostic.location.as_ref();
    let file = location.map_or_else(String::new, |location| root.path_of(&location.file.name));
    let subject = diagnostic.field.clone().unwrap_or_default();
    Annotation {
        level: match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        rule: Rule::Manifest(diagnostic.check),
        identity: format!("{file}\n{subject}\n{}", diagnostic.message),
        message: diagnostic.message.clone(),
        advice: diagnostic.hint.clone(),
        place: location.and_then(|location| root.place(location)),
        subject,
        broken: None,
    }
}

/// A text in which nothing is hidden and nothing runs the other way: control characters and those
/// that change the direction of writing are spelt out. Lines and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for letter in text.chars() {
        if misleads(letter) {
            seen.extend(letter.escape_unicode());
        } else {
            seen.push(letter);
        }
    }
    seen
}
