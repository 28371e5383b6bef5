//! Reads values that stand for themselves.

use super::ast::Operand;
use super::cursor::{Cursor, is_word};
use super::number;

/// Whether a sign or a whole word comes next.
pub fn keyword(cursor: &Cursor<'_>, text: &str) -> bool {
    let Some(after) = cursor.rest().strip_prefix(text) else {
        return false;
    };
    !text.ends_with(is_word) || !after.starts_with(is_word)
}

/// A word, a text or a number, if one comes next.
pub fn literal(cursor: &mut Cursor<'_>) -> Option<Operand> {
    let words = [
        ("true", Operand::Bool(true)),
        ("false", Operand::Bool(false)),
        ("nil", Operand::Nil),
        ("null", Operand::Nil),
        ("empty", Operand::Empty),
        ("blank", Operand::Blank),
    ];
    for (word, value) in words {
        if keyword(cursor, word) {
            cursor.at += word.len();
            return Some(value);
        }
    }
    if let Some(span) = cursor.quoted() {
        return Some(Operand::Text(unescaped(span.text(cursor.source)).into()));
    }
    number(cursor).map(Operand::Number)
}

/// A number: a sign, digits, and one point that no second one follows.
fn number(cursor: &mut Cursor<'_>) -> Option<f64> {
    let rest = cursor.rest();
    let bytes = rest.as_bytes();
    let mut length = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let (mut digits, mut point) = (false, false);
    loop {
        match bytes.get(length) {
            Some(byte) if byte.is_ascii_digit() => digits = true,
            Some(b'.') if bytes.get(length + 1) != Some(&b'.') => {
                if point || !digits {
                    return None;
                }
                point = true;
            }
            _ => break,
        }
        length += 1;
    }
    if !digits || rest[length..].starts_with(is_word) {
        return None;
    }
    cursor.at += length;
    Some(number::from_text(&rest[..length]))
}

/// The text that a quoted one stands for.
fn unescaped(quoted: &str) -> String {
    // A quote that is not closed takes the last character for the closing one.
    let mut letters: Vec<char> = quoted.chars().skip(1).collect();
    letters.pop();
    let mut units: Vec<u16> = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        at += 1;
        if letter != '\\' {
            units.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
            continue;
        }
        // The closing quote is what LiquidJS sees after a backslash at the end.
        let next = letters
            .get(at)
            .copied()
            .or_else(|| quoted.chars().next_back());
        at += 1;
        match next {
            Some('b') => units.push(8),
            Some('f') => units.push(12),
            Some('n') => units.push(10),
            Some('r') => units.push(13),
            Some('t') => units.push(9),
            Some('v') => units.push(11),
            Some('u') => units.push(code(&letters, &mut at, 16, 4)),
            Some('0'..='7') => {
                at -= 1;
                units.push(code(&letters, &mut at, 8, 3));
            }
            Some(other) => units.extend_from_slice(other.encode_utf16(&mut [0; 2])),
            None => {}
        }
    }
    String::from_utf16_lossy(&units)
}

/// A character's code, of up to so many digits.
fn code(letters: &[char], at: &mut usize, radix: u32, most: usize) -> u16 {
    let mut code: u32 = 0;
    for _ in 0..most {
        let Some(digit) = letters.get(*at).and_then(|letter| letter.to_digit(radix)) else {
            break;
        };
        code = code * radix + digit;
        *at += 1;
    }
    u16::try_from(code & 0xffff).unwrap_or(0)
}
