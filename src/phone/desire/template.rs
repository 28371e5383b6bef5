//! What a template's object wants: its words, wherever they are, and what is wrong with them.

use super::{References, claim, conflict, key, reject};
use crate::api::{ConfigMapKeyRef, Kind, PhoneTemplate, PhoneTemplateType, Reason};
use crate::phone::action::ObjectKey;
use crate::phone::desired::{DesiredTemplate, Rejection};
use crate::phone::observed::TemplateContent;
use crate::phone::secret::{Fingerprint, FingerprintKey, Secret};
use crate::template::{Channel, Finding, Severity, TemplateType, check};

/// The label of fingerprints of what templates say.
const CONTENT: &str = "template/content";

/// What a template's object wants.
pub(super) fn template(
    object: &PhoneTemplate,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Result<DesiredTemplate, Rejection> {
    let owner = key(Kind::PhoneTemplate, &object.metadata);
    let status = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    let type_ = template_type(spec.type_);
    // What is being removed needs nothing but its type: its ConfigMap may be gone before it.
    let leaving = object.metadata.deletion_timestamp.is_some();
    let all = words(object, references);
    let (mut content, mut errors, mut warnings) = (TemplateContent::default(), vec![], vec![]);
    content.from.clone_from(&spec.from);
    for words in all.into_iter().filter(|_| !leaving) {
        let source = words.source.map_err(|(reason, message)| {
            reject(
                &owner,
                reason,
                message,
                Some(&format!("spec.{}", words.field)),
            )
        })?;
        for finding in check(&source, type_, words.channel) {
            let told = told(&finding, &source, words.channel);
            match finding.severity {
                Severity::Error => errors.push(told),
                Severity::Warning => warnings.push(told),
            }
        }
        match words.channel {
            Channel::Text => content.text = Some(source),
            Channel::Voice => content.voice = Some(source),
        }
    }
    let fingerprint = fingerprint(&content, fingerprints);
    let mut claim = claim(
        owner,
        &object.metadata,
        &status.conditions,
        status.observed_generation,
        spec.adopt,
        (status.id, status.creating),
    );
    // New words in a ConfigMap do not change the object, and are no drift either.
    claim.settled &= status.content_fingerprint.as_deref() == Some(fingerprint.as_str());
    Ok(DesiredTemplate {
        claim,
        type_,
        enabled: spec.enabled,
        content,
        fingerprint,
        errors,
        warnings,
    })
}

/// A tenant has one template of a type: the older object has it.
pub(super) fn claim_type(
    templates: &mut Vec<DesiredTemplate>,
    wanted: DesiredTemplate,
    owner: &ObjectKey,
) -> Option<Rejection> {
    if let Some(first) = templates.iter().find(|item| item.type_ == wanted.type_) {
        return Some(conflict(owner, &first.claim.owner));
    }
    templates.push(wanted);
    None
}

/// What one channel of a template's object says.
#[derive(Clone, Debug)]
pub struct Words {
    /// The channel.
    pub channel: Channel,
    /// The field of the spec that has or names it.
    pub field: &'static str,
    /// The Liquid, without line breaks at its end; or why it is not there.
    pub source: Result<String, (Reason, String)>,
}

/// What a template's object says by each channel that it owns.
#[must_use]
pub fn words(object: &PhoneTemplate, references: &References) -> Vec<Words> {
    let spec = &object.spec;
    let namespace = key(Kind::PhoneTemplate, &object.metadata).namespace;
    let read = |reference: &ConfigMapKeyRef| {
        let text = references.config_map(&namespace, reference);
        text.map(without_line_break)
    };
    let inline = |text: &String| Ok(without_line_break(text));
    let all = [
        (Channel::Text, "text", spec.text.as_ref().map(inline)),
        (Channel::Text, "textFrom", spec.text_from.as_ref().map(read)),
        (Channel::Voice, "voice", spec.voice.as_ref().map(inline)),
        (
            Channel::Voice,
            "voiceFrom",
            spec.voice_from.as_ref().map(read),
        ),
    ];
    let owned = all.into_iter().filter_map(|(channel, field, source)| {
        let source = source?;
        Some(Words {
            channel,
            field,
            source,
        })
    });
    owned.collect()
}

/// The sort of message that a spec names.
#[must_use]
pub const fn template_type(type_: PhoneTemplateType) -> TemplateType {
    match type_ {
        PhoneTemplateType::OtpVerify => TemplateType::OtpVerify,
        PhoneTemplateType::OtpEnroll => TemplateType::OtpEnroll,
        PhoneTemplateType::ChangePassword => TemplateType::ChangePassword,
        PhoneTemplateType::BlockedAccount => TemplateType::BlockedAccount,
        PhoneTemplateType::PasswordBreach => TemplateType::PasswordBreach,
    }
}

/// Every editor ends a file with a line break, and every block of YAML: nobody means to send it.
fn without_line_break(text: &str) -> String {
    text.trim_end_matches(['\r', '\n']).to_owned()
}

fn told(finding: &Finding, source: &str, channel: Channel) -> String {
    let (line, column) = finding.span.line_column(source);
    let channel = match channel {
        Channel::Text => "text",
        Channel::Voice => "voice",
    };
    let advice = finding.advice.as_ref();
    let advice = advice
        .map(|advice| format!(" ({advice})"))
        .unwrap_or_default();
    format!("{channel}:{line}:{column}: {}{advice}", finding.message)
}

fn fingerprint(content: &TemplateContent, key: &FingerprintKey) -> Fingerprint {
    let parts = [&content.from, &content.text, &content.voice];
    // Its JSON form keeps the parts apart.
    let whole = serde_json::to_string(&parts).unwrap_or_default();
    key.fingerprint(CONTENT, &Secret::new(whole))
}
