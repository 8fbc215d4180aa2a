//! Standard input, standard output, standard error, colours and exit codes.

mod common;

use std::process::Stdio;

use common::{MAIN, MASTER, argument, fed, folder, run, smtplint, with};

const HEADED: &str = "==> /etc/postfix/main.cf <==\n";

fn paste() -> String {
    format!("{HEADED}{MAIN}\n==> /etc/postfix/master.cf <==\n{MASTER}")
}

#[test]
fn a_paste_is_judged_as_the_files_are() {
    let ran = fed(&["check", "-"], paste().as_bytes());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.starts_with("Always encrypted?"), "{}", ran.out);
    assert!(ran.out.contains("\n\ncritical[auth-offered-in-clear]"), "{}", ran.out);
    assert!(ran.out.contains("--> /etc/postfix/master.cf:3:6"), "{}", ran.out);
    assert_eq!(ran.err, "");
    let ran = fed(&["inspect", "-"], paste().as_bytes());
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.out.contains("port 587 (submission), /etc/postfix/master.cf:2"),
        "{}",
        ran.out
    );
}

#[test]
fn a_print_out_is_called_stdin() {
    let ran = fed(
        &["check", "-", "--format", "json"],
        format!("{MAIN}{MASTER}").as_bytes(),
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("\"file\": \"stdin\""), "{}", ran.out);
}

#[test]
fn standard_input_named_twice_is_read_once() {
    let once = fed(&["check", "-"], paste().as_bytes());
    let twice = fed(&["check", "-", "-"], paste().as_bytes());
    assert_eq!(twice.code, Some(1), "{twice:?}");
    assert_eq!(once.out, twice.out);
}

#[test]
fn nothing_on_standard_input_is_no_configuration() {
    for input in ["", "\n \n"] {
        let ran = fed(&["check", "-"], input.as_bytes());
        assert_eq!(ran.code, Some(3));
        assert_eq!(ran.out, "");
        assert!(
            ran.err.starts_with("smtplint: standard input is empty\n"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn bytes_that_are_no_text_on_standard_input_are_named_so() {
    let ran = fed(&["check", "-"], b"myorigin = caf\xe9\n");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.starts_with("smtplint: standard input is not UTF-8: line 1"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("iconv -f latin1 -t utf-8 FILE | smtplint check -"),
        "{}",
        ran.err
    );
}

#[test]
fn more_than_any_configuration_on_standard_input_is_refused() {
    let ran = fed(&["check", "-"], &b"a = 1\n".repeat(2_000_000));
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.starts_with("smtplint: standard input is larger than 4 MB"),
        "{}",
        ran.err
    );
}

#[test]
fn colours_are_for_those_who_ask() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path());
    let plain = with(&["check", path]);
    let never = with(&["--color", "never", "check", path]);
    let always = with(&["check", path, "--color", "always"]);
    assert!(!plain.out.contains('\u{1b}'), "a pipe is no terminal");
    assert_eq!(plain.out, never.out);
    assert!(always.out.contains("\u{1b}["));
    // Without its colours it is the same text.
    let mut bare = String::new();
    let mut rest = always.out.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        rest = after.split_once('m').expect("a colour ends").1;
    }
    bare.push_str(rest);
    assert_eq!(bare, never.out);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path());
    for arguments in [
        ["check", path, "--format", "text"],
        ["check", path, "--format", "json"],
        ["check", path, "--format", "sarif"],
        ["check", path, "--format", "markdown"],
        ["check", path, "--format", "html"],
        ["inspect", path, "--format", "json"],
    ] {
        assert_eq!(with(&arguments).out, with(&arguments).out);
    }
}

#[test]
fn whoever_reads_may_stop() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path());
    for arguments in [
        vec!["check", path],
        vec!["check", path, "--format", "json"],
        vec!["inspect", "--settings", path],
        vec!["rules"],
        vec!["man"],
        vec!["completions", "bash"],
        vec!["--help"],
    ] {
        let mut command = smtplint(&arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        // As `| true` does: nobody reads.
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the command ends");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(err, "", "{arguments:?}");
        assert!(output.status.code().is_some(), "{arguments:?} was killed");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    for arguments in [["rules", "--color=never"], ["man", "--color=never"]] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full is there");
        let ran = run(smtplint(&arguments).stdout(full));
        assert_eq!(ran.code, Some(2));
        assert_eq!(
            ran.err,
            "smtplint: the result cannot be written: No space left on device\n"
        );
    }
}

#[test]
fn exit_codes_say_how_it_went_in_every_format() {
    let bad = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let empty = folder(&[]);
    let quiet = folder(&[("main.cf", MAIN)]);
    let (bad, empty, quiet) = (argument(bad.path()), argument(empty.path()), argument(quiet.path()));
    for format in ["text", "json", "sarif", "markdown", "html"] {
        let code = |arguments: &[&str]| with(&[arguments, &["--format", format]].concat()).code;
        assert_eq!(code(&["check", quiet]), Some(0));
        assert_eq!(code(&["check", bad]), Some(1));
        assert_eq!(code(&["check", bad, "--fail-on", "critical"]), Some(1));
        assert_eq!(code(&["check", bad, "--fail-on", "wrong"]), Some(2));
        assert_eq!(code(&["check", bad, "/no/such/file"]), Some(2));
        assert_eq!(code(&["check", empty]), Some(3));
        if matches!(format, "text" | "json") {
            assert_eq!(code(&["inspect", bad]), Some(0), "to look is not to judge");
            assert_eq!(code(&["inspect", empty]), Some(3));
        } else {
            assert_eq!(code(&["inspect", bad]), Some(2), "{format} is a form of judgements");
        }
    }
}

#[test]
fn quiet_leaves_the_result_alone() {
    let root = folder(&[("etc/postfix/main.cf", MAIN), ("etc/postfix/master.cf", MASTER)]);
    let root = argument(root.path());
    let loud = with(&["check", "--root", root]);
    let quiet = with(&["check", "--root", root, "--quiet"]);
    assert!(loud.err.starts_with("smtplint: reading "), "{}", loud.err);
    assert_eq!(quiet.err, "");
    assert_eq!(loud.out, quiet.out);
    // An error is no remark.
    assert!(!with(&["check", "--quiet", "/no/such/file"]).err.is_empty());
}

#[test]
fn what_a_terminal_would_obey_is_not_sent_to_it() {
    let banner = "smtpd_banner = \u{1b}]0;owned\u{7} \u{1b}[2J $gone\u{9b}1m \u{202e}txet\n";
    let folder = folder(&[("main.cf", &format!("{MAIN}{banner}")), ("master.cf", MASTER)]);
    let path = argument(folder.path());
    let obeyed = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
    for arguments in [vec!["check", path], vec!["inspect", "--settings", path]] {
        let ran = with(&arguments);
        assert!(ran.out.contains("smtpd_banner"), "{}", ran.out);
        assert_eq!(ran.out.chars().find(|letter| obeyed(*letter)), None, "{arguments:?}");
    }
}
