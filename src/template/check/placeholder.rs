//! Text that looks meant as a variable, and is sent as it stands.

use std::sync::LazyLock;

use regex::Regex;

use crate::template::span::Span;

/// A place that looks meant, and the name in it.
pub struct Placeholder<'t> {
    pub span: Span,
    pub text: &'t str,
    pub name: &'t str,
}

/// The forms that other programs and older Auth0 messages have. Built once; a pattern that is wrong finds
/// nothing, which the tests would tell.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"@@\s*([A-Za-z_][\w.]*)\s*@@",
        r"|[@$#%]?\{\s*([A-Za-z_][\w.]*)\s*\}",
        r"|<%=?\s*([A-Za-z_][\w.]*)\s*%>",
        r"|##([A-Za-z_]\w*)##",
        r"|\[\[\s*([A-Za-z_][\w.]*)\s*\]\]",
        r"|\{\s*%\s*([A-Za-z_]\w*)[^%}]*%\s*\}",
    ))
    .ok()
});

/// The placeholders in a span of a template.
pub fn placeholders(source: &str, span: Span) -> Vec<Placeholder<'_>> {
    let Some(forms) = &*FORMS else {
        return Vec::new();
    };
    let text = span.text(source);
    forms
        .captures_iter(text)
        .filter_map(|captures| {
            let whole = captures.get(0)?;
            let name = captures.iter().skip(1).flatten().next()?;
            Some(Placeholder {
                span: Span::new(span.start + whole.start(), span.start + whole.end()),
                text: whole.as_str(),
                name: name.as_str(),
            })
        })
        .collect()
}
