//! What answers rest on, as far as releases differ: an answer holds for every other release where it rests on the same.
//!
//! Most releases in question differ in one or two parameters. With this, each of them costs only what it changes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::parameters::{self, Parameter};
use crate::version::Version;

/// What was asked of one release, and what it answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// Lines of the table of parameters, by the name asked for.
    parameters: BTreeMap<Cow<'static, str>, Option<&'static Parameter>>,
    /// Defaults made up for services, by the name asked for.
    made_up: BTreeMap<String, Option<&'static str>>,
    /// Whether the release is this one or a newer one.
    since: BTreeMap<Version, bool>,
}

impl Evidence {
    pub(super) fn note_parameter(&mut self, name: &str, line: Option<&'static Parameter>) {
        if !self.parameters.contains_key(name) {
            // The table has the name for good.
            let name = line.map_or_else(|| Cow::Owned(name.to_owned()), |line| Cow::Borrowed(line.name));
            self.parameters.insert(name, line);
        }
    }

    pub(super) fn note_made_up(&mut self, name: &str, default: Option<&'static str>) {
        if !self.made_up.contains_key(name) {
            self.made_up.insert(name.to_owned(), default);
        }
    }

    pub(super) fn note_since(&mut self, since: Version, answer: bool) {
        self.since.insert(since, answer);
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
