//! What this machine runs, when no path is given.
//!
//! Only fixed absolute paths are run, what is run is said, and `--no-exec` or `--root` forbids it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use smtplint_core::dialects::dovecot;
use smtplint_core::version::{Target, Version, Versions};

use crate::args::Input;
use crate::error::Error;
use crate::input;

/// Where Postfix keeps its tool.
const POSTCONF: &[&str] = &["/usr/sbin/postconf", "/usr/local/sbin/postconf"];

/// Where Dovecot keeps its own.
const DOVECONF: &[&str] = &["/usr/bin/doveconf", "/usr/local/bin/doveconf"];

/// Where Dovecot keeps its configuration when nobody can be asked.
const DOVECOT_FOLDERS: &[&str] = &["etc/dovecot", "usr/local/etc/dovecot"];

/// Where Postfix keeps its configuration when nobody can be asked.
const FOLDERS: &[&str] = &["etc/postfix", "usr/local/etc/postfix"];

/// Defaults that only the machine knows; `postconf` prints them.
const MACHINE: &[&str] = &["myhostname", "mydomain", "mynetworks", "daemon_directory"];

/// What was found.
pub(crate) struct Live {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) remarks: Vec<String>,
}

/// Finds the configurations of the machine, or of the tree below `root`: Postfix's, and Dovecot's.
pub(crate) fn find(input: &Input, target: &mut Target, root: Option<&Path>) -> Result<Live, Error> {
    let mut live = Live {
        files: Vec::new(),
        remarks: Vec::new(),
    };
    let may_ask = !input.no_exec && root.is_none();
    let base = root.unwrap_or(Path::new("/"));
    let below = |folders: &[&str]| folders.iter().map(|folder| base.join(folder)).collect::<Vec<PathBuf>>();
    let mut looked_in = Vec::new();
    for (program, folders) in [(&POSTFIX, FOLDERS), (&DOVECOT, DOVECOT_FOLDERS)] {
        let mut places = Vec::new();
        if may_ask && let Some(tool) = program.tools.iter().map(Path::new).find(|path| path.is_file()) {
            match (program.ask)(tool, target, &mut live.remarks) {
                Ok(folder) => places.push(folder),
                // A configuration that the tool refuses is one more reason to read it.
                Err(reason) => live.remarks.push(format!(
                    "{} gave no answer, so the files alone are read; it says: {reason}",
                    tool.display()
                )),
            }
        }
        places.extend(below(folders));
        for folder in places {
            let files = (program.files)(&folder)?;
            looked_in.push(folder);
            if !files.is_empty() {
                live.remarks
                    .push(format!("reading {}{}", enumerated(&files), program.more));
                live.files.extend(files);
                break;
            }
        }
    }
    if live.files.is_empty() {
        return Err(Error::NothingFound { looked_in });
    }
    Ok(live)
}

/// A program whose configuration is looked for.
struct Program {
    /// Where its tool may be.
    tools: &'static [&'static str],
    /// Asks the tool for the folder of the configuration, and what the machine gives.
    ask: fn(&Path, &mut Target, &mut Vec<String>) -> Result<PathBuf, String>,
    /// Its files in a folder.
    files: fn(&Path) -> Result<Vec<PathBuf>, Error>,
    /// What is read beside them, in words.
    more: &'static str,
}

const POSTFIX: Program = Program {
    tools: POSTCONF,
    ask,
    files: input::files_in,
    more: "",
};

const DOVECOT: Program = Program {
    tools: DOVECONF,
    ask: ask_dovecot,
    files: |folder| Ok(input::dovecot_in(folder)?.into_iter().collect()),
    more: " and what it includes",
};

/// Asks the installed Dovecot for its release and its file, which stand at the head of what it prints; or says why there was no
/// answer.
fn ask_dovecot(doveconf: &Path, target: &mut Target, remarks: &mut Vec<String>) -> Result<PathBuf, String> {
    remarks.push(format!("running {} -n", doveconf.display()));
    let printed = run(doveconf, &["-n"])?;
    let (version, path) = dovecot::head(&printed).ok_or("its first line names no release")?;
    if target.dovecot.is_none() {
        target.dovecot = Some(Versions::exactly(version));
    }
    let folder = Path::new(path).parent();
    Ok(folder.map_or_else(|| PathBuf::from("/etc/dovecot"), Path::to_path_buf))
}

/// Asks the installed Postfix for its release, its folder, and what the machine gives for what nobody wrote; or says why
/// there was no answer.
fn ask(postconf: &Path, target: &mut Target, remarks: &mut Vec<String>) -> Result<PathBuf, String> {
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

fn run(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default().trim();
        return Err(if last.is_empty() {
            output.status.to_string()
        } else {
            last.to_owned()
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) fn enumerated(files: &[PathBuf]) -> String {
    files
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(" and ")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A program that does what a line of shell says.
    fn program(shell: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("postconf");
        std::fs::write(&path, format!("#!/bin/sh\n{shell}\n")).expect("the program is written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("it can run");
        (folder, path)
    }

    fn asked(shell: &str, target: &mut Target) -> (Result<PathBuf, String>, Vec<String>) {
        let (_folder, path) = program(shell);
        let mut remarks = Vec::new();
        // Writing the program and running it can meet in time when another test forks; the system says so, once.
        let mut answer = ask(&path, target, &mut remarks);
        while matches!(&answer, Err(reason) if reason.contains("os error 26")) {
            remarks.clear();
            answer = ask(&path, target, &mut remarks);
        }
        (answer, remarks)
    }

    #[test]
    fn the_machine_answers_for_what_nobody_wrote() {
        let mut target = Target::default();
        let printed = "printf 'mail_version = 3.7.11\\nconfig_directory = /srv/postfix\\nmyhostname = mx.example.org\\n\
                       mydomain = $unknown\\nmynetworks = 192.0.2.0/24 [::1]/128\\n'";
        let (answer, remarks) = asked(printed, &mut target);
        assert_eq!(answer, Ok(PathBuf::from("/srv/postfix")));
        assert_eq!(target.postfix, Some(Versions::exactly(Version::new(3, 7, 11))));
        assert_eq!(target.host_name.as_deref(), Some("mx.example.org"));
        let networks = target.machine.get("mynetworks").map(String::as_str);
        assert_eq!(networks, Some("192.0.2.0/24 [::1]/128"));
        assert!(
            !target.machine.contains_key("mydomain"),
            "a reference is no value of the machine"
        );
        assert_eq!(remarks.len(), 1);
        assert!(remarks[0].ends_with(" mail_version config_directory myhostname mydomain mynetworks daemon_directory"));
    }

    #[test]
    fn what_the_person_says_stands() {
        let mut target = Target::default();
        target.add("postfix=3.4").expect("a target");
        target.host_name = Some("mine.example.org".to_owned());
        let printed = "printf 'mail_version = 3.7.11\\nmyhostname = other.example.org\\n'";
        let (answer, _) = asked(printed, &mut target);
        assert_eq!(answer, Ok(PathBuf::from("/etc/postfix")));
        assert!(
            target
                .postfix
                .is_some_and(|versions| versions.contains(Version::new(3, 4, 5)))
        );
        assert_eq!(target.host_name.as_deref(), Some("mine.example.org"));
    }

    #[test]
    fn a_tool_that_refuses_says_why_in_its_last_line() {
        let mut target = Target::default();
        let shell = "echo 'postconf: warning: w' >&2; echo 'postconf: fatal: line 3: missing =' >&2; exit 1";
        let (answer, _) = asked(shell, &mut target);
        assert_eq!(answer, Err("postconf: fatal: line 3: missing =".to_owned()));
        let (answer, _) = asked("exit 75", &mut target);
        assert_eq!(answer, Err("exit status: 75".to_owned()));
        assert_eq!(target, Target::default());
    }

    #[test]
    fn the_tool_gets_no_environment() {
        let mut target = Target::default();
        let (answer, _) = asked("test -z \"$MAIL_CONFIG$HOME$CARGO\" || exit 9", &mut target);
        assert_eq!(answer, Ok(PathBuf::from("/etc/postfix")));
    }
}
