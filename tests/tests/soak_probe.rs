//! How long `smtplint probe` takes beside sslscan, sslyze and testssl.sh, on one port of Postfix. `cargo xtask soak probe` runs it;
//! testssl.sh alone takes minutes. Times are shown and hold nothing: other programs share the machine.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]
#![allow(clippy::print_stdout, reason = "the times are the test's report")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use smtplint_tests::lab::dialogue::Tls;
use smtplint_tests::lab::scanners::{NAME, python_path, sslscan, sslyze};
use smtplint_tests::lab::{Lab, LabConfiguration};
use smtplint_tests::program::{PYTHON, Program, SSLSCAN};

const TESTSSL: Program = Program {
    path: "/usr/bin/testssl",
    package: "testssl.sh",
};

/// How often each runs, in turns; testssl.sh once, and not longer than this.
const ROUNDS: usize = 7;
const LIMIT: Duration = Duration::from_secs(900);

const MAIN: &str = "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\n\
    smtpd_tls_cert_file = /etc/ssl/lab/cert.pem\nsmtpd_tls_key_file = /etc/ssl/lab/key.pem\n\
    local_recipient_maps =\nsmtpd_client_connection_count_limit = 0\n";
const MASTER: &str =
    "submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n";

/// Runs to its end, with nothing at its input and its output thrown away.
fn timed(mut command: Command) -> Duration {
    let begin = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts");
    let time = begin.elapsed();
    // 1 is findings.
    assert!(matches!(status.code(), Some(0 | 1)), "{command:?}: {status}");
    time
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().expect("a time")
}

fn with(program: Program, arguments: &[&str]) -> Command {
    let mut command = program.command().unwrap_or_else(|error| panic!("{error}"));
    command.args(arguments);
    command
}

#[test]
fn side_by_side() {
    let released = xtask::binary::build().unwrap_or_else(|error| panic!("{error}"));
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let server = lab
        .start(&LabConfiguration::new("speed", MAIN, MASTER))
        .expect("Postfix starts");
    let address = server.address("submission").expect("a port");
    let at = address.to_string();
    let port = format!("{NAME}:{}", address.port());
    let probe = || {
        let mut command = Command::new(&released);
        command.args(["probe", &port, "--address", &address.ip().to_string()]);
        timed(command)
    };
    let whole_sslyze = || {
        let mut command = with(PYTHON, &["-m", "sslyze", "--starttls", "smtp", &at]);
        command.env("PYTHONPATH", python_path());
        timed(command)
    };
    let suites = |scan: &dyn Fn()| {
        let begin = Instant::now();
        scan();
        begin.elapsed()
    };
    // What each is called, the part of its time that the command may take, and how it runs.
    type Run<'a> = Box<dyn Fn() -> Duration + 'a>;
    let others: [(&str, f64, Run<'_>); 4] = [
        (
            "sslscan",
            0.5,
            Box::new(|| timed(with(SSLSCAN, &["--starttls-smtp", &at]))),
        ),
        (
            "… versions and suites alone",
            0.5,
            Box::new(|| suites(&|| drop(sslscan(address, Tls::StartTls)))),
        ),
        ("sslyze", 0.2, Box::new(whole_sslyze)),
        (
            "… versions and suites alone",
            0.2,
            Box::new(|| suites(&|| drop(sslyze(address, Tls::StartTls)))),
        ),
    ];
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); others.len()];
    for _ in 0..ROUNDS {
        ours.push(probe());
        for ((_, _, run), times) in others.iter().zip(&mut theirs) {
            times.push(run());
        }
    }
    let ours = median(&mut ours);
    println!("smtplint probe: {ours:.3?}, the median of {ROUNDS} runs in turns");
    let shown = |name: &str, wanted: f64, time: Duration| {
        let part = ours.as_secs_f64() / time.as_secs_f64();
        println!("{name}: {time:.3?}; the command takes {part:.4} of it, and is to take at most {wanted}");
    };
    for ((name, wanted, _), times) in others.iter().zip(&mut theirs) {
        shown(name, *wanted, median(times));
    }
    let mut testssl = with(TESTSSL, &["--quiet", "--warnings", "off", "--starttls", "smtp", &at]);
    let begin = Instant::now();
    let looked = TESTSSL
        .run(&mut testssl, b"", LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let testssl = begin.elapsed();
    assert!(looked.stdout.contains("TLS 1.3"), "{}{}", looked.stdout, looked.stderr);
    shown("testssl.sh, once", 0.01, testssl);
    server.stop().expect("it stops");
}
