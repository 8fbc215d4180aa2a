//! Known attacks: what of a server each needs, and how practical it is over SMTP.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::suite::Suite;
use super::table;
use super::traits::{CIPHER, KEY_EXCHANGE};
use crate::facts::TlsVersion;
use crate::rule::Citation;

/// An attack that has a name.
#[derive(Debug)]
pub struct Attack {
    /// Its name in small letters, with hyphens.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What the attacker needs, as a sentence.
    pub needs: &'static str,
    /// How practical that is over SMTP, in sentences.
    pub over_smtp: &'static str,
    cves: &'static str,
    sources: &'static str,
    when: Vec<When>,
}

/// What of a server attacks look at.
#[derive(Debug, Clone, Default)]
pub struct Surface<'a> {
    /// The versions it speaks.
    pub versions: &'a [TlsVersion],
    /// The suites it offers.
    pub suites: &'a [&'static Suite],
    /// True when TLS compresses.
    pub compression: bool,
    /// Bits of the shortest prime it uses for Diffie-Hellman, where that is known.
    pub prime_bits: Option<u16>,
    /// True when a session goes on in clear if nobody says STARTTLS.
    pub strippable: bool,
    /// True when what came in clear after STARTTLS is read as if it had come encrypted.
    pub injectable: bool,
}

/// Every attack that is known here.
#[must_use]
pub fn all() -> &'static [Attack] {
    static ALL: OnceLock<Vec<Attack>> = OnceLock::new();
    ALL.get_or_init(|| table::rows(table::attacks()).filter_map(Attack::parse).collect())
}

impl Attack {
    /// Its numbers in the list of Common Vulnerabilities and Exposures.
    pub fn cves(&self) -> impl Iterator<Item = &'static str> {
        self.cves.split(',').filter(|cve| !cve.is_empty())
    }

    /// The documents that forbid what it needs.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.sources.split(',')
    }

    /// The same, and where the numbers are explained, as sources with addresses.
    pub fn citations(&self) -> impl Iterator<Item = Citation> {
        let document = |source: &'static str| {
            let rfc = source.strip_prefix("RFC ")?.split_once(" §")?;
            let (number, section) = (rfc.0.parse().ok()?, rfc.1);
            Some(Citation::Rfc { number, section })
        };
        self.cves()
            .map(Citation::Cve)
            .chain(self.sources().filter_map(document))
    }

    /// True when a server has what the attack needs of it. The suites that make it possible are those of [`Attack::suites`].
    #[must_use]
    pub fn applies_to(&self, surface: &Surface<'_>) -> bool {
        self.when.iter().any(|when| when.holds(surface))
    }

    /// The suites that make it possible at a server, in the server's order; none when it needs no suite.
    #[must_use]
    pub fn suites(&self, surface: &Surface<'_>) -> Vec<&'static Suite> {
        let held: Vec<&When> = self.when.iter().filter(|when| when.holds(surface)).collect();
        let one_of = |suite: &&&'static Suite| held.iter().any(|when| when.takes(suite, surface));
        surface.suites.iter().filter(one_of).copied().collect()
    }

    fn parse(line: &'static str) -> Option<Attack> {
        let mut columns = line.split('\t');
        Some(Attack {
            id: columns.next()?,
            name: columns.next()?,
            cves: columns.next()?,
            when: columns.next()?.split(';').map(When::parse).collect::<Option<_>>()?,
            needs: columns.next()?,
            over_smtp: columns.next()?,
            sources: columns.next()?,
        })
    }
}

/// Conditions that must all hold.
#[derive(Debug, Default)]
struct When {
    server: Option<Server>,
    /// The versions that the attack works with; `None` when it asks for none.
    versions: Option<RangeInclusive<TlsVersion>>,
    suites: Option<Wanted>,
}

/// What of the server an attack needs.
#[derive(Debug, Clone, Copy)]
enum Server {
    Compression,
    SmallGroup,
    Strippable,
    Injectable,
}

/// Which suites an attack needs.
#[derive(Debug, Default)]
struct Wanted {
    /// In each kind of traits that any is asked for, the suite has one of them.
    traits: Vec<u64>,
    cbc: bool,
    export: bool,
}

impl When {
    /// Conditions with blanks between; `None` when one is not understood, or asks again for what was asked for.
    fn parse(words: &str) -> Option<When> {
        let mut when = When::default();
        for word in words.split(' ') {
            if let Some(server) = Server::of(word) {
                when.server.replace(server).is_none().then_some(())?;
            } else if let Some(versions) = versions_of(word) {
                when.versions.replace(versions).is_none().then_some(())?;
            } else {
                when.suites.get_or_insert_default().add(word)?;
            }
        }
        Some(when)
    }

    fn holds(&self, surface: &Surface<'_>) -> bool {
        self.server.is_none_or(|server| server.holds(surface))
            && if self.suites.is_some() {
                surface.suites.iter().any(|suite| self.takes(suite, surface))
            } else {
                self.versions.is_none() || surface.versions.iter().any(|version| self.allows(*version))
            }
    }

    /// True when the attack works with a version.
    fn allows(&self, version: TlsVersion) -> bool {
        self.versions
            .as_ref()
            .is_none_or(|versions| versions.contains(&version))
    }

    /// True when a suite, with a version that the server speaks, is one that the attack needs.
    fn takes(&self, suite: &Suite, surface: &Surface<'_>) -> bool {
        let usable = |version: &TlsVersion| self.allows(*version) && suite.works_with(*version);
        self.suites.as_ref().is_some_and(|wanted| wanted.takes(suite)) && surface.versions.iter().any(usable)
    }
}

impl Server {
    /// The condition of a word.
    fn of(word: &str) -> Option<Server> {
        Some(match word {
            "compression" => Server::Compression,
            "small-group" => Server::SmallGroup,
            "strippable" => Server::Strippable,
            "injectable" => Server::Injectable,
            _ => return None,
        })
    }

    fn holds(self, surface: &Surface<'_>) -> bool {
        match self {
            Server::Compression => surface.compression,
            Server::SmallGroup => surface.prime_bits.is_some_and(|bits| bits <= 1024),
            Server::Strippable => surface.strippable,
            Server::Injectable => surface.injectable,
        }
    }
}

impl Wanted {
    /// Adds the condition of a word; `None` when it is not understood.
    fn add(&mut self, word: &str) -> Option<()> {
        match (word, word.split_once('=')) {
            ("cbc", _) => self.cbc = true,
            ("export", _) => self.export = true,
            (_, Some(("kx", words))) => self.traits.push(KEY_EXCHANGE.bits(words)?),
            (_, Some(("cipher", words))) => self.traits.push(CIPHER.bits(words)?),
            _ => return None,
        }
        Some(())
    }

    fn takes(&self, suite: &Suite) -> bool {
        self.traits.iter().all(|traits| suite.traits & traits != 0)
            && (!self.cbc || suite.is_cbc())
            && (!self.export || suite.is_export())
    }
}

/// The versions that a condition names: one, or after two dots it and all older ones.
fn versions_of(word: &str) -> Option<RangeInclusive<TlsVersion>> {
    let oldest = TlsVersion::ALL.first().copied()?;
    match word.strip_prefix("..") {
        Some(newest) => Some(oldest..=TlsVersion::from_name(newest)?),
        None => TlsVersion::from_name(word).map(|version| version..=version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::suite;

    const MODERN: [u16; 3] = [0x1301, 0xC02F, 0xC02B];
    const OLD: &[TlsVersion] = &[TlsVersion::Ssl3, TlsVersion::Tls10, TlsVersion::Tls12];
    const NEW: &[TlsVersion] = &[TlsVersion::Tls12, TlsVersion::Tls13];

    fn suites(ids: &[u16]) -> Vec<&'static Suite> {
        ids.iter().map(|id| suite::by_id(*id).unwrap()).collect()
    }

    /// The ids of what applies.
    fn applying(surface: &Surface<'_>) -> Vec<&'static str> {
        all()
            .iter()
            .filter(|attack| attack.applies_to(surface))
            .map(|attack| attack.id)
            .collect()
    }

    #[test]
    fn every_line_is_read_and_says_something() {
        assert_eq!(all().len(), 13);
        for attack in all() {
            assert!(
                attack.needs.ends_with('.') && attack.over_smtp.ends_with('.'),
                "{attack:?}"
            );
            assert!(attack.cves().all(|cve| cve.starts_with("CVE-")), "{attack:?}");
            assert!(attack.sources().all(|source| source.starts_with("RFC ")), "{attack:?}");
            let named = attack.cves().chain(attack.sources());
            let citations: Vec<_> = attack.citations().map(|one| one.to_string()).collect();
            assert!(named.eq(&citations), "{attack:?}: {citations:?}");
            assert!(attack.citations().all(|one| one.url().is_some()), "{attack:?}");
        }
    }

    #[test]
    fn a_modern_server_has_nothing_to_fear() {
        let suites = suites(&MODERN);
        assert_eq!(
            applying(&Surface {
                versions: NEW,
                suites: &suites,
                ..Surface::default()
            }),
            [""; 0]
        );
    }

    #[test]
    fn each_needs_what_it_needs() {
        for (id, versions, ids) in [
            ("poodle", OLD, 0x002F),
            ("beast", OLD, 0x002F),
            ("lucky13", NEW, 0xC027),
            ("sweet32", NEW, 0xC012),
            ("freak", OLD, 0x0003),
            ("logjam", OLD, 0x0014),
            ("robot", NEW, 0x009C),
            ("raccoon", NEW, 0x009E),
            ("rc4", NEW, 0x0005),
        ] {
            let with = suites(&[MODERN.as_slice(), &[ids]].concat());
            let surface = Surface {
                versions,
                suites: &with,
                ..Surface::default()
            };
            assert!(applying(&surface).contains(&id), "{id}: {:?}", applying(&surface));
            let attack = all().iter().find(|attack| attack.id == id).unwrap();
            assert_eq!(
                attack.suites(&surface).iter().map(|suite| suite.id).collect::<Vec<_>>(),
                [ids],
                "{id}"
            );
            let without = suites(&MODERN);
            assert!(
                !attack.applies_to(&Surface {
                    versions,
                    suites: &without,
                    ..Surface::default()
                }),
                "{id}"
            );
        }
        let none = Surface::default();
        for (id, surface) in [
            (
                "drown",
                Surface {
                    versions: &[TlsVersion::Ssl2],
                    ..none.clone()
                },
            ),
            (
                "crime",
                Surface {
                    compression: true,
                    ..none.clone()
                },
            ),
            (
                "starttls-stripping",
                Surface {
                    strippable: true,
                    ..none.clone()
                },
            ),
            (
                "starttls-injection",
                Surface {
                    injectable: true,
                    ..none.clone()
                },
            ),
        ] {
            assert_eq!(applying(&surface), [id]);
        }
    }

    #[test]
    fn a_version_that_cannot_use_the_suite_makes_no_attack() {
        // A suite in CBC mode that only TLS 1.2 has, beside TLS 1.0.
        let suites = suites(&[0xC027]);
        let applying = applying(&Surface {
            versions: OLD,
            suites: &suites,
            ..Surface::default()
        });
        assert_eq!(applying, ["lucky13"]);
    }

    #[test]
    fn short_primes_make_logjam_without_export_suites() {
        let suites = suites(&[0x009E]);
        let surface = |bits| Surface {
            versions: NEW,
            suites: &suites,
            prime_bits: bits,
            ..Surface::default()
        };
        assert!(applying(&surface(Some(1024))).contains(&"logjam"));
        assert!(!applying(&surface(Some(2048))).contains(&"logjam"));
        assert!(!applying(&surface(None)).contains(&"logjam"));
    }
}
