//! No template aborts, hangs or exhausts: it is refused, and the error names the limit.
//!
//! Each case runs on a thread with a stack far smaller than the program's own threads have.

use std::thread;

use dialtone::template::{
    Channel, Code, Limit, Limits, Rendered, TemplateError, TemplateType, check, render,
};
use serde_json::{Value, json};

/// A quarter of what a worker thread of the program has.
const STACK: usize = 512 << 10;

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new()
        .stack_size(STACK)
        .spawn(work)
        .unwrap();
    thread.join().unwrap()
}

fn rendered(template: String, variables: Value) -> Result<Rendered, TemplateError> {
    on_a_small_stack(move || {
        // What lints a template may not abort either.
        let findings = check(&template, TemplateType::OtpVerify, Channel::Text);
        for finding in findings {
            assert!(template.get(finding.span.start..finding.span.end).is_some());
        }
        let rendered = render(&template, &variables, &Limits::default());
        drop(variables);
        rendered
    })
}

/// Asserts that a template is refused with an error that names the limit.
fn refused(template: String, limit: Limit) {
    refused_with(
        template,
        json!({"a": "x", "list": [1, 2, 3], "map": {"k": 1}}),
        limit,
    );
}

fn refused_with(template: String, variables: Value, limit: Limit) {
    let length = template.len();
    let start: String = template.chars().take(120).collect();
    let rendered = rendered(template, variables);
    let bytes = rendered.as_ref().map(|rendered| rendered.output.len());
    assert!(rendered.is_err(), "{start} renders to {bytes:?} bytes");
    let error = rendered.unwrap_err();
    assert_eq!(error.limit, Some(limit), "{}", error.message);
    assert!(
        error.message.ends_with(&format!("(limit: {limit})")),
        "{}",
        error.message
    );
    assert!(error.span.end <= length);
}

#[test]
fn a_template_of_ten_megabytes_is_refused_before_it_is_read() {
    refused("x".repeat(10 << 20), Limit::Length);
    refused("{% if a %}".repeat(1 << 20), Limit::Length);
}

#[test]
fn nested_tags_are_refused_at_a_depth() {
    for tag in [
        "if a",
        "unless b",
        "for i in list",
        "capture x",
        "case a",
        "block b",
        "tablerow i in list",
    ] {
        let name = tag.split(' ').next().unwrap();
        let (open, close) = (format!("{{% {tag} %}}"), format!("{{% end{name} %}}"));
        refused(open.repeat(1_000) + &close.repeat(1_000), Limit::Nesting);
        refused(open.repeat(1_000), Limit::Nesting);
    }
    refused("{% layout none %}".repeat(1_000), Limit::Nesting);
    refused(
        format!("{{% {} %}}", "liquid ".repeat(1_000)),
        Limit::Nesting,
    );
}

#[test]
fn twenty_thousand_nested_tags_are_refused() {
    let template = "{% if a %}".repeat(20_000) + &"{% endif %}".repeat(20_000);
    refused(template, Limit::Tags);
    refused("{% if a %}".repeat(20_000), Limit::Tags);
}

#[test]
fn nested_brackets_are_refused_at_a_depth() {
    refused(format!("{{{{ {} }}}}", "a[".repeat(20_000)), Limit::Nesting);
    refused(format!("{{{{ {} }}}}", "[".repeat(20_000)), Limit::Nesting);
    refused(format!("{{{{ {}1 }}}}", "(".repeat(20_000)), Limit::Nesting);
    let closed = format!("{{{{ {}1{} }}}}", "a[".repeat(1_000), "]".repeat(1_000));
    refused(closed, Limit::Nesting);
}

#[test]
fn fifty_thousand_operators_are_refused() {
    for operator in [
        " and a",
        " or a",
        " == a",
        " contains a",
        " not",
        " a",
        "[0]",
        ".b",
        " | upcase",
    ] {
        let template = format!("{{{{ a{} }}}}", operator.repeat(50_000));
        refused(template, Limit::Operators);
    }
    refused(
        format!("{{{{ a | append: {} }}}}", "a, ".repeat(50_000)),
        Limit::Operators,
    );
    refused(
        format!("{{% for i in a {} %}}", "limit:1 ".repeat(50_000)),
        Limit::Operators,
    );
    refused(
        format!("{{% cycle {} %}}", "a,".repeat(50_000)),
        Limit::Operators,
    );
    refused(
        format!("{{% case a %}}{{% when {}a %}}", "a or ".repeat(50_000)),
        Limit::Operators,
    );
}

#[test]
fn ranges_of_a_thousand_million_are_refused_before_they_are_made() {
    for range in [
        "(1..1000000000)",
        "(1..99999999999999999999)",
        "(-9999999999999..1)",
        "('1'..'99999999')",
    ] {
        refused(
            format!("{{% for i in {range} %}}x{{% endfor %}}"),
            Limit::Steps,
        );
        refused(format!("{{{{ {range} | size }}}}"), Limit::Steps);
    }
    let nothing = rendered("{{ (nan..nothing) | size }}".to_owned(), Value::Null);
    assert_eq!(nothing.unwrap().output, "0");
}

#[test]
fn loops_are_refused_after_so_many_steps() {
    let nested = "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}";
    refused(nested.to_owned(), Limit::Steps);
    let rows = "{% tablerow i in (1..1000) %}{% tablerow j in (1..1000) %}{% endtablerow %}{% endtablerow %}";
    refused(rows.to_owned(), Limit::Output);
    let lists =
        "{% assign l = (1..1000) %}".to_owned() + &"{% assign l = l | concat: l %}".repeat(30);
    refused(lists, Limit::Steps);
}

#[test]
fn texts_that_double_are_refused_at_a_length() {
    let doubled =
        |double: &str| "{% assign s = 'xxxxxxxxxxxxxxxx' %}".to_owned() + &double.repeat(40);
    refused(doubled("{% assign s = s | append: s %}"), Limit::Text);
    refused(doubled("{% assign s = s | prepend: s %}"), Limit::Text);
    refused(
        doubled("{% assign s = s | replace: 'x', 'xx' %}"),
        Limit::Text,
    );
    refused(doubled("{% assign s = s | replace: '', s %}"), Limit::Text);
    refused(
        doubled("{% capture s %}{{ s }}{{ s }}{% endcapture %}"),
        Limit::Text,
    );
    refused(doubled("{% assign s = list | join: s %}"), Limit::Text);
    refused("{{ 0 | date: '%999999999d' }}".to_owned(), Limit::Text);
    refused("{{ 0 | date: '%999999999N' }}".to_owned(), Limit::Text);
    refused(
        "{{ 0 | date: '%99999999999999999999999d' }}".to_owned(),
        Limit::Text,
    );
}

#[test]
fn a_long_message_is_refused() {
    let long = "{% for i in (1..9000) %}".to_owned() + &"x".repeat(60) + "{% endfor %}";
    refused(long, Limit::Output);
}

#[test]
fn work_on_long_texts_counts_as_steps() {
    let long = "{% assign s = a %}{% for i in (1..20000) %}{% assign t = s | upcase %}{% endfor %}";
    refused_with(
        long.to_owned(),
        json!({"a": "x".repeat(100_000)}),
        Limit::Steps,
    );
    let compared = "{% for i in (1..20000) %}{% if a == b %}{% endif %}{% endfor %}";
    let text = "x".repeat(100_000);
    refused_with(
        compared.to_owned(),
        json!({"a": text.clone(), "b": text}),
        Limit::Steps,
    );
}

#[test]
fn values_that_grow_inwards_are_refused_at_a_depth() {
    let grown = "{% assign l = a | split: '' %}".to_owned()
        + &"{% assign l = l | push: l %}".repeat(60)
        + "{{ l | json }}{{ l }}";
    let error = rendered(grown, json!({"a": ""})).unwrap_err();
    assert!(matches!(
        error.limit,
        Some(Limit::Nesting | Limit::Steps | Limit::Text)
    ));
}

#[test]
fn values_that_only_look_small_do_not_keep_a_render_busy() {
    // Each round doubles what a walk over the value meets, and adds one reference to it.
    let shared = "{% assign l = a | split: '' %}".to_owned()
        + &"{% assign l = l | push: l | push: l %}".repeat(45)
        + "{{ l }}";
    refused_with(shared, json!({"a": ""}), Limit::Steps);
}

#[test]
fn variables_that_are_large_or_deep_are_refused() {
    let mut deep = json!(1);
    for _ in 0..20_000 {
        deep = Value::Array(vec![deep]);
    }
    let stack = on_a_small_stack(move || {
        let refused = render(
            "{{ a }}",
            &json!({"a": 1, "deep": [[1]]}),
            &Limits::default(),
        );
        assert!(refused.is_ok());
        let refused = render("{{ a }}", &deep, &Limits::default()).unwrap_err();
        // serde_json's own values are dropped by recursion: this one is left to the end of the process.
        std::mem::forget(deep);
        refused.limit
    });
    assert_eq!(stack, Some(Limit::Nesting));
    refused_with(
        "x".to_owned(),
        json!({"a": "x".repeat(2 << 20)}),
        Limit::Variables,
    );
}

#[test]
fn every_limit_can_be_lowered_and_holds() {
    let cases = [
        (Limit::Length, "0123456789"),
        (
            Limit::Nesting,
            "{% if a %}{% if a %}{% if a %}{% if a %}{% endif %}{% endif %}{% endif %}{% endif %}",
        ),
        (Limit::Tags, "{{a}}{{a}}{{a}}{{a}}"),
        (Limit::Operators, "{{ a and a }}"),
        (Limit::Steps, "{{ a }}{{ a }}{{ a }}"),
        (Limit::Output, "{{ a }}{{ a }}"),
        (Limit::Text, "{{ a | append: a }}"),
        (Limit::Variables, "{{ a }}"),
    ];
    for (limit, template) in cases {
        let mut limits = Limits::default();
        let place = match limit {
            Limit::Length => &mut limits.length,
            Limit::Nesting => &mut limits.nesting,
            Limit::Tags => &mut limits.tags,
            Limit::Operators => &mut limits.operators,
            Limit::Steps => &mut limits.steps,
            Limit::Output => &mut limits.output,
            Limit::Text => &mut limits.text,
            Limit::Variables => &mut limits.variables,
        };
        *place = 3;
        let error = render(template, &json!({"a": "xx"}), &limits).unwrap_err();
        assert_eq!(error.limit, Some(limit), "{template}: {}", error.message);
        assert!(render(template, &json!({"a": "xx"}), &Limits::default()).is_ok());
    }
}

#[test]
fn a_template_at_its_depth_renders_on_a_small_stack() {
    let deepest = Limits::default().nesting - 1;
    let template = "{% if a %}".repeat(deepest) + "{{ a }}" + &"{% endif %}".repeat(deepest);
    let rendered = rendered(template, json!({"a": "deep"})).unwrap();
    assert_eq!(rendered.output, "deep");
    let brackets = Limits::default().nesting - 1;
    let template = format!(
        "{{{{ {}a{} }}}}",
        "a[".repeat(brackets),
        "]".repeat(brackets)
    );
    assert!(self::rendered(template, json!({"a": "deep"})).is_ok());
}

#[test]
fn a_limit_is_a_finding() {
    let findings = check(
        &"{% if a %}".repeat(200),
        TemplateType::OtpVerify,
        Channel::Text,
    );
    assert_eq!(
        findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>(),
        [Code::Limit]
    );
}
