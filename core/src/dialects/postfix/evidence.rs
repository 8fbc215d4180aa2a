//! What answers rest on, as far as releases differ: an answer holds for every other release where it rests on the same.
//!
//! Most releases in question differ in one or two parameters. With this, each of them costs only what it changes.

use super::parameters::{self, Parameter};
use crate::version::{Version, Versions};

/// The releases, without a gap between them, that answer everything asked so far alike.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    /// The oldest release that answers so, unless all older ones do.
    first: Option<Version>,
    /// The newest one.
    last: Option<Version>,
    /// The newest older release that answers otherwise.
    above: Option<Version>,
    /// The oldest newer one.
    below: Option<Version>,
}

impl Evidence {
    /// Notes the table's line for a name at a release; `None` when the release does not have the parameter.
    pub(super) fn note_parameter(&mut self, name: &str, line: Option<&Parameter>, version: Version) {
        match line {
            Some(line) => self.note_line(line.versions, version),
            None => parameters::lines_of(name).for_each(|line| self.note_line(line.versions, version)),
        }
    }

    /// Notes that the release has a line of some table, or has not.
    pub(super) fn note_line(&mut self, line: Versions, version: Version) {
        if version < line.first {
            self.below = Some(self.below.map_or(line.first, |below| below.min(line.first)));
        } else if version > line.last {
            self.above = self.above.max(Some(line.last));
        } else {
            self.first = self.first.max(Some(line.first));
            self.last = Some(self.last.map_or(line.last, |last| last.min(line.last)));
        }
    }

    /// Notes whether the release is this one or a newer one.
    pub(super) fn note_since(&mut self, since: Version, answer: bool) {
        if answer {
            self.first = self.first.max(Some(since));
        } else {
            self.below = Some(self.below.map_or(since, |below| below.min(since)));
        }
    }

    /// What both rest on.
    pub(super) fn and(self, other: Evidence) -> Evidence {
        let least = |one: Option<Version>, other: Option<Version>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Evidence {
            first: self.first.max(other.first),
            last: least(self.last, other.last),
            above: self.above.max(other.above),
            below: least(self.below, other.below),
        }
    }

    /// True when another release gives the same answers.
    pub(super) fn holds_at(&self, version: Version) -> bool {
        self.first.is_none_or(|first| first <= version)
            && self.last.is_none_or(|last| version <= last)
            && self.above.is_none_or(|above| above < version)
            && self.below.is_none_or(|below| version < below)
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
    fn a_name_of_no_release_is_unknown_to_all() {
        let mut evidence = Evidence::default();
        evidence.note_parameter("nothing", None, Version::new(3, 7, 0));
        assert!(evidence.holds_at(Version::new(2, 10, 0)) && evidence.holds_at(Version::new(3, 11, 6)));
    }
}
