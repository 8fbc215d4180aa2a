//! What a string means, gathered to be shown.

use std::ops::Range;

use serde::Serialize;

use super::attack::{self, Attack, Surface};
use super::openssl::{Negotiable, Setup};
use super::{Did, Invalid, Key, Suite, gnutls, openssl};
use crate::TOOL;
use crate::facts::TlsVersion;

/// What a string means.
#[derive(Debug)]
pub struct Meaning {
    /// `openssl` or `gnutls`.
    pub library: &'static str,
    /// The release that read it.
    pub release: &'static str,
    /// OpenSSL's security level after the string.
    pub level: Option<u8>,
    /// Every suite, in order of preference, those of TLS 1.3 first.
    pub suites: Vec<&'static Suite>,
    /// Those that a server with any keys negotiates, and with which versions; none for which a secret must be shared.
    pub offered: Vec<Negotiable>,
    /// The versions that can be spoken with one of them, oldest first.
    pub versions: Vec<TlsVersion>,
    /// The groups that the string names, preferred ones first; OpenSSL's strings name none.
    pub groups: Vec<&'static str>,
    /// The signatures that the string names, preferred ones first; OpenSSL's strings name none.
    pub signatures: Vec<&'static str>,
    /// What each word did.
    pub words: Vec<Word>,
}

/// A word of the string.
#[derive(Debug)]
pub struct Word {
    /// As it is written.
    pub text: String,
    /// Its bytes in the string.
    pub place: Range<usize>,
    /// What it did.
    pub did: Did,
    /// A known word that it may have been meant for, when it is not known.
    pub nearest: Option<String>,
}

impl Meaning {
    /// What a release of OpenSSL makes of a cipher string when `level` is the security level before it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the release refuses the string.
    pub fn of_openssl(text: &str, release: openssl::Release, level: u8) -> Result<Meaning, Invalid> {
        let list = openssl::read(text, release, level)?;
        let tls13 = openssl::default_ciphersuites();
        let setup = Setup {
            ciphersuites: &tls13,
            versions: TlsVersion::Ssl3..=TlsVersion::Tls13,
            psk: false,
            srp: false,
        };
        let words = list.tokens.iter().map(|token| {
            let unknown = match &token.did {
                Did::Unknown(part) => text.get(part.clone()),
                _ => None,
            };
            Word {
                text: text.get(token.place.clone()).unwrap_or("").to_owned(),
                place: token.place.clone(),
                did: token.did.clone(),
                nearest: unknown
                    .and_then(|word| openssl::meant(word, release))
                    .map(str::to_owned),
            }
        });
        let offered = openssl::negotiable(&list, &setup, &[Key::Rsa, Key::Ecdsa, Key::Dsa]);
        Ok(Meaning {
            library: "openssl",
            release: release.name(),
            level: Some(list.level),
            words: words.collect(),
            versions: spoken(&offered),
            offered,
            suites: tls13.into_iter().chain(list.suites).collect(),
            groups: Vec::new(),
            signatures: Vec::new(),
        })
    }

    /// What a release of GnuTLS makes of a priority string.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the release refuses the string.
    pub fn of_gnutls(text: &str, release: gnutls::Release) -> Result<Meaning, Invalid> {
        let read = gnutls::read(text, release)?;
        let versions = read.tls_versions();
        let words = read.tokens.into_iter().map(|token| Word {
            text: text.get(token.place.clone()).unwrap_or("").to_owned(),
            place: token.place,
            did: token.did,
            nearest: None,
        });
        // Suites of DTLS alone are of no use to a mail server.
        let usable = |suite: &&'static Suite| Negotiable {
            suite,
            versions: versions
                .iter()
                .copied()
                .filter(|version| suite.works_with(*version))
                .collect(),
        };
        let open = read.suites.iter().filter(|suite| !needs_secret(suite));
        let offered: Vec<Negotiable> = open.map(usable).filter(|one| !one.versions.is_empty()).collect();
        Ok(Meaning {
            library: "gnutls",
            release: release.name(),
            level: None,
            words: words.collect(),
            versions: spoken(&offered),
            offered,
            suites: read.suites,
            groups: read.groups,
            signatures: read.signatures,
        })
    }

    /// The name of a suite in this library.
    #[must_use]
    pub fn name(&self, suite: &Suite) -> &'static str {
        let own = if self.library == "gnutls" {
            suite.gnutls
        } else {
            suite.openssl
        };
        own.unwrap_or(suite.name)
    }

    /// The known attacks for which what is offered suffices.
    #[must_use]
    pub fn attacks(&self) -> Vec<&'static Attack> {
        let suites: Vec<_> = self.offered.iter().map(|one| one.suite).collect();
        let surface = Surface {
            versions: &self.versions,
            suites: &suites,
            ..Surface::default()
        };
        attack::all()
            .iter()
            .filter(|attack| attack.applies_to(&surface))
            .collect()
    }

    /// The same as plain data.
    #[must_use]
    pub fn to_json(&self) -> CiphersJson {
        CiphersJson {
            schema: "smtplint/ciphers/1",
            tool: TOOL,
            library: self.library,
            target: self.release,
            security_level: self.level,
            suites: self.suites.iter().map(|suite| self.name(suite)).collect(),
            offered: self.offered.iter().map(|one| self.name(one.suite)).collect(),
            versions: self.versions.clone(),
            groups: self.groups.clone(),
            signatures: self.signatures.clone(),
            attacks: self.attacks().into_iter().map(|attack| attack.id).collect(),
            tokens: self.words.iter().map(WordJson::of).collect(),
        }
    }
}

/// The versions of all, oldest first.
fn spoken(offered: &[Negotiable]) -> Vec<TlsVersion> {
    let has = |version: &TlsVersion| offered.iter().any(|one| one.versions.contains(*version));
    TlsVersion::ALL.into_iter().filter(has).collect()
}

fn needs_secret(suite: &Suite) -> bool {
    suite.key_exchange().ends_with("PSK") || suite.key_exchange() == "SRP"
}

/// What `smtplint ciphers --format json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CiphersJson {
    /// `smtplint/ciphers/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/ciphers/1")))]
    pub schema: &'static str,
    /// Name and version of the program.
    pub tool: &'static str,
    /// `openssl` or `gnutls`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["openssl", "gnutls"])))]
    pub library: &'static str,
    /// The release that read the string.
    pub target: &'static str,
    /// OpenSSL's security level after the string; GnuTLS has none.
    pub security_level: Option<u8>,
    /// Every suite in order, as `openssl ciphers` or `gnutls-cli --list` prints them.
    pub suites: Vec<&'static str>,
    /// Those that a server with any keys negotiates; none for which a secret must be shared.
    pub offered: Vec<&'static str>,
    /// The versions that can be spoken with one of them, oldest first.
    pub versions: Vec<TlsVersion>,
    /// The groups that the string names, preferred ones first.
    pub groups: Vec<&'static str>,
    /// The signatures that the string names, preferred ones first.
    pub signatures: Vec<&'static str>,
    /// The known attacks for which what is offered suffices.
    pub attacks: Vec<&'static str>,
    /// What each word did.
    pub tokens: Vec<WordJson>,
}

/// A word of the string.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Token"))]
pub struct WordJson {
    /// As it is written.
    pub token: String,
    /// `added`, `removed`, `forbade` or `moved` and a number, `level` and the level, `sorted`, `switched`, `nothing`, `unknown`.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(
            pattern = r"^((added|removed|forbade|moved) [0-9]+|level [0-5]|sorted|switched|nothing|unknown)$"
        ))
    )]
    pub did: String,
    /// A known word that it may have been meant for, when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

impl WordJson {
    fn of(word: &Word) -> WordJson {
        let did = match &word.did {
            Did::Added(count) => format!("added {count}"),
            Did::Removed(count) => format!("removed {count}"),
            Did::Forbade(count) => format!("forbade {count}"),
            Did::Moved(count) => format!("moved {count}"),
            Did::Level(level) => format!("level {level}"),
            Did::Sorted => "sorted".to_owned(),
            Did::Switched => "switched".to_owned(),
            Did::Nothing => "nothing".to_owned(),
            Did::Unknown(_) => "unknown".to_owned(),
        };
        WordJson {
            token: word.text.clone(),
            did,
            nearest: word.nearest.clone(),
        }
    }
}
