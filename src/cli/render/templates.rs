//! `dialtone render -f`: the templates of manifests.

use std::io::Write;
use std::ops::Range;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::message::Message;
use super::{location, variables};
use crate::cli::aside;
use crate::cli::failure::CliError;
use crate::cli::plan::Output;
use crate::cli::show::{BOLD, DIM};
use crate::manifest::{self, Diagnostic, Input, Severity, Sourced};
use crate::template::{self, Channel, Limits, TemplateType, check, sample};

/// Renders the templates of manifests, and prints them.
pub fn run(
    filename: &[String],
    given: Option<&Value>,
    output: Output,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let inputs: Vec<Input> = filename
        .iter()
        .map(|name| match name.as_str() {
            "-" => Input::Stdin,
            path => Input::Path(path.into()),
        })
        .collect();
    let (documents, mut diagnostics) = manifest::documents(&inputs);
    let templates: Vec<Template<'_>> = documents
        .iter()
        .filter(|document| of_kind(document, "PhoneTemplate"))
        .map(|document| Template::of(document, &documents, given, &mut diagnostics))
        .collect();
    if templates.is_empty() && diagnostics.is_empty() {
        let message = "there is no PhoneTemplate in the manifests";
        diagnostics.push(Diagnostic::error(message));
    }
    let broken = diagnostics
        .iter()
        .any(|found| found.severity == Severity::Error);
    match output {
        Output::Json => {
            let shown: Vec<Value> = templates.iter().map(Template::to_json).collect();
            let result = json!({
                "templates": shown,
                "diagnostics": manifest::to_json(&diagnostics),
            });
            writeln!(out, "{result:#}")?;
        }
        Output::Text => {
            for template in &templates {
                template.write(out)?;
            }
            out.flush()?;
            aside::say(&manifest::render(&diagnostics, true))?;
        }
    }
    Ok(if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn of_kind(document: &Sourced, kind: &str) -> bool {
    document.document.value["kind"] == kind
}

/// A template of a manifest.
struct Template<'d> {
    name: String,
    of: Option<TemplateType>,
    /// What is rendered, by the name of the field.
    messages: Vec<(&'static str, Message<'d>)>,
}

/// What a field of a template says, and where that is written.
struct Content<'d> {
    text: &'d str,
    document: &'d Sourced,
    place: Range<usize>,
    field: String,
}

impl<'d> Template<'d> {
    fn of(
        document: &'d Sourced,
        documents: &'d [Sourced],
        given: Option<&Value>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let value = &document.document.value;
        let spec = &value["spec"];
        let template_type = TemplateType::ALL
            .into_iter()
            .find(|known| spec["type"] == known.manifest_name());
        let mut template = Self {
            name: value["metadata"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            of: template_type,
            messages: Vec::new(),
        };
        let Some(template_type) = template_type else {
            let known = TemplateType::ALL
                .map(TemplateType::manifest_name)
                .join(", ");
            let message = format!("the type has to be one of {known}");
            diagnostics.push(at(document, "/spec/type", message));
            return template;
        };
        let mut values = sample::variables(template_type);
        variables::merge(&mut values, &spec["preview"]["variables"]);
        variables::merge(&mut values, given.unwrap_or(&Value::Null));
        for (field, channel) in [("text", Channel::Text), ("voice", Channel::Voice)] {
            let Some(content) = content(document, documents, field, diagnostics) else {
                continue;
            };
            diagnostics.extend(findings(&content, template_type, channel));
            let rendered = match channel {
                Channel::Text => Message::text(content.text, &values, &Limits::default()),
                Channel::Voice => Message::call(content.text, &values, &Limits::default()),
            };
            match rendered {
                Ok(message) => template.messages.push((field, message)),
                Err(error) => {
                    let diagnostic =
                        content.diagnostic(error.span, Diagnostic::error(error.message));
                    // The same mistake may be a finding.
                    if !diagnostics.contains(&diagnostic) {
                        diagnostics.push(diagnostic);
                    }
                }
            }
        }
        template
    }

    fn to_json(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("name".to_owned(), json!(self.name));
        let of = self.of.map(TemplateType::manifest_name);
        shown.insert("type".to_owned(), json!(of));
        for (field, message) in &self.messages {
            shown.insert((*field).to_owned(), message.to_json());
        }
        Value::Object(shown)
    }

    fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let of = self.of.map_or("", TemplateType::manifest_name);
        writeln!(
            out,
            "{BOLD}PhoneTemplate/{}{BOLD:#}  {DIM}{of}{DIM:#}",
            self.name
        )?;
        for (field, message) in &self.messages {
            writeln!(out, "  {field}")?;
            message.write("    ", out)?;
        }
        Ok(())
    }
}

fn at(document: &Sourced, pointer: &str, message: impl Into<String>) -> Diagnostic {
    let place = document.document.places.get(pointer);
    let span = place.map_or_else(
        || document.document.bytes.clone(),
        |place| place.value.clone(),
    );
    let field = pointer.trim_start_matches('/').replace('/', ".");
    Diagnostic::error(message)
        .at(location(&document.file, span))
        .field(field)
}

/// What is sent of a text: line breaks at its end, which YAML and files end with, are not.
fn sent(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

/// The text of a field, or of the `ConfigMap` that it refers to.
fn content<'d>(
    document: &'d Sourced,
    documents: &'d [Sourced],
    field: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Content<'d>> {
    let spec = &document.document.value["spec"];
    if let Some(text) = spec[field].as_str() {
        let place = document.document.places.get(&format!("/spec/{field}"));
        return Some(Content {
            text: sent(text),
            document,
            place: place.map(|place| place.value.clone()).unwrap_or_default(),
            field: format!("spec.{field}"),
        });
    }
    let from = format!("{field}From");
    let reference = &spec[from.as_str()];
    if reference.is_null() {
        return None;
    }
    // The reference may stand in the field itself, or under what it refers to.
    let reference = match &reference["configMapKeyRef"] {
        Value::Null => reference,
        inner => inner,
    };
    let (name, key) = (reference["name"].as_str(), reference["key"].as_str());
    let found = documents.iter().find_map(|other| {
        let data = &other.document.value["data"];
        let named = other.document.value["metadata"]["name"].as_str() == name;
        let text = data[key?]
            .as_str()
            .filter(|_| named && of_kind(other, "ConfigMap"))?;
        Some((other, text))
    });
    let Some((other, text)) = found else {
        let message = format!(
            "the ConfigMap {} with the key {} is not among the manifests",
            name.unwrap_or("(unnamed)"),
            key.unwrap_or("(unnamed)")
        );
        diagnostics.push(at(document, &format!("/spec/{from}"), message));
        return None;
    };
    let key = key.unwrap_or_default();
    let pointer = format!("/data/{}", manifest::yaml::escaped(key));
    let place = other.document.places.get(&pointer);
    Some(Content {
        text: sent(text),
        document: other,
        place: place.map(|place| place.value.clone()).unwrap_or_default(),
        field: format!("data.{key}"),
    })
}

impl Content<'_> {
    fn diagnostic(&self, span: template::Span, diagnostic: Diagnostic) -> Diagnostic {
        let whole = location(&self.document.file, self.place.clone());
        diagnostic
            .at(manifest::within(&whole, self.text, span))
            .field(self.field.as_str())
    }
}

/// What is wrong with a field, where it is written.
fn findings(content: &Content<'_>, of: TemplateType, channel: Channel) -> Vec<Diagnostic> {
    let findings = check(content.text, of, channel);
    let told = |finding: template::Finding| {
        let diagnostic = match finding.severity {
            template::Severity::Error => Diagnostic::error(finding.message),
            template::Severity::Warning => Diagnostic::warning(finding.message),
        };
        let diagnostic = match finding.advice {
            Some(advice) => diagnostic.hint(advice),
            None => diagnostic,
        };
        content.diagnostic(finding.span, diagnostic)
    };
    findings.into_iter().map(told).collect()
}
