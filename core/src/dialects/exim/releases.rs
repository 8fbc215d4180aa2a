//! Releases of Exim, and what tells them.
//!
//! Source: the change log and the option tables of each release (<https://git.exim.org/exim.git>); what a release does was measured
//! on 4.96.

use crate::version::{Version, Versions};

/// What TLS is like for those who come has variables of its own since this one (`$tls_in_cipher`); before, one stood for both ways.
pub(super) const TLS_IN_SINCE: Version = Version::new(4, 82, 0);

/// The first release that offers STARTTLS to everybody unless told otherwise.
pub(super) const TLS_OFFERED_SINCE: Version = Version::new(4, 87, 0);

/// The first release that makes a certificate of its own where none is named.
pub(super) const OWN_CERTIFICATE_SINCE: Version = Version::new(4, 88, 0);

/// The first release whose builds with OpenSSL leave SSL 3.0 out unless told otherwise.
pub(super) const NO_SSL3_SINCE: Version = Version::new(4, 93, 0);

/// The first release that asks DNS, unless told otherwise, for the keys of the hosts that it sends to (the change log, JH/22).
pub(super) const DANE_TRIED_SINCE: Version = Version::new(4, 93, 0);

/// The first release that takes nothing but the standard's five signs for the end of a message (CVE-2023-51766).
pub(super) const ONE_END_SINCE: Version = Version::new(4, 97, 1);

/// The oldest and the newest release that are known.
pub(super) const OLDEST: Version = Version::new(4, 80, 0);
pub(super) const NEWEST: Version = Version::new(4, 98, 2);

/// The known releases that stand for a set, and a sentence where others than those asked for had to stand in.
pub(super) fn known_set(versions: Versions) -> (Versions, Option<String>) {
    let known = |version: Version| version.clamp(OLDEST, NEWEST);
    let set = Versions { first: known(versions.first), last: known(versions.last) };
    let is_whole_branch = versions.last.patch == u16::MAX && versions.last.same_branch(NEWEST);
    let strayed = set.first != versions.first || (!is_whole_branch && set.last != versions.last);
    let remark = strayed.then(|| format!("Exim {versions} is judged as {set}: the releases known are {OLDEST} to {NEWEST}"));
    (set, remark)
}

/// What runs on machines of today when no release is named: what Debian 11 and later, and Ubuntu 20.04 and later, have of it.
pub(super) const USUAL: Versions = Versions { first: Version::new(4, 93, 0), last: NEWEST };

/// Releases that change what a configuration means.
pub(super) const MILESTONES: &[Version] = &[TLS_OFFERED_SINCE, OWN_CERTIFICATE_SINCE, NO_SSL3_SINCE, ONE_END_SINCE];

/// The release that a print-out of the whole configuration begins with: `# Exim Configuration (4.96)`, or what `exim -bV` says.
pub(super) fn printed(text: &str) -> Option<Version> {
    let number = text.lines().take(12).find_map(|line| {
        let rest = line.trim_start_matches("# ");
        rest.strip_prefix("Exim Configuration (").or_else(|| rest.strip_prefix("Exim version "))
    })?;
    Version::of_first_three(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_that_are_not_known_are_told() {
        let branch = |minor| Versions { first: Version::new(4, minor, 0), last: Version::new(4, minor, u16::MAX) };
        for (asked, set, is_told) in [
            (branch(98), Versions { first: Version::new(4, 98, 0), last: NEWEST }, false),
            (branch(96), branch(96), false),
            (branch(99), Versions::exactly(NEWEST), true),
            (branch(72), Versions::exactly(OLDEST), true),
            (Versions::exactly(Version::new(4, 98, 3)), Versions::exactly(NEWEST), true),
            (Versions::exactly(OLDEST), Versions::exactly(OLDEST), false),
        ] {
            let (found, remark) = known_set(asked);
            assert_eq!((found, remark.is_some()), (set, is_told), "{asked}");
        }
    }

    #[test]
    fn heads_of_print_outs() {
        for (text, expected) in [
            ("# Exim Configuration (4.96)\n# 1 \"/etc/exim4/exim4.conf\"\n", Some(Version::new(4, 96, 0))),
            ("Exim version 4.98.2 #2 built 04-May-2025\n", Some(Version::new(4, 98, 2))),
            ("primary_hostname = a.example\n", None),
        ] {
            assert_eq!(printed(text), expected, "{text}");
        }
    }
}
