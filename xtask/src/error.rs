//! What can go wrong in a command, in words that say what to do.

use std::io;
use std::path::PathBuf;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line was not understood.
    #[error("{0}")]
    Usage(String),
    /// A program could not be started at all.
    #[error("cannot start `{program}`: is it installed, and in PATH?")]
    Start {
        /// The program as it was called.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ran and said no.
    #[error("{step} failed: `{command}` ended with {status}")]
    Failed {
        /// The step's name as printed.
        step: String,
        /// The whole command line, to run it again by hand.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// `read`, `write`, `remove` …
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program's answer was not what it always is.
    #[error("{program} gave an answer that makes no sense: {why}")]
    Answer {
        /// The program asked.
        program: &'static str,
        /// What was expected.
        why: String,
    },
    /// The compiled page could not be given its JavaScript side.
    #[error("wasm-bindgen cannot process the compiled page: {0}")]
    Bindgen(String),
    /// The compiled page could not be taken apart.
    #[error("wasm-split cannot take the compiled page apart: {0}")]
    Split(String),
    /// `index.html` and what is put into it do not fit.
    #[error("index.html: {0}")]
    Shell(String),
    /// The page grew over its budget.
    #[error(
        "the page is too large: {what} has {measured} bytes, and {allowed} are allowed \
         (xtask/src/budget.rs); find out what grew before allowing more"
    )]
    Budget {
        /// What was measured.
        what: &'static str,
        /// Its bytes.
        measured: usize,
        /// The committed limit.
        allowed: usize,
    },
    /// The command does more work than its budget allows.
    #[error(
        "the command does more than its budget allows:\n{list}\n\
         find out what grew before allowing more in {file}; `callgrind_annotate --inclusive=yes` reads the files in target/bench"
    )]
    Instructions {
        /// One line a case.
        list: String,
        /// Where the budget stands.
        file: &'static str,
    },
    /// A long run showed something that should not be.
    #[error("it is not as it should be:\n  {list}")]
    Soak {
        /// What is wrong, one a line.
        list: String,
    },
    /// Programs the lab needs are not there.
    #[error("the lab needs what this machine does not have:\n{list}\n\n{remedy}")]
    Missing {
        /// One line a missing thing.
        list: String,
        /// The command that installs them all.
        remedy: String,
    },
    /// Programs that ran beside each other, of which some said no.
    #[error("these failed; what each said stands above, after its name:\n  {list}")]
    Together {
        /// One line a program.
        list: String,
    },
    /// The wasm target is missing and cannot be added.
    #[error(
        "this Rust has no {target}, and there is no rustup to add it: install the standard library \
         for that target with whatever installed Rust (Debian: apt-get install libstd-rust-dev-wasm32)"
    )]
    NoTarget {
        /// The target's triple.
        target: String,
    },
    /// What npm brings cannot run.
    #[error(
        "what makes the page smaller, and looks at it in the tests, needs `{program}`, which is not in PATH (Debian: apt-get install nodejs npm)"
    )]
    NoNode {
        /// `node` or `npm`.
        program: &'static str,
    },
    /// The port could not be had, or the connection broke.
    #[error("cannot serve on {address}")]
    Serve {
        /// Address and port asked for.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: a file error with what was being done to which file.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
