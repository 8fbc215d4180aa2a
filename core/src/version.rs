//! Releases, sets of releases, and what the person says the configuration is for.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::facts::Listener;
use crate::report::merge::enumerated;

/// A release such as 3.7.11; releases compare as numbers, part by part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 3 of 3.7.11.
    pub major: u16,
    /// 7 of 3.7.11.
    pub minor: u16,
    /// 11 of 3.7.11.
    pub patch: u16,
}

impl Version {
    /// The release as one number: those of newer releases are higher.
    pub(crate) fn number(&self) -> u64 {
        u64::from(self.major) << 32 | u64::from(self.minor) << 16 | u64::from(self.patch)
    }

    /// A release from its three numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Version {
        Version { major, minor, patch }
    }

    /// A release of four numbers is the one of the first three; so are `2.3.21.1` and `2.4.1-4`. What follows a blank or a
    /// parenthesis is no part of it.
    pub(crate) fn of_first_three(text: &str) -> Option<Version> {
        let number = text.split(['-', ' ', '(', ')']).next()?.trim_end_matches('.');
        let three: Vec<&str> = number.split('.').take(3).collect();
        three.join(".").parse().ok()
    }

    /// True when both are of the same branch, such as 3.7.
    #[must_use]
    pub fn same_branch(self, other: Version) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = TargetError;

    /// Reads `3.7.11`, `3.7` (its first release) and ignores what a build appends after `-`, as in `3.7.11-20240101`.
    fn from_str(text: &str) -> Result<Version, TargetError> {
        let number = text.split(['-', '+', '~', ' ']).next().unwrap_or(text);
        let mut parts = number.split('.').map(str::parse::<u16>);
        let bad = || TargetError::Version { text: text.to_owned() };
        let mut next = |needed: bool| match parts.next() {
            Some(part) => part.map_err(|_| bad()),
            None if needed => Err(bad()),
            None => Ok(0),
        };
        let version = Version {
            major: next(true)?,
            minor: next(true)?,
            patch: next(false)?,
        };
        if parts.next().is_some() {
            return Err(bad());
        }
        Ok(version)
    }
}

/// A set of releases: every release from `first` to `last`, both included.
///
/// Branches are not a line: a feature that came to 3.7.9 and to 3.8.4 is missing in 3.8.3. Such features are described by
/// several ranges, each within one branch; see the parameter table of a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The oldest release.
    pub first: Version,
    /// The newest release.
    pub last: Version,
}

impl Versions {
    /// Exactly one release.
    #[must_use]
    pub const fn exactly(version: Version) -> Versions {
        Versions {
            first: version,
            last: version,
        }
    }

    /// True when the release is in the set.
    #[must_use]
    pub fn contains(&self, version: Version) -> bool {
        (self.first..=self.last).contains(&version)
    }

    /// The points among these releases at which something changes its meaning: the first of them, and those of the milestones that
    /// come behind it.
    pub(crate) fn points(&self, milestones: &[Version]) -> Vec<Point> {
        let later = milestones
            .iter()
            .copied()
            .filter(|version| self.contains(*version) && *version > self.first);
        std::iter::once(self.first)
            .chain(later)
            .map(|version| Point { version })
            .collect()
    }

    /// True when only one release is meant.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.first == self.last
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_one() {
            write!(f, "{}", self.first)
        } else if self.first.same_branch(self.last) {
            write!(f, "{}.{}", self.first.major, self.first.minor)
        } else {
            write!(
                f,
                "{}.{} to {}.{}",
                self.first.major, self.first.minor, self.last.major, self.last.minor
            )
        }
    }
}

/// A network interface of the machine: its address and the length of its network prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interface {
    /// The address.
    pub address: std::net::IpAddr,
    /// Bits of the network part.
    pub prefix: u8,
}

/// What the person says about the machine the configuration is for. Everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Releases of Postfix.
    pub postfix: Option<Versions>,
    /// Releases of Dovecot.
    pub dovecot: Option<Versions>,
    /// Releases of Exim.
    pub exim: Option<Versions>,
    /// Releases of OpenSSL.
    pub openssl: Option<Versions>,
    /// Releases of GnuTLS.
    pub gnutls: Option<Versions>,
    /// As given, for the report.
    pub words: Vec<String>,
    /// The fully qualified name of the machine, where a server would ask the system for it.
    pub host_name: Option<String>,
    /// The machine's interfaces, where a server would ask the system for them; empty when not said.
    pub interfaces: Vec<Interface>,
    /// Values that the machine's own server gives for settings nobody wrote, by the setting's name.
    pub machine: std::collections::BTreeMap<String, String>,
    /// Roles set by hand: port or listener name, and the role's word.
    pub roles: Vec<(String, crate::facts::Role)>,
    /// The name by which clients look for the server, where the person says it.
    pub published_name: Option<String>,
    /// The certificates and keys that were looked at, and when.
    pub seen: crate::certificate::Seen,
    /// Who else of the machine answers whether passwords are right; what is judged together fills it in.
    pub backends: Vec<crate::link::Backend>,
}

/// Why a `--target` or one of its kin was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Not of the form `program=version`.
    #[error("`{text}` is not of the form `program=version`, for example `postfix=3.7`")]
    Form {
        /// What was given.
        text: String,
    },
    /// A program that smtplint knows nothing about.
    #[error("`{program}` is not known as a target; known are: postfix, exim, dovecot, openssl, gnutls, debian, ubuntu")]
    Program {
        /// What was given.
        program: String,
    },
    /// Not a version.
    #[error("`{text}` is not a version; write it as `3.7` or `3.7.11`")]
    Version {
        /// What was given.
        text: String,
    },
    /// A distribution release that is not in the table.
    #[error(
        "release {release} of {distribution} is not in the table; name the server instead, for example `postfix=3.7`"
    )]
    Release {
        /// `debian` or `ubuntu`.
        distribution: String,
        /// What was given.
        release: String,
    },
}

/// What distributions ship: distribution, release, Postfix, OpenSSL, Dovecot, Exim, GnuTLS. Branches, because point releases move within a release.
/// Source: the distributions' package indexes (packages.debian.org, packages.ubuntu.com).
const DISTRIBUTIONS: &[(&str, &str, [&str; 5])] = &[
    ("debian", "10", ["3.4", "1.1.1", "2.3.4", "4.92", "3.6"]),
    ("debian", "11", ["3.5", "1.1.1", "2.3.13", "4.94", "3.7"]),
    ("debian", "12", ["3.7", "3.0", "2.3.19", "4.96", "3.7"]),
    ("debian", "13", ["3.10", "3.5", "2.4.1", "4.98", "3.8"]),
    ("ubuntu", "20.04", ["3.4", "1.1.1", "2.3.7", "4.93", "3.6"]),
    ("ubuntu", "22.04", ["3.6", "3.0", "2.3.16", "4.95", "3.7"]),
    ("ubuntu", "24.04", ["3.8", "3.0", "2.3.21", "4.97", "3.8"]),
];

impl Target {
    /// Adds one `program=version`.
    ///
    /// # Errors
    /// When the form, the program or the version is not understood; nothing is changed then.
    pub fn add(&mut self, text: &str) -> Result<(), TargetError> {
        let (program, version) = text
            .split_once('=')
            .ok_or_else(|| TargetError::Form { text: text.to_owned() })?;
        match program.trim() {
            "postfix" => self.postfix = Some(branch_or_release(version.trim())?),
            "dovecot" => self.dovecot = Some(branch_or_release(version.trim())?),
            "exim" => self.exim = Some(branch_or_release(version.trim())?),
            "openssl" => self.openssl = Some(branch_or_release(version.trim())?),
            "gnutls" => self.gnutls = Some(branch_or_release(version.trim())?),
            distribution @ ("debian" | "ubuntu") => {
                let release = version.trim();
                let (_, _, [postfix, openssl, dovecot, exim, gnutls]) = DISTRIBUTIONS
                    .iter()
                    .find(|row| row.0 == distribution && row.1 == release)
                    .ok_or_else(|| TargetError::Release {
                        distribution: distribution.to_owned(),
                        release: release.to_owned(),
                    })?;
                self.postfix = Some(branch_or_release(postfix)?);
                self.openssl = Some(branch_or_release(openssl)?);
                self.dovecot = Some(branch_or_release(dovecot)?);
                self.exim = Some(branch_or_release(exim)?);
                self.gnutls = Some(branch_or_release(gnutls)?);
            }
            program => {
                return Err(TargetError::Program {
                    program: program.to_owned(),
                });
            }
        }
        self.words.push(text.to_owned());
        Ok(())
    }

    /// One sentence for each role that is given to a port or a name at which nothing listens.
    #[must_use]
    pub fn roles_of_nothing<'a>(&self, listeners: impl Iterator<Item = &'a Listener>) -> Vec<String> {
        let all: Vec<&Listener> = listeners.collect();
        let listens = |which: &str| {
            let mut listeners = all.iter();
            listeners.any(|one| one.name == which || one.known_port().is_some_and(|port| port.to_string() == which))
        };
        let idle = self.roles.iter().filter(|(which, _)| !listens(which));
        let known: Vec<String> = all.iter().map(|one| one.spoken()).collect();
        let known = if known.is_empty() {
            "nothing".to_owned()
        } else {
            enumerated(&known)
        };
        idle.map(|(which, role)| {
            format!(
                "the role {which}={} is nobody's: nothing listens at `{which}`; what listens is {known}",
                role.word()
            )
        })
        .collect()
    }
}

/// `3.7` is every release of the branch, `3.7.11` just that one.
fn branch_or_release(text: &str) -> Result<Versions, TargetError> {
    let first: Version = text.parse()?;
    if text.split('.').count() >= 3 {
        return Ok(Versions::exactly(first));
    }
    Ok(Versions {
        first,
        last: Version {
            patch: u16::MAX,
            ..first
        },
    })
}

/// One state of the world in which facts are certain: one release of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The release.
    pub version: Version,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_branches_or_releases() {
        let mut target = Target::default();
        target.add("postfix=3.7").unwrap();
        assert!(target.postfix.unwrap().contains(Version::new(3, 7, 11)));
        assert!(!target.postfix.unwrap().contains(Version::new(3, 8, 0)));
        target.add("postfix=3.7.11").unwrap();
        assert!(target.postfix.unwrap().is_one());
        assert!(matches!(target.add("postfix"), Err(TargetError::Form { .. })));
        assert!(matches!(target.add("qmail=1.0"), Err(TargetError::Program { .. })));
        assert!(matches!(target.add("postfix=new"), Err(TargetError::Version { .. })));
        assert!(matches!(target.add("debian=3"), Err(TargetError::Release { .. })));
    }
}
