//! The plans of a run, from manifests or from a cluster, in every form that they are told in.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::aside::inert;
use crate::cli::check::annotation::{Annotation, Level, let_through};
use crate::cli::check::sheet::{Part, Places, Sheet, deny};
use crate::cli::check::{FormatArgs, Root, Told};
use crate::cli::failure::CliError;
use crate::cli::show::plan::Gaps;
use crate::cli::show::{BAD, plain};
use crate::cli::{note, show};
use crate::phone::action::ObjectKey;
use crate::phone::plan::Plan;

/// What is said where there is no plan.
const NOTHING: &str = "no plan was made";

/// What is said where no tenant is left to plan.
const NOBODY: &str = "nothing to plan: there is no tenant";

/// A plan of a tenant.
struct Planned {
    tenant: ObjectKey,
    domain: String,
    /// It begins when what another plan deletes is gone.
    after_deletion: bool,
    plan: Plan,
}

impl Planned {
    fn heading(&self) -> String {
        let (tenant, domain) = (&self.tenant, &self.domain);
        if self.after_deletion {
            return format!("{tenant} ({domain}, when what is deleted is gone)");
        }
        format!("{tenant} ({domain})")
    }
}

/// The plans of all tenants, as far as they were made.
pub struct Made {
    /// Those of a tenant in the order in which they are carried out.
    plans: Vec<Planned>,
    /// How many tenants have none, because of an error of their own.
    missing: usize,
    /// What is worth pointing at.
    pub sheet: Sheet,
    /// Where objects and lines are.
    pub places: Places,
    /// What is worth saying about the manifests, in its JSON form.
    pub diagnostics: Value,
    /// Something was told, beside tenants that have no plan, without which the plans are no all-clear.
    pub errors: bool,
    /// What the plans do not rest on, because it is not seen.
    unseen: Vec<String>,
}

impl Made {
    /// No plan yet.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            plans: Vec::new(),
            missing: 0,
            sheet: Sheet::of("plan"),
            places: Places {
                sources: BTreeMap::new(),
                root: Root::here(),
            },
            diagnostics: json!([]),
            errors: false,
            unseen: Vec::new(),
        }
    }

    /// Adds the plans of a tenant that follow one another: the first, and what comes after its
    /// deletions.
    pub fn add(&mut self, key: &ObjectKey, domain: &str, plans: Vec<Plan>, deny_hazards: bool) {
        for (index, plan) in plans.into_iter().enumerate() {
            for part in &plan.unseen {
                let unseen = format!("not seen: {part}");
                let (sheet, about) = (&mut self.sheet, key.to_string());
                sheet.incomplete(Level::Error, &about, &unseen, &self.places);
            }
            self.sheet.plan(&plan, &self.places, deny_hazards);
            self.plans.push(Planned {
                tenant: key.clone(),
                domain: domain.to_owned(),
                after_deletion: index > 0,
                plan,
            });
        }
    }

    /// Tells of a tenant that is left alone.
    ///
    /// # Errors
    ///
    /// Where nothing can be printed.
    pub fn suspended(&mut self, key: &ObjectKey) -> io::Result<()> {
        self.tell(&key.to_string(), "it is suspended: it was not read", || {
            format!("{key} is suspended: it was not read")
        })
    }

    /// Tells of something that makes a plan less than it could be, and is no error.
    ///
    /// # Errors
    ///
    /// Where nothing can be printed.
    pub fn reserve(&mut self, message: &str) -> io::Result<()> {
        self.tell("", message, || message.to_owned())
    }

    fn tell(
        &mut self,
        about: &str,
        message: &str,
        alone: impl FnOnce() -> String,
    ) -> io::Result<()> {
        let (sheet, alone) = (&mut self.sheet, alone());
        sheet.incomplete(Level::Notice, about, message, &self.places);
        note(&alone)?;
        self.unseen.push(alone);
        Ok(())
    }

    /// Goes on without the plan of one tenant, where the error is its own: hazards of the others are
    /// told all the same.
    ///
    /// # Errors
    ///
    /// That error where it is not, or where nothing can be printed.
    pub fn without(&mut self, key: &ObjectKey, error: CliError) -> Result<(), CliError> {
        let Some(message) = error.of_tenant() else {
            return Err(error);
        };
        let about = key.to_string();
        self.missing += 1;
        self.tell_error(&about, &message, error.to_string())?;
        Ok(())
    }

    /// Makes sure that there is a plan.
    ///
    /// # Errors
    ///
    /// [`CliError::NoPlan`] where there is none.
    pub fn any(&self) -> Result<(), CliError> {
        if self.plans.is_empty() {
            return Err(CliError::NoPlan);
        }
        Ok(())
    }

    /// Tells of something without which the plans are no all-clear.
    ///
    /// # Errors
    ///
    /// Where nothing can be printed.
    pub fn lacks(&mut self, about: &str, message: &str) -> io::Result<()> {
        self.errors = true;
        self.tell_error(about, message, message.to_owned())
    }

    /// `alone` is the message where nothing says what it is about.
    fn tell_error(&mut self, about: &str, message: &str, alone: String) -> io::Result<()> {
        let sheet = &mut self.sheet;
        sheet.incomplete(Level::Error, about, message, &self.places);
        note(&alone)?;
        self.unseen.push(alone);
        Ok(())
    }

    /// Prints the plans; where there are none because of an error, what is told of that.
    ///
    /// # Errors
    ///
    /// That error, or where nothing can be printed.
    pub fn end(
        self,
        result: Result<(), CliError>,
        forms: &FormatArgs,
        deny_hazards: bool,
        out: &mut impl Write,
    ) -> Result<ExitCode, CliError> {
        if let Err(error) = result {
            // Whoever looks at the pull request sees why there is no plan.
            if let Err(lost) = forms.write(out, &self.failed(&error)) {
                note(&lost.to_string())?;
            }
            return Err(error);
        }
        let code = self.code(deny_hazards);
        forms.write(out, &self.told()?)?;
        Ok(code)
    }

    const fn gaps(&self) -> Gaps {
        Gaps {
            tenants: self.missing,
            errors: self.errors,
        }
    }

    /// Every manifest could be used, every tenant planned, and everything else seen that is asked for.
    const fn is_complete(&self) -> bool {
        self.missing == 0 && !self.errors
    }

    fn all(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().map(|planned| &planned.plan)
    }

    fn code(&self, deny_hazards: bool) -> ExitCode {
        if deny_hazards && self.all().any(deny) {
            ExitCode::from(3)
        } else if !self.is_complete() || self.all().any(Plan::is_blocked) {
            ExitCode::FAILURE
        } else if self.all().all(Plan::is_empty) {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        }
    }

    fn told(mut self) -> Result<Told, CliError> {
        let mut text = Vec::new();
        let mut tenants = Vec::new();
        for planned in &self.plans {
            let (heading, plan) = (planned.heading(), &planned.plan);
            let begin = text.len();
            show::plan::write_plan(&mut text, &heading, plan)?;
            let own = String::from_utf8_lossy(&text[begin..]).into_owned();
            let own = anstream::adapter::strip_str(&own).to_string();
            self.sheet.tenants.push(Part {
                text: own
                    .lines()
                    .skip(1)
                    .fold(String::new(), |all, line| all + line + "\n"),
                heading,
                summary: show::plan::summary([plan].into_iter(), Gaps::default()),
            });
            writeln!(text)?;
            let mut document = show::json::plan(&planned.tenant, &planned.domain, plan);
            document["afterDeletion"] = planned.after_deletion.into();
            tenants.push(document);
        }
        // Where no tenant could be planned, nothing may read like an all-clear.
        if self.plans.is_empty() && self.is_complete() {
            NOBODY.clone_into(&mut self.sheet.summary);
            writeln!(text, "{NOBODY}")?;
        } else if self.plans.is_empty() {
            NOTHING.clone_into(&mut self.sheet.summary);
            writeln!(text, "{NOTHING}")?;
        } else {
            show::plan::write_summary(&mut text, self.all(), self.gaps())?;
            let told: Vec<&Annotation> = self.sheet.annotations.iter().collect();
            for advice in let_through(&told) {
                writeln!(text, "{BAD}Denied{BAD:#}: {}", plain(&advice))?;
            }
            self.sheet.summary = show::plan::summary(self.all(), self.gaps());
        }
        let unseen = self.all().any(|plan| !plan.unseen.is_empty());
        self.sheet.partial = !self.is_complete() || unseen;
        let document = json!({
            "tenants": tenants,
            "diagnostics": self.diagnostics,
            "unseen": self.unseen,
        });
        let text = inert(&String::from_utf8_lossy(&text));
        Ok(Told {
            result: Some((text, document)),
            sheet: self.sheet.sorted(),
        })
    }

    /// What is told where there is no plan.
    fn failed(&self, error: &CliError) -> Told {
        let mut sheet = self.sheet.clone();
        sheet.failed = true;
        NOTHING.clone_into(&mut sheet.summary);
        match error {
            // What is wrong has been told.
            CliError::Manifests | CliError::NoPlan => {}
            other => sheet.incomplete(Level::Error, "", &other.to_string(), &self.places),
        }
        Told {
            result: None,
            sheet: sheet.sorted(),
        }
    }
}
