//! The move, lived through: a server that users reach by 465 alone, and clients of different kinds. Each stage's patch is
//! applied as it is written for `patch`; after each stage whoever should still be served is, with a real password, and nobody
//! in clear; each way back restores the files byte for byte. From 465 to 587, back again, and to both.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "what was tried is the test's report")]

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use smtplint_tests::command::SMTPLINT;
use smtplint_tests::corpus;
use smtplint_tests::lab::dialogue::{ANSWER, CLIENT, Dialogue, DialogueError, Reply, Tls};
use smtplint_tests::lab::{Lab, LabConfiguration, LabServer, STRANGER, TRUSTED, TlsVersion};
use smtplint_tests::predict;
use smtplint_tests::program::in_parallel;
use tempfile::TempDir;

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.test
mydestination = example.test
mynetworks = 127.0.0.2/32
local_recipient_maps =
local_transport = discard
default_transport = discard
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/ssl/lab/cert.pem
smtpd_tls_key_file = /etc/ssl/lab/key.pem
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
";

/// Debian's own comments stand behind the port that is in use.
const MASTER: &str = "smtp      inet  n       -       n       -       -       smtpd
#submission inet n       -       n       -       -       smtpd
#  -o syslog_name=postfix/submission
#  -o smtpd_tls_security_level=encrypt
#  -o smtpd_sasl_auth_enable=yes
#  -o smtpd_tls_auth_only=yes
# What the office uses:
submissions inet n       -       n       -       -       smtpd
  -o smtpd_tls_wrappermode=yes
# The users are in the database of the SASL library.
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
";

/// How long a client waits that begins the wrong way.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a client begins.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Begins {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS, or not at all.
    Required,
    /// STARTTLS where it is announced, and in clear where it is not.
    IfOffered,
    /// Never with TLS.
    Clear,
}

/// How a client says who it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Auth {
    Plain,
    /// The mechanism of the same name.
    Login,
    /// With a password that is not hers.
    Wrong,
    None,
}

struct Client {
    name: &'static str,
    service: &'static str,
    source: IpAddr,
    begins: Begins,
    version: Option<TlsVersion>,
    login: Auth,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Delivered,
    /// It stays in the outbox.
    Later,
    Refused,
    /// Nobody answers there, or not in this way.
    NoSession,
}

const fn elsewhere(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

const fn client(
    name: &'static str,
    service: &'static str,
    source: IpAddr,
    begins: Begins,
    version: Option<TlsVersion>,
    login: Auth,
) -> Client {
    Client {
        name,
        service,
        source,
        begins,
        version,
        login,
    }
}

const ON_465: &str = "submissions";
const ON_587: &str = "submission";
const V1_1: Option<TlsVersion> = Some(TlsVersion::V1_1);
const V1_2: Option<TlsVersion> = Some(TlsVersion::V1_2);
const V1_3: Option<TlsVersion> = Some(TlsVersion::V1_3);

/// Each kind of client, set to either port.
#[rustfmt::skip]
const CLIENTS: &[Client] = &[
    client("phone", ON_465, STRANGER, Begins::Implicit, V1_3, Auth::Plain),
    client("office program", ON_465, elsewhere(6), Begins::Implicit, V1_2, Auth::Login),
    client("scanner in the trusted network, with a login", ON_465, TRUSTED, Begins::Implicit, None, Auth::Plain),
    client("scanner in the trusted network, without one", ON_465, TRUSTED, Begins::Implicit, None, Auth::None),
    client("wrong password", ON_465, STRANGER, Begins::Implicit, None, Auth::Wrong),
    client("TLS 1.1 alone", ON_465, STRANGER, Begins::Implicit, V1_1, Auth::Plain),
    client("in clear", ON_465, STRANGER, Begins::Clear, None, Auth::Plain),
    client("STARTTLS on the other's port", ON_465, STRANGER, Begins::Required, None, Auth::Plain),
    client("phone, set anew", ON_587, STRANGER, Begins::Required, V1_3, Auth::Plain),
    client("office program, set anew", ON_587, elsewhere(6), Begins::Required, V1_2, Auth::Login),
    client("STARTTLS if offered", ON_587, elsewhere(7), Begins::IfOffered, None, Auth::Login),
    client("scanner in the trusted network, set anew", ON_587, TRUSTED, Begins::Required, None, Auth::Plain),
    client("scanner in the trusted network, no login", ON_587, TRUSTED, Begins::Required, None, Auth::None),
    client("wrong password, set anew", ON_587, STRANGER, Begins::Required, None, Auth::Wrong),
    client("TLS 1.1 alone, set anew", ON_587, STRANGER, Begins::Required, V1_1, Auth::Plain),
    client("in clear, set anew", ON_587, STRANGER, Begins::Clear, None, Auth::Plain),
    client("in clear from the trusted network", ON_587, TRUSTED, Begins::Clear, None, Auth::None),
    client("SSL/TLS on the other's port", ON_587, STRANGER, Begins::Implicit, None, Auth::Plain),
    client("login at the port of other servers", "smtp", STRANGER, Begins::Required, None, Auth::Plain),
];

/// Which ports are open, and which of them puts its users off.
#[derive(Debug, Clone, Copy)]
struct Open {
    port_465: bool,
    port_587: bool,
    put_off: Option<&'static str>,
}

impl Client {
    fn fate(&self, server: &LabServer) -> Fate {
        let Ok(address) = server.address(self.service) else {
            return Fate::NoSession;
        };
        let session = match self.begins {
            Begins::Clear => self.in_clear(address),
            Begins::Implicit => self.inside(address, Tls::Implicit),
            Begins::Required => self.inside(address, Tls::StartTls),
            Begins::IfOffered => {
                let announced = Dialogue::clear(address, self.source).and_then(|mut clear| {
                    clear.reply(PATIENCE)?;
                    clear.command(&format!("EHLO {CLIENT}"))
                });
                match announced {
                    Ok(hello) if hello.lines.iter().any(|line| line == "STARTTLS") => {
                        self.inside(address, Tls::StartTls)
                    }
                    _ => self.in_clear(address),
                }
            }
        };
        session
            .and_then(|mut session| self.sends(&mut session))
            .unwrap_or(Fate::NoSession)
    }

    fn in_clear(&self, address: std::net::SocketAddr) -> Result<Dialogue, DialogueError> {
        let mut session = Dialogue::clear(address, self.source)?;
        session.reply(PATIENCE)?;
        Ok(session)
    }

    fn inside(&self, address: std::net::SocketAddr, tls: Tls) -> Result<Dialogue, DialogueError> {
        let mut session = Dialogue::tls_of(address, self.source, tls, self.version)?;
        if tls == Tls::Implicit {
            session.reply(ANSWER)?;
        }
        Ok(session)
    }

    /// Goes on after what is refused, as a stubborn client does: what counts is whether the message is taken.
    fn sends(&self, session: &mut Dialogue) -> Result<Fate, DialogueError> {
        session.command(&format!("EHLO {CLIENT}"))?;
        let login = match self.login {
            Auth::None => None,
            Auth::Plain => Some(session.command("AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=")?),
            Auth::Wrong => Some(session.command("AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdAB3cm9uZw==")?),
            Auth::Login => {
                let mut reply = session.command("AUTH LOGIN")?;
                for word in ["YWxpY2VAZXhhbXBsZS50ZXN0", "c2VjcmV0"] {
                    if reply.code == 334 {
                        reply = session.command(word)?;
                    }
                }
                Some(reply)
            }
        };
        let login_failed = login.is_some_and(|reply| reply.code != 235);
        for command in ["MAIL FROM:<alice@example.test>", "RCPT TO:<bob@elsewhere.test>", "DATA"] {
            let reply = session.command(command)?;
            if let Some(fate) = refused(&reply) {
                return Ok(fate);
            }
        }
        let reply = session.command("Subject: one\r\n\r\ntext\r\n.")?;
        assert!(!login_failed, "{}: taken without a login", self.name);
        Ok(refused(&reply).unwrap_or(Fate::Delivered))
    }

    /// What has to become of the message.
    fn due(&self, open: Open) -> &'static [Fate] {
        const NOBODY: &[Fate] = &[Fate::Refused, Fate::NoSession];
        let (is_open, begins) = match self.service {
            ON_465 => (open.port_465, matches!(self.begins, Begins::Implicit)),
            ON_587 => (
                open.port_587,
                matches!(self.begins, Begins::Required | Begins::IfOffered),
            ),
            _ => return NOBODY,
        };
        let speaks = self.version != V1_1;
        let logs_in = matches!(self.login, Auth::Plain | Auth::Login);
        match is_open && begins && speaks && logs_in {
            false => NOBODY,
            true if open.put_off == Some(self.service) => &[Fate::Later],
            true => &[Fate::Delivered],
        }
    }
}

fn refused(reply: &Reply) -> Option<Fate> {
    match reply.code {
        200..=399 => None,
        400..=499 => Some(Fate::Later),
        _ => Some(Fate::Refused),
    }
}

/// The configuration as it stands in its folder.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(TempDir::new().expect("a folder"));
        fs::write(place.0.path().join("main.cf"), MAIN).expect("written");
        fs::write(place.0.path().join("master.cf"), MASTER).expect("written");
        place
    }

    fn texts(&self) -> [String; 2] {
        ["main.cf", "master.cf"].map(|name| fs::read_to_string(self.0.path().join(name)).expect("it is there"))
    }

    fn plan(&self, to: &str) -> TempDir {
        let plan = TempDir::new().expect("a folder");
        let output = Command::new(&*SMTPLINT)
            .args([
                "migrate",
                "main.cf",
                "master.cf",
                "--to",
                to,
                "--target",
                "postfix=3.7",
                "--write",
            ])
            .arg(plan.path())
            .current_dir(self.0.path())
            .output()
            .expect("the command starts");
        assert!(output.status.success(), "{output:?}");
        plan
    }

    fn patch(&self, arguments: &[&str], file: &Path) {
        patched(self.0.path(), arguments, file);
    }

    /// Every client, at a server with these files.
    fn live(&self, lab: &Lab, stage: &str, open: Open) {
        let [main, master] = self.texts();
        let configuration = LabConfiguration::new(stage, &main, &master);
        let start = || lab.start(&configuration);
        // Another server may have taken the port between the search and the start.
        let server = start().or_else(|_| start()).expect("Postfix starts");
        let fates = in_parallel(CLIENTS, 4, |client| client.fate(&server));
        let mut served = 0;
        for (client, fate) in CLIENTS.iter().zip(fates) {
            let due = client.due(open);
            assert!(
                due.contains(&fate),
                "{stage}: {} ({}): {fate:?}, and due is {due:?}\n{}",
                client.name,
                client.service,
                server.log()
            );
            served += usize::from(fate == Fate::Delivered);
        }
        println!("{stage}: {} clients, {served} served", CLIENTS.len());
        server.stop().expect("Postfix stops");
    }
}

/// The patch of a stage, when it has one.
fn of_stage(plan: &Path, number: usize) -> Option<std::path::PathBuf> {
    let path = plan.join(format!("stage-{number}.patch"));
    match fs::metadata(&path) {
        Ok(_) => Some(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// Runs `patch` in a folder, which has to find every line where it is said to be.
fn patched(folder: &Path, arguments: &[&str], file: &Path) {
    let output = Command::new("/usr/bin/patch")
        .args(arguments)
        .stdin(fs::File::open(file).expect("the patch is there"))
        .current_dir(folder)
        .output()
        .expect("`patch` is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && !said.contains("fuzz") && !said.contains("offset"),
        "{}: {said}",
        file.display()
    );
}

/// How many patches of one plan `patch` applies, each behind those before it, and takes back byte for byte.
fn patches_of(folder: &Path, to: &str, target: &str) -> usize {
    let plan = TempDir::new().expect("a folder");
    let output = Command::new(&*SMTPLINT)
        .args([
            "migrate",
            ".",
            "--no-exec",
            "--quiet",
            "--to",
            to,
            "--target",
            target,
            "--write",
        ])
        .arg(plan.path())
        .current_dir(folder)
        .output()
        .expect("the command starts");
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}: {output:?}",
        folder.display()
    );
    let read = || {
        let files = ["main.cf", "master.cf"].map(|name| folder.join(name));
        files.map(|path| path.exists().then(|| fs::read(&path).expect("it can be read")))
    };
    let mut count = 0;
    for number in 0..8 {
        let Some(patch) = of_stage(plan.path(), number) else {
            continue;
        };
        let before = read();
        patched(folder, &["-p1", "--binary"], &patch);
        let after = read();
        assert_ne!(after, before, "{}", patch.display());
        patched(folder, &["-p1", "--binary", "-R"], &patch);
        assert_eq!(read(), before, "{}: the way back", patch.display());
        if number != 5 {
            patched(folder, &["-p1", "--binary"], &patch);
        }
        count += 1;
    }
    count
}

#[test]
fn every_patch_of_every_case_applies_and_is_taken_back() {
    let cases = corpus::own().expect("the cases can be read");
    let counts = in_parallel(&cases, 2, |case| {
        let target = case.expectations.target.as_deref().unwrap_or(predict::USUAL_TARGET);
        let mut count = 0;
        for to in ["587", "465", "both"] {
            let folder = TempDir::new().expect("a folder");
            let mut is_configuration = false;
            for name in ["main.cf", "master.cf"] {
                if let Some(bytes) = case.file(name) {
                    fs::write(folder.path().join(name), bytes).expect("written");
                    is_configuration = true;
                }
            }
            if is_configuration && str::from_utf8(case.file("main.cf").unwrap_or_default()).is_ok() {
                count += patches_of(folder.path(), to, target);
            }
        }
        count
    });
    let all: usize = counts.iter().sum();
    println!("{} cases, {all} patches", cases.len());
    assert!(all > 100, "{all}");
}

#[test]
fn users_move_from_port_to_port() {
    let lab = Lab::new().expect("the lab works");
    let place = Place::new();
    let only_465 = Open {
        port_465: true,
        port_587: false,
        put_off: None,
    };
    let both = Open {
        port_587: true,
        ..only_465
    };
    let only_587 = Open {
        port_465: false,
        ..both
    };
    place.live(&lab, "before anything", only_465);
    for (to, left, end) in [("587", ON_465, only_587), ("465", ON_587, only_465)] {
        let plan = place.plan(to);
        let mut seen = Vec::new();
        for number in 0..8 {
            let Some(patch) = of_stage(plan.path(), number) else {
                continue;
            };
            seen.push(number);
            let stage = format!("to {to}, stage {number}");
            let before = place.texts();
            place.patch(&["-p1"], &patch);
            let after = place.texts();
            assert_ne!(before, after, "{stage}");
            let open = match number {
                5 => Open {
                    put_off: Some(left),
                    ..both
                },
                6 => end,
                _ => both,
            };
            place.live(&lab, &stage, open);
            place.patch(&["-p1", "-R"], &patch);
            assert_eq!(place.texts(), before, "{stage}: the way back");
            if number != 5 {
                place.patch(&["-p1"], &patch);
                assert_eq!(place.texts(), after);
            }
        }
        let expected: &[usize] = if to == "587" { &[1, 2, 5, 6] } else { &[1, 5, 6] };
        assert_eq!(seen, expected, "to {to}");
    }
    let plan = place.plan("both");
    let before = place.texts();
    let patch = of_stage(plan.path(), 1).expect("587 is opened again");
    place.patch(&["-p1"], &patch);
    place.live(&lab, "to both, stage 1", both);
    assert_eq!((2..8).find(|number| of_stage(plan.path(), *number).is_some()), None);
    place.patch(&["-p1", "-R"], &patch);
    assert_eq!(place.texts(), before);
}
