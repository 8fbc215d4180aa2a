//! What was worked out already, by name: facts ask for the same few names again and again.

use std::rc::Rc;

use super::config::Files;
use super::evidence::Answer;
use super::expand::Expansion;
use super::parameters::{self, Parameter};
use crate::facts::{Members, Step};
use crate::source::Span;

/// Everything known so far.
#[derive(Default)]
pub(super) struct Known {
    /// Where each name stands in the list, one behind its index: at its number, or at the first free slot behind it. There are at
    /// least twice as many slots as names, and as many as a power of two.
    slots: Vec<usize>,
    names: Vec<Name>,
}

/// So many slots are enough for nearly every configuration.
const SLOTS: usize = 512;

impl Known {
    /// The place of a name.
    pub(super) fn place(&mut self, name: &str, files: &Files<'_>) -> usize {
        if self.slots.len() < 2 * (self.names.len() + 1) {
            self.grow();
        }
        let slot = self.slot(name);
        if self.slots[slot] == 0 {
            self.names.push(Name::new(name, files));
            self.slots[slot] = self.names.len();
        }
        self.slots[slot] - 1
    }

    /// What is known of the name at a place.
    pub(super) fn at(&mut self, place: usize) -> &mut Name {
        &mut self.names[place]
    }

    /// The slot of a name, or the one where it belongs.
    fn slot(&self, name: &str) -> usize {
        let mut slot = number(name) as usize & (self.slots.len() - 1);
        while self.slots[slot] != 0 && self.names[self.slots[slot] - 1].name.as_ref() != name {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; SLOTS.max(2 * self.slots.len())];
        for index in 0..self.names.len() {
            let slot = self.slot(&self.names[index].name);
            self.slots[slot] = index + 1;
        }
    }
}

/// A number for a name, made of eight bytes at a time. Two names may share one.
fn number(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mix = |number: u64, word: u64| (number.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let Some(last) = bytes.last_chunk::<8>() else {
        // The upper half is the better mixed one.
        return mix(0, bytes.iter().fold(1, |word, byte| word << 8 | u64::from(*byte))) >> 32;
    };
    // The last eight bytes may overlap those before.
    let (words, _) = bytes.as_chunks::<8>();
    let number = words.iter().fold(bytes.len() as u64, |number, word| mix(number, u64::from_le_bytes(*word)));
    mix(number, u64::from_le_bytes(*last)) >> 32
}

/// What is known of one name.
pub(super) struct Name {
    name: Rc<str>,
    /// Where the assignment of main.cf stands that is in force.
    pub(super) main: Option<usize>,
    /// Its bit among the names that options of services set; none where no service sets it.
    pub(super) option: u64,
    /// The table's lines for it, oldest first.
    pub(super) lines: Rc<Vec<Parameter>>,
    /// Whether it means the same to every service that does not set it itself.
    pub(super) is_shared: Option<Answer<bool>>,
    /// Its expanded value.
    pub(super) value: Kept<Option<Rc<Expansion>>>,
    /// The members of its value as a list.
    pub(super) members: Kept<Rc<Members<String>>>,
    /// Why its value is what it is, where no file says it.
    pub(super) because: Kept<Vec<Step>>,
}

impl Name {
    /// The name itself, shared by all that speak of it.
    pub(super) fn name(&self) -> Rc<str> {
        Rc::clone(&self.name)
    }

    fn new(name: &str, files: &Files<'_>) -> Name {
        let main = files.main.get(name).copied();
        let assignment = main.and_then(|at| files.syntax.assignments.get(at));
        Name {
            name: name.into(),
            main,
            option: files.syntax.option(name),
            lines: assignment.map_or_else(|| Rc::new(parameters::lines_of(name).collect()), |one| Rc::clone(&one.lines)),
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
