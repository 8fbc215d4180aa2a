//! The logs that are named, and those of this machine.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use smtplint_core::usage::{Stamp, first_stamp, reading_order};

use super::Progress;
use super::compressed::{Refused, plain};
use crate::error::Error;
use crate::input::STDIN;

/// So much of a log is looked at for its first stamp.
const BEGINNING: u64 = 65_536;

/// Compressed bytes are read in parts of this size.
const PART: usize = 65_536;

/// A log to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Log {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Log {
    /// What a person names on the command line.
    pub(crate) fn named(path: &Path) -> Result<Log, Error> {
        if path == Path::new("-") {
            return Ok(Log::Stdin);
        }
        if path.is_dir() {
            return Err(Error::LogFolder {
                path: path.to_path_buf(),
            });
        }
        Ok(Log::File(path.to_path_buf()))
    }

    /// Opens it.
    pub(crate) fn open(&self, progress: &Progress) -> Result<Box<dyn Read + '_>, Error> {
        match self {
            Log::Stdin => self.text(progress.counting(io::stdin().lock())),
            Log::File(path) => {
                let file = File::open(path).map_err(|error| self.unreadable(error))?;
                self.text(progress.counting(file))
            }
        }
    }

    fn text<'r>(&self, bytes: impl Read + 'r) -> Result<Box<dyn Read + 'r>, Error> {
        plain(BufReader::with_capacity(PART, bytes)).map_err(|refused| match refused {
            Refused::Unreadable(error) => self.unreadable(error),
            Refused::Compressed(form, program) => Error::Compressed {
                name: self.name(),
                form,
                program,
            },
        })
    }

    /// The error of a reading that failed.
    pub(crate) fn unreadable(&self, source: io::Error) -> Error {
        Error::Unreadable {
            path: self.name().into(),
            source,
        }
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Log::Stdin => STDIN.to_owned(),
            Log::File(path) => path.display().to_string(),
        }
    }

    /// How many bytes it has; a pipe does not tell.
    pub(crate) fn size(&self) -> Option<u64> {
        let Log::File(path) = self else {
            return None;
        };
        let metadata = fs::metadata(path).ok()?;
        metadata.is_file().then_some(metadata.len())
    }
}

/// What is known of the order of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// They come from the oldest.
    Known,
    /// Stamps with a year cannot be compared with those without one: the logs of each kind come from the oldest.
    OfEachKind,
    /// Nothing: they come as they are named.
    AsNamed,
}

/// The logs, the oldest first, as far as that order is known. What can be read only once comes as it is named.
pub(crate) fn in_order(logs: Vec<Log>) -> Result<(Vec<Log>, Order), Error> {
    if logs.len() < 2 {
        return Ok((logs, Order::Known));
    }
    if logs.iter().any(|log| log.size().is_none()) {
        // Whatever is wrong with a file is said when it is opened.
        return Ok((logs, Order::AsNamed));
    }
    let hidden = Progress::new(None, true);
    let (mut filled, mut firsts) = (Vec::with_capacity(logs.len()), Vec::with_capacity(logs.len()));
    for log in logs {
        let mut beginning = Vec::new();
        log.open(&hidden)?
            .take(BEGINNING)
            .read_to_end(&mut beginning)
            .map_err(|error| log.unreadable(error))?;
        // A log that was rotated just now has nothing in it.
        if !beginning.is_empty() {
            firsts.push(first_stamp(&beginning));
            filled.push(log);
        }
    }
    let in_order_of = |kind: &[usize]| -> Option<Vec<Log>> {
        let firsts: Vec<_> = kind.iter().filter_map(|at| firsts.get(*at).copied()).collect();
        let order = reading_order(&firsts)?;
        let sorted = order.iter().filter_map(|at| filled.get(*kind.get(*at)?));
        Some(sorted.cloned().collect())
    };
    let all: Vec<usize> = (0..filled.len()).collect();
    if filled.len() < 2 {
        return Ok((filled, Order::Known));
    }
    if let Some(sorted) = in_order_of(&all) {
        return Ok((sorted, Order::Known));
    }
    // Servers have habits of their own: with Exim's log beside that of the system there are both.
    let (with_year, without): (Vec<usize>, Vec<usize>) = all
        .into_iter()
        .partition(|at| firsts.get(*at).copied().flatten().is_some_and(Stamp::has_year));
    match (in_order_of(&with_year), in_order_of(&without)) {
        (Some(mut sorted), Some(others)) => {
            sorted.extend(others);
            Ok((sorted, Order::OfEachKind))
        }
        _ => Ok((filled, Order::AsNamed)),
    }
}

/// The logs without those whose content another one has as well, plain or compressed, whole or as its beginning: what happened
/// once is counted once. Says which are left out. What can be read only once is not looked at.
pub(crate) fn without_copies(logs: Vec<Log>) -> Result<(Vec<Log>, Vec<String>), Error> {
    let mut kept: Vec<(Log, Vec<u8>)> = Vec::with_capacity(logs.len());
    let mut remarks = Vec::new();
    let hidden = Progress::new(None, true);
    'logs: for log in logs {
        if log.size().is_none() {
            kept.push((log, Vec::new()));
            continue;
        }
        let mut beginning = Vec::new();
        log.open(&hidden)?
            .take(BEGINNING)
            .read_to_end(&mut beginning)
            .map_err(|error| log.unreadable(error))?;
        for (other, others) in &mut kept {
            let common = beginning.len().min(others.len());
            if common == 0 || beginning.get(..common) != others.get(..common) {
                continue;
            }
            let told = |copy: &Log, whole: &Log, is_part: bool| {
                let how = if is_part {
                    "is the beginning of"
                } else {
                    "holds the same as"
                };
                format!("{} {how} {}: it is counted once", copy.name(), whole.name())
            };
            match compared(&log, other, &hidden)? {
                Likeness::Other => continue,
                Likeness::Same => remarks.push(told(&log, other, false)),
                Likeness::FirstEnds => remarks.push(told(&log, other, true)),
                Likeness::SecondEnds => {
                    remarks.push(told(other, &log, true));
                    (*other, *others) = (log, beginning);
                }
            }
            continue 'logs;
        }
        kept.push((log, beginning));
    }
    Ok((kept.into_iter().map(|(log, _)| log).collect(), remarks))
}

/// How two logs are alike.
#[derive(Debug, PartialEq, Eq)]
enum Likeness {
    Other,
    Same,
    /// The first is the beginning of the second.
    FirstEnds,
    /// The second is the beginning of the first.
    SecondEnds,
}

/// Compares two logs byte by byte, as they are when nothing is compressed.
fn compared(one: &Log, other: &Log, progress: &Progress) -> Result<Likeness, Error> {
    let mut first = BufReader::with_capacity(PART, one.open(progress)?);
    let mut second = BufReader::with_capacity(PART, other.open(progress)?);
    loop {
        let mine = first.fill_buf().map_err(|error| one.unreadable(error))?;
        let theirs = second.fill_buf().map_err(|error| other.unreadable(error))?;
        let common = mine.len().min(theirs.len());
        match (mine.is_empty(), theirs.is_empty()) {
            (true, true) => return Ok(Likeness::Same),
            (true, false) => return Ok(Likeness::FirstEnds),
            (false, true) => return Ok(Likeness::SecondEnds),
            (false, false) if mine.get(..common) != theirs.get(..common) => return Ok(Likeness::Other),
            (false, false) => {}
        }
        first.consume(common);
        second.consume(common);
    }
}

/// Where the mail logs of systems lie, as folders below the one of all logs, and what they are called there.
const PLACES: [(&str, &[&str]); 4] = [
    // Debian's and Red Hat's; Dovecot's own, as its documentation has it; Exim's in the systems of cPanel.
    (
        "",
        &["mail.log", "maillog", "dovecot.log", "dovecot-info.log", "exim_mainlog"],
    ),
    // Debian's, and that of most others.
    ("exim4", &["mainlog"]),
    ("exim", &["main.log", "mainlog"]),
    ("dovecot", &["dovecot.log", "dovecot-info.log"]),
];

/// The mail logs of a folder, with those that were rotated.
pub(crate) fn default_logs(folder: &Path) -> Vec<Log> {
    let found = PLACES
        .iter()
        .flat_map(|(below, names)| logs_of(&folder.join(below), names));
    found.collect()
}

fn logs_of(folder: &Path, names: &[&str]) -> Vec<Log> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_one = |name: &str| {
        names.iter().any(|log| {
            name.strip_prefix(log)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        })
    };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_one) && path.is_file())
        .collect();
    paths.sort();
    paths.into_iter().map(Log::File).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_a_folder_are_read_from_the_oldest() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in [
            ("mail.log", "Jan  3 00:00:01 mail x[1]: y\n"),
            ("mail.log.1", "Dec 27 00:00:01 mail x[1]: y\n"),
            ("mail.log.2", "Dec 20 00:00:01 mail x[1]: y\n"),
            ("mail.log.3", ""),
            ("mail.err", "Dec 20 00:00:01 mail x[1]: y\n"),
            ("mail.logs", "no log"),
        ] {
            fs::write(folder.path().join(name), text).expect("a file is written");
        }
        let found = default_logs(folder.path());
        assert_eq!(found.len(), 4);
        let (ordered, is_known) = in_order(found).expect("they can be read");
        let names: Vec<_> = ordered
            .iter()
            .map(|log| log.name().rsplit('/').next().map(str::to_owned))
            .collect();
        assert_eq!(
            names,
            ["mail.log.2", "mail.log.1", "mail.log"].map(|name| Some(name.to_owned()))
        );
        assert_eq!(is_known, Order::Known);
        assert_eq!(default_logs(&folder.path().join("none")), []);
    }

    #[test]
    fn logs_of_several_servers_are_found_and_each_kind_is_read_from_the_oldest() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("exim4")).expect("a folder is made");
        for (name, text) in [
            ("exim4/mainlog", "2026-01-03 00:00:01 x\n"),
            ("exim4/mainlog.1", "2026-01-02 00:00:01 x\n"),
            ("exim4/rejectlog", "2026-01-02 00:00:01 x\n"),
            ("exim_mainlog", "2026-01-01 00:00:01 x\n"),
            ("mail.log", "Jan  3 00:00:01 mail x[1]: y\n"),
            ("mail.log.1", "Dec 27 00:00:01 mail x[1]: y\n"),
        ] {
            fs::write(folder.path().join(name), text).expect("a file is written");
        }
        let (ordered, order) = in_order(default_logs(folder.path())).expect("they can be read");
        let names: Vec<_> = ordered
            .iter()
            .filter_map(|log| log.name().rsplit('/').next().map(str::to_owned))
            .collect();
        assert_eq!(
            names,
            ["exim_mainlog", "mainlog.1", "mainlog", "mail.log.1", "mail.log"]
        );
        assert_eq!(order, Order::OfEachKind);
    }

    #[test]
    fn what_two_logs_hold_is_counted_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let line = "Jan  3 00:00:01 mail x[1]: y\n";
        let long = line.repeat(5000);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        io::Write::write_all(&mut packed, long.as_bytes()).expect("memory takes every byte");
        let packed = packed.finish().expect("memory takes every byte");
        let another = format!("{long}{}", line.replace('y', "z"));
        let files: [(&str, &[u8]); 5] = [
            ("a", long.as_bytes()),
            ("b.gz", &packed),
            ("c", line.as_bytes()),
            ("d", another.as_bytes()),
            ("e", b"Jan  3 00:00:02 mail x[1]: y\n"),
        ];
        let mut logs = Vec::new();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).expect("a file is written");
            logs.push(Log::File(folder.path().join(name)));
        }
        let (kept, remarks) = without_copies(logs.clone()).expect("they can be read");
        assert_eq!(kept, [logs[3].clone(), logs[4].clone()]);
        let told = |at: usize, words: &str| assert!(remarks[at].contains(words), "{remarks:?}");
        told(0, "b.gz holds the same as ");
        told(1, "c is the beginning of ");
        told(2, "a is the beginning of ");
        assert_eq!(remarks.len(), 3);
    }

    #[test]
    fn what_can_be_read_only_once_stays_where_it_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("log");
        fs::write(&file, "Jan  3 00:00:01 mail x[1]: y\n").expect("a file is written");
        let logs = vec![Log::Stdin, Log::File(file)];
        assert_eq!(
            in_order(logs.clone()).expect("nothing is opened"),
            (logs, Order::AsNamed)
        );
    }
}
