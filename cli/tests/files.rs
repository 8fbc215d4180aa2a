//! Files and folders as they are found: too large, missing, linked in circles, leading elsewhere.

mod common;

use std::fs;
use std::io::Write;

use common::{MAIN, MASTER, argument, folder, with, write};

#[test]
fn a_file_of_ten_megabytes_is_refused_unread() {
    let folder = folder(&[]);
    let path = folder.path().join("main.cf");
    let mut file = fs::File::create(&path).expect("the file is made");
    file.write_all(&b"# a line of some length\n".repeat(10_000_000 / 24))
        .expect("the file is written");
    let ran = with(&["check", argument(&path)]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("is larger than 4 MB"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_said_to_be_so() {
    let folder = folder(&[]);
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    std::os::unix::fs::symlink(&b, &a).expect("a link");
    std::os::unix::fs::symlink(&a, &b).expect("a link");
    let ran = with(&["check", argument(&a)]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.err,
        format!(
            "smtplint: `{}` cannot be read: its links lead in a circle\n",
            a.display()
        )
    );
}

#[cfg(unix)]
#[test]
fn a_main_cf_that_leads_nowhere_is_not_passed_over() {
    let folder = folder(&[("master.cf", MASTER)]);
    let main = folder.path().join("main.cf");
    std::os::unix::fs::symlink("gone.cf", &main).expect("a link");
    let ran = with(&["check", argument(folder.path())]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.err,
        format!(
            "smtplint: `{}` is a link, and what it leads to is not there\n",
            main.display()
        )
    );
}

#[test]
fn a_folder_below_a_file_is_not_there() {
    let folder = folder(&[("main.cf", MAIN)]);
    let path = folder.path().join("main.cf/postfix");
    let ran = with(&["check", argument(&path)]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.ends_with("a part of the path before it is a file\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_file_named_twice_is_one_file() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path());
    let main = folder.path().join("main.cf");
    let once = with(&["check", path, "--format", "json"]);
    let twice = with(&["check", path, argument(&main), path, "--format", "json"]);
    assert_eq!(once.out, twice.out);
}

#[test]
fn a_folder_is_searched_where_systems_keep_the_files() {
    for place in ["", "postfix/", "etc/postfix/"] {
        let (main, master) = (format!("{place}main.cf"), format!("{place}master.cf"));
        let folder = folder(&[(&main, MAIN), (&master, MASTER)]);
        let ran = with(&["check", argument(folder.path())]);
        assert_eq!(ran.code, Some(1), "{place}: {ran:?}");
    }
}

#[test]
fn below_a_root_the_machine_of_the_image_is_found() {
    for place in ["etc/postfix", "usr/local/etc/postfix"] {
        let (main, master) = (format!("{place}/main.cf"), format!("{place}/master.cf"));
        let root = folder(&[(&main, MAIN), (&master, MASTER)]);
        let ran = with(&["check", "--root", argument(root.path())]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains(&main) && ran.err.contains(&master), "{}", ran.err);
        assert!(!ran.err.contains("running"), "a program ran below --root: {}", ran.err);
    }
}

#[test]
fn a_path_below_a_root_counts_from_the_root() {
    let root = folder(&[("srv/mail/main.cf", MAIN), ("srv/mail/master.cf", MASTER)]);
    let ran = with(&["check", "--root", argument(root.path()), "/srv/mail"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("srv/mail/master.cf:3:6"), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn nothing_outside_a_root_is_read() {
    let outside = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let root = folder(&[]);
    write(root.path(), "etc/postfix/master.cf", MASTER.as_bytes());
    let link = root.path().join("etc/postfix/main.cf");
    std::os::unix::fs::symlink(outside.path().join("main.cf"), &link).expect("a link");
    std::os::unix::fs::symlink(outside.path(), root.path().join("elsewhere")).expect("a link");
    for arguments in [
        vec!["check", "--root", argument(root.path())],
        vec!["check", "--root", argument(root.path()), "/etc/postfix"],
        vec!["check", "--root", argument(root.path()), "/elsewhere"],
        vec!["check", "--root", argument(root.path()), argument(&link)],
        vec!["inspect", "--root", argument(root.path()), "/../../etc"],
    ] {
        let ran = with(&arguments);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(matches!(ran.code, Some(2 | 3)), "{arguments:?}: {ran:?}");
    }
    let ran = with(&["check", "--root", argument(root.path())]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("leads out of it through a link"), "{}", ran.err);
    assert!(ran.err.contains("nothing outside is read"), "{}", ran.err);
}

/// Nothing of `/etc/postfix` or of an installed Postfix may show through.
#[test]
fn an_image_without_a_mail_server_is_not_the_machine_it_is_looked_at_on() {
    let root = folder(&[("etc/hostname", "image\n")]);
    let ran = with(&["check", "--root", argument(root.path())]);
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.err.contains("no configuration found") && !ran.err.contains("running"),
        "{}",
        ran.err
    );
}
