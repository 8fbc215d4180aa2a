//! Groups in which the two sides agree on a key.

use std::sync::OnceLock;

use super::table;

/// A group.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// Its number in the protocol.
    pub id: u16,
    /// Its name in IANA's registry.
    pub name: &'static str,
    /// What it is made of.
    pub kind: Kind,
    /// Bits of the field or the prime.
    pub bits: u16,
    /// Bits of security; of a hybrid those of its older part.
    pub security: u16,
    /// Other names, commas between.
    others: &'static str,
}

/// What a group is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An elliptic curve.
    Curve,
    /// A prime.
    Prime,
    /// A curve, and beside it what quantum computers do not break.
    Hybrid,
}

/// Every group that is known, by number.
#[must_use]
pub fn all() -> &'static [Group] {
    static ALL: OnceLock<Vec<Group>> = OnceLock::new();
    ALL.get_or_init(|| table::rows(table::groups()).filter_map(Group::parse).collect())
}

/// The group that OpenSSL, GnuTLS or the registry calls so, whatever the case of the letters.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Group> {
    all()
        .iter()
        .find(|group| group.names().any(|known| known.eq_ignore_ascii_case(name)))
}

impl Group {
    /// All its names, that of the registry first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.others.split(',').filter(|name| !name.is_empty()))
    }

    fn parse(line: &'static str) -> Option<Group> {
        let mut columns = line.split('\t');
        Some(Group {
            id: u16::from_str_radix(columns.next()?, 16).ok()?,
            name: columns.next()?,
            others: columns.next()?,
            kind: match columns.next()? {
                "ec" => Kind::Curve,
                "dh" => Kind::Prime,
                _ => Kind::Hybrid,
            },
            bits: columns.next()?.parse().ok()?,
            security: columns.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_name_is_of_one_group() {
        assert_eq!(all().len(), table::rows(table::groups()).count());
        for group in all() {
            assert!(group.security <= group.bits / 2 + 1, "{group:?}");
            for name in group.names() {
                assert_eq!(by_name(&name.to_ascii_lowercase()), Some(group), "{name}");
            }
        }
    }

    #[test]
    fn names_of_the_libraries() {
        assert_eq!(
            by_name("prime256v1").map(|group| (group.id, group.kind)),
            Some((23, Kind::Curve))
        );
        assert_eq!(by_name("P-521").map(|group| group.security), Some(256));
        assert_eq!(by_name("FFDHE2048").map(|group| group.kind), Some(Kind::Prime));
        assert_eq!(by_name("X25519-MLKEM768"), by_name("X25519MLKEM768"));
        assert_eq!(by_name("auto"), None);
    }
}
