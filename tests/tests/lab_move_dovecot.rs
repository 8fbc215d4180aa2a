//! The move of Dovecot's users, lived through: before and after each stage's change the running server reads its files anew, and
//! clients of either port get what they have to. From 587 to 465, back again, and to both.

#![allow(clippy::print_stdout, reason = "what was tried is the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use smtplint_core::migrate::{self, Plan, Stage, StageKind, To};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, recognise};
use smtplint_tests::lab::STRANGER;
use smtplint_tests::lab::dialogue::{CLIENT, Dialogue, DialogueError, Tls};
use smtplint_tests::lab::dovecot::{Running, folder, release};
use smtplint_tests::program::DOVECOT;

const LIMIT: Duration = Duration::from_secs(30);
/// How long a client waits for a greeting: where the other side waits for a handshake, none comes.
const PATIENCE: Duration = Duration::from_secs(2);

/// NUL alice NUL secret.
const LOGIN: &str = "AUTH PLAIN AGFsaWNlAHNlY3JldA==";

const NAME: &str = "dovecot.conf";

/// A server that users reach by 587 alone; one that only the machine itself reaches would have no users. The server behind it is not
/// asked before anybody sends.
fn configuration(folder: &Path, is_new: bool) -> String {
    let at = folder.display();
    let own = match is_new {
        // Port 465 is among what this release opens by itself.
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

/// How a client begins.
const WAYS: [(&str, u16, Option<Tls>); 6] = [
    ("465, implicit TLS", 465, Some(Tls::Implicit)),
    ("465, STARTTLS", 465, Some(Tls::StartTls)),
    ("465, in clear", 465, None),
    ("587, implicit TLS", 587, Some(Tls::Implicit)),
    ("587, STARTTLS", 587, Some(Tls::StartTls)),
    ("587, in clear", 587, None),
];

/// Whether a client that begins in this way can log in.
fn logs_in(port: u16, tls: Option<Tls>) -> bool {
    let tried = || -> Result<u16, DialogueError> {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let greeted = |mut dialogue: Dialogue| dialogue.reply(PATIENCE).map(|_| dialogue);
        let mut dialogue = match tls {
            Some(Tls::Implicit) => greeted(Dialogue::tls(address, STRANGER, Tls::Implicit)?)?,
            Some(Tls::StartTls) => {
                greeted(Dialogue::clear(address, STRANGER)?)?;
                Dialogue::tls(address, STRANGER, Tls::StartTls)?
            }
            None => greeted(Dialogue::clear(address, STRANGER)?)?,
        };
        dialogue.command(&format!("EHLO {CLIENT}"))?;
        Ok(dialogue.command(LOGIN)?.code)
    };
    tried().is_ok_and(|code| code == 235)
}

/// Waits until exactly those who should be able to log in are, after what was read anew.
fn holds(stage: &str, folder: &Path, open: &[u16]) {
    let due = WAYS.map(|(way, port, tls)| {
        let wanted = match port {
            465 => Some(Tls::Implicit),
            _ => Some(Tls::StartTls),
        };
        (way, open.contains(&port) && tls == wanted)
    });
    let until = Instant::now() + LIMIT;
    loop {
        let found = WAYS.map(|(way, port, tls)| (way, logs_in(port, tls)));
        if found == due {
            println!("{stage}: {} of {} ways lead in", open.len(), WAYS.len());
            return;
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(Instant::now() < until, "{stage}: {found:?}\n{log}");
        sleep(Duration::from_millis(200));
    }
}

fn sources(text: &str) -> Sources {
    let mut sources = Sources::new();
    sources.add(Source::new(NAME, text, SourceKind::Authored));
    sources
}

fn text_of(sources: &Sources) -> String {
    sources.iter().map(|(_, source)| source.text()).collect()
}

fn planned(text: &str, options: &Options, to: To) -> Plan {
    let sources = sources(text);
    let dialect = recognise(&sources).expect("it is known");
    let plan = migrate::plan(&sources, dialect, options, to);
    let unmet: Vec<_> = plan.unmet().map(|gate| (&gate.what, &gate.why)).collect();
    assert!(unmet.is_empty(), "{unmet:?}");
    plan
}

/// Puts a text in place of the one that the server runs with, and has it read. The file is never half written: the server may
/// still be reading it for the last time.
fn takes(folder: &Path, text: &str) {
    let whole = folder.join("next");
    fs::write(&whole, text).expect("it can be written");
    fs::rename(&whole, folder.join(NAME)).expect("it takes the other's place");
    let mut command = DOVECOT.command().unwrap_or_else(|error| panic!("{error}"));
    let reloaded = command.arg("-c").arg(folder.join(NAME)).arg("reload");
    let status = reloaded.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "it reads\n{text}");
}

/// Goes through the stages; gives the text at the end, and those that changed it.
fn goes(folder: &Path, options: &Options, to: To, from: &[u16]) -> Vec<StageKind> {
    let begin = fs::read_to_string(folder.join(NAME)).expect("it is there");
    let plan = planned(&begin, options, to);
    let mut open = from.to_vec();
    let mut changed = Vec::new();
    let changes = |stage: &Stage| {
        stage
            .step
            .as_ref()
            .map(|step| (text_of(&step.before), text_of(&step.after)))
    };
    for stage in &plan.stages {
        let Some((before, after)) = changes(stage) else {
            continue;
        };
        let name = format!("to {}, {:?}", to.word(), stage.kind);
        assert_eq!(
            fs::read_to_string(folder.join(NAME)).ok(),
            Some(before.clone()),
            "{name}"
        );
        assert_ne!(before, after, "{name}");
        let then = match stage.kind {
            StageKind::Ready => vec![465, 587],
            StageKind::Close => to.wanted().to_vec(),
            _ => open.clone(),
        };
        takes(folder, &after);
        holds(&name, folder, &then);
        takes(folder, &before);
        holds(&format!("{name}, taken back"), folder, &open);
        takes(folder, &after);
        holds(&format!("{name}, once more"), folder, &then);
        open = then;
        changed.push(stage.kind);
    }
    changed
}

#[test]
fn users_move_from_port_to_port() {
    let release = release();
    let folder = folder();
    let path = folder.path();
    let text = configuration(path, release.starts_with("2.4"));
    fs::write(path.join(NAME), &text).expect("it can be written");
    let mut options = Options::default();
    options.target.add(&format!("dovecot={release}")).expect("a target");
    let _running = Running::start(path).expect("Dovecot starts");
    holds("before anything", path, &[587]);

    let changed = goes(path, &options, To::Implicit, &[587]);
    assert_eq!(changed, [StageKind::Ready, StageKind::Evidence, StageKind::Close]);
    // The log tells ports by now.
    let changed = goes(path, &options, To::Starttls, &[465]);
    assert_eq!(changed, [StageKind::Ready, StageKind::Close]);
    let changed = goes(path, &options, To::Both, &[587]);
    assert_eq!(changed, [StageKind::Ready]);
    let log = fs::read_to_string(path.join("log")).expect("there is a log");
    assert!(log.contains("lport=465") && log.contains("lport=587"), "{log}");
    println!("Dovecot {release}: moved");
}
