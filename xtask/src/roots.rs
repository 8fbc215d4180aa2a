//! Older and newer releases of Postfix, Dovecot and Exim: the lab's tables of outcomes once more, inside small systems of other Debian releases.
//! Their OpenSSL and GnuTLS are asked from outside, by the lab's other tests.
//!
//! The very test program runs there, brought along with the libraries it was linked with, so that the servers and clients it
//! starts are those of that system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::lab::{Install, exim};
use crate::run::{ask, find, run, step, target_directory};
use crate::together::{Job, with_own_loopback};

/// Debian's releases, and the Postfix that each of them has.
const ROOTS: [(&str, &str); 2] = [("bullseye", "3.5"), ("trixie", "3.10")];

/// What is installed there.
const PACKAGES: [&str; 15] = [
    "postfix",
    "sasl2-bin",
    "libsasl2-modules",
    "dovecot-core",
    "dovecot-imapd",
    "dovecot-pop3d",
    "dovecot-lmtpd",
    "dovecot-sieve",
    "dovecot-mysql",
    "dovecot-sqlite",
    "dovecot-managesieved",
    "dovecot-submissiond",
    "openssl",
    "gnutls-bin",
    "procps",
];

/// The tests that run there, and what each is called.
const TESTS: [(&str, &str); 10] = [
    ("lab_outcomes", "tables of outcomes"),
    ("lab_suites", "cipher suites"),
    ("lab_doveconf", "what doveconf reads"),
    ("lab_dovecot", "the doors of Dovecot"),
    ("lab_usage_dovecot", "what the log of Dovecot tells"),
    ("lab_move_dovecot", "the move of Dovecot's users"),
    ("lab_upgrade", "what is carried to Dovecot 2.4"),
    ("lab_exim_options", "what Exim reads"),
    ("lab_usage_exim", "what the log of Exim tells"),
    ("lab_move_exim", "the move of Exim's users"),
];

/// The file that says which packages a system was made with.
const READY: &str = "ready";

/// Where the program's own libraries stand in there.
const LIBRARIES: &str = "host-libraries";

/// With [`Install::Yes`] makes the systems that are not there yet, and completes those that lack a package.
///
/// # Errors
///
/// What went wrong with making a system.
pub fn make(install: Install) -> Result<(), Error> {
    for (suite, release) in ROOTS {
        let root = place(suite)?;
        if is_ready(&root) {
            continue;
        }
        if install == Install::No {
            println!(
                "Postfix {release}, and the OpenSSL and GnuTLS beside it, are left out: \
                 `cargo xtask lab --install` makes a system that has them\n"
            );
            continue;
        }
        step(&format!("a system with Postfix {release}"), || {
            if !root.join(READY).exists() {
                bootstrap(suite, &root)?;
            }
            fetch(&root)
        })?;
        let ready = root.join(READY);
        fs::write(&ready, contents()).map_err(Error::file("write", &ready))?;
    }
    Ok(())
}

/// What runs in the systems, and what they need as long as it runs.
pub struct Inside {
    /// The tests, one a system each.
    pub jobs: Vec<Job>,
    _processes: Vec<Processes>,
}

/// Puts the tests among these programs that run there into every system that is there.
///
/// # Errors
///
/// What went wrong with bringing them there.
pub fn ready(programs: &[(String, PathBuf)]) -> Result<Inside, Error> {
    let mut jobs = Vec::new();
    let mut processes = Vec::new();
    for (suite, release) in ROOTS {
        let root = place(suite)?;
        if !is_ready(&root) {
            continue;
        }
        for (test, what) in TESTS {
            let program = programs.iter().find(|(name, _)| name == test);
            let (_, program) = program.ok_or_else(|| Error::Answer {
                program: "cargo test --no-run",
                why: format!("no executable of {test}"),
            })?;
            jobs.push(Job {
                name: format!("{what}, beside Postfix {release}"),
                command: inside(&root, test, program)?,
            });
        }
        processes.push(Processes::mount(&root)?);
    }
    Ok(Inside {
        jobs,
        _processes: processes,
    })
}

/// Where the system of one of Debian's releases is, or will be.
fn place(suite: &str) -> Result<PathBuf, Error> {
    Ok(target_directory()?.join("lab-roots").join(suite))
}

/// All that is in a system, in one line.
fn contents() -> String {
    format!("{} {}", PACKAGES.join(" "), exim::PACKAGE)
}

/// True when a system was made to its end, with every package.
fn is_ready(root: &Path) -> bool {
    fs::read_to_string(root.join(READY)).is_ok_and(|packages| packages == contents())
}

/// A small system with a mail server in it that is never started by itself.
fn bootstrap(suite: &str, root: &Path) -> Result<(), Error> {
    if root.exists() {
        // What an earlier attempt left behind.
        fs::remove_dir_all(root).map_err(Error::file("remove", root))?;
    }
    fs::create_dir_all(root).map_err(Error::file("create", root))?;
    let name = "making a system";
    let mut bootstrap = Command::new("debootstrap");
    bootstrap.args(["--variant=minbase", suite]).arg(root);
    run(name, &mut bootstrap)?;
    let policy = root.join("usr/sbin/policy-rc.d");
    fs::write(&policy, "#!/bin/sh\nexit 101\n").map_err(Error::file("write", &policy))?;
    run(name, Command::new("chmod").arg("0755").arg(&policy))
}

/// Puts the packages into a system.
fn fetch(root: &Path) -> Result<(), Error> {
    let mut apt = chroot(root);
    apt.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install"]);
    apt.args(["--yes", "--quiet", "--no-install-recommends"]).args(PACKAGES);
    run("making a system", &mut apt)?;
    // Its package and Postfix's exclude each other.
    run("making a system", chroot(root).args(["sh", "-euc", &exim::script()]))
}

fn chroot(root: &Path) -> Command {
    let mut command = Command::new(chroot_program());
    command.arg(root);
    command
}

fn chroot_program() -> PathBuf {
    find("chroot").unwrap_or_else(|| PathBuf::from("chroot"))
}

/// Brings the program into a system, with what it needs beside it; what is returned runs it there.
fn inside(root: &Path, test: &str, program: &Path) -> Result<Command, Error> {
    let libraries = root.join(LIBRARIES);
    fs::create_dir_all(&libraries).map_err(Error::file("create", &libraries))?;
    let copy = |from: &Path, to: &Path| fs::copy(from, to).map(drop).map_err(Error::file("copy", from));
    let needed = ask(Command::new("ldd").arg(program))?;
    let text = String::from_utf8_lossy(&needed.stdout).into_owned();
    let mut loader = None;
    for file in text
        .split_whitespace()
        .filter(|word| word.starts_with('/'))
        .map(Path::new)
    {
        let Some(name) = file.file_name() else { continue };
        copy(file, &libraries.join(name))?;
        if name.to_string_lossy().starts_with("ld-linux") {
            loader = Some(Path::new("/").join(LIBRARIES).join(name));
        }
    }
    let loader = loader.ok_or_else(|| Error::Answer {
        program: "ldd",
        why: "no loader in its list".to_owned(),
    })?;
    // A link takes no room, and each of the programs is large.
    let place = root.join(test);
    if place.exists() {
        fs::remove_file(&place).map_err(Error::file("remove", &place))?;
    }
    fs::hard_link(program, &place).or_else(|_| copy(program, &place))?;
    let mut command = with_own_loopback(&chroot_program());
    command.arg(root).arg(loader).arg("--library-path");
    command.arg(Path::new("/").join(LIBRARIES));
    command.arg(Path::new("/").join(test)).arg("--nocapture");
    Ok(command)
}

/// While this lives, a system sees the processes: its mail server is found and stopped by them.
struct Processes(PathBuf);

impl Processes {
    fn mount(root: &Path) -> Result<Self, Error> {
        let place = root.join("proc");
        run(
            "mounting",
            Command::new("mount").args(["-t", "proc", "proc"]).arg(&place),
        )?;
        Ok(Self(place))
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        if let Err(error) = run("mounting", Command::new("umount").arg(&self.0)) {
            println!("{} is still mounted, take it off by hand: {error}", self.0.display());
        }
    }
}
