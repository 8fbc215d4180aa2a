//! `smtplint usage`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use smtplint_core::usage::{Lines, Options, Reader};

use crate::args::{Format, UsageOptions};
use crate::error::Error;
use crate::usage::{Log, Order, Progress, default_logs, in_order, without_copies};
use crate::{output, text};

/// Where systems keep their logs.
const LOGS: &str = "/var/log";

/// The log is read in parts of this size.
const BLOCK: usize = 256 * 1024;

/// Counts what is in logs.
pub(crate) fn run(options: &UsageOptions) -> Result<ExitCode, Error> {
    let ports = ports(&options.service)?;
    let (logs, mut remarks) = without_copies(logs(options)?)?;
    let count = logs.len();
    let (logs, order) = in_order(logs)?;
    match order {
        Order::Known => {}
        Order::OfEachKind => remarks.push(format!(
            "of the {count} logs some have a year in their stamps and some have none, and which of them is older cannot be told: each \
             kind is read from its oldest, and who was seen in both was last seen in what is read last"
        )),
        Order::AsNamed => remarks.push(format!(
            "which of the {count} logs is the oldest cannot be told: they are read as they are named, and should begin with it"
        )),
    }
    let total = logs.iter().map(Log::size).sum();
    let progress = Progress::new(total, options.quiet);
    let mut reader = Reader::new(Options { ports });
    let outcome = logs.iter().try_for_each(|log| read(log, &progress, &mut reader));
    progress.end();
    outcome?;
    let Lines {
        read,
        unreadable,
        cut,
        beyond,
        ..
    } = reader.lines();
    if read == unreadable {
        return Err(Error::NoLog);
    }
    for (number, one, several) in [
        (unreadable, "is no line of a log", "are no lines of a log"),
        (
            cut,
            "is too long, and was read in part",
            "are too long, and were read in part",
        ),
        (
            beyond,
            "is of a machine or service too many",
            "are of machines or services too many",
        ),
    ] {
        match number {
            0 => {}
            1 => remarks.push(format!("1 line of {read} {one}")),
            _ => remarks.push(format!("{number} lines of {read} {several}")),
        }
    }
    output::remark(options.quiet, &remarks)?;
    let mut usage = reader.finish();
    if options.anonymise {
        usage.anonymise();
    }
    match options.format {
        Format::Json => output::stream_json(&usage)?,
        Format::Text => output::print(&text::harmless(&text::usage::render(&usage, options.top)))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a log to its end.
fn read(log: &Log, progress: &Progress, reader: &mut Reader) -> Result<(), Error> {
    let mut bytes = log.open(progress)?;
    let mut block = vec![0; BLOCK];
    loop {
        match bytes.read(&mut block) {
            Ok(0) => break,
            Ok(length) => reader.read(block.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(log.unreadable(error)),
        }
    }
    reader.end_of_file();
    Ok(())
}

/// What is named, or what this machine has.
fn logs(options: &UsageOptions) -> Result<Vec<Log>, Error> {
    if !options.logs.is_empty() {
        let mut logs = Vec::with_capacity(options.logs.len());
        for path in &options.logs {
            let log = Log::named(path)?;
            // What happened once is counted once, however often its log is named.
            if !logs.contains(&log) {
                logs.push(log);
            }
        }
        return Ok(logs);
    }
    let found = default_logs(Path::new(LOGS));
    if found.is_empty() {
        return Err(Error::NoLogHere { folder: LOGS.into() });
    }
    let names: Vec<String> = found.iter().map(Log::name).collect();
    output::remark(options.quiet, &[format!("reading {}", names.join(", "))])?;
    Ok(found)
}

/// `--service`, with or without the name of the program behind it.
fn ports(given: &[String]) -> Result<BTreeMap<String, u16>, Error> {
    let port = |text: &String| {
        let (name, port) = text.split_once('=')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        let name = name.strip_suffix("/smtpd").unwrap_or(name);
        (!name.is_empty()).then(|| (name.to_owned(), port))
    };
    let read = |text: &String| port(text).ok_or_else(|| Error::Service { text: text.clone() });
    given.iter().map(read).collect()
}
