//! The forms of what a command found: for people, for programs, and for a pull request.

pub mod annotation;
mod github;
mod markdown;
mod place;
mod rule;
mod sarif;
pub mod sheet;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::failure::CliError;
use super::plan::Output;
use sheet::Sheet;

pub use place::Root;

/// A form of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; documented in docs/cli.md.
    Json,
    /// Workflow commands of GitHub Actions: annotations at the lines of the manifests.
    Github,
    /// SARIF 2.1.0, as code scanning takes it.
    Sarif,
    /// A summary for a pull request.
    Markdown,
}

impl Format {
    /// Whether it says why there is no result. In the others what is half done would pass for one;
    /// the error is told by itself.
    const fn tells_failures(self) -> bool {
        matches!(self, Self::Github | Self::Sarif | Self::Markdown)
    }
}

/// Which forms of the result go where.
#[derive(Clone, Debug, Args)]
pub struct FormatArgs {
    /// The form of the result on standard output.
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Write the result in this form into a file as well, such as sarif=dialtone.sarif; may be
    /// repeated.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = Report::parse)]
    report: Vec<Report>,
}

/// A form of the result, and the file that it goes into.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    format: Format,
    file: PathBuf,
}

impl Report {
    fn parse(text: &str) -> Result<Self, String> {
        let known: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        let expected = || {
            format!(
                "write FORMAT=FILE, where FORMAT is one of {}",
                known.join(", ")
            )
        };
        let (format, file) = text.split_once('=').ok_or_else(expected)?;
        if file.is_empty() {
            return Err(expected());
        }
        Ok(Self {
            format: Format::from_str(format, false).map_err(|_| expected())?,
            file: file.into(),
        })
    }
}

/// What a command found, in every form.
#[derive(Clone, Debug)]
pub struct Told {
    /// For people, and for programs; `None` where the command ended before it had a result.
    pub result: Option<(String, Value)>,
    /// What is worth pointing at.
    pub sheet: Sheet,
}

impl FormatArgs {
    /// How manifests are complained about on standard error, if at all: annotations have it, and a
    /// runner that reads them shows standard error beside them.
    #[must_use]
    pub const fn complaints(&self) -> Option<Output> {
        match self.output {
            Format::Json => Some(Output::Json),
            Format::Github => None,
            _ => Some(Output::Text),
        }
    }

    /// Writes each form to where it was asked for.
    ///
    /// # Errors
    ///
    /// [`CliError`] where it cannot be written.
    pub fn write(&self, out: &mut impl Write, told: &Told) -> Result<(), CliError> {
        let due = |report: &&Report| told.result.is_some() || report.format.tells_failures();
        for Report { format, file } in self.report.iter().filter(due) {
            let failed = |error| CliError::Report(file.display().to_string(), error);
            replace(file, *format, told).map_err(failed)?;
        }
        form(out, self.output, told)?;
        Ok(())
    }
}

fn replace(file: &Path, format: Format, told: &Told) -> io::Result<()> {
    let mut text = Vec::new();
    form(&mut text, format, told)?;
    // Colours are for terminals.
    anstream::StripStream::new(File::create(file)?).write_all(&text)
}

fn form(out: &mut impl Write, format: Format, told: &Told) -> io::Result<()> {
    let Told { result, sheet } = told;
    match (format, result) {
        (Format::Text, Some((text, _))) => out.write_all(text.as_bytes()),
        (Format::Json, Some((_, json))) => writeln!(out, "{json:#}"),
        (Format::Text | Format::Json, None) => Ok(()),
        (Format::Github, _) => github::write(out, sheet),
        (Format::Sarif, _) => writeln!(out, "{:#}", sarif::document(sheet)),
        (Format::Markdown, _) => out.write_all(markdown::page(sheet).as_bytes()),
    }
}
