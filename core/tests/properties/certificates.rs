//! Certificates that strangers made: any bytes are read, and a key leaves nothing behind.

use proptest::prelude::*;
use smtplint_core::certificate::{self, Content, Object, SeenFile};
use smtplint_core::document::Document;
use smtplint_core::{Options, dialect, json};

use super::common::{files, settings};

const FINE: &str = include_str!("../certificates/fine.pem");
const MAIN: &str = "smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /a /b\nmyhostname = mail.example.org\n";
const MASTER: &str = "smtp inet n - y - - smtpd\n587 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";

/// The bytes of a certificate that is as it should be.
fn bytes() -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let body = FINE
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('-'))
        .flat_map(str::bytes);
    let values = body
        .filter_map(|byte| letters.iter().position(|letter| *letter == byte))
        .collect::<Vec<_>>();
    let join = |four: &[usize]| {
        let bits = four.iter().fold(0, |bits, value| bits << 6 | value) << (6 * (4 - four.len()));
        [bits >> 16, bits >> 8, bits].map(|byte| u8::try_from(byte & 0xff).unwrap_or(0))
    };
    values
        .chunks(4)
        .flat_map(|four| join(four).into_iter().take(four.len() * 6 / 8))
        .collect()
}

/// Bytes between markers, each group of three as four letters.
fn pem(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut body = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(three.get(at).copied().unwrap_or(0))
        });
        for at in 0..=three.len() {
            body.push(char::from(letters[bits >> (18 - 6 * at) & 63]));
        }
    }
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// Everything that is said of a server whose files hold these objects.
fn said(objects: Vec<Object>) -> String {
    let sources = files(MAIN, MASTER);
    let dialect = dialect::by_id("postfix").expect("there is Postfix");
    let mut options = Options::default();
    options.target.seen.now = Some(1_795_564_800);
    let file = SeenFile {
        content: Content::Holds(objects),
        everyone_reads: Some(true),
    };
    options.target.seen.files.insert("/a".to_owned(), file);
    let report = smtplint_core::check(&sources, dialect, &options);
    let inspection = smtplint_core::inspect(&sources, dialect, &options.target).to_json(&sources, Vec::new(), true);
    let inspection = serde_json::to_string(&inspection).expect("an inspection is JSON");
    let json = serde_json::to_string(&json::report(&report, &sources, Vec::new())).expect("a report is JSON");
    format!("{report:?}{:?}{json}{inspection}", Document::of(&report))
}

#[test]
fn the_bytes_are_those_of_the_file() {
    assert_eq!(certificate::read(&pem(&bytes())), certificate::read(FINE)[..1]);
}

proptest! {
    #![proptest_config(settings(400))]

    #[test]
    fn any_change_of_a_certificate_is_read(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        prop_assert!(certificate::key_of_der(&bytes).is_none_or(|key| key.len() < bytes.len()));
        prop_assert!(certificate::services_of_der(&bytes).len() <= bytes.len());
        let objects = certificate::read(&pem(&bytes));
        prop_assert_eq!(objects.len(), 1);
        let mut with_key = vec![Object::Key];
        with_key.extend(objects);
        said(with_key);
    }

    #[test]
    fn any_text_is_read(text in "(-----(BEGIN|END) (CERTIFICATE|EC PRIVATE KEY|X)-----|MII[A-Za-z0-9+/]{0,9}|[ =\r\n-]|é){0,40}") {
        said(certificate::read(&text));
    }

    #[test]
    fn of_a_key_nothing_is_kept(secret in "[Zz][A-Za-z0-9+/]{8,40}", kind in "(RSA |EC |ENCRYPTED |)") {
        let key = format!("-----BEGIN {kind}PRIVATE KEY-----\n{secret}\n-----END {kind}PRIVATE KEY-----\n");
        let objects = certificate::read(&format!("{key}{FINE}"));
        let kept = format!("{objects:?}");
        prop_assert!(!kept.contains(&secret));
        prop_assert_eq!(objects.len(), 3);
        prop_assert!(!said(objects).contains(&secret));
    }
}
