//! The code of custom providers: what is wrong with it, at its place in the manifest.

use std::collections::BTreeSet;
use std::ops::Range;

use super::at;
use crate::api::{ConfigMapKeyRef, Resource};
use crate::manifest::bundle::{Manifests, Object};
use crate::manifest::diagnostic::{Check, Diagnostic, Location, Severity};
use crate::phone::desire::key_of;
use crate::phone::script::{Remark, check};

/// Where inline code stands.
const CODE: &str = "/spec/custom/action/code";

pub(super) fn script(manifests: &Manifests, object: &Object, found: &mut Vec<Diagnostic>) {
    let Resource::PhoneProvider(provider) = &object.resource else {
        return;
    };
    let Some(action) = provider.spec.own_action() else {
        return;
    };
    let (code, from) = match (&action.code, &action.code_from) {
        (Some(code), _) => (code.as_str(), None),
        (None, Some(reference)) => {
            let namespace = key_of(&object.resource).namespace;
            // That it is missing is told elsewhere.
            let Ok(code) = manifests.references.config_map(&namespace, reference) else {
                return;
            };
            (code, Some(reference))
        }
        (None, None) => return,
    };
    for (index, package) in action.dependencies.iter().flatten().enumerate() {
        if !is_exact(&package.version) {
            let pointer = format!("/spec/custom/action/dependencies/{index}/version");
            let message = "this is not one exact version: what Auth0 builds may change by itself";
            found.push(Diagnostic {
                severity: Severity::Warning,
                ..at(object, &pointer, message)
            });
        }
    }
    let names = action.secrets.as_ref().map(|secrets| {
        let names = secrets.iter().map(|secret| secret.name.as_str());
        names.collect::<BTreeSet<&str>>()
    });
    let checked = check(code, names.as_ref());
    let told = |severity, remark: &Remark| Diagnostic {
        severity,
        check: Check::ActionCode,
        ..match from {
            None => inline(object, code, remark),
            Some(reference) => elsewhere(object, code, reference, remark),
        }
    };
    found.extend(checked.errors.iter().map(|it| told(Severity::Error, it)));
    found.extend(
        checked
            .warnings
            .iter()
            .map(|it| told(Severity::Warning, it)),
    );
}

/// Whether a version of a package is one version, such as `5.0.4` or `2.0.0-rc.1`.
fn is_exact(version: &str) -> bool {
    let (numbers, _) = version
        .find(['-', '+'])
        .map_or((version, ""), |at| version.split_at(at));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split('.').count() == 3 && numbers.split('.').all(number)
}

fn elsewhere(
    object: &Object,
    code: &str,
    reference: &ConfigMapKeyRef,
    remark: &Remark,
) -> Diagnostic {
    let (line, column) = remark.line_column(code);
    let ConfigMapKeyRef { name, key } = reference;
    let message = format!(
        "line {line}, column {column} of key {key} of ConfigMap {name}: {}",
        remark.message
    );
    at(object, "/spec/custom/action/codeFrom", message)
}

fn inline(object: &Object, code: &str, remark: &Remark) -> Diagnostic {
    let place = object.source.location(CODE);
    if let Some(span) = span_in_file(&place, code, remark) {
        let location = Location { span, ..place };
        return at(object, CODE, remark.message.as_str()).at(location);
    }
    let (line, column) = remark.line_column(code);
    let message = format!(
        "line {line}, column {column} of the code: {}",
        remark.message
    );
    at(object, CODE, message)
}

/// The bytes of a file that a remark is about, where the code stands there line by line, as in a block
/// after `|`: each line indented and otherwise as it is.
fn span_in_file(place: &Location, code: &str, remark: &Remark) -> Option<Range<usize>> {
    let (number, _) = remark.line_column(code);
    let line_start = code
        .get(..remark.span.start)?
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line = code.get(line_start..)?.lines().next().unwrap_or_default();
    let first = code.lines().next().unwrap_or_default();
    let text = &place.file.text;
    let begin = text
        .get(..place.span.start)?
        .rfind('\n')
        .map_or(0, |at| at + 1);
    // The header of the block may or may not be a part of the value.
    let below = begin + text.get(begin..)?.find('\n')? + 1;
    [begin, below].into_iter().find_map(|top| {
        let lines = text.get(top..)?.split_inclusive('\n');
        let mut lines = lines.scan(top, |at, written| {
            let start = *at;
            *at += written.len();
            Some((start, written.trim_end_matches(['\n', '\r'])))
        });
        let (_, first_written) = lines.clone().next()?;
        first_written
            .strip_suffix(first)
            .filter(|indent| indent.trim().is_empty())?;
        let (start, written) = lines.nth(number - 1)?;
        let indent = written
            .strip_suffix(line)
            .filter(|indent| indent.trim().is_empty())?;
        let from = start + indent.len() + (remark.span.start - line_start);
        let length = remark.span.len().max(1);
        Some(from..(from + length).min(start + written.len()).max(from))
    })
}
