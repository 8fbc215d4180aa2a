//! The list that a string works on: suites in order, some of which are in.

use crate::tls::traits::GROUPS;

/// A suite as a release counts it.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(in crate::tls) struct Member {
    /// Its place among all suites.
    pub(in crate::tls) suite: u8,
    /// What it is made of.
    pub(in crate::tls) traits: u64,
    /// Bits of security.
    pub(in crate::tls) strength: u16,
}

/// What is done to the suites that a word stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tls) enum Rule {
    /// Those that are not in come in, at the end.
    Add,
    /// Those that are in go to the end.
    ToEnd,
    /// Those that are in go to the front.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "no string asks for it, only the order that a release prefers")
    )]
    ToFront,
    /// Those that are in go out; they wait at the front, should they be added again.
    Remove,
    /// They go for good.
    Forbid,
}

/// How many suites a rule found, in and out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::tls) struct Found {
    pub(in crate::tls) inside: usize,
    pub(in crate::tls) outside: usize,
}

/// The list.
#[derive(Debug, Clone)]
pub(in crate::tls) struct List<'a> {
    members: &'a [Member],
    /// The suites that are not forbidden, in or out, by their places among the members.
    pub(in crate::tls) order: Vec<u8>,
    /// For each member, whether it is in.
    inside: Vec<bool>,
    /// Room for those that a rule moves.
    moved: Vec<u8>,
}

impl<'a> List<'a> {
    /// With nothing in.
    pub(in crate::tls) fn new(members: &'a [Member], order: Vec<u8>) -> List<'a> {
        List {
            members,
            order,
            inside: vec![false; members.len()],
            moved: Vec::with_capacity(members.len()),
        }
    }

    /// With these members in, and no others left.
    pub(in crate::tls) fn having(members: &'a [Member], places: &[u8]) -> List<'a> {
        let mut list = List::new(members, places.to_vec());
        for place in places {
            list.inside[usize::from(*place)] = true;
        }
        list
    }

    /// The places of those that are in, in order.
    #[cfg(test)]
    pub(in crate::tls) fn places(&self) -> impl Iterator<Item = u8> {
        self.order
            .iter()
            .copied()
            .filter(|place| self.inside[usize::from(*place)])
    }

    /// Applies a rule to the suites that have a bit in each group of which `traits` has any.
    pub(in crate::tls) fn apply(&mut self, traits: u64, rule: Rule) -> Found {
        // Most words ask about one or two groups: those are looked at without a loop. Every suite has some trait.
        let mut needed = [u64::MAX; GROUPS.len()];
        let mut asked = 0;
        for group in GROUPS.iter().filter(|group| traits & group.mask() != 0) {
            needed[asked] = traits & group.mask();
            asked += 1;
        }
        let [first, second, rest @ ..] = needed;
        let rest = &rest[..asked.saturating_sub(2)];
        self.act(rule, |member| {
            member.traits & first != 0
                && member.traits & second != 0
                && rest.iter().all(|mask| member.traits & mask != 0)
        })
    }

    /// Applies a rule to one suite.
    pub(in crate::tls) fn apply_to(&mut self, suite: u8, rule: Rule) -> Found {
        let Some(at) = self.order.iter().position(|place| *place == suite) else {
            return Found::default();
        };
        let inside = &mut self.inside[usize::from(suite)];
        let found = Found {
            inside: usize::from(*inside),
            outside: usize::from(!*inside),
        };
        match (rule, *inside) {
            (Rule::Forbid, _) => {
                *inside = false;
                self.order.remove(at);
            }
            (Rule::Add, false) | (Rule::ToEnd, true) => {
                *inside = true;
                self.order[at..].rotate_left(1);
            }
            (Rule::ToFront | Rule::Remove, true) => {
                *inside = rule == Rule::ToFront;
                self.order[..=at].rotate_right(1);
            }
            _ => {}
        }
        found
    }

    /// Those that are in go to the end, the strongest first; those of one strength stay in the order they were in.
    pub(in crate::tls) fn sort_by_strength(&mut self) {
        // As OpenSSL does it: one strength after the other goes to the end.
        let mut strength = u16::MAX;
        loop {
            self.act(Rule::ToEnd, |member| member.strength == strength);
            let weaker = self
                .members
                .iter()
                .map(|member| member.strength)
                .filter(|one| *one < strength);
            match weaker.max() {
                Some(next) => strength = next,
                None => break,
            }
        }
    }

    /// The suites that are in, in order.
    pub(in crate::tls) fn entries(&self) -> impl Iterator<Item = &'a Member> {
        let members = self.members;
        let inside = self.order.iter().filter(|place| self.inside[usize::from(**place)]);
        inside.map(move |place| &members[usize::from(*place)])
    }

    fn act(&mut self, rule: Rule, wanted: impl Fn(&Member) -> bool) -> Found {
        let mut found = Found::default();
        let (members, inside, moved) = (self.members, &mut self.inside, &mut self.moved);
        moved.clear();
        self.order.retain(|place| {
            let at = usize::from(*place);
            if !wanted(&members[at]) {
                return true;
            }
            let is_in = inside[at];
            if is_in {
                found.inside += 1;
            } else {
                found.outside += 1;
            }
            let moves = match rule {
                Rule::Add => !is_in,
                Rule::ToEnd | Rule::ToFront | Rule::Remove => is_in,
                Rule::Forbid => true,
            };
            if moves {
                inside[at] = !matches!(rule, Rule::Remove | Rule::Forbid);
                moved.push(*place);
            }
            !moves
        });
        match rule {
            Rule::Add | Rule::ToEnd => self.order.append(moved),
            Rule::ToFront | Rule::Remove => {
                moved.append(&mut self.order);
                std::mem::swap(moved, &mut self.order);
            }
            Rule::Forbid => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::openssl::{Release, book};

    #[test]
    fn one_suite_is_moved_as_a_group_of_one() {
        let book = book::book(Release::V3_0);
        let mut one = List::new(book.members, book.order.to_vec());
        let mut group = one.clone();
        let rules = [
            Rule::Add,
            Rule::ToEnd,
            Rule::ToFront,
            Rule::Remove,
            Rule::Add,
            Rule::Add,
        ];
        // Every suite meets every rule, in ever other company.
        for step in 0..5000_usize {
            let suite = u8::try_from(step * 31 % book.members.len()).unwrap();
            let rule = if step % 97 == 0 { Rule::Forbid } else { rules[step % 6] };
            let wanted = book.members[usize::from(suite)].suite;
            let found = group.act(rule, |member| member.suite == wanted);
            assert_eq!(one.apply_to(suite, rule), found, "{rule:?} {suite} at {step}");
            assert_eq!(
                (&one.order, &one.inside),
                (&group.order, &group.inside),
                "{rule:?} {suite} at {step}"
            );
        }
        assert!(one.order.len() < book.order.len(), "some are forbidden");
    }
}
