//! Programs from npm, each at the one version, and with the digest, that a folder of the repository pins: those that make the page
//! smaller, and what the browser tests look at it with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::Error;
use crate::run::{self, find, run};

/// The folder that pins what makes the page smaller.
pub const SMALLER: &str = "xtask/npm";

/// The files there, which npm reads.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// The folder in which the programs are that `pinned`, a folder of the repository, names; they are below `node_modules`. Has npm put
/// them there, unless they are: only this needs the network.
///
/// # Errors
///
/// [`Error::NoNode`] where Node.js or npm is missing, and whatever they or the files say.
pub fn installed(pinned: &str) -> Result<PathBuf, Error> {
    // Two at a time would take each other's files away.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = run::target_directory()?.join(pinned.replace('/', "-"));
    let pinned = run::root().join(pinned);
    let locked = |folder: &Path| fs::read(folder.join(MANIFESTS[1])).ok();
    // npm writes this one last.
    let is_whole = folder.join("node_modules/.package-lock.json").is_file();
    if is_whole && locked(&folder) == locked(&pinned) {
        return Ok(folder);
    }
    let npm = needed("npm")?;
    // Whoever is stopped from here on has not finished.
    let whole = folder.join("node_modules/.package-lock.json");
    if is_whole {
        fs::remove_file(&whole).map_err(Error::file("remove", &whole))?;
    }
    fs::create_dir_all(&folder).map_err(Error::file("make the directory", &folder))?;
    for name in MANIFESTS {
        let pinned = pinned.join(name);
        fs::copy(&pinned, folder.join(name)).map_err(Error::file("copy", &pinned))?;
    }
    let mut command = Command::new(npm);
    // Nothing of a package is to run before the build asks for it.
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder);
    run("installing programs from npm", &mut command)?;
    Ok(folder)
}

/// What pins the programs in [`installed`]'s folder, with their digests.
///
/// # Errors
///
/// [`Error::File`] when it cannot be read.
pub fn locked(folder: &Path) -> Result<Vec<u8>, Error> {
    let path = folder.join(MANIFESTS[1]);
    fs::read(&path).map_err(Error::file("read", &path))
}

/// A program of a package, to be run in [`installed`]'s folder.
///
/// # Errors
///
/// [`Error::NoNode`] where Node.js is missing.
pub fn command(folder: &Path, program: &str) -> Result<Command, Error> {
    let mut command = Command::new(needed("node")?);
    command
        .arg(format!("node_modules/{program}"))
        .current_dir(folder)
        .stdin(std::process::Stdio::null());
    Ok(command)
}

fn needed(program: &'static str) -> Result<PathBuf, Error> {
    find(program).ok_or(Error::NoNode { program })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn what_is_pinned_has_a_version_and_a_digest_and_names_no_host() {
        for (folder, packages) in [(SMALLER, 2), ("tests/npm", 1)] {
            pins(&run::root().join(folder), packages);
        }
    }

    fn pins(folder: &Path, count: usize) {
        let read = |name| fs::read_to_string(folder.join(name)).expect(name);
        let [wanted, locked] = MANIFESTS.map(|name| serde_json::from_str::<Value>(&read(name)).expect(name));
        let wanted = wanted["dependencies"].as_object().expect("packages");
        assert_eq!(wanted.len(), count);
        let packages = locked["packages"].as_object().expect("packages");
        for (name, version) in wanted {
            assert_eq!(packages[&format!("node_modules/{name}")]["version"], *version, "{name}");
        }
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            let digest = package["integrity"].as_str().unwrap_or_default();
            assert!(digest.starts_with("sha512-"), "{name}");
        }
        assert!(!read(MANIFESTS[1]).contains("://"));
    }
}
