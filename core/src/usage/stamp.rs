//! Time stamps as logs have them: to the second, with a year or without one, with an offset or without one.

use std::fmt;

use memchr::memchr;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::suppress::Day;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// No offset is written.
const NONE: i8 = i8::MIN;

/// A point in time as a log tells it. Shown as it was written, without fractions of a second: `Nov 27 01:02:03` as in
/// RFC 3164, which knows no year, or `2026-11-27T01:02:03+01:00` as in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// 0 where none is written.
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Quarters of an hour before UTC's clock, or [`NONE`].
    offset: i8,
}

impl Stamp {
    /// The stamp at the beginning of a line, and what follows it.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<(Stamp, &[u8])> {
        match line.first()? {
            b'0'..=b'9' => Stamp::with_year(line),
            _ => Stamp::without_year(line),
        }
    }

    /// `Nov 27 01:02:03` or `Nov  7 01:02:03`.
    fn without_year(line: &[u8]) -> Option<(Stamp, &[u8])> {
        let (text, rest) = line.split_at_checked(15)?;
        let [month @ .., b' ', tens, ones, b' ', _, _, _, _, _, _, _, _] = text else {
            return None;
        };
        let month = MONTHS.iter().position(|name| name.as_bytes() == month)?;
        let tens = if *tens == b' ' { b'0' } else { *tens };
        let stamp = Stamp {
            year: 0,
            month: u8::try_from(month).ok()? + 1,
            day: number(&[tens, *ones])?,
            offset: NONE,
            ..Stamp::clock(text.get(7..)?)?
        };
        (1..=31).contains(&stamp.day).then_some((stamp, rest))
    }

    /// `2026-11-27T01:02:03.123456+01:00`, `…+0100`, `…Z`, or without an offset; a blank may stand for the T.
    fn with_year(line: &[u8]) -> Option<(Stamp, &[u8])> {
        let (text, rest) = line.split_at_checked(19)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b' ', clock @ ..] = text else {
            return None;
        };
        let mut stamp = Stamp::clock(clock)?;
        stamp.year = u16::from(number(&[*y1, *y2])?) * 100 + u16::from(number(&[*y3, *y4])?);
        stamp.month = number(&[*m1, *m2])?;
        stamp.day = number(&[*d1, *d2])?;
        Day::new(stamp.year, stamp.month, stamp.day)
            .ok()
            .filter(|_| stamp.year > 0)?;
        let rest = match rest {
            [b'.' | b',', fraction @ ..] => {
                let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
                fraction.get(digits..)?
            }
            _ => rest,
        };
        let (offset, rest) = match rest {
            [b'Z', rest @ ..] => (0, rest),
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, rest @ ..]
            | [sign @ (b'+' | b'-'), h1, h2, m1, m2, rest @ ..] => (offset(*sign, [*h1, *h2, *m1, *m2])?, rest),
            // As Exim writes it.
            [b' ', sign @ (b'+' | b'-'), h1, h2, m1, m2, b' ', ..]
                if [h1, h2, m1, m2].iter().all(|one| one.is_ascii_digit()) =>
            {
                (offset(*sign, [*h1, *h2, *m1, *m2])?, rest.get(6..)?)
            }
            _ => (NONE, rest),
        };
        stamp.offset = offset;
        Some((stamp, rest))
    }

    /// `01:02:03`; the date is still to come.
    fn clock(text: &[u8]) -> Option<Stamp> {
        let [h1, h2, b':', m1, m2, b':', s1, s2] = text else {
            return None;
        };
        let stamp = Stamp {
            year: 0,
            month: 0,
            day: 0,
            hour: number(&[*h1, *h2])?,
            minute: number(&[*m1, *m2])?,
            second: number(&[*s1, *s2])?,
            offset: NONE,
        };
        // A leap second is written as the sixtieth.
        (stamp.hour < 24 && stamp.minute < 60 && stamp.second <= 60).then_some(stamp)
    }

    /// The stamp of so many microseconds after the beginning of 1970 in UTC, as a journal has it.
    #[must_use]
    pub fn of_microseconds(microseconds: u64) -> Option<Stamp> {
        let seconds = microseconds / 1_000_000;
        let (day, of_day) = (Day::since_1970(seconds / 86_400)?, seconds % 86_400);
        let part = |value: u64| u8::try_from(value).ok();
        Some(Stamp {
            year: day.year(),
            month: day.month(),
            day: day.day(),
            hour: part(of_day / 3_600)?,
            minute: part(of_day / 60 % 60)?,
            second: part(of_day % 60)?,
            offset: 0,
        })
    }

    /// True when the year is written.
    #[must_use]
    pub fn has_year(self) -> bool {
        self.year > 0
    }

    /// Seconds since the beginning of the year 0, or of a year that is not known; what has no offset is taken for UTC.
    pub(super) fn seconds(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        // The year of the count begins in March; without a year it is one with the odd day.
        let (year, shifted) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let days = if self.has_year() {
            year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400)
        } else {
            0
        };
        let days = days + (153 * shifted + 2) / 5 + i64::from(self.day);
        let offset = if self.offset == NONE {
            0
        } else {
            i64::from(self.offset) * 900
        };
        days * 86_400 + i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60 + i64::from(self.second) - offset
    }
}

/// Quarters of an hour before UTC's clock, of a sign, hours and minutes.
fn offset(sign: u8, [h1, h2, m1, m2]: [u8; 4]) -> Option<i8> {
    let quarters = number(&[h1, h2])?
        .checked_mul(4)?
        .checked_add(number(&[m1, m2])? / 15)?;
    let quarters = i8::try_from(quarters).ok().filter(|quarters| *quarters < 64)?;
    Some(if sign == b'-' { -quarters } else { quarters })
}

/// A number of two digits.
fn number(digits: &[u8; 2]) -> Option<u8> {
    let [tens, ones] = digits.map(|digit| digit.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp {
            year,
            month,
            day,
            hour,
            minute,
            second,
            offset,
        } = *self;
        if !self.has_year() {
            let name = MONTHS.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or("");
            return write!(f, "{name} {day:2} {hour:02}:{minute:02}:{second:02}");
        }
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if offset != NONE {
            let sign = if offset < 0 { '-' } else { '+' };
            let quarters = offset.unsigned_abs();
            write!(f, "{sign}{:02}:{:02}", quarters / 4, quarters % 4 * 15)?;
        }
        Ok(())
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Stamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        match Stamp::read(text.as_bytes()) {
            Some((stamp, [])) => Ok(stamp),
            _ => Err(D::Error::custom(format_args!("`{text}` is no time stamp of a log"))),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Stamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Stamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "As the log has it, to the second: `Nov 27 01:02:03`, or `2026-11-27T01:02:03+01:00`.",
            "pattern": r"^([A-Z][a-z]{2} [ 123]\d|\d{4}-\d\d-\d\dT)( ?)\d\d:\d\d:\d\d([+-]\d\d:\d\d)?$"
        })
    }
}

/// The first stamp in the beginning of a log; of a journal's export as well.
#[must_use]
pub fn first_stamp(beginning: &[u8]) -> Option<Stamp> {
    let mut rest = beginning;
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        let found = super::line::stamp(line).or_else(|| super::journal::stamp(line));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The order in which files are to be read, the oldest first, by the first stamp of each; `None` when the stamps do not
/// tell.
///
/// Where no year is written, the files are taken to lie on a circle, and its longest stretch without a beginning to be
/// the time before the oldest: that holds as long as they span less than a year.
#[must_use]
pub fn reading_order(firsts: &[Option<Stamp>]) -> Option<Vec<usize>> {
    let mut known: Vec<(i64, usize)> = Vec::with_capacity(firsts.len());
    let with_year = firsts.first()?.as_ref()?.has_year();
    for (index, first) in firsts.iter().enumerate() {
        let stamp = first.filter(|stamp| stamp.has_year() == with_year)?;
        known.push((stamp.seconds(), index));
    }
    known.sort_unstable();
    if !with_year {
        const YEAR: i64 = 366 * 86_400;
        let before = |at: usize| {
            let (this, _) = known[at];
            let (previous, _) = known[(at + known.len() - 1) % known.len()];
            (this - previous).rem_euclid(YEAR)
        };
        let gaps: Vec<i64> = (0..known.len()).map(before).collect();
        let longest = gaps.iter().copied().max()?;
        // Two beginnings are as good as each other when they are equally far apart: nothing is told then.
        if gaps.iter().filter(|gap| **gap == longest).count() > 1 && longest > 0 {
            return None;
        }
        let oldest = gaps.iter().position(|gap| *gap == longest)?;
        known.rotate_left(oldest);
    }
    Some(known.into_iter().map(|(_, index)| index).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Stamp {
        Stamp::read(text.as_bytes())
            .unwrap_or_else(|| panic!("{text} is a stamp"))
            .0
    }

    #[test]
    fn stamps_are_shown_as_they_are_written() {
        for text in [
            "Nov 27 01:02:03",
            "Feb  7 23:59:60",
            "2026-11-27T01:02:03+01:00",
            "2026-11-27T01:02:03-03:30",
            "2026-11-27T01:02:03",
        ] {
            assert_eq!(stamp(text).to_string(), text);
        }
        assert_eq!(
            stamp("2026-11-27 01:02:03.123456+0530").to_string(),
            "2026-11-27T01:02:03+05:30"
        );
        assert_eq!(stamp("2026-11-27T01:02:03.5Z").to_string(), "2026-11-27T01:02:03+00:00");
    }

    #[test]
    fn what_is_no_time_is_no_stamp() {
        for text in [
            "",
            "Nov",
            "Nov 32 01:02:03",
            "Nov  0 01:02:03",
            "Nix 27 01:02:03",
            "Nov 27 24:02:03",
            "Nov 27 ~1:02:03",
            "Nov 27 01-02-03",
            "2026-02-29T01:02:03Z",
            "2026-13-01T01:02:03Z",
            "0000-01-01T01:02:03Z",
            "20261127T010203Z",
        ] {
            assert_eq!(Stamp::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn microseconds_of_a_journal_are_in_utc() {
        let stamp = Stamp::of_microseconds(1_795_741_323_000_123).expect("a time");
        assert_eq!(stamp.to_string(), "2026-11-27T01:02:03+00:00");
        assert_eq!(Stamp::of_microseconds(u64::MAX), None);
    }

    #[test]
    fn the_oldest_file_is_read_first() {
        let order = |texts: &[&str]| reading_order(&texts.iter().map(|text| Some(stamp(text))).collect::<Vec<_>>());
        let rotated = ["2026-11-22T00:00:01Z", "2026-11-15T00:00:01Z", "2026-11-08T00:00:01Z"];
        assert_eq!(order(&rotated), Some(vec![2, 1, 0]));
        // An hour apart, whatever the clocks on the wall say.
        assert_eq!(
            order(&["2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"]),
            Some(vec![1, 0])
        );
        assert_eq!(
            order(&["Jan  3 00:00:01", "Dec 27 00:00:01", "Dec 20 00:00:01"]),
            Some(vec![2, 1, 0]),
            "over New Year"
        );
        assert_eq!(order(&["Nov 27 00:00:01"]), Some(vec![0]));
        assert_eq!(
            order(&["Nov 27 00:00:01", "2026-11-27T00:00:01Z"]),
            None,
            "with and without a year"
        );
        assert_eq!(reading_order(&[None]), None);
        assert_eq!(
            order(&["Nov 27 00:00:01", "Nov 27 00:00:01"]),
            Some(vec![0, 1]),
            "the same file twice"
        );
    }

    #[test]
    fn the_first_stamp_may_stand_behind_what_is_none() {
        assert_eq!(
            first_stamp(b"-- Journal begins --\n\nNov 27 01:02:03 host kernel: x\n"),
            Some(stamp("Nov 27 01:02:03"))
        );
        assert_eq!(
            first_stamp(b"__CURSOR=s\n__REALTIME_TIMESTAMP=1795741323000123\n"),
            Some(stamp("2026-11-27T01:02:03Z"))
        );
        assert_eq!(
            first_stamp(b"<22>1 2026-11-27T01:02:03Z host"),
            Some(stamp("2026-11-27T01:02:03Z"))
        );
        assert_eq!(first_stamp(b"\n\nno log"), None);
    }
}
