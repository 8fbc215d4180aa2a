//! What a string leaves: suites, and the lists once what cannot be is taken out of them.

use std::sync::OnceLock;

use super::string::Lists;
use super::words::{Kind, Words};
use crate::gather::ordered;
use crate::tls::suite::{self, Suite};
use crate::tls::traits::{AUTHENTICATION, CIPHER, KEY_EXCHANGE, LOWEST, MAC};

/// What of a suite GnuTLS looks for.
const ASKED: u64 = KEY_EXCHANGE.mask() | AUTHENTICATION.mask() | CIPHER.mask() | MAC.mask();

/// Makes the suites, and takes versions and key exchanges away that cannot be had with the rest. `None` when nothing is left
/// that GnuTLS would begin with.
pub(super) fn settle(words: &Words, lists: &mut Lists, no_extensions: bool) -> Option<Vec<&'static Suite>> {
    lists.of_mut(Kind::Version).retain(|version| *version != "SSL3.0");
    let any = |lists: &Lists, names: &[&str]| lists.of(Kind::KeyExchange).iter().any(|one| names.contains(one));
    let srp = any(lists, &["SRP", "SRP-RSA", "SRP-DSS"]);
    let psk = any(lists, &["PSK", "DHE-PSK", "ECDHE-PSK"]);
    let null = lists.of(Kind::Cipher).contains(&"NULL");
    if null || srp || any(lists, &["RSA-PSK"]) || no_extensions {
        lists.of_mut(Kind::Version).retain(|version| *version != "TLS1.3");
    }
    let versions = lists.of(Kind::Version).to_vec();
    if versions.is_empty() {
        return None;
    }
    if versions == ["TLS1.3"] && !psk {
        lists.of_mut(Kind::KeyExchange).clear();
    }
    let suites = made_of(words, lists);
    if !lists
        .of(Kind::Signature)
        .iter()
        .any(|one| serves(words.meaning(Kind::Signature, one), &versions))
    {
        lists
            .of_mut(Kind::Version)
            .retain(|version| !matches!(*version, "TLS1.3" | "TLS1.2" | "DTLS1.2"));
    }
    if lists.of(Kind::Version).is_empty() || suites.is_empty() {
        return None;
    }
    let has = |version: &str| versions.contains(&version);
    let gap = !has("TLS1.2") && (has("TLS1.1") || has("TLS1.0"));
    let mut groups = lists.of(Kind::Group).iter();
    let no_group = groups.all(|group| words.meaning(Kind::Group, group) == "-");
    if has("TLS1.3") && ((!psk && no_group) || gap) {
        lists.of_mut(Kind::Version).retain(|version| *version != "TLS1.3");
    }
    let versions = lists.of(Kind::Version);
    Some(
        suites
            .into_iter()
            .filter(|suite| versions.iter().any(|version| reaches(version, suite)))
            .collect(),
    )
}

/// True when a signature can be used with one of the versions.
fn serves(meaning: &str, versions: &[&str]) -> bool {
    let newest = versions.contains(&"TLS1.3");
    let older = versions.iter().any(|version| *version != "TLS1.3");
    meaning
        .split(',')
        .any(|one| (one == "1.3" && newest) || (one == "1.2" && older))
}

/// True when a version is not too old for a suite.
fn reaches(version: &str, suite: &Suite) -> bool {
    // GnuTLS has no older version for a suite with one of the newer hashes.
    const NEWER: u64 = MAC.of(&["AEAD", "SHA256", "SHA384", "GOST"]);
    const NEWEST: u64 = LOWEST.of(&["TLSv1.3"]);
    const NO_DATAGRAMS: u64 = CIPHER.of(&["RC4", "GOST"]);
    let has = |traits| suite.traits & traits != 0;
    let newer = has(NEWER);
    let datagrams = !has(NEWEST | NO_DATAGRAMS);
    match version {
        "TLS1.3" => true,
        "TLS1.2" => !has(NEWEST),
        "DTLS1.2" => datagrams,
        "DTLS1.0" | "DTLS0.9" => datagrams && !newer,
        _ => !newer,
    }
}

/// The suites of the lists' algorithms: those of TLS 1.3, then by key exchange, cipher and MAC.
fn made_of(words: &Words, lists: &Lists) -> Vec<&'static Suite> {
    let bits = |kind: Kind, of: &dyn Fn(&str) -> u64| -> Vec<u64> {
        lists
            .of(kind)
            .iter()
            .map(|name| of(words.meaning(kind, name)))
            .filter(|bits| *bits != 0)
            .collect()
    };
    let exchanges = bits(Kind::KeyExchange, &|meaning| {
        let (exchange, authentication) = meaning.split_once(',').unwrap_or((meaning, ""));
        KEY_EXCHANGE.bit(exchange) | AUTHENTICATION.bit(authentication)
    });
    let ciphers = bits(Kind::Cipher, &|meaning| CIPHER.bit(meaning));
    let macs = bits(Kind::Mac, &|meaning| MAC.bit(meaning));
    let newest = const { KEY_EXCHANGE.of(&["any"]) | AUTHENTICATION.of(&["any"]) };
    let mut suites = Vec::new();
    for exchange in std::iter::once(newest).chain(exchanges) {
        for cipher in &ciphers {
            suites.extend(macs.iter().filter_map(|mac| look_up(exchange | cipher | mac)));
        }
    }
    suites
}

/// The suite that is made of exactly this.
fn look_up(traits: u64) -> Option<&'static Suite> {
    static SUITES: OnceLock<Vec<(u64, &Suite)>> = OnceLock::new();
    let all = SUITES.get_or_init(|| {
        let own = suite::all().iter().filter(|suite| suite.gnutls.is_some());
        ordered(
            own.map(|suite| (suite.traits & ASKED, suite)).collect(),
            |(traits, _)| *traits,
        )
    });
    let at = all.binary_search_by_key(&traits, |(traits, _)| *traits).ok()?;
    all.get(at).map(|(_, suite)| *suite)
}
