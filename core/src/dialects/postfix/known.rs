//! What was worked out already, by name: facts ask for the same few names again and again.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::evidence::Answer;
use super::expand::Expansion;
use super::parameters::Parameter;
use crate::facts::Members;
use crate::source::Span;

/// Everything known so far.
#[derive(Default)]
pub(super) struct Known {
    /// Where each name stands in the list, by its number, or the first free number behind it: numbers compare faster than names.
    places: BTreeMap<u64, usize>,
    names: Vec<(String, Name)>,
}

impl Known {
    /// What is known of a name.
    pub(super) fn of(&mut self, name: &str) -> &mut Name {
        let mut number = number(name);
        let place = loop {
            match self.places.get(&number) {
                Some(place) if self.names[*place].0 == name => break *place,
                Some(_) => number = number.wrapping_add(1),
                None => {
                    self.places.insert(number, self.names.len());
                    self.names.push((name.to_owned(), Name::default()));
                    break self.names.len() - 1;
                }
            }
        };
        &mut self.names[place].1
    }
}

/// A number for a name, made of eight bytes at a time. Two names may share one.
fn number(name: &str) -> u64 {
    let mut number = 0_u64;
    for part in name.as_bytes().chunks(8) {
        let word = part.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        number = (number.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    number
}

/// What is known of one name.
#[derive(Default)]
pub(super) struct Name {
    /// The table's line for it.
    pub(super) parameter: Option<Answer<Option<Parameter>>>,
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
    service: Option<(Span, Answer<T>)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept { server: None, service: None }
    }
}

impl<T> Kept<T> {
    /// The answer for a service, told by its place, or for the whole server.
    pub(super) fn get(&self, service: Option<Span>) -> Option<&Answer<T>> {
        match (service, &self.service) {
            (None, _) => self.server.as_ref(),
            (Some(asking), Some((known, answer))) if asking == *known => Some(answer),
            (Some(_), _) => None,
        }
    }

    /// Keeps an answer.
    pub(super) fn keep(&mut self, service: Option<Span>, answer: Answer<T>) {
        match service {
            None => self.server = Some(answer),
            Some(service) => self.service = Some((service, answer)),
        }
    }
}
