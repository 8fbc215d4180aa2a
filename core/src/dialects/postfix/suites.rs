//! The cipher suites of a listener, as Postfix builds the string for the library (`tls_set_ciphers` in `tls_misc.c`;
//! postconf(5), smtpd_tls_ciphers and its kin).
//!
//! A grade names the list, exclusions are added behind it, and Postfix sets OpenSSL's security level to 0 by itself, so that
//! the system's own level counts for nothing; to 1 where clients must show a certificate (`tls_server.c`).

use std::rc::Rc;

use super::config::View;
use crate::facts::{
    Asked, Cause, Entry, Fact, Refusal, Step, SuiteKind, SuiteReading, Suites, Tls, TlsVersion, UnknownWord, Value,
};
use crate::gather::ordered;
use crate::question::{QuestionId, in_quotes};
use crate::tls::openssl::{self, CipherList, Release, Setup};
use crate::tls::{Did, Invalid, Key};
use crate::version::{Version, Versions};

/// The first release without lists of their own for the grades `low` and `export`.
const TWO_GRADES_SINCE: Version = Version::new(3, 8, 0);

/// Every key that the suites known here are for.
const KEYS: [Key; 3] = [Key::Rsa, Key::Ecdsa, Key::Dsa];

/// How a listener begins a session, as far as its cipher lists depend on it.
pub(super) struct Session<'a> {
    /// TLS is a must.
    pub(super) enforced: bool,
    /// Clients are asked for a certificate.
    pub(super) asks: Fact<bool>,
    /// Clients must show one.
    pub(super) requires: bool,
    /// Bits of security of each key that was seen, with its chain.
    pub(super) strengths: &'a [(Key, u16)],
}

/// The string for the library, in its parts.
struct Parts {
    text: String,
    /// Where each setting's part ends.
    ends: Vec<(usize, &'static str)>,
    because: Vec<Step>,
    /// True when list and exclusions are Postfix's own.
    is_stock: bool,
    /// A word that Postfix does not take.
    refused: Option<Refusal>,
}

/// A string that was read already.
pub(super) struct KnownString {
    text: Rc<str>,
    /// Clients must show a certificate: that sets the security level.
    requires: bool,
    /// As every release in question reads it.
    lists: Vec<Result<CipherList, Invalid>>,
    /// The kinds that the list asks for by name.
    asked: Rc<Vec<(SuiteKind, String)>>,
    /// What is left of it where these versions are permitted.
    left: Vec<(Vec<TlsVersion>, Readings)>,
}

/// What is left of a string at each release.
type Readings = Rc<Vec<Rc<SuiteReading>>>;

/// The suites with these versions and keys; `None` when the grade is no word that Postfix knows. Of a release of OpenSSL
/// that is not known here, what those next to it make of the lists: enough to tell which versions are left.
pub(super) fn of(view: &View<'_>, session: &Session<'_>, permitted: &[TlsVersion], keys: &Rc<Vec<Vec<Key>>>) -> Option<Fact<Suites>> {
    let parts = match parts(view, session)? {
        Ok(parts) => parts,
        Err(unknown) => return Some(unknown),
    };
    let text: Rc<str> = parts.text.as_str().into();
    let (readings, asked) = read(view, session, permitted, &parts, &text);
    let release = if readings.len() > 1 { release_question(view) } else { QuestionId(RELEASE.to_owned()) };
    let key = if keys.len() > 1 { key_question(view) } else { QuestionId(KEY.to_owned()) };
    // What Postfix's own list would take if it were there, nobody asked for.
    let asked = (!asked.is_empty() && !parts.is_stock).then(|| {
        let question = view.ask(
            "openssl-weak-suites",
            "Was this OpenSSL built with the weak suites that the cipher list names?",
            "openssl ciphers -v 'RC4:3DES'",
        );
        Rc::new(Asked { words: asked.to_vec(), question })
    });
    let Parts { ends, because, is_stock, .. } = parts;
    let permitted = permitted.to_vec();
    let long = long_enough(keys, session.strengths, &readings);
    let (has_short_key, keys) = (!Rc::ptr_eq(keys, &long), long);
    let suites = Suites { string: text, readings, release, keys, has_short_key, key, permitted, is_stock, parts: Rc::new(ends), asked };
    Some(Fact::is(suites, because))
}

/// The keys that are long enough for the library's security level: with another one every handshake fails. Of keys that
/// nobody saw this cannot be known, and most levels are low.
///
/// Source: SSL_CTX_set_security_level(3), and `ssl_security_cert_chain` in OpenSSL's `ssl/t1_lib.c`.
fn long_enough(keys: &Rc<Vec<Vec<Key>>>, strengths: &[(Key, u16)], readings: &[Rc<SuiteReading>]) -> Rc<Vec<Vec<Key>>> {
    let level = readings.iter().map(|reading| reading.level).max().unwrap_or(0);
    let needed = openssl::bits_of_level(level);
    let is_short = |key: &Key| strengths.iter().any(|(one, bits)| one == key && *bits < needed);
    if !keys.iter().flatten().any(is_short) {
        return Rc::clone(keys);
    }
    let long = |keys: &Vec<Key>| keys.iter().copied().filter(|key| !is_short(key)).collect();
    Rc::new(keys.iter().map(long).collect())
}

/// Names of the questions that suites wait for. They are asked only where the answers differ.
const RELEASE: &str = "openssl-version";
const KEY: &str = "certificate-key";

fn release_question(view: &View<'_>) -> QuestionId {
    let ask = || view.ask(RELEASE, "Which OpenSSL does this Postfix run with?", "openssl version");
    view.configuration.release_question.get_or_init(ask).clone()
}

fn key_question(view: &View<'_>) -> QuestionId {
    let ask = || {
        view.ask(
            KEY,
            "Which kind of key does the certificate have, RSA or ECDSA?",
            "openssl x509 -noout -text -in $(postconf -h smtpd_tls_cert_file) | grep 'Public Key Algorithm'",
        )
    };
    view.configuration.key_question.get_or_init(ask).clone()
}

/// The suites as far as something is claimed about them.
pub(super) fn claimed(view: &View<'_>, suites: Fact<Suites>) -> Fact<Suites> {
    let (Value::Is(read), true) = (&suites.value, is_beyond(view.configuration.target.openssl)) else {
        return suites;
    };
    let ask = "What does this OpenSSL make of the cipher lists? It is none of the releases that smtplint knows.";
    // Before 1.1.0 there are no levels, and nothing to print what they leave.
    let is_old = view.configuration.target.openssl.is_some_and(|versions| versions.last < Version::new(1, 1, 0));
    let command = if is_old {
        format!("openssl ciphers -v {}", in_quotes(&read.string))
    } else {
        format!("openssl ciphers -s -v {}", in_quotes(&format!("{}:@SECLEVEL=0", read.string)))
    };
    let question = view.ask("cipher-suites", ask, command);
    Fact::unknown(question, suites.because)
}

/// True when nothing is claimed about the OpenSSL in question: it is newer or older than all that are known here.
fn is_beyond(versions: Option<Versions>) -> bool {
    versions.is_some_and(|versions| {
        versions.last < Version::new(1, 1, 1) || versions.first >= Version::new(3, 6, 0)
    })
}

/// The releases to ask: the one that is named, those on both sides of it, or all.
fn releases(versions: Option<Versions>) -> Vec<Release> {
    let Some(versions) = versions else { return Release::ALL.to_vec() };
    if let Some(one) = Release::of_all(versions) {
        return vec![one];
    }
    let first_of = |release: &Release| match release {
        Release::V1_1_1 => Version::new(1, 1, 1),
        Release::V3_0 => Version::new(3, 0, 0),
        Release::V3_5 => Version::new(3, 5, 0),
    };
    let from = Release::ALL.iter().rposition(|release| first_of(release) <= versions.first).unwrap_or(0);
    let to = Release::ALL.iter().position(|release| first_of(release) >= versions.last).unwrap_or(Release::ALL.len() - 1);
    Release::ALL.get(from..=to.max(from)).map_or_else(Vec::new, <[Release]>::to_vec)
}

/// Builds the string. `None` when Postfix does not know the grade.
fn parts(view: &View<'_>, session: &Session) -> Option<Result<Parts, Fact<Suites>>> {
    let unknown = |question: QuestionId, because| Some(Err(Fact::unknown(question, because)));
    let grade_name = grade_setting(session.enforced);
    let grade = view.text(grade_name);
    let mut because = grade.because.to_vec();
    let list = match grade.value {
        Value::Unknown(question) => return unknown(question, because),
        Value::Is(grade) => list_of(view, &grade)?,
    };
    let base = view.text(list);
    because.extend(base.because);
    let text = match base.value {
        Value::Unknown(question) => return unknown(question, because),
        Value::Is(text) => text,
    };
    let refused = text.is_empty().then_some(Refusal::Empty);
    let mut parts = Parts { ends: vec![(text.len(), list)], text, because, is_stock: true, refused };
    let mut exclusions = vec!["smtpd_tls_exclude_ciphers"];
    if session.enforced {
        exclusions.push("smtpd_tls_mandatory_exclude_ciphers");
    }
    for name in exclusions {
        let words = view.text(name);
        match words.value {
            Value::Unknown(question) => {
                parts.because.extend(words.because);
                return unknown(question, parts.because);
            }
            Value::Is(words_text) if !words_text.is_empty() => {
                parts.because.extend(words.because);
                parts.exclude(&words_text, name);
            }
            Value::Is(_) => {}
        }
    }
    // Whoever picks one of the two grades that everybody uses keeps Postfix's own list all the same.
    let is_usual = matches!(list, "tls_medium_cipherlist" | "tls_high_cipherlist");
    let is_grade = |step: &Step| is_usual && step.setting() == Some(grade_name);
    parts.is_stock = parts.because.iter().all(|step| step.span().is_none() || is_grade(step));
    match &session.asks.value {
        Value::Unknown(question) => {
            parts.because.extend(session.asks.because.iter().cloned());
            return unknown(question.clone(), parts.because);
        }
        Value::Is(true) => {
            parts.because.extend(session.asks.because.iter().cloned());
            parts.exclude("aNULL", "smtpd_tls_ask_ccert");
        }
        Value::Is(false) => {}
    }
    // What stands in a file explains more than a default.
    parts.because = ordered(parts.because, |step| u64::from(step.span().is_none()));
    Some(Ok(parts))
}

impl Parts {
    /// Adds exclusions as Postfix does. A word with a sign of its own makes it give up.
    fn exclude(&mut self, words: &str, setting: &'static str) {
        for word in words.split([',', ' ', '\t', '\r', '\n', ':']).filter(|word| !word.is_empty()) {
            if word.starts_with(['!', '+', '-', '@']) {
                self.refused.get_or_insert_with(|| Refusal::Word(word.to_owned()));
            }
            self.text.push_str(":!");
            self.text.push_str(word);
        }
        self.ends.push((self.text.len(), setting));
    }

    /// The setting that a byte of the string comes from.
    fn setting_at(&self, at: usize) -> &'static str {
        self.ends.iter().find(|(end, _)| at < *end).map_or("smtpd_tls_exclude_ciphers", |(_, setting)| setting)
    }
}

/// The setting with the grade: enforced TLS has one of its own.
pub(super) fn grade_setting(enforced: bool) -> &'static str {
    if enforced { "smtpd_tls_mandatory_ciphers" } else { "smtpd_tls_ciphers" }
}

/// The setting with the list of a grade.
pub(super) fn list_of(view: &View<'_>, grade: &str) -> Option<&'static str> {
    let grades = [
        ("high", "tls_high_cipherlist"),
        ("medium", "tls_medium_cipherlist"),
        ("low", "tls_low_cipherlist"),
        ("export", "tls_export_cipherlist"),
        ("null", "tls_null_cipherlist"),
    ];
    let (word, list) = grades.into_iter().find(|(word, _)| grade.eq_ignore_ascii_case(word))?;
    Some(if matches!(word, "low" | "export") && view.since(TWO_GRADES_SINCE) { "tls_medium_cipherlist" } else { list })
}

/// What a string comes to: at each release, and by the names in it.
type Read = (Readings, Rc<Vec<(SuiteKind, String)>>);

/// Reads the string as every release in question reads it, or takes over what is known already.
fn read(view: &View<'_>, session: &Session<'_>, permitted: &[TlsVersion], parts: &Parts, text: &Rc<str>) -> Read {
    let releases = || releases(view.configuration.target.openssl);
    let mut known = view.configuration.cipher_strings.borrow_mut();
    let requires = session.requires;
    let place = known.iter().position(|one| one.requires == requires && one.text == *text).unwrap_or_else(|| {
        let read = |release| {
            let mut list = openssl::read_known(text, release, 0)?;
            // Set behind the string, so a level in the string counts for nothing then.
            if requires {
                list.level = 1;
            }
            Ok(list)
        };
        let lists = releases().into_iter().map(read).collect();
        known.push(KnownString { text: Rc::clone(text), requires, lists, asked: Rc::new(asked(text)), left: Vec::new() });
        known.len() - 1
    });
    let KnownString { lists, asked, left, .. } = &mut known[place];
    if let Some((_, known)) = left.iter().find(|(one, _)| one == permitted) {
        return (Rc::clone(known), Rc::clone(asked));
    }
    let mut readings: Vec<Rc<SuiteReading>> = Vec::new();
    for (release, list) in releases().into_iter().zip(&*lists) {
        let list = match (&parts.refused, list) {
            (Some(refusal), _) => Err(refusal.clone()),
            (None, Err(invalid)) => Err(Refusal::Library(invalid.clone())),
            (None, Ok(list)) => Ok(list),
        };
        let reading = reading(view, release, list, permitted, parts);
        let is_like = |last: &Rc<SuiteReading>| last.offered == reading.offered && last.unknown == reading.unknown;
        if !readings.last().is_some_and(is_like) {
            readings.push(Rc::new(reading));
        }
    }
    let readings = Rc::new(readings);
    left.push((permitted.to_vec(), Rc::clone(&readings)));
    (readings, Rc::clone(asked))
}

/// The kinds that a string asks for by name and no OpenSSL known here has, each with the word that does.
fn asked(text: &str) -> Vec<(SuiteKind, String)> {
    let mut asked: Vec<(SuiteKind, String)> = Vec::new();
    for (word, suites) in openssl::asked(text) {
        let is_all = |kind: &SuiteKind| suites.iter().all(|suite| kind.has(suite));
        let kind = [SuiteKind::Export, SuiteKind::Rc4, SuiteKind::ShortBlocks].into_iter().find(is_all);
        if let Some(kind) = kind.filter(|kind| asked.iter().all(|(known, _)| known != kind)) {
            asked.push((kind, word.to_owned()));
        }
    }
    asked
}

fn reading(
    view: &View<'_>,
    release: Release,
    list: Result<&CipherList, Refusal>,
    permitted: &[TlsVersion],
    parts: &Parts,
) -> SuiteReading {
    let list = match list {
        Ok(list) => list,
        Err(refusal) => return SuiteReading::new(release, Err(refusal), 0, Vec::new()),
    };
    let ciphersuites = openssl::default_ciphersuites();
    let setup = Setup { ciphersuites: &ciphersuites, versions: TlsVersion::Ssl3..=TlsVersion::Tls13, psk: false, srp: false };
    let mut offered = openssl::negotiable(list, &setup, &KEYS);
    let permitted = permitted.iter().copied().collect();
    for one in &mut offered {
        one.versions = one.versions.and(permitted);
    }
    offered.retain(|one| !one.versions.is_empty());
    let unknown = list.tokens.iter().filter_map(|token| match &token.did {
        Did::Unknown(part) => {
            let word = parts.text.get(part.clone()).filter(|word| !openssl::is_word_anywhere(word))?;
            Some(UnknownWord { word: word.to_owned(), setting: parts.setting_at(part.start), meant: meant(view, word, release) })
        }
        _ => None,
    });
    let unknown = unknown.collect();
    SuiteReading::new(release, Ok(offered), list.level, unknown)
}

/// What a word was meant for: looked for once, since it stands in every list that is put together.
fn meant(view: &View<'_>, word: &str, release: Release) -> Option<&'static str> {
    let mut known = view.configuration.meant_words.borrow_mut();
    if let Some((_, meant)) = known.iter().find(|(one, _)| one == word) {
        return *meant;
    }
    let meant = openssl::meant(word, release);
    known.push((word.to_owned(), meant));
    meant
}

/// True when a certificate is there that can be read, or none is wanted on purpose: then smtpd sets TLS up.
pub(super) fn has_certificate(tls: &Tls) -> bool {
    let is_missing = tls.works.surely_not() && tls.works.because == tls.certificate.because;
    tls.certificate.known().is_some() && !is_missing && tls.identity.fault.is_none()
}

/// The named lists that must hold something (tls_param_init of tls_misc.c); from 3.8 on the last two are not read any more.
const NEVER_EMPTY: &[&str] =
    &["tls_high_cipherlist", "tls_medium_cipherlist", "tls_null_cipherlist", "tls_low_cipherlist", "tls_export_cipherlist"];

/// smtpd stops at an empty list when it sets TLS up, whatever grade is in force.
pub(super) fn emptied(view: &View<'_>, tls: &Tls) -> Option<Fact<Cause>> {
    let offers = tls.entry.known().is_some_and(|entry| *entry != Entry::None) || tls.required.surely();
    if !offers || !has_certificate(tls) {
        return None;
    }
    let count = if view.since(Version::new(3, 8, 0)) { 3 } else { NEVER_EMPTY.len() };
    NEVER_EMPTY.iter().take(count).find_map(|name| {
        let list = view.text(name);
        let is_empty = list.known().is_some_and(String::is_empty) && view.written(name).is_some();
        is_empty.then(|| Fact::is(Cause(format!("smtpd stops at `{name}`: it must not be empty")), list.because))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_between_known_ones_are_asked_on_both_sides() {
        let exactly = |major, minor, patch| Some(Versions::exactly(Version::new(major, minor, patch)));
        assert_eq!(releases(None), Release::ALL);
        assert_eq!(releases(exactly(3, 0, 17)), [Release::V3_0]);
        assert_eq!(releases(exactly(3, 2, 1)), [Release::V3_0, Release::V3_5]);
        assert_eq!(releases(exactly(3, 6, 0)), [Release::V3_5]);
        assert_eq!(releases(exactly(1, 0, 2)), [Release::V1_1_1]);
        assert!(is_beyond(exactly(3, 6, 0)) && is_beyond(exactly(1, 0, 2)));
        assert!(!is_beyond(exactly(3, 2, 1)) && !is_beyond(None));
    }
}
