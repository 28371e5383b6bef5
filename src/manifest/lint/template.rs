//! What is wrong with the words of templates, at the place in the file where they stand.

use super::at;
use crate::api::Resource;
use crate::manifest::bundle::{Manifests, Object};
use crate::manifest::diagnostic::{Check, Diagnostic, Location, Severity};
use crate::manifest::place::within;
use crate::manifest::yaml::escaped;
use crate::phone::desire::{key_of, template_type, words};
use crate::template::{self, check};

/// Checks the words of a template's object.
pub(super) fn check_words(manifests: &Manifests, object: &Object, found: &mut Vec<Diagnostic>) {
    let Resource::PhoneTemplate(template) = &object.resource else {
        return;
    };
    let type_ = template_type(template.spec.type_);
    for words in words(template, &manifests.references) {
        // What is not there has been told already.
        let Ok(source) = words.source else { continue };
        let pointer = format!("/spec/{}", words.field);
        let location = of_config_map(manifests, object, &pointer)
            .unwrap_or_else(|| object.source.location(&pointer));
        for finding in check(&source, type_, words.channel) {
            let severity = match finding.severity {
                template::Severity::Error => Severity::Error,
                template::Severity::Warning => Severity::Warning,
            };
            found.push(Diagnostic {
                severity,
                hint: finding.advice,
                location: Some(within(&location, &source, finding.span)),
                ..at(object, &pointer, finding.message).of(Check::Template)
            });
        }
    }
}

/// Where the words stand that an object takes from a `ConfigMap`.
fn of_config_map(manifests: &Manifests, object: &Object, pointer: &str) -> Option<Location> {
    let refs = object.resource.config_map_refs();
    let (_, reference) = refs.into_iter().find(|(field, _)| *field == pointer)?;
    let place = (key_of(&object.resource).namespace, reference.name.clone());
    let source = manifests.config_maps.get(&place)?;
    Some(source.location(&format!("/data/{}", escaped(&reference.key))))
}
