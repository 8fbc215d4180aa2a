//! A conversation in SMTP with an end in sight, in the clear or within TLS.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::client::TlsVersion;
use crate::program::{OPENSSL, ProgramError};

/// How long a connection may take.
pub const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take: more than the six seconds for which postscreen keeps a new client waiting.
pub const ANSWER: Duration = Duration::from_secs(8);
/// A reply with more lines is no reply.
const LINES: usize = 200;
/// The name the client gives itself.
pub const CLIENT: &str = "client.example.org";
/// `alice` logs in with the password `secret` where users have no realm: NUL alice NUL secret.
pub const LOGIN: &str = "AUTH PLAIN AGFsaWNlAHNlY3JldA==";

/// How to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte.
    Implicit,
    /// After STARTTLS.
    StartTls,
}

/// Why a conversation came to an end.
#[derive(Debug, thiserror::Error)]
pub enum DialogueError {
    /// No connection.
    #[error("connecting: {0}")]
    Connect(io::Error),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Silence(Duration),
    /// The server ended it.
    #[error("the connection was closed")]
    Closed,
    /// What came is no SMTP reply.
    #[error("not an SMTP reply: {0:?}")]
    Unreadable(String),
    /// The client's own program.
    #[error(transparent)]
    Program(#[from] ProgramError),
}

/// A reply, possibly of several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// What follows them, line by line.
    pub lines: Vec<String>,
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.lines.join(" / "))
    }
}

/// A conversation. Lines are read by a thread, so that waiting for them can end.
#[derive(Debug)]
pub struct Dialogue {
    lines: Receiver<io::Result<String>>,
    wire: Wire,
}

#[derive(Debug)]
enum Wire {
    Clear(TcpStream),
    Tls(Child, ChildStdin),
}

impl Dialogue {
    /// Connects in the clear, from a given source address.
    ///
    /// # Errors
    /// [`DialogueError::Connect`].
    pub fn clear(address: SocketAddr, source: IpAddr) -> Result<Self, DialogueError> {
        let connect = || {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            socket.bind(&SocketAddr::from((source, 0)).into())?;
            socket.connect_timeout(&address.into(), CONNECT)?;
            let stream = TcpStream::from(socket);
            stream.set_write_timeout(Some(ANSWER))?;
            Ok((stream.try_clone()?, stream))
        };
        let (reading, stream) = connect().map_err(DialogueError::Connect)?;
        Ok(Self {
            lines: lines(reading),
            wire: Wire::Clear(stream),
        })
    }

    /// Connects with TLS, by the program `openssl`. The handshake may still fail: then the first reply is
    /// [`DialogueError::Closed`] or silence. After STARTTLS no greeting comes; with implicit TLS it does.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn tls(address: SocketAddr, source: IpAddr, tls: Tls) -> Result<Self, DialogueError> {
        Self::tls_of(address, source, tls, None)
    }

    /// The same, by a client that speaks one version alone.
    ///
    /// # Errors
    /// As above.
    pub fn tls_of(
        address: SocketAddr,
        source: IpAddr,
        tls: Tls,
        version: Option<TlsVersion>,
    ) -> Result<Self, DialogueError> {
        let mut command = OPENSSL.command()?;
        command.args(s_client(address, source, tls)).arg("-quiet");
        command.args(version.map(|version| version.option().0));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let failed = |source| ProgramError::Io {
            path: OPENSSL.path,
            source,
        };
        let mut child = command.spawn().map_err(failed)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok(Self {
                lines: lines(stdout),
                wire: Wire::Tls(child, stdin),
            }),
            _ => Err(failed(io::Error::other("no pipes")).into()),
        }
    }

    /// Sends a command and waits for its reply.
    ///
    /// # Errors
    /// When none comes.
    pub fn command(&mut self, command: &str) -> Result<Reply, DialogueError> {
        let line = format!("{command}\r\n");
        let sent = match &mut self.wire {
            Wire::Clear(stream) => stream.write_all(line.as_bytes()),
            Wire::Tls(_, stdin) => stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()),
        };
        // A closed connection shows when sending or when reading, as chance has it.
        sent.map_err(|_| DialogueError::Closed)?;
        self.reply(ANSWER)
    }

    /// Waits for a reply. Its further lines may take [`ANSWER`]: postscreen sends one line and then lets wait.
    ///
    /// # Errors
    /// When none begins within `limit`, or what comes is none.
    pub fn reply(&mut self, limit: Duration) -> Result<Reply, DialogueError> {
        let mut end = Instant::now() + limit;
        let mut texts = Vec::new();
        while texts.len() < LINES {
            let line = match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Ok(line)) => line,
                Err(RecvTimeoutError::Timeout) => return Err(DialogueError::Silence(limit)),
                // Reset or ended: to a client the same.
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(DialogueError::Closed);
                }
            };
            let unreadable = || DialogueError::Unreadable(line.clone());
            let (code, text) = line.split_at_checked(3).ok_or_else(unreadable)?;
            let code: u16 = code.parse().map_err(|_| unreadable())?;
            texts.push(text.get(1..).unwrap_or_default().to_owned());
            if !text.starts_with('-') {
                return Ok(Reply { code, lines: texts });
            }
            end = Instant::now() + ANSWER;
        }
        Err(DialogueError::Unreadable(format!("more than {LINES} lines")))
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        // Errors mean that it has ended already, which is what is wanted; the reading thread ends with it.
        match &mut self.wire {
            Wire::Clear(stream) => drop(stream.shutdown(std::net::Shutdown::Both)),
            Wire::Tls(child, _) => {
                drop(child.kill());
                drop(child.wait());
            }
        }
    }
}

/// Arguments of `openssl s_client` that accept whatever the server has, down to TLS 1.0 and anonymous suites.
pub(super) fn s_client(address: SocketAddr, source: IpAddr, tls: Tls) -> Vec<String> {
    let mut arguments = vec!["s_client".to_owned(), "-connect".into(), address.to_string()];
    arguments.extend(["-bind".into(), format!("{source}:0")]);
    arguments.extend(["-servername".into(), "mail.example.test".into()]);
    arguments.extend(["-cipher".into(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0".into()]);
    if tls == Tls::StartTls {
        arguments.extend(["-starttls".into(), "smtp".into(), "-name".into(), CLIENT.into()]);
    }
    arguments
}

fn lines(from: impl io::Read + Send + 'static) -> Receiver<io::Result<String>> {
    let (sender, receiver) = mpsc::sync_channel(LINES);
    thread::spawn(move || {
        let mut reader = BufReader::new(from);
        loop {
            let mut bytes = Vec::new();
            // A line without an end is cut: SMTP allows 512 bytes.
            let read = io::Read::take(&mut reader, 4096).read_until(b'\n', &mut bytes);
            let line = match read {
                Ok(0) => return,
                Ok(_) => Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned()),
                Err(error) => Err(error),
            };
            let failed = line.is_err();
            // Nobody listens any more, or nothing more can come.
            if sender.send(line).is_err() || failed {
                return;
            }
        }
    });
    receiver
}
