//! Parts of a certificate that are compared as they stand, and not kept with the rest: its key (RFC 5280 §4.1.2.7), and the
//! services that it is for (RFC 4985).

use super::der::{OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};

/// 2.5.29.17: the alternative names of the subject.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 17];
/// 1.3.6.1.5.5.7.8.7: a service of a domain.
const SERVICE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 8, 7];
/// The most services that are read.
const MOST: usize = 100;

/// What stands behind the key's place in a certificate, and the key, its tag and length included.
fn at_key(der: &[u8]) -> Option<(&[u8], Reader<'_>)> {
    let mut body = Reader(der).open(SEQUENCE)?.open(SEQUENCE)?;
    // The version, which older ones do not have.
    body.get(0xa0);
    // The serial number, the algorithm, the issuer, the time and the subject.
    for _ in 0..5 {
        body.next()?;
    }
    let before = body.0;
    body.get(SEQUENCE)?;
    let key = before.get(..before.len() - body.0.len())?;
    Some((key, body))
}

/// The public key (`SubjectPublicKeyInfo`) in DER, whole.
pub(super) fn key(der: &[u8]) -> Option<&[u8]> {
    at_key(der).map(|(key, _)| key)
}

/// Services of domains, such as `_submission.example.org`.
pub(super) fn services(der: &[u8]) -> Vec<String> {
    names(der)
        .into_iter()
        .flatten()
        .filter_map(|name| {
            let mut name = Reader(Some(name).filter(|name| name.tag == 0xa0)?.value);
            if name.get(OBJECT_IDENTIFIER)? != SERVICE {
                return None;
            }
            let text = name.open(0xa0)?.next()?;
            Some(String::from_utf8_lossy(text.value).into_owned())
        })
        .take(MOST)
        .collect()
}

fn names(der: &[u8]) -> Option<Reader<'_>> {
    let (_, mut behind) = at_key(der)?;
    let extensions = behind.find(|one| one.tag == 0xa3)?;
    Reader(extensions.value).open(SEQUENCE)?.find_map(|one| {
        let mut one = Reader(one.value);
        if one.get(OBJECT_IDENTIFIER)? != ALTERNATIVE_NAMES {
            return None;
        }
        // Whether it is critical.
        one.get(0x01);
        Reader(one.get(OCTET_STRING)?).open(SEQUENCE)
    })
}
