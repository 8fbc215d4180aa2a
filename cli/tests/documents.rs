//! The manual page and the completion scripts: whole, and such that their readers take them.

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use common::with;

const COMMANDS: [&str; 7] = ["check", "inspect", "explain", "rules", "demo", "completions", "man"];
const FLAGS: [&str; 17] = [
    "config",
    "redact",
    "policy",
    "prefer",
    "baseline",
    "update-baseline",
    "target",
    "role",
    "host-name",
    "interface",
    "root",
    "no-exec",
    "format",
    "quiet",
    "fail-on",
    "strict",
    "settings",
];

#[test]
fn the_manual_is_one_page_that_tells_everything() {
    let ran = with(&["man"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.err, "");
    assert_eq!(ran.out.matches(".TH ").count(), 1, "one page, one title");
    for command in COMMANDS {
        assert!(
            ran.out.contains(&format!("\n.SH {}\n", command.to_uppercase())),
            "{command}"
        );
    }
    for flag in FLAGS {
        let written = format!("\\-\\-{}", flag.replace('-', "\\-"));
        assert!(ran.out.contains(&written), "{flag}");
    }
    assert!(ran.out.contains("Exit codes: 0 nothing"), "the exit codes are in it");
    assert!(
        !ran.out.contains("(1)\n"),
        "it sends nobody to pages that are not there"
    );
}

#[test]
fn completion_scripts_know_the_commands_and_flags() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = with(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{shell}");
        assert_eq!(ran.err, "");
        for word in COMMANDS.iter().chain(&FLAGS) {
            assert!(ran.out.contains(word), "{shell} does not know {word}");
        }
    }
}

/// The shell reads the script, and offers what it should for a beginning.
#[cfg(unix)]
#[test]
fn bash_completes_a_flag() {
    let script = with(&["completions", "bash"]).out;
    let ask = "\nCOMP_WORDS=(smtplint check --fail); COMP_CWORD=2; _smtplint smtplint --fail check\n\
               printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let mut bash = Command::new("bash")
        .args(["--norc", "--noprofile"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash is there");
    let mut stdin = bash.stdin.take().expect("a pipe");
    stdin
        .write_all(format!("{script}{ask}").as_bytes())
        .expect("bash reads");
    drop(stdin);
    let output = bash.wait_with_output().expect("bash ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "--fail-on\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
