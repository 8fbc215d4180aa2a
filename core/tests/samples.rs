//! The samples are what is said of them.

use smtplint_core::Options;
use smtplint_core::finding::Severity;
use smtplint_core::samples::SAMPLES;

#[test]
fn the_model_has_no_fault_and_the_others_have_some() {
    for sample in SAMPLES {
        let sources = smtplint_core::intake::split("paste", sample.text());
        let dialect = smtplint_core::recognise(&sources).expect("it is known");
        let report = smtplint_core::check(&sources, dialect, &Options::default());
        let found: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        if sample.name == "both-ports-done-right" {
            assert_eq!(found, ["port-465-status", "opportunistic-client-guidance"]);
        } else {
            assert!(
                report.count(Severity::High) + report.count(Severity::Critical) > 0,
                "{}",
                sample.name
            );
        }
    }
}
