//! `smtplint mx --from`: many domains, results as they come, and a run that goes on where another was stopped.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{Ran, argument, fed, folder, smtplint, with};
use crate::names::{Manner, Zone, serve};

const COUNT: usize = 200;

fn domain(number: usize) -> String {
    format!("d{number}.example")
}

/// One of ten domains has a name server that never answers, or all have one that does.
fn many(some_are_silent: bool) -> Zone {
    (0..COUNT).fold(Zone::default(), |zone, number| {
        let name = domain(number);
        if some_are_silent && number % 10 == 9 {
            return zone.manner(&name, Manner::Silent);
        }
        let host = format!("mail.{name}");
        zone.mx(&name, 10, &host).a(&host, [192, 0, 2, 25])
    })
}

fn records(text: &str) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(read).collect()
}

fn names(text: &str) -> Vec<String> {
    let name = |record: &Value| record["domain"].as_str().expect("a name").to_owned();
    records(text).iter().map(name).collect()
}

const HOW: [&str; 6] = ["mx", "--timeout", "1", "--no-dnssec", "--dns-only", "--server"];

#[test]
fn each_line_gets_a_record_whatever_becomes_of_the_others() {
    let server = serve(many(true)).0.to_string();
    let mut list: String = (0..COUNT).map(|number| domain(number) + "\n").collect();
    list.push_str("# a comment\n\nuser@d1.example\n{\"domain\": \"D1.example.\"}\n{\"name\": 1}\n");
    let check = |ran: &Ran| {
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let mut found = names(&ran.out);
        found.sort_unstable();
        let mut wanted: Vec<String> = (0..COUNT).map(domain).collect();
        wanted.extend(["d1.example", "user@d1.example", "{\"name\": 1}"].map(str::to_owned));
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        for record in records(&ran.out) {
            let name = record["domain"].as_str().expect("a name");
            let is_domain = name.ends_with(".example") && !name.contains('@');
            assert_eq!(record["schema"], "smtplint/mx/1");
            let is_silent = is_domain && name.trim_end_matches(".example").ends_with('9');
            assert_eq!(record["error"].is_null(), is_domain && !is_silent, "{record}");
            assert_eq!(
                record["hosts"].as_array().map(Vec::len),
                Some(usize::from(is_domain && !is_silent))
            );
        }
    };
    let files = folder(&[("list", &list)]);
    let path = files.path().join("list");
    check(&with(&[&HOW[..], &[&server, "--from", argument(&path)]].concat()));
    check(&fed(
        &[&HOW[..], &[&server, "--from", "-", "--jobs", "7"]].concat(),
        list.as_bytes(),
    ));
}

#[test]
fn one_at_a_time_keeps_the_order() {
    let server = serve(many(true)).0.to_string();
    let list = "d3.example\nd1.example\nd2.example";
    let ran = fed(
        &[&HOW[..], &[&server, "--from", "-", "--jobs", "1"]].concat(),
        list.as_bytes(),
    );
    assert_eq!(names(&ran.out), ["d3.example", "d1.example", "d2.example"]);
}

#[test]
fn what_was_stopped_goes_on_without_loss_or_repetition() {
    let server = serve(many(false)).0.to_string();
    let list: String = (0..COUNT).map(|number| domain(number) + "\n").collect();
    let files = folder(&[("list", &list)]);
    let (list, out) = (files.path().join("list"), files.path().join("out"));
    let arguments = [
        &HOW[..],
        &[
            &server,
            "--from",
            argument(&list),
            "--jobs",
            "8",
            "--skip-done",
            argument(&out),
        ],
    ]
    .concat();
    fs::write(&out, "").expect("the file is made");
    let start = || {
        let to = OpenOptions::new().append(true).open(&out).expect("the file is there");
        let mut command = smtplint(&arguments);
        command
            .stdout(to)
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts")
    };
    // Stopped at once and half way, and once within a line.
    for least in [1, COUNT / 4, COUNT / 2] {
        let mut child = start();
        let until = Instant::now() + Duration::from_secs(20);
        while fs::read_to_string(&out).expect("it is there").lines().count() < least {
            assert!(Instant::now() < until, "nothing is written any more");
            sleep(Duration::from_millis(2));
        }
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
        let text = fs::read_to_string(&out).expect("it is there");
        let cut = text.trim_end_matches('\n').rfind('\n').unwrap_or(0) + 20;
        fs::write(&out, text.get(..cut).unwrap_or(&text)).expect("it is ours");
    }
    let status = start().wait().expect("it ends");
    assert!(status.success());
    let text = fs::read_to_string(&out).expect("it is there");
    let found = names(&text);
    let each: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!((found.len(), each.len()), (COUNT, COUNT));
    // Nothing is left to do.
    let ran = with(&arguments);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
}

#[test]
fn whoever_was_not_answered_is_asked_about_again() {
    let list = "d8.example\nd9.example\nuser@d1.example\n";
    let run = |zone: Zone, done: &str| {
        let server = serve(zone).0.to_string();
        let files = folder(&[("done", done)]);
        let done = files.path().join("done");
        let arguments = [
            &HOW[..],
            &[&server, "--from", "-", "--jobs", "1", "--skip-done", argument(&done)],
        ]
        .concat();
        fed(&arguments, list.as_bytes()).out
    };
    let first = run(many(true), "");
    assert_eq!(names(&first), ["d8.example", "d9.example", "user@d1.example"]);
    let second = run(many(false), &first);
    assert_eq!(names(&second), ["d9.example"]);
    assert_eq!(run(many(false), &(first + &second)), "");
}

#[test]
fn lists_that_cannot_be_read_are_named() {
    let server = serve(Zone::default()).0.to_string();
    for (more, part) in [
        (&["--from", "no-such-list"][..], "no-such-list"),
        (&["--from", "-", "--skip-done", "no-such-file"][..], "no-such-file"),
        (&["--from", "-", "--jobs", "0"][..], "--jobs"),
        (&["--from", "-", "example.org"][..], "--from"),
        (&["--jobs", "3", "example.org"][..], "--jobs"),
    ] {
        let ran = with(&[&HOW[..], &[server.as_str()], more].concat());
        assert_eq!(ran.code, Some(2), "{more:?}");
        assert!(ran.err.contains(part) && ran.out.is_empty(), "{more:?}: {}", ran.err);
    }
}
