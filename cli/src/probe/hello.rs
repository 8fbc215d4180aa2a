//! What a client says first in TLS, written byte by byte, because no library still speaks the old versions.
//!
//! Source: RFC 8446 §4.1.2 and §4.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2, and for SSL 2.0 the draft that Netscape published
//! (draft-hickman-netscape-ssl-00 §2.5).

use smtplint_core::facts::TlsVersion;

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Offer<'a> {
    /// The one version.
    pub(super) version: TlsVersion,
    /// Numbers of suites, the client's favourite first.
    pub(super) suites: &'a [u16],
    /// Numbers of groups, the client's favourite first.
    pub(super) groups: &'a [u16],
    /// The name that is asked for, where it is one of DNS.
    pub(super) host: Option<&'a str>,
    /// Compression is offered as well.
    pub(super) compression: bool,
}

/// Schemes of signatures: all that a server may have a key for, the old ones as well, so that none is missed. RFC 8446 §4.2.3,
/// RFC 5246 §7.4.1.4.1.
const SIGNATURES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
    0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602, 0x0203, 0x0201, 0x0202, 0x0101,
];

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;

/// The number of a version on the wire.
pub(super) fn number(version: TlsVersion) -> u16 {
    match version {
        TlsVersion::Ssl2 => 0x0002,
        TlsVersion::Ssl3 => 0x0300,
        TlsVersion::Tls10 => 0x0301,
        TlsVersion::Tls11 => 0x0302,
        TlsVersion::Tls12 => 0x0303,
        TlsVersion::Tls13 => 0x0304,
    }
}

/// The whole record. `random` is nobody's secret: no session comes of it.
pub(super) fn client_hello(offer: &Offer<'_>, random: &[u8; 32]) -> Vec<u8> {
    let version = number(offer.version);
    let mut body = Vec::with_capacity(512);
    body.extend(version.min(0x0303).to_be_bytes());
    body.extend(random);
    // TLS 1.3 looks like a resumption, for devices on the way that know no other (RFC 8446 §D.4).
    let session: &[u8] = if offer.version == TlsVersion::Tls13 {
        random
    } else {
        &[]
    };
    short(&mut body, session);
    long(&mut body, &numbers(offer.suites));
    short(&mut body, if offer.compression { &[1, 0] } else { &[0] });
    if offer.version >= TlsVersion::Tls10 {
        long(&mut body, &extensions(offer));
    }
    let mut message = vec![CLIENT_HELLO];
    message.extend((body.len() as u32).to_be_bytes().into_iter().skip(1));
    message.extend(body);
    let mut record = vec![HANDSHAKE];
    // Servers of old take no newer number here (RFC 8446 §5.1).
    record.extend(version.min(0x0301).to_be_bytes());
    long(&mut record, &message);
    record
}

fn extensions(offer: &Offer<'_>) -> Vec<u8> {
    let mut all = Vec::with_capacity(256);
    let mut add = |number: u16, content: &[u8]| {
        all.extend(number.to_be_bytes());
        long(&mut all, content);
    };
    if let Some(host) = offer.host {
        let mut name = vec![0];
        long(&mut name, host.as_bytes());
        add(0, &within(&name));
    }
    add(10, &within(&numbers(offer.groups)));
    if offer.version < TlsVersion::Tls13 {
        // Points as they are, the extended master secret, and the safeguard of RFC 5746.
        add(11, &[1, 0]);
        add(23, &[]);
        add(0xff01, &[0]);
    }
    if offer.version >= TlsVersion::Tls12 {
        add(13, &within(&numbers(SIGNATURES)));
    }
    if offer.version == TlsVersion::Tls13 {
        add(43, &[2, 3, 4]);
        // No share of a key: the server then names suite and group, and has nothing to compute (RFC 8446 §4.2.8).
        add(51, &[0, 0]);
    }
    all
}

/// What a client of SSL 2.0 says first: all seven ciphers.
pub(super) fn client_hello_of_ssl2(random: &[u8; 32]) -> Vec<u8> {
    const CIPHERS: [[u8; 3]; 7] = [
        [1, 0, 0x80],
        [2, 0, 0x80],
        [3, 0, 0x80],
        [4, 0, 0x80],
        [5, 0, 0x80],
        [6, 0, 0x40],
        [7, 0, 0xc0],
    ];
    let challenge = &random[..16];
    let mut body = vec![CLIENT_HELLO, 0, 2];
    body.extend((3 * CIPHERS.len() as u16).to_be_bytes());
    body.extend([0, 0]);
    body.extend((challenge.len() as u16).to_be_bytes());
    body.extend(CIPHERS.as_flattened());
    body.extend(challenge);
    let mut record = (0x8000 | body.len() as u16).to_be_bytes().to_vec();
    record.extend(body);
    record
}

fn numbers(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|one| one.to_be_bytes()).collect()
}

/// Behind its length in one byte.
fn short(to: &mut Vec<u8>, content: &[u8]) {
    to.push(content.len() as u8);
    to.extend(content);
}

/// Behind its length in two bytes.
fn long(to: &mut Vec<u8>, content: &[u8]) {
    to.extend((content.len() as u16).to_be_bytes());
    to.extend(content);
}

fn within(content: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(content.len() + 2);
    long(&mut all, content);
    all
}
