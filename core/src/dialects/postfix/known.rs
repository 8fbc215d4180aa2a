//! What was worked out already, by name: facts ask for the same few names again and again.

use std::rc::Rc;

use super::evidence::Answer;
use super::expand::Expansion;
use super::parameters::Parameter;
use crate::facts::Members;
use crate::gather::Index;
use crate::source::Span;

/// Everything known so far.
#[derive(Default)]
pub(super) struct Known {
    places: Index,
    names: Vec<Name>,
}

impl Known {
    /// What is known of a name.
    pub(super) fn of(&mut self, name: &str) -> &mut Name {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                self.places.insert(name.to_owned(), self.names.len());
                self.names.push(Name::default());
                self.names.len() - 1
            }
        };
        &mut self.names[place]
    }
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
