//! The checks of a plan, as it prints them for a shell, run against the server as it is after each stage: each shows what the
//! plan says it has to show; and before the first stage, where that can be tried, not all of them do.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "what was tried is the test's report")]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use smtplint_core::migrate::{self, Check, Plan, StageKind, To};
use smtplint_core::source::Sources;
use smtplint_core::{Options, recognise};
use smtplint_tests::lab::dialogue::{ANSWER, Dialogue, Tls};
use smtplint_tests::lab::{Lab, LabConfiguration, LabServer, PASSWORD, STRANGER, TlsVersion, USER};
use smtplint_tests::predict;
use tempfile::TempDir;

const HOST: &str = "mail.example.test";

/// Old versions of TLS everywhere, logins in clear at port 25, and relay checks that put strangers off for a while.
const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.test
mydestination = example.test
mynetworks = 127.0.0.2/32
local_recipient_maps =
local_transport = discard
default_transport = discard
smtpd_sasl_auth_enable = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/ssl/lab/cert.pem
smtpd_tls_key_file = /etc/ssl/lab/key.pem
smtpd_tls_protocols = !SSLv2, !SSLv3
smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3
tls_medium_cipherlist = ALL:@SECLEVEL=0
tls_high_cipherlist = ALL:@SECLEVEL=0
";

const SMTP: &str = "smtp      inet  n       -       n       -       -       smtpd\n";
const ON_465: &str =
    "submissions inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o syslog_name=postfix/submissions\n";
const ON_587: &str =
    "submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o syslog_name=postfix/submission\n";
/// Refuses strangers for good.
const STRICT: &str = "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n";

/// The server as it is at a stage, and how its checks reach it.
struct Live {
    server: LabServer,
    certificate: PathBuf,
    _folder: TempDir,
}

impl Live {
    fn start(lab: &Lab, name: &str, text: &Sources) -> Live {
        let file = |name: &str| {
            let found = text.iter().find(|(_, source)| source.file_name() == name);
            found.map(|(_, source)| source.text().to_owned()).expect("both files")
        };
        let configuration = LabConfiguration::new(name, &file("main.cf"), &file("master.cf"));
        let server = lab.start(&configuration).expect("Postfix starts");
        let folder = TempDir::new().expect("a folder");
        let certificate = folder.path().join("certificate.pem");
        let smtp = server.address("smtp").expect("port 25");
        let shown = shell(
            &format!("openssl s_client -connect {smtp} -starttls smtp </dev/null 2>/dev/null | openssl x509"),
            None,
        );
        fs::write(&certificate, shown).expect("written");
        Live {
            server,
            certificate,
            _folder: folder,
        }
    }

    fn address(&self, port: u16) -> Option<SocketAddr> {
        let service = match port {
            25 => "smtp",
            465 => "submissions",
            587 => "submission",
            _ => return None,
        };
        self.server.address(service).ok()
    }

    /// What a command prints, led to the server's own ports; `None` where its program is not there or looks at something else.
    fn prints(&self, check: &Check) -> Option<String> {
        let command = &check.command;
        // Debian's name for it.
        let command = &command.replace("testssl.sh ", "testssl --quiet --color 0 --add-ca CERTIFICATE ");
        let program = command.split(' ').next().unwrap_or_default();
        if matches!(program, "dig" | "smtplint") {
            return None;
        }
        let there = Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output()
            .expect("a shell");
        if !there.status.success() {
            println!("    not tried, because {program} is not there: {command}");
            return None;
        }
        let mut line = command.clone();
        for port in [25, 465, 587] {
            // Where nobody listens any more, the port is one that nobody listens at.
            let to = self
                .address(port)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 1)));
            line = line
                .replace(
                    &format!("--server {HOST} --port {port} "),
                    &format!("--server {} --port {} ", to.ip(), to.port()),
                )
                .replace(
                    &format!("--server-defaults {HOST}:{port}"),
                    &format!("--server-defaults {to}"),
                )
                .replace(&format!("-connect {HOST}:{port}"), &format!("-connect {to}"))
                .replace(
                    &format!("'[{HOST}]:{port}'"),
                    &format!("'[{}]:{}' {HOST}", to.ip(), to.port()),
                );
        }
        line = line
            .replace(
                "--auth-user USER",
                &format!("--auth-user USER --auth-password {PASSWORD}"),
            )
            .replace(
                "--tls-verify",
                &format!("--tls-verify --tls-ca-path {}", self.certificate.display()),
            )
            .replace("-P /etc/ssl/certs", &format!("-F {}", self.certificate.display()))
            .replace("CERTIFICATE", &self.certificate.display().to_string())
            .replace("USER", USER);
        Some(shell(&format!("{line} 2>&1"), Some(&self.certificate)))
    }

    /// What a check lacks of what it has to show.
    fn lacks(&self, check: &Check) -> Option<Vec<String>> {
        let printed = self.prints(check)?;
        let answers: Vec<&str> = printed.lines().filter(|line| line.starts_with('<')).collect();
        let is_code = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        let mut lacks = Vec::new();
        for word in check.shows.split('`').skip(1).step_by(2) {
            let is_there = if is_code(word) {
                answers
                    .iter()
                    .any(|line| line.split([' ', '-']).any(|part| part == word))
            } else {
                printed.contains(word)
            };
            if !is_there {
                lacks.push(word.to_owned());
            }
        }
        if check.shows.contains("no line with AUTH") && answers.iter().any(|line| line.contains("AUTH")) {
            lacks.push("no line with AUTH".to_owned());
        }
        if check.shows.contains("with TLSv1.2 or TLSv1.3")
            && !printed.contains("TLSv1.2")
            && !printed.contains("TLSv1.3")
        {
            lacks.push("TLS 1.2 or 1.3".to_owned());
        }
        if check.shows.contains("nothing older") {
            let tells = |name: &str| {
                let mut lines = printed
                    .lines()
                    .map(str::trim_start)
                    .filter(|line| line.starts_with(name));
                lines.next().map(|line| !line.contains("not offered"))
            };
            for (name, due) in [
                ("TLS 1 ", false),
                ("TLS 1.1", false),
                ("TLS 1.2", true),
                ("TLS 1.3", true),
            ] {
                if tells(name) != Some(due) {
                    lacks.push(format!("{name}: {due}"));
                }
            }
            let chain = printed.lines().find(|line| line.contains("Chain of trust"));
            if !chain.is_some_and(|line| line.trim_end().ends_with("Ok")) {
                lacks.push("the chain of trust".to_owned());
            }
        }
        if !lacks.is_empty() {
            lacks.push(printed);
        }
        Some(lacks)
    }

    /// Whether a session with an old version begins at a port.
    fn speaks_old(&self, port: u16) -> bool {
        let tls = if port == 465 { Tls::Implicit } else { Tls::StartTls };
        let address = self.address(port).expect("it is open");
        let greeted = Dialogue::tls_of(address, STRANGER, tls, Some(TlsVersion::V1_1)).and_then(|mut session| {
            if tls == Tls::Implicit {
                session.reply(ANSWER)?;
            }
            session.command("EHLO client.example.test")
        });
        greeted.is_ok_and(|reply| reply.code == 250)
    }
}

fn shell(line: &str, authority: Option<&Path>) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    if let Some(authority) = authority {
        command.env("SSL_CERT_FILE", authority);
    }
    let output = command.output().expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn texts(master: &str) -> Sources {
    smtplint_core::intake::split("pasted", &format!("==> main.cf <==\n{MAIN}==> master.cf <==\n{master}"))
}

fn plan_of(sources: &Sources, to: To) -> Plan {
    let dialect = recognise(sources).expect("Postfix");
    let mut options = Options::default();
    options.target.add(predict::USUAL_TARGET).expect("a target");
    migrate::plan(sources, dialect, &options, to)
}

/// Every stage of a plan, live: how many checks were tried.
fn lived(lab: &Lab, name: &str, master: &str, to: To) -> usize {
    let sources = texts(master);
    let plan = plan_of(&sources, to);
    let unmet: Vec<_> = plan.unmet().collect();
    assert!(unmet.is_empty(), "{name}: {unmet:?}");
    let mut text = sources.clone();
    let mut tried = 0;
    let before = Live::start(lab, &format!("{name}, before"), &sources);
    for &port in to.wanted() {
        assert!(
            before.address(port).is_none() || before.speaks_old(port),
            "{name}: nothing is to be seen"
        );
    }
    let ready = plan
        .stages
        .iter()
        .find(|stage| stage.kind == StageKind::Ready)
        .expect("stage 1");
    let fail = ready
        .checks
        .iter()
        .filter_map(|check| before.lacks(check))
        .filter(|lacks| !lacks.is_empty());
    if to.wanted().iter().any(|port| before.address(*port).is_none()) {
        assert!(fail.count() > 0, "{name}: every check holds before anything is done");
    }
    before.server.stop().expect("Postfix stops");
    for stage in &plan.stages {
        let after = stage.step.as_ref().map_or(&text, |step| &step.after).clone();
        let live = Live::start(lab, &format!("{name}, stage {}", stage.number), &after);
        for check in &stage.checks {
            let Some(lacks) = live.lacks(check) else { continue };
            tried += 1;
            assert!(
                lacks.is_empty(),
                "{name}, stage {}: {}\nshows: {}\nlacks: {}\n{}",
                stage.number,
                check.command,
                check.shows,
                lacks.join("\n"),
                live.server.log()
            );
        }
        if stage.kind == StageKind::Ready {
            for &port in to.wanted() {
                assert!(!live.speaks_old(port), "{name}: TLS 1.1 at port {port}");
            }
            if let Some(left) = to.left() {
                assert!(live.speaks_old(left), "{name}: somebody lost TLS 1.1 at port {left}");
            }
        }
        live.server.stop().expect("Postfix stops");
        if stage.step.as_ref().is_some_and(|step| !step.is_temporary) {
            text = after;
        }
    }
    tried
}

#[test]
fn every_check_of_a_plan_shows_what_it_has_to() {
    let lab = Lab::new().expect("the lab works");
    let on_465 = format!("{SMTP}{ON_465}");
    let on_587 = format!("{SMTP}{ON_587}{STRICT}");
    let both = format!("{on_465}{ON_587}");
    let mut tried = 0;
    for (name, master, to) in [
        ("465 to 587", &on_465, To::Starttls),
        ("587 to 465", &on_587, To::Implicit),
        ("587 to both", &on_587, To::Both),
        ("both to 465", &both, To::Implicit),
    ] {
        let count = lived(&lab, name, master, to);
        println!("{name}: {count} checks");
        tried += count;
    }
    assert!(tried > 20, "{tried}");
}
