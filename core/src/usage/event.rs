//! What a server's log tells about its sessions, whichever server it is.

use crate::facts::{Entry, TlsVersion};
use crate::usage::Service;

/// A server whose log can be read.
pub(in crate::usage) trait Server: std::fmt::Debug + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// What a message means for one session. `program` is the name under which the process writes, `message` what it says.
    fn hear<'l>(&self, program: &'l [u8], message: &'l [u8]) -> Heard<'l>;

    /// The port that a service's name in the log stands for.
    fn port(&self, service: &str) -> Named;

    /// What the log has in the place of mechanisms.
    fn mechanisms(&self) -> Mechanisms {
        Mechanisms::Named
    }

    /// True for a service where mail is read, by its name.
    fn reads(&self, _service: &str) -> bool {
        false
    }

    /// What the log does not tell of a service, each with the setting that would show it.
    fn lacks(&self, service: &Service) -> Vec<String>;
}

/// What a log has in the place of mechanisms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) enum Mechanisms {
    /// Their own names.
    Named,
    /// Names that the configuration gives.
    Configured,
}

/// A service, as a line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) struct Door<'l> {
    /// Its name.
    pub(in crate::usage) name: &'l [u8],
    /// Its port, where the line tells that.
    pub(in crate::usage) port: Option<u16>,
}

/// Whether a message is of any use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::usage) enum Heard<'l> {
    /// It is another program's.
    NotMine,
    /// It tells nothing about who uses what.
    Nothing,
    /// Something happened in a session of a service.
    Event(Door<'l>, Event<'l>),
    /// The server opened these ports of a service, and says how connections begin there.
    Opened(&'l [u8], Vec<(u16, Entry)>),
}

/// What happened in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) enum Event<'l> {
    /// It began.
    Began,
    /// TLS is established; the version where its name is known.
    Encrypted(Option<TlsVersion>),
    /// TLS could not be established.
    HandshakeFailed,
    /// Somebody tried to log in, and could not.
    LoginFailed,
    /// A message was taken on.
    Message {
        /// The client, as `name[address]`.
        client: &'l [u8],
        /// How its sender had logged in, when they had.
        login: Option<Login<'l>>,
    },
    /// A command was refused.
    Refused,
    /// It is over.
    Ended {
        /// The client, as `name[address]`.
        client: &'l [u8],
        /// Which commands succeeded, where the log tells that.
        commands: Option<Commands>,
    },
    /// A connection was looked at on its way to a service: the port on which it came.
    Screened(u16),
    /// One line tells all of a session, or all but its messages.
    Told(Told<'l>),
    /// A message was taken on in a session that was told.
    Sent(Key),
    /// A session that was told is over.
    Over(Key),
}

/// What the lines of one session have in common, where a server's process does not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::usage) enum Key {
    /// The number of the process that serves it: another session may have it later.
    Process(u32),
    /// A name of its own, as a number.
    Name(u64),
}

/// A session in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) struct Told<'l> {
    /// By which other lines of the session are known; `None` where there are none.
    pub(in crate::usage) key: Option<Key>,
    /// The client, as `name[address]`.
    pub(in crate::usage) client: &'l [u8],
    /// How somebody had logged in, when they had.
    pub(in crate::usage) login: Option<Login<'l>>,
    /// How it was encrypted.
    pub(in crate::usage) channel: Channel,
    /// Messages that were taken on.
    pub(in crate::usage) messages: u32,
    /// Attempts to log in that failed.
    pub(in crate::usage) failed_logins: u32,
}

/// How a session was encrypted, by a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) enum Channel {
    /// Not at all.
    Clear,
    /// By TLS; how it began, and the version, where they are told.
    Tls(Option<Entry>, Option<TlsVersion>),
    /// The line has no sign of TLS, and means clear text where other lines have one.
    Unmarked,
    /// That is not told.
    Untold,
}

/// How somebody logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) struct Login<'l> {
    /// The mechanism of SASL, or what the server calls it.
    pub(in crate::usage) mechanism: Option<&'l [u8]>,
    /// The user's name.
    pub(in crate::usage) user: Option<&'l [u8]>,
}

/// Commands of a session that succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::usage) struct Commands {
    /// STARTTLS did.
    pub(in crate::usage) starttls: bool,
    /// AUTH did.
    pub(in crate::usage) auth: bool,
    /// STARTTLS did not, and neither AUTH nor MAIL did after it: nothing went over the session, in clear or otherwise.
    pub(in crate::usage) fruitless: bool,
}

/// What the name of a service says about its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) enum Named {
    /// It is the name of this port.
    Port(u16),
    /// All services that have no name of their own share it; the port that most of them have, where there is one.
    Shared(Option<u16>),
    /// Nothing.
    Unknown,
}
