//! What a server answers to the first words of TLS, as far as it comes in clear.
//!
//! Source: RFC 8446 §4.1.3, §4.1.4 and §5.1, RFC 5246 §7.4, RFC 8422 §5.4.

use smtplint_core::facts::TlsVersion;

use super::connection::{Connection, Failure, shown};
use super::hello::number;
use std::io::Read;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
/// The longest record (RFC 5246 §6.2.3).
const LONGEST_RECORD: usize = (1 << 14) + 2048;
/// Longer messages are none: chains of certificates have less.
const LONGEST_MESSAGE: usize = 128 * 1024;

/// How far to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// To what the server chooses.
    Chosen,
    /// To the end of what comes in clear.
    Done,
}

/// The answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// The server goes on with what it chose.
    Chosen(Flight),
    /// It does not: the description of its alert (RFC 8446 §6.2), or nothing where it hung up.
    Refused(Option<u8>),
}

/// What a server sends first.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// The version's number.
    pub(super) version: u16,
    /// The suite's number.
    pub(super) suite: u16,
    /// True when it compresses.
    pub(super) compresses: bool,
    /// The group's number.
    pub(super) group: Option<u16>,
    /// Bits of the prime, where one is used.
    pub(super) prime_bits: Option<u16>,
    /// Its certificates in DER, its own first.
    pub(super) certificates: Vec<Vec<u8>>,
    /// It asks for a certificate of the client's.
    pub(super) asks_certificate: bool,
    /// Everything that comes in clear has come.
    pub(super) is_done: bool,
}

impl Flight {
    /// True when the version is the one that was asked for.
    pub(super) fn is_of(&self, version: TlsVersion) -> bool {
        self.version == number(version)
    }
}

/// Reads the answer.
pub(super) fn read(connection: &mut Connection, until: Until) -> Result<Answer, Failure> {
    let mut come: Vec<u8> = Vec::new();
    let mut flight: Option<Flight> = None;
    loop {
        let (kind, body) = match record(connection) {
            Ok(record) => record,
            // Whoever hangs up has refused; in the midst of a flight what came before counts.
            Err(Failure::Closed) => return Ok(flight.map_or(Answer::Refused(None), Answer::Chosen)),
            Err(other) => return Err(other),
        };
        match kind {
            ALERT => {
                let [level, description] = body.as_slice() else {
                    return Err(Failure::NotTls(shown(&body)));
                };
                // A warning, such as that the name is not known, is followed by the rest.
                if *level == 1 && *description != 0 {
                    continue;
                }
                return Ok(flight.map_or(Answer::Refused(Some(*description)), Answer::Chosen));
            }
            HANDSHAKE => come.extend(body),
            // Behind what was chosen, everything is encrypted.
            _ => match flight {
                Some(flight) => return Ok(Answer::Chosen(flight)),
                None => return Err(Failure::NotTls(shown(&[kind]))),
            },
        }
        while let Some((kind, message)) = message(&mut come)? {
            let known = flight.get_or_insert_default();
            take(known, kind, &message).ok_or_else(|| Failure::NotTls(shown(&message)))?;
            let is_newest = known.is_of(TlsVersion::Tls13);
            known.is_done |= is_newest;
            if until == Until::Chosen || known.is_done {
                return Ok(flight.map_or(Answer::Refused(None), Answer::Chosen));
            }
        }
    }
}

/// One record: what kind it is of, and its content.
fn record(connection: &mut Connection) -> Result<(u8, Vec<u8>), Failure> {
    let patience = connection.patience();
    let mut head = [0; 5];
    let mut there = 0;
    while there < head.len() {
        match connection.read(head.get_mut(there..).unwrap_or_default()) {
            Ok(0) if there == 0 => return Err(Failure::Closed),
            Ok(0) => return Err(Failure::NotTls(shown(head.get(..there).unwrap_or_default()))),
            Ok(count) => there += count,
            Err(error) => return Err(Failure::of(error, patience)),
        }
        // No more of it is waited for than shows that it is something else.
        if !matches!(head[0], 20..=24) || there > 1 && head[1] != 3 {
            return Err(Failure::NotTls(shown(head.get(..there).unwrap_or_default())));
        }
    }
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    if length > LONGEST_RECORD {
        return Err(Failure::NotTls(shown(&head)));
    }
    let mut body = vec![0; length];
    connection
        .read_exact(&mut body)
        .map_err(|error| Failure::of(error, patience))?;
    Ok((head[0], body))
}

/// The next whole message, where it has come.
fn message(come: &mut Vec<u8>) -> Result<Option<(u8, Vec<u8>)>, Failure> {
    let [kind, high, middle, low, ..] = come[..] else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([0, high, middle, low]) as usize;
    if length > LONGEST_MESSAGE {
        return Err(Failure::Endless);
    }
    if come.len() < 4 + length {
        return Ok(None);
    }
    let message = come.drain(..4 + length).skip(4).collect();
    Ok(Some((kind, message)))
}

/// So many certificates of a chain are kept.
pub(super) const MOST_CERTIFICATES: usize = 16;

/// Takes a message in; `None` for one that is not whole, or that comes before the server has chosen.
fn take(flight: &mut Flight, kind: u8, message: &[u8]) -> Option<()> {
    let mut reader = Reader(message);
    match kind {
        2 => server_hello(flight, &mut reader)?,
        _ if flight.version == 0 => return None,
        11 => {
            let mut list = reader.behind_length(3)?;
            while !list.0.is_empty() && flight.certificates.len() < MOST_CERTIFICATES {
                flight.certificates.push(list.behind_length(3)?.0.to_vec());
            }
        }
        12 => key_exchange(flight, &mut reader),
        13 => flight.asks_certificate = true,
        14 => flight.is_done = true,
        _ => {}
    }
    Some(())
}

fn server_hello(flight: &mut Flight, reader: &mut Reader<'_>) -> Option<()> {
    flight.version = reader.number()?;
    reader.take(32)?;
    reader.behind_length(1)?;
    flight.suite = reader.number()?;
    flight.compresses = reader.take(1)? != [0];
    if reader.0.is_empty() {
        return Some(());
    }
    let mut extensions = reader.behind_length(2)?;
    while !extensions.0.is_empty() {
        let kind = extensions.number()?;
        let mut content = extensions.behind_length(2)?;
        match kind {
            43 => flight.version = content.number()?,
            51 => flight.group = Some(content.number()?),
            _ => {}
        }
    }
    Some(())
}

/// A named curve, or a prime; whatever else it is, nobody asks.
fn key_exchange(flight: &mut Flight, reader: &mut Reader<'_>) {
    use smtplint_core::tls::suite;
    let Some(suite) = suite::by_id(flight.suite) else {
        return;
    };
    if suite.is_finite_field() {
        let prime = reader.behind_length(2).map(|prime| prime.0);
        let digits = prime.map(|prime| {
            let zeros = prime.iter().take_while(|byte| **byte == 0).count();
            prime.get(zeros..).unwrap_or_default()
        });
        flight.prime_bits = digits.and_then(|digits| {
            let first = digits.first()?;
            u16::try_from(8 * digits.len() - first.leading_zeros() as usize).ok()
        });
    } else if suite.key_exchange() == "ECDHE" && reader.take(1) == Some(&[3]) {
        flight.group = reader.number();
    }
}

/// Bytes that are read from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        let bytes = self.take(2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// What stands behind its length, which has so many bytes.
    fn behind_length(&mut self, bytes: usize) -> Option<Reader<'a>> {
        let length = self
            .take(bytes)?
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        self.take(length).map(Reader)
    }
}

/// True when a server of SSL 2.0 answers with its hello; false when it does anything else.
pub(super) fn speaks_ssl2(connection: &mut Connection) -> Result<bool, Failure> {
    let patience = connection.patience();
    let mut head = [0; 5];
    match connection.read_exact(&mut head) {
        // A record of two bytes' length, then the message's kind, which is 4, whether a session is resumed, and the certificate's kind.
        Ok(()) => Ok(head[0] & 0x80 != 0 && head[2] == 4),
        Err(error) => match Failure::of(error, patience) {
            Failure::Closed => Ok(false),
            other => Err(other),
        },
    }
}
