//! What is wrong with a template, or probably not meant.

mod cost;
mod placeholder;
mod variable;

use super::ast::Body;
use super::error::TemplateError;
use super::limit::{Limit, Limits};
use super::reference::{References, UsedFilter, Variable, references};
use super::span::Span;
use super::{Channel, TemplateType, filter, parse, render, sample};
use variable::Known;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No message can be sent, or a useless one.
    Error,
    /// A message is sent that probably is not what is meant, or costs more than it has to.
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

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The template is not Liquid; a tag that there is not is one reason.
    Syntax,
    /// The template is longer than Auth0 takes (20,000 characters), or empty.
    Length,
    /// A limit of this program.
    Limit,
    /// A filter that LiquidJS does not have: the value is printed unfiltered.
    UnknownFilter,
    /// A filter that LiquidJS has and Auth0 does not list.
    Undocumented,
    /// A tag that needs a file of templates, which there is none of.
    Partial,
    /// A variable that Auth0 does not offer.
    UnknownVariable,
    /// A variable that Auth0 offers, but not to this type or channel.
    UnavailableVariable,
    /// The message is useless without `{{ code }}`.
    MissingCode,
    /// Text that looks meant as a variable and is sent as it stands.
    LiteralPlaceholder,
    /// The template fails with the sample variables.
    Render,
    /// The message needs more than one SMS segment.
    Segments,
    /// A few characters keep the message from the 7-bit alphabet.
    Encoding,
}

impl Code {
    /// The name of the rule: `unknown-variable`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Length => "length",
            Self::Limit => "limit",
            Self::UnknownFilter => "unknown-filter",
            Self::Undocumented => "undocumented",
            Self::Partial => "partial",
            Self::UnknownVariable => "unknown-variable",
            Self::UnavailableVariable => "unavailable-variable",
            Self::MissingCode => "missing-code",
            Self::LiteralPlaceholder => "literal-placeholder",
            Self::Render => "render",
            Self::Segments => "segments",
            Self::Encoding => "encoding",
        }
    }
}

/// One thing that is wrong, or probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub code: Code,
    /// Where in the template; the whole of it where no place is to blame.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
}

/// The most characters that Auth0 takes (§4.1).
pub const LONGEST: usize = 20_000;

impl Code {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::Syntax,
        Self::Length,
        Self::Limit,
        Self::UnknownFilter,
        Self::Undocumented,
        Self::Partial,
        Self::UnknownVariable,
        Self::UnavailableVariable,
        Self::MissingCode,
        Self::LiteralPlaceholder,
        Self::Render,
        Self::Segments,
        Self::Encoding,
    ];
}

/// Finds what is wrong with a template of this type, in the order of the text.
#[must_use]
pub fn check(source: &str, template_type: TemplateType, channel: Channel) -> Vec<Finding> {
    let limits = Limits::default();
    let mut findings = length(source);
    let body = match parse::parse(source, &limits) {
        Ok(body) => body,
        Err(error) => {
            findings.push(broken(error));
            return findings;
        }
    };
    let checker = Checker {
        source,
        template_type,
        channel,
    };
    let found = references(&body);
    findings.extend(
        found
            .variables
            .iter()
            .filter_map(|variable| checker.variable(variable)),
    );
    findings.extend(found.filters.iter().filter_map(used_filter));
    findings.extend(found.partials.iter().map(|span| partial(*span)));
    findings.extend(
        found
            .texts
            .iter()
            .flat_map(|span| checker.placeholders(*span)),
    );
    findings.extend(checker.missing_code(&found));
    findings.extend(checker.sample(&body, &found.partials, &limits));
    findings.sort_by_key(|finding| (finding.span.start, finding.code));
    findings
}

fn length(source: &str) -> Vec<Finding> {
    let characters = source.chars().count();
    let message = match characters {
        0 => "the template is empty, which Auth0 refuses".to_owned(),
        1..=LONGEST => return Vec::new(),
        _ => format!("the template has {characters} characters, and Auth0 takes {LONGEST}"),
    };
    vec![Finding {
        severity: Severity::Error,
        code: Code::Length,
        span: Span::new(0, source.len()),
        message,
        advice: None,
    }]
}

fn broken(error: TemplateError) -> Finding {
    let advice = match error.limit {
        Some(Limit::Variables) | None => None,
        Some(_) => Some("Auth0 may render it; this program does not, to stay safe".to_owned()),
    };
    Finding {
        severity: Severity::Error,
        code: match (error.limit, error.kind) {
            (Some(_), _) => Code::Limit,
            (None, super::ErrorKind::Parse) => Code::Syntax,
            (None, super::ErrorKind::Render) => Code::Render,
        },
        span: error.span,
        message: error.message,
        advice,
    }
}

fn used_filter(used: &UsedFilter) -> Option<Finding> {
    let name = used.name.as_str();
    if filter::DOCUMENTED.contains(&name) {
        return None;
    }
    let known = filter::UNDOCUMENTED.contains(&name) || filter::NOT_SHOWN.contains(&name);
    let (code, message) = if known {
        let message = format!("Auth0 does not list the filter \"{name}\", which LiquidJS has");
        (Code::Undocumented, message)
    } else {
        let message = format!("there is no filter \"{name}\": the value is printed unfiltered");
        (Code::UnknownFilter, message)
    };
    Some(Finding {
        severity: Severity::Warning,
        code,
        span: used.span,
        message,
        advice: None,
    })
}

fn partial(span: Span) -> Finding {
    Finding {
        severity: Severity::Error,
        code: Code::Partial,
        span,
        message: "the tag needs another template, and a phone template has none beside it"
            .to_owned(),
        advice: Some("write the text into this template".to_owned()),
    }
}

struct Checker<'c> {
    source: &'c str,
    template_type: TemplateType,
    channel: Channel,
}

impl Checker<'_> {
    fn variable(&self, variable: &Variable) -> Option<Finding> {
        let names: Vec<&str> = variable.names.iter().map(|name| &**name).collect();
        let name = names.join(".");
        let (severity, code, message, advice) =
            match variable::known(&names, self.template_type, self.channel) {
                Known::Offered => return None,
                Known::Elsewhere(why) | Known::Doubtful(why) => {
                    let useless = names.first() == Some(&"code") && variable.printed;
                    let sure = self.template_type == TemplateType::BlockedAccount;
                    let severity = if useless && sure {
                        Severity::Error
                    } else {
                        Severity::Warning
                    };
                    let message = format!("{name} is empty in {}: {why}", self.place());
                    (severity, Code::UnavailableVariable, message, None)
                }
                Known::Unknown => {
                    let message = format!("Auth0 offers no variable {name}: it prints nothing");
                    let advice = variable::meant(&names);
                    (Severity::Warning, Code::UnknownVariable, message, advice)
                }
            };
        Some(Finding {
            severity,
            code,
            span: variable.span,
            message,
            advice,
        })
    }

    fn place(&self) -> String {
        let channel = match self.channel {
            Channel::Text => "text messages",
            Channel::Voice => "calls",
        };
        format!("{channel} of {}", self.template_type)
    }

    fn placeholders(&self, span: Span) -> Vec<Finding> {
        let found = placeholder::placeholders(self.source, span);
        let finding = |placeholder: placeholder::Placeholder<'_>| {
            let name = match placeholder.name {
                "password" => "code",
                name => name,
            };
            Finding {
                severity: Severity::Warning,
                code: Code::LiteralPlaceholder,
                span: placeholder.span,
                message: format!(
                    "{} is not Liquid, and is sent as it stands",
                    placeholder.text
                ),
                advice: Some(format!("write {{{{ {name} }}}} if the variable is meant")),
            }
        };
        found.into_iter().map(finding).collect()
    }

    fn missing_code(&self, found: &References) -> Option<Finding> {
        let is_code =
            |variable: &Variable| variable.printed && variable.names[..] == ["code".into()];
        if !self.template_type.carries_code() || found.variables.iter().any(is_code) {
            return None;
        }
        Some(Finding {
            severity: Severity::Error,
            code: Code::MissingCode,
            span: Span::new(0, self.source.len()),
            message: format!(
                "{} need the one-time code, and the template prints none",
                self.place()
            ),
            advice: Some("write {{ code }} where it belongs".to_owned()),
        })
    }

    /// What shows only in a rendered message.
    fn sample(&self, body: &Body, partials: &[Span], limits: &Limits) -> Vec<Finding> {
        let variables = sample::variables(self.template_type);
        match render::render(self.source, body, &variables, limits) {
            // The tag itself has been told of.
            Err(error) if partials.contains(&error.span) => Vec::new(),
            Err(error) => vec![broken(error)],
            Ok(rendered) if self.channel == Channel::Text => {
                cost::findings(self.source, &rendered.output)
            }
            Ok(_) => Vec::new(),
        }
    }
}
