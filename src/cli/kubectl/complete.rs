//! What kubectl's completion is told of the plugin. Pure.
//!
//! kubectl asks a program called `kubectl_complete-dialtone` with the words that were typed so far,
//! and reads a line for each word that may come next, with what it means behind a tab, and a last one
//! that says what else the shell may offer (kubectl's documentation, "Extend kubectl with plugins").

use clap::{Arg, Command};

use super::named::kind_names;

/// Nothing else may come.
const ONLY_THESE: u8 = 4;
/// Nothing else, and no space behind it.
const BEGINNING: u8 = 4 + 2;
/// Files.
const FILES: u8 = 0;

/// The answer for these words, the last of which is being typed.
#[must_use]
pub fn answer(plugin: &Command, words: &[String]) -> String {
    let (typed, before) = match words.split_last() {
        Some((typed, before)) => (typed.as_str(), before),
        None => ("", &[][..]),
    };
    let command = command(plugin, before);
    let (offered, rest) = next(plugin, command, before, typed);
    let fits = |line: &String| line.starts_with(typed);
    let mut lines: Vec<String> = offered.into_iter().filter(fits).collect();
    lines.push(format!(":{rest}\n"));
    lines.join("\n")
}

/// The command among words. Flags may stand before it, and their values are none.
fn command<'p>(plugin: &'p Command, words: &[String]) -> Option<&'p Command> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut flags = plugin.get_arguments().filter(|it| !it.is_positional());
        if flags.any(|it| takes_value(it) && is_called(it, word)) {
            words.next();
        } else if let Some(command) = plugin.find_subcommand(word) {
            return Some(command);
        }
    }
    None
}

/// What may come next, in a command or before it, and what else the shell may offer.
fn next(
    plugin: &Command,
    command: Option<&Command>,
    before: &[String],
    typed: &str,
) -> (Vec<String>, u8) {
    let previous = before.last().map_or("", String::as_str);
    let own = || command.into_iter().flat_map(Command::get_arguments);
    let every = || plugin.get_arguments().filter(|it| it.is_global_set());
    let flags = || own().chain(every()).filter(|it| !it.is_positional());
    if let Some(flag) = flags().find(|it| takes_value(it) && is_called(it, previous)) {
        let values = flag.get_possible_values();
        if values.is_empty() {
            let path = matches!(flag.get_id().as_str(), "filename" | "kubeconfig");
            return (Vec::new(), if path { FILES } else { ONLY_THESE });
        }
        let values = values.iter().map(|it| it.get_name().to_owned());
        return (values.collect(), ONLY_THESE);
    }
    if typed.starts_with('-') {
        return (flags().filter_map(described).collect(), ONLY_THESE);
    }
    let Some(command) = command else {
        return (
            plugin.get_subcommands().map(subcommand).collect(),
            ONLY_THESE,
        );
    };
    let mut arguments = command.get_positionals();
    if arguments.any(|it| it.get_id() == "object") {
        let kinds = kind_names().into_iter().map(|kind| format!("{kind}/"));
        return (kinds.collect(), BEGINNING);
    }
    (Vec::new(), ONLY_THESE)
}

fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

fn is_called(flag: &Arg, word: &str) -> bool {
    let long = flag.get_long().map(|long| format!("--{long}"));
    let short = flag.get_short().map(|short| format!("-{short}"));
    [long, short].into_iter().flatten().any(|name| name == word)
}

fn subcommand(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    line(command.get_name(), about)
}

fn described(flag: &Arg) -> Option<String> {
    let help = flag.get_help().map(ToString::to_string);
    Some(line(&format!("--{}", flag.get_long()?), help))
}

fn line(word: &str, about: Option<String>) -> String {
    format!("{word}\t{}", about.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;

    /// What is offered, without what it means, and what else may be.
    fn offered(words: &[&str]) -> (Vec<String>, String) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let answer = answer(&Cli::plugin(), &words);
        let mut lines: Vec<String> = answer
            .lines()
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect();
        let rest = lines.pop().unwrap();
        (lines, rest)
    }

    fn only(words: &[&str]) -> (Vec<String>, String) {
        (
            words.iter().map(|word| (*word).to_owned()).collect(),
            ":4".to_owned(),
        )
    }

    #[test]
    fn commands_flags_and_values_are_completed() {
        assert_eq!(offered(&["re"]), only(&["reconcile"]));
        assert_eq!(offered(&[""]).0.len(), 5);
        assert_eq!(offered(&["status", "--all"]), only(&["--all-namespaces"]));
        assert_eq!(offered(&["status", "-o", ""]), only(&["text", "json"]));
        assert_eq!(offered(&["plan", "-n", ""]), only(&[]));
        assert_eq!(offered(&["status", ""]), only(&[]));
    }

    #[test]
    fn what_every_command_takes_is_completed_before_the_command_too() {
        assert_eq!(offered(&["--names"]), only(&["--namespace"]));
        assert_eq!(offered(&["status", "--names"]), only(&["--namespace"]));
        assert_eq!(offered(&["-n", ""]), only(&[]));
        assert_eq!(offered(&["-n", "default", "sta"]), only(&["status"]));
        // A namespace may be called as a command is.
        assert_eq!(offered(&["-n", "status", "recon"]), only(&["reconcile"]));
        assert_eq!(
            offered(&["--kubeconfig", ""]),
            (Vec::new(), ":0".to_owned())
        );
    }

    #[test]
    fn objects_begin_with_their_kind() {
        let (kinds, rest) = offered(&["reconcile", "phonep"]);
        assert_eq!(
            (kinds, rest.as_str()),
            (vec!["phoneprovider/".to_owned()], ":6")
        );
    }

    #[test]
    fn a_manifest_is_a_file() {
        for flag in ["-f", "--filename", "--kubeconfig"] {
            assert_eq!(
                offered(&["plan", flag, ""]),
                (Vec::new(), ":0".to_owned()),
                "{flag}"
            );
        }
    }
}
