//! Why a fact is what it is.

use std::borrow::Borrow;
use std::ops::Deref;
use std::rc::Rc;

use super::Step;

/// The steps that led to a fact, the one that decides first. Facts are handed on from one to the next with their reasons, so many
/// share the same steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Because(Option<Rc<[Step]>>);

impl Because {
    /// The steps.
    #[must_use]
    pub fn as_slice(&self) -> &[Step] {
        self
    }

    /// Adds a step behind the others.
    pub(crate) fn push(&mut self, step: Step) {
        self.extend([step]);
    }

    /// Adds the steps that led to something else at another point; what fills a page explains nothing.
    pub(crate) fn gather(&mut self, others: &[Step]) {
        let mut steps = self.to_vec();
        for step in others {
            if steps.iter().all(|known| known != step) && steps.len() < 6 {
                steps.push(step.clone());
            }
        }
        *self = Because::from(steps);
    }
}

impl Deref for Because {
    type Target = [Step];

    fn deref(&self) -> &[Step] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Borrow<[Step]> for Because {
    fn borrow(&self) -> &[Step] {
        self
    }
}

impl Extend<Step> for Because {
    fn extend<I: IntoIterator<Item = Step>>(&mut self, steps: I) {
        let mut all = self.to_vec();
        all.extend(steps);
        *self = Because::from(all);
    }
}

impl IntoIterator for Because {
    type Item = Step;
    type IntoIter = std::vec::IntoIter<Step>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from_iter(self.iter().cloned()).into_iter()
    }
}

impl FromIterator<Step> for Because {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Because {
        Because::from(Vec::from_iter(steps))
    }
}

impl From<Vec<Step>> for Because {
    fn from(steps: Vec<Step>) -> Because {
        Because((!steps.is_empty()).then(|| steps.into()))
    }
}

impl From<Step> for Because {
    fn from(step: Step) -> Because {
        Because(Some(Rc::new([step])))
    }
}

impl<'b> IntoIterator for &'b Because {
    type Item = &'b Step;
    type IntoIter = std::slice::Iter<'b, Step>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
