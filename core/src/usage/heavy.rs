//! Which users are kept by name where there are more than can be: those who log in most, by the algorithm "space-saving".
//!
//! A new name takes the place of the one with the smallest weight, and goes on from its weight, so that a name which comes often
//! wins a place and keeps it. With `k` places and `n` logins every user with more than `n/k` logins is kept, and nobody who is
//! not has more than the smallest weight (A. Metwally, D. Agrawal, A. El Abbadi: Efficient Computation of Frequent and Top-k
//! Elements in Data Streams, ICDT 2005, lemma 3 and theorem 2).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::names::Names;

/// So many bits tell names apart that were seen.
const SIGNS: usize = 1 << 20;

/// A user's place; it may be another's later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Counts from 0.
    pub(super) index: u32,
    /// How often the place has changed hands.
    turn: u32,
}

/// A user who came just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seated {
    pub(super) place: Place,
    /// What becomes of the place: `None` where the user had it already.
    pub(super) new: Option<New>,
}

/// A place that a user has just got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum New {
    /// Nobody had it before.
    Free,
    /// Somebody with fewer logins had it.
    Taken,
}

/// What is known of a place.
#[derive(Debug, Clone, Copy, Default)]
struct Seat {
    /// Logins, and what the user before had.
    weight: u32,
    /// What the user before had: so many logins of this one may be missing.
    missed: u32,
    turn: u32,
}

/// Users by name, the heaviest of all that came.
#[derive(Debug, Default)]
pub(super) struct Heavy {
    names: Names,
    seats: Vec<Seat>,
    /// The names by place, and the places by weight as it was when they were put there. Made when all places are taken.
    full: Option<Full>,
    /// A bit for each name that got a place, by its hash: several names may share one.
    signs: Vec<u64>,
}

#[derive(Debug)]
struct Full {
    names: Vec<Box<[u8]>>,
    lightest: BinaryHeap<Reverse<(u32, u32)>>,
}

impl Heavy {
    /// Gives a user a place among at most `limit`; `None` where there is none at all.
    pub(super) fn seat(&mut self, name: &[u8], limit: usize) -> Option<Seated> {
        if let Some((index, is_new)) = self.names.number(name, limit) {
            if is_new {
                self.seats.push(Seat::default());
                self.sign(name);
            }
            let turn = self.seats.get(index as usize)?.turn;
            let place = Place { index, turn };
            return Some(Seated {
                place,
                new: is_new.then_some(New::Free),
            });
        }
        let index = self.lightest()?;
        self.sign(name);
        let full = self.full.as_mut()?;
        let seat = self.seats.get_mut(index as usize)?;
        let before = full.names.get_mut(index as usize)?;
        self.names.replace(before, name, index);
        *before = name.into();
        seat.missed = seat.weight;
        seat.turn = seat.turn.wrapping_add(1);
        let place = Place { index, turn: seat.turn };
        Some(Seated {
            place,
            new: Some(New::Taken),
        })
    }

    /// A login of whoever has the place.
    pub(super) fn add(&mut self, place: Place) {
        if let Some(seat) = self.seats.get_mut(place.index as usize) {
            seat.weight = seat.weight.saturating_add(1);
        }
    }

    /// The place of the user who had it then; `None` where somebody else has it now.
    pub(super) fn index(&self, place: Place) -> Option<usize> {
        let index = place.index as usize;
        self.seats
            .get(index)
            .is_some_and(|seat| seat.turn == place.turn)
            .then_some(index)
    }

    /// The place with the smallest weight.
    fn lightest(&mut self) -> Option<u32> {
        if self.full.is_none() {
            let names = self.names.by_number();
            let all = self
                .seats
                .iter()
                .zip(0_u32..)
                .map(|(seat, index)| Reverse((seat.weight, index)));
            self.full = Some(Full {
                names,
                lightest: all.collect(),
            });
        }
        let lightest = &mut self.full.as_mut()?.lightest;
        loop {
            // Weights only grow: what has grown since is put back with what it has now.
            let mut first = lightest.peek_mut()?;
            let Reverse((weight, index)) = *first;
            let now = self.seats.get(index as usize)?.weight;
            if weight == now {
                return Some(index);
            }
            *first = Reverse((now, index));
        }
    }

    fn sign(&mut self, name: &[u8]) {
        if self.signs.is_empty() {
            self.signs = vec![0; SIGNS / 64];
        }
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(name);
        let bit = usize::try_from(hash % SIGNS as u64).unwrap_or(0);
        if let Some(word) = self.signs.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// How many users there are at least beside those with a place.
    pub(super) fn others(&self) -> u64 {
        let signs: u64 = self.signs.iter().map(|word| u64::from(word.count_ones())).sum();
        if self.full.is_none() {
            return 0;
        }
        // Somebody was turned out, even where all of them share their signs.
        signs.saturating_sub(self.seats.len() as u64).max(1)
    }

    /// More logins than these has nobody who has no place; 0 where everybody has one.
    pub(super) fn most_of_others(&self) -> u64 {
        let least = self.seats.iter().map(|seat| seat.weight).min();
        least.filter(|_| self.full.is_some()).map_or(0, u64::from)
    }

    /// The names in the order of their places, each with the logins that may be missing.
    pub(super) fn into_names(self) -> impl Iterator<Item = (String, u64)> {
        let missed: Vec<u64> = self.seats.iter().map(|seat| u64::from(seat.missed)).collect();
        self.names.into_texts().into_iter().zip(missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream in which few come often and many come once: everybody with more logins than `n/k` is kept, no count is too
    /// high, and none is too low by more than it says.
    #[test]
    fn the_heaviest_are_kept_within_the_stated_bound() {
        let (limit, mut seed) = (20_usize, 7_u64);
        let mut heavy = Heavy::default();
        let mut counted = vec![0_u64; limit];
        let mut truth = std::collections::BTreeMap::<u64, u64>::new();
        let all = 20_000;
        for _ in 0..all {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let chance = seed >> 33;
            let user = if chance % 2 == 0 {
                chance / 2 % 8
            } else {
                100 + chance / 2 % 3000
            };
            *truth.entry(user).or_default() += 1;
            let seated = heavy
                .seat(format!("user{user}").as_bytes(), limit)
                .expect("there are places");
            let index = heavy.index(seated.place).expect("it is the user's");
            if seated.new == Some(New::Taken) {
                counted[index] = 0;
            }
            heavy.add(seated.place);
            counted[index] += 1;
        }
        let (others, most) = (heavy.others(), heavy.most_of_others());
        assert!(others > 0 && others <= truth.len() as u64 - limit as u64, "{others}");
        assert!(most <= all / limit as u64, "{most}");
        let kept: Vec<(String, u64)> = heavy.into_names().collect();
        assert_eq!(kept.len(), limit);
        for (user, logins) in truth {
            let name = format!("user{user}");
            match kept.iter().position(|(one, _)| *one == name) {
                Some(at) => {
                    let (low, missed) = (counted[at], kept[at].1);
                    assert!(
                        low <= logins && logins <= low + missed,
                        "{name}: {logins}, {low} and {missed}"
                    );
                }
                None => assert!(logins <= most && logins <= all / limit as u64, "{name}: {logins}"),
            }
        }
    }

    #[test]
    fn a_place_that_changed_hands_is_not_the_one_it_was() {
        let mut heavy = Heavy::default();
        let first = heavy.seat(b"a", 1).expect("a place").place;
        heavy.add(first);
        let second = heavy.seat(b"b", 1).expect("a place");
        assert_eq!(second.new, Some(New::Taken));
        assert_eq!((heavy.index(first), heavy.index(second.place)), (None, Some(0)));
        assert_eq!((heavy.others(), heavy.most_of_others()), (1, 1));
        assert_eq!(heavy.seat(b"b", 1).expect("a place").new, None);
        assert_eq!(heavy.into_names().collect::<Vec<_>>(), [("b".to_owned(), 1)]);
    }
}
