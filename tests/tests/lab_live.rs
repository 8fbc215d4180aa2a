//! `smtplint check` without a path: what the machine itself runs, with the real `postconf` where Postfix keeps it.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use smtplint_tests::command::SMTPLINT;

const POSTCONF: &str = "/usr/sbin/postconf";
const MAIN: &str = "/etc/postfix/main.cf";

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn smtplint(arguments: &[&str], variables: &[(&str, &Path)]) -> Ran {
    let output = Command::new(&*SMTPLINT)
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("the command starts");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A machine that has Postfix and no configuration of it is told so; one that has both is judged.
fn is_configured() -> bool {
    assert!(Path::new(POSTCONF).is_file(), "the lab has Postfix");
    Path::new(MAIN).exists()
}

fn ran_postconf(ran: &Ran) -> bool {
    ran.err.contains(&format!("smtplint: running {POSTCONF} mail_version"))
}

#[test]
fn the_machine_is_judged_and_what_ran_is_said() {
    let ran = smtplint(&["check"], &[]);
    assert!(ran_postconf(&ran), "{}", ran.err);
    if is_configured() {
        assert!(matches!(ran.code, Some(0 | 1)), "{:?}: {}", ran.code, ran.err);
        assert!(ran.err.contains(&format!("reading {MAIN}")), "{}", ran.err);
        assert!(
            !ran.out.contains("no release is named"),
            "the machine names its release: {}",
            ran.out
        );
    } else {
        assert_eq!(ran.code, Some(3));
        assert!(ran.err.contains("no configuration found"), "{}", ran.err);
    }
}

#[test]
fn no_exec_runs_no_program() {
    let ran = smtplint(&["check", "--no-exec"], &[]);
    assert!(!ran.err.contains("running"), "{}", ran.err);
    if is_configured() {
        assert!(matches!(ran.code, Some(0 | 1)), "{:?}: {}", ran.code, ran.err);
        assert!(ran.err.contains(&format!("reading {MAIN}")), "{}", ran.err);
        assert!(
            ran.out.contains("no release is named"),
            "nobody was asked for it: {}",
            ran.out
        );
    } else {
        assert_eq!(ran.code, Some(3));
        assert!(ran.err.contains("no configuration found"), "{}", ran.err);
    }
}

#[test]
fn the_release_is_what_postconf_says() {
    let ran = smtplint(&["inspect", "--format", "json"], &[]);
    if !is_configured() {
        assert_eq!(ran.code, Some(3), "{}", ran.err);
        return;
    }
    let said = Command::new(POSTCONF)
        .args(["-h", "mail_version"])
        .output()
        .expect("postconf runs");
    let json: Value = serde_json::from_str(&ran.out).expect("JSON");
    let release = json["servers"][0]["version"]["value"].as_str().expect("a release");
    assert_eq!(release, String::from_utf8_lossy(&said.stdout).trim());
}

/// Neither a search path nor a variable of Postfix leads to another program or another configuration.
#[test]
fn the_environment_leads_nowhere_else() {
    let trap = tempfile::tempdir().expect("a temporary folder");
    let program = trap.path().join("postconf");
    std::fs::write(&program, "#!/bin/sh\ntouch \"$0.ran\"\n").expect("the trap is set");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("the trap can run");
    std::fs::write(trap.path().join("main.cf"), "mail_version = 2.10.0\n").expect("the trap is set");
    let plain = smtplint(&["inspect", "--format", "json"], &[]);
    let led = smtplint(
        &["inspect", "--format", "json"],
        &[("PATH", trap.path()), ("MAIL_CONFIG", trap.path())],
    );
    assert!(
        !trap.path().join("postconf.ran").exists(),
        "a program of the search path ran"
    );
    assert_eq!((plain.code, plain.out, plain.err), (led.code, led.out, led.err));
}

/// What `cargo xtask command` builds needs nothing beside it: it runs where there is no other file.
#[test]
fn the_command_runs_in_an_empty_root() {
    let built = xtask::binary::build().expect("the command is built");
    let root = tempfile::tempdir().expect("a temporary folder");
    std::fs::copy(&built, root.path().join("smtplint")).expect("the command is copied");
    let output = Command::new("unshare")
        .args(["--map-root-user", "--root"])
        .arg(root.path())
        .args(["/smtplint", "demo"])
        .output()
        .expect("unshare of util-linux starts");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(out.contains("findings"), "{out}{err}");
}
