//! Exim beside Postfix: the packages of both exclude each other, so that the program is taken out of its package and nothing is
//! installed.

use std::path::Path;
use std::process::Command;

use super::Install;
use crate::Error;
use crate::run::{is_root, run, step};

/// Where the lab looks for it: what is no package's own stands there.
const PROGRAM: &str = "/usr/local/sbin/exim4";

/// The package that brings it, with everything that configurations of others ask for.
const PACKAGE: &str = "exim4-daemon-heavy";

/// Exim gives up its rights to this account, and refuses to say even its release where there is none.
const ACCOUNT: &str = "Debian-exim";

/// Sees that Exim and its account are there, and brings them where that is allowed.
///
/// # Errors
///
/// [`Error::Missing`] naming what is not there and what brings it, or the failing step's error.
pub(super) fn require(install: Install) -> Result<(), Error> {
    let is_there = Path::new(PROGRAM).is_file();
    let has_account = Command::new("id")
        .arg(ACCOUNT)
        .output()
        .is_ok_and(|output| output.status.success());
    if is_there && has_account {
        return Ok(());
    }
    // Out of its package, into the folder that the lab's shell stands in.
    let unpack = format!(
        "apt-get download -q {PACKAGE} && \
         dpkg-deb --fsys-tarfile {PACKAGE}_*.deb | tar -x --strip-components=3 -C /usr/local/sbin ./usr/sbin/exim4"
    );
    let account = format!(
        "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin {ACCOUNT}"
    );
    if install == Install::No || !is_root()? {
        return Err(Error::Missing {
            list: format!("  {PROGRAM:<22} Exim itself, and its account {ACCOUNT}"),
            remedy: format!(
                "On Debian, as root: `cargo xtask lab --install`, or\n  {}\n  {account}",
                unpack.replace(" && ", "\n  ")
            ),
        });
    }
    let shell = |name: &str, script: &str| run(name, Command::new("sh").args(["-euc", script]));
    step("Exim", || {
        if !is_there {
            let script = format!(
                "folder=$(mktemp -d); chmod 755 \"$folder\"; cd \"$folder\"; {unpack}; cd /; rm -r \"$folder\""
            );
            shell("taking Exim out of its package", &script)?;
        }
        if !has_account {
            shell("making the account of Exim", &account)?;
        }
        Ok(())
    })
}
