//! Many domains before `smtplint mx --from`: how fast, in how much memory, and what becomes of a run that is stopped.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{LOOK, watched};
use crate::run::{ask, find, run, step, target_directory};
use crate::{Error, binary};

/// How much memory the command may take, in bytes, however long the list is.
const MEMORY: u64 = 64_000_000;

/// The least part of dnsperf's rate.
const PART: f64 = 0.15;

/// A list that is ten times as long may take so many times as long.
const TEN_TIMES: f64 = 13.0;

/// Where the name server listens.
const PORT: u16 = 53_535;

/// How long it may take until it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked of each domain, `@` being its name; `--dns-only` and `--no-dnssec` leave the rest out.
const QUESTIONS: [&str; 9] = [
    "@ MX",
    "mail.@ A",
    "mail.@ AAAA",
    "_25._tcp.mail.@ TLSA",
    "25.2.0.192.in-addr.arpa PTR",
    "_mta-sts.@ TXT",
    "_smtp._tls.@ TXT",
    "_submission._tcp.@ SRV",
    "_submissions._tcp.@ SRV",
];

/// NSD, ended when it is let go.
pub(super) struct NameServer {
    child: Child,
    control: PathBuf,
}

impl Drop for NameServer {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            println!("NSD with the process id {} may still run: {error}", self.child.id());
        }
    }
}

/// A domain of the name server's, by its number.
pub(super) fn domain(number: u64) -> String {
    format!("d{number}.bulk.test")
}

/// Writes a file of lines.
pub(super) fn written(path: &Path, mut lines: impl Iterator<Item = String>) -> Result<(), Error> {
    let file = File::create(path).map_err(Error::file("create", path))?;
    let mut out = BufWriter::new(file);
    lines
        .try_for_each(|line| writeln!(out, "{line}"))
        .and_then(|()| out.flush())
        .map_err(Error::file("write", path))
}

impl NameServer {
    /// Serves as many domains.
    pub(super) fn start(folder: &Path, domains: u64) -> Result<NameServer, Error> {
        let write = |name: &str, lines: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>| {
            let path = folder.join(name);
            let file = File::create(&path).map_err(Error::file("create", &path))?;
            let mut out = BufWriter::new(file);
            lines(&mut out)
                .and_then(|()| out.flush())
                .map_err(Error::file("write", &path))
        };
        write("zone", &mut |out| {
            writeln!(
                out,
                "$ORIGIN bulk.test.\n$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1"
            )?;
            (0..domains).try_for_each(|number| {
                writeln!(
                    out,
                    "d{number} MX 10 mail.d{number}\nmail.d{number} A 192.0.2.25\n_submissions._tcp.d{number} SRV 0 1 465 mail.d{number}"
                )
            })
        })?;
        write("reverse", &mut |out| {
            writeln!(
                out,
                "$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 60\n@ SOA ns.bulk.test. hostmaster.bulk.test. 1 60 60 60 60\n@ NS ns.bulk.test.\n25 PTR mail.d0.bulk.test."
            )
        })?;
        let at = folder.display();
        write("nsd.conf", &mut |out| {
            writeln!(
                out,
                "server:\n  ip-address: 127.0.0.1@{PORT}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{at}\"\n  database: \"\"\n  \
                 pidfile: \"{at}/nsd.pid\"\n  xfrdfile: \"{at}/xfrd.state\"\n  zonelistfile: \"{at}/zone.list\"\n  logfile: \"{at}/nsd.log\"\n  \
                 server-count: 1\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: yes\n  control-interface: \"{at}/control\"\n\
                 zone:\n  name: bulk.test\n  zonefile: zone\nzone:\n  name: 2.0.192.in-addr.arpa\n  zonefile: reverse"
            )
        })?;
        let said = folder.join("nsd.said");
        let log = File::create(&said).map_err(Error::file("create", &said))?;
        let control = folder.join("nsd.conf");
        let start = |source| Error::Start {
            program: "nsd".to_owned(),
            source,
        };
        let mut command = Command::new(program("nsd")?);
        command
            .args(["-d", "-c"])
            .arg(&control)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(start)?)
            .stderr(log);
        let server = NameServer {
            child: command.spawn().map_err(start)?,
            control,
        };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", PORT)).is_err() {
            if Instant::now() > until {
                return Err(Error::Answer {
                    program: "nsd",
                    why: format!("it does not listen; {} says why", folder.join("nsd.log").display()),
                });
            }
            sleep(LOOK);
        }
        Ok(server)
    }

    /// How many questions came since this was asked last.
    fn questions(&self) -> Result<u64, Error> {
        let output = ask(Command::new(program("nsd-control")?)
            .arg("-c")
            .arg(&self.control)
            .arg("stats"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let count = text
            .lines()
            .find_map(|line| line.strip_prefix("num.queries=")?.parse().ok());
        count.ok_or_else(|| Error::Answer {
            program: "nsd-control stats",
            why: "no `num.queries=`".to_owned(),
        })
    }
}

/// A program of the lab.
fn program(name: &'static str) -> Result<PathBuf, Error> {
    find(name).ok_or_else(|| Error::Missing {
        list: format!("  {name:<18} many domains and their questions"),
        remedy: "On Debian: apt-get install --no-install-recommends nsd dnsperf".to_owned(),
    })
}

/// What a list took.
struct Ran {
    time: Duration,
    memory: u64,
    questions: u64,
}

impl Ran {
    fn rate(&self) -> f64 {
        self.questions as f64 / self.time.as_secs_f64()
    }
}

/// Name servers alone are asked, and no signatures are checked.
pub(super) const FLAGS: [&str; 2] = ["--no-dnssec", "--dns-only"];

/// Where they are.
pub(super) fn server_flag() -> [String; 2] {
    ["--server".to_owned(), format!("127.0.0.1:{PORT}")]
}

/// The command on a list, whose results go behind those that are there.
pub(super) fn asking(command: &Path, list: &Path, out: &Path) -> Result<Command, Error> {
    let to = OpenOptions::new()
        .create(true)
        .append(true)
        .open(out)
        .map_err(Error::file("open", out))?;
    let mut asking = Command::new(command);
    asking
        .args(["mx", "--quiet"])
        .args(FLAGS)
        .args(server_flag())
        .arg("--from")
        .arg(list);
    asking.arg("--skip-done").arg(out).stdin(Stdio::null()).stdout(to);
    Ok(asking)
}

fn spawned(command: &mut Command) -> Result<Child, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.spawn().map_err(|source| Error::Start { program, source })
}

fn asked(server: &NameServer, command: &Path, list: &Path, out: &Path) -> Result<Ran, Error> {
    // What came before does not count.
    server.questions()?;
    let begin = Instant::now();
    let mut child = spawned(&mut asking(command, list, out)?)?;
    let (ended, memory) = watched(&mut child).map_err(|source| Error::Start {
        program: "smtplint".to_owned(),
        source,
    })?;
    let time = begin.elapsed();
    if !ended.success() {
        return Err(Error::Failed {
            step: "the list".to_owned(),
            command: "smtplint mx".to_owned(),
            status: ended,
        });
    }
    Ok(Ran {
        time,
        memory,
        questions: server.questions()?,
    })
}

/// What is wrong with the results of so many domains: each has to have one, and none two.
fn missing(out: &Path, domains: u64, wrong: &mut Vec<String>) -> Result<(), Error> {
    let file = File::open(out).map_err(Error::file("open", out))?;
    let mut seen = HashSet::new();
    let (mut twice, mut failed) = (0, 0);
    for line in BufReader::new(file).lines() {
        let line = line.map_err(Error::file("read", out))?;
        let record: Value = serde_json::from_str(&line).map_err(|error| Error::Answer {
            program: "smtplint mx",
            why: error.to_string(),
        })?;
        failed += u64::from(!record["error"].is_null());
        twice += u64::from(!seen.insert(record["domain"].as_str().map(str::to_owned)));
    }
    if (seen.len() as u64, twice, failed) != (domains, 0, 0) {
        wrong.push(format!(
            "of {domains} domains {} have a result, {twice} have two, and {failed} failed",
            seen.len()
        ));
    }
    Ok(())
}

pub(super) fn fresh(path: &Path) -> Result<(), Error> {
    File::create(path).map(drop).map_err(Error::file("create", path))
}

/// Asks about so many domains, about a tenth of them, and about all of them again with a stop in the middle; and gives the same
/// questions to dnsperf.
///
/// # Errors
///
/// [`Error::Soak`] when a domain is lost or repeated, when it takes too much memory, does not grow evenly, or is slower than a part
/// of dnsperf; the failing step's error.
pub fn bulk(domains: u64) -> Result<(), Error> {
    program("nsd")?;
    let dnsperf = program("dnsperf")?;
    let command = step("the command", binary::build)?;
    let folder = target_directory()?.join("soak/bulk");
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let server = step("the name server", || NameServer::start(&folder, domains))?;
    let list = |name: &str, count: u64, lines: &[&str]| -> Result<PathBuf, Error> {
        let path = folder.join(name);
        let each = |number: u64| lines.iter().map(move |line| line.replace('@', &domain(number)));
        written(&path, (0..count).flat_map(each))?;
        Ok(path)
    };
    let (all, tenth) = (list("all", domains, &["@"])?, list("tenth", domains / 10, &["@"])?);
    let questions = list("questions", domains, &QUESTIONS)?;
    let out = folder.join("out");
    let mut wrong = Vec::new();
    let few = step("a tenth of them", || {
        fresh(&out).and_then(|()| asked(&server, &command, &tenth, &out))
    })?;
    let many = step("all of them", || {
        fresh(&out).and_then(|()| asked(&server, &command, &all, &out))
    })?;
    missing(&out, domains, &mut wrong)?;
    step("all of them, stopped in the middle", || {
        fresh(&out)?;
        let mut child = spawned(&mut asking(&command, &all, &out)?)?;
        sleep(many.time / 2);
        let start = |source| Error::Start {
            program: "smtplint".to_owned(),
            source,
        };
        child.kill().map_err(start)?;
        child.wait().map_err(start)?;
        asked(&server, &command, &all, &out).map(drop)
    })?;
    missing(&out, domains, &mut wrong)?;
    let theirs = step("dnsperf", || {
        let output = ask(Command::new(&dnsperf)
            .args(["-s", "127.0.0.1", "-p", &PORT.to_string(), "-n", "1", "-d"])
            .arg(&questions))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let rate = text.lines().find_map(|line| {
            line.trim()
                .strip_prefix("Queries per second:")?
                .trim()
                .parse::<f64>()
                .ok()
        });
        rate.ok_or_else(|| Error::Answer {
            program: "dnsperf",
            why: "no `Queries per second:`".to_owned(),
        })
    })?;
    for (name, ran) in [("a tenth", &few), ("all", &many)] {
        println!(
            "    {name:<8} {:>7.2} s, {:>5.1} MB at most, {} questions, {:.0} a second",
            ran.time.as_secs_f64(),
            ran.memory as f64 / 1e6,
            ran.questions,
            ran.rate()
        );
    }
    let (part, times) = (many.rate() / theirs, many.time.as_secs_f64() / few.time.as_secs_f64());
    println!(
        "    dnsperf  {theirs:.0} questions a second: {part:.2} of it; ten times the list takes {times:.1} times as long"
    );
    if many.memory > MEMORY {
        wrong.push(format!("it takes {} bytes, and {MEMORY} are allowed", many.memory));
    }
    if part < PART {
        wrong.push(format!("it asks {part:.2} of what dnsperf asks, and {PART} is wanted"));
    }
    if times > TEN_TIMES {
        wrong.push(format!("ten times the list takes {times:.1} times as long"));
    }
    drop(server);
    run("what is left of it", Command::new("rm").arg("-r").arg(&folder))?;
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Soak {
            list: wrong.join("\n  "),
        })
    }
}
