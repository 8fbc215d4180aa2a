//! Wishes, and how they are written down.
//!
//! A rule says what should be different, in the vocabulary of facts; the dialect alone knows how to write it.

use serde::Serialize;

use crate::facts::{SuiteKind, TlsVersion};
use crate::source::Span;

/// A wish about one listener, or about the whole server when the advice is asked for without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Refuse mail that does not come over TLS.
    RequireTls,
    /// Offer TLS, and take mail without it as well.
    OfferTls,
    /// Announce STARTTLS again, which is set up and kept out of the answer to EHLO.
    AnnounceStarttls {
        /// What else is kept out of it, and shall be.
        others: Vec<String>,
    },
    /// Open a port for users: 465 or 587.
    OpenForUsers {
        /// The port.
        port: u16,
    },
    /// Hand no mail over without TLS.
    SendOverTls {
        /// Whether TLS has to begin with the first byte; `None` where that is right as it is.
        implicit: Option<bool>,
        /// The client, by the name that its server gives it.
        service: String,
        /// Its own options decide, and not those of the whole server.
        own: bool,
    },
    /// Ask clients for no certificate.
    AskNoCertificate,
    /// Begin with TLS at the first byte.
    ImplicitTls,
    /// Begin in clear and offer STARTTLS.
    EndImplicitTls,
    /// Offer AUTH only inside TLS.
    HideAuthInClear,
    /// Offer TLS, and AUTH only inside it.
    EncryptAuth,
    /// Offer AUTH.
    OfferAuth,
    /// Offer mechanisms that show the password, but inside TLS alone.
    PlaintextInTls,
    /// Take no login without a name.
    RefuseAnonymous,
    /// Offer no AUTH at all.
    EndAuth,
    /// Let users log in, and take mail from nobody else.
    UsersOnly,
    /// Refuse to relay for strangers, in the list made for that.
    GuardRelay,
    /// Take mail only from clients that have logged in.
    RequireAuth,
    /// Refuse no session before the recipient is named.
    RefuseAtRecipient,
    /// Give each of these names its value, which may be empty.
    Define(Vec<(String, String)>),
    /// Offer no version older than this one.
    OldestTls(TlsVersion),
    /// The same at this listener, and at no other.
    OldestTlsHere(TlsVersion),
    /// Offer no suites of these kinds.
    RefuseSuites(Vec<SuiteKind>),
    /// Take lists of cipher suites back that leave nothing.
    UsualSuites,
    /// Keep the release out of the greeting.
    HideRelease,
    /// Answer no VRFY.
    EndVrfy,
    /// Take nothing but the standard line ends for the end of a message.
    StandardMessageEnd,
    /// Refuse clients that do not wait for their turn.
    StopEarlyTalk,
    /// Log one line for each session under TLS.
    LogTls,
    /// Give the listener a name of its own in the log.
    NameInLog,
    /// Let users pass a list of checks that is made for other servers.
    LetUsersPass {
        /// The list.
        list: String,
    },
    /// Trust these networks and no others.
    TrustOnly(Vec<String>),
    /// Believe nobody who names another client in place of himself.
    BelieveNoClient,
    /// Relay to no domain but the server's own.
    RelayToNoDomain,
    /// Use a certificate that clients can check.
    TrustedCertificate,
    /// Take a setting out.
    Remove {
        /// Its name.
        setting: String,
    },
    /// Take one line out, and leave others of the same setting.
    RemoveLine {
        /// The setting.
        setting: String,
        /// Where it stands.
        line: Span,
    },
    /// Give a setting its real name.
    Rename {
        /// Where the line stands.
        line: Span,
        /// The real name.
        to: &'static str,
        /// Another value, where the name alone does not say the same.
        value: Option<String>,
    },
    /// Take a whole service out.
    RemoveService {
        /// Where its columns stand.
        entry: Span,
    },
    /// Put a text where another stands that the server cannot read.
    Put {
        /// What goes.
        place: Span,
        /// What is done, in a few words.
        title: String,
        /// What was meant.
        text: String,
    },
    /// Put words of a value in the place of others.
    Spell {
        /// Where the value stands.
        line: Span,
        /// The words as they stand there, each with what was meant; that is empty for a word that goes.
        words: Vec<(String, String)>,
    },
    /// Put off, for a while, the mail of users who have logged in.
    BrownOut {
        /// What their programs are told, in one line of plain letters and signs.
        text: String,
    },
    /// Serve nobody there any more, and keep the lines as comments.
    CloseListener,
    /// Put one setting in the place of others.
    Replace {
        /// The names that go.
        settings: Vec<String>,
        /// The name that comes.
        with: String,
        /// Its value.
        value: String,
    },
}

impl Change {
    /// The line that it is about, for a change of what stands in the text already.
    #[must_use]
    pub fn line(&self) -> Option<Span> {
        match self {
            Change::RemoveLine { line, .. } | Change::Rename { line, .. } | Change::Spell { line, .. } => Some(*line),
            Change::RemoveService { entry } => Some(*entry),
            Change::Put { place, .. } => Some(*place),
            _ => None,
        }
    }
}

/// What to write, ready to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Advice {
    /// What it does, in a few words.
    pub title: String,
    /// The file the text belongs in, or `shell` for commands.
    pub file: String,
    /// The lines.
    pub text: String,
}
