//! What answers rest on, as far as releases differ: an answer holds for every other release where it rests on the same.
//!
//! Most releases in question differ in one or two parameters. With this, each of them costs only what it changes.

use super::parameters::Parameter;
use crate::version::{Version, Versions};

/// The releases, without a gap between them, that answer everything asked so far alike, and what services were asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    /// The number of the oldest one.
    first: u64,
    /// The number behind the newest one.
    end: u64,
    /// A bit for each option that a service was asked for, as in [`super::syntax::Service::options`].
    asked: u64,
}

impl Default for Evidence {
    fn default() -> Evidence {
        Evidence::of(0, u64::MAX)
    }
}

impl Evidence {
    fn of(first: u64, end: u64) -> Evidence {
        Evidence { first, end, asked: 0 }
    }

    /// Notes that a service was asked for options.
    pub(super) fn note_options(&mut self, options: u64) {
        self.asked |= options;
    }

    /// True when none of these options of a service was asked for: what does not rest on them is the same without them.
    pub(super) fn is_without(&self, options: u64) -> bool {
        self.asked & options == 0
    }

    /// Notes that the release has none of the table's lines for a name.
    pub(super) fn note_none_of(&mut self, lines: &[Parameter], version: Version) {
        lines.iter().for_each(|line| self.note_line(line.versions, version));
    }

    /// Notes that the release has a line of some table, or has not.
    pub(super) fn note_line(&mut self, line: Versions, version: Version) {
        let (first, end) = (line.first.number(), line.last.number() + 1);
        let span = match version.number() {
            version if version < first => Evidence::of(0, first),
            version if version >= end => Evidence::of(end, u64::MAX),
            _ => Evidence::of(first, end),
        };
        *self = self.and(span);
    }

    /// Notes whether the release is this one or a newer one.
    pub(super) fn note_since(&mut self, since: Version, answer: bool) {
        let since = since.number();
        *self = self.and(if answer { Evidence::of(since, u64::MAX) } else { Evidence::of(0, since) });
    }

    /// What both rest on.
    pub(super) fn and(self, other: Evidence) -> Evidence {
        Evidence { first: self.first.max(other.first), end: self.end.min(other.end), asked: self.asked | other.asked }
    }

    /// True when another release gives the same answers.
    pub(super) fn holds_at(&self, version: Version) -> bool {
        (self.first..self.end).contains(&version.number())
    }
}

/// An answer with what it rests on.
#[derive(Debug, Clone)]
pub(super) struct Answer<T> {
    pub(super) value: T,
    pub(super) evidence: Evidence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_ends_where_an_answer_changes() {
        let version = |minor, patch| Version::new(3, minor, patch);
        let line = Versions { first: version(6, 0), last: version(8, 4) };
        let mut inside = Evidence::default();
        inside.note_line(line, version(7, 1));
        assert!(inside.holds_at(version(6, 0)) && inside.holds_at(version(8, 4)));
        assert!(!inside.holds_at(version(5, 9)) && !inside.holds_at(version(8, 5)));
        let mut behind = Evidence::default();
        behind.note_line(line, version(9, 0));
        behind.note_since(version(10, 0), false);
        assert!(behind.holds_at(version(8, 5)) && behind.holds_at(version(9, 9)));
        assert!(!behind.holds_at(version(8, 4)) && !behind.holds_at(version(10, 0)));
        assert!(!inside.and(behind).holds_at(version(8, 4)) && !inside.and(behind).holds_at(version(8, 5)));
    }

    #[test]
    fn options_that_were_not_asked_for_do_not_count() {
        let mut evidence = Evidence::default();
        evidence.note_options(0b101);
        assert!(evidence.is_without(0b010) && !evidence.is_without(0b110));
        assert!(!Evidence::default().and(evidence).is_without(0b001));
    }

    #[test]
    fn a_name_of_no_release_is_unknown_to_all() {
        let mut evidence = Evidence::default();
        evidence.note_none_of(&[], Version::new(3, 7, 0));
        assert!(evidence.holds_at(Version::new(2, 10, 0)) && evidence.holds_at(Version::new(3, 11, 6)));
    }
}
