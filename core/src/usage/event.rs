//! What a server's log tells about its sessions, whichever server it is.

use crate::facts::TlsVersion;

/// A server whose log can be read.
pub(in crate::usage) trait Server: std::fmt::Debug + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// What a message means for one session. `program` is the name under which the process writes, `message` what it says.
    fn hear<'l>(&self, program: &'l [u8], message: &'l [u8]) -> Heard<'l>;

    /// The port that a service's name in the log stands for.
    fn port(&self, service: &str) -> Named;
}

/// Whether a message is of any use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) enum Heard<'l> {
    /// It is another program's.
    NotMine,
    /// It tells nothing about who uses what.
    Nothing,
    /// Something happened in a session of a service, which is named as in the log.
    Event(&'l [u8], Event<'l>),
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
}

/// How somebody logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usage) struct Login<'l> {
    /// The mechanism of SASL.
    pub(in crate::usage) mechanism: &'l [u8],
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
    /// All services that have no name of their own share it.
    Shared,
    /// Nothing.
    Unknown,
}
