//! `cargo xtask soak log`: a large mail log before `smtplint usage`, and beside it before awk, which counts the same.
//! `cargo xtask soak bulk`: many domains before `smtplint mx`, and the same questions before dnsperf.
//! `cargo xtask soak spark`: the example of `smtplint mx` on Spark, held against one run of the command.
//! `cargo xtask soak probe`: a port before `smtplint probe`, and beside it before sslscan, sslyze and testssl.sh.

mod bulk;
mod log;
mod probe;
mod spark;

pub use bulk::bulk;
pub use probe::probe;
pub use spark::spark;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{find, step, target_directory};
use crate::{Error, binary};

/// The program that makes the same counts.
const COUNTS: &str = include_str!("soak/counts.awk");

/// How much memory the command may take, in bytes, whatever the size of the log.
const MEMORY: u64 = 50_000_000;

/// How often the memory of a program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Makes a log of so many megabytes, counts it twice, and compares the counts, the times and the memory.
///
/// # Errors
///
/// [`Error::Soak`] when counts differ, or the command is slower than awk or takes too much memory; the failing step's error.
pub fn log(seed: u64, megabytes: u64) -> Result<(), Error> {
    let awk = find("mawk").or_else(|| find("awk")).ok_or_else(|| Error::Missing {
        list: "  mawk               counting beside the command".to_owned(),
        remedy: "On Debian: apt-get install --no-install-recommends mawk".to_owned(),
    })?;
    let program = step("the command", binary::build)?;
    let folder = target_directory()?.join("soak");
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let path = folder.join(format!("mail-{seed}-{megabytes}.log"));
    step("the log", || {
        let file = File::create(&path).map_err(Error::file("create", &path))?;
        let lines = log::write(
            &mut BufWriter::with_capacity(1 << 20, file),
            seed,
            megabytes * 1_000_000,
        );
        let lines = lines.map_err(Error::file("write", &path))?;
        println!("    seed {seed}: {megabytes} MB, {lines} lines");
        Ok(())
    })?;
    let result = step("side by side", || side_by_side(&program, &awk, &path));
    fs::remove_file(&path).map_err(Error::file("remove", &path))?;
    result
}

/// What a program printed, and what it took.
struct Ran {
    printed: String,
    time: Duration,
    /// The most memory it had at a time, in bytes.
    memory: u64,
}

fn side_by_side(program: &Path, awk: &Path, log: &Path) -> Result<(), Error> {
    let theirs = measured(Command::new(awk).arg(COUNTS).arg(log))?;
    let json = measured(
        Command::new(program)
            .args(["usage", "--quiet", "--format", "json"])
            .arg(log),
    )?;
    let text = measured(Command::new(program).args(["usage", "--quiet"]).arg(log))?;
    for (name, ran) in [("smtplint usage", &text), ("… as JSON", &json), ("awk", &theirs)] {
        let megabytes = ran.memory as f64 / 1e6;
        println!(
            "    {name:<15} {:>7.2} s, {megabytes:>6.1} MB at most",
            ran.time.as_secs_f64()
        );
    }
    let usage: Value = serde_json::from_str(&json.printed).map_err(|error| Error::Answer {
        program: "smtplint usage",
        why: error.to_string(),
    })?;
    let (ours, awks) = (counts(&usage), theirs.printed.lines().map(str::to_owned).collect());
    let differences: Vec<String> = ours.symmetric_difference(&awks).take(10).cloned().collect();
    println!("    {} counts, the same by both", ours.intersection(&awks).count());
    let mut wrong = Vec::new();
    if !differences.is_empty() {
        wrong.push(format!(
            "counts that only one of both has:\n    {}",
            differences.join("\n    ")
        ));
    }
    if text.time.max(json.time) > theirs.time {
        wrong.push("smtplint usage takes longer than awk".to_owned());
    }
    for (name, ran) in [("smtplint usage", &text), ("smtplint usage --format json", &json)] {
        if ran.memory > MEMORY {
            wrong.push(format!("{name} takes {} bytes, and {MEMORY} are allowed", ran.memory));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Soak {
        list: wrong.join("\n  "),
    })
}

/// Runs a program to its end and looks at its memory meanwhile.
fn measured(command: &mut Command) -> Result<Ran, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = |source| Error::Start {
        program: name.clone(),
        source,
    };
    let begin = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let mut stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut printed = String::new();
        let read = stdout.as_mut().map(|out| out.read_to_string(&mut printed));
        read.transpose().map(|_| printed)
    });
    let (ended, memory) = watched(&mut child).map_err(start)?;
    let time = begin.elapsed();
    let printed = match reader.join() {
        Ok(Ok(printed)) => printed,
        Ok(Err(source)) => return Err(start(source)),
        Err(_) => {
            return Err(Error::Answer {
                program: "the reader",
                why: "it stopped".to_owned(),
            });
        }
    };
    if ended.success() {
        return Ok(Ran { printed, time, memory });
    }
    Err(Error::Failed {
        step: "side by side".to_owned(),
        command: name,
        status: ended,
    })
}

/// How a program ends, and the most memory it had at a time, in bytes.
fn watched(child: &mut Child) -> Result<(ExitStatus, u64), std::io::Error> {
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let mut memory = 0;
    loop {
        // The kernel keeps the most that there ever was, until the process ends.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let most = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        memory = most.map_or(memory, |kilobytes: u64| memory.max(kilobytes * 1024));
        if let Some(ended) = child.try_wait()? {
            return Ok((ended, memory));
        }
        std::thread::sleep(LOOK);
    }
}

/// The counts of a report, written as awk writes them.
fn counts(usage: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    for service in list(&usage["services"]) {
        let name = word(&service["name"]);
        for (what, key) in [
            ("messages", "messages"),
            ("logins", "logins"),
            ("failed", "failed_logins"),
        ] {
            // awk names what it has seen.
            if number(&service[key]) > 0 {
                lines.insert(format!("{what} {name} {}", number(&service[key])));
            }
        }
        for one in list(&service["encryption"]) {
            let (entry, version) = (word(&one["entry"]), word(&one["version"]));
            lines.insert(format!(
                "sessions {name} {entry} {version} {}",
                number(&one["sessions"])
            ));
        }
    }
    for user in list(&usage["users"]) {
        let name = word(&user["user"]);
        lines.insert(format!("last {name} {}", word(&user["last"])));
        let mut used: Vec<(String, u64)> = Vec::new();
        for one in list(&user["uses"]) {
            let way = format!(
                "{} {} {}",
                word(&one["service"]),
                word(&one["entry"]),
                word(&one["version"])
            );
            match used.iter_mut().find(|(known, _)| *known == way) {
                Some((_, count)) => *count += number(&one["logins"]),
                None => used.push((way, number(&one["logins"]))),
            }
        }
        lines.extend(
            used.into_iter()
                .map(|(way, count)| format!("used {name} {way} {count}")),
        );
    }
    lines
}
