//! `cargo xtask command`: the command as one file that runs on any Linux of this machine's kind.

use std::path::PathBuf;
use std::process::Command;

use crate::Error;
use crate::first::SCRIPT;
use crate::run::{ask, cargo, root, run, rust_target, step, target_directory};

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

/// Builds the command, with a C library inside it where that is the GNU one, and gives its place. Without libraries to load it
/// starts sooner and does not care which of them a server has. The library is musl: the GNU one first asks the processor for all
/// its properties, which on a virtual machine takes a tenth of the time that a small configuration does. Tied to one place in
/// memory, the program has nothing to put right before it begins either: another twentieth. What a check runs lies at its
/// beginning, see [`crate::first`]: another tenth.
///
/// # Errors
///
/// What went wrong with the compiler, or with adding the target.
pub fn build() -> Result<PathBuf, Error> {
    let target = target()?;
    let mut command = cargo(&["build", "--release", "--package", "smtplint", "--target", &target]);
    if target.ends_with("-linux-musl") {
        let name = format!("CARGO_TARGET_{}_RUSTFLAGS", target.to_uppercase().replace('-', "_"));
        // The linker runs where the workspace is.
        let flags = format!("-C target-feature=+crt-static -C relocation-model=static -C link-arg=-Wl,-T,{SCRIPT}");
        command.env(name, flags);
    }
    run("the command", &mut command)?;
    Ok(target_directory()?.join(target).join("release/smtplint"))
}

/// Fetches all that [`build`] needs, so that it needs no network any more.
///
/// # Errors
///
/// What went wrong with fetching it.
pub fn fetch() -> Result<(), Error> {
    target()?;
    run("fetching crates", &mut cargo(&["fetch", "--locked"]))
}

/// Has the command built again, whatever cargo thinks of it.
///
/// # Errors
///
/// What cargo says.
pub(crate) fn forget() -> Result<(), Error> {
    let target = target()?;
    run(
        "forgetting the command",
        &mut cargo(&[
            "clean",
            "--quiet",
            "--release",
            "--package",
            "smtplint",
            "--target",
            &target,
        ]),
    )
}

/// The target that the command is built for, with the parts of Rust for it seen to.
fn target() -> Result<String, Error> {
    let host = host()?;
    let target = host.replace("-linux-gnu", "-linux-musl");
    if target != host {
        rust_target(&target)?;
    }
    Ok(target)
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
