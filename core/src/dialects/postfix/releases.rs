//! The releases of Postfix that this program knows: the stable ones from 2.10.0 on.

use crate::version::{Version, Versions};

/// The last known release of each branch.
const LAST_OF_BRANCH: &[Version] = &[
    Version::new(2, 10, 10),
    Version::new(2, 11, 11),
    Version::new(3, 0, 15),
    Version::new(3, 1, 15),
    Version::new(3, 2, 22),
    Version::new(3, 3, 22),
    Version::new(3, 4, 29),
    Version::new(3, 5, 27),
    Version::new(3, 6, 20),
    Version::new(3, 7, 22),
    Version::new(3, 8, 20),
    Version::new(3, 9, 14),
    Version::new(3, 10, 13),
    Version::new(3, 11, 6),
];

/// The oldest release that is known.
pub(super) const OLDEST: Version = Version::new(2, 10, 0);
/// The newest release that is known.
pub(super) const NEWEST: Version = Version::new(3, 11, 6);

/// Without a word about the release, those of the last years are looked at; the report says so.
pub(super) const USUAL: Versions = Versions { first: Version::new(3, 4, 0), last: NEWEST };

/// The known release that stands for one: itself, the last of its branch when it is newer than that, or the oldest or newest
/// of all.
pub(super) fn known(version: Version) -> Version {
    let last = LAST_OF_BRANCH.iter().find(|last| last.same_branch(version)).copied();
    version.min(last.unwrap_or(NEWEST)).clamp(OLDEST, NEWEST)
}

/// The same for a set, and a sentence when other releases than those asked for had to stand in.
pub(super) fn known_set(versions: Versions) -> (Versions, Option<String>) {
    let whole_branch = versions.last.patch == u16::MAX;
    let set = Versions { first: known(versions.first), last: known(versions.last) };
    let strayed = set.first != versions.first || (!whole_branch && set.last != versions.last);
    let remark = strayed.then(|| {
        format!("Postfix {versions} is judged as {set}: the releases known are {OLDEST} to {NEWEST}")
    });
    (set, remark)
}

/// The release that follows one in the order of numbers; `None` behind the newest.
pub(super) fn after(version: Version) -> Option<Version> {
    let next = Version { patch: version.patch.saturating_add(1), ..version };
    if exists(next) {
        return Some(next);
    }
    let last = LAST_OF_BRANCH.iter().find(|last| **last > next)?;
    Some(Version { patch: 0, ..*last })
}

/// True for a release that can exist: not behind the last of its branch.
pub(super) fn exists(version: Version) -> bool {
    known(version) == version
}

/// The first release of each branch that throws away what was sent ahead of the TLS handshake; those from 2.8 on all do.
const CLEAN_SINCE: &[Version] =
    &[Version::new(2, 4, 16), Version::new(2, 5, 12), Version::new(2, 6, 9), Version::new(2, 7, 3), Version::new(2, 8, 0)];

/// True when one of the releases takes such words for part of the encrypted session. TLS came with 2.2.
pub(super) fn may_take_injected_commands(versions: Versions) -> bool {
    let is_open = |version: &Version| {
        let clean = CLEAN_SINCE.iter().any(|clean| clean.same_branch(*version) && version >= clean);
        *version >= Version::new(2, 2, 0) && *version < Version::new(2, 8, 0) && !clean
    };
    // The oldest release of a set is the last to be clean.
    is_open(&versions.first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_judged_as_its_neighbour() {
        assert_eq!(known(Version::new(3, 7, 11)), Version::new(3, 7, 11));
        assert_eq!(known(Version::new(3, 7, 99)), Version::new(3, 7, 22));
        assert_eq!(known(Version::new(2, 5, 0)), OLDEST);
        assert_eq!(known(Version::new(4, 0, 0)), NEWEST);
        assert!(!exists(Version::new(3, 5, 28)));
        assert_eq!(after(Version::new(3, 7, 21)), Some(Version::new(3, 7, 22)));
        assert_eq!(after(Version::new(3, 7, 22)), Some(Version::new(3, 8, 0)));
        assert_eq!(after(Version::new(2, 11, 11)), Some(Version::new(3, 0, 0)));
        assert_eq!(after(NEWEST), None);
        assert!(known_set(Versions::exactly(Version::new(2, 8, 0))).1.is_some());
    }

    #[test]
    fn none_of_the_known_releases_takes_injected_commands() {
        for (version, expected) in [
            (Version::new(2, 1, 6), false),
            (Version::new(2, 2, 0), true),
            (Version::new(2, 3, 19), true),
            (Version::new(2, 4, 15), true),
            (Version::new(2, 4, 16), false),
            (Version::new(2, 7, 2), true),
            (Version::new(2, 7, 3), false),
            (Version::new(2, 8, 0), false),
        ] {
            assert_eq!(may_take_injected_commands(Versions::exactly(version)), expected, "{version}");
        }
        assert!(!may_take_injected_commands(Versions { first: OLDEST, last: NEWEST }));
    }

    #[test]
    fn the_last_of_the_branches_is_the_newest_of_the_table() {
        assert_eq!(LAST_OF_BRANCH.last(), Some(&NEWEST));
    }
}
