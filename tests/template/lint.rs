//! What is found in templates that render, or do not.

use dialtone::template::{Channel, Code, Finding, Severity, TemplateType, check};

use Channel::{Text, Voice};
use TemplateType::{BlockedAccount, ChangePassword, OtpEnroll, OtpVerify, PasswordBreach};

fn findings(template: &str, of: TemplateType, channel: Channel) -> Vec<Finding> {
    check(template, of, channel)
}

/// Codes of the findings, each with the text that it points at.
fn found(template: &str, of: TemplateType, channel: Channel) -> Vec<(Code, &str)> {
    let findings = findings(template, of, channel);
    let shown = |finding: &Finding| {
        (
            finding.code,
            &template[finding.span.start..finding.span.end],
        )
    };
    findings.iter().map(shown).collect()
}

/// The only finding.
fn only(template: &str, of: TemplateType, channel: Channel) -> Finding {
    let mut findings = findings(template, of, channel);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

#[test]
fn auth0s_own_templates_have_no_error() {
    let verify = "{{ code | escape }} is your verification code for {{ friendly_name | escape }}";
    let enroll = format!("{verify}. Please enter this code to verify your enrollment.");
    let change = verify.replace("verification", "password change");
    let voice = "Hello. Your verification code for {{ friendly_name | escape }} is {{ pause }} \
                 {{ code | escape }}. I repeat, your verification code is {{ pause }} {{ code | escape }}";
    for (template, of, channel) in [
        (verify, OtpVerify, Text),
        (enroll.as_str(), OtpEnroll, Text),
        (change.as_str(), ChangePassword, Text),
        (voice, OtpVerify, Voice),
        (voice, OtpEnroll, Voice),
        (voice, ChangePassword, Voice),
    ] {
        assert_eq!(findings(template, of, channel), []);
    }
    let blocked = "We detected suspicious activity on your account from the ip {{user.source_ip}}\
                   {% if user.city %} from {{user.city}}, {{user.country}}{% elsif user.country %} from \
                   {{user.country}}{% endif %}. Logins from this IP have been blocked on your account. If this \
                   is your IP, please reset your password to unblock your account. Otherwise, disregard this \
                   message.";
    assert_eq!(findings(blocked, BlockedAccount, Voice), []);
    // It is longer than one segment, which is all that is to be said of it.
    assert_eq!(only(blocked, BlockedAccount, Text).code, Code::Segments);
}

#[test]
fn broken_syntax_is_an_error_with_its_place() {
    let template = "Your code:\n{% if code %}{{ code }}";
    let finding = only(template, OtpVerify, Text);
    assert_eq!(
        (finding.severity, finding.code),
        (Severity::Error, Code::Syntax)
    );
    assert_eq!(finding.span.line_column(template), (2, 1));
    assert_eq!(
        finding.message,
        "tag \"{% if code %}\" not closed: {% endif %} is missing"
    );
    for (template, place, message) in [
        ("é {{ code", (1, 3), "output \"{{ code\" not closed"),
        ("{% frobnicate %}", (1, 1), "there is no tag \"frobnicate\""),
        ("a\nb {% endif %}", (2, 3), "{% endif %} closes no tag"),
        ("{{ }}", (1, 4), "expected a value, found \"\""),
        (
            "{{ code | }}{{ code | | x }}",
            (1, 23),
            "expected a filter's name, found \"| x\"",
        ),
        (
            "{{ code append }}{{ code = 1 }}",
            (1, 26),
            "expected \"|\" before a filter, found \"= 1\"",
        ),
        ("{{ a[0 }}", (1, 5), "\"[\" is not closed"),
        (
            "{% for x of y %}{% endfor %}",
            (1, 1),
            "a loop is written {% for item in list %}",
        ),
    ] {
        let finding = only(template, OtpVerify, Text);
        assert_eq!(finding.code, Code::Syntax, "{template}");
        assert_eq!(finding.message, message);
        assert_eq!(finding.span.line_column(template), place, "{template}");
    }
}

#[test]
fn unknown_filters_are_found_and_undocumented_ones_told_apart() {
    let template = "{{ code | shout | upcase | push: 1 | group_by: 'a' }}";
    assert_eq!(
        found(template, OtpVerify, Voice)[..3],
        [
            (Code::UnknownFilter, "shout "),
            (Code::Undocumented, "push: 1 "),
            (Code::Undocumented, "group_by: 'a'"),
        ]
    );
}

#[test]
fn a_variable_that_auth0_does_not_offer_is_found() {
    let template = "{{ code }} {{ user.frist_name }}{% if nobody %}{% endif %}{{ user['mail'] }}";
    let expected = [
        (Code::UnknownVariable, "user.frist_name"),
        (Code::UnknownVariable, "nobody"),
        (Code::UnknownVariable, "user['mail']"),
    ];
    assert_eq!(found(template, OtpVerify, Text), expected);
    for (variable, advice) in [
        (
            "tenant.friendly_name",
            "tenant is a text here; the name of the tenant is {{ friendly_name }}",
        ),
        ("password", "the one-time code is {{ code }}"),
        ("requestInfo.lang", "the language is {{ locale }}"),
        ("email", "a user's own is {{ user.email }}"),
        ("freindly_name", "{{ friendly_name }} is meant?"),
        ("user.given_nam", "{{ user.given_name }} is meant?"),
        (
            "organization.branding.color.primary",
            "{{ organization.branding.colors.primary }} is meant?",
        ),
    ] {
        let finding = only(
            &format!("{{{{ code }}}} {{{{ {variable} }}}}"),
            OtpVerify,
            Text,
        );
        assert_eq!(finding.code, Code::UnknownVariable);
        assert_eq!(finding.advice.as_deref(), Some(advice), "{variable}");
    }
}

#[test]
fn what_a_template_names_itself_is_known() {
    let template = "{% assign a = code %}{% capture b %}x{% endcapture %}{% for c in user.multifactor %}\
                    {{ c }}{{ forloop.index }}{% endfor %}{{ a }}{{ b }}{{ code }}{{ user.user_metadata.any.thing }}\
                    {{ application.client_metadata['x'] }}{{ friendly_name.size }}{{ user.multifactor[0] }}";
    assert_eq!(found(template, OtpVerify, Text), []);
    // A loop's names end with it.
    let template =
        "{{ code }}{% for c in user.multifactor %}{% endfor %}{{ c }}{{ forloop.index }}";
    let expected = [
        (Code::UnknownVariable, "c"),
        (Code::UnknownVariable, "forloop.index"),
    ];
    assert_eq!(found(template, OtpVerify, Text), expected);
}

#[test]
fn a_variable_of_another_type_or_channel_is_found() {
    let finding = only("Code {{ code }}", BlockedAccount, Text);
    assert_eq!(
        (finding.severity, finding.code),
        (Severity::Error, Code::UnavailableVariable)
    );
    assert_eq!(
        finding.message,
        "code is empty in text messages of blocked_account: a notice of a blocked account carries no code"
    );
    let finding = only("Code {{ code }}", PasswordBreach, Text);
    assert_eq!(
        (finding.severity, finding.code),
        (Severity::Warning, Code::UnavailableVariable)
    );
    assert_eq!(
        found("{{ pause }}{{ code }}", OtpVerify, Text),
        [(Code::UnavailableVariable, "pause")]
    );
    assert_eq!(found("{{ pause }}{{ code }}", OtpVerify, Voice), []);
}

#[test]
fn a_message_without_its_code_is_an_error() {
    for of in [OtpVerify, OtpEnroll, ChangePassword] {
        for template in [
            "Your code is on its way",
            "{% if code %}Your code{% endif %}",
            "{% comment %}{{ code }}{% endcomment %}x",
            "{% raw %}{{ code }}{% endraw %}",
            "{{ code == '1' }}",
        ] {
            let finding = only(template, of, Voice);
            assert_eq!(
                (finding.severity, finding.code),
                (Severity::Error, Code::MissingCode),
                "{template}"
            );
        }
    }
    for template in [
        "{{ code }}",
        "{% assign c = code | split: '' %}{% for d in c %}{{ d }} {% endfor %}",
        "{{ 'Code: ' | append: code }}",
        "{% if locale == 'fr' %}Code {{ code }}{% else %}{{ code }}{% endif %}",
        "{% echo code %}",
    ] {
        assert_eq!(found(template, OtpVerify, Voice), [], "{template}");
    }
    assert_eq!(
        findings("Your account is blocked", BlockedAccount, Text),
        []
    );
}

#[test]
fn text_that_looks_meant_is_found() {
    for placeholder in [
        "@{code}",
        "@@password@@",
        "{code}",
        "${code}",
        "<%= code %>",
        "[[code]]",
        "##code##",
    ] {
        let template = format!("{{{{ code }}}} or {placeholder}");
        let finding = only(&template, OtpVerify, Voice);
        assert_eq!(finding.code, Code::LiteralPlaceholder);
        assert_eq!(&template[finding.span.start..finding.span.end], placeholder);
        assert_eq!(
            finding.advice.as_deref(),
            Some("write {{ code }} if the variable is meant")
        );
    }
    for text in [
        "{ 5 }",
        "{}",
        "a { b",
        "100%",
        "me@acme.example",
        "@@",
        "[x]",
        "{% raw %}{code}{% endraw %}",
    ] {
        assert_eq!(
            found(&format!("{{{{ code }}}} {text}"), OtpVerify, Voice),
            [],
            "{text}"
        );
    }
    let codes: Vec<Code> = findings("@{code}", OtpVerify, Text)
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(codes, [Code::MissingCode, Code::LiteralPlaceholder]);
}

#[test]
fn a_message_of_more_than_one_segment_is_found() {
    let template = format!("{{{{ code }}}}{}", "x".repeat(155));
    let finding = only(&template, OtpVerify, Text);
    assert_eq!(
        (finding.severity, finding.code),
        (Severity::Warning, Code::Segments)
    );
    assert_eq!(
        finding.message,
        "with sample variables the message is 161 characters in GSM-7: 2 segments, each of which is charged"
    );
    assert_eq!(found(&template[..template.len() - 1], OtpVerify, Text), []);
    assert_eq!(found(&template, OtpVerify, Voice), []);
}

#[test]
fn a_character_that_makes_a_message_dear_is_found_with_its_replacement() {
    let template = format!("{{{{ code }}}} – it’s yours{}", "x".repeat(60));
    let findings = findings(&template, OtpVerify, Text);
    assert_eq!(findings[1].code, Code::Encoding);
    assert_eq!(&template[findings[1].span.start..findings[1].span.end], "–");
    assert_eq!(
        findings[1].advice.as_deref(),
        Some("replace `–` by \"-\", `’` by \"'\": that makes 1 segment instead of 2")
    );
    let finding = only("{{ code }} código", OtpVerify, Text);
    assert_eq!(finding.code, Code::Encoding);
    assert_eq!(
        finding.message,
        "`ó` is not in the 7-bit alphabet, and forces the whole message to UCS-2"
    );
    // In another alphabet there is nothing to replace, and é is in this one.
    assert_eq!(found("{{ code }} ваш код", OtpVerify, Text), []);
    assert_eq!(found("{{ code }} é è ñ ü ß", OtpVerify, Text), []);
}

#[test]
fn a_template_that_fails_when_sent_is_an_error() {
    let template = "{{ code }}{{ '%zz' | url_decode }}";
    let finding = only(template, OtpVerify, Text);
    assert_eq!(
        (finding.severity, finding.code),
        (Severity::Error, Code::Render)
    );
    let template = "{{ code }}{% include 'footer' %}";
    assert_eq!(
        found(template, OtpVerify, Text),
        [(Code::Partial, "{% include 'footer' %}")]
    );
}

#[test]
fn a_template_that_auth0_refuses_for_its_length_is_an_error() {
    let long = format!("{{{{ code }}}}{}", "é".repeat(20_000));
    assert_eq!(findings(&long, OtpVerify, Voice)[0].code, Code::Length);
    let longest = format!("{{{{ code }}}}{}", "é".repeat(20_000 - 10));
    assert_eq!(findings(&longest, OtpVerify, Voice), []);
    let empty: Vec<Code> = findings("", OtpVerify, Text)
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(empty, [Code::Length, Code::MissingCode]);
}
