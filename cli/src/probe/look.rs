//! The first look: whether anybody is there, and how TLS begins.

use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::tls::suite;

use super::answer::{self, Until};
use super::connection::{Connection, Failure};
use super::hello::{self, Offer};
use super::session::Library;
use super::smtp::{Dialogue, Reply};
use super::target::Target;

/// Who has said nothing for so long may be waiting for the client's TLS.
const WAITING: Duration = Duration::from_millis(2500);

/// How clients of a port begin, where the record that leads to it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    /// As its number says, and as it behaves.
    Untold,
    /// In clear: TLS is not tried before the server has spoken.
    InClear,
    /// With TLS.
    WithTls,
}

/// What the first look showed.
#[derive(Default)]
pub(super) struct First {
    /// The address that the connection came from.
    pub(super) from: Option<IpAddr>,
    pub(super) greeting: Option<Reply>,
    /// The answer to EHLO before TLS.
    pub(super) hello: Option<Reply>,
    pub(super) entry: Option<Entry>,
    /// What was answered to STARTTLS, where it was announced.
    pub(super) starttls: Option<Reply>,
}

/// Looks at a port, over one connection at a time.
pub(super) fn first(target: &Target, library: &Library, begins: Begins) -> Result<First, Failure> {
    let mut connection = target.connect()?;
    let from = connection.from();
    // Where clients begin with TLS they do not wait for a greeting.
    let tls_first = match begins {
        Begins::Untold => target.port == 465,
        Begins::InClear => false,
        Begins::WithTls => true,
    };
    let mut is_used = tls_first;
    let implicit = if tls_first {
        begins_with_tls(target, library, &mut connection)?
    } else if begins == Begins::InClear || connection.speaks_within(WAITING)? {
        false
    } else {
        is_used = true;
        drop(connection);
        connection = target.connect()?;
        begins_with_tls(target, library, &mut connection).unwrap_or(false)
    };
    if implicit {
        return Ok(First {
            from,
            entry: Some(Entry::Implicit),
            ..First::default()
        });
    }
    if is_used {
        // What was said to it so far is no SMTP. One ends before the other begins: no more are open than was asked for.
        drop(connection);
        connection = target.connect()?;
    }
    in_clear(target, &mut connection, from)
}

fn in_clear(target: &Target, connection: &mut Connection, from: Option<IpAddr>) -> Result<First, Failure> {
    let mut dialogue = Dialogue::on(connection, target.patience);
    let greeting = dialogue.welcome()?;
    let hello = dialogue.hello()?;
    let entry = if hello.announces("STARTTLS") {
        Entry::Starttls
    } else {
        Entry::None
    };
    let starttls = match entry {
        Entry::Starttls => Some(dialogue.command("STARTTLS")?),
        _ => None,
    };
    if starttls.as_ref().is_none_or(|reply| reply.code != 220) {
        dialogue.quit();
    }
    Ok(First {
        from,
        greeting: Some(greeting),
        hello: Some(hello),
        entry: Some(entry),
        starttls,
    })
}

/// True when TLS is answered with TLS, be it by an alert.
fn begins_with_tls(target: &Target, library: &Library, connection: &mut Connection) -> Result<bool, Failure> {
    let version = TlsVersion::Tls12;
    let suites: Vec<u16> = suite::all()
        .iter()
        .filter(|one| one.works_with(version))
        .map(|one| one.id)
        .collect();
    let offer = Offer {
        version,
        suites: &suites,
        groups: &[0x001D, 0x0017, 0x0018, 0x0019],
        host: target.name(),
        compression: false,
    };
    let hello = hello::client_hello(&offer, &library.random()?);
    let written = connection.write_all(&hello);
    written.map_err(|error| Failure::of(error, target.patience))?;
    match answer::read(connection, Until::Chosen) {
        Ok(answer::Answer::Refused(None)) => Err(Failure::Closed),
        Ok(_) => Ok(true),
        Err(Failure::NotTls(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
