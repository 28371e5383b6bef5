//! Manifests as every command takes them, read, checked and complained about.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;

use super::failure::CliError;
use super::note;
use super::plan::Output;
use super::record::Record;
use super::workspace::{Workspace, confined, usable};
use crate::api::is_namespace_name;
use crate::manifest::{self, Diagnostic, Input, Manifests, Options, Source};
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;
use crate::sim::state::StateFile;

/// Which manifests.
#[derive(Clone, Debug, Args)]
pub struct ManifestArgs {
    /// A file, a folder, or - for standard input; may be repeated.
    #[arg(short = 'f', long = "filename", value_name = "PATH", required = true)]
    filename: Vec<String>,
    /// The namespace of objects that name none.
    #[arg(short, long, value_name = "NAME", default_value = "default", value_parser = namespace)]
    namespace: String,
}

/// Where the values of Secrets are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrets {
    /// Among the manifests.
    #[default]
    Here,
    /// Also elsewhere.
    Elsewhere,
}

/// How manifests are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Where the values of Secrets are.
    pub secrets: Secrets,
    /// There may be no manifests: all may have been taken away.
    pub empty: bool,
}

/// Manifests that can be used, with what is remembered of their objects.
#[derive(Debug)]
pub struct Opened {
    /// The objects by tenant.
    pub workspace: Workspace,
    /// What is remembered of them.
    pub record: Record,
    /// No manifest has an error. Where one has, its tenant takes no part and the others go on.
    pub complete: bool,
    /// What is worth saying about the manifests.
    pub diagnostics: Vec<Diagnostic>,
    /// Where each object was read.
    pub sources: BTreeMap<ObjectKey, Source>,
    /// The state file, shared by everything that keeps something in it.
    pub state: Option<StateFile>,
}

impl Opened {
    /// Itself, where there is a tenant to work on.
    ///
    /// # Errors
    ///
    /// [`CliError::NoTenant`] where there is none.
    pub fn some(self) -> Result<Self, CliError> {
        if self.workspace.tenants.is_empty() {
            return Err(CliError::NoTenant);
        }
        Ok(self)
    }
}

impl ManifestArgs {
    /// The manifests of one folder or file.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self {
            filename: vec![path.display().to_string()],
            namespace: "default".to_owned(),
        }
    }

    /// The namespace of objects that name none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What is read: paths, and `-` for standard input.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.filename
    }

    /// Reads manifests and prints what is wrong with them; `None` where they cannot be used.
    ///
    /// # Errors
    ///
    /// Where nothing can be printed.
    pub fn read(&self, output: Output) -> Result<Option<Manifests>, CliError> {
        let (manifests, diagnostics) = self.diagnosed(false);
        super::complain(&diagnostics, Some(output))?;
        Ok(usable(&diagnostics).then_some(manifests))
    }

    /// Reads manifests, prints what is wrong with them, and gives each object the status it had.
    ///
    /// # Errors
    ///
    /// [`CliError`] where they cannot be used, or the state file is one of them.
    pub fn open(&self, state: Option<&Path>, output: Output) -> Result<Opened, CliError> {
        self.stands_apart(state)?;
        self.opened(state, Reading::default(), Some(output), |_| {})?
            .some()
    }

    fn opened(
        &self,
        state: Option<&Path>,
        reading: Reading,
        output: Option<Output>,
        tell: impl FnOnce(&[Diagnostic]),
    ) -> Result<Opened, CliError> {
        let (mut manifests, mut diagnostics) = self.diagnosed(reading.empty);
        if reading.secrets == Secrets::Elsewhere {
            manifests.keep_secrets_elsewhere(&mut diagnostics);
        }
        let Sound {
            manifests,
            diagnostics,
            complete,
        } = Sound::of((manifests, diagnostics), output, tell)?;
        if !complete && manifests.objects.is_empty() {
            return Err(CliError::Manifests);
        }
        let state = state.map(StateFile::load).transpose()?;
        let mut record = Record::open(state.clone())?;
        let sources = Sound::sources(&manifests);
        let workspace = Workspace::new(manifests, &mut record);
        if let [first, more @ ..] = record.others(workspace.resources()).as_slice() {
            let more = match more.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            note(&format!(
                "{first}{more} is remembered and not among these manifests: what it set up stays in the \
                 tenant; --base of plan shows what an operator would delete"
            ))?;
        }
        Ok(Opened {
            workspace,
            record,
            complete,
            diagnostics,
            sources,
            state,
        })
    }

    /// The same for a command that only reads the state, and may find no tenant: a name that is mistyped must not stand for
    /// the real tenant. `tell` gets what is worth saying about the manifests, also where they cannot be
    /// used; without a form nothing of it is printed.
    ///
    /// # Errors
    ///
    /// As [`ManifestArgs::open`], and where there is no such file.
    pub fn open_known(
        &self,
        state: Option<&Path>,
        reading: Reading,
        output: Option<Output>,
        tell: impl FnOnce(&[Diagnostic]),
    ) -> Result<Opened, CliError> {
        self.stands_apart(state)?;
        match state {
            Some(path) if !path.exists() => Err(CliError::NoState(path.display().to_string())),
            _ => self.opened(state, reading, output, tell),
        }
    }

    fn stands_apart(&self, state: Option<&Path>) -> Result<(), CliError> {
        let among = state.and_then(|file| Some((file, self.input_of(file)?)));
        among.map_or(Ok(()), |(file, input)| {
            let file = file.display().to_string();
            Err(CliError::StateAmongManifests(file, input.to_owned()))
        })
    }

    /// The input that a file is part of, whether the file is there already or not.
    fn input_of(&self, file: &Path) -> Option<&str> {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // A folder that is not there holds no manifests.
        let place = folder.canonicalize().ok()?.join(file.file_name()?);
        let inputs = self.filename.iter().filter(|name| *name != "-");
        let holds = |input: &&String| {
            let input = Path::new(input.as_str()).canonicalize();
            input.is_ok_and(|input| place.starts_with(input))
        };
        inputs.into_iter().find(holds).map(String::as_str)
    }

    fn diagnosed(&self, empty: bool) -> (Manifests, Vec<Diagnostic>) {
        let options = Options {
            namespace: self.namespace.clone(),
            empty,
            ..Options::default()
        };
        manifest::read(&inputs(&self.filename), &options)
    }
}

/// A namespace as people name it on the command line.
///
/// # Errors
///
/// Why it is none.
pub fn namespace(text: &str) -> Result<String, String> {
    if is_namespace_name(text) {
        return Ok(text.to_owned());
    }
    Err(
        "the name of a namespace is at most 63 lower-case letters, digits and -, and begins and ends \
         with a letter or a digit"
            .to_owned(),
    )
}

/// What names on the command line stand for.
#[must_use]
pub fn inputs(names: &[String]) -> Vec<Input> {
    let input = |name: &String| match name.as_str() {
        "-" => Input::Stdin,
        path => Input::Path(path.into()),
    };
    names.iter().map(input).collect()
}

/// The manifests that have no error.
#[derive(Debug)]
pub struct Sound {
    /// They themselves.
    pub manifests: Manifests,
    /// What is worth saying about all of them.
    pub diagnostics: Vec<Diagnostic>,
    /// No manifest has an error. Where one has, its tenant takes no part and the others go on.
    pub complete: bool,
}

impl Sound {
    /// Prints what is wrong with manifests, if in any form, and leaves out those that have an error.
    /// `tell` gets what is worth saying about them, also where they cannot be used.
    ///
    /// # Errors
    ///
    /// [`CliError::Manifests`] where an error belongs to no tenant: it may be about any of them, as
    /// broken YAML may.
    pub fn of(
        (mut manifests, diagnostics): (Manifests, Vec<Diagnostic>),
        output: Option<Output>,
        tell: impl FnOnce(&[Diagnostic]),
    ) -> Result<Self, CliError> {
        super::complain(&diagnostics, output)?;
        tell(&diagnostics);
        let complete = usable(&diagnostics);
        if !complete {
            if !confined(&diagnostics) {
                return Err(CliError::Manifests);
            }
            manifests.keep_sound(&diagnostics);
        }
        Ok(Self {
            manifests,
            diagnostics,
            complete,
        })
    }

    /// Where each object was read.
    #[must_use]
    pub fn sources(manifests: &Manifests) -> BTreeMap<ObjectKey, Source> {
        let objects = manifests.objects.iter();
        let sources = objects.map(|object| (key_of(&object.resource), object.source.clone()));
        sources.collect()
    }
}
