//! What an answer says about the rate limit (§11.2).

use std::time::Duration;

use jiff::Timestamp;

use crate::auth0::exchange::Response;

/// The longest wait that is believed; token quotas reset daily at the latest.
const LONGEST: Duration = Duration::from_hours(24);

/// The rate-limit headers of one answer, as far as they can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// The HTTP status.
    pub status: u16,
    /// `x-ratelimit-limit`: the size of the bucket.
    pub limit: Option<u32>,
    /// `x-ratelimit-remaining`: calls left in it.
    pub remaining: Option<u32>,
    /// `x-ratelimit-reset`: when calls are added.
    pub reset: Option<Timestamp>,
    /// `retry-after`, as a delay; a date is measured from the answer's own `date`.
    pub retry_after: Option<Duration>,
    /// `date`: the time of day at the service.
    pub date: Option<Timestamp>,
}

impl Signal {
    /// Reads the headers; what cannot be read is left out.
    #[must_use]
    pub fn read(response: &Response) -> Self {
        let header = |name: &str| response.headers.get(name).map(|value| value.trim());
        let date = header("date").and_then(http_date);
        let seconds = |text: &str| text.parse::<i64>().ok();
        Self {
            status: response.status,
            limit: header("x-ratelimit-limit").and_then(|text| text.parse().ok()),
            remaining: header("x-ratelimit-remaining").and_then(|text| text.parse().ok()),
            reset: header("x-ratelimit-reset")
                .and_then(seconds)
                .and_then(|seconds| Timestamp::from_second(seconds).ok()),
            retry_after: header("retry-after")
                .and_then(|text| retry_after(text, date))
                .map(|delay| delay.min(LONGEST)),
            date,
        }
    }

    /// When the answer says that calls go on, if it tells without a clock of our own.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match (self.retry_after, self.date) {
            (Some(delay), Some(date)) => date.checked_add(delay).ok(),
            (Some(_), None) | (None, _) => self.reset,
        }
    }
}

fn retry_after(text: &str, date: Option<Timestamp>) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date(text)?;
    at.duration_since(date?).try_into().ok()
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Response {
        let mut response = Response::empty(429);
        response.headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        response
    }

    #[test]
    fn headers_are_read_and_nonsense_is_left_out() {
        let signal = Signal::read(&answer(&[
            ("x-ratelimit-limit", "10"),
            ("x-ratelimit-remaining", " 3 "),
            ("x-ratelimit-reset", "1700000000"),
        ]));
        assert_eq!((signal.limit, signal.remaining), (Some(10), Some(3)));
        assert_eq!(signal.reset, Timestamp::from_second(1_700_000_000).ok());
        let nonsense = Signal::read(&answer(&[
            ("x-ratelimit-limit", "-1"),
            ("x-ratelimit-remaining", "many"),
            ("x-ratelimit-reset", "99999999999999999"),
            ("retry-after", "soon"),
        ]));
        assert_eq!(
            nonsense,
            Signal {
                status: 429,
                ..Signal::default()
            }
        );
    }

    #[test]
    fn retry_after_may_be_seconds_or_a_date() {
        let date = ("date", "Tue, 14 Nov 2023 22:13:20 GMT");
        let seconds = Signal::read(&answer(&[date, ("retry-after", "30")]));
        let dated = Signal::read(&answer(&[
            date,
            ("retry-after", "Tue, 14 Nov 2023 22:13:50 GMT"),
        ]));
        for signal in [seconds, dated] {
            assert_eq!(signal.retry_after, Some(Duration::from_secs(30)));
            assert_eq!(signal.until(), Timestamp::from_second(1_700_000_030).ok());
        }
    }

    #[test]
    fn an_absurd_delay_is_cut_to_a_day() {
        let signal = Signal::read(&answer(&[("retry-after", "18446744073709551615")]));
        assert_eq!(signal.retry_after, Some(LONGEST));
    }
}
