//! Running programs: each with a name, its time, and nothing on its standard input.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use crate::Error;

/// The target the page is compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The project's top directory.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The cargo that runs us, at the project's top.
pub fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs one named step and says how long it took.
///
/// # Errors
///
/// Whatever the step's own work returns.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    println!("==> {name}");
    let start = Instant::now();
    let result = work();
    let verdict = if result.is_ok() { "ok" } else { "FAILED" };
    println!("==> {name}: {verdict} in {:.1} s\n", start.elapsed().as_secs_f64());
    result
}

/// Runs a program to its end, its output going where ours goes.
///
/// # Errors
///
/// [`Error::Start`] when it cannot be started, [`Error::Failed`] when it says no.
pub fn run(step: &str, command: &mut Command) -> Result<(), Error> {
    let line = line(command);
    println!("    {line}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|source| start(command, source))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        step: step.to_owned(),
        command: line,
        status,
    })
}

/// Runs a program and takes what it prints.
///
/// # Errors
///
/// [`Error::Start`] when it cannot be started; a program that says no is the caller's to judge.
pub fn ask(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| start(command, source))
}

/// Where cargo puts what it builds: asked, because environment and configuration can move it.
///
/// # Errors
///
/// [`Error::Start`] or [`Error::Answer`] when cargo cannot say.
pub fn target_directory() -> Result<PathBuf, Error> {
    let output = ask(&mut cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ]))?;
    let nonsense = |why: String| Error::Answer {
        program: "cargo metadata",
        why,
    };
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| nonsense(error.to_string()))?;
    metadata["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .ok_or_else(|| nonsense("no target_directory".to_owned()))
}

/// Adds the wasm target when this Rust lacks it: the only thing outside the project that
/// `page` and `test` ever change.
///
/// # Errors
///
/// [`Error::NoTarget`] when there is no rustup to add it, or what rustup's failure gives.
pub fn wasm_target() -> Result<(), Error> {
    rust_target(WASM)
}

/// Sees to the parts of Rust that a target needs.
///
/// # Errors
///
/// [`Error::NoTarget`] when there is no rustup to add them, or what rustup's failure gives.
pub fn rust_target(target: &str) -> Result<(), Error> {
    let mut question = Command::new("rustc");
    question
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(root());
    let answer = ask(&mut question)?;
    let directory = String::from_utf8_lossy(&answer.stdout);
    if answer.status.success() && Path::new(directory.trim()).is_dir() {
        return Ok(());
    }
    if find("rustup").is_none() {
        return Err(Error::NoTarget {
            target: target.to_owned(),
        });
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", target]).current_dir(root());
    run(&format!("adding the target {target}"), &mut command)
}

/// Looks a program up in PATH, and where Debian keeps what only root has in PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}

/// Whether what is to be installed can be: by root alone.
///
/// # Errors
///
/// [`Error::Start`] when nobody can be asked.
pub fn is_root() -> Result<bool, Error> {
    let user = ask(Command::new("id").arg("-u"))?;
    Ok(String::from_utf8_lossy(&user.stdout).trim() == "0")
}

/// The command line as one would type it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn start(command: &Command, source: std::io::Error) -> Error {
    Error::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_says_no_is_named_with_its_whole_command_line() {
        let mut command = cargo(&["no-such-subcommand", "--flag"]);
        let error = run("listing", command.stderr(Stdio::null())).expect_err("cargo has no such subcommand");
        let text = error.to_string();
        assert!(
            text.starts_with("listing failed: `cargo no-such-subcommand --flag` ended with"),
            "{text}"
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_and_not_found() {
        assert!(find("no-such-program-anywhere").is_none());
        let error = ask(&mut Command::new("no-such-program-anywhere")).expect_err("it does not exist");
        assert!(error.to_string().contains("no-such-program-anywhere"));
    }

    #[test]
    fn the_top_directory_holds_the_shell() {
        assert!(root().join("index.html").is_file());
        assert!(root().join("Cargo.lock").is_file());
    }
}
