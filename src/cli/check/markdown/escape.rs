//! Names and messages in Markdown: they are text, whatever they hold.

use std::fmt::Write as _;

use crate::cli::check::sheet::visible;

/// What makes no link, mention or reference of the sign before it, and is not seen.
const NOTHING: &str = "&#8203;";
/// Signs that mean nothing within a line.
const PLAIN: &str = "-.,;:/'\"?=()%";

/// A text in a line of Markdown, or of HTML in it. Signs that mean something there are written by
/// their numbers; `@` and `#` are kept from what follows, or code hosts would notify people.
pub(super) fn inline(text: &str) -> String {
    let text = visible(text);
    let mut safe = String::with_capacity(text.len());
    let mut word = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        // What begins with https:// or www. is a link by itself.
        let links = match letter {
            ':' => letters.peek() == Some(&'/'),
            '.' => word.eq_ignore_ascii_case("www"),
            _ => false,
        };
        let means = letter.is_ascii_punctuation() && !PLAIN.contains(letter);
        if matches!(letter, '\n' | '\t') {
            safe.push(' ');
        } else if links || means {
            // Writing into a string cannot fail.
            let _ = write!(safe, "&#{};", u32::from(letter));
        } else {
            safe.push(letter);
        }
        if matches!(letter, '@' | '#') {
            safe.push_str(NOTHING);
        }
        if letter.is_ascii_alphabetic() {
            word.push(letter);
        } else {
            word.clear();
        }
    }
    safe
}

/// The same as code: an id or a path.
pub(in crate::cli::check) fn code(text: &str) -> String {
    format!("<code>{}</code>", inline(text))
}

/// A text of several lines as it stands, and a fence that it does not hold.
pub(super) struct Fenced {
    pub(super) mark: String,
    pub(super) text: String,
}

/// Puts a text between fences.
pub(super) fn fenced(text: &str) -> Fenced {
    let text = visible(text);
    let (mut longest, mut run) = (0, 0);
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    Fenced {
        mark: "`".repeat(longest.max(2) + 1),
        text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line as a browser shows it, with what is not seen left out.
    fn shown(text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some((before, entity)) = rest.split_once("&#") {
            let (number, after) = entity.split_once(';').unwrap();
            shown.push_str(before);
            let letter = char::from_u32(number.parse().unwrap()).unwrap();
            shown.extend(Some(letter).filter(|it| *it != '\u{200b}'));
            rest = after;
        }
        shown + rest
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_shown_as_it_was(text in "\\PC*|[<>&#@*_`|\\[\\]()!~:.\n\r\twW0-9a]*|.*") {
            let safe = inline(&text);
            prop_assert_eq!(shown(&safe), visible(&text).replace(['\n', '\t'], " "));
            let bare: String = safe.split("&#").map(|part| {
                part.split_once(';').map_or(part, |(_, rest)| rest)
            }).collect();
            for sign in ["<", ">", "*", "_", "`", "|", "[", "]", "\\", "!", "~", "://", "\n"] {
                prop_assert!(!bare.contains(sign), "{sign} in {safe}");
            }
        }

        #[test]
        fn a_fence_is_longer_than_any_in_the_text(text in "[`a\n ]*") {
            let Fenced { mark, text } = fenced(&text);
            prop_assert!(mark.len() >= 3 && !text.contains(&mark));
        }
    }

    #[test]
    fn names_notify_nobody_and_lead_nowhere() {
        assert_eq!(inline("@octocat #1"), "&#64;&#8203;octocat &#35;&#8203;1");
        assert_eq!(
            inline("WWW.a.b https://x: y"),
            "WWW&#46;a.b https&#58;//x: y"
        );
    }
}
