//! `cargo xtask lab`: the tests against real servers and in a real browser.

pub(crate) mod exim;
pub mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::run::{ask, cargo, find, is_root, root, run, step, target_directory};
use crate::together::{Job, with_own_loopback};
use crate::{Error, bench, binary, npm, page, roots, together};

/// Whether to fetch what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Install {
    /// Name what is missing and stop.
    No,
    /// Install it with apt-get; needs root.
    Yes,
}

/// How to see that a package is there.
#[derive(Debug)]
enum Sign {
    /// A program of this name.
    Program(&'static str),
    /// A file; the `*` stands for one directory whose name differs between machines.
    File(&'static str),
}

/// A library that Exim wants, which comes without its package.
const fn of_exim(package: &'static str, file: &'static str) -> (&'static str, Sign, &'static str) {
    (package, Sign::File(file), "a library of Exim")
}

/// What the lab needs: a Debian package, its sign, and what for.
const NEEDS: [(&str, Sign, &str); 36] = [
    ("postfix", Sign::Program("postconf"), "the server itself"),
    ("sasl2-bin", Sign::Program("saslpasswd2"), "passwords for its AUTH"),
    (
        "libsasl2-modules",
        Sign::File("/usr/lib/*/sasl2/libplain.so"),
        "AUTH PLAIN and LOGIN",
    ),
    ("dovecot-core", Sign::Program("dovecot"), "another server"),
    (
        "dovecot-imapd",
        Sign::File("/usr/lib/dovecot/imap-login"),
        "its doors for mailboxes",
    ),
    (
        "dovecot-submissiond",
        Sign::File("/usr/lib/dovecot/submission-login"),
        "its door for new mail",
    ),
    of_exim("libmariadb3", "/usr/lib/*/libmariadb.so.3"),
    of_exim("libspf2-2", "/usr/lib/libspf2.so.2"),
    of_exim("libidn12", "/usr/lib/*/libidn.so.12"),
    of_exim("libpq5", "/usr/lib/*/libpq.so.5"),
    of_exim("libgnutls-dane0", "/usr/lib/*/libgnutls-dane.so.0"),
    of_exim("libperl5.36", "/usr/lib/*/libperl.so.5.36"),
    of_exim("libldap-2.5-0", "/usr/lib/*/libldap-2.5.so.0"),
    of_exim("libsqlite3-0", "/usr/lib/*/libsqlite3.so.0"),
    of_exim("libnsl2", "/usr/lib/*/libnsl.so.2"),
    ("openssl", Sign::Program("openssl"), "certificates and TLS clients"),
    (
        "gnutls-bin",
        Sign::Program("gnutls-cli"),
        "what GnuTLS makes of a priority string",
    ),
    ("iproute2", Sign::Program("ip"), "interfaces of a pinned host"),
    ("hostname", Sign::Program("hostname"), "the name of a pinned host"),
    ("util-linux", Sign::Program("unshare"), "a pinned host of its own"),
    ("swaks", Sign::Program("swaks"), "an SMTP client"),
    (
        "libnet-ssleay-perl",
        Sign::File("/usr/share/doc/libnet-ssleay-perl/copyright"),
        "its TLS",
    ),
    ("testssl.sh", Sign::Program("testssl"), "a look at what TLS offers"),
    ("sslscan", Sign::Program("sslscan"), "another one"),
    ("knot", Sign::Program("knotd"), "a name server"),
    ("nsd", Sign::Program("nsd"), "another one, with signed zones"),
    ("unbound", Sign::Program("unbound"), "a resolver that checks signatures"),
    ("ldnsutils", Sign::Program("ldns-signzone"), "what signs zones"),
    ("bind9-dnsutils", Sign::Program("dig"), "what asks them"),
    (
        "python3",
        Sign::Program("python3"),
        "other readers of XML and of property lists",
    ),
    (
        "python3-pip",
        Sign::File("/usr/lib/python3/dist-packages/pip/__init__.py"),
        "another scanner of TLS, and a server of its old versions",
    ),
    ("chromium", Sign::Program("chromium"), "the browser"),
    ("chromium-driver", Sign::Program("chromedriver"), "what drives it"),
    (
        "fonts-dejavu-core",
        Sign::File("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
        "letters in the screenshots",
    ),
    ("valgrind", Sign::Program("valgrind"), "counting instructions"),
    (
        "debootstrap",
        Sign::Program("debootstrap"),
        "systems with other releases of Postfix",
    ),
];

/// The tests that take longest, the longest first: begun last, they would be waited for alone.
const LONGEST: [&str; 8] = [
    "lab_live",
    "lab_exim",
    "lab_cases",
    "lab_outcomes",
    "lab_dovecot",
    "lab_ciphers",
    "lab_suites",
    "lab_everyone",
];

/// Debian's programs that start services ask this one first; 101 forbids it.
const START_POLICY: &str = "/usr/sbin/policy-rc.d";

/// Sees that everything is there, builds the page and runs the lab's tests.
///
/// # Errors
///
/// [`Error::Missing`] naming what is not there and what installs it, or the failing step's error.
pub fn command(install: Install) -> Result<(), Error> {
    let missing = missing();
    match install {
        Install::No => require(&missing)?,
        Install::Yes if missing.is_empty() => println!("the lab has everything it needs\n"),
        Install::Yes => {
            step("installing", || fetch(&missing))?;
            require(&self::missing())?;
        }
    }
    exim::require(install)?;
    python::require(install)?;
    step("the page", page::build)?;
    roots::make(install)?;
    let programs = step("the lab's programs", programs)?;
    step("the lab", || {
        let inside = roots::ready(&programs)?;
        let logs = target_directory()?.join("lab");
        let mut jobs = inside.jobs;
        jobs.extend(programs.iter().map(|(name, program)| {
            let mut command = with_own_loopback(program);
            // Where cargo runs tests, too.
            command.current_dir(root().join("tests"));
            Job {
                name: name.clone(),
                command,
            }
        }));
        // Stable: the rest stays as it is.
        jobs.sort_by_key(|job| {
            LONGEST
                .iter()
                .position(|name| *name == job.name)
                .unwrap_or(LONGEST.len())
        });
        together::run(jobs, &logs)
    })?;
    step("the benchmarks", || bench::command(&[]))?;
    println!("the lab passes");
    Ok(())
}

/// Builds the tests of the lab and the command that some of them run, and fetches what another needs for building the released
/// one, and what looks at the page: beside each other they have no network. Each has the name of its file; the harness's own tests come too, since only here all of it is compiled.
fn programs() -> Result<Vec<(String, PathBuf)>, Error> {
    binary::fetch()?;
    npm::installed("tests/npm")?;
    run("the command", &mut cargo(&["build", "--package", "smtplint"]))?;
    let arguments = ["test", "--package", "smtplint-tests", "--features", "lab"];
    run("examples", cargo(&arguments).arg("--doc"))?;
    let output = ask(cargo(&arguments).args(["--no-run", "--message-format", "json-render-diagnostics"]))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let built = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built = built.filter_map(|message| {
        let name = message["target"]["name"].as_str()?;
        let program = message["executable"].as_str()?;
        let wanted = name.starts_with("lab_") || name == "smtplint_tests";
        wanted.then(|| (name.to_owned(), PathBuf::from(program)))
    });
    let built: Vec<_> = built.collect();
    if output.status.success() && !built.is_empty() {
        return Ok(built);
    }
    Err(Error::Answer {
        program: "cargo test --no-run",
        why: format!("it ended with {} and {} programs", output.status, built.len()),
    })
}

/// Runs so many random configurations as live servers. Without a seed another one is taken each time; it is printed.
///
/// # Errors
///
/// [`Error::Missing`] naming what is not there, or the test's failure.
pub fn soak(seed: Option<u64>, count: u64) -> Result<(), Error> {
    for package in ["postfix", "sasl2-bin", "libsasl2-modules", "openssl"] {
        require_package(package)?;
    }
    let of_the_hour = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(1, |time| time.as_secs())
    };
    let seed = seed.unwrap_or_else(of_the_hour);
    println!("seed {seed}: `cargo xtask soak --seed {seed} --count {count}` does the same again");
    let mut command = cargo(&[
        "test",
        "--package",
        "smtplint-tests",
        "--features",
        "lab",
        "--test",
        "lab_soak",
    ]);
    command.args(["--", "--nocapture"]);
    command.env("SMTPLINT_SOAK_SEED", seed.to_string());
    command.env("SMTPLINT_SOAK_COUNT", count.to_string());
    step("random configurations", || run("random configurations", &mut command))
}

/// Sees that one of the lab's packages is there.
///
/// # Errors
///
/// [`Error::Missing`] with the command that installs it.
pub(crate) fn require_package(name: &str) -> Result<(), Error> {
    let missing: Vec<_> = missing().into_iter().filter(|(package, ..)| *package == name).collect();
    require(&missing)
}

/// The packages whose sign is not there.
fn missing() -> Vec<&'static (&'static str, Sign, &'static str)> {
    NEEDS.iter().filter(|(_, sign, _)| !present(sign)).collect()
}

fn present(sign: &Sign) -> bool {
    match sign {
        Sign::Program(name) => find(name).is_some(),
        Sign::File(pattern) => exists(pattern),
    }
}

fn exists(pattern: &str) -> bool {
    let Some((before, after)) = pattern.split_once("*/") else {
        return Path::new(pattern).is_file();
    };
    fs::read_dir(before).is_ok_and(|entries| entries.flatten().any(|entry| entry.path().join(after).is_file()))
}

fn require(missing: &[&(&str, Sign, &str)]) -> Result<(), Error> {
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing
        .iter()
        .map(|(package, _, purpose)| format!("  {package:<18} {purpose}"))
        .collect::<Vec<_>>()
        .join("\n");
    let packages: Vec<&str> = missing.iter().map(|(package, ..)| *package).collect();
    Err(Error::Missing {
        list,
        remedy: format!(
            "On Debian, as root: `cargo xtask lab --install`, or\n  \
             apt-get install --no-install-recommends {}",
            packages.join(" ")
        ),
    })
}

/// Installs with apt-get, and lets no installed service start: the lab starts its own.
fn fetch(missing: &[&(&str, Sign, &str)]) -> Result<(), Error> {
    if find("apt-get").is_none() || !is_root()? {
        return require(missing);
    }
    let _guard = NoServices::forbid(Path::new(START_POLICY))?;
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        run("installing", &mut command)
    };
    apt(&["update", "--quiet"])?;
    let packages = missing.iter().map(|(package, ..)| *package);
    let install: Vec<&str> = ["install", "--yes", "--quiet", "--no-install-recommends"]
        .into_iter()
        .chain(packages)
        .collect();
    apt(&install)
}

/// While this lives, installing a package starts no service. A policy that somebody else wrote stays in force
/// instead, and stays when this ends.
#[derive(Debug)]
struct NoServices {
    written: Option<PathBuf>,
}

impl NoServices {
    fn forbid(policy: &Path) -> Result<Self, Error> {
        if policy.exists() {
            return Ok(Self { written: None });
        }
        fs::write(policy, "#!/bin/sh\nexit 101\n").map_err(Error::file("write", policy))?;
        let guard = Self {
            written: Some(policy.to_path_buf()),
        };
        let mut command = Command::new("chmod");
        run("installing", command.arg("0755").arg(policy))?;
        Ok(guard)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(path) = &self.written
            && let Err(error) = fs::remove_file(path)
        {
            println!("{} could not be removed, remove it by hand: {error}", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_command_that_installs_it() {
        assert!(require(&[]).is_ok());
        let two: Vec<_> = NEEDS
            .iter()
            .filter(|(package, ..)| ["postfix", "chromium-driver"].contains(package))
            .collect();
        let error = require(&two).expect_err("two things are missing");
        let text = error.to_string();
        assert!(text.contains("postfix            the server itself"), "{text}");
        assert!(
            text.contains("--no-install-recommends postfix chromium-driver"),
            "{text}"
        );
    }

    #[test]
    fn the_longest_are_tests_of_the_lab() {
        for name in LONGEST {
            assert!(root().join("tests/tests").join(format!("{name}.rs")).exists(), "{name}");
        }
    }

    #[test]
    fn a_star_stands_for_one_directory() {
        let here = env!("CARGO_MANIFEST_DIR");
        assert!(exists(&format!("{here}/*/lab.rs")));
        assert!(exists(&format!("{here}/src/lab.rs")));
        assert!(!exists(&format!("{here}/*/no-such-file")));
        assert!(!exists("/no-such-directory/*/lab.rs"));
    }

    #[test]
    fn services_are_forbidden_only_as_long_as_needed_and_a_policy_of_others_is_kept() {
        let policy = std::env::temp_dir().join(format!("smtplint-policy-{}", std::process::id()));
        let guard = NoServices::forbid(&policy).expect("a file can be written there");
        // Through the shell: a program just written can be "busy" while another test starts one.
        let answer = Command::new("sh").arg(&policy).status().expect("there is a shell");
        assert_eq!(answer.code(), Some(101));
        let executable = Command::new("test")
            .arg("-x")
            .arg(&policy)
            .status()
            .expect("there is test");
        assert!(executable.success());
        drop(NoServices::forbid(&policy).expect("it is there already"));
        assert!(policy.exists(), "the second did not write it and must not remove it");
        drop(guard);
        assert!(!policy.exists());
    }
}
