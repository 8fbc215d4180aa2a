//! A connection that comes to an end, whatever the other side does: after so much time, and after so many bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use thiserror::Error;

/// More than any greeting, session or handshake takes that is looked at.
const MOST: usize = 256 * 1024;

/// Why there was no answer, in words that follow a colon.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// No connection came about.
    #[error("no connection: {0}")]
    Connect(#[source] io::Error),
    /// It came about and then broke.
    #[error("the connection broke: {0}")]
    Broken(#[source] io::Error),
    /// The time is over.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    Silent(Duration),
    /// The other side hung up.
    #[error("the connection was closed without an answer")]
    Closed,
    /// It sent and sent.
    #[error("it sends without an end")]
    Endless,
    /// What came is no reply of SMTP.
    #[error("what comes is no SMTP: it begins with `{0}`")]
    NotSmtp(String),
    /// What came is no TLS.
    #[error("what comes is no TLS: it begins with `{0}`")]
    NotTls(String),
    /// It answered, and refused.
    #[error("it answers `{0}`")]
    Refused(super::smtp::Reply),
    /// The library for TLS gave up.
    #[error("no session inside TLS comes about: {0}")]
    Session(#[source] rustls::Error),
}

impl Failure {
    /// From what the system says; the library's own errors come wrapped in it.
    pub(super) fn of(error: io::Error, patience: Duration) -> Failure {
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::Silent(patience),
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted => Failure::Closed,
            ErrorKind::OutOfMemory => Failure::Endless,
            _ => match error.downcast::<rustls::Error>() {
                Ok(tls) => Failure::Session(tls),
                Err(error) => Failure::Broken(error),
            },
        }
    }

    /// True when the answer, such as it is, is an answer: another try would bring the same.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Failure::Endless | Failure::NotSmtp(_) | Failure::NotTls(_))
    }
}

/// A connection that comes to an end.
pub(crate) struct Connection {
    stream: TcpStream,
    deadline: Instant,
    patience: Duration,
    left: usize,
}

impl Connection {
    /// Connects. Everything together, this included, may take so long, and no longer than until `end`.
    pub(super) fn open(address: SocketAddr, patience: Duration, end: Instant) -> Result<Connection, Failure> {
        let deadline = (Instant::now() + patience).min(end);
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::Silent(patience));
        }
        let stream = TcpStream::connect_timeout(&address, left).map_err(Failure::Connect)?;
        stream.set_nodelay(true).map_err(Failure::Broken)?;
        Ok(Connection {
            stream,
            deadline,
            patience,
            left: MOST,
        })
    }

    /// The address that it comes from.
    pub(super) fn from(&self) -> Option<IpAddr> {
        self.stream.local_addr().ok().map(|address| address.ip())
    }

    /// How long everything may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Waits for the first byte for a while, and no longer; true when one is there.
    pub(super) fn speaks_within(&mut self, while_: Duration) -> Result<bool, Failure> {
        let before = self.deadline;
        self.deadline = before.min(Instant::now() + while_);
        let peeked = self.before_the_end().and_then(|()| self.stream.peek(&mut [0]));
        self.deadline = before;
        match peeked {
            Ok(0) => Err(Failure::Closed),
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => Ok(false),
            Err(error) => Err(Failure::of(error, self.patience)),
        }
    }

    /// Lets the next operation take what time is left.
    fn before_the_end(&self) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.set_write_timeout(Some(left))
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.before_the_end()?;
        if self.left == 0 {
            return Err(ErrorKind::OutOfMemory.into());
        }
        let most = buffer.len().min(self.left);
        let count = self.stream.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left -= count;
        Ok(count)
    }
}

impl Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.before_the_end()?;
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Whoever hung up already has nothing more to hear.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// Bytes as they can be shown in a sentence: the first of them, and none that moves a cursor.
pub(super) fn shown(bytes: &[u8]) -> String {
    let first = bytes.get(..24).unwrap_or(bytes);
    first.escape_ascii().to_string()
}
