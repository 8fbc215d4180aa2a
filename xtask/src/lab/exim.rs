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
pub(crate) const PACKAGE: &str = "exim4-daemon-heavy";

/// Exim gives up its rights to this account, and refuses to say even its release where there is none.
const ACCOUNT: &str = "Debian-exim";

/// Takes the program out of its package, by way of the folder that the shell stands in. For a shell that ends at the first failure
/// (`-e`), which it does not where commands are joined by `&&`.
fn unpacking() -> String {
    format!(
        "apt-get download -q {PACKAGE}; \
         dpkg-deb --fsys-tarfile {PACKAGE}_*.deb | tar -x --strip-components=3 -C /usr/local/sbin ./usr/sbin/exim4"
    )
}

/// Makes its account.
fn account() -> String {
    format!(
        "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin {ACCOUNT}"
    )
}

/// Commands of the shell, run in a folder that is gone afterwards, whatever becomes of them.
fn aside(script: &str) -> String {
    format!("folder=$(mktemp -d); trap 'cd /; rm -r \"$folder\"' EXIT; chmod 755 \"$folder\"; cd \"$folder\"; {script}")
}

/// Brings it into one of the lab's small systems, by the shell of that system. The libraries are those that the package asks
/// for: each release of Debian has other names for them.
pub(crate) fn script() -> String {
    let libraries = format!(
        "apt-get install --yes --quiet --no-install-recommends \
         $(dpkg-deb --field {PACKAGE}_*.deb Depends | tr , '\\n' | sed 's/^ *//; s/[ (|].*//' | grep '^lib')"
    );
    let script = format!(
        "{}; {libraries}; id {ACCOUNT} 2>/dev/null || {}",
        unpacking(),
        account()
    );
    format!("export DEBIAN_FRONTEND=noninteractive; {}", aside(&script))
}

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
    let (unpack, account) = (unpacking(), account());
    if install == Install::No || !is_root()? {
        return Err(Error::Missing {
            list: format!("  {PROGRAM:<22} Exim itself, and its account {ACCOUNT}"),
            remedy: format!(
                "On Debian, as root: `cargo xtask lab --install`, or\n  {}\n  {account}",
                unpack.replace("; ", "\n  ")
            ),
        });
    }
    let shell = |name: &str, script: &str| run(name, Command::new("sh").args(["-euc", script]));
    step("Exim", || {
        if !is_there {
            shell("taking Exim out of its package", &aside(&unpack))?;
        }
        if !has_account {
            shell("making the account of Exim", &account)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_package_that_does_not_come_is_a_failure_and_leaves_nothing() {
        let place = std::env::temp_dir().join(format!("smtplint-aside-{}", std::process::id()));
        let (programs, folders) = (place.join("programs"), place.join("folders"));
        for folder in [&programs, &folders] {
            fs::create_dir_all(folder).expect("a folder");
        }
        let apt = programs.join("apt-get");
        fs::write(&apt, "#!/bin/sh\nexit 100\n").expect("a program");
        fs::set_permissions(&apt, fs::Permissions::from_mode(0o755)).expect("that can be run");
        let paths = std::env::var("PATH").expect("there are programs");
        let ends = [aside(&unpacking()), script()].map(|script| {
            let mut command = Command::new("sh");
            command.args(["-euc", &script]).env("TMPDIR", &folders);
            let status = command.env("PATH", format!("{}:{paths}", programs.display())).status();
            (
                status.expect("a shell").code(),
                fs::read_dir(&folders).expect("the folder").count(),
            )
        });
        fs::remove_dir_all(&place).expect("it can go");
        assert_eq!(ends, [(Some(100), 0), (Some(100), 0)]);
    }
}
