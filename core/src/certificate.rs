//! Certificates as plain data, and what was seen of the files that a configuration names.
//!
//! Whoever calls the core opens the files, or takes what was pasted; here only text becomes data. Of a private key nothing is
//! kept but that there is one.
//!
//! The parser is the project's own, because the common ones would cost the page forty kilobytes and more, and eight fields are
//! wanted. It trusts no length and follows nothing deeper than a certificate goes.

mod der;
mod parts;
mod pem;
mod x509;

use std::collections::BTreeMap;

use serde::Serialize;

/// The most that is taken from one text: a bundle of all authorities there are has fewer.
const MOST: usize = 1000;

/// One certificate, as far as rules ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is, such as `CN=mail.example.org`.
    pub subject: String,
    /// Who signed it, in the same form: equal to the subject where nobody else did.
    pub issuer: String,
    /// The last common name of the subject.
    pub common_name: Option<String>,
    /// Names of hosts (RFC 5280 §4.2.1.6, `dNSName`), as they stand there.
    pub dns_names: Vec<String>,
    /// Seconds since 1970.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
    /// The public key's kind.
    pub key: KeyKind,
    /// The public key's length in bits; 0 where the kind says it all.
    pub bits: usize,
    /// The digest that the signature is made over.
    pub digest: Digest,
    /// True when it may sign others.
    pub is_authority: bool,
    /// True when the authority that issued it serves the public: it says so by a policy of the CA/Browser Forum, or the
    /// certificate was logged for everybody to see (RFC 6962).
    pub is_public: bool,
}

impl Certificate {
    /// True when it names its own subject as issuer: no authority stands behind it.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// The hosts that it was made for, in words: the first of them, which tell enough.
    #[must_use]
    pub fn hosts(&self) -> String {
        const SHOWN: usize = 4;
        let others = self.common_name.iter().filter(|_| self.dns_names.is_empty());
        let names: Vec<&str> = self.dns_names.iter().chain(others).map(String::as_str).collect();
        match names.get(..SHOWN + 1) {
            Some([shown @ .., _]) => format!("{} and others", shown.join(", ")),
            _ if names.is_empty() => "no host".to_owned(),
            _ => names.join(", "),
        }
    }

    /// Bits of security of its key, as OpenSSL counts them (`BN_security_bits`; NIST SP 800-57, part 1, table 2).
    #[must_use]
    pub fn security_bits(&self) -> u16 {
        match self.key {
            KeyKind::Rsa | KeyKind::Dsa => match self.bits {
                15_360.. => 256,
                7_680.. => 192,
                3_072.. => 128,
                2_048.. => 112,
                1_024.. => 80,
                _ => 0,
            },
            KeyKind::Ec => u16::try_from(self.bits / 2).unwrap_or(u16::MAX),
            KeyKind::Edwards => 128,
            KeyKind::Other => u16::MAX,
        }
    }

    /// True when it was made for a host of this name (RFC 7817 §3): by a name of a host, or, where it has none, by the common
    /// name. A `*` stands for one whole label, the leftmost.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        let matches = |name: &String| match name.strip_prefix("*.") {
            Some(rest) => host
                .split_once('.')
                .is_some_and(|(_, parent)| rest.eq_ignore_ascii_case(parent)),
            None => name.eq_ignore_ascii_case(host),
        };
        if self.dns_names.is_empty() {
            self.common_name.as_ref().is_some_and(matches)
        } else {
            self.dns_names.iter().any(matches)
        }
    }
}

/// Kinds of public keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// RSA.
    Rsa,
    /// Elliptic curves by name: ECDSA.
    Ec,
    /// DSA, which no client takes any more.
    Dsa,
    /// Ed25519 and Ed448.
    Edwards,
    /// Any other.
    Other,
}

/// Digests that signatures are made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// MD5, or one older than it.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256 and its kin, or one that comes with its signature.
    Newer,
}

/// What stands between the markers of a PEM file (RFC 7468).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A certificate.
    Certificate(Certificate),
    /// A private key, of which nothing is kept.
    Key,
    /// A certificate that cannot be read.
    Damaged,
    /// Parameters for Diffie-Hellman key exchange, with a prime of so many bits.
    Prime(u16),
}

impl Object {
    /// The bits of the prime, where it is one.
    #[must_use]
    pub fn prime_bits(&self) -> Option<u16> {
        match self {
            Object::Prime(bits) => Some(*bits),
            _ => None,
        }
    }
}

/// What was seen of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// What stands in it, in its order.
    Holds(Vec<Object>),
    /// It is not there, on the very machine that the configuration is for.
    Missing,
    /// It was not read, for this reason, in words that follow "it".
    Unseen(&'static str),
}

/// One file that a configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// What stands in it.
    pub content: Content,
    /// True when every account of the machine can read it, by its own mode and by those of the folders on the way to it;
    /// `None` when that was not to be seen.
    pub everyone_reads: Option<bool>,
}

/// A file that a configuration names, for whoever can look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Its path, as the configuration has it.
    pub path: String,
    /// True when it is named for a private key alone: nothing needs to be read in it.
    pub is_key: bool,
}

impl NamedFile {
    /// Each file once, however often it is named: one that is named for anything but a key is read. There is a limit, so that
    /// nobody has to look at thousands.
    pub(crate) fn merged(all: impl IntoIterator<Item = NamedFile>) -> Vec<NamedFile> {
        let mut named: Vec<NamedFile> = Vec::new();
        for file in all {
            if let Some(known) = named.iter_mut().find(|known| known.path == file.path) {
                known.is_key &= file.is_key;
            } else if named.len() < MOST_FILES {
                named.push(file);
            }
        }
        named
    }
}

/// The most files that are looked at.
const MOST_FILES: usize = 64;

/// What was seen of the files that a configuration names, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The time, in seconds since 1970. Without it no certificate is too old or too young.
    pub now: Option<i64>,
    /// Files by their paths, as the configuration has them.
    pub files: BTreeMap<String, SeenFile>,
    /// What somebody gave as the server's certificate, whatever the file that holds it is called.
    pub given: Vec<Object>,
}

/// Certificates and keys of a text, in its order. What stands outside of markers is passed over, as OpenSSL does.
#[must_use]
pub fn read(text: &str) -> Vec<Object> {
    pem::blocks(text)
        .filter_map(|block| match block.label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                let read = pem::decode(block.body).and_then(|bytes| x509::read(&bytes));
                Some(read.map_or(Object::Damaged, Object::Certificate))
            }
            label if label.ends_with("PRIVATE KEY") => Some(Object::Key),
            "DH PARAMETERS" | "X9.42 DH PARAMETERS" => pem::decode(block.body)
                .and_then(|bytes| prime_bits(&bytes))
                .map(Object::Prime),
            _ => None,
        })
        .take(MOST)
        .collect()
}

/// The certificate that bytes hold in DER, as a handshake carries it; `None` for what is none, or cannot be read.
#[must_use]
pub fn of_der(bytes: &[u8]) -> Option<Certificate> {
    x509::read(bytes)
}

/// The public key of a certificate in DER, as TLSA records compare it (RFC 6698 §2.1.2); `None` for what is no certificate.
#[must_use]
pub fn key_of_der(bytes: &[u8]) -> Option<&[u8]> {
    parts::key(bytes)
}

/// The services of domains that a certificate in DER is for, such as `_submission.example.org` (RFC 4985).
#[must_use]
pub fn services_of_der(bytes: &[u8]) -> Vec<String> {
    parts::services(bytes)
}

/// The length of a prime: parameters begin with it (PKCS #3 §9, `DHParameter`).
fn prime_bits(bytes: &[u8]) -> Option<u16> {
    let prime = der::Reader(bytes).open(der::SEQUENCE)?.get(der::INTEGER)?;
    let digits = prime
        .iter()
        .position(|byte| *byte != 0)
        .map_or(&[][..], |at| prime.get(at..).unwrap_or_default());
    let first = digits.first()?;
    let bits = 8 * digits.len() - first.leading_zeros() as usize;
    u16::try_from(bits).ok()
}

/// What a text gives as the server's certificate: its certificates. A key beside them tells nothing.
#[must_use]
pub fn given(text: &str) -> Vec<Object> {
    let mut objects = read(text);
    objects.retain(|object| !matches!(object, Object::Key | Object::Prime(_)));
    objects
}

/// The text's ranges of bytes that certificates and keys take up, markers and line ends included.
pub(crate) fn ranges(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    pem::blocks(text).map(|block| block.range)
}

/// A day as people write it: `2026-11-25`.
#[must_use]
pub fn day(seconds: i64) -> String {
    // Days since the first of March of the year 0: in such a year the day that may be missing is the last one. An era of 400
    // years has 146 097 days.
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// Seconds since 1970 at the beginning of a day.
fn seconds_at(year: i64, month: i64, day: i64) -> i64 {
    // The same reckoning, the other way round.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let year = year.rem_euclid(400);
    (era * 146_097 + year * 365 + year / 4 - year / 100 + of_year - 719_468) * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_two_programs_name_is_one_and_read_where_one_of_them_shows_it() {
        let file = |path: &str, is_key| NamedFile {
            path: path.to_owned(),
            is_key,
        };
        let merged = NamedFile::merged([file("a", false), file("b", true), file("a", true), file("b", true)]);
        assert_eq!(merged, [file("a", false), file("b", true)]);
        assert_eq!(
            NamedFile::merged((0..100).map(|one| file(&one.to_string(), false))).len(),
            MOST_FILES
        );
    }

    #[test]
    fn days_are_reckoned_both_ways() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1969-12-31", -86_400),
            ("2000-02-29", 951_782_400),
            ("2026-11-25", 1_795_564_800),
            ("9999-12-31", 253_402_214_400),
        ] {
            assert_eq!(day(seconds), text);
            assert_eq!(day(seconds + 86_399), text);
            let parts: Vec<i64> = text.split('-').map(|part| part.parse().expect("a number")).collect();
            assert_eq!(seconds_at(parts[0], parts[1], parts[2]), seconds);
        }
    }

    #[test]
    fn names_match_by_whole_labels() {
        let mut certificate = Certificate {
            subject: String::new(),
            issuer: String::new(),
            common_name: Some("Mail.example.org".to_owned()),
            dns_names: Vec::new(),
            not_before: 0,
            not_after: 0,
            key: KeyKind::Rsa,
            bits: 2048,
            digest: Digest::Newer,
            is_authority: false,
            is_public: false,
        };
        assert!(
            certificate.is_for("mail.example.org"),
            "without other names the common name counts"
        );
        certificate.dns_names = vec!["*.example.net".to_owned(), "a.example.com".to_owned()];
        assert!(certificate.is_for("MX.example.net") && certificate.is_for("a.example.com"));
        for host in [
            "mail.example.org",
            "example.net",
            "a.b.example.net",
            "b.example.com",
            "",
        ] {
            assert!(!certificate.is_for(host), "{host}");
        }
    }

    #[test]
    fn a_key_leaves_nothing_behind() {
        let text = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n-----BEGIN DH PARAMETERS-----\nAAAA\n\
                    -----END DH PARAMETERS-----\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(read(text), [Object::Key, Object::Damaged]);
    }
}
