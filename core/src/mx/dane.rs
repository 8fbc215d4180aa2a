//! Whether a TLSA record proves a chain of certificates (RFC 6698 §2.1, RFC 7671 §5).

use std::fmt::Write;

use sha2::{Digest, Sha256, Sha512};

use super::port::{Shown, Verdict};
use super::{Asked, Tlsa};
use crate::certificate;

/// What a record of this kind compares of a certificate in DER, in hexadecimal digits; `None` where the kind is not known, or the
/// certificate cannot be read.
#[must_use]
pub fn compared(der: &[u8], selector: u8, matching: u8) -> Option<String> {
    let bytes = match selector {
        0 => der,
        1 => certificate::key_of_der(der)?,
        _ => return None,
    };
    match matching {
        0 => Some(digits(bytes)),
        1 => Some(digits(&Sha256::digest(bytes))),
        2 => Some(digits(&Sha512::digest(bytes))),
        _ => None,
    }
}

fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Why a record is of no use for mail, by RFC 7672 §3.1 and RFC 6698 §2.1. The first of them is about mail between servers alone.
pub(super) fn useless(record: &Tlsa, is_between_servers: bool) -> Option<String> {
    let length = record.data.len() / 2;
    match record {
        Tlsa { usage: 0 | 1, .. } if is_between_servers => Some(format!("usage {} is not for mail", record.usage)),
        Tlsa { usage: 4.., .. } => Some(format!("usage {} is not known", record.usage)),
        Tlsa { selector: 2.., .. } => Some(format!("selector {} is not known", record.selector)),
        Tlsa { matching: 3.., .. } => Some(format!("the way of matching {} is not known", record.matching)),
        Tlsa { matching: 1, .. } if length != 32 => {
            Some(format!("a digest of SHA-256 has 32 bytes, and this one {length}"))
        }
        Tlsa { matching: 2, .. } if length != 64 => {
            Some(format!("a digest of SHA-512 has 64 bytes, and this one {length}"))
        }
        _ => None,
    }
}

/// Whether one of the records proves a chain; `None` where no record can be used.
#[must_use]
pub fn proved(tlsa: &Asked<Tlsa>, chain: &Shown, is_between_servers: bool) -> Option<Verdict> {
    let is_usable = |record: &&Tlsa| useless(record, is_between_servers).is_none();
    let mut usable = tlsa.records.iter().filter(is_usable).peekable();
    usable.peek()?;
    let verdicts: Vec<Verdict> = usable.filter_map(|record| by(record, chain)).collect();
    let found = verdicts
        .iter()
        .find(|verdict| **verdict == Verdict::Yes)
        .or_else(|| verdicts.iter().find(|verdict| matches!(verdict, Verdict::Unknown(_))))
        // What matches and does not hold tells more than what does not match.
        .or_else(|| verdicts.first());
    Some(found.cloned().unwrap_or_else(|| Verdict::No(NO_MATCH.to_owned())))
}

const NO_MATCH: &str = "none matches a certificate that is shown";

/// What a record says of a chain; `None` where it matches nothing of it.
fn by(record: &Tlsa, chain: &Shown) -> Option<Verdict> {
    let matches = |der: &Vec<u8>| {
        compared(der, record.selector, record.matching).is_some_and(|own| own.eq_ignore_ascii_case(&record.data))
    };
    match record.usage {
        // Neither names nor times count (RFC 7671 §5.1).
        3 => chain.der.first().is_some_and(matches).then_some(Verdict::Yes),
        1 => chain.der.first().is_some_and(matches).then(|| chain.trusted.clone()),
        0 | 2 => {
            let place = chain.der.iter().skip(1).position(matches);
            match place {
                Some(_) if record.usage == 0 => Some(chain.trusted.clone()),
                Some(place) => Some(match chain.anchored.get(place) {
                    Some(Verdict::No(why)) => Verdict::No(format!(
                        "a record names an authority of the chain, and the chain does not hold: {why}"
                    )),
                    Some(other) => other.clone(),
                    None => Verdict::Unknown("the chain was not followed".to_owned()),
                }),
                // What a record holds whole need not be shown (RFC 7671 §5.2).
                None => (record.matching == 0).then(|| {
                    Verdict::Unknown(
                        "a record holds an authority itself, and the chain was not followed to it".to_owned(),
                    )
                }),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
