//! Reads dates as JavaScript's engine does: ISO 8601 first, then what people write.

use super::calendar::{days, milliseconds};

/// The milliseconds since 1970 of a date, where it is one. A time without a zone is UTC.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim_matches(crate::template::number::is_space);
    iso(text).or_else(|| free(text))
}

/// Reads numbers and signs.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    /// A number of exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.rest.get(..count)?;
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        self.rest = &self.rest[count..];
        digits.parse().ok()
    }
}

/// `2026-03-04T05:06:07.089Z` and its shorter forms.
fn iso(text: &str) -> Option<i64> {
    let mut reader = Reader { rest: text };
    let year = match text.chars().next()? {
        sign @ ('+' | '-') => {
            reader.take(sign)?;
            let year = reader.digits(6)?;
            if sign == '-' { -year } else { year }
        }
        _ => reader.digits(4)?,
    };
    let (mut month, mut day) = (1, 1);
    if reader.take('-').is_some() {
        month = reader.digits(2)?;
        if reader.take('-').is_some() {
            day = reader.digits(2)?;
        }
    }
    let date = date(year, month, day)?;
    if reader.rest.is_empty() {
        return Some(milliseconds(date, 0));
    }
    reader.take('T')?;
    let hour = reader.digits(2)?;
    reader.take(':')?;
    let minute = reader.digits(2)?;
    let (mut second, mut fraction) = (0, 0);
    if reader.take(':').is_some() {
        second = reader.digits(2)?;
        if reader.take('.').is_some() {
            fraction = thousandths(&mut reader)?;
        }
    }
    let offset = zone(&mut reader)?;
    if !reader.rest.is_empty() {
        return None;
    }
    Some(milliseconds(date, time(hour, minute, second)? + fraction) - offset)
}

/// A fraction of a second, in milliseconds; what is finer is cut.
fn thousandths(reader: &mut Reader<'_>) -> Option<i64> {
    let mut value = reader.digits(1)? * 100;
    for weight in [10, 1] {
        value += reader.digits(1).unwrap_or(0) * weight;
    }
    while reader.digits(1).is_some() {}
    Some(value)
}

/// The offset of a zone, in milliseconds.
fn zone(reader: &mut Reader<'_>) -> Option<i64> {
    if reader.rest.is_empty() || reader.take('Z').is_some() {
        return Some(0);
    }
    let sign = if reader.take('+').is_some() {
        1
    } else {
        reader.take('-')?;
        -1
    };
    let hour = reader.digits(2)?;
    reader.take(':')?;
    Some(sign * time(hour, reader.digits(2)?, 0)?)
}

fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    let sound = (1..=12).contains(&month) && (1..=31).contains(&day);
    sound.then(|| days(year, month, 1) + day - 1)
}

fn time(hour: i64, minute: i64, second: i64) -> Option<i64> {
    let midnight = hour == 24 && minute == 0 && second == 0;
    let sound = (hour < 24 && minute < 60 && second < 60) || midnight;
    sound.then_some(((hour * 60 + minute) * 60 + second) * 1_000)
}

/// What has been read of a date in words.
#[derive(Default)]
struct Free {
    /// Numbers that are a day, a month or a year.
    numbers: Vec<i64>,
    month: Option<i64>,
    /// Hour, minute, second and millisecond; all four where the clock is complete.
    clock: Vec<i64>,
    afternoon: Option<bool>,
    zone: Option<Offset>,
}

/// An offset from UTC, whose minutes may be still to come.
struct Offset {
    sign: i64,
    hours: i64,
    minutes: Option<i64>,
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The zones that JavaScript knows, in hours.
const ZONES: [(&str, i64); 12] = [
    ("utc", 0),
    ("ut", 0),
    ("gmt", 0),
    ("z", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

/// Whether a character can be part of a word: all but digits and signs.
fn is_of_word(letter: char) -> bool {
    letter >= 'A' && !crate::template::number::is_space(letter)
}

/// `March 4, 2026 5:06 PM`, `Wed, 04 Mar 2026 05:06:07 +0100`, `3/4/2026`.
fn free(text: &str) -> Option<i64> {
    let mut read = Free::default();
    let mut any_number = false;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = |kind: fn(char) -> bool| rest.find(|other| !kind(other)).unwrap_or(rest.len());
        if letter.is_ascii_digit() {
            let digits = length(|other| other.is_ascii_digit());
            any_number = true;
            rest = read.number(rest[..digits].parse().ok()?, &rest[digits..])?;
        } else if is_of_word(letter) {
            let letters = length(is_of_word);
            let word = rest[..letters].to_ascii_lowercase();
            rest = read.word(&word, any_number, &rest[letters..])?;
        } else if matches!(letter, '+' | '-') && read.takes_zone() {
            any_number = true;
            rest = read.zone(letter, &rest[1..])?;
        } else if matches!(letter, '+' | '-' | ')') && any_number {
            return None;
        } else if letter == '(' {
            rest = rest.split_once(')').map_or("", |(_, after)| after);
        } else {
            rest = &rest[letter.len_utf8()..];
        }
    }
    read.finish()
}

impl Free {
    /// Takes a number, and what after it belongs to it; gives the rest.
    fn number<'t>(&mut self, number: i64, after: &'t str) -> Option<&'t str> {
        let expected = match self.clock.len() {
            1 | 2 => (0..60).contains(&number),
            3 => (0..1_000).contains(&number),
            _ => false,
        };
        if let Some(after) = after.strip_prefix(':') {
            if self.clock.len() == 4 {
                return None;
            }
            self.clock.push(number);
            return Some(after.strip_prefix('.').unwrap_or(after));
        }
        if let Some(fraction) = after.strip_prefix('.').filter(|_| expected) {
            self.clock.push(number);
            let mut reader = Reader { rest: fraction };
            let milliseconds = thousandths(&mut reader)?;
            self.clock.push(milliseconds);
            self.clock.resize(4, 0);
            return Some(reader.rest);
        }
        let after = after.strip_prefix('.').unwrap_or(after);
        if let Some(zone) = &mut self.zone
            && zone.minutes.is_none()
            && (0..60).contains(&number)
        {
            zone.minutes = Some(number);
            return Some(after);
        }
        if expected {
            self.clock.push(number);
            self.clock.resize(4, 0);
            let ends =
                |letter: char| letter.is_whitespace() || matches!(letter, 'z' | 'Z' | '+' | '-');
            return (after.is_empty() || after.starts_with(ends)).then_some(after);
        }
        if self.numbers.len() == 3 {
            return None;
        }
        self.numbers.push(number);
        Some(after.strip_prefix('-').unwrap_or(after))
    }

    /// Whether a sign begins an offset.
    fn takes_zone(&self) -> bool {
        let utc = |zone: &Offset| zone.hours == 0 && zone.minutes == Some(0);
        !self.clock.is_empty() || self.zone.as_ref().is_some_and(utc)
    }

    fn word<'t>(&mut self, word: &str, any_number: bool, after: &'t str) -> Option<&'t str> {
        let start = word.get(..3).unwrap_or(word);
        let zone = ZONES.iter().find(|(zone, _)| *zone == word);
        if matches!(word, "am" | "pm") && !self.clock.is_empty() {
            self.afternoon = Some(word == "pm");
        } else if let Some(at) = MONTHS.iter().position(|month| *month == start) {
            self.month = Some(i64::try_from(at).ok()? + 1);
            return Some(after.strip_prefix('-').unwrap_or(after));
        } else if let Some((_, hours)) = zone.filter(|_| any_number) {
            self.zone = Some(Offset {
                sign: hours.signum(),
                hours: hours.abs(),
                minutes: Some(0),
            });
        } else if any_number || after.starts_with(|letter: char| letter.is_ascii_digit()) {
            // Words before the first number are passed over, as the name of a day.
            return None;
        }
        Some(after)
    }

    /// `+0100` or `+01:00`; gives the rest.
    fn zone<'t>(&mut self, sign: char, text: &'t str) -> Option<&'t str> {
        let digits = text.len()
            - text
                .trim_start_matches(|letter: char| letter.is_ascii_digit())
                .len();
        let number: i64 = if digits == 0 {
            0
        } else {
            text[..digits].parse().ok()?
        };
        let after = &text[digits..];
        let (hours, minutes, after) = match (after.strip_prefix(':'), digits) {
            (Some(after), _) => (number, None, after),
            (None, 1 | 2) => (number, Some(0), after),
            (None, 3 | 4) => (number / 100, Some(number % 100), after),
            _ => return None,
        };
        let sign = if sign == '-' { -1 } else { 1 };
        self.zone = Some(Offset {
            sign,
            hours,
            minutes,
        });
        Some(after)
    }

    fn finish(mut self) -> Option<i64> {
        let is_day = |number: i64| (1..=31).contains(&number);
        if self.numbers.is_empty() {
            return None;
        }
        self.numbers.resize(3, 1);
        let [first, second, third] = [self.numbers[0], self.numbers[1], self.numbers[2]];
        let (year, month, day) = match self.month {
            None if is_day(first) => (third, first, second),
            None => (first, second, third),
            Some(month) if is_day(first) => (second, month, first),
            Some(month) => (first, month, second),
        };
        let year = match year {
            0..=49 => year + 2000,
            50..=99 => year + 1900,
            _ => year,
        };
        let clock = |at: usize| self.clock.get(at).copied().unwrap_or(0);
        let hour = match self.afternoon {
            None => clock(0),
            Some(_) if !(0..=12).contains(&clock(0)) => return None,
            Some(afternoon) => clock(0) % 12 + if afternoon { 12 } else { 0 },
        };
        let of_day = time(hour, clock(1), clock(2))? + clock(3);
        let offset = self.zone.map_or(0, |zone| {
            zone.sign * (zone.hours * 60 + zone.minutes.unwrap_or(0)) * 60_000
        });
        Some(milliseconds(date(year, month, day)?, of_day) - offset)
    }
}
