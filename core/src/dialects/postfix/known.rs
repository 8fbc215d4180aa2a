//! What was worked out already, by name: facts ask for the same few names again and again.

use std::rc::Rc;

use super::evidence::Answer;
use super::expand::Expansion;
use super::parameters::{Nature, Parameter};
use crate::facts::Members;
use crate::source::Span;

/// Everything known so far.
#[derive(Default)]
pub(super) struct Known {
    /// Where each name stands in the list, one behind its index: at its number, or at the first free slot behind it. There are at
    /// least twice as many slots as names, and as many as a power of two.
    slots: Vec<usize>,
    names: Vec<(String, Name)>,
}

/// So many slots are enough for nearly every configuration.
const SLOTS: usize = 256;

impl Known {
    /// What is known of a name.
    pub(super) fn of(&mut self, name: &str) -> &mut Name {
        if self.slots.len() < 2 * (self.names.len() + 1) {
            self.grow();
        }
        let slot = self.slot(name);
        if self.slots[slot] == 0 {
            self.names.push((name.to_owned(), Name::default()));
            self.slots[slot] = self.names.len();
        }
        let place = self.slots[slot] - 1;
        &mut self.names[place].1
    }

    /// The slot of a name, or the one where it belongs.
    fn slot(&self, name: &str) -> usize {
        let mut slot = number(name) as usize & (self.slots.len() - 1);
        while self.slots[slot] != 0 && self.names[self.slots[slot] - 1].0 != name {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; SLOTS.max(2 * self.slots.len())];
        for index in 0..self.names.len() {
            let slot = self.slot(&self.names[index].0);
            self.slots[slot] = index + 1;
        }
    }
}

/// A number for a name, made of eight bytes at a time. Two names may share one.
fn number(name: &str) -> u64 {
    let mut number = 0_u64;
    let mut rest = name.as_bytes();
    let mut take = |word: u64| number = (number.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    while let Some((part, behind)) = rest.split_first_chunk::<8>() {
        take(u64::from_le_bytes(*part));
        rest = behind;
    }
    take(rest.iter().fold(1, |word, byte| word << 8 | u64::from(*byte)));
    // The upper half is the better mixed one.
    number >> 32
}

/// What is known of one name.
#[derive(Default)]
pub(super) struct Name {
    /// The table's line for it.
    pub(super) parameter: Option<Answer<Option<Parameter>>>,
    /// What the table says of it whatever the default.
    pub(super) nature: Option<Answer<Option<Nature>>>,
    /// Whether it means the same to every service that does not set it itself.
    pub(super) is_shared: Option<Answer<bool>>,
    /// Its expanded value.
    pub(super) value: Kept<Option<Rc<Expansion>>>,
    /// The members of its value as a list.
    pub(super) members: Kept<Rc<Members<String>>>,
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
    use super::*;

    #[test]
    fn every_name_keeps_its_place_while_the_table_grows() {
        let mut known = Known::default();
        let names: Vec<String> = (0..2000).map(|number| format!("own_{number}")).collect();
        for name in &names {
            assert!(known.of(name).is_shared.is_none(), "{name}");
            known.of(name).is_shared = Some(Answer { value: name.ends_with('7'), evidence: Default::default() });
        }
        for name in &names {
            let kept = known.of(name).is_shared.as_ref().map(|answer| answer.value);
            assert_eq!(kept, Some(name.ends_with('7')), "{name}");
        }
    }
}
