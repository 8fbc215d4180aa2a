//! Dovecot as the lab starts it: at an address of its own, with ports that need no other to be free.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;

use super::{mode, self_signed};
use crate::doveconf;
use crate::program::DOVECOT;

/// A client that comes from the server's own address needs no TLS: nobody comes from this one.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 2);

/// The line that has it listen there.
pub const LISTEN: &str = "listen = 127.0.9.2\n";

/// Its doors, each with the port that it has here, and the section that gives it.
pub const DOORS: [(&str, u16, &str); 3] = [
    ("imap", 21_143, "imap-login"),
    ("imaps", 21_993, "imap-login"),
    ("submission", 21_587, "submission-login"),
];

/// A started server, stopped when this goes.
#[derive(Debug)]
pub struct Running<'a> {
    folder: &'a Path,
}

impl Running<'_> {
    /// Starts with `dovecot.conf` of the folder; `None` where it stops at what it reads.
    ///
    /// # Panics
    /// When Dovecot is not there.
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
    #[allow(clippy::print_stdout, reason = "what stays behind is told in the test's report")]
    fn drop(&mut self) {
        if let Ok(mut command) = DOVECOT.command() {
            let stopped = command
                .arg("-c")
                .arg(self.folder.join("dovecot.conf"))
                .arg("stop")
                .stdin(Stdio::null())
                .status();
            if !stopped.is_ok_and(|status| status.success()) {
                println!("dovecot in {} may still run", self.folder.display());
            }
        }
    }
}

/// The configuration: the lines that name a certificate, what the lab's server needs, and the rest, in the language of 2.4 where it
/// `is_new`. The folder stands in place of `/t/`.
#[must_use]
pub fn written(folder: &Path, certificate: &str, text: &str, is_new: bool) -> String {
    let at = folder.display();
    let users = match is_new {
        true => format!("passdb passwd-file {{\n  passwd_file_path = {at}/passwd\n}}\n"),
        false => format!("state_dir = {at}/run\npassdb {{\n  driver = passwd-file\n  args = {at}/passwd\n}}\n"),
    };
    let doors = DOORS.map(|(name, port, service)| {
        format!("service {service} {{\n  inet_listener {name} {{\n    port = {port}\n  }}\n}}\n")
    });
    let own = format!(
        "base_dir = {at}/run\nlog_path = {at}/log\n{LISTEN}protocols = imap submission\nhostname = mail.example.test\n{users}{}",
        doors.concat()
    );
    let placed = |text: &str| text.replace("/t/", &format!("{at}/"));
    placed(certificate) + &own + &placed(text)
}

/// The release that is here, in three numbers: 2.3.19 of 2.3.19.1.
///
/// # Panics
/// When Dovecot is not there.
#[must_use]
pub fn release() -> String {
    let release = doveconf::release().unwrap_or_else(|error| panic!("{error}"));
    release.split(['.', '-']).take(3).collect::<Vec<_>>().join(".")
}

/// A folder with a certificate that Dovecot's programs can read, and a user.
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
    fs::write(path("passwd"), "alice:{PLAIN}secret::::::\n").expect("a user can be written");
    folder
}
