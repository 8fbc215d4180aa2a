//! Where to look, and how long.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use smtplint_core::facts::Entry;

use super::connection::{Connection, Failure};
use super::smtp::Dialogue;

/// How often the time for one connection may pass before everything has to be done.
const CONNECTIONS_IN_TIME: u32 = 6;

/// A port of a server.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The name or the address that was asked for.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// Where that is.
    pub(crate) address: SocketAddr,
    /// How long one connection may take.
    pub(super) patience: Duration,
    /// When everything has to be done.
    pub(super) end: Instant,
}

/// The addresses of a host. The system asks; it is waited for no longer than `patience`.
pub(super) fn addresses(host: &str, port: u16, patience: Duration) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (send, receive) = mpsc::channel();
    let asked = host.to_owned();
    // Left behind when the system does not answer: nobody can stop it.
    thread::spawn(move || {
        let found = (asked.as_str(), port)
            .to_socket_addrs()
            .map(Iterator::collect::<Vec<_>>);
        // Nobody may wait any more.
        let _ = send.send(found);
    });
    match receive.recv_timeout(patience) {
        Ok(Ok(found)) if found.is_empty() => Err(format!("`{host}` has no address")),
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(format!("`{host}` is not found: {error}")),
        Err(_) => Err(format!(
            "nobody says where `{host}` is within {} seconds",
            patience.as_secs_f32()
        )),
    }
}

impl Target {
    pub(super) fn new(host: &str, address: SocketAddr, patience: Duration) -> Target {
        Target {
            host: host.to_owned(),
            port: address.port(),
            address,
            patience,
            end: Instant::now() + patience * CONNECTIONS_IN_TIME,
        }
    }

    /// The name to ask for within TLS, where it is one (RFC 6066 §3).
    pub(super) fn name(&self) -> Option<&str> {
        let name = self.host.trim_end_matches('.');
        (name.parse::<IpAddr>().is_err() && name.is_ascii()).then_some(name)
    }

    pub(super) fn connect(&self) -> Result<Connection, Failure> {
        Connection::open(self.address, self.patience, self.end)
    }

    /// A connection on which TLS may begin.
    pub(super) fn to_tls(&self, entry: Entry) -> Result<Connection, Failure> {
        let mut connection = self.connect()?;
        if entry == Entry::Starttls {
            let mut dialogue = Dialogue::on(&mut connection, self.patience);
            dialogue.welcome()?;
            dialogue.hello()?;
            let ready = dialogue.command("STARTTLS")?;
            if ready.code != 220 {
                return Err(Failure::Refused(ready));
            }
        }
        Ok(connection)
    }
}
