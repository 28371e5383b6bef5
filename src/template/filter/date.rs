//! Filters for dates.

use super::calendar::{FURTHEST, Moment};
use super::parse_date;
use super::{Applied, Call};
use crate::template::budget::Fault;
use crate::template::value::Value;
use crate::template::{convert, number};

/// The moment that `now` is in a preview: 15 January 2026, 12:00 UTC.
const NOW: f64 = 1_768_478_400_000.0;
const NOTE: &str = "the time of sending is shown as 15 January 2026, 12:00 UTC";

const DEFAULT_FORMAT: &str = "%A, %B %-e, %Y at %-l:%M %P %z";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

pub fn apply(name: &str, call: &Call<'_>) -> Option<Result<Applied, Fault>> {
    Some(match name {
        "date" => date(call),
        "date_to_xmlschema" => formatted(call, &Value::Undefined, "%Y-%m-%dT%H:%M:%S%:z"),
        "date_to_rfc822" => formatted(call, &Value::Undefined, "%a, %d %b %Y %H:%M:%S %z"),
        "date_to_string" => formatted(call, &Value::Undefined, spelled(call, "%b")),
        "date_to_long_string" => formatted(call, &Value::Undefined, spelled(call, "%B")),
        _ => return None,
    })
}

fn date(call: &Call<'_>) -> Result<Applied, Fault> {
    let format = match call.argument(0).plain() {
        Value::Undefined | Value::Null => DEFAULT_FORMAT.into(),
        given => convert::stringify(&given, call.budget)?,
    };
    formatted(call, &call.argument(1), &format)
}

/// The format of a date that is spelled out, in British or American order.
fn spelled(call: &Call<'_>, month: &str) -> &'static str {
    let is =
        |at: usize, text: &str| matches!(call.argument(at), Value::Text(given) if &*given == text);
    match (is(0, "ordinal"), is(1, "US"), month) {
        (true, true, "%b") => "%b %-d%q, %Y",
        (true, true, _) => "%B %-d%q, %Y",
        (true, false, "%b") => "%-d%q %b %Y",
        (true, false, _) => "%-d%q %B %Y",
        (false, _, "%b") => "%d %b %Y",
        (false, _, _) => "%d %B %Y",
    }
}

fn formatted(call: &Call<'_>, zone: &Value, format: &str) -> Result<Applied, Fault> {
    let (milliseconds, now) = match call.input.clone().plain() {
        Value::Number(seconds) => (seconds * 1_000.0, false),
        Value::Bool(value) => (f64::from(u8::from(value)), false),
        Value::Text(text) if matches!(&*text, "now" | "today") => (NOW, true),
        Value::Text(text) => (read(&text), false),
        list @ Value::Array(_) => (written(&convert::string(&list, call.budget)?), false),
        _ => (f64::NAN, false),
    };
    // Not a date: LiquidJS gives it back as it is.
    if milliseconds.is_nan() || milliseconds.abs() > FURTHEST {
        return Ok(Applied::Value(call.input.clone()));
    }
    let Some(zone) = Zone::of(zone, call)? else {
        return Ok(Applied::Value(call.input.clone()));
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked above, and in the zone"
    )]
    let (milliseconds, there) = {
        let whole = milliseconds.trunc();
        (
            whole as i64,
            (whole - zone.minutes * 60_000.0).trunc() as i64,
        )
    };
    let shown = Shown {
        moment: Moment::of(there),
        milliseconds,
        zone,
    };
    call.budget.work(format.len())?;
    let text = shown.write(format, call)?;
    Ok(if now {
        Applied::Sample(text, NOTE)
    } else {
        Applied::Value(text)
    })
}

/// The milliseconds of a text: seconds where it is all digits.
fn read(text: &str) -> f64 {
    if !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit()) {
        return text
            .parse::<f64>()
            .map_or(f64::NAN, |seconds| seconds * 1_000.0);
    }
    written(text)
}

/// The milliseconds of a date that is written out.
#[expect(
    clippy::cast_precision_loss,
    reason = "JavaScript keeps dates as such numbers"
)]
fn written(text: &str) -> f64 {
    parse_date::parse(text).map_or(f64::NAN, |milliseconds| milliseconds as f64)
}

/// Where a clock is.
struct Zone {
    /// Minutes west of UTC, and parts of them: a template gives any number.
    minutes: f64,
    /// The name, where it is not a number that was given.
    name: Option<String>,
}

impl Zone {
    /// The zone of an argument; none where it is not a number and not a name.
    fn of(value: &Value, call: &Call<'_>) -> Result<Option<Self>, Fault> {
        let name = match value {
            Value::Undefined | Value::Null => "UTC",
            Value::Text(name) => &**name,
            other => {
                let minutes = convert::number(other, call.budget)?;
                // Farther than any date.
                return Ok((minutes.abs() < 1e12).then_some(Self {
                    minutes,
                    name: None,
                }));
            }
        };
        if !matches!(name, "UTC" | "GMT" | "Etc/UTC" | "Etc/GMT") {
            return Err(Fault::new(
                "this preview knows the time zones UTC and GMT, and offsets in minutes",
            ));
        }
        Ok(Some(Self {
            minutes: 0.0,
            name: Some(name.to_owned()),
        }))
    }
}

/// A date that is written.
struct Shown {
    moment: Moment,
    milliseconds: i64,
    zone: Zone,
}

/// A place in a format that something is written in: `%-5d`.
struct Slot<'f> {
    flags: &'f str,
    width: usize,
    conversion: char,
}

impl Shown {
    fn write(&self, format: &str, call: &Call<'_>) -> Result<Value, Fault> {
        let mut text = String::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            let (slot, length) = slot(&rest[at..]);
            if let Some(slot) = &slot {
                // The width is a number that the template chooses.
                call.budget.text(text.len().saturating_add(slot.width))?;
            }
            let written = slot.and_then(|slot| Some(padded(&slot, &self.slot(&slot)?)));
            text.push_str(written.as_deref().unwrap_or(&rest[at..at + length]));
            call.budget.step(1)?;
            rest = &rest[at + length..];
        }
        text.push_str(rest);
        call.done(text)
    }

    /// What is written in a slot, before it is padded.
    fn slot(&self, slot: &Slot<'_>) -> Option<String> {
        let Moment {
            year,
            month,
            day,
            hour,
            minute,
            second,
            millisecond,
            weekday,
        } = self.moment;
        let of = |names: &[&'static str], at: i64| {
            let at = usize::try_from(at).unwrap_or(0);
            names.get(at).copied().unwrap_or_default()
        };
        let half = if hour < 12 { "AM" } else { "PM" };
        Some(match slot.conversion {
            'a' => of(&DAYS, weekday).chars().take(3).collect(),
            'A' => of(&DAYS, weekday).to_owned(),
            'b' | 'h' => of(&MONTHS, month - 1).chars().take(3).collect(),
            'B' => of(&MONTHS, month - 1).to_owned(),
            'c' => format!("{}, {}", self.short_date(), self.short_time()),
            'x' => self.short_date(),
            'X' => self.short_time(),
            'C' => year.div_euclid(100).to_string(),
            'd' | 'e' => day.to_string(),
            'H' | 'k' => hour.to_string(),
            'I' | 'l' => self.moment.hour_of_12().to_string(),
            'j' => self.moment.day_of_year().to_string(),
            'L' => millisecond.to_string(),
            'm' => month.to_string(),
            'M' => minute.to_string(),
            'N' => {
                let width = if slot.width == 0 { 9 } else { slot.width };
                let mut digits = format!("{millisecond:03}");
                digits.truncate(width);
                // A width of a format string may not exceed 65,535, and that of a template may.
                digits + &"0".repeat(width.saturating_sub(3))
            }
            'p' => half.to_owned(),
            'P' => half.to_lowercase(),
            'q' => ordinal(day).to_owned(),
            's' => self.milliseconds.div_euclid(1_000).to_string(),
            'S' => second.to_string(),
            'u' => (if weekday == 0 { 7 } else { weekday }).to_string(),
            'U' => self.week(0).to_string(),
            'w' => weekday.to_string(),
            'W' => self.week(1).to_string(),
            'y' => year.rem_euclid(100).to_string(),
            'Y' => year.to_string(),
            'z' => self.offset(slot.flags),
            'Z' => self
                .zone
                .name
                .clone()
                .unwrap_or_else(|| self.offset(slot.flags)),
            't' => "\t".to_owned(),
            'n' => "\n".to_owned(),
            '%' => "%".to_owned(),
            _ => return None,
        })
    }

    fn short_date(&self) -> String {
        format!(
            "{}/{}/{}",
            self.moment.month, self.moment.day, self.moment.year
        )
    }

    fn short_time(&self) -> String {
        let half = if self.moment.hour < 12 { "AM" } else { "PM" };
        let (minute, second) = (self.moment.minute, self.moment.second);
        format!(
            "{}:{minute:02}:{second:02} {half}",
            self.moment.hour_of_12()
        )
    }

    fn offset(&self, flags: &str) -> String {
        let minutes = self.zone.minutes;
        let sign = if minutes > 0.0 { '-' } else { '+' };
        let colon = if flags.contains(':') { ":" } else { "" };
        let minutes = minutes.abs();
        let padded = |number: f64| format!("{:0>2}", number::to_text(number));
        let (hours, minutes) = ((minutes / 60.0).floor(), minutes % 60.0);
        format!("{sign}{}{colon}{}", padded(hours), padded(minutes))
    }

    /// The week of the year, of weeks that begin on this day.
    const fn week(&self, first: i64) -> i64 {
        let since = (self.moment.weekday - first + 7) % 7;
        (self.moment.day_of_year() - 1 - since + 7) / 7
    }
}

const fn ordinal(day: i64) -> &'static str {
    match (day, day % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// The slot that a text begins with, and its length; no slot where it is not complete.
fn slot(text: &str) -> (Option<Slot<'_>>, usize) {
    let after = &text[1..];
    let flags = after.len()
        - after
            .trim_start_matches(['-', '_', '0', '^', '#', ':'])
            .len();
    let digits = &after[flags..];
    let width = digits.len()
        - digits
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .len();
    let rest = &digits[width..];
    let modifier = usize::from(rest.starts_with(['E', 'O']));
    let before = 1 + flags + width + modifier;
    let conversion = text[before..].chars().next();
    match conversion.filter(|letter| !matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}')) {
        Some(conversion) => {
            let slot = Slot {
                flags: &after[..flags],
                width: if width == 0 {
                    0
                } else {
                    digits[..width].parse().unwrap_or(usize::MAX)
                },
                conversion,
            };
            (Some(slot), before + conversion.len_utf8())
        }
        None => (None, before),
    }
}

fn padded(slot: &Slot<'_>, written: &str) -> String {
    let has = |flag: char| slot.flags.contains(flag);
    let any_small = written.contains(|letter: char| letter.is_ascii_lowercase());
    let written = if has('^') || (has('#') && any_small) {
        written.to_uppercase()
    } else if has('#') {
        written.to_lowercase()
    } else {
        written.to_owned()
    };
    let spaced = has('_') || ("aAbBceklpP".contains(slot.conversion) && !has('0'));
    let usual = match slot.conversion {
        'C' | 'd' | 'e' | 'H' | 'I' | 'k' | 'l' | 'm' | 'M' | 'S' | 'U' | 'W' | 'y' => 2,
        'j' | 'L' => 3,
        'Y' => 4,
        _ => 0,
    };
    let width = match slot.width {
        _ if has('-') => 0,
        0 => usual,
        width => width,
    };
    let missing = width.saturating_sub(written.chars().count());
    let padding = if spaced { " " } else { "0" }.repeat(missing);
    match written.strip_prefix('-') {
        Some(digits) if !spaced => format!("-{padding}{digits}"),
        _ => padding + &written,
    }
}
