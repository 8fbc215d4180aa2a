//! Lists of protocol versions: `!SSLv2, !SSLv3`, `TLSv1.2`, `>=TLSv1.2` (postconf(5), smtpd_tls_mandatory_protocols).

use super::config::View;
use crate::facts::{Members, TlsVersion, TlsVersions, Value};
use crate::question::QuestionId;
use crate::version::Version;

/// The first release that reads `>=` and `<=`.
pub(super) const RANGES_SINCE: Version = Version::new(3, 6, 0);
/// The first release that knows the word `TLSv1.3`.
const TLS13_SINCE: Version = Version::new(3, 0, 0);

/// A word of the list that the release does not know: it turns TLS off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownWord {
    pub(super) word: String,
    /// The first release that knows it, when one does.
    pub(super) since: Option<Version>,
}

/// The versions that a list leaves, whatever the library can do. `since` says whether the release is that one or a newer one.
pub(super) fn permitted(list: &str, since: &dyn Fn(Version) -> bool) -> Result<Vec<TlsVersion>, UnknownWord> {
    let mut excluded = TlsVersions::default();
    let mut included = TlsVersions::default();
    let (mut floor, mut ceiling) = (None, None);
    for word in words(list) {
        let unknown = |since| UnknownWord { word: word.to_owned(), since };
        if let Some(bound) = word.strip_prefix(">=").or(word.strip_prefix("<=")) {
            let bound = bound_of(bound).ok_or_else(|| unknown(None))?;
            if !since(RANGES_SINCE) {
                return Err(unknown(Some(RANGES_SINCE)));
            }
            *(if word.starts_with('>') { &mut floor } else { &mut ceiling }) = bound;
            continue;
        }
        let name = word.strip_prefix('!');
        let version = TlsVersion::from_name(name.unwrap_or(word)).ok_or_else(|| unknown(None))?;
        if version == TlsVersion::Tls13 && !since(TLS13_SINCE) {
            return Err(unknown(Some(TLS13_SINCE)));
        }
        let named = if name.is_some() { &mut excluded } else { &mut included };
        *named = named.with(version);
    }
    Ok(TlsVersion::ALL
        .into_iter()
        .filter(|one| !excluded.contains(*one))
        .filter(|one| included.is_empty() || included.contains(*one))
        .filter(|one| floor.is_none_or(|floor| *one >= floor))
        .filter(|one| ceiling.is_none_or(|ceiling| *one <= ceiling))
        .collect())
}

/// The words of a list.
fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t', '\r', '\n', ':']).filter(|word| !word.is_empty())
}

/// True when a list names the versions that are wanted.
pub(super) fn is_by_name(list: &str) -> bool {
    words(list).any(|word| !word.starts_with(['!', '<', '>']))
}

/// A bound by name, by its number on the wire, or `None` for no bound at all.
fn bound_of(text: &str) -> Option<Option<TlsVersion>> {
    if text.eq_ignore_ascii_case("none") {
        return Some(None);
    }
    if let Some(version) = TlsVersion::from_name(text).filter(|version| *version != TlsVersion::Ssl2) {
        return Some(Some(version));
    }
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
    match u32::from_str_radix(digits, 16).ok()? {
        0 => Some(None),
        0x0300 => Some(Some(TlsVersion::Ssl3)),
        0x0301 => Some(Some(TlsVersion::Tls10)),
        0x0302 => Some(Some(TlsVersion::Tls11)),
        0x0303 => Some(Some(TlsVersion::Tls12)),
        0x0304 => Some(Some(TlsVersion::Tls13)),
        // OpenSSL refuses other numbers, and TLS is off then.
        _ => None,
    }
}

/// Which of the permitted versions are offered: the library must speak them, and the cipher lists must leave a suite for them,
/// which `left` tells. With them, the versions of which that cannot be known.
pub(super) fn offered(
    permitted: &[TlsVersion],
    view: &View<'_>,
    left: impl Fn(TlsVersion) -> Value<bool>,
) -> (Members<TlsVersion>, Vec<(TlsVersion, QuestionId)>) {
    let mut offered = Members { surely: Vec::new(), rest: None };
    let mut open = Vec::new();
    for version in permitted {
        let spoken = match (spoken_by_library(*version, view), left(*version)) {
            (_, Value::Is(false)) => Ok(false),
            (Ok(true), Value::Unknown(question)) => Err(question),
            (spoken, _) => spoken,
        };
        match spoken {
            Ok(true) => offered.surely.push(*version),
            Ok(false) => {}
            Err(question) => {
                offered.rest.get_or_insert(question.clone());
                open.push((*version, question));
            }
        }
    }
    (offered, open)
}

/// The question behind cipher lists that cannot be read.
pub(super) fn suites_question(view: &View<'_>) -> QuestionId {
    view.ask(
        "cipher-list",
        "Do the cipher lists leave a suite that TLS 1.0 and 1.1 can use?",
        "openssl s_client -tls1_1 -cipher ALL@SECLEVEL=0 -starttls smtp -connect localhost:587",
    )
}

/// Whether the OpenSSL behind this Postfix speaks a version. Postfix 3.6 and later do not build with OpenSSL before 1.1.1,
/// 3.4 and 3.5 not with OpenSSL before 1.0.2 (`src/tls/tls.h`).
fn spoken_by_library(version: TlsVersion, view: &View<'_>) -> Result<bool, QuestionId> {
    let oldest_library = view.configuration.target.openssl.map(|versions| versions.first).or({
        if view.since(Version::new(3, 6, 0)) {
            Some(Version::new(1, 1, 1))
        } else if view.since(Version::new(3, 4, 0)) {
            Some(Version::new(1, 0, 2))
        } else {
            None
        }
    });
    let at_least = |major, minor, patch| oldest_library.is_some_and(|library| library >= Version::new(major, minor, patch));
    let newest_library = view.configuration.target.openssl.map(|versions| versions.last);
    let below = |major, minor, patch| newest_library.is_some_and(|library| library < Version::new(major, minor, patch));
    let library_question = || view.ask("openssl-version", "Which OpenSSL does this Postfix run with?", "openssl version");
    match version {
        TlsVersion::Ssl2 if at_least(1, 1, 0) => Ok(false),
        TlsVersion::Ssl2 if newest_library.is_some() => Err(view.ask(
            "openssl-sslv2",
            "Does the OpenSSL of this machine speak SSL 2.0? Most builds never did.",
            "openssl s_client -ssl2 -starttls smtp -connect localhost:25",
        )),
        TlsVersion::Ssl2 => Err(library_question()),
        TlsVersion::Ssl3 => Err(view.ask(
            "openssl-sslv3",
            "Does the OpenSSL of this machine still speak SSL 3.0? Most builds since 2016 do not.",
            "openssl s_client -ssl3 -starttls smtp -connect localhost:25",
        )),
        TlsVersion::Tls13 if at_least(1, 1, 1) => Ok(true),
        TlsVersion::Tls13 if below(1, 1, 1) => Ok(false),
        TlsVersion::Tls13 => Err(library_question()),
        TlsVersion::Tls10 | TlsVersion::Tls11 | TlsVersion::Tls12 => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TlsVersion::{Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13};

    #[test]
    fn lists_leave_what_they_do_not_exclude() {
        for (list, left) in [
            ("", vec![Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13]),
            ("!SSLv2, !SSLv3", vec![Tls10, Tls11, Tls12, Tls13]),
            ("!sslv2 !SSLV3 !tlsv1:!TLSv1.1", vec![Tls12, Tls13]),
            ("TLSv1.2", vec![Tls12]),
            ("TLSv1.2 !TLSv1.2", vec![]),
            (">=TLSv1.2", vec![Tls12, Tls13]),
            ("<=TLSv1.2", vec![Ssl2, Ssl3, Tls10, Tls11, Tls12]),
            (">=TLSv1, <=0x0303", vec![Tls10, Tls11, Tls12]),
            (">=None", vec![Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13]),
        ] {
            assert_eq!(permitted(list, &|_| true), Ok(left), "{list}");
        }
    }

    #[test]
    fn unknown_words_are_named() {
        let fault = |list: &str, release: Version| permitted(list, &|since| release >= since).err();
        let unknown = |word: &str, since| Some(UnknownWord { word: word.into(), since });
        assert_eq!(fault("!SSLv2, TLS1.2", Version::new(3, 7, 0)), unknown("TLS1.2", None));
        assert_eq!(fault(">=TLSv1.2", Version::new(3, 5, 9)), unknown(">=TLSv1.2", Some(RANGES_SINCE)));
        assert_eq!(fault(">=TLSv9", Version::new(3, 5, 9)), unknown(">=TLSv9", None));
        assert_eq!(fault("!TLSv1.3", Version::new(2, 11, 9)), unknown("!TLSv1.3", Some(TLS13_SINCE)));
        assert_eq!(fault("!TLSv1.3", Version::new(3, 0, 0)), None);
    }

    #[test]
    fn lists_that_name_what_is_wanted() {
        assert!(is_by_name("TLSv1.2") && is_by_name("!SSLv2, TLSv1") && is_by_name("!SSLv3:TLSv1.2"));
        assert!(!is_by_name("") && !is_by_name("!SSLv2, !SSLv3") && !is_by_name(">=TLSv1.2 <=TLSv1.3"));
    }
}
