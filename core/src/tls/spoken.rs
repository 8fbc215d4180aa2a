//! What strings, words and suites come to, in words: the command and the page say the same.

use super::openssl::{self, Negotiable};
use super::{Did, Key, Meaning, Suite, Word};

/// Above the attacks of a string.
pub const ATTACKS: &str = "Known attacks for which this suffices, and how practical they are over SMTP";
/// Above the suites of a list that no server offers because of it.
pub const NOT_OFFERED: &str =
    "In the list, and not offered: the security level forbids them, or a secret must be shared";

impl Meaning {
    /// Who read it: `As OpenSSL 3.0 reads it, at security level 2`.
    #[must_use]
    pub fn reader(&self) -> String {
        let level = self
            .level
            .map_or_else(String::new, |level| format!(", at security level {level}"));
        format!("As {} {} reads it{level}", self.proper(), self.release)
    }

    /// How many suites are offered.
    #[must_use]
    pub fn count(&self) -> String {
        match self.offered.len() {
            0 => "No suite is offered".to_owned(),
            1 => "1 suite is offered".to_owned(),
            count => format!("{count} suites are offered, in this order"),
        }
    }

    /// What a word of it did: `adds 4`.
    #[must_use]
    pub fn effect(&self, word: &Word) -> String {
        match &word.did {
            Did::Added(count) => format!("adds {count}"),
            Did::Removed(count) => format!("takes {count} away"),
            Did::Forbade(count) => format!("keeps {count} out from here on"),
            Did::Moved(count) => format!("moves {count} to the end"),
            Did::Sorted => "puts the strongest first".to_owned(),
            Did::Level(level) => format!("sets the security level to {level}"),
            Did::Switched => "switches something that is in no list".to_owned(),
            Did::Nothing => "does nothing".to_owned(),
            Did::Unknown(_) => {
                let what = match word.unknown() {
                    Some("DEFAULT") => "means something at the beginning alone",
                    _ if word.is_typo() => "is not known",
                    _ => "is not in this release",
                };
                let near = word
                    .nearest
                    .as_ref()
                    .map(|near| format!("; did you mean `{near}`?"))
                    .unwrap_or_default();
                format!("{what}, and {} passes over it{near}", self.proper())
            }
        }
    }

    /// The names of the suites in the list that are not offered.
    #[must_use]
    pub fn not_offered(&self) -> Vec<&'static str> {
        let kept = self.suites.iter().filter(|suite| {
            let mut offered = self.offered.iter();
            offered.all(|one| one.suite != **suite)
        });
        kept.map(|suite| self.name(suite)).collect()
    }

    fn proper(&self) -> &'static str {
        if self.library == "gnutls" { "GnuTLS" } else { "OpenSSL" }
    }
}

impl Word {
    /// True when no release knows it.
    #[must_use]
    pub fn is_typo(&self) -> bool {
        self.unknown().is_some_and(|part| !openssl::is_word_anywhere(part))
    }

    /// The part of it that the release does not know.
    fn unknown(&self) -> Option<&str> {
        let Did::Unknown(part) = &self.did else { return None };
        let start = part.start.checked_sub(self.place.start)?;
        self.text.get(start..start + part.len())
    }
}

impl Negotiable {
    /// From the oldest version to the newest: `TLS 1.0 to 1.2`.
    #[must_use]
    pub fn range(&self) -> String {
        let mut versions = self.versions.iter();
        match (versions.next(), versions.last()) {
            (Some(first), Some(last)) => format!("{first} to {}", last.to_string().trim_start_matches("TLS ")),
            (first, _) => first.map(|one| one.to_string()).unwrap_or_default(),
        }
    }
}

impl Suite {
    /// What the server must own: `RSA key`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self.needs() {
            Some(Key::Rsa) => "RSA key",
            Some(Key::Ecdsa) => "ECDSA key",
            Some(Key::Dsa) => "DSA key",
            Some(Key::Gost) => "GOST key",
            Some(Key::Shared) => "secret",
            None if self.is_anonymous() => "no key",
            None => "any key",
        }
    }

    /// What is to be said against it, with commas between; empty when there is nothing.
    #[must_use]
    pub fn remarks(&self) -> String {
        let remarks = [
            (self.is_null(), "no encryption"),
            (self.is_anonymous(), "the server proves nothing"),
            (self.is_export(), "export"),
            (!self.has_forward_secrecy(), "no forward secrecy"),
            (self.is_cbc(), "CBC"),
        ];
        let hold: Vec<&str> = remarks
            .into_iter()
            .filter_map(|(holds, remark)| holds.then_some(remark))
            .collect();
        hold.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use crate::tls::openssl::Release;
    use crate::tls::{Meaning, suite};

    #[test]
    fn what_is_said_of_a_string() {
        let meaning = Meaning::of_openssl("AES128-SHA:RC4:HIHG:DEFAULT", Release::V3_0, 0).unwrap();
        assert_eq!(meaning.reader(), "As OpenSSL 3.0 reads it, at security level 0");
        assert_eq!(meaning.count(), "4 suites are offered, in this order");
        let effects: Vec<_> = meaning.words.iter().map(|word| meaning.effect(word)).collect();
        assert_eq!(
            effects,
            [
                "adds 1",
                "is not in this release, and OpenSSL passes over it",
                "is not known, and OpenSSL passes over it; did you mean `HIGH`?",
                "means something at the beginning alone, and OpenSSL passes over it",
            ]
        );
        let typos: Vec<_> = meaning.words.iter().map(super::Word::is_typo).collect();
        assert_eq!(typos, [false, false, true, false]);
        let ranges: Vec<_> = meaning.offered.iter().map(super::Negotiable::range).collect();
        assert_eq!(ranges, ["TLS 1.3", "TLS 1.3", "TLS 1.3", "TLS 1.0 to 1.2"]);
        assert!(meaning.not_offered().is_empty());
        let strict = Meaning::of_openssl("AES128-SHA", Release::V3_5, 5).unwrap();
        assert!(strict.not_offered().contains(&"AES128-SHA"));
    }

    #[test]
    fn what_is_said_of_a_suite() {
        let said = |id| suite::by_id(id).map(|suite| (suite.key(), suite.remarks()));
        let is = |key, remarks: &str| Some((key, remarks.to_owned()));
        assert_eq!(said(0x1301), is("any key", ""));
        assert_eq!(said(0x002F), is("RSA key", "no forward secrecy, CBC"));
        assert_eq!(said(0x0034), is("no key", "the server proves nothing, CBC"));
        assert_eq!(said(0x0003), is("RSA key", "export, no forward secrecy"));
        assert_eq!(said(0xC006), is("ECDSA key", "no encryption"));
    }
}
