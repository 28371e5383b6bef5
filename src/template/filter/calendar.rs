//! Days and times of the proleptic Gregorian calendar, in milliseconds since 1970, as JavaScript counts them.

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The furthest that a date may be from 1970, in milliseconds.
pub const FURTHEST: f64 = 8.64e15;

/// A moment as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub year: i64,
    /// From 1.
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub millisecond: i64,
    /// From Sunday, which is 0.
    pub weekday: i64,
}

impl Moment {
    pub const fn of(milliseconds: i64) -> Self {
        let (days, rest) = (milliseconds.div_euclid(DAY), milliseconds.rem_euclid(DAY));
        // Years are counted from March here, so that a leap day is the last of its year.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let next_year = if month <= 2 { 1 } else { 0 };
        Self {
            year: year_of_era + era * 400 + next_year,
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            millisecond: rest % 1_000,
            weekday: (days + 4).rem_euclid(7),
        }
    }

    /// The day of the year, from 1.
    pub const fn day_of_year(&self) -> i64 {
        days(self.year, self.month, self.day) - days(self.year, 1, 1) + 1
    }

    /// The hour of a clock of twelve.
    pub const fn hour_of_12(&self) -> i64 {
        if self.hour % 12 == 0 {
            12
        } else {
            self.hour % 12
        }
    }
}

/// The days from 1970 to a day.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// The milliseconds of a day and a time of it.
pub const fn milliseconds(days: i64, of_day: i64) -> i64 {
    days * DAY + of_day
}

#[cfg(test)]
mod tests {
    use super::{Moment, days, milliseconds};

    #[test]
    fn a_day_is_found_again() {
        for day in (-800_000..800_000).step_by(97) {
            let moment = Moment::of(milliseconds(day, 45_296_789));
            assert_eq!(days(moment.year, moment.month, moment.day), day);
            assert_eq!((moment.hour, moment.minute, moment.second), (12, 34, 56));
        }
        assert_eq!(Moment::of(0).weekday, 4);
    }
}
