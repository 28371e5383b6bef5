//! What is wrong with a manifest, where, and what to do: for people and for programs.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::phone::action::ObjectKey;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The manifests cannot be used.
    Error,
    /// They can be used, and probably do not mean what they say.
    Warning,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What was checked: the sort of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The file can be read, and holds objects.
    File,
    /// Its YAML.
    Yaml,
    /// One object alone: kind, version, schema and rules.
    Object,
    /// Objects together: references, two for one thing, settings that do not fit.
    Consistency,
    /// What objects take from Secrets is there.
    Secret,
    /// What objects take from `ConfigMap`s is there.
    ConfigMap,
    /// The words of a template.
    Template,
    /// The code of an Action.
    ActionCode,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 8] = [
        Self::File,
        Self::Yaml,
        Self::Object,
        Self::Consistency,
        Self::Secret,
        Self::ConfigMap,
        Self::Template,
        Self::ActionCode,
    ];
}

/// One manifest file as it was read.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path as the user wrote it; `-` is standard input.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The starts of its lines, in bytes.
    lines: Vec<usize>,
}

impl SourceFile {
    /// A file with this text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(starts.map(|(at, _)| at + 1))
            .collect();
        Self {
            name: name.into(),
            text,
            lines,
        }
    }

    /// The bytes of the line that a byte is in, its end included.
    pub(super) fn line(&self, byte: usize) -> Range<usize> {
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let end = self.lines.get(line).copied();
        start..end.unwrap_or(self.text.len() + 1)
    }

    /// Line and column of a byte, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let byte = byte.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

/// A place in a file.
#[derive(Clone, Debug)]
pub struct Location {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes.
    pub span: Range<usize>,
    /// The place is in a Secret: its lines are not shown.
    pub secret: bool,
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.file.name == other.file.name && self.span == other.span
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What sort of mistake it is.
    pub check: Check,
    /// What is wrong.
    pub message: String,
    /// Where, if it is about a place.
    pub location: Option<Location>,
    /// The field's path: `spec.twilio.from`.
    pub field: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The tenant of the object that it is about, if it is about one.
    pub tenant: Option<ObjectKey>,
}

impl Diagnostic {
    /// An error without a place.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            check: Check::Object,
            message: message.into(),
            location: None,
            field: None,
            hint: None,
            tenant: None,
        }
    }

    /// A warning without a place.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// The same as another sort of mistake.
    #[must_use]
    pub fn of(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// The same about a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn order(&self) -> (String, usize, Severity, String) {
        let place = self.location.as_ref();
        let file = place
            .map(|location| location.file.name.clone())
            .unwrap_or_default();
        let start = place.map_or(0, |location| location.span.start);
        (file, start, self.severity, self.message.clone())
    }
}

/// Puts diagnostics in the order of the files, each once.
pub(super) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_cached_key(Diagnostic::order);
    diagnostics.dedup();
}

/// Draws diagnostics with the lines that they are about. Colours are for whoever can show them:
/// the stream that this is written to strips them where nobody can.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&drawn(diagnostic, &renderer));
        text.push_str("\n\n");
    }
    text
}

fn drawn(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = match &diagnostic.field {
        Some(field) => format!("{field}: {}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut group = annotate_snippets::Group::with_title(level.primary_title(title.as_str()));
    let header;
    match &diagnostic.location {
        Some(location) if !location.secret => {
            // Only the line itself is handed over: a large file is not drawn anew for each error.
            let span = clamped(location);
            let file = &location.file;
            let line = file.line(span.start);
            let text = file.text.get(line.start..line.end.min(file.text.len()));
            let (number, _) = file.line_column(span.start);
            let annotation =
                AnnotationKind::Primary.span(span.start - line.start..span.end - line.start);
            let snippet = Snippet::source(text.unwrap_or_default())
                .path(file.name.as_str())
                .line_start(number)
                .annotation(annotation);
            group = group.element(snippet);
        }
        Some(location) => {
            let (line, column) = location.file.line_column(location.span.start);
            header = format!(
                "in {}:{line}:{column} (lines with Secrets and phone numbers are not shown)",
                location.file.name
            );
            group = group.element(Level::NOTE.message(header.as_str()));
        }
        None => {}
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    renderer.render(&[group])
}

/// A span that lies in the text, on character boundaries, and on its first line.
fn clamped(location: &Location) -> Range<usize> {
    let text = &location.file.text;
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(location.span.start);
    let end = boundary(location.span.end).max(start);
    let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line_end
}

/// Diagnostics for programs; documented in docs/cli.md.
#[must_use]
pub fn to_json(diagnostics: &[Diagnostic]) -> Value {
    let shown = |diagnostic: &Diagnostic| {
        let place = diagnostic.location.as_ref().map(|location| {
            let (line, column) = location.file.line_column(location.span.start);
            (location.file.name.clone(), line, column)
        });
        json!({
            "severity": diagnostic.severity.as_str(),
            "file": place.as_ref().map(|place| &place.0),
            "line": place.as_ref().map(|place| place.1),
            "column": place.as_ref().map(|place| place.2),
            "field": diagnostic.field,
            "message": diagnostic.message,
            "hint": diagnostic.hint,
        })
    };
    diagnostics.iter().map(shown).collect()
}
