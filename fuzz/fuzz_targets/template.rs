//! Renders and checks any text. `fuzz/run` runs it.

#![no_main]

#[path = "../../src"]
mod package {
    #[expect(dead_code, unused_imports, reason = "the package uses the rest")]
    pub mod template;
}

use libfuzzer_sys::fuzz_target;
use package::template;
use template::{Channel, Limits, TemplateType, check, render, sample};

fuzz_target!(|template: &str| {
    let template_type = TemplateType::ALL[template.len() % TemplateType::ALL.len()];
    for channel in [Channel::Text, Channel::Voice] {
        for finding in check(template, template_type, channel) {
            assert!(template.get(finding.span.start..finding.span.end).is_some());
        }
    }
    let limits = Limits::default();
    match render(template, &sample::variables(template_type), &limits) {
        Ok(rendered) => assert!(rendered.output.len() <= limits.output),
        Err(error) => assert!(template.get(error.span.start..error.span.end).is_some()),
    }
});
