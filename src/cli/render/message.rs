//! A rendered message, for people and for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::show::{DIM, counted};
use crate::template::segment::{self, Encoding, Segments};
use crate::template::{Limits, TemplateError, Warning, render};

/// A message that a template renders to.
pub struct Message<'s> {
    source: &'s str,
    output: String,
    /// What it costs as a text; none of a call.
    segments: Option<Segments>,
    pub warnings: Vec<Warning>,
}

impl<'s> Message<'s> {
    /// A text message.
    pub fn text(
        source: &'s str,
        variables: &Value,
        limits: &Limits,
    ) -> Result<Self, TemplateError> {
        let mut message = Self::call(source, variables, limits)?;
        message.segments = Some(segment::count(&message.output));
        Ok(message)
    }

    /// What a call says.
    pub fn call(
        source: &'s str,
        variables: &Value,
        limits: &Limits,
    ) -> Result<Self, TemplateError> {
        let rendered = render(source, variables, limits)?;
        Ok(Self {
            source,
            output: rendered.output,
            segments: None,
            warnings: rendered.warnings,
        })
    }

    /// For programs; documented in docs/cli.md.
    pub fn to_json(&self) -> Value {
        let warnings: Vec<Value> = self
            .warnings
            .iter()
            .map(|warning| {
                let (line, column) = warning.span.line_column(self.source);
                json!({"line": line, "column": column, "message": warning.message})
            })
            .collect();
        match &self.segments {
            Some(counted) => json!({
                "output": self.output,
                "encoding": counted.encoding.as_str(),
                "segments": counted.segments,
                "characters": counted.characters,
                "warnings": warnings,
            }),
            None => json!({
                "output": self.output,
                "characters": self.output.chars().count(),
                "warnings": warnings,
            }),
        }
    }

    /// For people, each line moved to the right.
    pub fn write(&self, indent: &str, out: &mut impl Write) -> io::Result<()> {
        if self.output.is_empty() {
            writeln!(out, "{indent}{DIM}(nothing){DIM:#}")?;
        }
        for line in self.output.lines() {
            writeln!(out, "{indent}{}", shown(line))?;
        }
        writeln!(out, "{indent}{DIM}{}{DIM:#}", self.cost())
    }

    fn cost(&self) -> String {
        let Some(counted) = &self.segments else {
            return counted_characters(self.output.chars().count());
        };
        let (alone, part) = counted.encoding.capacity();
        let units = match counted.encoding {
            Encoding::Gsm7 => counted.characters,
            Encoding::Ucs2 => self.output.encode_utf16().count(),
        };
        let size = counted_characters(counted.characters);
        let room = if counted.segments == 1 {
            format!("{units} of {alone} used")
        } else {
            format!("{units} used, {part} in each")
        };
        format!(
            "{}, {size}, {} ({room}): charged as {}",
            counted.encoding.as_str(),
            self::counted(counted.segments, "segment"),
            self::counted(counted.segments, "message"),
        )
    }
}

fn counted_characters(count: usize) -> String {
    counted(count, "character")
}

/// A line without what a terminal would take for commands.
fn shown(line: &str) -> String {
    let plain = |letter: char| {
        if letter.is_control() && letter != '\t' {
            letter.escape_default().to_string()
        } else {
            letter.to_string()
        }
    };
    line.chars().map(plain).collect()
}
