//! Flags, reasons and control calls: every one is explained, and no other.

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use dialtone::api::{ConditionType, Kind, Reason};
use dialtone::cli::Cli;
use serde_json::Value;

use crate::pages::{read, section};

/// The long flags that a text names.
fn flags(text: &str) -> BTreeSet<String> {
    text.split("--")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|letter| letter.is_ascii_lowercase() || *letter == '-')
                .collect::<String>()
        })
        .filter(|name| !name.trim_matches('-').is_empty())
        .collect()
}

/// The first column of the tables of a text, without the ticks.
fn first_column(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|rest| rest.split(" |").next().unwrap())
        .collect()
}

/// Fails unless the section of a command explains its flags, the `shared` ones excepted, and no
/// other.
fn explained(command: &clap::Command, text: &str, shared: &[&str]) {
    let name = command.get_name();
    let documented = flags(&first_column(text).join("\n"));
    let arguments = || {
        command.get_arguments().filter(|argument| {
            let long = argument.get_long().unwrap_or_default();
            !argument.is_global_set() && !shared.contains(&long)
        })
    };
    let own: BTreeSet<String> = arguments()
        .filter_map(|argument| argument.get_long())
        .filter(|long| *long != "help")
        .map(str::to_owned)
        .collect();
    assert_eq!(documented, own, "{name}");
    for argument in arguments() {
        for value in argument.get_possible_values() {
            let value = value.get_name();
            // A flag without a value is true or false to the parser.
            let switch = ["true", "false"].contains(&value);
            assert!(switch || text.contains(value), "{name}: {value}");
        }
        if let Some(short) = argument.get_short().filter(|short| *short != 'h') {
            assert!(text.contains(&format!("`-{short}`")), "{name}: -{short}");
        }
    }
}

#[test]
fn the_page_of_the_command_line_has_every_flag_of_every_command_and_no_other() {
    let page = read("docs/cli.md");
    let program = Cli::command();
    for command in program.get_subcommands() {
        let name = command.get_name();
        explained(
            command,
            section(&page, &format!("## `dialtone {name}`")),
            &[],
        );
        assert!(page.contains(&format!("(#dialtone-{name})")), "{name}");
    }
    for argument in program.get_arguments().filter(|it| it.is_global_set()) {
        let flag = format!("`--{} ", argument.get_long().unwrap());
        assert!(page.contains(&flag), "{flag}");
    }
}

#[test]
fn the_page_of_the_plugin_has_every_flag_of_every_command_and_no_other() {
    let page = read("docs/kubectl-plugin.md");
    let shared = ["kubeconfig", "context", "namespace"];
    let install = flags(&first_column(section(&page, "## Install")).join("\n"));
    assert_eq!(install, shared.map(str::to_owned).into());
    let plugin = Cli::plugin();
    for command in plugin.get_subcommands() {
        let name = command.get_name();
        let text = section(&page, &format!("## `kubectl dialtone {name}`"));
        explained(command, text, &shared);
        assert!(
            page.contains(&format!("(#kubectl-dialtone-{name})")),
            "{name}"
        );
    }
    for flag in shared {
        let mut arguments = plugin.get_arguments();
        let argument = arguments.find(|it| it.get_long() == Some(flag));
        assert!(argument.is_some_and(clap::Arg::is_global_set), "--{flag}");
    }
}

#[test]
fn the_flags_that_other_pages_name_are_there() {
    let (program, plugin) = (Cli::command(), Cli::plugin());
    let mut known: BTreeSet<String> = program
        .get_subcommands()
        .chain(plugin.get_subcommands())
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| argument.get_long())
        .map(str::to_owned)
        .collect();
    known.extend(["help".to_owned(), "version".to_owned()]);
    let others = ["cargo test", "helm ", "kubectl "];
    for page in [
        "README.md",
        "docs/ci.md",
        "docs/concepts.md",
        "docs/hazards.md",
        "docs/install.md",
        "docs/examples.md",
        "docs/limits.md",
        "docs/migration/dashboard.md",
        "docs/migration/deploy-cli.md",
        "docs/migration/terraform.md",
        "docs/runbook.md",
        "docs/security.md",
        "docs/simulator.md",
    ] {
        for line in read(page)
            .lines()
            .filter(|line| !others.iter().any(|other| line.starts_with(other)))
        {
            let commands = line
                .split('`')
                .chain([line])
                .filter(|part| part.contains("dialtone "));
            for flag in commands.flat_map(flags) {
                assert!(known.contains(&flag), "{page}: --{flag} in {line}");
            }
        }
    }
}

#[test]
fn every_condition_and_every_reason_is_explained_and_no_other() {
    let page = read("docs/conditions.md");
    let explained: Vec<&str> = first_column(&page)
        .into_iter()
        .map(|name| name.trim_end_matches('`'))
        .collect();
    let conditions = [
        ConditionType::Ready,
        ConditionType::Reconciling,
        ConditionType::Stalled,
        ConditionType::ProviderReady,
        ConditionType::TemplateValid,
        ConditionType::ActionDeployed,
        ConditionType::Drifted,
        ConditionType::BreaksDependents,
    ];
    let known: Vec<&str> = conditions
        .iter()
        .map(|condition| condition.as_str())
        .chain(Reason::ALL.iter().map(|reason| reason.as_str()))
        .collect();
    assert_eq!(explained, known);
}

#[test]
fn every_control_call_and_every_fault_is_explained() {
    let page = read("docs/simulator.md");
    let control = read("src/sim/control.rs");
    let paths: BTreeSet<&str> = control
        .split("\"/_sim/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(paths.len() >= 10, "{paths:?}");
    for path in paths {
        assert!(page.contains(&format!("/_sim/{path}`")), "{path}");
    }
    let faults = read("src/sim/fault.rs");
    let kinds: Vec<&str> = faults
        .split(" => \"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
    for kind in kinds {
        assert!(page.contains(&format!("| `{kind}` |")), "{kind}");
    }
}

/// The names of all properties in a schema, at any depth.
fn properties(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(own) = schema["properties"].as_object() {
        for (name, property) in own {
            found.insert(name.clone());
            properties(property, found);
        }
    }
    if !schema["items"].is_null() {
        properties(&schema["items"], found);
    }
}

#[test]
fn every_field_of_every_kind_is_on_its_page() {
    for kind in Kind::ALL {
        let name = kind.as_str();
        let page = read(&format!("docs/api/{}.md", name.to_lowercase()));
        let crd = serde_json::to_value(kind.crd()).unwrap();
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let mut fields = BTreeSet::new();
        properties(&schema["properties"]["spec"], &mut fields);
        let status = schema["properties"]["status"]["properties"].as_object();
        fields.extend(status.unwrap().keys().cloned());
        let words: BTreeSet<&str> = page
            .split(|letter: char| !letter.is_alphanumeric())
            .collect();
        let absent: Vec<_> = fields
            .iter()
            .filter(|it| !words.contains(it.as_str()))
            .collect();
        assert!(absent.is_empty(), "{name}: {absent:?}");
    }
}
