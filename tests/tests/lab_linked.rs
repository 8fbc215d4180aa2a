//! Postfix that asks Dovecot whether a password is right: each pair of the table is started, and a stranger looks which mechanisms
//! it is told in clear and under TLS.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use smtplint_tests::lab::{mode, self_signed};
use smtplint_tests::linked::{FOLDER, PAIRS, Pair};
use smtplint_tests::program::{DOVECOT, OPENSSL, POSTFIX, Program};

const LIMIT: Duration = Duration::from_secs(20);

/// Where Postfix listens here.
const PORT: u16 = 30_587;

/// Runs a program that leaves a daemon behind; true when it says that all is well. A daemon keeps what it inherits open: nothing
/// is read from it.
fn start(program: Program, arguments: &[&str]) -> bool {
    let mut command = program.command().unwrap_or_else(|error| panic!("{error}"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().expect("it can be started").success()
}

fn write(at: &Path, pair: &Pair) {
    let here = at.display().to_string();
    for folder in ["etc", "spool", "data", "run"] {
        fs::create_dir_all(at.join(folder)).expect("a folder");
    }
    let put = |path: &str, text: String| fs::write(at.join(path), text.replace(FOLDER, &here)).expect("a file");
    let (path, more) = (pair.path, pair.postfix);
    put(
        "etc/main.cf",
        format!(
            "compatibility_level = 3.6\nqueue_directory = /D/spool\ndata_directory = /D/data\ncommand_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\nsetgid_group = postdrop\nmaillog_file = /D/log\nmaillog_file_prefixes = /\nmyhostname = mail.example.test\nmynetworks = 127.0.0.9/32\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nalias_maps =\nalias_database =\nsmtpd_tls_cert_file = /D/etc/cert.pem\nsmtpd_tls_key_file = /D/etc/key.pem\nsmtpd_tls_security_level = may\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {path}\nsmtpd_sasl_auth_enable = yes\nsmtpd_peername_lookup = no\n{more}"
        ),
    );
    let chroot = pair.chroot;
    put(
        "etc/master.cf",
        format!(
            "127.0.0.1:{PORT} inet n - {chroot} - - smtpd\nanvil unix - - n - 1 anvil\npostlog unix-dgram n - n - 1 postlogd\nrewrite unix - - n - - trivial-rewrite\nproxymap unix - - n - - proxymap\ntlsmgr unix - - n 1000? 1 tlsmgr\n"
        ),
    );
    put(
        "dovecot.conf",
        format!(
            "base_dir = /D/run\nstate_dir = /D/run\nlog_path = /D/dovecot.log\nlisten = 127.0.0.1\nprotocols =\nssl_cert = </D/etc/cert.pem\nssl_key = </D/etc/key.pem\npassdb {{\n  driver = passwd-file\n  args = /D/passwd\n}}\n{}",
            pair.dovecot.concat()
        ),
    );
    put("passwd", "alice:{PLAIN}secret::::::\n".to_owned());
}

/// The mechanisms in the answer to EHLO; `None` where there is no answer.
fn told(starttls: bool) -> Option<String> {
    let host = format!("127.0.0.1:{PORT}");
    let text = if starttls {
        let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
        command.args(["s_client", "-quiet", "-ign_eof", "-starttls", "smtp", "-connect", &host]);
        OPENSSL.run(&mut command, b"EHLO a\r\nQUIT\r\n", LIMIT).ok()?.stdout
    } else {
        talk(&host)?
    };
    // Under TLS the answer before it is not shown.
    if !text.contains("250") {
        return None;
    }
    let line = text.lines().rev().find_map(|line| {
        line.trim_end()
            .strip_prefix("250-AUTH ")
            .or_else(|| line.trim_end().strip_prefix("250 AUTH "))
    });
    Some(line.unwrap_or("-").to_owned())
}

/// The answer to EHLO in clear.
fn talk(host: &str) -> Option<String> {
    use std::io::{BufRead, BufReader, Write};
    let stream = std::net::TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    reader.read_line(&mut text).ok().filter(|count| *count > 0)?;
    reader.get_mut().write_all(b"EHLO a\r\n").ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        text.push_str(&line);
        if line.get(3..4) == Some(" ") {
            return Some(text);
        }
    }
}

#[test]
fn clients_are_told_what_both_decide() {
    let mut wrong = Vec::new();
    for pair in PAIRS {
        let folder = tempfile::tempdir().expect("a folder");
        mode(folder.path(), 0o755).unwrap_or_else(|error| panic!("{error}"));
        write(folder.path(), pair);
        let path = |name: &str| folder.path().join(name).display().to_string();
        let file = |name| folder.path().join(name);
        self_signed(&file("etc/key.pem"), &file("etc/cert.pem"), &["-newkey", "rsa:2048"])
            .unwrap_or_else(|error| panic!("{error}"));
        make_owned(&folder.path().join("data"));
        let (etc, dovecot) = (path("etc"), path("dovecot.conf"));
        assert!(start(POSTFIX, &["-c", &etc, "start"]), "Postfix starts");
        assert!(start(DOVECOT, &["-c", &dovecot]), "Dovecot starts");
        sleep(Duration::from_secs(1));
        let found = match told(false) {
            None => "dead".to_owned(),
            Some(clear) => format!("clear={clear} tls={}", told(true).unwrap_or_else(|| "-".to_owned())),
        };
        assert!(
            start(DOVECOT, &["-c", &dovecot, "stop"]) && start(POSTFIX, &["-c", &etc, "stop"]),
            "both stop"
        );
        if found != pair.told {
            wrong.push(format!(
                "{:?} {} {}: a client finds `{found}`, we say `{}`",
                pair.dovecot, pair.path, pair.chroot, pair.told
            ));
        }
    }
    println!("{} pairs of Postfix and Dovecot", PAIRS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Gives a folder to Postfix's account.
fn make_owned(folder: &Path) {
    const CHOWN: Program = Program {
        path: "/usr/bin/chown",
        package: "coreutils",
    };
    assert!(
        start(CHOWN, &["postfix:postfix", &folder.display().to_string()]),
        "the folder is Postfix's"
    );
}
