//! What changes nothing about a configuration changes nothing about what is said of it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use smtplint_core::source::Sources;

use super::common::{configuration, files, name, say, settings, value};

/// Findings by their names, places left out.
fn fingerprints(sources: Sources) -> Vec<(String, String)> {
    let said = say(sources);
    said.report
        .findings
        .iter()
        .map(|one| (one.fingerprint.clone(), one.message.clone()))
        .collect()
}

/// Comments and blank lines put between the lines of a text, wherever the language allows them.
fn commented(text: &str, remark: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| format!("{remark}{line}"))
        .collect()
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn comments_and_blank_lines_change_nothing(
        (main, master) in configuration(),
        remark in prop::sample::select(vec!["\n", "# remark = yes\n", "  # smtp inet n - y - - smtpd\n", " \t\n"]),
    ) {
        let plain = fingerprints(files(&main, &master));
        prop_assert_eq!(fingerprints(files(&commented(&main, remark), &commented(&master, remark))), plain);
    }

    #[test]
    fn line_ends_change_nothing((main, master) in configuration()) {
        // Inside braces that are never closed the line end is part of the value, to Postfix as well.
        prop_assume!(master.lines().all(|line| line.matches('{').count() == line.matches('}').count()));
        let plain = fingerprints(files(&main, &master));
        let dos = |text: &str| text.replace('\n', "\r\n");
        prop_assert_eq!(fingerprints(files(&dos(&main), &dos(&master))), plain);
    }

    #[test]
    fn the_order_of_settings_changes_nothing(
        settings in prop::collection::btree_map(name(), value(), 0..12),
        seed in any::<u64>(),
        (_, master) in configuration(),
    ) {
        let mut lines: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        // Of several lines that stop a program, the first one is named: which one that is may change.
        let said = |lines: &[String]| {
            let findings = say(files(&lines.concat(), &master)).report.findings;
            findings.into_iter().map(|one| (one.rule, one.listeners, one.severity)).collect::<BTreeSet<_>>()
        };
        let sorted = said(&lines);
        let count = lines.len().max(1);
        lines.rotate_left(usize::try_from(seed % u64::try_from(count).unwrap()).unwrap());
        if seed % 2 == 0 {
            lines.reverse();
        }
        prop_assert_eq!(said(&lines), sorted);
    }
}
