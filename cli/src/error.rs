//! What can go wrong before anything is judged: said with what happened, where, and what to do next.

use std::io::Write;
use std::path::PathBuf;

use smtplint_core::version::TargetError;
use thiserror::Error;

/// Why there is no result.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("`{}` leads out of {}, through a link; nothing outside is read", path.display(), root.display())]
    LeavesRoot { path: PathBuf, root: PathBuf },
    #[error("`{name}` is larger than {limit} MB; a mail server's configuration is not: is it the right file?")]
    TooLarge { name: String, limit: u64 },
    #[error("`{name}` is not text: it holds a zero byte in line {line}")]
    Binary { name: String, line: usize },
    #[error(
        "`{name}` is not UTF-8: see line {line}. To read a file of an older encoding: iconv -f latin1 -t utf-8 {name}"
    )]
    NotUtf8 { name: String, line: usize },
    #[error(
        "nothing in the input is a configuration that smtplint reads; it reads Postfix: main.cf, master.cf, and what postconf prints"
    )]
    NotRecognised,
    #[error("`{name}` is empty")]
    Empty { name: String },
    #[error("no configuration found in {}; name a file or a folder: smtplint check /path/to/main.cf /path/to/master.cf", looked_in.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "))]
    NothingFound { looked_in: Vec<PathBuf> },
    #[error("{program} did not run: {reason}; --no-exec reads the files without it")]
    Program { program: String, reason: String },
    #[error("--target: {0}")]
    Target(#[from] TargetError),
    #[error("--dialect: `{name}` is not known; known are: {known}")]
    Dialect { name: String, known: String },
    #[error(
        "--role: `{text}` is not of the form PORT=ROLE with mx, submission, internal or unknown, for example 25=mx"
    )]
    Role { text: String },
    #[error("--interface: `{text}` is not of the form ADDRESS/PREFIX, for example 192.0.2.7/24")]
    Interface { text: String },
    #[error("--fail-on: `{text}` is none of critical, high, medium, low, info")]
    Severity { text: String },
    #[error("there is no rule `{id}`{}; `smtplint rules` lists them", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Rule { id: String, nearest: Option<String> },
    #[error("the result cannot be written: {0}")]
    Output(#[from] std::io::Error),
    #[error("the result cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// The exit code of the interface: 3 when there was nothing to judge, else 2.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Error::NothingFound { .. } | Error::NotRecognised | Error::Empty { .. } => 3,
            _ => 2,
        }
    }
}

/// Says it on standard error.
pub(crate) fn report(error: &Error) {
    if let Error::Output(source) = error
        && source.kind() == std::io::ErrorKind::BrokenPipe
    {
        // Whoever read has seen enough.
        return;
    }
    // Standard error is the last resort: when it is gone too, nobody is left to tell.
    let _ = writeln!(anstream::stderr(), "smtplint: {error}");
}
