//! Making the compiled page smaller: `wasm-opt` of the npm package `binaryen`, at the one version that `xtask/binaryen` pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, find, run};
use crate::{Error, order};

/// Where the wanted version stands, with the digest of what npm downloads.
const PINNED: &str = "xtask/binaryen";

/// The files there, which npm reads.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Small before fast. The compiler puts the stack first, and its last kilobyte is not data: so addresses may be written as an
/// offset from another one.
const SMALLER: [&str; 3] = ["-Oz", "--low-memory-unused", "--optimize-added-constants-propagate"];

/// Functions in the order of their names, and then without them.
const ORDERED: [&str; 3] = ["--reorder-functions-by-name", "--strip-debug", "--strip-producers"];

/// Makes a program smaller that does the same.
///
/// # Errors
///
/// [`Error::NoNode`] where Node.js or npm is missing, and whatever they, the files or the program say.
pub fn shrink(program: &[u8]) -> Result<Vec<u8>, Error> {
    let folder = run::target_directory()?.join("binaryen");
    install(&folder)?;
    let smaller = wasm_opt(&folder, &SMALLER, program)?;
    wasm_opt(&folder, &ORDERED, &order::named(&smaller)?)
}

fn wasm_opt(folder: &Path, passes: &[&str], program: &[u8]) -> Result<Vec<u8>, Error> {
    let (before, after) = (folder.join("before.wasm"), folder.join("after.wasm"));
    fs::write(&before, program).map_err(Error::file("write", &before))?;
    let mut command = Command::new(needed("node")?);
    command.arg("node_modules/binaryen/bin/wasm-opt").args(passes);
    command
        .args(["before.wasm", "--output", "after.wasm"])
        .current_dir(folder);
    run("making the page smaller", &mut command)?;
    fs::read(&after).map_err(Error::file("read", &after))
}

/// Has npm put the wanted version into the folder, unless it is there: only this needs the network.
fn install(folder: &Path) -> Result<(), Error> {
    let wanted = version(&run::root().join(PINNED).join(MANIFESTS[0]), |manifest| {
        &manifest["dependencies"]["binaryen"]
    });
    let there = version(&folder.join("node_modules/binaryen/package.json"), |manifest| {
        &manifest["version"]
    });
    if wanted.is_some() && wanted == there {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(Error::file("make the directory", folder))?;
    for name in MANIFESTS {
        let pinned = run::root().join(PINNED).join(name);
        fs::copy(&pinned, folder.join(name)).map_err(Error::file("copy", &pinned))?;
    }
    let mut command = Command::new(needed("npm")?);
    // Nothing of the package is to run before the build asks for it.
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder);
    run("installing wasm-opt", &mut command)
}

/// A version in a manifest; `None` where it is not there.
fn version(manifest: &Path, of: fn(&serde_json::Value) -> &serde_json::Value) -> Option<String> {
    let text = fs::read_to_string(manifest).ok()?;
    let manifest = serde_json::from_str(&text).ok()?;
    of(&manifest).as_str().map(str::to_owned)
}

fn needed(program: &'static str) -> Result<PathBuf, Error> {
    find(program).ok_or(Error::NoNode { program })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_has_a_version_and_a_digest_and_names_no_host() {
        let folder = run::root().join(PINNED);
        let wanted = version(
            &folder.join(MANIFESTS[0]),
            |manifest| &manifest["dependencies"]["binaryen"],
        );
        let locked = version(&folder.join(MANIFESTS[1]), |manifest| {
            &manifest["packages"]["node_modules/binaryen"]["version"]
        });
        assert_eq!(wanted, locked);
        assert!(wanted.is_some());
        let text = fs::read_to_string(folder.join(MANIFESTS[1])).expect("the lock file");
        assert!(
            text.contains("\"integrity\": \"sha512-") && !text.contains("://"),
            "{text}"
        );
    }
}
