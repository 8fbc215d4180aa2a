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

/// Looks at a port.
pub(super) fn first(target: &Target, library: &Library) -> Result<First, Failure> {
    let mut connection = target.connect()?;
    let from = connection.from();
    // Where clients begin with TLS they do not wait for a greeting.
    let implicit = if target.port == 465 {
        begins_with_tls(target, library, &mut connection)?
    } else if connection.speaks_within(WAITING)? {
        false
    } else {
        let mut other = target.connect()?;
        begins_with_tls(target, library, &mut other).unwrap_or(false)
    };
    if implicit {
        return Ok(First {
            from,
            entry: Some(Entry::Implicit),
            ..First::default()
        });
    }
    if target.port == 465 {
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
