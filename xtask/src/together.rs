//! Several programs at once, each with a loopback of its own: most of the lab's time is waiting for servers.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Error as IoError;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::Error;

/// A program to be run beside others.
#[derive(Debug)]
pub struct Job {
    /// What it is called in what is printed; also its log's name.
    pub name: String,
    /// What runs.
    pub command: Command,
}

/// The same program where it meets nobody: its network is a loopback that no other program sees, so that none takes
/// another's port. Needs root, as the servers of the lab do.
pub fn with_own_loopback(program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]);
    command.arg(program);
    command
}

/// Runs all of them, in order, one more at a time than there are processors. What each printed follows whole when it
/// has ended; one that fails does not keep the others from running.
///
/// # Errors
///
/// [`Error::Together`] naming those that failed, or [`Error::File`] when there is no folder for the logs.
pub fn run(jobs: Vec<Job>, logs: &Path) -> Result<(), Error> {
    fs::create_dir_all(logs).map_err(Error::file("create", logs))?;
    let at_once = 1 + thread::available_parallelism().map_or(1, usize::from);
    let waiting = Mutex::new(VecDeque::from(jobs));
    let printing = Mutex::new(());
    // What another thread's panic left behind is whole all the same.
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || {
        let mut failed = Vec::new();
        while let Some(mut job) = next() {
            let log = logs.join(format!("{}.log", job.name.replace(' ', "-")));
            let start = Instant::now();
            let ended = one(&mut job.command, &log);
            let seconds = start.elapsed().as_secs_f64();
            let said = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let said = said.unwrap_or_else(|error| format!("its log cannot be read: {error}\n"));
            let verdict = if ended.is_ok() { "ok" } else { "FAILED" };
            let _turn = printing.lock().unwrap_or_else(PoisonError::into_inner);
            println!(
                "--> {}\n{said}--> {}: {verdict} in {seconds:.1} s\n",
                job.name, job.name
            );
            failed.extend(ended.err().map(|why| format!("{}: {why}", job.name)));
        }
        failed
    };
    let failed: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        let failed = workers.into_iter().flat_map(|worker| match worker.join() {
            Ok(failed) => failed,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        failed.collect()
    });
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Error::Together {
            list: failed.join("\n  "),
        })
    }
}

/// Runs one, with all that it says in its log.
fn one(command: &mut Command, log: &Path) -> Result<(), IoError> {
    let file = File::create(log)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(IoError::other(format!("ended with {status}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> Job {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Job {
            name: name.to_owned(),
            command,
        }
    }

    #[test]
    fn one_that_fails_is_named_and_the_others_still_run() {
        let place = tempfile::tempdir().expect("a folder");
        let mark = place.path().join("mark");
        let jobs = vec![
            shell("bad one", "echo so it goes; exit 3"),
            shell("good one", &format!("touch {}", mark.display())),
        ];
        let error = run(jobs, place.path()).expect_err("one of them failed").to_string();
        assert!(error.contains("bad one: ended with exit status: 3"), "{error}");
        assert!(!error.contains("good one"), "{error}");
        assert!(mark.exists());
        let said = fs::read_to_string(place.path().join("bad-one.log")).expect("its log");
        assert_eq!(said, "so it goes\n");
    }

    #[test]
    fn more_of_them_than_places_all_run() {
        let place = tempfile::tempdir().expect("a folder");
        let jobs = (0..9).map(|number| shell(&format!("job {number}"), "true")).collect();
        run(jobs, place.path()).expect("all pass");
        assert!((0..9).all(|number| place.path().join(format!("job-{number}.log")).exists()));
    }
}
