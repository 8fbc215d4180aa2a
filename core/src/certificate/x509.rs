//! The fields of a certificate (RFC 5280 §4.1) that rules ask for.

use super::der::{
    BIT_STRING, BMP_STRING, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, UTC_TIME,
};
use super::{Certificate, Digest, KeyKind, seconds_at};

/// The longest name that is shown whole.
const LONGEST: usize = 200;

/// The most names that are kept of one certificate.
const MOST_NAMES: usize = 400;

/// The most parts that are read of one name.
const MOST_PARTS: usize = 12;

/// Bytes of object identifiers, by what they begin with.
mod oid {
    /// 1.2.840.113549.1.1: RSA and signatures made with it.
    pub(super) const PKCS1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
    /// 1.2.840.10045.2.1.
    pub(super) const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    /// 1.2.840.10045.4.1: ECDSA with SHA-1.
    pub(super) const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    /// 1.2.840.10040.4.1.
    pub(super) const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
    /// 1.2.840.10040.4.3: DSA with SHA-1.
    pub(super) const DSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
    /// 1.3.14.3.2.29: RSA with SHA-1 by an older name.
    pub(super) const OLD_RSA_SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 29];
    /// 1.3.101.112 and 113: Ed25519 and Ed448.
    pub(super) const EDWARDS: &[u8] = &[0x2b, 0x65];
    /// 2.5.4: parts of names.
    pub(super) const ATTRIBUTE: &[u8] = &[0x55, 4];
    /// 2.5.29: extensions of certificates.
    pub(super) const EXTENSION: &[u8] = &[0x55, 0x1d];
    /// 1.3.6.1.4.1.11129.2.4.2: the logs that a certificate stands in (RFC 6962 §3.3).
    pub(super) const LOGGED: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
    /// 2.23.140.1: policies of the CA/Browser Forum.
    pub(super) const PUBLIC_POLICY: &[u8] = &[0x67, 0x81, 0x0c, 1];
}

/// The extensions that are looked at, by the last number of their identifier.
const SUBJECT_ALTERNATIVE_NAME: u8 = 17;
const BASIC_CONSTRAINTS: u8 = 19;
const POLICIES: u8 = 32;

/// Reads a certificate; `None` when the bytes are none. What stands behind it is passed over: OpenSSL writes trust there.
pub(super) fn read(bytes: &[u8]) -> Option<Certificate> {
    let mut outer = Reader(bytes).open(SEQUENCE)?;
    let mut body = outer.open(SEQUENCE)?;
    let mut signature = outer.open(SEQUENCE)?;
    // The version, which older ones do not have, and the serial number.
    body.get(0xa0);
    body.get(INTEGER)?;
    body.get(SEQUENCE)?;
    let (issuer, _) = name(body.open(SEQUENCE)?);
    let mut validity = body.open(SEQUENCE)?;
    let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
    let (subject, common_name) = name(body.open(SEQUENCE)?);
    let (key, bits) = public_key(body.open(SEQUENCE)?)?;
    let mut certificate = Certificate {
        subject,
        issuer,
        common_name,
        dns_names: Vec::new(),
        not_before,
        not_after,
        key,
        bits,
        digest: digest(signature.get(OBJECT_IDENTIFIER)?, signature),
        is_authority: false,
        is_public: false,
    };
    if let Some(extensions) = body.find(|one| one.tag == 0xa3) {
        for one in Reader(extensions.value).open(SEQUENCE)? {
            extension(Reader(one.value), &mut certificate)?;
        }
    }
    Some(certificate)
}

fn extension(mut one: Reader<'_>, certificate: &mut Certificate) -> Option<()> {
    let id = one.get(OBJECT_IDENTIFIER)?;
    // Whether it is critical.
    one.get(0x01);
    let mut value = Reader(one.get(OCTET_STRING)?);
    match id.strip_prefix(oid::EXTENSION) {
        Some([SUBJECT_ALTERNATIVE_NAME]) => {
            let hosts = value.open(SEQUENCE)?.filter(|name| name.tag == 0x82);
            certificate.dns_names = hosts
                .take(MOST_NAMES)
                .map(|name| harmless(&String::from_utf8_lossy(name.value)))
                .collect();
        }
        Some([BASIC_CONSTRAINTS]) => {
            certificate.is_authority = value
                .open(SEQUENCE)?
                .get(0x01)
                .is_some_and(|is_authority| is_authority != [0]);
        }
        Some([POLICIES]) => {
            let mut policies = value.open(SEQUENCE)?;
            certificate.is_public |= policies.any(|policy| {
                Reader(policy.value)
                    .get(OBJECT_IDENTIFIER)
                    .is_some_and(|id| id.starts_with(oid::PUBLIC_POLICY))
            });
        }
        _ => certificate.is_public |= id == oid::LOGGED,
    }
    Some(())
}

/// A name in one line, as `CN=mail.example.org, O=Example`, the part that tells most first; and its last common name.
fn name(parts: Reader<'_>) -> (String, Option<String>) {
    let mut text = String::new();
    let mut common_name = None;
    for set in parts.filter(|set| set.tag == SET).take(MOST_PARTS) {
        for part in Reader(set.value).take(MOST_PARTS) {
            let mut part = Reader(part.value);
            let (Some(id), Some(value)) = (part.get(OBJECT_IDENTIFIER), part.next()) else {
                continue;
            };
            let value = harmless(&if value.tag == BMP_STRING {
                let units: Vec<u16> = value
                    .value
                    .chunks_exact(2)
                    .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                    .collect();
                String::from_utf16_lossy(&units)
            } else {
                String::from_utf8_lossy(value.value).into_owned()
            });
            let kind = match id.strip_prefix(oid::ATTRIBUTE) {
                Some([3]) => "CN",
                Some([6]) => "C",
                Some([7]) => "L",
                Some([8]) => "ST",
                Some([10]) => "O",
                Some([11]) => "OU",
                _ => "other",
            };
            let separator = if text.is_empty() { "" } else { ", " };
            text = format!("{kind}={value}{separator}{text}");
            if kind == "CN" {
                common_name = Some(value);
            }
        }
    }
    (text, common_name)
}

/// What a stranger wrote, fit to be shown: short, and without letters that terminals obey.
fn harmless(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    text.chars().take(LONGEST).map(shown).collect()
}

/// A time (RFC 5280 §4.1.2.5) in seconds since 1970.
fn time(reader: &mut Reader<'_>) -> Option<i64> {
    let element = reader.next()?;
    let digits = element.value.strip_suffix(b"Z")?;
    let (year, rest) = match element.tag {
        UTC_TIME => digits.split_at_checked(2)?,
        GENERALIZED_TIME => digits.split_at_checked(4)?,
        _ => return None,
    };
    let mut year = number(year)?;
    if element.tag == UTC_TIME {
        year += if year < 50 { 2000 } else { 1900 };
    }
    let [month, day, hour, minute, second] = rest.as_chunks::<2>().0 else {
        return None;
    };
    let (month, day) = (number(month)?, number(day)?);
    if rest.len() != 10 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(seconds_at(year, month, day) + number(hour)? * 3_600 + number(minute)? * 60 + number(second)?)
}

fn number(digits: &[u8]) -> Option<i64> {
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| {
        digits
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    })
}

/// Kind and length of a key.
fn public_key(mut info: Reader<'_>) -> Option<(KeyKind, usize)> {
    let mut algorithm = info.open(SEQUENCE)?;
    let id = algorithm.get(OBJECT_IDENTIFIER)?;
    // The first byte says how many bits are left over at the end: none.
    let (_, key) = info.get(BIT_STRING)?.split_first()?;
    Some(match id {
        // The key of RSASSA-PSS has the last number 10, and the same form.
        id if id.strip_prefix(oid::PKCS1).is_some_and(|last| matches!(last, [1 | 10])) => {
            (KeyKind::Rsa, length(Reader(key).open(SEQUENCE)?.get(INTEGER)?))
        }
        id if id == oid::EC => (KeyKind::Ec, curve(key)),
        // The length is that of the first number, p (RFC 3279 §2.3.2).
        id if id == oid::DSA => {
            let prime = algorithm
                .open(SEQUENCE)
                .and_then(|mut parameters| parameters.get(INTEGER));
            (KeyKind::Dsa, prime.map_or(0, length))
        }
        id if id
            .strip_prefix(oid::EDWARDS)
            .is_some_and(|last| matches!(last, [112 | 113])) =>
        {
            (KeyKind::Edwards, 0)
        }
        _ => (KeyKind::Other, 0),
    })
}

/// How many bits a number has.
fn length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros).map_or(0, |first| first.leading_zeros() as usize);
    ((number.len() - zeros) * 8).saturating_sub(first)
}

/// The size of the curve that a point lies on, by the size of the point (SEC 1 §2.3.3).
fn curve(point: &[u8]) -> usize {
    let coordinates = point.len().saturating_sub(1);
    let bytes = if point.first() == Some(&4) {
        coordinates / 2
    } else {
        coordinates
    };
    // P-521 is the one curve in use whose size is no whole number of bytes.
    if bytes == 66 { 521 } else { bytes * 8 }
}

/// The digest of a signature's algorithm.
fn digest(id: &[u8], mut parameters: Reader<'_>) -> Digest {
    match id.strip_prefix(oid::PKCS1) {
        // With MD2, MD4 and MD5.
        Some([2..=4]) => Digest::Md5,
        Some([5]) => Digest::Sha1,
        // RSASSA-PSS names its digest, or means SHA-1 (RFC 4055 §3.1).
        Some([10])
            if parameters
                .open(SEQUENCE)
                .is_some_and(|mut parameters| parameters.get(0xa0).is_none()) =>
        {
            Digest::Sha1
        }
        None if [oid::ECDSA_SHA1, oid::DSA_SHA1, oid::OLD_RSA_SHA1].contains(&id) => Digest::Sha1,
        _ => Digest::Newer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        let read = |tag: u8, text: &str| {
            let mut bytes = vec![tag, u8::try_from(text.len()).expect("a short text")];
            bytes.extend(text.bytes());
            time(&mut Reader(&bytes))
        };
        assert_eq!(read(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(read(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(read(GENERALIZED_TIME, "20500101000000Z"), Some(2_524_608_000));
        for wrong in [
            "",
            "Z",
            "70010100000Z",
            "7001010000000Z",
            "700101000000",
            "70x101000000Z",
            "701301000000Z",
            "700100000000Z",
        ] {
            assert_eq!(read(UTC_TIME, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_and_points_are_measured() {
        assert_eq!(
            [length(&[]), length(&[0]), length(&[0, 0x80]), length(&[1, 0])],
            [0, 0, 8, 9]
        );
        assert_eq!(
            [curve(&[]), curve(&[4; 65]), curve(&[2; 33]), curve(&[4; 133])],
            [0, 256, 256, 521]
        );
    }
}
