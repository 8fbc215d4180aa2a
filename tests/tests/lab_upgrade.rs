//! What is carried from 2.3 to 2.4 is what 2.4 reads: each configuration is put before the `doveconf` of the release that is here.
//! That of 2.3 says whether there was anything to carry; that of 2.4 has to take the result, once what is a person's to write is
//! taken out.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_tests::corpus::{self, Outside};
use smtplint_tests::doveconf::{self, Answer, Files};
use smtplint_tests::upgrades::{self, OLD};

/// What this machine may lack, whatever the configuration says: files that others bring, and modules.
const LACKS: &[&str] = &["No matches", "No such file", "Unknown protocol"];

/// The most lines that are taken out of one configuration because this machine lacks what they name.
const MOST_TAKEN_OUT: usize = 20;

#[test]
fn what_is_carried_is_read() {
    let version = doveconf::release().unwrap_or_else(|error| panic!("{error}"));
    let is_new = version.starts_with("2.4");
    let mut wrong = Vec::new();
    let (mut read, mut whole, mut left, mut refused) = (0, 0, 0, 0);
    for (name, files) in all() {
        let (files, is_whole) = if is_new {
            match upgrades::carried(&files) {
                Ok((upgrade, _)) => {
                    left += upgrade.left.len();
                    (upgrades::without_left(&files, &upgrade), upgrade.is_whole())
                }
                Err(why) => {
                    println!("{name}: {why:?}");
                    continue;
                }
            }
        } else {
            (files, true)
        };
        match stops(files) {
            None => {
                read += 1;
                whole += usize::from(is_whole);
            }
            // 2.3 may well refuse what the corpus holds, and says so here; what is ours it reads.
            Some(why) if !is_new && name.starts_with('/') => {
                refused += 1;
                println!("{name}: {why}");
            }
            Some(why) if why.contains("Unknown section name: mysql") => {
                println!("{name}: this machine lacks the driver")
            }
            Some(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    println!(
        "Dovecot {version}: {read} read, {whole} of them whole, {left} places left to a person, {refused} refused"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read >= OLD.len(), "only {read} were read");
}

/// Our own, and those of the outside corpus in the language of 2.3.
fn all() -> Vec<(String, Files)> {
    let mut all: Vec<(String, Files)> = OLD.iter().map(|old| (old.name.to_owned(), old.files())).collect();
    match corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        Outside::Absent(why) => println!("{why}"),
        Outside::Found(place, _) => {
            for case in corpus::read_parts(&place, &["dovecot", "doveconf-n"]).unwrap_or_else(|error| panic!("{error}"))
            {
                let texts = case.files.iter();
                let files: Files = texts
                    .map(|(path, bytes)| (path.clone(), String::from_utf8_lossy(bytes).into_owned()))
                    .collect();
                let is_new =
                    |text: &String| text.contains("dovecot_config_version") || text.contains("ssl_server_cert_file");
                if files.values().any(is_new) {
                    continue;
                }
                if files.contains_key("dovecot.conf") {
                    all.push((format!("/{}", case.name), files));
                } else {
                    let alone = files.into_values().enumerate();
                    all.extend(alone.map(|(number, text)| {
                        (
                            format!("/{} {number}", case.name),
                            Files::from([("dovecot.conf".to_owned(), text)]),
                        )
                    }));
                }
            }
        }
    }
    all
}

/// Where it stops, and why, but for what this machine lacks.
fn stops(mut files: Files) -> Option<String> {
    for _ in 0..MOST_TAKEN_OUT {
        let folder = tempfile::tempdir().expect("a folder for the files");
        let answer = doveconf::ask(folder.path(), &files).unwrap_or_else(|error| panic!("{error}"));
        let Answer::Stops { file, line, why } = answer else {
            return None;
        };
        let said = format!("it stops at {file}:{line}: {why}");
        if !LACKS.iter().any(|words| why.contains(words)) {
            return Some(said);
        }
        if let Some((_, protocol)) = why.split_once("Unknown protocol: ") {
            for text in files.values_mut() {
                *text = without_protocol(text, protocol.trim());
            }
            continue;
        }
        let Some(text) = files.get_mut(&file) else {
            return Some(said);
        };
        let mut lines: Vec<&str> = text.split('\n').collect();
        let Some(one) = line.checked_sub(1).and_then(|at| lines.get_mut(at)) else {
            return Some(said);
        };
        *one = "";
        *text = lines.join("\n");
    }
    Some("this machine lacks too much of it".to_owned())
}

/// A protocol whose package is not here is not named.
fn without_protocol(text: &str, protocol: &str) -> String {
    let line = |line: &str| match line.trim_start().starts_with("protocols") {
        true => line.replace(protocol, ""),
        false => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
