//! How much work a configuration makes: twice as many lines make twice the work, whoever wrote them. Instructions are counted,
//! because they are the same on a busy machine and on an idle one.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::process::Command;

use smtplint_tests::doveconf::Files;
use smtplint_tests::upgrades;

/// Which of the texts to carry, and how many lines of its kind.
const WHICH: &str = "SMTPLINT_WORK";

/// So many lines of a kind are compared with twice as many.
const LINES: usize = 600;

/// The most that twice the lines may take, in hundredths: what has to be sorted or looked up takes a little more than twice.
const MOST: u64 = 250;

/// A kind of line or section that there may be many of: its name, what stands around all of them, and one of them, in which `@` is
/// its number.
struct Many {
    name: &'static str,
    before: &'static str,
    each: &'static str,
    behind: &'static str,
}

const fn many(name: &'static str, before: &'static str, each: &'static str, behind: &'static str) -> Many {
    Many {
        name,
        before,
        each,
        behind,
    }
}

const INBOX: &str = "namespace {\n  inbox = yes\n}\nplugin {\n  quota = count:User\n";

const KINDS: &[Many] = &[
    many("what is not known", "", "unknown_@ = x\n", ""),
    many("sections that stay", "", "unknown_@ {\n  x = y\n}\n", ""),
    many(
        "namespaces",
        "",
        "namespace {\n  prefix = @/\n  location = maildir:~/@\n}\n",
        "",
    ),
    many(
        "doors",
        "service imap-login {\n",
        "inet_listener {\n  port = 1\n}\n",
        "}\n",
    ),
    many("databases", "", "passdb {\n  driver = pam\n}\n", ""),
    many("sections of plugins", "", "plugin {\n  sieve_max_actions = @\n}\n", ""),
    many(
        "pairs of mailboxes",
        "plugin {\n",
        "  imapsieve_mailbox@_causes = COPY\n  imapsieve_mailbox@_before = /s@\n",
        "}\n",
    ),
    many(
        "a pair of mailboxes",
        "plugin {\n  imapsieve_mailbox1_causes = COPY\n",
        "  imapsieve_mailbox1_before = /s@\n",
        "}\n",
    ),
    many(
        "warnings and rules of quota",
        INBOX,
        "  quota_warning@ = storage=80%% warn @\n  quota_rule@ = Box@:storage=+1M\n",
        "}\n",
    ),
    many(
        "lists that are added to",
        "mail_plugins = acl\n",
        "protocol imap {\n  mail_plugins = $mail_plugins quota\n}\n",
        "",
    ),
    many("switches", "ssl = required\n", "disable_plaintext_auth = no\n", ""),
    many(
        "scripts of users",
        "plugin {\n",
        "  sieve = /s@\n  zlib_save_level = 1\n",
        "}\n",
    ),
    many("files that are missing", "", "!include /x@.conf\n", ""),
];

/// A configuration with so many of a kind.
fn files(kind: &Many, count: usize) -> Files {
    let each: String = (0..count)
        .map(|number| kind.each.replace('@', &number.to_string()))
        .collect();
    let text = format!("protocols = imap\n{}{each}{}", kind.before, kind.behind);
    Files::from([("dovecot.conf".to_owned(), text)])
}

#[test]
fn many_lines_are_carried_or_left() {
    let asked = std::env::var(WHICH).ok();
    let asked = asked.as_deref().and_then(|asked| asked.split_once(':'));
    for kind in KINDS
        .iter()
        .filter(|kind| asked.is_none_or(|(name, _)| name == kind.name))
    {
        let count = asked.map_or(3, |(_, count)| count.parse().expect("a number"));
        let files = files(kind, count);
        let (upgrade, _) = upgrades::carried(&files).unwrap_or_else(|error| panic!("{}: {error:?}", kind.name));
        let told = upgrade.carried.len() + upgrade.left.len() + upgrade.remarks.concat().matches("/x").count();
        assert!(told >= count, "{}: of {count} only {told} are told of", kind.name);
    }
}

/// Carries so many of a kind in a process of its own, and counts its instructions.
fn instructions(kind: &Many, count: usize) -> u64 {
    let folder = tempfile::tempdir().expect("a folder for the count");
    let out = folder.path().join("callgrind");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", &format!("--callgrind-out-file={}", out.display())])
        .arg(std::env::current_exe().expect("this test's own path"))
        .args(["--exact", "many_lines_are_carried_or_left", "--test-threads=1"])
        .env(WHICH, format!("{}:{count}", kind.name))
        .output()
        .expect("valgrind starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{}: {said}",
        kind.name
    );
    let text = std::fs::read_to_string(&out).expect("what callgrind wrote");
    let sum = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    sum.expect("a line with the sum")
}

#[test]
fn twice_the_lines_make_twice_the_work() {
    let mut wrong = Vec::new();
    for kind in KINDS {
        let none = instructions(kind, 0);
        let [some, twice] = [LINES, 2 * LINES].map(|count| instructions(kind, count) - none);
        let hundredths = twice * 100 / some;
        println!(
            "{}: {some} instructions, {twice} for twice as many: {hundredths} %",
            kind.name
        );
        if hundredths > MOST {
            wrong.push(format!("{}: {hundredths} %", kind.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
