//! What can go wrong before anything is judged: said with what happened, where, and what to do next.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use smtplint_core::clients::{ClientsError, FormError, NameError};
use smtplint_core::version::TargetError;
use thiserror::Error;

use crate::input::STDIN;

/// Why there is no result.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("{}", unreadable(path, source))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is not below `{}`, or leads out of it through a link; nothing outside is read", path.display(), root.display())]
    LeavesRoot { path: PathBuf, root: PathBuf },
    #[error(
        "{} is larger than {limit} MB, and no mail server's configuration is: is it the right file?",
        called(name)
    )]
    TooLarge { name: String, limit: u64 },
    #[error("{} is no text: line {line} holds a zero byte", called(name))]
    Binary { name: String, line: usize },
    #[error("{} is UTF-16, and Postfix cannot read that", called(name))]
    Utf16 { name: String },
    #[error("{} is not UTF-8: line {line} holds other bytes", called(name))]
    NotUtf8 { name: String, line: usize },
    #[error("nothing in the input looks like a configuration that smtplint reads")]
    NotRecognised,
    #[error("{} is empty", called(name))]
    Empty { name: String },
    #[error(
        "no configuration found; these places hold no main.cf, master.cf, dovecot.conf or exim.conf:{}",
        listed(looked_in)
    )]
    NothingFound {
        looked_in: Vec<PathBuf>,
        /// Files there that are a mail server's by their content.
        alike: Vec<PathBuf>,
    },
    #[error("--target: {0}")]
    Target(#[from] TargetError),
    #[error("--dialect: `{name}` is not known; known are: {known}")]
    Dialect { name: String, known: String },
    #[error("--role: `{text}` is not PORT=ROLE with mx, submission, internal or unknown; write for example 25=mx")]
    Role { text: String },
    #[error("--interface: `{text}` is not ADDRESS/PREFIX; write for example 192.0.2.7/24")]
    Interface { text: String },
    #[error("`{}`{}: {what}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Config {
        path: PathBuf,
        line: Option<usize>,
        what: String,
    },
    #[error("`{one}` and `{other}` are of two servers, and one is judged at a time")]
    TwoServers { one: String, other: String },
    #[error("`{id}` is a rule; a path goes with a line of a log or a client's message only")]
    RuleWithPath { id: String },
    #[error("both `{}` and `{}` are there", one.display(), other.display())]
    TwoConfigs { one: PathBuf, other: PathBuf },
    #[error("`{}` is no baseline of smtplint: {what}", path.display())]
    Baseline { path: PathBuf, what: String },
    #[error("`{}` is not what `smtplint usage --format json` prints: {what}", path.display())]
    Evidence { path: PathBuf, what: String },
    #[error(
        "--dns-only asks name servers alone, and --probe connects to the hosts that they name: leave one of them out"
    )]
    NothingToProbe,
    #[error("of a list each result is a line of JSON: leave out --format text, or name the domains themselves")]
    ListAsText,
    #[error("--redact does not go with a patch, which has to show the files as they are")]
    NoRedaction,
    #[error("--{flag} is about users and their ports, and --to dovecot-2.4 moves none of them")]
    NotOfUpgrade { flag: &'static str },
    #[error("nothing to carry to Dovecot 2.4: {why}")]
    NoUpgrade { why: String },
    #[error("there is no baseline `{}` yet", path.display())]
    NoBaseline { path: PathBuf },
    #[error("`{}` has changed since it was read; nothing more was written", path.display())]
    Changed { path: PathBuf },
    #[error("`{name}` is part of a paste, and there is no file to write to")]
    NoFile { name: String },
    #[error("`{}` cannot be written: {}", path.display(), plain(source))]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("--fail-on: `{text}` is none of critical, high, medium, low, info")]
    Severity { text: String },
    #[error("there is no rule `{id}`{}", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Rule { id: String, nearest: Option<String> },
    #[error("{verdict}\n\n    {string}\n    {mark}{}", nearest.as_ref().map(|near| format!(" did you mean `{near}`?")).unwrap_or_default())]
    CipherString {
        verdict: String,
        string: String,
        mark: String,
        nearest: Option<String>,
    },
    #[error(
        "--library: nothing is known about `{text}`; known are openssl=1.1.1, openssl=3.0, openssl=3.5, gnutls=3.7 and gnutls=3.8"
    )]
    Library { text: String },
    #[error("--{flag}: {source}")]
    Name { flag: &'static str, source: NameError },
    #[error(transparent)]
    Clients(#[from] ClientsError),
    #[error(transparent)]
    Form(#[from] FormError),
    #[error("nothing in the input looks like a line of a log")]
    NoLog,
    #[error("there is no mail log in `{}`", folder.display())]
    NoLogHere { folder: PathBuf },
    #[error("`{}` is a folder, and logs are named one by one", path.display())]
    LogFolder { path: PathBuf },
    #[error("{} is compressed with {form}, which smtplint does not read", called(name))]
    Compressed {
        name: String,
        form: &'static str,
        program: &'static str,
    },
    #[error("--service: `{text}` is not NAME=PORT; write for example postfix/submission=587")]
    Service { text: String },
    #[error("`{text}` is not HOST or HOST:PORT; write for example mail.example.org:587, or [2001:db8::1]:465")]
    Endpoint { text: String },
    #[error("--{flag}: `{text}` is not an address; write for example nobody@example.net")]
    Recipient { flag: &'static str, text: String },
    #[error("--role: `{text}` is none of mx, submission, internal, unknown")]
    PortRole { text: String },
    #[error("in the configuration, none or several listeners are meant by {asked}; there are: {known}")]
    NoListener { asked: String, known: String },
    #[error("{why}")]
    Look { why: String },
    #[error("{why}; write for example example.org")]
    Domain { why: String },
    #[error("--server: `{text}` is not ADDRESS or ADDRESS:PORT; write for example 192.0.2.53, or [2001:db8::53]:5353")]
    NameServer { text: String },
    #[error("this line is not known: `{line}`")]
    Line { line: String },
    #[error("the result cannot be written: {}", plain(.0))]
    Output(#[from] io::Error),
    #[error("the result cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// The exit code of the interface: 3 when there was nothing to judge, else 2.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Error::NothingFound { .. } | Error::NotRecognised | Error::Empty { .. } => 3,
            Error::NoLog | Error::NoLogHere { .. } | Error::NoUpgrade { .. } => 3,
            _ => 2,
        }
    }

    /// What to do next, where that is not plain from the sentence.
    fn next(&self) -> Option<String> {
        Some(match self {
            Error::Unreadable { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                "run smtplint as a user who may read it, such as root".to_owned()
            }
            Error::Unwritable { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
                "name another folder, or take away what stands there".to_owned()
            }
            Error::NotUtf8 { name, .. } => format!("if it is Latin 1: {}", converted("latin1", name)),
            Error::Utf16 { name } => format!("to convert it: {}", converted("utf-16", name)),
            Error::NotRecognised => {
                "it reads Postfix (main.cf and master.cf, or what `postconf -n` and `postconf -M` print), Dovecot (dovecot.conf and \
                 what it includes, or what `doveconf -n` prints) and Exim (exim.conf, what is in /etc/exim4, or what `exim -bP config` prints)"
                    .to_owned()
            }
            Error::Empty { .. } => "to hand in a print-out: postconf -n | smtplint check -".to_owned(),
            Error::NothingFound { alike, .. } if !alike.is_empty() => {
                let names: Vec<String> = alike.iter().map(|file| file.display().to_string()).collect();
                format!(
                    "these are a mail server's by their content; name those that belong together: {}",
                    names.join(" ")
                )
            }
            Error::NothingFound { .. } => {
                "name the files, or the folder that holds them: smtplint check main.cf master.cf, or smtplint check dovecot.conf".to_owned()
            }
            Error::NoLog => {
                "it reads mail logs of syslog, with lines of Postfix, Exim or Dovecot in them, and what `journalctl -o export` prints".to_owned()
            }
            Error::NoLogHere { .. } => {
                "if the journal has it: journalctl -o export -u 'postfix*' -u 'exim*' -u dovecot | smtplint usage -".to_owned()
            }
            Error::Compressed { name, program, .. } => {
                let name = if name == STDIN { "FILE" } else { name };
                format!("to hand it in: {program} {name} | smtplint usage -")
            }
            Error::Line { .. } => {
                "known are common messages about TLS, AUTH and relaying; the lines before it in the log may be among them"
                    .to_owned()
            }
            Error::Clients(ClientsError::NoHost { .. }) => {
                "say it, as users will enter it: --host-name mail.example.org".to_owned()
            }
            Error::Clients(ClientsError::NoPort { .. }) => {
                "what each port does, and why: smtplint inspect; what to change: smtplint check".to_owned()
            }
            Error::Form(FormError::NoIncoming { .. }) => "say it: --imap HOST, or --imap HOST:PORT".to_owned(),
            Error::NoListener { .. } => "say which it is, by its name: --listener NAME".to_owned(),
            Error::Rule { .. } => "all rules: smtplint rules".to_owned(),
            Error::TwoServers { one, other } => {
                let folder = |path: &str| match Path::new(path).parent() {
                    Some(folder) if !folder.as_os_str().is_empty() => folder.display().to_string(),
                    _ => ".".to_owned(),
                };
                format!(
                    "check one after the other: smtplint check {}; smtplint check {}",
                    folder(one),
                    folder(other)
                )
            }
            Error::RuleWithPath { .. } => "to see what is found in a configuration: smtplint check PATH".to_owned(),
            Error::TwoConfigs { .. } => "say which of them counts: --config FILE".to_owned(),
            Error::Config { what, .. } if what.contains("missing field") => {
                "write for example:\n    [[ignore]]\n    rule = \"tls10-enabled\"\n    reason = \"printers of 2009\"\n    until = \"2027-01-31\"".to_owned()
            }
            Error::NoBaseline { .. } | Error::Baseline { .. } => "to make it: add --update-baseline".to_owned(),
            _ => return None,
        })
    }
}

/// Why a file was not read, in words that need no manual.
fn unreadable(path: &Path, source: &io::Error) -> String {
    let shown = path.display();
    match source.kind() {
        ErrorKind::NotFound if path.is_symlink() => {
            format!("`{shown}` is a link, and what it leads to is not there")
        }
        ErrorKind::NotFound => format!("there is no `{shown}`"),
        ErrorKind::PermissionDenied => format!("`{shown}` may not be read by this user"),
        ErrorKind::NotADirectory => format!("there is no `{shown}`: a part of the path before it is a file"),
        // The library has no name for it yet; ELOOP is 40 on Linux and 62 on BSD and macOS.
        _ if matches!(source.raw_os_error(), Some(40 | 62)) => {
            format!("`{shown}` cannot be read: its links lead in a circle")
        }
        _ => format!("`{shown}` cannot be read: {}", plain(source)),
    }
}

/// What people call an input.
fn called(name: &str) -> String {
    if name == STDIN {
        "standard input".to_owned()
    } else {
        format!("`{name}`")
    }
}

/// The command that hands an input in as UTF-8.
fn converted(from: &str, name: &str) -> String {
    let name = if name == STDIN { "FILE" } else { name };
    format!("iconv -f {from} -t utf-8 {name} | smtplint check -")
}

/// What the system says, without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text.get(..at).unwrap_or(&text).to_owned(),
        None => text,
    }
}

fn listed(paths: &[PathBuf]) -> String {
    let mut text = String::new();
    for path in paths {
        let _ = write!(text, "\n    {}", path.display());
    }
    text
}

/// Says it on standard error.
pub(crate) fn report(error: &Error) {
    if let Error::Output(source) = error
        && source.kind() == ErrorKind::BrokenPipe
    {
        // Whoever read has seen enough.
        return;
    }
    let next = error.next().map(|next| format!("\n  {next}")).unwrap_or_default();
    // Standard error is the last resort: when it is gone too, nobody is left to tell.
    let _ = writeln!(anstream::stderr(), "smtplint: {error}{next}");
}
