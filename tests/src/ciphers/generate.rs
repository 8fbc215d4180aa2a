//! Strings put together by chance from the words that the libraries know, and from some that they do not.

use crate::lab::random::Chance;

/// Words of OpenSSL's cipher strings that no release here knows, or that mean nothing where they stand.
const OPENSSL_STRANGERS: &[&str] = &[
    "EXP",
    "EXPORT",
    "EXPORT40",
    "kECDHr",
    "kDH",
    "aECDH",
    "kGOST",
    "aGOST01",
    "GOST94",
    "KRB5-DE5",
    "DES-CDC3-SHA",
    "DES",
    "SSLv2",
    "TLSv1.1",
    "TLSv1.3",
    "DEFAULT",
    "SUITEB128",
    "high",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "AES128-SHA_x",
    "x_AES128-SHA",
    "HIGH/MEDIUM",
    "permit",
    "IDEA",
    "RC2",
    "HIGH=1",
    "é",
    "AES128-SHA256é",
];

/// What can stand where a word should.
const JUNK: &[&str] = &[
    "",
    "!",
    "+",
    "-",
    "@",
    "!!",
    "+-",
    "\"",
    "*",
    "%",
    "@STRENGTH=1",
    "@SECLEVEL=",
    "@SECLEVEL=6",
    "@foo",
    "!@STRENGTH",
    "=",
];

/// A cipher string for OpenSSL of the given words.
pub fn openssl(chance: &mut Chance, words: &[&str]) -> String {
    let mut text = String::new();
    if chance.once_in(5) {
        text.push_str(chance.one(&[
            "DEFAULT",
            "DEFAULT",
            "DEFAULTHIGH",
            "SUITEB128",
            "SUITEB192",
            "SUITEB128ONLY",
            "SUITEB128C2",
        ]));
        text.push_str(chance.one(&[":", ":", ":", "", "@SECLEVEL=1:", "@SECLEVEL=0:"]));
    }
    let common = [
        "ALL",
        "HIGH",
        "MEDIUM",
        "AES",
        "aNULL",
        "eNULL",
        "ECDHE",
        "kRSA",
        "SHA1",
        "AESGCM",
        "COMPLEMENTOFDEFAULT",
        "COMPLEMENTOFALL",
    ];
    for at in 0..=(2 + chance.below(12)) {
        if at > 0 {
            text.push_str(chance.one(&[":", ":", ":", ":", ":", ":", ",", " ", ";", "::", ""]));
        }
        if chance.once_in(9) {
            text.push_str(chance.one(&[
                "@STRENGTH",
                "@STRENGTH",
                "@SECLEVEL=0",
                "@SECLEVEL=1",
                "@SECLEVEL=2",
                "@SECLEVEL=3",
                "@SECLEVEL=4",
                "@SECLEVEL=5",
            ]));
            continue;
        }
        if chance.once_in(150) {
            text.push_str(chance.one(JUNK));
            continue;
        }
        // Most strings begin with a group that leaves something to work on.
        if at == 0 && !chance.once_in(6) {
            text.push_str(chance.one(&["ALL", "ALL", "HIGH", "AES", "ECDHE", "kRSA", "aRSA"]));
            continue;
        }
        text.push_str(chance.one(&["", "", "", "!", "-", "-", "+", "+"]));
        for part in 0..=(chance.below(6) / 3 + chance.below(5) / 4) {
            if part > 0 {
                text.push('+');
            }
            let word = match chance.below(20) {
                0 => chance.one(OPENSSL_STRANGERS),
                1..=9 => chance.one(&common),
                _ => chance.one(words),
            };
            text.push_str(word);
        }
    }
    text
}

/// Words that GnuTLS does not know where they stand, or that mean nothing there.
const GNUTLS_STRANGERS: &[&str] = &[
    "",
    "NONE",
    "HIGH",
    "@SYSTEM",
    "VERS-TLS1.4",
    "VERS-",
    "MAC-FOO",
    "KX-",
    "CIPHER-x",
    "GROUP-P256",
    "CURVE-FFDHE2048",
    "SIGN-",
    "COMP-NULL",
    "COMP-ALL",
    "CTYPE-X509",
    "CTYPE-CLI-ALL",
    "CTYPE-OPENPGP",
    "CTYPE-SRV-OPENPGP",
    "GOSTx",
    "%FOO",
    "RSA-EXPORT",
    "ARCFOUR-40",
    "aes-128-gcm",
    "normal",
];

/// A priority string for GnuTLS of the given words.
pub fn gnutls(chance: &mut Chance, words: &[&str]) -> String {
    let keywords = [
        "NORMAL",
        "NORMAL",
        "PFS",
        "PERFORMANCE",
        "LEGACY",
        "SECURE128",
        "SECURE192",
        "SECURE256",
        "SECURE",
        "SUITEB128",
        "SUITEB192",
    ];
    let mut text = String::new();
    match chance.below(12) {
        0..=2 => text.push_str("NONE:+VERS-TLS-ALL:+MAC-ALL:+CIPHER-ALL:+KX-ALL:+GROUP-ALL:+SIGN-ALL"),
        3 => text.push_str("NONE"),
        4 => text.push_str(chance.one(&["+VERS-ALL", "none", "@SYSTEM", " NORMAL", "NORMAL "])),
        _ => text.push_str(chance.one(&keywords)),
    }
    for _ in 0..chance.below(10) {
        text.push_str(chance.one(&[":", ":", ":", ": "]));
        let often = [
            "VERS-ALL",
            "VERS-TLS-ALL",
            "VERS-TLS1.3",
            "VERS-TLS1.2",
            "VERS-TLS1.0",
            "VERS-DTLS-ALL",
            "KX-ALL",
            "MAC-ALL",
            "SIGN-ALL",
            "GROUP-ALL",
            "CIPHER-ALL",
            "AEAD",
            "SHA1",
            "RSA",
            "PSK",
            "NULL",
        ];
        let word = match chance.below(40) {
            0 => chance.one(GNUTLS_STRANGERS),
            1..=3 => chance.one(&keywords),
            4..=16 => chance.one(&often),
            _ => chance.one(words),
        };
        let is_keyword = keywords.contains(&word);
        // A keyword may stand without a sign, and an option must.
        let bare = word.starts_with('%') || (is_keyword && chance.once_in(9));
        if !bare {
            text.push_str(chance.one(if is_keyword { &["+"] } else { &["+", "+", "-", "-", "!"] }));
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use smtplint_core::tls::openssl::{Release, read, words};

    #[test]
    fn most_strings_leave_something_and_some_are_refused() {
        let words: Vec<&str> = words(Release::V3_0).collect();
        let mut chance = Chance::new(1);
        let strings: Vec<String> = (0..1000).map(|_| openssl(&mut chance, &words)).collect();
        let refused = strings
            .iter()
            .filter(|string| read(string, Release::V3_0, 2).is_err())
            .count();
        assert!((20..250).contains(&refused), "{refused} of 1000 are refused");
    }

    #[test]
    fn most_priorities_leave_something_and_some_are_refused() {
        let release = smtplint_core::tls::gnutls::Release::V3_7;
        let words = smtplint_core::tls::gnutls::words(release);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut chance = Chance::new(1);
        let strings: Vec<String> = (0..1000).map(|_| gnutls(&mut chance, &words)).collect();
        let read = |string: &String| smtplint_core::tls::gnutls::read(string, release);
        let refused = strings.iter().filter(|string| read(string).is_err()).count();
        assert!((20..350).contains(&refused), "{refused} of 1000 are refused");
    }
}
