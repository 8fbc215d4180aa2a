//! Dovecot, started with each configuration of the table, and looked at as a stranger looks at it: how TLS begins, what AUTH is
//! offered in clear and under TLS, and which versions.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use smtplint_core::Options;
use smtplint_core::dialects::dovecot::{Dovecot, upgrade};
use smtplint_core::fix::{self, Choice};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_tests::doors::{CASES, Case, told};
use smtplint_tests::lab::dovecot::{self, DOORS, LISTEN, Running, SERVER, folder, release};
use smtplint_tests::program::OPENSSL;
use socket2::{Domain, Socket, Type};

/// A client that comes from the server's own address needs no TLS.
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

const LIMIT: Duration = Duration::from_secs(20);

/// Where a server for others listens.
const OPEN: &str = "listen = *\n";

/// The doors are at the same ports in every test: one test goes after the other.
static TURN: Mutex<()> = Mutex::new(());

const VERSIONS: [(&str, &str); 4] = [
    ("TLSv1", "-tls1"),
    ("TLSv1.1", "-tls1_1"),
    ("TLSv1.2", "-tls1_2"),
    ("TLSv1.3", "-tls1_3"),
];

fn connect(port: u16) -> Option<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket
        .bind(&SocketAddr::new(IpAddr::V4(STRANGER), 0).into())
        .expect("the stranger's address");
    let to = SocketAddr::new(IpAddr::V4(SERVER), port);
    // It listens a moment after it has started.
    let until = Instant::now() + Duration::from_secs(2);
    while socket.connect(&to.into()).is_err() {
        if Instant::now() > until {
            return None;
        }
        sleep(Duration::from_millis(50));
    }
    let stream: TcpStream = socket.into();
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    Some(stream)
}

/// What the server says in clear: its greeting, and its answer to the command that asks what it can do.
fn in_clear(door: &str, stream: TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut said = String::new();
    let read_line = |reader: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|count| *count > 0)
            .map(|_| line)
    };
    said.push_str(&read_line(&mut reader)?);
    if door == "submission" {
        reader.get_mut().write_all(b"EHLO client.example\r\n").ok()?;
        loop {
            let line = read_line(&mut reader)?;
            said.push_str(&line);
            if line.get(3..4) == Some(" ") {
                break;
            }
        }
    }
    Some(said)
}

/// What stands in the answers under TLS; `None` where no session comes about.
fn under_tls(door: &str, port: u16, version: &str) -> Option<String> {
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    command.args([
        "s_client",
        "-quiet",
        "-ign_eof",
        "-connect",
        &format!("{SERVER}:{port}"),
        "-cipher",
        "ALL:@SECLEVEL=0",
        version,
    ]);
    command.args(["-bind", &format!("{STRANGER}:0")]);
    let (starttls, ask): (&[&str], &[u8]) = match door {
        "imap" => (&["-starttls", "imap"], b"a CAPABILITY\r\nb LOGOUT\r\n"),
        "imaps" => (&[], b"a CAPABILITY\r\nb LOGOUT\r\n"),
        _ => (&["-starttls", "smtp"], b"EHLO client.example\r\nQUIT\r\n"),
    };
    command.args(starttls);
    let ran = OPENSSL.run(&mut command, ask, LIMIT).ok()?;
    let has_answer = ran.stdout.contains("CAPABILITY") || ran.stdout.contains("250");
    has_answer.then_some(ran.stdout)
}

/// The mechanisms in an answer of IMAP or SMTP.
fn mechanisms(answer: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for line in answer.lines() {
        let smtp = line.strip_prefix("250-AUTH").or_else(|| line.strip_prefix("250 AUTH"));
        names.extend(smtp.into_iter().flat_map(str::split_whitespace));
        let words = line.split([' ', '[', ']']);
        let imap: Vec<&str> = words.filter_map(|word| word.strip_prefix("AUTH=")).collect();
        if !imap.is_empty() {
            names = imap;
        }
    }
    names.dedup();
    if names.is_empty() {
        "-".to_owned()
    } else {
        names.join(",")
    }
}

/// In the words of the table.
fn look(door: &str, port: u16) -> String {
    let Some(stream) = connect(port) else {
        return "nothing".to_owned();
    };
    let is_imap = door != "submission";
    let (entry, clear) = if is_imap {
        // It speaks first where it begins in clear.
        stream
            .set_read_timeout(Some(Duration::from_millis(700)))
            .expect("a limit");
        match in_clear(door, stream) {
            Some(said) => (
                if said.contains("STARTTLS") { "starttls" } else { "none" },
                mechanisms(&said),
            ),
            None => ("implicit", "-".to_owned()),
        }
    } else {
        let said = in_clear(door, stream).unwrap_or_default();
        (
            if said.contains("STARTTLS") { "starttls" } else { "none" },
            mechanisms(&said),
        )
    };
    let way = match entry {
        "implicit" => "imaps",
        _ if is_imap => "imap",
        _ => door,
    };
    let answers = VERSIONS.map(|(name, option)| (name, under_tls(way, port, option)));
    let versions: Vec<&str> = answers
        .iter()
        .filter(|(_, answer)| answer.is_some())
        .map(|(name, _)| *name)
        .collect();
    if versions.is_empty() && entry != "none" {
        return if clear == "-" {
            "dead".to_owned()
        } else {
            format!("{entry} clear={clear} tls=-")
        };
    }
    let tls = answers
        .iter()
        .rev()
        .find_map(|(_, answer)| answer.as_deref())
        .map_or("-".to_owned(), mechanisms);
    format!("{entry} clear={clear} tls={tls} {}", versions.join(" "))
        .trim_end()
        .to_owned()
}

fn write(folder: &Path, case: &Case, is_new: bool) {
    let text = dovecot::written(folder, case.certificate, case.text, is_new);
    fs::write(folder.join("dovecot.conf"), text).expect("the configuration can be written");
}

#[test]
fn strangers_find_what_is_said() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let release = release();
    let target = format!("dovecot={release} ");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in CASES.iter().filter(|case| case.target.starts_with(&target)) {
        let folder = folder();
        write(folder.path(), case, case.target.contains("=2.4"));
        let running = Running::start(folder.path());
        for (name, expected) in case.doors {
            let found = found(name, running.as_ref());
            seen += 1;
            if found != *expected {
                wrong.push(format!(
                    "{name} with {:?}: a client finds `{found}`, we say `{expected}`",
                    case.text
                ));
            }
        }
        drop(running);
    }
    println!("Dovecot {release}: {seen} doors");
    assert!(seen > 0, "no row of the table is for Dovecot {release}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a client finds at a door; a name that 2.4 cannot open stops it altogether.
fn found(name: &str, running: Option<&Running>) -> String {
    let door = DOORS.iter().find(|(door, ..)| *door == name);
    let (_, port, _) = door.expect("a door");
    running.map_or_else(|| "dead".to_owned(), |_| look(name, *port))
}

/// What 2.4 does otherwise of itself, whatever is carried: clients of these networks need TLS as well where it is a must.
const OTHERWISE: &str = "login_trusted_networks = 0.0.0.0/0\nssl = required\n";

/// The rows of 2.3.19, carried to 2.4 and started there: each door is as it was.
#[test]
fn what_is_carried_strangers_find_as_it_was() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let release = release();
    if !release.starts_with("2.4") {
        println!("Dovecot {release}: nothing is carried to it");
        return;
    }
    let mut wrong = Vec::new();
    let (mut seen, mut carried) = (0, 0);
    for case in CASES.iter().filter(|case| case.target.starts_with("dovecot=2.3.19 ")) {
        // What 2.3 does not start with need not be carried.
        if case.text == OTHERWISE || case.doors.iter().any(|(_, found)| *found == "dead") {
            continue;
        }
        let folder = folder();
        write(folder.path(), case, false);
        let path = folder.path().join("dovecot.conf");
        let text = fs::read_to_string(&path).expect("the configuration can be read");
        let mut sources = Sources::new();
        sources.add(Source::new("dovecot.conf", &text, SourceKind::Authored));
        let upgrade = match upgrade::upgrade(&sources, &Options::default().target) {
            Ok(upgrade) => upgrade,
            Err(why) => {
                wrong.push(format!("{:?} is not carried: {why:?}", case.text));
                continue;
            }
        };
        if !upgrade.is_whole() {
            wrong.push(format!("of {:?} is left: {:?}", case.text, upgrade.left));
            continue;
        }
        carried += 1;
        let after: Vec<&str> = upgrade.after.iter().map(|(_, source)| source.text()).collect();
        fs::write(&path, after.concat()).expect("the configuration can be written");
        let running = Running::start(folder.path());
        for (name, expected) in case.doors {
            let found = found(name, running.as_ref());
            seen += 1;
            if found != *expected {
                wrong.push(format!(
                    "{name} with {:?} carried: a client finds `{found}`, and found `{expected}` before",
                    case.text
                ));
            }
        }
        drop(running);
    }
    println!("Dovecot {release}: {carried} configurations carried, {seen} doors");
    assert!(seen > 20, "only {seen} doors were looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_mended_strangers_find_mended() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let release = release();
    let target = format!("dovecot={release} ");
    let mut wrong = Vec::new();
    let (mut seen, mut mended) = (0, 0);
    for case in CASES.iter().filter(|case| case.target.starts_with(&target)) {
        let folder = folder();
        write(folder.path(), case, case.target.contains("=2.4"));
        let path = folder.path().join("dovecot.conf");
        // Nobody minds what only the machine itself can reach.
        let text = fs::read_to_string(&path).expect("the configuration can be read");
        let text = text.replace(LISTEN, OPEN);
        let mut sources = Sources::new();
        sources.add(Source::new("dovecot.conf", &text, SourceKind::Authored));
        let mut options = Options::default();
        for target in case.target.split(' ') {
            options.target.add(target).expect("a target");
        }
        let check = |sources: &Sources| smtplint_core::check(sources, &Dovecot, &options);
        let choice = Choice {
            check: &check,
            // Their ports are the machine's own, and doors that are moved there are not found.
            wants: &|finding| !["implicit-tls-not-offered", "starttls-submission-not-offered"].contains(&finding.rule),
            weigh: &|impact| impact,
            bears: &|_| true,
        };
        let fixes = fix::fix(&sources, &Dovecot, &options, &choice);
        if fixes.done.is_empty() {
            continue;
        }
        mended += fixes.done.len();
        let after: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
        fs::write(&path, after.concat().replace(OPEN, LISTEN)).expect("the mended configuration can be written");
        let report = check(&fixes.after);
        let running = Running::start(folder.path());
        for (name, port, _) in DOORS {
            let expected = told(report.server.listeners.iter().find(|one| one.name == name));
            let found = if running.is_some() {
                look(name, port)
            } else {
                "dead".to_owned()
            };
            seen += 1;
            if found != expected {
                wrong.push(format!(
                    "{name} once {:?} is mended: a client finds `{found}`, we say `{expected}`",
                    case.text
                ));
            }
        }
        drop(running);
    }
    println!("Dovecot {release}: {mended} fixes, {seen} doors");
    assert!(seen > 0, "nothing is mended for Dovecot {release}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
