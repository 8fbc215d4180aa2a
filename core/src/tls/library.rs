//! The libraries whose strings are understood, each with its release.

use std::fmt;
use std::ops::Range;

use super::{Invalid, Meaning, Why, gnutls, nearest, openssl};

/// A library with the release that reads a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// OpenSSL, with its cipher strings.
    OpenSsl(openssl::Release),
    /// GnuTLS, with its priority strings.
    GnuTls(gnutls::Release),
}

/// A string that a library refuses, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Who refuses it and why.
    pub verdict: String,
    /// The bytes where the library stopped; empty at the end of the string.
    pub place: Range<usize>,
    /// A known word that what stands there may have been meant for.
    pub nearest: Option<String>,
}

impl Library {
    /// All of them, OpenSSL first, the newest first.
    pub const ALL: [Library; 5] = [
        Library::OpenSsl(openssl::Release::V3_5),
        Library::OpenSsl(openssl::Release::V3_0),
        Library::OpenSsl(openssl::Release::V1_1_1),
        Library::GnuTls(gnutls::Release::V3_8),
        Library::GnuTls(gnutls::Release::V3_7),
    ];

    /// What it makes of a string when `level` is OpenSSL's security level before it; GnuTLS has none.
    ///
    /// # Errors
    ///
    /// [`Refused`] when it takes nothing of the string.
    pub fn read(self, text: &str, level: u8) -> Result<Meaning, Refused> {
        let meaning = match self {
            Library::OpenSsl(release) => Meaning::of_openssl(text, release, level),
            Library::GnuTls(release) => Meaning::of_gnutls(text, release),
        };
        meaning.map_err(|invalid| self.refused(text, invalid))
    }

    fn refused(self, text: &str, invalid: Invalid) -> Refused {
        let word = text
            .get(invalid.place.clone())
            .unwrap_or("")
            .trim_start_matches(['+', '-', '!']);
        let near = match (invalid.why, self) {
            (Why::Word | Why::Command, Library::OpenSsl(release)) => {
                nearest(word, openssl::words(release)).map(str::to_owned)
            }
            (Why::Word | Why::Command, Library::GnuTls(release)) => {
                let known = gnutls::words(release);
                nearest(word, known.iter().map(String::as_str)).map(str::to_owned)
            }
            _ => None,
        };
        let verdict = match invalid.why {
            Why::System => format!("only the machine itself can say what this means: {}", invalid.why),
            why => format!("{self} refuses the whole string: {why}"),
        };
        Refused {
            verdict,
            place: invalid.place,
            nearest: near,
        }
    }
}

impl fmt::Display for Library {
    /// As people write it: `OpenSSL 3.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, release) = match self {
            Library::OpenSsl(release) => ("OpenSSL ", release.name()),
            Library::GnuTls(release) => ("GnuTLS ", release.name()),
        };
        f.write_str(name)?;
        f.write_str(release)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_is_there() {
        for release in openssl::Release::ALL {
            assert!(Library::ALL.contains(&Library::OpenSsl(release)), "{release}");
        }
        for release in gnutls::Release::ALL {
            assert!(Library::ALL.contains(&Library::GnuTls(release)), "{release}");
        }
    }

    #[test]
    fn a_refusal_has_its_place_and_what_was_meant() {
        let refused = |library: Library, text| library.read(text, 2).unwrap_err();
        let open = refused(Library::ALL[0], "HIGH AES+");
        assert_eq!(
            (open.verdict.as_str(), open.place, open.nearest),
            (
                "OpenSSL 3.5 refuses the whole string: a word is missing here",
                9..9,
                None
            )
        );
        let gnu = refused(Library::ALL[3], "NORMAL:+VERS-TLS-1.2");
        assert_eq!((gnu.place, gnu.nearest.as_deref()), (7..20, Some("VERS-TLS1.2")));
        let system = refused(Library::ALL[3], "@SYSTEM");
        assert!(system.verdict.starts_with("only the machine itself"), "{system:?}");
    }
}
