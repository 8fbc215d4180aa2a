//! Any text as Exim's files: judged for builds with either library, and shown. A line `--` parts the file that is read from one that
//! it includes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::Options;
use smtplint_core::dialects::exim::Exim;
use smtplint_core::source::{Source, SourceKind, Sources};

fuzz_target!(|text: &str| {
    let (main, included) = text.split_once("\n--\n").unwrap_or((text, ""));
    let mut sources = Sources::new();
    sources.add(Source::new("exim.conf", main, SourceKind::Authored));
    sources.add(Source::new("/etc/exim/a.conf", included, SourceKind::Authored));
    smtplint_fuzz::say(&sources);
    for target in ["gnutls=3.8", "openssl=3.0"] {
        let mut options = Options::default();
        options.target.add(target).expect("a target");
        let report = smtplint_core::check(&sources, &Exim, &options);
        for finding in &report.findings {
            for span in finding.at.iter().chain(&finding.context) {
                let text = sources.file(span.file).map_or("", Source::text);
                assert!(text.get(span.start..span.end).is_some(), "{span:?} leaves its file");
            }
        }
    }
});
