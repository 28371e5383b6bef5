//! Reads dates as JavaScript's engine does: ISO 8601 first, then what people write.

use super::calendar::{days, milliseconds};

/// The milliseconds since 1970 of a date, where it is one. A time without a zone is UTC.
pub fn parse(text: &str) -> Option<i64> {
    match iso(text.trim_matches(crate::template::number::is_space))? {
        Iso::Whole(milliseconds) => Some(milliseconds),
        Iso::Part(numbers, rest) => free(numbers, rest),
    }
}

/// Reads numbers and signs.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn take(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    /// A letter, large or small.
    fn take_letter(&mut self, letter: char) -> Option<()> {
        self.take(letter)
            .or_else(|| self.take(letter.to_ascii_lowercase()))
    }

    /// All digits that come next.
    fn digits(&mut self) -> &'t str {
        let after = self
            .rest
            .trim_start_matches(|letter: char| letter.is_ascii_digit());
        let (digits, after) = self.rest.split_at(self.rest.len() - after.len());
        self.rest = after;
        digits
    }

    /// A number of exactly so many digits; nothing is read where it is another.
    fn fixed(&mut self, count: usize) -> Option<i64> {
        let before = self.rest;
        let digits = self.digits();
        if digits.len() != count {
            self.rest = before;
            return None;
        }
        digits.parse().ok()
    }
}

/// What a text is by ISO 8601.
enum Iso<'t> {
    /// A date, in milliseconds.
    Whole(i64),
    /// The numbers of the date that it begins with, and what follows: this may still be a date in words.
    Part(Vec<i64>, &'t str),
}

/// `2026-03-04T05:06:07.089Z` and its shorter forms; none where what follows the `T` is wrong.
fn iso(text: &str) -> Option<Iso<'_>> {
    let mut reader = Reader { rest: text };
    let mut numbers = Vec::new();
    let year = match text.chars().next() {
        Some(sign @ ('+' | '-')) => {
            reader.take(sign)?;
            match (sign, reader.fixed(6)) {
                // There is no year -0: the engine has read past it when it sees that.
                ('-', Some(0)) => None,
                ('-', year) => year.map(|year| -year),
                (_, year) => year,
            }
        }
        _ => reader.fixed(4),
    };
    let Some(year) = year else {
        return Some(Iso::Part(numbers, reader.rest));
    };
    numbers.push(year);
    for most in [12, 31] {
        if reader.take('-').is_none() {
            break;
        }
        let before = reader.rest;
        match reader.fixed(2).filter(|number| (1..=most).contains(number)) {
            Some(number) => numbers.push(number),
            None => return Some(Iso::Part(numbers, before)),
        }
    }
    let day = || {
        let of = |at: usize| numbers.get(at).copied().unwrap_or(1);
        date(year, of(1), of(2))
    };
    if reader.rest.is_empty() {
        return Some(Iso::Whole(milliseconds(day()?, 0)));
    }
    if reader.take_letter('T').is_none() {
        return Some(Iso::Part(numbers, reader.rest));
    }
    let hour = reader.fixed(2)?;
    reader.take(':')?;
    let minute = reader.fixed(2)?;
    let (mut second, mut fraction) = (0, 0);
    if reader.take(':').is_some() {
        second = reader.fixed(2)?;
        if reader.take('.').is_some() {
            fraction = thousandths(reader.digits())?;
        }
    }
    let of_day = time(hour, minute, second)?;
    let offset = zone(&mut reader)?;
    if !reader.rest.is_empty() || (hour == 24 && fraction > 0) {
        return None;
    }
    let whole = milliseconds(day()?, of_day + fraction) - offset;
    Some(Iso::Whole(whole))
}

/// A fraction of a second by its digits, in milliseconds; what is finer is cut.
fn thousandths(digits: &str) -> Option<i64> {
    let weighed = |(digit, weight): (u8, i64)| i64::from(digit - b'0') * weight;
    let value = digits.bytes().zip([100, 10, 1]).map(weighed).sum();
    (!digits.is_empty()).then_some(value)
}

/// The offset of a zone, in milliseconds: `Z`, `+01:00`, `+0100`.
fn zone(reader: &mut Reader<'_>) -> Option<i64> {
    if reader.rest.is_empty() || reader.take_letter('Z').is_some() {
        return Some(0);
    }
    let sign = if reader.take('+').is_some() {
        1
    } else {
        reader.take('-')?;
        -1
    };
    let (hour, minute) = if let Some(both) = reader.fixed(4) {
        (both / 100, both % 100)
    } else {
        let hour = reader.fixed(2)?;
        reader.take(':')?;
        (hour, reader.fixed(2)?)
    };
    // 24 hours are midnight as a time, and no offset.
    if hour == 24 {
        return None;
    }
    Some(sign * time(hour, minute, 0)?)
}

/// Years that are farther from 1970 than any date of JavaScript. A product of days and milliseconds
/// stays far from the end of its type within them.
const YEARS: std::ops::RangeInclusive<i64> = -300_000..=300_000;

fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    let sound = YEARS.contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
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

impl Offset {
    /// In milliseconds. Seconds are counted in 32 bits without a sign, of which a number with one must
    /// hold the result: so does JavaScript's engine, and hours beyond that begin anew.
    fn milliseconds(&self) -> Option<i64> {
        let of =
            |number: i64, seconds: u32| Some(u32::try_from(number).ok()?.wrapping_mul(seconds));
        let minutes = of(self.minutes.unwrap_or(0), 60)?;
        let seconds = of(self.hours, 3_600)?.wrapping_add(minutes);
        let seconds = i32::try_from(seconds).ok()?;
        Some(self.sign * i64::from(seconds) * 1_000)
    }
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

/// How many digits of a number in words are read, without zeros before it: what follows is passed
/// over, as JavaScript's engine does.
const SIGNIFICANT: usize = 9;

/// The number of digits in words.
fn number(digits: &str) -> i64 {
    let digits = digits.trim_start_matches('0');
    let digits = &digits[..digits.len().min(SIGNIFICANT)];
    digits.parse().unwrap_or(0)
}

/// `March 4, 2026 5:06 PM`, `Wed, 04 Mar 2026 05:06:07 +0100`, `3/4/2026`.
///
/// Some numbers of it may have been read already.
fn free(numbers: Vec<i64>, mut rest: &str) -> Option<i64> {
    let mut any_number = !numbers.is_empty();
    let mut read = Free {
        numbers,
        ..Free::default()
    };
    while let Some(letter) = rest.chars().next() {
        let length = |kind: fn(char) -> bool| rest.find(|other| !kind(other)).unwrap_or(rest.len());
        if letter.is_ascii_digit() {
            let mut reader = Reader { rest };
            any_number = true;
            rest = read.number(number(reader.digits()), reader.rest)?;
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
            let milliseconds = thousandths(reader.digits())?;
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
        let mut reader = Reader { rest: text };
        let digits = reader.digits();
        let (number, after) = (number(digits), reader.rest);
        let (hours, minutes, after) = match (after.strip_prefix(':'), digits.len()) {
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
        let offset = match &self.zone {
            Some(zone) => zone.milliseconds()?,
            None => 0,
        };
        Some(milliseconds(date(year, month, day)?, of_day) - offset)
    }
}
