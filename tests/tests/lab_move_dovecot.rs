//! The move of Dovecot's users, lived through: from 587 to 465, back again, and to both.

#![allow(clippy::print_stdout, reason = "what was tried is the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;

use smtplint_core::Options;
use smtplint_tests::lab::dovecot::{Running, folder, release};
use smtplint_tests::lab::moves::Moved;
use smtplint_tests::program::DOVECOT;

const NAME: &str = "dovecot.conf";

/// A server that users reach by 587 alone; one that only the machine itself reaches would have no users. The server behind it is not
/// asked before anybody sends.
fn configuration(folder: &Path, is_new: bool) -> String {
    let at = folder.display();
    let own = match is_new {
        true => format!(
            "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\nssl_server_cert_file = {at}/cert.pem\n\
             ssl_server_key_file = {at}/key.pem\nmail_driver = maildir\nmail_path = {at}/mail\npassdb passwd-file {{\n  \
             passwd_file_path = {at}/passwd\n}}\nuserdb static {{\n  fields {{\n    uid = dovecot\n    gid = dovecot\n    home = {at}/mail\n  }}\n}}\n"
        ),
        false => format!(
            "state_dir = {at}/run\nssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\nmail_location = maildir:{at}/mail\npassdb {{\n  \
             driver = passwd-file\n  args = {at}/passwd\n}}\nuserdb {{\n  driver = static\n  args = uid=dovecot gid=dovecot home={at}/mail\n}}\n"
        ),
    };
    // Port 465 is among what 2.4 opens by itself.
    let closed = match is_new {
        true => "  inet_listener submissions {\n    port = 0\n  }\n",
        false => "",
    };
    format!(
        "{own}base_dir = {at}/run\nlog_path = {at}/log\nlisten = *\nprotocols = imap submission\nhostname = mail.example.test\n\
         auth_mechanisms = plain login\nssl = required\nfirst_valid_uid = 1\nsubmission_relay_host = 127.0.0.1\n\
         service imap-login {{\n  inet_listener imap {{\n    port = 22143\n  }}\n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         # What users have.\nservice submission-login {{\n  inet_listener submission {{\n    port = 587\n  }}\n{closed}}}\n"
    )
}

#[test]
fn users_move_from_port_to_port() {
    let release = release();
    let folder = folder();
    let path = folder.path();
    fs::write(path.join(NAME), configuration(path, release.starts_with("2.4"))).expect("it can be written");
    let mut options = Options::default();
    options.target.add(&format!("dovecot={release}")).expect("a target");
    let _running = Running::start(path).expect("Dovecot starts");
    let reload = || {
        let mut command = DOVECOT.command().unwrap_or_else(|error| panic!("{error}"));
        let reloaded = command.arg("-c").arg(path.join(NAME)).arg("reload");
        let status = reloaded.stdin(Stdio::null()).stdout(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "it reads");
    };
    let moved = Moved {
        folder: path,
        name: NAME,
        server: Ipv4Addr::LOCALHOST,
        log: path.join("log"),
        options,
        reload: &reload,
    };
    moved.goes_everywhere();
    let log = fs::read_to_string(path.join("log")).expect("there is a log");
    assert!(log.contains("lport=465") && log.contains("lport=587"), "{log}");
    println!("Dovecot {release}: moved");
}
