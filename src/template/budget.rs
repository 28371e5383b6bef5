//! What a template has used of its limits.

use std::cell::Cell;

use super::limit::{Limit, Limits};

/// How many bytes of text count as one step.
const BYTES_PER_STEP: usize = 256;

/// Why something cannot be computed; the place is added by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    pub limit: Option<Limit>,
}

impl Fault {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            limit: None,
        }
    }

    /// A limit is reached.
    pub fn limit(limit: Limit, limits: &Limits) -> Self {
        let most = grouped(limits.of(limit));
        let message = match limit {
            Limit::Length => format!("the template is longer than {most} bytes"),
            Limit::Nesting => {
                format!("more than {most} tags, brackets or values lie in one another")
            }
            Limit::Tags => format!("the template has more than {most} tags and outputs"),
            Limit::Operators => {
                format!(
                    "the template has more than {most} operators, operands, filters and arguments"
                )
            }
            Limit::Steps => format!("rendering takes more than {most} steps"),
            Limit::Output => format!("the message is longer than {most} bytes"),
            Limit::Text => format!("a text on the way is longer than {most} bytes"),
            Limit::Variables => format!("the variables are larger than {most} bytes"),
        };
        Self {
            message: format!("{message} (limit: {limit})"),
            limit: Some(limit),
        }
    }
}

/// A number as people read it: `100,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Counts what rendering uses.
pub struct Budget<'l> {
    limits: &'l Limits,
    steps: Cell<usize>,
}

impl<'l> Budget<'l> {
    pub const fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            steps: Cell::new(0),
        }
    }

    /// Uses steps.
    pub fn step(&self, count: usize) -> Result<(), Fault> {
        let used = self.steps.get().saturating_add(count);
        if used > self.limits.steps {
            return Err(Fault::limit(Limit::Steps, self.limits));
        }
        self.steps.set(used);
        Ok(())
    }

    /// Uses the steps that work on this many bytes takes.
    pub fn work(&self, bytes: usize) -> Result<(), Fault> {
        self.step(bytes / BYTES_PER_STEP)
    }

    /// Refuses more elements than there are steps left, before they are made.
    pub fn elements(&self, count: f64) -> Result<usize, Fault> {
        let left = self.limits.steps - self.steps.get();
        let count = if count.is_nan() { 0.0 } else { count.max(0.0) };
        // More than 2^52 steps are no limit that anybody sets.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "compared before, and not negative"
        )]
        let count = if count <= left as f64 {
            count as usize
        } else {
            usize::MAX
        };
        self.step(count)?;
        Ok(count)
    }

    /// Checks the length of a text on the way, and counts the work on it.
    pub fn text(&self, bytes: usize) -> Result<(), Fault> {
        if bytes > self.limits.text {
            return Err(Fault::limit(Limit::Text, self.limits));
        }
        self.work(bytes)
    }

    /// Checks how deep a value is.
    pub fn depth(&self, depth: usize) -> Result<(), Fault> {
        if depth > self.limits.nesting {
            return Err(Fault::limit(Limit::Nesting, self.limits));
        }
        Ok(())
    }

    pub const fn limits(&self) -> &'l Limits {
        self.limits
    }
}

/// A text that is written piece by piece, up to a limit.
pub struct Sink {
    text: String,
    limit: Limit,
}

impl Sink {
    /// For the message itself.
    pub const fn output() -> Self {
        Self {
            text: String::new(),
            limit: Limit::Output,
        }
    }

    /// For a value on the way.
    pub const fn value() -> Self {
        Self {
            text: String::new(),
            limit: Limit::Text,
        }
    }

    pub fn push(&mut self, piece: &str, budget: &Budget<'_>) -> Result<(), Fault> {
        if self.text.len() + piece.len() > budget.limits.of(self.limit) {
            return Err(Fault::limit(self.limit, budget.limits));
        }
        budget.work(piece.len())?;
        self.text.push_str(piece);
        Ok(())
    }

    pub fn finish(self) -> String {
        self.text
    }
}
