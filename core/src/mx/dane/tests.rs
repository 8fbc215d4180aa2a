//! Digests are those that `openssl x509 … | sha256sum` prints of the two certificates beside this file: one for mail.example.org and
//! the service `_submission.example.net`, and its issuer's.

use super::*;
use crate::mx::{Dnssec, Status};

pub(in crate::mx) const LEAF: &[u8] = include_bytes!("leaf.der");
pub(in crate::mx) const ROOT: &[u8] = include_bytes!("root.der");
pub(in crate::mx) const LEAF_KEY: &str = "f202564d8d8b11c897ea46bffdd65925f9dacfdd7f95dddde85236888e461c0f";
const LEAF_WHOLE: &str = "703db17aad287c6f73f3f79089af4ca851d8204aa09f9fb5e2a8618a5a947fbd";
const LEAF_512: &str = "e065419d3029370315793494e9610ee3c03d742c6ec88b6f969eacc2aa2e0e34a83fdb1bc6e1a742afdd050cf90ae0f7b1d6b31b5aab7fbde5beeb2c9de432b5";
pub(in crate::mx) const ROOT_KEY: &str = "66717014e62b992012a43ef2c4b64e8be79fa62c641457feb0b0c79a74cd3bd3";
const ROOT_WHOLE: &str = "234389352c1a9e4c91aeaeb1fcf99010826c37a336359a5e87209260f9800fb3";

pub(in crate::mx) fn shown() -> Shown {
    Shown {
        der: vec![LEAF.to_vec(), ROOT.to_vec()],
        trusted: Verdict::No("nobody whom this machine trusts issued it".to_owned()),
        anchored: vec![Verdict::Yes],
    }
}

fn records(all: &[(u8, u8, u8, &str)]) -> Asked<Tlsa> {
    Asked {
        status: Status::Found,
        dnssec: Dnssec::Secure,
        records: all
            .iter()
            .map(|(usage, selector, matching, data)| Tlsa {
                usage: *usage,
                selector: *selector,
                matching: *matching,
                data: (*data).to_owned(),
            })
            .collect(),
        ..Asked::nobody("_25._tcp.mail.example.org", "TLSA")
    }
}

fn between_servers(all: &[(u8, u8, u8, &str)]) -> Option<Verdict> {
    proved(&records(all), &shown(), true)
}

#[test]
fn what_is_compared() {
    for (selector, matching, expected) in [
        (0, 1, LEAF_WHOLE),
        (1, 1, LEAF_KEY),
        (0, 2, LEAF_512),
        (0, 0, digits(LEAF).as_str()),
    ] {
        assert_eq!(compared(LEAF, selector, matching).as_deref(), Some(expected));
    }
    assert_eq!(compared(LEAF, 2, 1), None);
    assert_eq!(compared(LEAF, 0, 3), None);
    assert_eq!(compared(&LEAF[..100], 1, 1), None, "half a certificate has no key");
}

#[test]
fn a_record_proves_what_it_matches() {
    assert_eq!(between_servers(&[(3, 1, 1, LEAF_KEY)]), Some(Verdict::Yes));
    assert_eq!(
        between_servers(&[(3, 0, 2, &LEAF_512.to_uppercase())]),
        Some(Verdict::Yes)
    );
    assert_eq!(between_servers(&[(2, 1, 1, ROOT_KEY)]), Some(Verdict::Yes));
    assert_eq!(between_servers(&[(2, 0, 1, ROOT_WHOLE)]), Some(Verdict::Yes));
    let no = Some(Verdict::No(NO_MATCH.to_owned()));
    assert_eq!(
        between_servers(&[(3, 1, 1, ROOT_KEY)]),
        no,
        "the authority is not the server"
    );
    assert_eq!(
        between_servers(&[(2, 1, 1, LEAF_KEY)]),
        no,
        "the server is not an authority"
    );
    assert_eq!(
        between_servers(&[(3, 0, 1, LEAF_KEY)]),
        no,
        "the key's digest is not the certificate's"
    );
    assert_eq!(
        between_servers(&[(3, 1, 1, ROOT_KEY), (3, 1, 1, LEAF_KEY)]),
        Some(Verdict::Yes),
        "one is enough"
    );
    assert_eq!(
        between_servers(&[(1, 1, 1, LEAF_KEY)]),
        None,
        "of no use between servers"
    );
    assert!(matches!(between_servers(&[(2, 0, 0, "30")]), Some(Verdict::Unknown(_))));
}

#[test]
fn an_authority_proves_a_chain_that_holds() {
    let mut chain = shown();
    chain.anchored = vec![Verdict::No("its time is over".to_owned())];
    let told = proved(&records(&[(3, 1, 1, ROOT_KEY), (2, 1, 1, ROOT_KEY)]), &chain, true);
    assert!(
        matches!(&told, Some(Verdict::No(why)) if why.ends_with("its time is over")),
        "{told:?}"
    );
}

#[test]
fn between_users_and_servers_authorities_of_the_machine_count_as_well() {
    let records = records(&[(1, 1, 1, LEAF_KEY)]);
    assert!(matches!(proved(&records, &shown(), false), Some(Verdict::No(_))));
    let mut chain = shown();
    chain.trusted = Verdict::Yes;
    assert_eq!(proved(&records, &chain, false), Some(Verdict::Yes));
}

#[test]
fn names_of_hosts_and_of_services_count() {
    let service = "_submission.example.net".to_owned();
    assert_eq!(shown().is_for(&["mail.example.org"], &[]), Some(true));
    assert_eq!(shown().is_for(&["example.net"], &[]), Some(false));
    assert_eq!(shown().is_for(&["example.net"], &[service]), Some(true));
    assert_eq!(
        shown().is_for(&["example.net"], &["_imap.example.net".to_owned()]),
        Some(false)
    );
    let broken = Shown {
        der: vec![LEAF[..200].to_vec()],
        ..shown()
    };
    assert_eq!(broken.is_for(&["mail.example.org"], &[]), None);
}
