//! How carriers split a text message, and which alphabet it needs.
//!
//! A message whose characters are all in the 7-bit alphabet of GSM 03.38 or its extension holds 160 of them,
//! or 153 in each of several segments; any other is sent as UCS-2 with 70 UTF-16 units, or 67. A character is
//! never split over two segments, nor is what a reader sees as one. Counted as Twilio's calculator counts.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

/// The alphabet that a message is sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The 7-bit alphabet of GSM 03.38.
    Gsm7,
    /// 16 bits for each character.
    Ucs2,
}

impl Encoding {
    /// The name that carriers give it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// What one segment holds: alone, and as one of several. In septets, or in UTF-16 units.
    #[must_use]
    pub const fn capacity(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }
}

/// A character that is not in the 7-bit alphabet, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What a reader sees as one character.
    pub text: String,
    /// What Twilio's smart encoding writes for it, if it knows something.
    pub replacement: Option<String>,
}

/// What a message costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    /// The alphabet.
    pub encoding: Encoding,
    /// How many messages are charged.
    pub segments: usize,
    /// Septets in GSM-7; in UCS-2 what a reader sees as characters.
    pub characters: usize,
    /// The characters that keep the message from GSM-7, each once.
    pub foreign: Vec<Foreign>,
}

/// Counts a message as carriers charge it. A message of nothing counts as one segment.
#[must_use]
pub fn count(text: &str) -> Segments {
    let foreign = foreign(text);
    let encoding = if foreign.is_empty() {
        Encoding::Gsm7
    } else {
        Encoding::Ucs2
    };
    let sizes: Vec<usize> = graphemes(text)
        .map(|grapheme| match encoding {
            Encoding::Gsm7 => septets(grapheme).unwrap_or(1),
            Encoding::Ucs2 => grapheme.encode_utf16().count(),
        })
        .collect();
    let characters = match encoding {
        Encoding::Gsm7 => sizes.iter().sum(),
        Encoding::Ucs2 => sizes.len(),
    };
    Segments {
        encoding,
        segments: segments(&sizes, encoding),
        characters,
        foreign,
    }
}

/// The message as Twilio's smart encoding sends it: typographic characters in their plain form.
#[must_use]
pub fn smart(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match replacement(letter) {
            Some(replacement) => plain.push_str(replacement),
            None => plain.push(letter),
        }
    }
    plain
}

/// How many segments graphemes of these sizes fill.
fn segments(sizes: &[usize], encoding: Encoding) -> usize {
    let (alone, part) = encoding.capacity();
    if sizes.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut segments, mut used) = (1, 0);
    for size in sizes {
        if used > 0 && used + size > part {
            segments += 1;
            used = 0;
        }
        used += size;
    }
    segments
}

/// The characters that keep a text from GSM-7, each once, in their order.
fn foreign(text: &str) -> Vec<Foreign> {
    let mut seen = HashSet::new();
    graphemes(text)
        .filter(|grapheme| septets(grapheme).is_none() && seen.insert(*grapheme))
        .map(|grapheme| {
            let plain = smart(grapheme);
            Foreign {
                text: grapheme.to_owned(),
                replacement: foreign_free(&plain).then_some(plain),
            }
        })
        .collect()
}

fn foreign_free(text: &str) -> bool {
    graphemes(text).all(|grapheme| septets(grapheme).is_some())
}

/// What a reader sees as characters. A line end of two characters counts as both.
fn graphemes(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(|grapheme| match grapheme {
        "\r\n" => vec!["\r", "\n"],
        _ => vec![grapheme],
    })
}

/// The basic alphabet of GSM 03.38 (table 6.2.1), but for the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table (6.2.1.1): each takes two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// What a character takes in GSM-7, if it is in that alphabet.
fn septets(grapheme: &str) -> Option<usize> {
    let mut letters = grapheme.chars();
    let (letter, None) = (letters.next()?, letters.next()) else {
        return None;
    };
    if BASIC.contains(letter) {
        Some(1)
    } else {
        EXTENSION.contains(letter).then_some(2)
    }
}

/// Typographic characters, and what is sent for each of them.
const PLAIN: [(&str, &str); 23] = [
    ("«»“”„‟ʺˮ❝❞〝〞", "\""),
    ("‘’‛ʻˈʼʽʹ´ˊ`ˋ❛❜", "'"),
    ("‐–—―⁃•", "-"),
    ("‚、､", ","),
    ("。｡", "."),
    ("⁄∕÷⧸", "/"),
    ("∣⎸⎹⏐", "|"),
    ("⧵⧹", "\\"),
    ("⁎∗⊛✢✣✤✥✱✲✳✺✻✼✽❃❉❊⧆", "*"),
    ("❨❪⦅⟮", "("),
    ("❩❫⦆⟯", ")"),
    ("❴", "{"),
    ("❵", "}"),
    ("‹", "<"),
    ("›", ">"),
    ("˜∼", "~"),
    ("ˆ", "^"),
    ("…", "..."),
    ("‼", "!!"),
    ("¼", "1/4"),
    ("½", "1/2"),
    ("¾", "3/4"),
    (SPACES, " "),
];

/// Spaces of other widths, and separators of lines.
const SPACES: &str = "\t\u{a0}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\
                      \u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// Characters that nobody sees.
const INVISIBLE: &str = "\u{200b}\u{200c}\u{2060}\u{feff}";

/// What smart encoding sends for a character, if it is not that itself.
fn replacement(letter: char) -> Option<&'static str> {
    if letter.is_ascii() && letter != '`' && letter != '\t' {
        return None;
    }
    if INVISIBLE.contains(letter) {
        return Some("");
    }
    let known = PLAIN.iter().find(|(letters, _)| letters.contains(letter));
    known
        .map(|(_, plain)| *plain)
        .or_else(|| full_width(letter))
}

/// The ASCII character of a full-width form.
fn full_width(letter: char) -> Option<&'static str> {
    const ASCII: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
                         abcdefghijklmnopqrstuvwxyz{|}~";
    let at = usize::try_from(u32::from(letter).checked_sub(0xff01)?).ok()?;
    match ASCII.get(at..=at) {
        Some("`") => Some("'"),
        plain => plain,
    }
}
