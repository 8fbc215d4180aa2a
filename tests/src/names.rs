//! Name servers on loopback: NSD with signed zones, and a validating Unbound in front of it.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::program::{Program, wait};

/// Serves zones.
pub const NSD: Program = Program {
    path: "/usr/sbin/nsd",
    package: "nsd",
};
/// Resolves names, and checks signatures.
pub const UNBOUND: Program = Program {
    path: "/usr/sbin/unbound",
    package: "unbound",
};
/// Makes keys.
const KEYGEN: Program = Program {
    path: "/usr/bin/ldns-keygen",
    package: "ldnsutils",
};
/// Signs zones.
const SIGNZONE: Program = Program {
    path: "/usr/bin/ldns-signzone",
    package: "ldnsutils",
};
/// Makes the record by which the zone above vouches for a key.
const KEY2DS: Program = Program {
    path: "/usr/bin/ldns-key2ds",
    package: "ldnsutils",
};
/// Asks.
pub const DIG: Program = Program {
    path: "/usr/bin/dig",
    package: "bind9-dnsutils",
};
/// Asks, and checks signatures.
pub const DELV: Program = Program {
    path: "/usr/bin/delv",
    package: "bind9-dnsutils",
};

/// The longest that any of them may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A zone to serve.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Its name without the last dot.
    pub name: String,
    /// Its records, below `$ORIGIN`.
    pub records: String,
    /// How it is signed.
    pub signed: Signed,
}

/// How a zone is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// As it should be.
    Yes,
    /// Not at all, and the zone above says so.
    No,
    /// Each signature of these types is spoilt.
    Spoilt(&'static str),
}

/// A server that ends with its life.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has processes of its own, which it ends when it is asked to.
        let _ = Command::new("/bin/kill").arg(self.child.id().to_string()).status();
        if !matches!(wait(&mut self.child, Duration::from_secs(5)), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// How many ports were given out: until a server listens, its port is free for whoever looks for one beside it.
static GIVEN: AtomicU16 = AtomicU16::new(0);

/// A port that nobody uses, over UDP and TCP.
fn free() -> u16 {
    let is_free = |port: &u16| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok() && UdpSocket::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
    };
    let from = 20_000 + u16::try_from(std::process::id() % 20_000).expect("it is below");
    let next = || from + GIVEN.fetch_add(1, Ordering::Relaxed);
    (0..2000).map(|_| next()).find(is_free).expect("a port is free")
}

/// Runs to the end; what it printed.
///
/// # Panics
/// When it fails.
pub fn printed(program: Program, command: &mut Command) -> String {
    let finished = program
        .run(command, b"", PATIENCE)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(finished.code, Some(0), "{command:?}: {finished:?}");
    finished.stdout
}

fn command(program: Program) -> Command {
    program.command().unwrap_or_else(|error| panic!("{error}"))
}

/// Starts a server, and waits until it answers for a name.
fn started(program: Program, arguments: &[&str], folder: &Path, port: u16, name: &str) -> Server {
    let log = fs::File::create(folder.join("output")).expect("the log is made");
    let child = command(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("it starts");
    let server = Server { child, port };
    let begun = Instant::now();
    loop {
        let mut dig = command(DIG);
        dig.args([
            "@127.0.0.1",
            "-p",
            &port.to_string(),
            "+tries=1",
            "+timeout=1",
            name,
            "SOA",
        ]);
        let finished = DIG
            .run(&mut dig, b"", PATIENCE)
            .unwrap_or_else(|error| panic!("{error}"));
        if finished.stdout.contains("status: NOERROR") {
            return server;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "no answer: {}",
            fs::read_to_string(folder.join("output")).unwrap_or_default()
        );
        thread::sleep(Duration::from_millis(50));
    }
}

/// Signs a zone, and gives the record for the zone above and the key.
fn sign(zone: &Zone, file: &Path, folder: &Path) -> (String, String) {
    let key = printed(
        KEYGEN,
        command(KEYGEN)
            .current_dir(folder)
            .args(["-a", "ECDSAP256SHA256", "-k", &zone.name]),
    );
    let key = key.trim();
    printed(
        SIGNZONE,
        command(SIGNZONE)
            .current_dir(folder)
            .args(["-n", "-f"])
            .arg(file)
            .arg(file)
            .arg(key),
    );
    let ds = printed(KEY2DS, command(KEY2DS).current_dir(folder).args(["-n", "-2"]).arg(file));
    let key = fs::read_to_string(folder.join(format!("{key}.key"))).expect("the key is there");
    if let Signed::Spoilt(types) = zone.signed {
        let signed = fs::read_to_string(file).expect("it was written");
        fs::write(file, spoilt(&signed, types)).expect("it can be written");
    }
    (ds, key)
}

/// The zone with the signatures of these types changed in one letter.
fn spoilt(zone: &str, types: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // Elsewhere it is one of the types that a name has.
        let covers = |covered: &&str| types.split(' ').any(|one| one == *covered);
        if words.get(3) != Some(&"RRSIG") || !words.get(4).is_some_and(covers) {
            return line.to_owned();
        }
        let signature = words.last().expect("it has words");
        let other = if signature.starts_with('A') { "B" } else { "A" };
        line.replace(signature, &format!("{other}{}", &signature[1..]))
    };
    zone.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// NSD with these zones; the first is above all those that are signed, and vouches for them. Its key is written to `anchor.key`.
///
/// # Panics
/// When something is missing, or does not start.
#[must_use]
pub fn nsd(folder: &Path, zones: &[Zone]) -> Server {
    let port = free();
    let place = folder.display();
    let mut configuration = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{place}\"\n  database: \"\"\n  \
         pidfile: \"{place}/nsd.pid\"\n  xfrdfile: \"{place}/xfrd.state\"\n  zonelistfile: \"{place}/zone.list\"\n  \
         logfile: \"{place}/nsd.log\"\n  server-count: 1\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no\n"
    );
    let mut above = String::new();
    for zone in zones.iter().rev() {
        let file = folder.join(format!("{}.zone", zone.name));
        let is_first = std::ptr::eq(zone, &zones[0]);
        let more = if is_first { above.as_str() } else { "" };
        let head = "@ IN SOA ns.test. hostmaster.test. 1 3600 600 86400 300\n@ IN NS ns.test.\n";
        let text = format!("$ORIGIN {}.\n$TTL 300\n{head}{}{more}", zone.name, zone.records);
        fs::write(&file, text).expect("the zone is written");
        if zone.signed != Signed::No {
            let (ds, key) = sign(zone, &file, folder);
            above.push_str(&ds);
            if is_first {
                fs::write(folder.join("anchor.key"), key).expect("the key is written");
            }
        }
        let _ = write!(
            configuration,
            "zone:\n  name: {}\n  zonefile: {}\n",
            zone.name,
            file.display()
        );
    }
    let file = folder.join("nsd.conf");
    fs::write(&file, configuration).expect("the configuration is written");
    let file = file.display().to_string();
    started(NSD, &["-d", "-c", &file], folder, port, &zones[0].name)
}

/// Unbound in front of it, with the same trust.
///
/// # Panics
/// When something is missing, or does not start.
#[must_use]
pub fn unbound(folder: &Path, behind: &Server, zones: &[Zone]) -> Server {
    let port = free();
    let place = folder.display();
    let mut configuration = format!(
        "server:\n  interface: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n  directory: \"{place}\"\n  \
         pidfile: \"{place}/unbound.pid\"\n  logfile: \"{place}/unbound.log\"\n  use-syslog: no\n  do-not-query-localhost: no\n  \
         trust-anchor-file: \"{place}/anchor.key\"\n  local-zone: \"test.\" nodefault\n"
    );
    for zone in zones.iter().filter(|zone| zone.name.ends_with(".arpa")) {
        let _ = writeln!(configuration, "  local-zone: \"{}.\" nodefault", zone.name);
    }
    configuration.push_str("remote-control:\n  control-enable: no\n");
    for zone in zones {
        let _ = write!(
            configuration,
            "stub-zone:\n  name: {}\n  stub-addr: 127.0.0.1@{}\n",
            zone.name, behind.port
        );
    }
    let file: PathBuf = folder.join("unbound.conf");
    fs::write(&file, configuration).expect("the configuration is written");
    let file = file.display().to_string();
    started(UNBOUND, &["-d", "-c", &file], folder, port, &zones[0].name)
}
