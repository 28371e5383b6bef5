//! The commands of a page: blocks of shell, transcripts of kubectl, and commands within sentences.

use std::collections::BTreeSet;

use crate::exceptions::{ANSWERED, ELSEWHERE, FRAGMENTS, STAND_INS, STAYS};
use crate::fences::{Block, blocks, parts};
use crate::pages::guide;
use crate::sittings::SITTINGS;

/// Programs whose names begin a command.
const PROGRAMS: [&str; 4] = ["kubectl ", "dialtone ", "helm ", "curl "];

/// The blocks of shell of a page.
pub fn of(page: &str) -> impl Iterator<Item = Block> {
    blocks("sh")
        .into_iter()
        .filter(move |block| block.page == page)
}

/// The first line of a block, which names it.
pub fn name(block: &Block) -> &str {
    block.text.lines().next().unwrap()
}

/// Why a block is not run here, where it is not.
pub fn elsewhere(block: &Block) -> Option<&'static str> {
    let excused = ELSEWHERE
        .iter()
        .find(|(page, begins, _)| names(block, page, begins));
    excused.map(|(.., why)| *why)
}

/// Whether a command may end with this status: 2 is what a plan says of changes.
pub fn ends_well(command: &str, status: i32) -> bool {
    status == 0 || (status == 2 && command.contains(" plan "))
}

/// Whether a command asks something before it does it.
pub fn asks(command: &str) -> bool {
    ANSWERED
        .iter()
        .any(|beginning| command.starts_with(beginning))
}

fn names(block: &Block, page: &str, begins: &str) -> bool {
    block.page == page && name(block).starts_with(begins)
}

/// Commands within the sentences of a page. A command without any argument is a mention.
pub fn within(page: &str) -> Vec<Block> {
    let mut commands = parts(page).1;
    commands.retain(|span| {
        let text = span.text.as_str();
        let words: Vec<&str> = text.split_whitespace().collect();
        let mentioned = if text.starts_with("kubectl dialtone") {
            3
        } else {
            2
        };
        PROGRAMS.iter().any(|program| text.starts_with(program))
            && words.len() > mentioned
            && !FRAGMENTS.contains(&text)
    });
    commands
}

/// A command with what stands for words such as `NAME`, which a reader replaces.
pub fn filled_in(command: &str) -> String {
    let mut text = command.to_owned();
    for (word, stand_in) in STAND_INS {
        text = text.replace(word, stand_in);
    }
    let stays = STAYS
        .iter()
        .find(|(beginning, _)| command.starts_with(beginning));
    if let Some((_, url)) = stays {
        let listens = format!("until curl --silent --fail {url}; do kill -0 $!; sleep 0.1; done");
        text = format!("{text} &\n{listens}\nkill $!\nwait $!");
    }
    text
}

#[test]
fn every_block_of_shell_is_run_or_excused() {
    let read: BTreeSet<&str> = SITTINGS
        .iter()
        .flat_map(|pages| pages.iter().copied())
        .collect();
    let forgotten: Vec<String> = guide()
        .iter()
        .filter(|page| !read.contains(page.as_str()))
        .flat_map(|page| of(page).collect::<Vec<_>>().into_iter().chain(within(page)))
        .filter(|block| elsewhere(block).is_none())
        .map(|block| format!("{}: {}", block.place, block.text.trim_end()))
        .collect();
    assert!(forgotten.is_empty(), "no sitting reads {forgotten:#?}");
}

#[test]
fn every_exception_is_of_something_that_is_there() {
    let all = blocks("sh");
    for (page, begins, _) in ELSEWHERE {
        let found = all.iter().any(|block| names(block, page, begins));
        assert!(found, "{page} has no block that begins with {begins:?}");
    }
    for beginning in ANSWERED
        .iter()
        .chain(STAYS.iter().map(|(beginning, _)| beginning))
    {
        let found = all
            .iter()
            .flat_map(|block| block.text.lines())
            .any(|line| line.starts_with(beginning));
        assert!(found, "no command begins with {beginning:?}");
    }
    let text: BTreeSet<String> = guide()
        .iter()
        .flat_map(|page| parts(page).1)
        .map(|span| span.text)
        .collect();
    for fragment in FRAGMENTS {
        assert!(text.contains(*fragment), "{fragment:?} is on no page");
    }
}
