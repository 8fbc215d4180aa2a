//! What OpenSSL makes of cipher strings, and GnuTLS of priority strings: word by word, place by place. That the lists are right is for the lab to say.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use smtplint_core::facts::TlsVersion;
use smtplint_core::tls::openssl::{self, CipherList, Release, Setup};
use smtplint_core::tls::{self, Did, Invalid, Key, Suite, Why, gnutls};
use smtplint_core::version::{Version, Versions};

fn read(text: &str) -> CipherList {
    openssl::read(text, Release::V3_0, 2).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn names(suites: &[&'static Suite]) -> Vec<&'static str> {
    suites.iter().filter_map(|suite| suite.openssl).collect()
}

/// What each word did.
fn did(text: &str) -> Vec<(&str, Did)> {
    read(text)
        .tokens
        .into_iter()
        .map(|token| (&text[token.place], token.did))
        .collect()
}

#[test]
fn words_do_what_they_say() {
    let all = read("ALL").suites.len();
    let anonymous = read("aNULL:!eNULL").suites.len();
    let string = "ALL:!aNULL;aNULL,-AES128-SHA +kRSA:@STRENGTH:@SECLEVEL=0:FOO:!BAR+AES:AES+CAMELLIA:!eNULL";
    let is = did(string);
    let camellia_and_aes = ("AES+CAMELLIA", Did::Nothing);
    assert_eq!(is[0], ("ALL", Did::Added(all)));
    assert_eq!(is[1], ("!aNULL", Did::Removed(anonymous)));
    assert_eq!(is[2], ("aNULL", Did::Nothing), "what is forbidden does not come back");
    assert_eq!(is[3], ("-AES128-SHA", Did::Removed(1)));
    assert!(matches!(is[4], ("+kRSA", Did::Moved(10..))), "{:?}", is[4]);
    assert_eq!(is[5], ("@STRENGTH", Did::Sorted));
    assert_eq!(is[6], ("@SECLEVEL=0", Did::Level(0)));
    assert_eq!(is[7], ("FOO", Did::Unknown(57..60)));
    assert_eq!(&string[57..60], "FOO");
    assert_eq!(is[8], ("!BAR+AES", Did::Unknown(62..65)));
    assert_eq!(is[9], camellia_and_aes);
    assert!(matches!(is[10], ("!eNULL", Did::Forbade(1..))), "{:?}", is[10]);
}

#[test]
fn removed_suites_come_back_where_they_were_and_forbidden_ones_never() {
    assert_eq!(
        names(&read("AES128-SHA:AES256-SHA:-AES128-SHA:AES128-SHA").suites),
        ["AES256-SHA", "AES128-SHA"]
    );
    assert_eq!(
        names(&read("AES128-SHA:AES256-SHA:!AES128-SHA:AES128-SHA").suites),
        ["AES256-SHA"]
    );
    assert_eq!(
        names(&read("AES128-SHA:AES256-SHA:+AES128-SHA").suites),
        ["AES256-SHA", "AES128-SHA"]
    );
}

#[test]
fn the_default_stands_at_the_beginning_alone() {
    let default = read("DEFAULT");
    assert_eq!(default.suites, read("ALL:!COMPLEMENTOFDEFAULT:!eNULL").suites);
    assert_eq!(did("DEFAULT@SECLEVEL=1")[1], ("@SECLEVEL=1", Did::Level(1)));
    assert_eq!(did("AES128-SHA:DEFAULT")[1], ("DEFAULT", Did::Unknown(11..18)));
}

#[test]
fn what_is_refused_is_refused_with_its_place() {
    let refused = |text: &str| openssl::read(text, Release::V3_0, 2).unwrap_err();
    for (text, place, why) in [
        ("HIGH:@STRENGHT", 5..14, Why::Command),
        ("HIGH:@SECLEVEL=6:AES", 5..16, Why::Command),
        ("HIGH:@SECLEVEL", 5..14, Why::Command),
        ("HIGH:!:AES", 6..7, Why::NoWord),
        ("HIGH:AES+", 9..9, Why::NoWord),
        ("HIGH \"AES\"", 5..6, Why::NoWord),
        ("AES128-SHAé", 10..12, Why::NoWord),
        ("AES128-SHA_", 10..11, Why::NoWord),
        ("", 0..0, Why::NothingLeft),
        ("RC4-MD5:FOO", 0..11, Why::NothingLeft),
        ("ALL:!ALL:!eNULL", 0..15, Why::NothingLeft),
    ] {
        assert_eq!(refused(text), Invalid { place, why }, "{text}");
    }
    // The first mistake is told, and a word that is not known hides what stands in it.
    assert_eq!(refused("@foo:!").place, 0..4);
    assert_eq!(names(&read("xé:F\"O_O:AES128-SHA").suites).len(), 1);
}

#[test]
fn releases_know_different_words() {
    let known = |word: &str, release| openssl::words(release).any(|one| one == word);
    assert!(known("RC4", Release::V1_1_1) && !known("RC4", Release::V3_0));
    assert!(known("CBC", Release::V3_0) && !known("CBC", Release::V1_1_1));
    assert!(
        known("TLS_RSA_WITH_AES_128_CBC_SHA", Release::V3_5) && !known("TLS_RSA_WITH_AES_128_CBC_SHA", Release::V3_0)
    );
    let unknown = read("HIGH:AES128-GCM-SHA265").tokens.pop().unwrap();
    assert_eq!(unknown.did, Did::Unknown(5..22));
    assert_eq!(
        tls::nearest("AES128-GCM-SHA265", openssl::words(Release::V3_0)),
        Some("AES128-GCM-SHA256")
    );
}

#[test]
fn a_release_is_known_or_nothing_is_said() {
    assert_eq!(Release::of(Version::new(3, 0, 22)), Some(Release::V3_0));
    assert_eq!(Release::of(Version::new(3, 4, 0)), None);
    assert_eq!(Release::of(Version::new(1, 1, 0)), None);
    let all = Versions {
        first: Version::new(3, 5, 0),
        last: Version::new(3, 5, 9),
    };
    assert_eq!(Release::of_all(all), Some(Release::V3_5));
    let more = Versions {
        first: Version::new(3, 0, 0),
        ..all
    };
    assert_eq!(Release::of_all(more), None);
}

#[test]
fn the_security_level_takes_suites_and_versions_away() {
    let tls13 = openssl::default_ciphersuites();
    let all = TlsVersion::Ssl3..=TlsVersion::Tls13;
    let setup = Setup {
        ciphersuites: &tls13,
        versions: all.clone(),
        psk: false,
        srp: false,
    };
    let offered = |text: &str, release| names(&openssl::offered(&openssl::read(text, release, 2).unwrap(), &setup));
    assert!(!offered("ALL", Release::V3_0).contains(&"ADH-AES128-SHA"));
    assert!(offered("ALL:@SECLEVEL=0", Release::V3_0).contains(&"ADH-AES128-SHA"));
    assert!(
        offered("ALL:@SECLEVEL=3", Release::V3_0)
            .iter()
            .all(|name| *name != "AES128-SHA")
    );
    let versions = |level, release| {
        let text = format!("ALL:@SECLEVEL={level}");
        openssl::read(&text, release, 2)
            .unwrap()
            .versions(all.clone())
            .first()
            .copied()
    };
    assert_eq!(versions(2, Release::V3_0), Some(TlsVersion::Tls10));
    assert_eq!(versions(3, Release::V1_1_1), Some(TlsVersion::Tls11));
    assert_eq!(versions(1, Release::V3_5), Some(TlsVersion::Tls12));
}

/// As `openssl s_server` with both keys, `ALL` and each level answered `openssl s_client` of the same release, suite by suite.
#[test]
fn a_server_negotiates_what_its_level_and_its_keys_leave() {
    let asked = [
        "ECDHE-RSA-AES128-SHA",
        "DHE-RSA-AES128-SHA",
        "AES128-SHA",
        "ECDHE-ECDSA-AES128-SHA",
        "AECDH-AES128-SHA",
    ];
    let negotiated = |release, level, version: TlsVersion, keys: &[Key]| -> Vec<&str> {
        let list = openssl::read(&format!("ALL:@SECLEVEL={level}"), release, 2).unwrap();
        let setup = Setup {
            ciphersuites: &[],
            versions: version..=version,
            psk: false,
            srp: false,
        };
        let all = openssl::negotiable(&list, &setup, keys);
        let named = |name: &&str| {
            all.iter()
                .any(|one| one.suite.openssl == Some(*name) && one.versions.iter().eq([version]))
        };
        asked.into_iter().filter(named).collect()
    };
    let both = [Key::Rsa, Key::Ecdsa];
    for release in Release::ALL {
        for version in [TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12] {
            assert_eq!(negotiated(release, 0, version, &both), asked, "{release} {version}");
        }
        assert_eq!(
            negotiated(release, 2, TlsVersion::Tls12, &both),
            asked[..4],
            "{release}"
        );
        assert_eq!(
            negotiated(release, 0, TlsVersion::Tls12, &[Key::Ecdsa]),
            asked[3..],
            "{release}"
        );
    }
    for version in [TlsVersion::Tls10, TlsVersion::Tls11] {
        assert_eq!(negotiated(Release::V1_1_1, 1, version, &both), asked[..4], "{version}");
        assert_eq!(negotiated(Release::V1_1_1, 2, version, &both), asked[..3], "{version}");
        assert!(negotiated(Release::V3_0, 1, version, &both).is_empty(), "{version}");
        assert!(negotiated(Release::V3_5, 1, version, &both).is_empty(), "{version}");
    }
    let tls13 = openssl::default_ciphersuites();
    let setup = Setup {
        ciphersuites: &tls13,
        versions: TlsVersion::Tls13..=TlsVersion::Tls13,
        psk: false,
        srp: false,
    };
    let list = read("ALL");
    assert_eq!(openssl::negotiable(&list, &setup, &[Key::Ecdsa]).len(), 3);
    assert!(openssl::negotiable(&list, &setup, &[]).is_empty());
}

#[test]
fn priorities_are_read_word_by_word() {
    let text = "NORMAL:-VERS-TLS1.0: -VERS-TLS1.1:+ANON-ECDH:%SERVER_PRECEDENCE:-SIGN-RSA-MD5:normal";
    let read = gnutls::read(text, gnutls::Release::V3_7).unwrap();
    let did: Vec<(&str, &Did)> = read
        .tokens
        .iter()
        .map(|token| (&text[token.place.clone()], &token.did))
        .collect();
    assert!(matches!(did[0], ("NORMAL", Did::Added(40..))), "{:?}", did[0]);
    assert_eq!(did[1], ("-VERS-TLS1.0", &Did::Removed(1)));
    assert_eq!(did[2], ("-VERS-TLS1.1", &Did::Removed(1)));
    assert_eq!(did[3], ("+ANON-ECDH", &Did::Added(1)));
    assert_eq!(did[4], ("%SERVER_PRECEDENCE", &Did::Switched));
    assert_eq!(did[5], ("-SIGN-RSA-MD5", &Did::Nothing));
    assert_eq!(did[6], ("normal", &Did::Nothing));
    assert_eq!(read.tls_versions(), [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert_eq!(read.options, ["SERVER_PRECEDENCE"]);
    assert!(read.suites.iter().any(|suite| suite.is_anonymous()));
}

#[test]
fn tls_1_3_needs_a_group_that_a_session_can_use() {
    let speaks = |groups: &str| {
        let text = format!("NORMAL:-GROUP-ALL{groups}");
        gnutls::read(&text, gnutls::Release::V3_7)
            .unwrap()
            .tls_versions()
            .contains(&TlsVersion::Tls13)
    };
    for groups in [":+GROUP-X25519", ":+GROUP-GC256B", ":+GROUP-GC512C:+GROUP-FFDHE2048"] {
        assert!(speaks(groups), "{groups}");
    }
    for groups in ["", ":+GROUP-GC512C", ":+GROUP-GC256A:+GROUP-GC256D"] {
        assert!(!speaks(groups), "{groups}");
    }
}

#[test]
fn what_gnutls_refuses_is_refused_with_its_place() {
    let refused = |text: &str| gnutls::read(text, gnutls::Release::V3_8).unwrap_err();
    for (text, place, why) in [
        ("NORMAL:+VERS-TLS1.4:+RSA", 7..19, Why::Word),
        ("NORMAL:  -NORMAL", 9..16, Why::Word),
        ("NORMAL:+SRP", 7..11, Why::Word),
        ("NORMAL:", 7..7, Why::NoWord),
        ("", 0..0, Why::NoWord),
        ("é", 0..2, Why::Word),
        (" @SYSTEM,OTHER:+RSA", 1..14, Why::System),
        ("NONE:+VERS-TLS-ALL", 0..18, Why::NothingLeft),
        ("NORMAL:-VERS-ALL", 0..16, Why::NothingLeft),
        ("NORMAL:-VERS-ALL:+VERS-SSL3.0", 0..29, Why::NothingLeft),
    ] {
        assert_eq!(refused(text), Invalid { place, why }, "{text}");
    }
    assert!(gnutls::read("NORMAL:+SRP", gnutls::Release::V3_7).is_ok());
    let words = gnutls::words(gnutls::Release::V3_8);
    assert_eq!(
        tls::nearest("VERS-TLS1.4", words.iter().map(String::as_str)),
        Some("VERS-TLS1.0")
    );
    assert_eq!(gnutls::Release::of(Version::new(3, 6, 16)), None);
}

proptest! {
    #[test]
    fn any_text_is_a_priority_string_or_is_refused_in_its_place(text in "(NONE|NORMAL|[A-Z1-9:+! %@-]{0,12}|:|:\\+VERS-ALL|é){0,9}|.{0,40}") {
        for release in gnutls::Release::ALL {
            match gnutls::read(&text, release) {
                Ok(read) => prop_assert!(read.tokens.iter().all(|token| text.get(token.place.clone()).is_some())),
                Err(invalid) => prop_assert!(text.get(invalid.place.clone()).is_some(), "{invalid:?}"),
            }
        }
    }

    #[test]
    fn any_text_is_read_without_panic_and_every_place_is_in_it(text in "[A-Za-z0-9:!+@=_. éAESCDH-]{0,60}|.{0,40}", level in 0..=5_u8) {
        for release in Release::ALL {
            match openssl::read(&text, release, level) {
                Ok(list) => {
                    for token in &list.tokens {
                        prop_assert!(text.get(token.place.clone()).is_some_and(|token| !token.is_empty()), "{token:?}");
                    }
                    let mut ids: Vec<u16> = list.suites.iter().map(|suite| suite.id).collect();
                    ids.sort_unstable();
                    ids.dedup();
                    prop_assert_eq!(ids.len(), list.suites.len());
                }
                Err(invalid) => prop_assert!(text.get(invalid.place.clone()).is_some(), "{invalid:?}"),
            }
        }
    }
}
