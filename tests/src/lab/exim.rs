//! Exim as the lab starts it: in the foreground, at an address of its own, with a folder for all that it writes.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{mode, self_signed};
use crate::program::EXIM;

/// An address of its own, so that the ports can be the real ones.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 1);

/// The last part of a configuration: `alice` logs in by PLAIN with the password `secret`, and mail goes nowhere.
pub const USERS: &str = "begin authenticators
plain_server:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{alice}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
";

/// A started server, ended when this goes.
#[derive(Debug)]
pub struct Running(Child);

impl Drop for Running {
    #[allow(clippy::print_stdout, reason = "what stays behind is told in the test's report")]
    fn drop(&mut self) {
        if self.0.kill().and_then(|()| self.0.wait().map(drop)).is_err() {
            println!("exim with the process id {} may still run", self.0.id());
        }
    }
}

/// A folder that Exim's own account can read, with a certificate.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new()
        .prefix("smtplint-exim-")
        .tempdir()
        .expect("a folder for the server");
    let path = folder.path();
    mode(path, 0o755).expect("a readable folder");
    self_signed(&path.join("key.pem"), &path.join("cert.pem"), &[]).expect("a certificate");
    for file in ["key.pem", "cert.pem"] {
        mode(&path.join(file), 0o644).expect("a readable certificate");
    }
    for own in ["spool", "log"] {
        fs::create_dir(path.join(own)).expect("a folder of its own");
        mode(&path.join(own), 0o777).expect("a writable folder");
    }
    folder
}

/// The configuration behind what the lab's server needs beside it. The folder stands in place of `/t/`.
#[must_use]
pub fn written(folder: &Path, text: &str) -> String {
    let at = folder.display();
    let own = format!(
        "spool_directory = {at}/spool\nlog_file_path = {at}/log/%slog\npid_file_path = {at}/pid\nlocal_interfaces = {SERVER}\n\
         rfc1413_hosts =\ndns_retrans = 1s\ndns_retry = 0\nqueue_only\nexim_user = Debian-exim\n"
    );
    own + &text.replace("/t/", &format!("{at}/"))
}

/// Starts with `exim.conf` of the folder; `None` where it does not start.
///
/// # Panics
/// When Exim is not there.
#[must_use]
pub fn start(folder: &Path) -> Option<Running> {
    let mut command = EXIM.command().unwrap_or_else(|error| panic!("{error}"));
    let log = File::create(folder.join("said")).expect("a file for what it says");
    command.arg("-C").arg(folder.join("exim.conf")).arg("-bdf");
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log);
    let mut running = Running(command.spawn().expect("exim can be started"));
    let until = Instant::now() + Duration::from_secs(10);
    while !folder.join("pid").is_file() {
        if running.0.try_wait().is_ok_and(|ended| ended.is_some()) || Instant::now() > until {
            return None;
        }
        sleep(Duration::from_millis(30));
    }
    Some(running)
}

/// What is here, as targets: the release of Exim, and that of the GnuTLS it was built with.
///
/// # Panics
/// When Exim does not tell.
#[must_use]
pub fn release() -> [String; 2] {
    let mut command = EXIM.command().unwrap_or_else(|error| panic!("{error}"));
    command.args(["-d", "-bV"]);
    let said = EXIM
        .run(&mut command, b"", Duration::from_secs(20))
        .unwrap_or_else(|error| panic!("{error}"));
    let said = format!("{}\n{}", said.stdout, said.stderr);
    let after = |start: &str| {
        let rest = said
            .split_once(start)
            .and_then(|(_, rest)| rest.split_whitespace().next());
        rest.unwrap_or_else(|| panic!("no `{start}` in:\n{said}")).to_owned()
    };
    let library = after("GnuTLS: Compile: ");
    let library: Vec<&str> = library.split('.').take(2).collect();
    [
        format!("exim={}", after("Exim version ")),
        format!("gnutls={}", library.join(".")),
    ]
}
