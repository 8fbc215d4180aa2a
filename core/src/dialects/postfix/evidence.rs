//! What answers rest on, as far as releases differ: an answer holds for every other release where it rests on the same.
//!
//! Most releases in question differ in one or two parameters. With this, each of them costs only what it changes.

use super::parameters::{self, Parameter};
use crate::gather::Index;
use crate::version::Version;

/// What was asked of one release, and what it answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// Lines of the table of parameters, by the name asked for.
    parameters: Noted<Option<&'static Parameter>>,
    /// Defaults made up for services, by the name asked for.
    made_up: Noted<Option<&'static str>>,
    /// Whether the release is this one or a newer one.
    since: Vec<(Version, bool)>,
}

/// What was noted of each name, once.
#[derive(Debug, Clone)]
struct Noted<T> {
    names: Index,
    values: Vec<T>,
}

impl<T> Default for Noted<T> {
    fn default() -> Noted<T> {
        Noted { names: Index::new(), values: Vec::new() }
    }
}

impl<T> Noted<T> {
    fn note(&mut self, name: &str, value: T) {
        if !self.names.contains_key(name) {
            self.names.insert(name.to_owned(), self.values.len());
            self.values.push(value);
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        self.names.iter().filter_map(|(name, at)| Some((name, self.values.get(*at)?)))
    }
}

impl Evidence {
    pub(super) fn note_parameter(&mut self, name: &str, line: Option<&'static Parameter>) {
        self.parameters.note(name, line);
    }

    pub(super) fn note_made_up(&mut self, name: &str, default: Option<&'static str>) {
        self.made_up.note(name, default);
    }

    pub(super) fn note_since(&mut self, since: Version, answer: bool) {
        if !self.since.contains(&(since, answer)) {
            self.since.push((since, answer));
        }
    }

    /// True when another release gives the same answers; `make_up` asks it for the default of a service's parameter.
    pub(super) fn holds_at(&self, version: Version, make_up: impl Fn(&str) -> Option<&'static str>) -> bool {
        self.since.iter().all(|(since, answer)| (version >= *since) == *answer)
            && self.parameters.iter().all(|(name, line)| match line {
                Some(line) => line.versions.contains(version),
                None => parameters::at(name, version).is_none(),
            })
            && self.made_up.iter().all(|(name, default)| make_up(name) == *default)
    }
}

/// An answer with what it rests on.
#[derive(Debug, Clone)]
pub(super) struct Answer<T> {
    pub(super) value: T,
    pub(super) evidence: Evidence,
}
