//! `cargo xtask bench`: how much work the command does, and how it compares with Postfix's own tool.
//!
//! Instructions are counted, because they are the same on a busy machine and on an idle one: a committed budget can hold
//! them. Time is only shown, beside that of `postconf -n` on the same files.

mod inputs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::run::{find, root, step, target_directory};
use crate::{Error, binary, lab};

/// How often each program runs, side by side.
const RUNS: usize = 31;

/// The instructions each case may take: one `name = number` a line.
const BUDGET: &str = "xtask/instructions.toml";

/// Builds the release, counts, and compares; other folders with configurations of Postfix are compared as well.
///
/// # Errors
///
/// [`Error::Missing`] without valgrind, [`Error::Instructions`] when a case takes more than its budget, or the failing
/// step's error.
pub fn command(folders: &[PathBuf]) -> Result<(), Error> {
    lab::require_package("valgrind")?;
    let program = step("the command", binary::build)?;
    let target = target_directory()?;
    let cases = inputs::write(&target.join("bench"))?;
    step("instructions", || {
        let budget = root().join(BUDGET);
        let text = fs::read_to_string(&budget).map_err(Error::file("read", &budget))?;
        let mut over = Vec::new();
        for (name, folder) in &cases {
            let measured = instructions(
                &program,
                folder,
                &target.join("bench").join(format!("{name}.callgrind")),
            )?;
            let allowed = allowed(&text, name).unwrap_or(0);
            println!("    {name:<10} {measured:>13} instructions, {allowed:>13} allowed");
            if measured > allowed {
                over.push(format!("  {name}: {measured}, and {allowed} are allowed"));
            }
        }
        if over.is_empty() {
            Ok(())
        } else {
            Err(Error::Instructions {
                list: over.join("\n"),
                file: BUDGET,
            })
        }
    })?;
    let program = as_installed(&program, &target.join("bench/smtplint"))?;
    step("side by side", || side_by_side(&program, &cases, folders))
}

/// Copies the command as an installer does: the system keeps what the linker wrote in single pages, and what was written from
/// the beginning to the end in large ones, which are brought several times as quickly. The program beside it was installed.
fn as_installed(program: &Path, place: &Path) -> Result<PathBuf, Error> {
    // Read and written: a copy that shares its pages with what it is of would be no copy here.
    let bytes = fs::read(program).map_err(Error::file("read", program))?;
    fs::write(place, bytes).map_err(Error::file("write", place))?;
    let permissions = fs::metadata(program)
        .map_err(Error::file("read", program))?
        .permissions();
    fs::set_permissions(place, permissions).map_err(Error::file("change", place))?;
    Ok(place.to_path_buf())
}

/// The budget of a case; `None` when the file does not name it.
fn allowed(budget: &str, name: &str) -> Option<u64> {
    budget
        .lines()
        .filter_map(|line| line.split_once('='))
        .find_map(|(key, number)| {
            (key.trim() == name)
                .then(|| number.trim().replace('_', "").parse().ok())
                .flatten()
        })
}

/// Runs `smtplint check` under callgrind and reads its sum.
fn instructions(program: &Path, folder: &Path, out: &Path) -> Result<u64, Error> {
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .arg("check")
        .arg(folder);
    once(&mut command)?;
    let text = fs::read_to_string(out).map_err(Error::file("read", out))?;
    let sum = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    sum.ok_or(Error::Answer {
        program: "callgrind",
        why: "no `totals:` line".to_owned(),
    })
}

/// Runs both programs in turns and shows their medians; of other folders what is in the middle and what is worst.
fn side_by_side(program: &Path, cases: &[(&str, PathBuf)], folders: &[PathBuf]) -> Result<(), Error> {
    let Some(postconf) = find("postconf") else {
        println!("    no postconf here to compare with: apt-get install --no-install-recommends postfix");
        return Ok(());
    };
    let show = |name: &str, folder: &Path| -> Result<f64, Error> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            ours.push(once(Command::new(program).arg("check").arg(folder))?);
            theirs.push(once(Command::new(&postconf).arg("-c").arg(folder).arg("-n"))?);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("    {name:<10} smtplint check {ours:>9.2?}, postconf -n {theirs:>9.2?}: {ratio:.2} of its time");
        Ok(ratio)
    };
    for (name, folder) in cases {
        show(name, folder)?;
    }
    let mut ratios = Vec::new();
    for folder in folders {
        ratios.push(show(&folder.display().to_string(), folder)?);
    }
    ratios.sort_by(f64::total_cmp);
    if let (Some(middle), Some(worst)) = (ratios.get(ratios.len() / 2), ratios.last()) {
        let within = ratios.iter().filter(|ratio| **ratio <= 1.0 / 3.0).count();
        println!(
            "    {} folders: {middle:.2} in the middle, {worst:.2} at worst, {within} within a third",
            ratios.len()
        );
    }
    Ok(())
}

/// Runs a program to its end, its output thrown away. Findings and warnings are no failure, being killed is one.
fn once(command: &mut Command) -> Result<Duration, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|source| Error::Start {
            program: name.clone(),
            source,
        })?;
    let elapsed = start.elapsed();
    match status.code() {
        Some(0 | 1) => Ok(elapsed),
        _ => Err(Error::Failed {
            step: "the benchmark".to_owned(),
            command: name,
            status,
        }),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_a_budget() {
        let text = fs::read_to_string(root().join(BUDGET)).expect("the budget is committed");
        for name in inputs::NAMES {
            assert!(allowed(&text, name).is_some_and(|budget| budget > 0), "{name}");
        }
        assert_eq!(allowed("a = 1_000\nb = 2\n", "a"), Some(1000));
        assert_eq!(allowed("a = 1\n", "b"), None);
    }

    #[test]
    fn medians_stand_in_the_middle() {
        let times = [3, 1, 9].map(Duration::from_millis).to_vec();
        assert_eq!(median(times), Duration::from_millis(3));
        assert_eq!(median(Vec::new()), Duration::ZERO);
    }
}
