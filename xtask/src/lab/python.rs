//! Python programs from PyPI, each at the one version, and with the digests, that the repository pins: sslyze, which looks at
//! ports as `smtplint probe` does, and tlslite-ng, a server of versions that nothing of Debian speaks any more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Install;
use crate::Error;
use crate::run::{root, run, step, target_directory};

/// The file that pins them, which pip reads.
const PINNED: &str = "tests/pip/requirements.txt";

/// A copy of what was pinned, which stands beside them once all are there.
const MARK: &str = "requirements.txt";

/// The Python of Debian: another one in PATH may have no pip, or take other packages.
const PYTHON: &str = "/usr/bin/python3";

/// Nothing is taken that has another digest, and nothing is built but sslyze: there is only its source, which needs no compiler. It
/// is built with what pip's package brings.
const PIP: [&str; 10] = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--root-user-action=ignore",
    "--require-hashes",
    "--only-binary=:all:",
    "--no-binary=sslyze",
    "--no-build-isolation",
];

/// The folder in which they are, for `PYTHONPATH`.
///
/// # Errors
///
/// [`Error::Missing`] where they are not there as they are pinned, with what installs them.
pub fn installed() -> Result<PathBuf, Error> {
    let place = place()?;
    if is_whole(&place)? {
        return Ok(place);
    }
    Err(Error::Missing {
        list: format!(
            "  {:<18} a scanner of TLS, and a server of its old versions, out of PyPI",
            "sslyze, tlslite-ng"
        ),
        remedy: "`cargo xtask lab --install` brings them".to_owned(),
    })
}

/// Sees that they are there, and brings them where that is allowed. Only this needs the network.
///
/// # Errors
///
/// [`Error::Missing`] naming what is not there, or what pip says.
pub(super) fn require(install: Install) -> Result<(), Error> {
    let place = place()?;
    if install == Install::No || is_whole(&place)? {
        return installed().map(drop);
    }
    step("Python programs", || {
        // Whoever was stopped has left a part.
        if place.exists() {
            fs::remove_dir_all(&place).map_err(Error::file("remove", &place))?;
        }
        let mut command = Command::new(PYTHON);
        command
            .args(PIP)
            .args(["--requirement", PINNED, "--target"])
            .arg(&place);
        run("installing from PyPI", command.current_dir(root()))?;
        let mark = place.join(MARK);
        fs::copy(root().join(PINNED), &mark).map_err(Error::file("write", &mark))?;
        Ok(())
    })
}

/// Where they stand.
fn place() -> Result<PathBuf, Error> {
    Ok(target_directory()?.join("tests-pip"))
}

fn is_whole(place: &Path) -> Result<bool, Error> {
    let pinned = root().join(PINNED);
    let wanted = fs::read(&pinned).map_err(Error::file("read", &pinned))?;
    Ok(fs::read(place.join(MARK)).is_ok_and(|there| there == wanted))
}
