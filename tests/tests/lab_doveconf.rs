//! What we read in configurations of Dovecot is what `doveconf` reads there, and it stops where we say that it does.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;

use smtplint_tests::corpus::{self, Outside};
use smtplint_tests::doveconf::{self, Answer, Files, Settings};

/// The most lines that are taken out of one configuration because this build lacks what they set.
const MOST_TAKEN_OUT: usize = 80;

/// Texts in the language of 2.3, with what may follow in any of them.
const OLD: &[&str] = &[
    "ssl = required\nprotocols = imap\n",
    "login_greeting = \"a # b\" # c\nlogin_trusted_networks = 10.0.0.0/8#x\n",
    "auth_mechanisms = plain \\\n # comment\nssl = no\n",
    "auth_mechanisms = plain \\\n\nssl = no\n",
    "auth_mechanisms = plain \\\n   cram-md5 \\  \n  login # \\\nssl = no\n",
    "ssl_cipher_list = \"HI\\\"GH\"\nhostname = a\"b#c\"d\nlog_path = 'a b'\n",
    "hostname = \"a\" \"b\"\nlogin_greeting = \"a\n",
    "ssl=no\nssl=required\nprotocol !imap {\n  ssl=yes\n}\nprotocol imap {\n  ssl=no\n}\nprotocol imap {\n  ssl=yes\n}\n",
    "service imap-login {\n inet_listener imap {\n port = 1\n}\n}\nservice imap-login {\n inet_listener imap {\n address = 1.2.3.4\n}\n inet_listener foo {\n port=144\nssl=yes\n}\n}\n",
    "local 192.0.2.1 {\nprotocol imap {\n ssl_cert = </x\n}\n}\nremote 10.0.0.0/8 {\n disable_plaintext_auth=no\n}\nlocal_name \"mail.x\" {\nssl_cert=</y\n}\n",
    "service/imap-login/inet_listener/imap/port = 144\n",
    "protocols = imap\nprotocols = $protocols pop3\nprotocols = $protocols submission # x\n",
    "ssl = required\r\nprotocols = imap\r\n",
    "ssl = required",
    "disable_plaintext_auth = No\nauth_verbose = YES\n",
    "listen = 127.0.0.1, ::1\nssl_min_protocol =\n",
    "plugin {\n  sieve = file:~/sieve;active=~/.dovecot.sieve\n  quota_rule = *:storage=1G\n}\nplugin {\n quota_rule = x\n}\n",
    "namespace inbox {\n  mailbox \"Sent Messages\" {\n    special_use = \\Sent\n  }\n  inbox = yes\n}\n",
    "passdb {\n driver = pam\n}\npassdb {\n driver = passwd-file\n args = /x\n}\n",
    // What stops it.
    "passdb { driver = pam }\n",
    "ssl = no\nssl\n",
    "a b c\n",
    "protocol imap\n{\n}\n",
    "protocol imap {\n",
    "}\nssl=no\n",
    "protocol imap{\n}\n",
    "=foo\n",
];

/// Texts in the language of 2.4, behind the two lines that it begins with.
const NEW: &[&str] = &[
    "protocols = imap pop3\nssl = required\nssl_server_cert_file = /c\nssl_server {\n key_file = /k\n}\n",
    "ssl_min_protocol = TLSv1\nssl_server_prefer_ciphers = server\nssl_cipher_list = HIGH # x\n",
    "protocol imap {\n ssl = no\n}\nlocal 192.0.2.1 {\n ssl_server_cert_file = /y\n}\nlocal_name a.b {\nssl_server_key_file=/z\n}\n",
    "service imap-login {\n inet_listener imap {\n port = 0\n}\n inet_listener imaps {\n listen = 1.2.3.4\n haproxy = yes\n}\n}\nservice/pop3-login/inet_listener/pop3/port=1110\n",
    "login_trusted_networks = 10.0.0.0/8 192.0.2.0/24\nauth_allow_cleartext = Yes\nlogin_greeting = a \\\n b\n",
    "hostname = a.b\nlogin_greeting = x $hostname y %{hostname}\n",
    "passdb pam {\n}\nuserdb static {\n  fields {\n    uid = 1\n  }\n}\n",
    "ssl = no\nssl = required\nlisten = 127.0.0.1 ::1\nlisten = 1.2.3.4\n",
    // What stops it.
    "passdb pam { default = yes }\n",
    "protocols { imap = yes }\n",
    "ssl\n",
];

/// The two lines.
const HEAD: &str = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n";

/// What it says where its own grammar stops it.
const OF_GRAMMAR: &[&str] = &[
    "Expecting '{'",
    "Garbage after '{'",
    "Unexpected '}'",
    "Missing '}'",
    "Missing key name",
];

#[test]
fn doveconf_reads_the_same() {
    let mut wrong = Vec::new();
    let mut counted = Counted::default();
    let version = doveconf::release().unwrap_or_else(|error| panic!("{error}"));
    println!("Dovecot {version}");
    let (texts, head) = match version.starts_with("2.4") {
        true => (NEW, HEAD),
        false => (OLD, ""),
    };
    for text in texts {
        let files = Files::from([("dovecot.conf".to_owned(), format!("{head}{text}"))]);
        compare(&format!("{text:?}"), files, &mut counted, &mut wrong);
    }
    let own = counted.settings;
    assert!(own > 20, "only {own} settings of our own texts were compared");
    match corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        Outside::Absent(why) => println!("{why}"),
        Outside::Found(place, _) => {
            let parts = ["dovecot", "doveconf-n"];
            for case in corpus::read_parts(&place, &parts).unwrap_or_else(|error| panic!("{error}")) {
                let mut files: Files = BTreeMap::new();
                for (path, bytes) in &case.files {
                    files.insert(path.clone(), String::from_utf8_lossy(bytes).into_owned());
                }
                for files in alone(files) {
                    if is_of(&files, &version) {
                        compare(&case.name, files, &mut counted, &mut wrong);
                    }
                }
            }
        }
    }
    let Counted {
        settings,
        stops,
        taken_out,
        configurations,
    } = counted;
    println!(
        "{configurations} configurations, {settings} settings alike, {stops} stops alike, {taken_out} lines taken out"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every name with a slip of the pen in it, in the language of 2.3.
#[test]
fn misspelt_names_stop_it() {
    let version = doveconf::release().unwrap_or_else(|error| panic!("{error}"));
    let is_new = version.starts_with("2.4");
    let files = |line: &str| Files::from([("dovecot.conf".to_owned(), format!("{line}\n"))]);
    let asked = |files: &Files| {
        let folder = tempfile::tempdir().expect("a folder for the files");
        doveconf::ask(folder.path(), files).unwrap_or_else(|error| panic!("{error}"))
    };
    let told_of = |files: &Files| doveconf::stops(files).filter(|why| why.contains("has no setting"));
    let head = if is_new {
        format!("{HEAD}ssl = no")
    } else {
        "ssl = no".to_owned()
    };
    let Answer::Settings { all, .. } = asked(&files(&head)) else {
        panic!("it stops at a configuration of one setting");
    };
    let outside = all.keys().filter_map(|key| key.strip_prefix('/'));
    let names: Vec<&str> = outside.filter(|name| !name.contains('/')).collect();
    let (mut told, mut silent) = (0, Vec::new());
    for name in &names {
        assert_eq!(told_of(&files(&format!("{name} = 1"))), None, "{name}");
        // What 2.4 has is no slip of 2.3, and its own slips are not looked at.
        if is_new {
            continue;
        }
        let (before, after) = name.split_at(name.len() / 2);
        let slip = format!("{before}{}", &after[1..]);
        let files = files(&format!("{slip} = 1"));
        let Some(why) = told_of(&files) else {
            silent.push(slip);
            continue;
        };
        let stops = matches!(asked(&files), Answer::Stops { why, .. } if why.contains("Unknown setting"));
        assert!(stops, "{slip}: {why}, and it does not stop there");
        told += 1;
    }
    println!(
        "Dovecot {version}: {told} of {} slips are told; silent of {silent:?}",
        names.len()
    );
    assert!(names.len() > 200, "only {names:?}");
    assert!(is_new || told * 10 > names.len() * 9, "most slips are passed over");
}

#[derive(Default)]
struct Counted {
    configurations: usize,
    settings: usize,
    stops: usize,
    taken_out: usize,
}

/// Parts without the file that takes them together are read one by one.
fn alone(files: Files) -> Vec<Files> {
    if files.contains_key("dovecot.conf") {
        return vec![files];
    }
    files
        .into_values()
        .map(|text| Files::from([("dovecot.conf".to_owned(), text)]))
        .collect()
}

/// True for files in the language of a release.
fn is_of(files: &Files, version: &str) -> bool {
    let is_new = files
        .values()
        .any(|text| text.lines().any(|line| line.starts_with("dovecot_config_version")));
    is_new == version.starts_with("2.4")
}

/// Asks, and takes out what this build cannot know, until it answers.
fn compare(name: &str, mut files: Files, counted: &mut Counted, wrong: &mut Vec<String>) {
    counted.configurations += 1;
    for _ in 0..MOST_TAKEN_OUT {
        let folder = tempfile::tempdir().expect("a folder for the files");
        let answer = doveconf::ask(folder.path(), &files).unwrap_or_else(|error| panic!("{name}: {error}"));
        let faults = doveconf::faults(&files);
        match answer {
            Answer::Settings { all, changed, obsolete } => {
                if !faults.is_empty() {
                    wrong.push(format!("{name}: it reads what we say it cannot: {faults:?}"));
                }
                let ours = doveconf::ours(&files, &obsolete);
                hold_against(name, &ours, &all, &changed, !obsolete.is_empty(), counted, wrong);
                return;
            }
            Answer::Stops { file, line, why } if OF_GRAMMAR.iter().any(|words| why.contains(words)) => {
                counted.stops += 1;
                // What a template leaves is not known; what is never closed has no line.
                if !is_template(&files)
                    && !faults
                        .iter()
                        .any(|(at, number)| line == 0 || (*at == file && *number == line))
                {
                    wrong.push(format!("{name}: it stops at {file}:{line}, {why}; we say {faults:?}"));
                }
                if line == 0 || !take_out(&mut files, &file, line) {
                    return;
                }
            }
            Answer::Stops { file, line, why } => {
                counted.taken_out += 1;
                if line == 0 || !take_out(&mut files, &file, line) {
                    println!("{name}: left out, since this build stops at {file}:{line}: {why}");
                    return;
                }
            }
        }
    }
    println!("{name}: left out, since this build lacks too much of it");
}

/// True for files that a template engine is to fill in.
fn is_template(files: &Files) -> bool {
    let has_mark = |line: &str| line.starts_with('%') || smtplint_core::template::first_mark(line).is_some();
    files.values().any(|text| text.lines().any(has_mark))
}

/// Turns a line into nothing; false when there is no such line.
fn take_out(files: &mut Files, file: &str, line: usize) -> bool {
    let Some(text) = files.get_mut(file) else { return false };
    let mut lines: Vec<&str> = text.split('\n').collect();
    let Some(one) = line.checked_sub(1).and_then(|at| lines.get_mut(at)) else {
        return false;
    };
    // A section stays, or its end would close another one.
    let replaced = if one.trim_end().ends_with('{') { "plugin {" } else { "" };
    if *one == replaced {
        return false;
    }
    *one = replaced;
    *text = lines.join("\n");
    true
}

/// Every setting that we read is one of its own, and all that it calls changed is one of ours.
fn hold_against(
    name: &str,
    ours: &Settings,
    all: &Settings,
    changed: &Settings,
    is_translated: bool,
    counted: &mut Counted,
    wrong: &mut Vec<String>,
) {
    for (setting, value) in ours {
        match all.get(setting) {
            Some(real) if same(value, real) => counted.settings += 1,
            Some(real) if real.contains("***") || value.contains("***") => {}
            Some(real) => wrong.push(format!("{name}: `{setting}` is `{real}`, we say `{value}`")),
            None => wrong.push(format!("{name}: it has no `{setting}`, which we say is `{value}`")),
        }
    }
    for (setting, value) in changed {
        // It adds what it finds out by itself, and what it makes of old names.
        let is_its_own = ["/managesieve_", "/ssl_client_ca_dir", "/ssl_dh", "/dict"]
            .iter()
            .any(|own| setting.starts_with(own));
        if !ours.contains_key(setting) && !is_its_own && !is_translated && !value.is_empty() {
            wrong.push(format!("{name}: it has `{setting}` = `{value}`, and we have not"));
        }
    }
}

fn same(ours: &str, real: &str) -> bool {
    ours == real
        || ours.replace("< ", "<") == real
        || ours
            .replace(',', " ")
            .split_whitespace()
            .eq(real.replace(',', " ").split_whitespace())
}
