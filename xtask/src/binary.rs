//! `cargo xtask command`: the command as one file that runs on any Linux of this machine's kind.

use std::path::PathBuf;
use std::process::Command;

use crate::Error;
use crate::run::{ask, cargo, root, run, step, target_directory};

/// Builds it and says where it is.
///
/// # Errors
///
/// What went wrong with the compiler.
pub fn command() -> Result<(), Error> {
    let built = step("the command", build)?;
    println!("{}", built.display());
    Ok(())
}

/// Builds the command, its C library inside it where that is the GNU one, and gives its place. Without libraries to load it
/// starts sooner and does not care which of them a server has. Tied to one place in memory, it has nothing to put right before it
/// begins either: that alone is a twentieth of the time that a small configuration takes.
///
/// # Errors
///
/// What went wrong with the compiler.
pub fn build() -> Result<PathBuf, Error> {
    let host = host()?;
    let mut command = cargo(&["build", "--release", "--package", "smtplint", "--target", &host]);
    if host.ends_with("-linux-gnu") {
        let name = format!("CARGO_TARGET_{}_RUSTFLAGS", host.to_uppercase().replace('-', "_"));
        command.env(name, "-C target-feature=+crt-static -C relocation-model=static");
    }
    run("the command", &mut command)?;
    Ok(target_directory()?.join(host).join("release/smtplint"))
}

/// The name of this machine's kind, as the compiler has it.
fn host() -> Result<String, Error> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = ask(Command::new(program).arg("-vV").current_dir(root()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Answer {
        program: "rustc -vV",
        why: "no `host:` line".to_owned(),
    })
}
