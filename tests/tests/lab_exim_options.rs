//! What we read in configurations of Exim is what `exim -bP` says of them, and Exim stops where we say that it does.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use smtplint_core::Options;
use smtplint_core::dialects::exim::Exim;
use smtplint_core::facts::Value;
use smtplint_core::setting::Scope;
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::version::Target;
use smtplint_tests::corpus::{self, Outside};
use smtplint_tests::exim_ports::CASES;
use smtplint_tests::lab::mode;
use smtplint_tests::lab::random::Chance;
use smtplint_tests::program::EXIM;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);

/// Options that hold names of accounts, which it prints in its own way, and those that it expands before it prints them.
const PRINTED_OTHERWISE: [&str; 12] = [
    "admin_groups",
    "exim_group",
    "exim_user",
    "log_file_path",
    "never_users",
    "pid_file_path",
    "process_log_path",
    "spool_directory",
    "system_filter_group",
    "system_filter_user",
    "trusted_groups",
    "trusted_users",
];

/// Texts with what a simple reader stumbles over; the first word of each says whether Exim reads it.
const TEXTS: &[(bool, &str)] = &[
    (true, "qualify_domain = a \\\n   # comment\n   b\\\n\n"),
    (true, "qualify_domain = a\\\n\nprimary_hostname = x.example\n"),
    (
        true,
        "FOO = a.example\nqualify_domain = FOO\nprimary_hostname = mail.FOO.FOO\n",
    ),
    (true, "FOO = a\nBAR = FOO.b\nqualify_domain = BAR\n"),
    (true, "FOO = a\nFOO == b\nqualify_domain = FOO\n"),
    (true, "FOO =\nFOO qualify_domain = x\n"),
    (
        true,
        "FOO = 1\n.ifdef FOO\nqualify_domain = yes.example\n.else\nqualify_domain = no.example\n.endif\n",
    ),
    (
        true,
        ".ifdef FOO\nqualify_domain = yes.example\n.elifdef BAR\nqualify_domain = bar.example\n.else\nqualify_domain = no.example\n.endif\n",
    ),
    (
        true,
        ".ifndef FOO\nFOO = 7\n.endif\n.ifdef FOO\n.ifndef FOO\nqualify_domain = a\n.endif\nsmtp_accept_max = FOO\n.endif\n",
    ),
    (true, "smtp_banner = \"a\\tb \\\\ \\x41\\103\\n\"\n"),
    (true, "smtp_banner = a \"b\" # no comment\n"),
    (true, "no_write_rejectlog\nnot_message_logs\naccept_8bitmime = no\n"),
    (
        true,
        "hide qualify_domain = x\nhostlist a = 10.0.0.0/8 : +b\nhostlist_cache b = 1.2.3.4\n",
    ),
    (
        true,
        "message_size_limit = 20M\nbounce_return_size_limit = 200K\nauto_thaw = 90m\ncheck_log_space = 1M\n",
    ),
    (true, "tls_require_ciphers =NORMAL\r\nqualify_domain = crlf.example\r\n"),
    (
        true,
        "begin acl\nr:\n accept\nbegin authenticators\np:\n driver = plaintext\n public_name = PLAIN\n server_prompts = :\n server_condition = \"a\\\\b\"\n",
    ),
    (true, "begin acl\nMAC = accept\nr:\n  MAC\nbegin ROUTERS\n"),
    (true, "FOO = relay\nhostlist FOO_from = 10.0.0.1\n"),
    (false, "qualify_domain = a\nqualify_domain = b\n"),
    (false, "FOO = a\nFOO = b\n"),
    (false, "FOO == b\n"),
    (false, "FOO = a\nFOOBAR = b\n"),
    (false, "qualify_domain a\n"),
    (false, "qualify_domain = \"a\n"),
    (false, "qualify_domain = \"a\" b\n"),
    (false, ".ifdef FOO\n"),
    (false, ".endif\n"),
    (false, "Qualify_domain a\n"),
    (false, "begin acl\naccept\n"),
    (false, "begin acl\nr:\n  permit\n"),
    (false, "begin authenticators\n driver = plaintext\n"),
];

type Settings = BTreeMap<String, String>;

/// What it prints; or what it says where it stops.
fn ask(path: &Path, what: &[&str]) -> Result<String, String> {
    let mut command = EXIM.command().unwrap_or_else(|error| panic!("{error}"));
    command.arg("-C").arg(path).arg("-bP").args(what);
    let finished = EXIM
        .run(&mut command, b"", LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let stops = finished
        .stderr
        .lines()
        .chain(finished.stdout.lines())
        .position(|line| line.contains("configuration error") || line.contains("macro \""));
    match stops {
        Some(_) => Err(finished.stderr),
        None if finished.code != Some(0) => Err(finished.stderr),
        None => Ok(finished.stdout),
    }
}

/// `name = value`, `name` and `no_name`.
fn printed(text: &str) -> Settings {
    let mut found = Settings::new();
    let mut scope = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(" authenticator:") {
            scope = format!("authenticators/{name}/");
        } else if let Some((name, value)) = line.split_once(" =") {
            found.insert(
                format!("{scope}{name}"),
                value.strip_prefix(' ').unwrap_or(value).to_owned(),
            );
        } else if let Some(name) = line.strip_prefix("no_") {
            found.insert(format!("{scope}{name}"), "false".to_owned());
        } else if !line.is_empty() && !line.contains(' ') {
            found.insert(format!("{scope}{line}"), "true".to_owned());
        }
    }
    found
}

fn sources(text: &str) -> Sources {
    let mut sources = Sources::new();
    sources.add(Source::new("exim.conf", text, SourceKind::Authored));
    sources
}

/// One form of what is printed in another one than it is written.
fn normal(value: &str) -> String {
    let number = |text: &str| text.parse::<u64>().ok();
    let mut seconds = 0;
    let mut rest = value;
    while let Some(end) = rest.find(|sign: char| !sign.is_ascii_digit()).filter(|end| *end > 0) {
        let factor = match rest.get(end..=end) {
            Some("w") => 604_800,
            Some("d") => 86_400,
            Some("h") => 3600,
            Some("m") => 60,
            Some("s") => 1,
            _ => break,
        };
        seconds += number(rest.get(..end).unwrap_or("")).unwrap_or(0) * factor;
        rest = rest.get(end + 1..).unwrap_or("");
    }
    if rest.is_empty() && !value.is_empty() {
        return format!("{seconds} s");
    }
    for (unit, factor) in [("K", 1_u64 << 10), ("M", 1 << 20), ("G", 1 << 30)] {
        if let Some(count) = value.strip_suffix(unit).and_then(number) {
            return (count * factor).to_string();
        }
    }
    match value {
        "yes" => "true".to_owned(),
        "no" => "false".to_owned(),
        _ => value.strip_suffix(".0").unwrap_or(value).to_owned(),
    }
}

/// As it prints signs that are none.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            0x20..=0x7e => out.push(char::from(byte)),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out
}

#[derive(Default)]
struct Counted {
    settings: usize,
    stops: usize,
    left: usize,
}

/// A folder that the account of Exim can read.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("smtplint-exim-")
        .tempdir()
        .expect("a folder");
    mode(folder.path(), 0o755).expect("a readable folder");
    folder
}

/// The configuration's file in it.
fn written(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("exim.conf");
    fs::write(&path, text).expect("the configuration can be written");
    mode(&path, 0o644).expect("a readable configuration");
    path
}

/// Holds one configuration against what Exim says of it.
fn compare(name: &str, text: &str, counted: &mut Counted, wrong: &mut Vec<String>) -> bool {
    let folder = folder();
    let path = written(&folder, text);
    let inspection = smtplint_core::inspect(&sources(text), &Exim, &Target::default());
    let (main, logins) = match (ask(&path, &[]), ask(&path, &["authenticators"])) {
        (Ok(main), Ok(logins)) => (printed(&main), printed(&logins)),
        (Err(said), _) | (_, Err(said)) => {
            if inspection.faults.is_empty() {
                counted.left += 1;
                println!(
                    "{name}: Exim stops, and nothing in its grammar tells: {}",
                    said.lines().last().unwrap_or("")
                );
            } else {
                counted.stops += 1;
            }
            return false;
        }
    };
    if let Some((_, why)) = inspection.faults.first() {
        wrong.push(format!("{name}: it reads what we say stops it: {why}"));
    }
    for one in &inspection.settings {
        let Value::Is(value) = &one.effective else { continue };
        let (key, real) = match &one.scope {
            Scope::Server if one.name.contains(' ') => {
                let list = one.name.split(' ').nth(1).unwrap_or("");
                let said = ask(&path, &[&format!("+{list}")]).unwrap_or_default();
                let of_kind = said
                    .lines()
                    .find_map(|line| line.strip_prefix(&format!("{} = ", one.name)).map(str::to_owned));
                if said.contains("<value not displayable>") {
                    continue;
                }
                (one.name.clone(), of_kind)
            }
            Scope::Server => (
                one.name.clone(),
                main.get(&one.name)
                    .or_else(|| main.get(&format!("{}s", one.name)))
                    .cloned(),
            ),
            Scope::Service(scope) if scope.starts_with("authenticators/") => {
                let key = format!("{scope}/{}", one.name);
                let real = logins.get(&key).cloned();
                (key, real)
            }
            Scope::Service(_) => continue,
        };
        if PRINTED_OTHERWISE.contains(&key.as_str()) {
            continue;
        }
        let Some(real) = real else {
            wrong.push(format!("{name}: it has no `{key}`, which we say is `{value}`"));
            continue;
        };
        // What may be a password is masked sign by sign.
        let is_masked = value.len() == real.len()
            && value
                .bytes()
                .zip(real.bytes())
                .all(|(ours, real)| ours == real || ours == b'*');
        if real != *value && (is_masked || value.contains("****")) {
            continue;
        }
        if real == *value || real == escaped(value) || normal(&real) == normal(value) {
            counted.settings += 1;
        } else {
            wrong.push(format!("{name}: `{key}` is `{real}`, we say `{value}`"));
        }
    }
    true
}

/// Every option of the server with a slip of the pen in it.
#[test]
fn misspelt_options_stop_it() {
    let folder = folder();
    let asked = |text: &str| ask(&written(&folder, text), &[]);
    let told_of = |text: &str| {
        let faults = smtplint_core::inspect(&sources(text), &Exim, &Target::default()).faults;
        faults
            .into_iter()
            .map(|(_, why)| why)
            .find(|why| why.contains("has no option"))
    };
    let known = printed(&asked("keep_environment =\n").unwrap_or_else(|error| panic!("{error}")));
    let (mut told, mut silent) = (0, Vec::new());
    for name in known.keys() {
        assert_eq!(told_of(&format!("{name} = 1\n")), None, "{name}");
        let (before, after) = name.split_at(name.len() / 2);
        let slip = format!("{before}{}", &after[1..]);
        let text = format!("keep_environment =\n{slip} = 1\n");
        let Some(why) = told_of(&text) else {
            silent.push(slip);
            continue;
        };
        let said = asked(&text);
        let stops = said.as_ref().is_err_and(|said| said.contains("unknown"));
        assert!(stops, "{slip}: {why}, and it says {said:?}");
        told += 1;
    }
    println!("{told} of {} slips are told; silent of {silent:?}", known.len());
    assert!(told * 10 > known.len() * 9, "most slips are passed over");
}

/// VRFY of an address that exists tells it where we say that it is answered.
#[test]
fn vrfy_is_answered_as_predicted() {
    let folder = folder();
    for (list, expected) in [
        ("", false),
        ("acl_smtp_vrfy =\n", false),
        ("acl_smtp_vrfy = deny\n", false),
        ("acl_smtp_vrfy = accept\n", true),
        ("acl_smtp_vrfy = no\n", false),
        ("acl_smtp_vrfy = yes\n", true),
    ] {
        let text = format!(
            "keep_environment =\nprimary_hostname = mail.example.org\n{list}begin acl\nno:\n  deny\nyes:\n  accept\n\
             begin routers\nall:\n  driver = accept\n  transport = out\nbegin transports\nout:\n  driver = smtp\n"
        );
        let path = written(&folder, &text);
        let mut command = EXIM.command().unwrap_or_else(|error| panic!("{error}"));
        command.arg("-C").arg(&path).args(["-bh", "192.0.2.1"]);
        let said = EXIM
            .run(
                &mut command,
                b"EHLO a.example\r\nVRFY bob@example.org\r\nQUIT\r\n",
                LIMIT,
            )
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            said.stdout.contains("is deliverable"),
            expected,
            "{list}: {}",
            said.stdout
        );
        assert_eq!(said.stdout.contains("\n252 "), !expected, "{list}: {}", said.stdout);
        let report = smtplint_core::check(&sources(&text), &Exim, &Options::default());
        let answers: Vec<Option<bool>> = report
            .listeners()
            .map(|one| one.session.answers_vrfy.known().copied())
            .collect();
        assert!(
            !answers.is_empty() && answers.iter().all(|one| *one == Some(expected)),
            "{list}: {answers:?}"
        );
    }
}

/// A random configuration of lines that may stand in any.
fn random(chance: &mut Chance) -> String {
    let mut text = String::from("keep_environment =\n");
    let mut free = vec![
        "qualify_domain",
        "primary_hostname",
        "smtp_banner",
        "tls_certificate",
        "daemon_smtp_ports",
        "tls_advertise_hosts",
        "local_interfaces",
        "auth_advertise_hosts",
    ];
    let mut open = 0;
    for _ in 0..4 + chance.below(14) {
        match chance.below(8) {
            0 => text.push_str(&format!(
                "{} = {}\n",
                chance.one(&["AA", "BB", "CC_D", "EE1"]),
                chance.one(&["x.example", "25", "", "AA b", "BB", "*"])
            )),
            1 => {
                text.push_str(&format!(
                    ".{} {}\n",
                    chance.one(&["ifdef", "ifndef"]),
                    chance.one(&["AA", "BB", "xAAx", "CC_D", "ZZ"])
                ));
                open += 1;
            }
            2 if open > 0 => text.push_str(".else\n"),
            3 if open > 0 => {
                text.push_str(".endif\n");
                open -= 1;
            }
            4 => text.push_str(chance.one(&["# comment AA\n", "\n", "   \n", "\t# x \\\n"])),
            _ => {
                if free.is_empty() {
                    continue;
                }
                let name = free.swap_remove(chance.below(free.len()));
                let value = chance.one(&[
                    "x.example",
                    "25",
                    "\"a\\tb\"",
                    "AA.BB",
                    "a \\\n  b",
                    "a \\\n# c\n  CC_D",
                    "",
                    "  x  ",
                    "a\\\n",
                ]);
                text.push_str(&format!(
                    "{}{name}{}{value}\n",
                    chance.one(&["", "  ", "hide "]),
                    chance.one(&["=", " = ", " =\t"])
                ));
            }
        }
    }
    for _ in 0..open {
        text.push_str(".endif\n");
    }
    text
}

#[test]
fn exim_reads_the_same() {
    let (mut counted, mut wrong) = (Counted::default(), Vec::new());
    for (reads, text) in TEXTS {
        let text = format!("keep_environment =\n{text}");
        if compare(&format!("{text:?}"), &text, &mut counted, &mut wrong) != *reads {
            wrong.push(format!("{text:?}: Exim reads it: {}", !reads));
        }
        let faults = smtplint_core::inspect(&sources(&text), &Exim, &Target::default()).faults;
        if faults.is_empty() != *reads {
            wrong.push(format!("{text:?}: we say {faults:?}"));
        }
    }
    for case in CASES {
        compare(&format!("{:?}", case.main), &case.text(), &mut counted, &mut wrong);
    }
    let own = counted.settings;
    assert!(own > 100, "only {own} settings of our own texts were compared");
    for seed in 1..=150 {
        let text = random(&mut Chance::new(seed));
        let left = counted.left;
        compare(&format!("seed {seed}: {text:?}"), &text, &mut counted, &mut wrong);
        if counted.left > left {
            wrong.push(format!("seed {seed}: it stops, and we do not say so: {text:?}"));
        }
    }
    match corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        Outside::Absent(why) => println!("{why}"),
        Outside::Found(place, _) => {
            for case in corpus::read_parts(&place, &["exim"]).unwrap_or_else(|error| panic!("{error}")) {
                for (file, bytes) in case.files.iter().filter(|(file, _)| !file.ends_with(".conf.conf")) {
                    let text = String::from_utf8_lossy(bytes);
                    compare(&format!("{} {file}", case.name), &text, &mut counted, &mut wrong);
                }
            }
        }
    }
    let Counted { settings, stops, left } = counted;
    println!("{settings} settings alike, {stops} stops alike, {left} left out");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
