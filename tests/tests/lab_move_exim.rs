//! The move of Exim's users, lived through: from 587 to 465, back again, and to both.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::cell::RefCell;
use std::fs;

use smtplint_core::Options;
use smtplint_tests::lab::exim::{SERVER, USERS, folder, release, start, written};
use smtplint_tests::lab::moves::Moved;

const NAME: &str = "exim.conf";

/// A server that users reach by 587 alone.
const CONFIGURATION: &str = "primary_hostname = mail.example.test
keep_environment =
# What users have.
daemon_smtp_ports = 587
tls_advertise_hosts = *
tls_certificate = /t/cert.pem
tls_privatekey = /t/key.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = recipients

begin acl

recipients:
  deny
    message = 530 5.7.0 Authentication required
    !authenticated = *
  accept
";

#[test]
fn users_move_from_port_to_port() {
    let folder = folder();
    let path = folder.path();
    // One that only the machine itself reaches would have no users.
    let own = format!("local_interfaces = {SERVER}");
    let text = written(path, &format!("{CONFIGURATION}{USERS}")).replace(&own, "local_interfaces = 0.0.0.0");
    fs::write(path.join(NAME), text).expect("it can be written");
    let mut options = Options::default();
    for target in release() {
        options.target.add(&target).expect("a target");
    }
    let running = RefCell::new(start(path));
    // As `systemctl restart`: told to begin itself anew, a daemon with a file that its build does not name gives up its rights.
    let reload = || {
        drop(running.take());
        fs::remove_file(path.join("pid")).expect("it had begun");
        let again = start(path);
        assert!(again.is_some(), "Exim starts");
        running.replace(again);
    };
    let moved = Moved {
        folder: path,
        name: NAME,
        server: SERVER,
        log: path.join("log/mainlog"),
        options,
        reload: &reload,
    };
    moved.goes_everywhere();
    let log = fs::read_to_string(path.join("log/mainlog")).expect("there is a log");
    for port in [465, 587] {
        assert!(log.contains(&format!("I=[{SERVER}]:{port}")), "{log}");
    }
}
