//! What was worked out already, by name: facts ask for the same few names again and again.

use std::rc::Rc;

use super::config::Files;
use super::evidence::Answer;
use super::expand::Expansion;
use super::parameters::{self, Parameter};
use crate::facts::{Because, Members, Step};
use crate::gather::Index;
use crate::source::Span;

/// Everything known so far.
pub(super) struct Known {
    /// Where each name stands in the list.
    places: Index,
    names: Vec<Name>,
}

impl Default for Known {
    fn default() -> Known {
        Known { places: Index::with_room(), names: Vec::with_capacity(256) }
    }
}

impl Known {
    /// The place of a name.
    pub(super) fn place(&mut self, name: &str, files: &Files<'_>) -> usize {
        let next = self.names.len();
        let place = *self.places.get_or_put(name, next);
        if place == next {
            self.names.push(Name::new(name, files));
        }
        place
    }

    /// What is known of the name at a place.
    pub(super) fn at(&mut self, place: usize) -> &mut Name {
        &mut self.names[place]
    }

    /// That the name at a place is set in main.cf, at `span`.
    pub(super) fn set_at(&mut self, place: usize, span: Span) -> Because {
        let setting = || self.places.name(place);
        self.names[place].set.get_or_insert_with(|| Step::Set { setting: setting(), span }.into()).clone()
    }

    /// The name at a place, shared by all that speak of it.
    pub(super) fn name(&self, place: usize) -> Rc<str> {
        self.places.name(place)
    }
}

/// What is known of one name.
pub(super) struct Name {
    /// Where the assignment of main.cf stands that is in force.
    pub(super) main: Option<usize>,
    /// That assignment as a reason.
    set: Option<Because>,
    /// Its bit among the names that options of services set; none where no service sets it.
    pub(super) option: u64,
    /// The table's lines for it, oldest first.
    pub(super) lines: &'static [Parameter],
    /// Whether it means the same to every service that does not set it itself.
    pub(super) is_shared: Option<Answer<bool>>,
    /// Its expanded value.
    pub(super) value: Kept<Option<Rc<Expansion>>>,
    /// The members of its value as a list.
    pub(super) members: Kept<Rc<Members<String>>>,
    /// Why its value is what it is, where no file says it.
    pub(super) because: Kept<Because>,
}

impl Name {
    fn new(name: &str, files: &Files<'_>) -> Name {
        let main = files.main.get(name);
        let assignment = main.and_then(|at| files.syntax.assignments.get(at));
        Name {
            main,
            set: None,
            option: files.syntax.option(name),
            lines: assignment.map_or_else(|| parameters::lines_of(name), |one| one.lines),
            is_shared: None,
            value: Kept::default(),
            members: Kept::default(),
            because: Kept::default(),
        }
    }
}

/// Answers for the whole server, and for the service that was asked last: each is asked everything before the next one.
pub(super) struct Kept<T> {
    server: Option<Answer<T>>,
    service: Option<(Span, Option<Answer<T>>)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept { server: None, service: None }
    }
}

impl<T> Kept<T> {
    /// Where the answer for a service, told by its place, or for the whole server stands. Asking for another service's forgets the
    /// one before.
    pub(super) fn place(&mut self, service: Option<Span>) -> &mut Option<Answer<T>> {
        let Some(service) = service else { return &mut self.server };
        let kept = self.service.get_or_insert((service, None));
        if kept.0 != service {
            *kept = (service, None);
        }
        &mut kept.1
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::Syntax;
    use super::*;

    #[test]
    fn every_name_keeps_its_place_while_the_table_grows() {
        let syntax = Syntax::default();
        let files = Files::new(&syntax);
        let mut known = Known::default();
        let names: Vec<String> = (0..2000).map(|number| format!("{number}_own_{number}")).collect();
        for name in &names {
            let place = known.place(name, &files);
            assert!(known.at(place).is_shared.is_none(), "{name}");
            known.at(place).is_shared = Some(Answer { value: name.ends_with('7'), evidence: Default::default() });
        }
        for name in &names {
            let place = known.place(name, &files);
            let kept = known.at(place).is_shared.as_ref().map(|answer| answer.value);
            assert_eq!(kept, Some(name.ends_with('7')), "{name}");
        }
    }
}
