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
    numbers: Vec<i64>,
    month: Option<i64>,
    clock: Vec<i64>,
    fraction: i64,
    /// Hours that AM or PM add, by the hour that is written.
    afternoon: Option<bool>,
    offset: Option<i64>,
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

const ZONES: [(&str, i64); 11] = [
    ("utc", 0),
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

/// `March 4, 2026 5:06 PM`, `Wed, 04 Mar 2026 05:06:07 +0100`, `3/4/2026`.
fn free(text: &str) -> Option<i64> {
    let mut read = Free::default();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = |kind: fn(char) -> bool| rest.find(|other| !kind(other)).unwrap_or(rest.len());
        let taken = if letter.is_ascii_digit() {
            let digits = length(|other| other.is_ascii_digit());
            read.number(rest.get(..digits)?.parse().ok()?, &rest[digits..])? + digits
        } else if letter.is_ascii_alphabetic() {
            let letters = length(|other| other.is_ascii_alphabetic());
            read.word(&rest[..letters].to_ascii_lowercase())?;
            letters
        } else if matches!(letter, '+' | '-') && read.takes_zone() {
            read.zone(rest)?
        } else if letter == '(' {
            rest.find(')').map_or(rest.len(), |at| at + 1)
        } else if letter == ')' && !read.numbers.is_empty() {
            return None;
        } else {
            letter.len_utf8()
        };
        rest = &rest[taken..];
    }
    read.finish()
}

impl Free {
    /// Takes a number; gives how many characters after it belong to it.
    fn number(&mut self, number: i64, after: &str) -> Option<usize> {
        let in_clock = !self.clock.is_empty() && self.clock.len() < 4;
        if after.starts_with(':') && self.clock.len() < 2 {
            self.clock.push(number);
            return Some(1);
        }
        if in_clock && self.is_open() {
            self.clock.push(number);
            if let Some(fraction) = after.strip_prefix('.') {
                let mut reader = Reader { rest: fraction };
                self.fraction = thousandths(&mut reader)?;
                let taken = after.len() - reader.rest.len();
                self.clock.resize(4, 0);
                return Some(taken);
            }
            self.clock.resize(4, 0);
            return Some(0);
        }
        if self.numbers.len() == 3 {
            return None;
        }
        self.numbers.push(number);
        Some(0)
    }

    /// Whether the clock waits for a number.
    const fn is_open(&self) -> bool {
        self.clock.len() < 4
    }

    const fn takes_zone(&self) -> bool {
        self.clock.len() == 4 || self.offset.is_some()
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let start = word.get(..3).unwrap_or(word);
        if word == "am" || word == "pm" {
            self.afternoon = Some(word == "pm");
        } else if let Some((_, hours)) = ZONES.iter().find(|(zone, _)| *zone == word) {
            self.offset = Some(hours * 3_600_000);
        } else if let Some(at) = MONTHS.iter().position(|month| *month == start) {
            self.month = Some(i64::try_from(at).ok()? + 1);
        } else if !(self.numbers.is_empty() && self.clock.is_empty()) && word != "t" {
            // Words before the first number are passed over, as the name of a day.
            return None;
        }
        Some(())
    }

    /// `+0100` or `+01:00`; gives its length.
    fn zone(&mut self, text: &str) -> Option<usize> {
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let digits = text[1..].find(|letter: char| !letter.is_ascii_digit());
        let digits = digits.unwrap_or(text.len() - 1);
        let number: i64 = text.get(1..=digits)?.parse().ok()?;
        let after = &text[digits + 1..];
        let (hours, minutes, length) = match after.strip_prefix(':') {
            Some(minutes) => (number, minutes.get(..2)?.parse().ok()?, digits + 4),
            None if digits > 2 => (number / 100, number % 100, digits + 1),
            None => (number, 0, digits + 1),
        };
        self.offset = Some(sign * (hours * 60 + minutes) * 60_000);
        Some(length)
    }

    fn finish(self) -> Option<i64> {
        let is_day = |number: i64| (1..=31).contains(&number);
        let (year, month, day) = match (self.month, self.numbers.as_slice()) {
            (Some(month), [day]) => (2001, month, *day),
            (Some(month), [first, second]) if is_day(*first) => (*second, month, *first),
            (Some(month), [first, second]) => (*first, month, *second),
            (Some(month), [day, year, _]) => (*year, month, *day),
            (None, [month, day]) => (2001, *month, *day),
            (None, [year, month, day]) if !is_day(*year) => (*year, *month, *day),
            (None, [month, day, year]) => (*year, *month, *day),
            _ => return None,
        };
        let year = match year {
            0..=49 => year + 2000,
            50..=99 => year + 1900,
            _ => year,
        };
        let clock = |at: usize| self.clock.get(at).copied().unwrap_or(0);
        let hour = match self.afternoon {
            None => clock(0),
            Some(_) if !(1..=12).contains(&clock(0)) => return None,
            Some(afternoon) => clock(0) % 12 + if afternoon { 12 } else { 0 },
        };
        let of_day = time(hour, clock(1), clock(2))? + self.fraction;
        Some(milliseconds(date(year, month, day)?, of_day) - self.offset.unwrap_or(0))
    }
}
