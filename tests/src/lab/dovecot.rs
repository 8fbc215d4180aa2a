//! Dovecot as the lab starts it, with a folder of its own.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a lab whose server cannot be started fails as tests do"
)]
#![allow(
    clippy::print_stderr,
    reason = "a server that still runs is told, and hides nothing else"
)]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::{mode, self_signed};
use crate::program::DOVECOT;

const LIMIT: Duration = Duration::from_secs(20);

/// A started server, stopped when this goes.
#[derive(Debug)]
pub struct Running<'a> {
    folder: &'a Path,
}

impl Running<'_> {
    /// Starts it with the `dovecot.conf` of a folder; `None` where it stops at what it reads.
    ///
    /// # Panics
    /// When there is no Dovecot.
    #[must_use]
    pub fn start(folder: &Path) -> Option<Running<'_>> {
        // A daemon keeps what it inherits open: nothing is read from it.
        let mut command = DOVECOT.command().unwrap_or_else(|error| panic!("{error}"));
        let status = command
            .arg("-c")
            .arg(folder.join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("dovecot can be started");
        status.success().then_some(Running { folder })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Ok(mut command) = DOVECOT.command() {
            let stopped = command
                .arg("-c")
                .arg(self.folder.join("dovecot.conf"))
                .arg("stop")
                .stdin(Stdio::null())
                .status();
            if !stopped.is_ok_and(|status| status.success()) {
                eprintln!("dovecot in {} may still run", self.folder.display());
            }
        }
    }
}

/// The release that is here: 2.3.19 of `2.3.19.1 (9b53102964)`.
///
/// # Panics
/// When there is no Dovecot.
#[must_use]
pub fn release() -> String {
    let mut command = DOVECOT.command().unwrap_or_else(|error| panic!("{error}"));
    command.arg("--version");
    let ran = DOVECOT
        .run(&mut command, b"", LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let number = ran.stdout.split([' ', '-', '\n']).next().unwrap_or_default().to_owned();
    number.split('.').take(3).collect::<Vec<_>>().join(".")
}

/// A folder with a certificate that Dovecot's programs can read.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    mode(folder.path(), 0o755).unwrap_or_else(|error| panic!("{error}"));
    let path = |name| folder.path().join(name);
    self_signed(&path("key.pem"), &path("cert.pem"), &["-newkey", "rsa:2048"])
        .unwrap_or_else(|error| panic!("{error}"));
    folder
}
