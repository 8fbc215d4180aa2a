//! A day of the calendar, for dates of expiry. The core has no clock: whoever calls it says which day it is.

use std::fmt;
use std::str::FromStr;

/// A day; days compare by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written YEAR-MONTH-DAY, for example 2027-01-31")]
pub struct DayError;

impl Day {
    /// A day of the Gregorian calendar.
    ///
    /// # Errors
    /// When there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Day, DayError> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(DayError),
        };
        if (1..=last).contains(&day) {
            Ok(Day { year, month, day })
        } else {
            Err(DayError)
        }
    }

    /// The day in UTC that lies this many days behind 1 January 1970.
    #[must_use]
    pub fn since_1970(days: u64) -> Option<Day> {
        // In eras of 400 years that begin in March, so that the odd day stands at the end of a year.
        let days = days.checked_add(719_468)?;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        Day::new(
            u16::try_from(year).ok()?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )
        .ok()
    }

    /// The year of the Gregorian calendar.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Day, DayError> {
        let mut parts = text.split('-');
        let mut next = |length: usize| {
            let part = parts
                .next()
                .filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse::<u16>().ok()).ok_or(DayError)
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        if parts.next().is_some() {
            return Err(DayError);
        }
        Day::new(
            year,
            u8::try_from(month).map_err(|_| DayError)?,
            u8::try_from(day).map_err(|_| DayError)?,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written() {
        for text in ["2027-01-31", "2024-02-29", "0001-12-01", "2000-02-29"] {
            assert_eq!(text.parse::<Day>().map(|day| day.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "2027-1-31",
            "2027-01-32",
            "2023-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-01-00",
            "31.01.2027",
            "2027-01-31-1",
            "+027-01-01",
        ] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (days, text) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_848, "2027-01-30"),
            (365, "1971-01-01"),
        ] {
            assert_eq!(
                Day::since_1970(days).map(|day| day.to_string()).as_deref(),
                Some(text),
                "{days}"
            );
        }
        assert_eq!(Day::since_1970(u64::MAX), None);
        let (mut last, mut count) = (Day::since_1970(0), 0);
        for days in 1..40_000 {
            let day = Day::since_1970(days);
            assert!(day > last, "{days}");
            count += usize::from(day.is_some_and(|day| day.day == 1));
            last = day;
        }
        assert_eq!(count, 1314, "as many months as there are until mid 2079");
    }
}
