//! The files that live with a configuration: smtplint.toml and the baseline.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;

use common::{MAIN, MASTER, argument, fed, folder, with, write};

const IGNORE: &str = "[[ignore]]\nrule = \"auth-offered-in-clear\"\nreason = \"to be mended in spring\"\n";

#[test]
fn the_file_beside_the_configuration_counts() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER), ("smtplint.toml", IGNORE)]);
    let (path, main) = (argument(folder.path()).to_owned(), folder.path().join("main.cf"));
    let master = folder.path().join("master.cf");
    for arguments in [vec!["check", &path], vec!["check", argument(&main), argument(&master)]] {
        let ran = with(&arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.err.contains("smtplint.toml"),
            "that it was read is said: {}",
            ran.err
        );
    }
    let ran = with(&["check", &path, "--format", "json", "--quiet"]);
    assert!(
        ran.out.contains("\"suppressed\": 1") && ran.out.contains("to be mended in spring"),
        "{}",
        ran.out
    );
    assert_eq!(ran.err, "");
}

#[test]
fn standard_input_has_no_file_beside_it() {
    let folder = folder(&[("smtplint.toml", IGNORE)]);
    let paste = format!("==> main.cf <==\n{MAIN}\n==> master.cf <==\n{MASTER}");
    let ran = fed(&["check", "-"], paste.as_bytes());
    assert_eq!(ran.code, Some(1));
    let file = folder.path().join("smtplint.toml");
    let ran = fed(&["check", "-", "--config", argument(&file)], paste.as_bytes());
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn flags_count_more_than_the_file() {
    let said = "policy = \"ncsc-nl-2025\"\nprefer = 587\ntarget = [\"postfix=3.7\"]\nhost-name = \"a.example.org\"\n\n[role]\n587 = \"internal\"\n";
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER), ("smtplint.toml", said)]);
    let path = argument(folder.path());
    let ran = with(&["check", path, "--format", "json"]);
    for word in ["\"policy\": \"ncsc-nl-2025\"", "\"prefer\": \"587\"", "postfix 3.7"] {
        assert!(ran.out.contains(word), "{word}: {}", ran.out);
    }
    assert!(
        !ran.out.contains("\"severity\": \"critical\""),
        "an internal port: {}",
        ran.out
    );
    let flags = [
        "--policy",
        "bcp195",
        "--prefer",
        "both",
        "--target",
        "postfix=3.9",
        "--role",
        "587=submission",
    ];
    let ran = with(&[&["check", path, "--format", "json"], &flags[..]].concat());
    for word in [
        "\"policy\": \"bcp195\"",
        "\"prefer\": \"both\"",
        "postfix 3.9",
        "\"severity\": \"critical\"",
    ] {
        assert!(ran.out.contains(word), "{word}: {}", ran.out);
    }
}

#[cfg(unix)]
#[test]
fn below_a_root_no_file_from_outside_is_read() {
    let outside = folder(&[("smtplint.toml", IGNORE)]);
    let root = folder(&[("etc/postfix/main.cf", MAIN), ("etc/postfix/master.cf", MASTER)]);
    let link = root.path().join("etc/postfix/smtplint.toml");
    std::os::unix::fs::symlink(outside.path().join("smtplint.toml"), &link).expect("a link");
    let ran = with(&["check", "--root", argument(root.path())]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("nothing outside is read"), "{}", ran.err);
}

#[test]
fn a_role_of_nothing_is_said_when_looking_as_well() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let ran = with(&["inspect", argument(folder.path()), "--role", "2525=mx"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.err.contains("nothing listens at `2525`"), "{}", ran.err);
}

#[test]
fn a_baseline_is_written_whole_and_stays_the_same() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path()).to_owned();
    let file = folder.path().join("known.json");
    let file = argument(&file);
    let update = ["check", &path, "--baseline", file, "--update-baseline"];
    let first = with(&update);
    assert_eq!(first.code, Some(0), "{first:?}");
    let text = fs::read_to_string(file).expect("it is there");
    assert_eq!(with(&update).code, Some(0));
    assert_eq!(fs::read_to_string(file).expect("it is there"), text);
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|one| one.expect("a name").file_name().display().to_string())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["known.json", "main.cf", "master.cf"],
        "nothing is left beside it"
    );
    assert_eq!(with(&["check", &path, "--baseline", file]).code, Some(0));
    assert_eq!(with(&["check", &path]).code, Some(1));
}

#[test]
fn what_is_no_baseline_is_not_taken_for_one() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path()).to_owned();
    let file = folder.path().join("known.json");
    for text in [
        "",
        "[]",
        "{\"schema\": \"smtplint/baseline/2\", \"findings\": []}",
        "{\"schema\": \"smtplint/report/1\"}",
    ] {
        write(folder.path(), "known.json", text.as_bytes());
        for more in [&[][..], &["--update-baseline"]] {
            let ran = with(&[&["check", &path, "--baseline", argument(&file)], more].concat());
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{text}");
            assert!(ran.err.contains("is no baseline of smtplint"), "{}", ran.err);
        }
        assert_eq!(
            fs::read_to_string(&file).expect("it is there"),
            text,
            "it is left alone"
        );
    }
    assert_eq!(
        with(&["check", &path, "--update-baseline"]).code,
        Some(2),
        "which file?"
    );
    let nowhere = folder.path().join("no/such/known.json");
    let ran = with(&["check", &path, "--baseline", argument(&nowhere), "--update-baseline"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot be written"), "{}", ran.err);
}
