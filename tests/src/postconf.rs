//! The oracle: what real `postconf` says a configuration means, without a daemon and without root.
//!
//! Some answers depend on the host. Which, found by experiment with Postfix 3.7:
//!
//! | parameter | comes from | how to pin it |
//! |---|---|---|
//! | `myhostname`, `mydomain` | the kernel's host name | [`Host::Pinned`] |
//! | `mynetworks` (not set) | the interfaces, unless `inet_interfaces` narrows them, and their order | [`Host::Pinned`] |
//! | `config_directory` | the directory given with `-c`; printed by `-n` although nobody set it | [`Prepared::directory`] |
//! | `$process_id`, `$process_name` | the running postconf; seen only where a value names them and `x` expands | not pinned |
//!
//! It prints every run of blanks in a value as one blank.
//!
//! A file changed within the last second is read again until it has cooled down: each read repeats its warnings, and a
//! run takes up to two seconds. The files written here are therefore dated back.

mod host;
mod warning;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

pub use host::{DefaultNames, Host, HostFacts, Interface};
pub use warning::Warning;

use crate::program::{Finished, POSTCONF, ProgramError};

/// Every fatal error of Postfix sleeps one second before the program ends.
const LIMIT: Duration = Duration::from_secs(20);

/// What to ask about.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// The bytes of main.cf; `None` leaves the file out (postconf is then fatal).
    pub main_cf: Option<Vec<u8>>,
    /// The bytes of master.cf; `None` leaves the file out.
    pub master_cf: Option<Vec<u8>>,
    /// `-o name=value`: as if the line stood at the end of main.cf.
    pub overrides: Vec<(String, String)>,
    /// The host name and the interfaces postconf sees.
    pub host: Host,
}

/// What postconf printed, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Name → value; with `-P` the names are `service/type/parameter`. Bytes that are not UTF-8 are replaced.
    pub values: BTreeMap<String, String>,
    /// Lines whose name was printed before; `values` holds the last one.
    pub repeated: Vec<String>,
    /// The warnings, in the order they were given. That order is not the file's: postconf walks hash tables.
    pub warnings: Vec<Warning>,
    /// Why postconf gave up, without the `postconf: fatal: ` before it.
    pub fatal: Option<String>,
}

/// Why the oracle has no answer.
#[derive(Debug, thiserror::Error)]
pub enum PostconfError {
    /// A program is missing, hangs or cannot be started.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The temporary directory could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line that is not `name = value`.
    #[error("postconf printed a line that is not `name = value`: {0:?}")]
    UnreadableLine(String),
    /// It failed, but not with a fatal error of its own.
    #[error("postconf ended with code {code:?} and no fatal error: {stderr}")]
    Failed {
        /// Exit code.
        code: Option<i32>,
        /// Standard error.
        stderr: String,
    },
    /// The host could not be pinned, or Postfix sees something else than what was pinned.
    #[error("the host could not be described: {0}")]
    Host(String),
}

impl Configuration {
    /// A configuration on this machine, nothing overridden.
    #[must_use]
    pub fn new(main_cf: impl Into<Vec<u8>>, master_cf: Option<&[u8]>) -> Self {
        Self {
            main_cf: Some(main_cf.into()),
            master_cf: master_cf.map(<[u8]>::to_vec),
            ..Self::default()
        }
    }

    /// Writes the files to a fresh temporary directory, which lives as long as the result.
    ///
    /// # Errors
    /// When postconf is not installed or the directory cannot be written.
    pub fn prepare(&self) -> Result<Prepared, PostconfError> {
        POSTCONF.present()?;
        let at = |path: &Path| {
            let path = path.to_path_buf();
            move |source| PostconfError::Io { path, source }
        };
        let directory = tempfile::Builder::new()
            .prefix("smtplint-postconf-")
            .tempdir()
            .map_err(at(&std::env::temp_dir()))?;
        for (name, text) in [("main.cf", &self.main_cf), ("master.cf", &self.master_cf)] {
            if let Some(bytes) = text {
                let path = directory.path().join(name);
                write_cold(&path, bytes).map_err(at(&path))?;
            }
        }
        Ok(Prepared {
            directory,
            overrides: self.overrides.clone(),
            host: self.host.clone(),
        })
    }
}

/// Writes a file and dates it back, so that Postfix reads it once: see the module's introduction.
///
/// # Errors
/// When the operating system refuses.
pub fn write_cold(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)?;
    let cold = SystemTime::now() - Duration::from_secs(60);
    fs::File::options().write(true).open(path)?.set_modified(cold)
}

/// A configuration on disk, ready to be asked about several times.
#[derive(Debug)]
pub struct Prepared {
    directory: TempDir,
    overrides: Vec<(String, String)>,
    host: Host,
}

impl Prepared {
    /// The directory, which is also the value of `config_directory` as postconf prints it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// `postconf -nx`: what main.cf sets, expanded.
    ///
    /// # Errors
    /// As [`Prepared::values`].
    pub fn settings(&self) -> Result<Printed, PostconfError> {
        self.values(&["-nx"])
    }

    /// `postconf -Px`: what master.cf overrides with `-o`, expanded, as `service/type/parameter`.
    ///
    /// # Errors
    /// As [`Prepared::values`].
    pub fn services(&self) -> Result<Printed, PostconfError> {
        self.values(&["-Px"])
    }

    /// Runs postconf with options that make it print `name = value` lines (`-n`, `-nx`, `-P`, `-Px`, `-d`, `-dx`,
    /// names of parameters) and reads them.
    ///
    /// # Errors
    /// When the program cannot run, or prints what is no such line.
    pub fn values(&self, arguments: &[&str]) -> Result<Printed, PostconfError> {
        let (finished, warnings, fatal) = self.run(arguments)?;
        let mut values = BTreeMap::new();
        let mut repeated = Vec::new();
        for line in finished.stdout.lines() {
            // An empty value leaves a blank behind the equals sign in some versions, none in others.
            let (name, value) = line
                .split_once(" =")
                .ok_or_else(|| PostconfError::UnreadableLine(line.to_owned()))?;
            if name.is_empty() || name.contains(char::is_whitespace) && !name.contains('/') {
                return Err(PostconfError::UnreadableLine(line.to_owned()));
            }
            let value = value.strip_prefix(' ').unwrap_or(value);
            if values.insert(name.to_owned(), value.to_owned()).is_some() {
                repeated.push(name.to_owned());
            }
        }
        Ok(Printed {
            values,
            repeated,
            warnings,
            fatal,
        })
    }

    /// Runs postconf with options whose output is not `name = value` lines (`-M`, `-Mf`, `-F`) and gives the text.
    ///
    /// # Errors
    /// When the program cannot run or is fatal.
    pub fn text(&self, arguments: &[&str]) -> Result<String, PostconfError> {
        let (finished, _, fatal) = self.run(arguments)?;
        match fatal {
            None => Ok(finished.stdout),
            Some(_) => Err(PostconfError::Failed {
                code: finished.code,
                stderr: finished.stderr,
            }),
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<(Finished, Vec<Warning>, Option<String>), PostconfError> {
        let (program, mut command) = self.host.command(POSTCONF)?;
        command.arg("-c").arg(self.directory());
        for (name, value) in &self.overrides {
            command.arg("-o").arg(format!("{name}={value}"));
        }
        command.args(arguments);
        // The variables Postfix itself imports, and a locale that words errors as expected.
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let finished = program.run(&mut command, b"", LIMIT)?;
        let (warnings, fatal) = warning::read(&finished.stderr, self.directory());
        if finished.code != Some(0) && fatal.is_none() {
            return Err(PostconfError::Failed {
                code: finished.code,
                stderr: finished.stderr,
            });
        }
        Ok((finished, warnings, fatal))
    }
}

#[cfg(all(test, feature = "lab"))]
mod tests;
