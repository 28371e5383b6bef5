//! How carriers split a text message, and which alphabet it needs.
//!
//! A message whose characters are all in the 7-bit alphabet of GSM 03.38 or its extension holds 160 of them,
//! or 153 in each of several segments; any other is sent as UCS-2 with 70 UTF-16 units, or 67. A character is
//! never split over two segments, nor is what a reader sees as one. Counted as Twilio's calculator counts.

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
    let mut foreign: Vec<Foreign> = Vec::new();
    for grapheme in text.graphemes(true) {
        if septets(grapheme).is_none() && foreign.iter().all(|known| known.text != grapheme) {
            foreign.push(Foreign {
                text: grapheme.to_owned(),
                replacement: None,
            });
        }
    }
    Segments {
        encoding: if foreign.is_empty() {
            Encoding::Gsm7
        } else {
            Encoding::Ucs2
        },
        segments: 1,
        characters: 0,
        foreign,
    }
}

/// The message as Twilio's smart encoding sends it: typographic characters in their plain form.
#[must_use]
pub fn smart(text: &str) -> String {
    text.to_owned()
}

fn septets(_grapheme: &str) -> Option<usize> {
    None
}
