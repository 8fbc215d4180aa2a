//! What `doveconf` makes of a configuration, held against what smtplint reads in it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use smtplint_core::Options;
use smtplint_core::dialects::dovecot::Dovecot;
use smtplint_core::facts::Value;
use smtplint_core::inspect::Inspection;
use smtplint_core::setting::{Scope, Status};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::version::Target;

use crate::program::{DOVECONF, ProgramError};

/// It answers within a moment; a loaded machine may take longer.
const LIMIT: Duration = Duration::from_secs(60);

/// The release that answers.
///
/// # Errors
///
/// Why there is no answer.
pub fn release() -> Result<String, ProgramError> {
    let mut command = DOVECONF.command()?;
    command.arg("-n");
    let ran = DOVECONF.run(&mut command, b"", LIMIT)?;
    let head = ran.stdout.lines().next().unwrap_or_default();
    let number = head.trim_start_matches("# ").split([' ', ':']).next();
    Ok(number.unwrap_or_default().to_owned())
}

/// Files by their path below the folder of the configuration; `dovecot.conf` is the one that is read.
pub type Files = BTreeMap<String, String>;

/// Settings by where they stand and their name, each with its value.
pub type Settings = BTreeMap<String, String>;

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum DoveconfError {
    /// It did not answer.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The files could not be written for it.
    #[error("the files of a configuration: {0}")]
    Files(#[from] io::Error),
}

/// What it says of a configuration.
#[derive(Debug)]
pub enum Answer {
    /// All settings, with the lines at which it gave a warning of a setting that is obsolete: file and line.
    Settings {
        /// As `doveconf -a` prints them.
        all: Settings,
        /// As `doveconf -n` prints them: those that are not at their default.
        changed: Settings,
        /// Where settings stand that it knows by other names.
        obsolete: Vec<(String, usize)>,
    },
    /// It stops: file, line (0 where it names none) and its words.
    Stops {
        /// Below the folder.
        file: String,
        /// From 1.
        line: usize,
        /// What it says.
        why: String,
    },
}

/// Asks about files, which are written into a folder for that.
///
/// # Errors
/// When the files cannot be written, or the program does not answer.
pub fn ask(folder: &Path, files: &Files) -> Result<Answer, DoveconfError> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above)?;
        }
        fs::write(path, text)?;
    }
    let run = |what: &str| {
        let mut command = DOVECONF.command()?;
        command.arg("-c").arg(folder.join("dovecot.conf")).arg(what);
        DOVECONF.run(&mut command, b"", LIMIT)
    };
    // With `P` it does not hide what may be a key.
    let (all, changed) = (run("-Pa")?, run("-Pn")?);
    let below = format!("{}/", folder.display());
    // Its last word; other programs that it starts complain before.
    let fatal = all
        .stderr
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("doveconf: Fatal: Error in configuration file "));
    if let (Some(fatal), true) = (fatal, all.code != Some(0)) {
        let (place, why) = fatal.split_once(": ").unwrap_or((fatal, ""));
        let (file, line) = place.split_once(" line ").unwrap_or((place, "0"));
        return Ok(Answer::Stops {
            file: file.strip_prefix(&below).unwrap_or(file).to_owned(),
            line: line.parse().unwrap_or(0),
            why: why.to_owned(),
        });
    }
    if all.code != Some(0) {
        return Ok(Answer::Stops {
            file: String::new(),
            line: 0,
            why: all.stderr,
        });
    }
    let obsolete = all.stderr.lines().filter_map(|line| {
        let (place, _) = line
            .strip_prefix("doveconf: Warning: Obsolete setting in ")?
            .split_once(": ")?;
        let (file, line) = place.rsplit_once(':')?;
        Some((file.strip_prefix(&below)?.to_owned(), line.parse().ok()?))
    });
    Ok(Answer::Settings {
        all: printed(&all.stdout),
        changed: printed(&changed.stdout),
        obsolete: obsolete.collect(),
    })
}

/// The settings of a print-out.
fn printed(text: &str) -> Settings {
    // A value of one backslash is printed as it is, where it would continue the line.
    let text = text.replace("= \\\n", "= \"\\\\\"\n");
    let mut sources = Sources::new();
    sources.add(Source::new(
        "doveconf",
        &text,
        SourceKind::Printed {
            by: "doveconf".to_owned(),
        },
    ));
    settings(&sources, &[])
}

/// What smtplint reads in files, without the lines named.
#[must_use]
pub fn ours(files: &Files, without: &[(String, usize)]) -> Settings {
    settings(&sources(files), without)
}

/// Where smtplint says that Dovecot stops: file and line.
#[must_use]
pub fn faults(files: &Files) -> Vec<(String, usize)> {
    let sources = sources(files);
    let inspection = smtplint_core::inspect(&sources, &Dovecot, &Target::default());
    let places = inspection.faults.iter().map(|(span, _)| {
        let place = sources.place(*span);
        (place.file, place.end_line)
    });
    places.collect()
}

/// Why the whole of Dovecot does not start, as smtplint says it: the first reason.
#[must_use]
pub fn stops(files: &Files) -> Option<String> {
    let report = smtplint_core::check(&sources(files), &Dovecot, &Options::default());
    let told = report
        .findings
        .into_iter()
        .find(|one| one.rule == "service-cannot-start");
    told.map(|one| one.message)
}

/// Files as somebody hands them in.
pub fn sources(files: &Files) -> Sources {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(Source::new(path.clone(), text, SourceKind::Authored));
    }
    sources
}

fn settings(sources: &Sources, without: &[(String, usize)]) -> Settings {
    let mut target = Target::default();
    // Both languages are read alike; the release decides what `$name` stands for.
    if sources
        .iter()
        .all(|(_, source)| !source.text().contains("dovecot_config_version"))
    {
        target.add("dovecot=2.3.19").unwrap_or_default();
    }
    let Inspection { settings, .. } = smtplint_core::inspect(sources, &Dovecot, &target);
    let mut found = Settings::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut opened: BTreeMap<(String, usize), String> = BTreeMap::new();
    for one in settings {
        let place = sources.place(one.written);
        let is_shadowed = matches!(one.status, Status::Shadowed { .. });
        if is_shadowed
            || without
                .iter()
                .any(|(file, line)| *file == place.file && (place.line..=place.end_line).contains(line))
        {
            continue;
        }
        let Value::Is(value) = one.effective else { continue };
        let scope = match &one.scope {
            Scope::Server => String::new(),
            Scope::Service(path) => path.clone(),
        };
        // Sections without a name are told apart by the order in which they come: the settings of one stand together.
        let scope = if scope.contains("passdb") || scope.contains("userdb") {
            let block = (scope.clone(), block_of(sources, &place));
            opened
                .entry(block)
                .or_insert_with(|| {
                    let number = numbers.entry(scope.clone()).or_default();
                    *number += 1;
                    format!("{scope}#{number}")
                })
                .clone()
        } else {
            scope
        };
        let (scope, name) = canonical(&scope, &one.name);
        found.insert(format!("{scope}/{name}"), normal(&name, &value));
    }
    found
}

/// The line that opens the section around a place: the last one before it that ends in a brace, in this file.
fn block_of(sources: &Sources, place: &smtplint_core::source::Place) -> usize {
    let source = sources
        .iter()
        .map(|(_, source)| source)
        .find(|source| source.path == place.file);
    let Some(source) = source else { return 0 };
    let file = source.path.len() * 1_000_000;
    file + (1..place.line)
        .rev()
        .find(|line| source.line(*line).contains('{') && !source.line(*line).trim().starts_with('#'))
        .unwrap_or(0)
}

/// Another way to write the same: `ssl_server { cert_file = … }` is `ssl_server_cert_file`.
fn canonical(scope: &str, name: &str) -> (String, String) {
    for group in ["ssl_server", "ssl_client"] {
        if scope == group {
            return (String::new(), format!("{group}_{name}"));
        }
        if let Some(outer) = scope.strip_suffix(&format!("/{group}")) {
            return (outer.to_owned(), format!("{group}_{name}"));
        }
    }
    (scope.to_owned(), name.to_owned())
}

/// One form of what Dovecot prints in another one than it is written: words for yes, times, sizes, blanks.
fn normal(name: &str, value: &str) -> String {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if value.eq_ignore_ascii_case("yes") || value.eq_ignore_ascii_case("y") {
        return "yes".to_owned();
    }
    if value.eq_ignore_ascii_case("no") {
        return "no".to_owned();
    }
    if name == "mode" {
        return format!("{:>04}", value.trim_start_matches('0'));
    }
    let digits = value.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let number: Option<u64> = value
        .get(..value.len() - digits.len())
        .and_then(|number| number.parse().ok());
    let unit = digits.trim().to_ascii_lowercase();
    let factor = match unit.as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" | "b" => Some(1),
        "min" | "mins" | "minute" | "minutes" => Some(60),
        "h" | "hour" | "hours" => Some(3600),
        "d" | "day" | "days" => Some(86_400),
        "w" | "week" | "weeks" => Some(604_800),
        "k" | "kb" => Some(1 << 10),
        "m" | "mb" => Some(1 << 20),
        "g" | "gb" => Some(1 << 30),
        _ => None,
    };
    match (number, factor) {
        (Some(number), Some(factor)) => (number * factor).to_string(),
        _ => value,
    }
}
