//! Running other programs with an end in sight: every run has a time limit, and a missing program names its package.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A program of the operating system and the Debian package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// Absolute path, as Debian installs it.
    pub path: &'static str,
    /// The Debian package.
    pub package: &'static str,
}

/// Postfix's own reader of main.cf and master.cf.
pub const POSTCONF: Program = Program {
    path: "/usr/sbin/postconf",
    package: "postfix",
};
/// Starts and stops Postfix.
pub const POSTFIX: Program = Program {
    path: "/usr/sbin/postfix",
    package: "postfix",
};
/// Says what a Dovecot configuration means.
pub const DOVECONF: Program = Program {
    path: "/usr/bin/doveconf",
    package: "dovecot-core",
};
/// Starts and stops Dovecot.
pub const DOVECOT: Program = Program {
    path: "/usr/sbin/dovecot",
    package: "dovecot-core dovecot-imapd dovecot-pop3d dovecot-submissiond",
};
/// Another server. Debian's packages of it and of Postfix exclude each other, so that the lab takes the program alone.
pub const EXIM: Program = Program {
    path: "/usr/local/sbin/exim4",
    package: "exim4-daemon-heavy (the program alone: `cargo xtask lab --install`)",
};
/// The client side of TLS, and the maker of certificates.
pub const OPENSSL: Program = Program {
    path: "/usr/bin/openssl",
    package: "openssl",
};
/// Looks at what a port offers of TLS.
pub const SSLSCAN: Program = Program {
    path: "/usr/bin/sslscan",
    package: "sslscan",
};
/// A client of SMTP that shows every line of the dialogue.
pub const SWAKS: Program = Program {
    path: "/usr/bin/swaks",
    package: "swaks libnet-ssleay-perl",
};
/// What runs sslyze, and the stack of old TLS.
pub const PYTHON: Program = Program {
    path: "/usr/bin/python3",
    package: "python3",
};
/// Writes the Cyrus SASL user database.
pub const SASLPASSWD2: Program = Program {
    path: "/usr/sbin/saslpasswd2",
    package: "sasl2-bin",
};
/// Gives a program a host name and network interfaces of its own.
pub const UNSHARE: Program = Program {
    path: "/usr/bin/unshare",
    package: "util-linux",
};

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("{path} is missing; install it with: apt-get install --no-install-recommends {package}")]
    Missing {
        /// Where it was looked for.
        path: &'static str,
        /// The Debian package.
        package: &'static str,
    },
    /// It could not be started or spoken to.
    #[error("{path}: {source}")]
    Io {
        /// The program.
        path: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// It did not end in time and was killed.
    #[error("{path} did not end within {limit:?}; so far it said: {said}")]
    TimedOut {
        /// The program.
        path: &'static str,
        /// The time it had.
        limit: Duration,
        /// Standard output and standard error up to then.
        said: String,
    },
}

/// A program that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output; bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Standard error; bytes that are not UTF-8 are replaced.
    pub stderr: String,
}

impl Program {
    /// A command for this program.
    ///
    /// # Errors
    /// [`ProgramError::Missing`] when it is not installed.
    pub fn command(self) -> Result<Command, ProgramError> {
        self.present()?;
        let mut command = Command::new(self.path);
        if self == OPENSSL {
            // Otherwise its client reads every root that the machine trusts before it connects, which takes five times as long as
            // the rest; what the lab trusts it names.
            command.env("SSL_CERT_FILE", "/dev/null");
        }
        Ok(command)
    }

    /// Checks that the program is installed.
    ///
    /// # Errors
    /// [`ProgramError::Missing`] when it is not.
    pub fn present(self) -> Result<(), ProgramError> {
        match std::fs::metadata(self.path) {
            Ok(_) => Ok(()),
            Err(_) => Err(ProgramError::Missing {
                path: self.path,
                package: self.package,
            }),
        }
    }

    /// Runs a command made by [`Program::command`] to its end, at most for `limit`, with `input` as standard input.
    ///
    /// # Errors
    /// When it cannot be started or does not end in time.
    pub fn run(self, command: &mut Command, input: &[u8], limit: Duration) -> Result<Finished, ProgramError> {
        let failed = |source| ProgramError::Io {
            path: self.path,
            source,
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let stdout = child.stdout.take().map(drain);
        let stderr = child.stderr.take().map(drain);
        // Inputs here are a line or two, far below the size of a pipe, so writing cannot block.
        let fed = match child.stdin.take() {
            Some(mut stdin) => stdin.write_all(input),
            None => Ok(()),
        };
        match fed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                kill(&mut child).map_err(failed)?;
                return Err(failed(error));
            }
            _ => {}
        }
        let ended = wait(&mut child, limit).map_err(failed)?;
        if ended.is_none() {
            kill(&mut child).map_err(failed)?;
        }
        let stdout = collect(stdout).map_err(failed)?;
        let stderr = collect(stderr).map_err(failed)?;
        match ended {
            Some(status) => Ok(Finished {
                code: status.code(),
                stdout,
                stderr,
            }),
            None => Err(ProgramError::TimedOut {
                path: self.path,
                limit,
                said: stdout + &stderr,
            }),
        }
    }
}

/// Waits for a child at most for `limit`; `None` when it still runs.
///
/// # Errors
/// When the operating system cannot say.
pub fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(4));
    }
}

fn kill(child: &mut Child) -> io::Result<()> {
    child.kill()?;
    child.wait()?;
    Ok(())
}

type Drained = thread::JoinHandle<io::Result<Vec<u8>>>;

fn drain(mut from: impl Read + Send + 'static) -> Drained {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

fn collect(drained: Option<Drained>) -> io::Result<String> {
    let Some(handle) = drained else {
        return Ok(String::new());
    };
    let bytes = handle
        .join()
        .map_err(|_| io::Error::other("the reading thread panicked"))??;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Applies `work` to every item with `threads` threads and gives the results in the order of the items.
///
/// A panic of `work` is passed on when all threads have ended.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let result = work(item);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: Program = Program {
        path: "/bin/sh",
        package: "dash",
    };

    #[test]
    fn output_code_and_input_arrive() {
        let mut command = SHELL.command().expect("sh");
        command.args(["-c", "cat; echo oops >&2; exit 3"]);
        let finished = SHELL.run(&mut command, b"hello", Duration::from_secs(5)).expect("run");
        assert_eq!(
            (finished.code, finished.stdout.as_str(), finished.stderr.as_str()),
            (Some(3), "hello", "oops\n")
        );
    }

    #[test]
    fn a_program_that_hangs_is_ended_and_what_it_said_is_kept() {
        let mut command = SHELL.command().expect("sh");
        command.args(["-c", "echo so far; exec sleep 60"]);
        let error = SHELL
            .run(&mut command, b"", Duration::from_millis(300))
            .expect_err("it hangs");
        assert!(error.to_string().contains("so far"), "{error}");
    }

    #[test]
    fn a_missing_program_names_the_command_that_installs_it() {
        let error = Program {
            path: "/nowhere/postconf",
            package: "postfix",
        }
        .command()
        .expect_err("missing");
        assert!(
            error
                .to_string()
                .contains("apt-get install --no-install-recommends postfix"),
            "{error}"
        );
    }

    #[test]
    fn parallel_results_keep_their_order() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(
            in_parallel(&items, 3, |item| item * 2),
            (0..200).step_by(2).collect::<Vec<u32>>()
        );
    }
}
