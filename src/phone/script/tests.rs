use std::collections::BTreeSet;
use std::thread;

use proptest::prelude::*;

use super::*;

fn errors(code: &str) -> Vec<String> {
    told(code, &check(code, None).errors)
}

fn warnings(code: &str, secrets: &[&str]) -> Vec<String> {
    let secrets: BTreeSet<&str> = secrets.iter().copied().collect();
    let checked = check(code, Some(&secrets));
    assert_eq!(checked.errors, [], "{code}");
    told(code, &checked.warnings)
}

fn told(code: &str, remarks: &[Remark]) -> Vec<String> {
    let line = |remark: &Remark| {
        let (line, column) = remark.line_column(code);
        format!("{line}:{column}: {}", remark.message)
    };
    remarks.iter().map(line).collect()
}

fn handler(body: &str) -> String {
    format!("exports.{HANDLER} = async (event, api) => {{\n{body}\n}};\n")
}

#[test]
fn every_way_to_export_the_handler_is_known() {
    for code in [
        "exports.H = async (event, api) => {};",
        "exports['H'] = async function (event, api) {};",
        "module.exports.H = async (event, api) => {};",
        "module.exports = { H: async (event, api) => {} };",
        "const H = async (event, api) => {}; module.exports = { H };",
        "module.exports = { async H(event, api) {} };",
        "module.exports = { ...require('./sender') };",
        "exports.onExecute = exports.H = async () => {};",
        "export const H = async (event, api) => {};",
        "export async function H(event, api) {}",
        "async function H(event, api) {}\nexport { H };",
        "import x from 'x';\nexport const H = async (event) => { await x(event); };",
        "#!/usr/bin/env node\n'use strict';\nexports.H = () => {};",
    ] {
        let code = code
            .replace('H', HANDLER)
            .replace(&format!("t{HANDLER}"), "tH");
        assert_eq!(errors(&code), [] as [&str; 0], "{code}");
    }
}

#[test]
fn code_without_the_handler_is_an_error() {
    for code in [
        "",
        "/** no-op */",
        "exports.onExecuteSendPhoneMessage = async () => {};",
        "const onExecuteCustomPhoneProvider = async () => {};",
        "exports.handlers = { onExecuteCustomPhoneProvider() {} };",
    ] {
        let told = errors(code);
        assert_eq!(told.len(), 1, "{code}");
        assert!(
            told[0].starts_with("1:1: the code does not export"),
            "{told:?}"
        );
    }
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let rows = [
        ("const a = ;", "2:11: Unexpected token"),
        ("fetch(1", "3:1: Expected `,` or `)` but found `}`"),
        ("foo(,);", "2:5: Unexpected token"),
        ("const s = 'it's';", "2:16: this string does not end"),
        ("x = `${1`;", "2:10: this template does not end"),
        ("/* x", "2:1: this comment does not end"),
        ("return /x", "2:8: this regular expression does not end"),
        (
            "let x = 1 1;",
            "2:10: Expected a semicolon or an implicit semicolon",
        ),
    ];
    for (body, wanted) in rows {
        let told = errors(&handler(body));
        assert!(
            told.first().is_some_and(|first| first.starts_with(wanted)),
            "{body}: {told:?}"
        );
    }
    assert_eq!(
        errors(&"x".repeat(LONGEST + 1))[0],
        "1:1: the code has 100001 bytes; Auth0 takes 100000"
    );
}

#[test]
fn a_module_is_told_its_own_mistakes() {
    let told = errors("import a from 'a';\nexport const b = ;\n");
    assert_eq!(told, ["2:18: Unexpected token"]);
}

#[test]
fn a_secret_that_is_not_declared_is_told_however_it_is_read() {
    for read in [
        "event.secrets.KEY",
        "event.secrets['KEY']",
        "event?.secrets?.KEY",
        "const { KEY } = event.secrets",
        "const { KEY: key = 1 } = event.secrets",
        "const { secrets } = event; secrets.KEY",
        "const s = event.secrets; s.KEY",
        "const { secrets: { KEY } } = event",
    ] {
        let code = handler(read);
        let wanted = "secrets has no KEY, so event.secrets.KEY is undefined";
        let told = warnings(&code, &["OTHER"]);
        assert!(
            told.len() == 1 && told[0].ends_with(wanted),
            "{read}: {told:?}"
        );
        assert_eq!(warnings(&code, &["KEY"]), [] as [&str; 0], "{read}");
        assert_eq!(check(&code, None).warnings, [], "{read}");
    }
    let renamed = format!("exports.{HANDLER} = (e) => e.secrets.KEY;");
    assert_eq!(warnings(&renamed, &[]).len(), 1);
    let apart = format!("exports.{HANDLER} = ({{ secrets }}) => secrets.KEY;");
    assert_eq!(warnings(&apart, &[]).len(), 1);
}

#[test]
fn only_fields_that_a_notification_has_are_read_in_silence() {
    for field in NOTIFICATION {
        let body = format!("event.notification.{field}");
        assert_eq!(warnings(&handler(&body), &[]), [] as [&str; 0]);
    }
    let told = warnings(&handler("  fetch(event.notification.text);"), &[]);
    assert_eq!(
        told,
        [
            "2:9: event.notification has no text; it has as_text, as_voice, code, delivery_method, \
          from, locale, message_type, recipient"
        ]
    );
    let written = handler("event.notification.mine = 1; other.notification.text;");
    assert_eq!(warnings(&written, &[]), [] as [&str; 0]);
}

/// Runs on a stack of this many bytes, and gives what came of it.
fn on_stack<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(bytes);
    thread.spawn(work).unwrap().join().unwrap()
}

/// Pieces that nest: what a parser that recurses calls itself for.
const PIECES: &[&str] = &[
    "(",
    "[",
    "{",
    "!",
    "~",
    "-",
    "+",
    "a=",
    "a=>",
    "(a,",
    "(a=",
    "({a=",
    "({a:",
    "{a:",
    "a:",
    "a?b:",
    "if(a)",
    "if(a){}else ",
    "if(a)b;else ",
    "do ",
    "do;while(a);",
    "for(;;)",
    "while(a)",
    "with(a)",
    "try{",
    "switch(a){case b:",
    "new ",
    "new a(",
    "await ",
    "typeof ",
    "yield ",
    "void ",
    "delete ",
    "async(",
    "async a=>",
    "(async()=>{",
    "x(y=>{",
    "function a(){",
    "function*a(){",
    "class a{",
    "class extends ",
    "class{a=",
    "{get a(){",
    "`${",
    "a`${",
    "a**",
    "a||b&&c|d^e&f==g<h<<i+j*k**(",
    "[...",
    "({...",
    "import(",
    "a+",
    "a.b",
    "a?.b",
    "a[",
    ",",
    ";",
    "\n",
    "}",
    ")",
    "]",
    "a",
    "1",
    "'('",
    "\"[\"",
    "/(/",
    "/[/]/",
    "} /",
    "//(\n",
    "/*(*/",
    "<!--",
    "a++ /",
    "++/",
    "yield /",
    "}/a/",
    "}/)/",
    "a/",
    ")/)/",
    "else ",
    "let ",
    "let=",
    "case ",
    "static{",
    "#a",
    "a\u{a0}/",
    "return/)/",
    "\\u0061",
    "\u{2028}",
];

#[test]
fn only_answers_that_there_are_are_given_in_silence() {
    let body = "api.notification.drop('no'); api.notification.retry('later'); api.cache.get('k');";
    assert_eq!(warnings(&handler(body), &[]), Vec::<String>::new());
    let expected = "api.notification has no send; it has drop and retry. Returning means that the \
                    message is sent";
    let told = |place: &str| vec![format!("{place}: {expected}")];
    assert_eq!(
        warnings(&handler("api.notification.send()"), &[]),
        told("2:1")
    );
    let renamed = format!("exports.{HANDLER} = (e, {{ notification }}) => notification.send();");
    assert_eq!(warnings(&renamed, &[]), told("1:65"));
    let other = format!("exports.{HANDLER} = (e, answer) => answer.notification.send();");
    assert_eq!(warnings(&other, &[]), told("1:55"));
}

#[test]
fn a_hundred_kilobytes_of_brackets_do_not_overflow_the_stack() {
    for piece in PIECES {
        let code = piece.repeat(LONGEST / piece.len());
        on_stack(1 << 20, move || check(&code, None));
    }
    let deep = check(&"(".repeat(LONGEST), None).errors;
    assert_eq!(
        deep[0].message,
        "the code is nested more than 120 levels deep"
    );
}

#[test]
fn what_is_as_deep_as_it_may_be_is_parsed_on_a_small_stack() {
    for piece in PIECES {
        for times in [20, 40, 60, 100, 119, 200] {
            let code = piece.repeat(times);
            on_stack(1 << 20, move || check(&code, None));
        }
    }
}

#[test]
fn ordinary_code_is_not_too_deep() {
    let long =
        (0..400).map(|at| format!("const a{at} = b === {at} ? {{ c: [d({at}, !e)] }} : -f\n"));
    let chain = (0..100).map(|at| format!("if (x === {at}) {{ y = {at}; }} else "));
    let text = (0..100).map(|at| format!("'part {at}' + "));
    let body = format!(
        "{}{}{{ y = 0 }}\nconst t = {}'';\nreturn a / b / c;",
        long.collect::<String>(),
        chain.collect::<String>(),
        text.collect::<String>(),
    );
    let checked = check(&handler(&body), None);
    assert_eq!(checked, Checked::default());
}

#[test]
fn what_cannot_be_told_is_not_judged() {
    let checked = check("if (a) {}\n/[)]/.test(b);", None);
    assert_eq!(checked.errors, []);
    assert!(checked.warnings[0].message.starts_with("from here on"));
    assert_eq!(errors(&handler("if (a) {}\n/x/.test(b);")), [] as [&str; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the code is, it is judged on the stack of a worker.
    #[test]
    fn any_mixture_is_judged_on_a_small_stack(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..6),
        times in 1_usize..3000,
    ) {
        let code = pieces.concat().repeat(times);
        on_stack(1 << 20, move || check(&code, None));
    }

    #[test]
    fn any_text_is_judged(code in any::<String>()) {
        let checked = check(&code, None);
        for remark in checked.errors.iter().chain(&checked.warnings) {
            prop_assert!(remark.span.end <= code.len());
            let (line, column) = remark.line_column(&code);
            prop_assert!(line > 0 && column > 0);
        }
    }
}
