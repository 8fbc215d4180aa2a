//! Any text as the values of settings that are expanded, used and judged; a line end parts one from the next.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::source::{Source, SourceKind, Sources};

/// Settings that facts are made of, and one that only others refer to.
const NAMES: [&str; 8] = [
    "own",
    "mynetworks",
    "myhostname",
    "smtpd_tls_security_level",
    "smtpd_relay_restrictions",
    "smtpd_restriction_classes",
    "smtpd_tls_mandatory_protocols",
    "compatibility_level",
];

const MASTER: &str = "smtp inet n - y - - smtpd\n587 inet n - y - - smtpd -o { own = $mynetworks }\n";

fuzz_target!(|text: &str| {
    let values = text.split('\n').zip(NAMES.iter().cycle()).take(32);
    let main: String = values.map(|(value, name)| format!("{name} = {value}\n")).collect();
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", &main, SourceKind::Authored));
    sources.add(Source::new("master.cf", MASTER, SourceKind::Authored));
    smtplint_fuzz::say(&sources);
});
