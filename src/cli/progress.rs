//! Progress of a pass: a line for each step, and a spinner on a terminal while one is under way.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::aside;
use super::show::{BAD, CHANGE, GOOD, plain};
use crate::auth0::pass::{Follower, Leave};
use crate::phone::outcome::StepOutcome;
use crate::phone::plan::Step;

/// Shows steps as they are carried out. Lines go to standard error, so that standard output holds
/// results alone.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    /// Shows lines, or nothing.
    #[must_use]
    pub fn new(lines: bool) -> Self {
        let target = if lines {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(target);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar.set_message("reading the tenant");
        Self { bar, lines }
    }

    /// Says that a step is not carried out because nobody confirmed it.
    pub fn refused(&self, step: &Step) {
        let summary = step.action.change.summary();
        self.line(&format!(
            "  {CHANGE}!{CHANGE:#} {summary}: not in the plan that was confirmed; run apply again"
        ));
    }

    fn line(&self, text: &str) {
        if self.lines {
            // A closed standard error leaves nobody to tell.
            let _ = self.bar.suspend(|| aside::say(&format!("{text}\n")));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Follower for Progress {
    async fn starting(&self, _index: usize, step: &Step) -> Leave {
        self.bar.set_message(step.action.change.summary());
        Leave::Given
    }

    fn finished(&self, _index: usize, step: &Step, outcome: &StepOutcome) {
        let summary = step.action.change.summary();
        match outcome {
            StepOutcome::Applied => self.line(&format!("  {GOOD}✓{GOOD:#} {summary}")),
            StepOutcome::Failed(failure) => {
                self.line(&format!(
                    "  {BAD}✗{BAD:#} {summary}: {}",
                    plain(&failure.message)
                ));
            }
            StepOutcome::Withheld(withheld) => {
                self.line(&format!(
                    "  {CHANGE}·{CHANGE:#} {summary}: {}",
                    plain(&withheld.message())
                ));
            }
            StepOutcome::Unreached(_) => {
                self.line(&format!(
                    "  {CHANGE}·{CHANGE:#} {summary}: an earlier step failed"
                ));
            }
        }
    }
}
