//! What the targets share: everything that is ever said of a text.

use smtplint_core::document::Document;
use smtplint_core::source::{Source, Sources};
use smtplint_core::version::Target;
use smtplint_core::{Options, dialect, inspect, json};

/// Judges sources, shows the result in every way, and holds the places against the text.
///
/// # Panics
///
/// On everything that must never be: that is what the fuzzer looks for.
pub fn say(sources: &Sources) {
    let dialect = smtplint_core::recognise(sources)
        .or(dialect::by_id("postfix"))
        .expect("there is Postfix");
    let report = smtplint_core::check(sources, dialect, &Options::default());
    for finding in &report.findings {
        for span in finding.at.iter().chain(&finding.context) {
            let text = sources.file(span.file).map_or("", Source::text);
            assert!(
                text.get(span.start..span.end).is_some(),
                "{span:?} is not in {}",
                finding.rule
            );
        }
    }
    drop(Document::of(&report));
    let inputs = || json::inputs(sources, &[]);
    serde_json::to_vec(&json::report(&report, sources, inputs())).expect("a report is JSON");
    let inspection = inspect::Inspection::to_json(
        &smtplint_core::inspect(sources, dialect, &Target::default()),
        sources,
        inputs(),
        true,
    );
    serde_json::to_vec(&inspection).expect("an inspection is JSON");
}
