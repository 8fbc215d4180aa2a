//! What holds for every text whatsoever.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod properties {
    mod certificates;
    pub(crate) mod common;
    mod growth;
    mod invariance;
    mod secrets;
}

use std::collections::BTreeSet;

use proptest::prelude::*;
use smtplint_core::redact;
use smtplint_core::source::{Source, SourceKind, Sources};

use properties::common::{Said, configuration, files, lies_within, paste, say, settings};

/// Whatever is said is said of places that are there, and each finding has a name of its own.
fn holds_together(said: &Said) -> Result<(), TestCaseError> {
    let mut fingerprints = BTreeSet::new();
    for finding in &said.report.findings {
        prop_assert!(
            fingerprints.insert(&finding.fingerprint),
            "{} twice",
            finding.fingerprint
        );
        for span in finding
            .at
            .iter()
            .chain(&finding.context)
            .copied()
            .chain(finding.because.iter().filter_map(|step| step.span()))
        {
            let text = said.sources.file(span.file).map_or("", Source::text);
            prop_assert!(
                text.get(span.start..span.end).is_some(),
                "{span:?} cuts a character or leaves its file"
            );
            let place = said.sources.place(span);
            prop_assert!(lies_within(&place, &said.sources), "{place:?} is not there");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings(96))]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600), path in prop::sample::select(vec!["main.cf", "master.cf", "paste"])) {
        let text = String::from_utf8_lossy(&bytes);
        let mut sources = Sources::new();
        sources.add(Source::new(path, &text, SourceKind::Authored));
        holds_together(&say(sources))?;
        holds_together(&say(paste(&text)))?;
    }

    #[test]
    fn any_letters_of_the_language_are_read(text in "([a-z_]{1,9} ?= ?|[ \t\r\n]|\\$|\\$?\\{+|\\}|\\?|:|==|-o |inet|unix|smtpd|#|,|!|==> x <==\n|[0-9.]{1,3}|é|\"){0,80}") {
        holds_together(&say(paste(&text)))?;
        holds_together(&say(files(&text, &text)))?;
    }

    #[test]
    fn any_configuration_is_judged((main, master) in configuration()) {
        holds_together(&say(files(&main, &master)))?;
        holds_together(&say(paste(&format!("{main}{master}"))))?;
    }

    #[test]
    fn masking_keeps_every_line_and_only_masks(text in "(pass(word|wd)?|bind_pw|--token|://|@|=|:|[ \t\r\n]|smtp_sasl_password_maps|static:|inline:|-----(BEGIN|END) (RSA )?PRIVATE KEY-----|\\{|\\}|,|[a-zé]{1,5}){0,60}") {
        let masked = redact::mask(&text);
        prop_assert_eq!(masked.len(), text.len());
        prop_assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
        let other = text.bytes().zip(masked.bytes()).find(|(before, after)| before != after && *after != b'*');
        prop_assert_eq!(other, None);
    }
}
