//! Releases of Dovecot, and what tells them.
//!
//! Source: the news of each release (<https://github.com/dovecot/core/blob/main/NEWS>); what a release does was measured on
//! 2.3.13, 2.3.19 and 2.4.1.

use crate::version::{Version, Versions};

/// The first release with `ssl_min_protocol`, `ssl_dh` and AUTH in a submission server of its own.
pub(super) const MIN_PROTOCOL_SINCE: Version = Version::new(2, 3, 0);

/// The first release that takes TLS 1.2 for the oldest version by default.
pub(super) const TLS12_SINCE: Version = Version::new(2, 3, 15);

/// The first release with the new language.
pub(super) const NEW_LANGUAGE_SINCE: Version = Version::new(2, 4, 0);

/// The newest release that is known.
pub(super) const NEWEST: Version = Version::new(2, 4, 4);

/// What runs on machines of today when the old language is written and no release is named: what Debian 10 and later, and
/// Ubuntu 20.04 and later, have of it.
pub(super) const USUAL_OLD: Versions = Versions { first: Version::new(2, 3, 4), last: Version::new(2, 3, 21) };

/// Releases that change what a configuration means.
pub(super) const MILESTONES: &[Version] = &[MIN_PROTOCOL_SINCE, TLS12_SINCE, NEW_LANGUAGE_SINCE];

/// So many lines at the beginning may hold the one that names the release.
pub(super) const HEAD: usize = 12;

/// The release that `doveconf` names at the head of what it prints: `# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf`.
pub(super) fn printed(text: &str) -> Option<Version> {
    text.lines().take(HEAD).find_map(head)
}

/// The release in the line at the head of a print-out.
pub(super) fn head(line: &str) -> Option<Version> {
    let (before, path) = line.strip_prefix("# ")?.split_once(": ")?;
    let number = before.split(' ').next()?;
    let is_number = number.starts_with(['1', '2']) && number.contains('.');
    (is_number && path.trim_end().ends_with(".conf")).then(|| Version::of_first_three(number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_print_outs() {
        for (text, expected) in [
            ("# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n", Some((2, 3, 19))),
            ("root@host:~# doveconf -n\n# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf\n", Some((2, 4, 1))),
            ("# 1.1.11: /etc/dovecot/dovecot.conf\n", Some((1, 1, 11))),
            ("# 2.4.4 (): /etc/dovecot/dovecot.conf\n", Some((2, 4, 4))),
            ("# Note: 2.3: see x.conf of old\n", None),
            ("ssl = yes\n", None),
        ] {
            let expected = expected.map(|(major, minor, patch)| Version::new(major, minor, patch));
            assert_eq!(printed(text), expected, "{text}");
        }
    }
}
