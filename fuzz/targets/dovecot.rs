//! Any text as Dovecot's files: judged in the old language and in the new one, shown, and mended. A line `--` parts the file that
//! takes all together from one that it includes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::Options;
use smtplint_core::dialects::dovecot::Dovecot;
use smtplint_core::fix::{self, Choice};
use smtplint_core::source::{Source, SourceKind, Sources};

fuzz_target!(|text: &str| {
    let (main, included) = text.split_once("\n--\n").unwrap_or((text, ""));
    let mut sources = Sources::new();
    sources.add(Source::new("dovecot.conf", main, SourceKind::Authored));
    sources.add(Source::new("conf.d/10-a.conf", included, SourceKind::Authored));
    smtplint_fuzz::say(&sources);
    for version in ["2.3.19", "2.4.1"] {
        let mut options = Options::default();
        options.target.add(&format!("dovecot={version}")).expect("a target");
        let choice = Choice {
            check: &|sources| smtplint_core::check(sources, &Dovecot, &options),
            wants: &|_| true,
            weigh: &|impact| impact,
            bears: &|_| true,
        };
        let fixes = fix::fix(&sources, &Dovecot, &options, &choice);
        assert!(
            fix::fix(&fixes.after, &Dovecot, &options, &choice).done.is_empty(),
            "mended twice"
        );
    }
});
