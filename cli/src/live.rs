//! What this machine runs, when no path is given.
//!
//! Only fixed absolute paths are run, what is run is said, and `--no-exec` or `--root` forbids it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use smtplint_core::version::{Target, Version, Versions};

use crate::args::Input;
use crate::error::Error;

/// Where Postfix keeps its tool.
const POSTCONF: &[&str] = &["/usr/sbin/postconf", "/usr/local/sbin/postconf"];

/// Where Postfix keeps its configuration when nobody can be asked.
const FOLDERS: &[&str] = &["etc/postfix", "usr/local/etc/postfix"];

/// Defaults that only the machine knows; `postconf` prints them.
const MACHINE: &[&str] = &["myhostname", "mydomain", "mynetworks", "daemon_directory"];

/// What was found.
pub(crate) struct Live {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) remarks: Vec<String>,
}

/// Finds the configuration of the machine, or of the tree below `root`.
pub(crate) fn find(input: &Input, target: &mut Target, root: Option<&Path>) -> Result<Live, Error> {
    let mut live = Live {
        files: Vec::new(),
        remarks: Vec::new(),
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    if !input.no_exec
        && root.is_none()
        && let Some(postconf) = POSTCONF.iter().map(Path::new).find(|path| path.is_file())
    {
        folders.push(ask(postconf, target, &mut live.remarks)?);
    }
    let base = root.unwrap_or(Path::new("/"));
    folders.extend(FOLDERS.iter().map(|folder| base.join(folder)));
    for folder in &folders {
        let files = ["main.cf", "master.cf"].map(|name| folder.join(name));
        live.files = files.into_iter().filter(|path| path.exists()).collect();
        if !live.files.is_empty() {
            live.remarks.push(format!("reading {}", enumerated(&live.files)));
            return Ok(live);
        }
    }
    Err(Error::NothingFound { looked_in: folders })
}

/// Asks the installed Postfix for its release, its folder, and what the machine gives for what nobody wrote.
fn ask(postconf: &Path, target: &mut Target, remarks: &mut Vec<String>) -> Result<PathBuf, Error> {
    let mut names = vec!["mail_version", "config_directory"];
    names.extend(MACHINE);
    remarks.push(format!("running {} {}", postconf.display(), names.join(" ")));
    let printed = run(postconf, &names)?;
    let value = |name: &str| {
        printed.lines().find_map(|line| {
            let (key, value) = line.split_once(" =")?;
            (key == name).then(|| value.trim().to_owned())
        })
    };
    if target.postfix.is_none()
        && let Some(version) = value("mail_version").and_then(|text| text.parse::<Version>().ok())
    {
        target.postfix = Some(Versions::exactly(version));
    }
    for name in MACHINE {
        // A value that refers to others is of the files, not of the machine.
        if let Some(value) = value(name).filter(|value| !value.contains('$')) {
            target.machine.insert((*name).to_owned(), value);
        }
    }
    if let (Some(name), true) = (value("myhostname"), target.host_name.is_none()) {
        target.host_name = Some(name);
    }
    Ok(value("config_directory").map_or_else(|| PathBuf::from("/etc/postfix"), PathBuf::from))
}

fn run(program: &Path, arguments: &[&str]) -> Result<String, Error> {
    let failed = |reason: String| Error::Program {
        program: program.display().to_string(),
        reason,
    };
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn enumerated(files: &[PathBuf]) -> String {
    files
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(" and ")
}
