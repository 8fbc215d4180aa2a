//! The file of `--baseline`: what is known already, by fingerprint.

use std::path::Path;

use smtplint_core::json;
use smtplint_core::report::Report;
use smtplint_core::suppress::Baseline;

use crate::config::text;
use crate::error::Error;
use crate::replace::replace;

/// Leaves in the report what the baseline does not know; with `update` everything is known from now on. Gives what was done,
/// in a sentence, when a file was written.
pub(crate) fn apply(report: &mut Report, path: &Path, update: bool) -> Result<Option<String>, Error> {
    let old = match text(path)? {
        Some(text) => Some(parse(path, &text)?),
        None if update => None,
        None => {
            return Err(Error::NoBaseline {
                path: path.to_path_buf(),
            });
        }
    };
    let called = path.display().to_string();
    if !update {
        report.leave_new(&old.unwrap_or_default().findings, &called);
        return Ok(None);
    }
    let new = Baseline::of(report);
    write(path, &new)?;
    let old = old.unwrap_or_default();
    let added = new.findings.iter().filter(|one| !old.knows(one)).count();
    let gone = old.findings.iter().filter(|one| !new.knows(one)).count();
    report.leave_new(&new.findings, &called);
    let count = new.findings.len();
    let noun = if count == 1 { "finding" } else { "findings" };
    Ok(Some(format!(
        "{called} holds {count} {noun} now: {added} came, {gone} went"
    )))
}

fn parse(path: &Path, text: &str) -> Result<Baseline, Error> {
    let wrong = |what: String| Error::Baseline {
        path: path.to_path_buf(),
        what,
    };
    json::parse(text, Baseline::SCHEMA, |baseline: &Baseline| &baseline.schema).map_err(wrong)
}

fn write(path: &Path, baseline: &Baseline) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(baseline)?;
    text.push('\n');
    replace(path, text.as_bytes()).map_err(|source| Error::Unwritable {
        path: path.to_path_buf(),
        source,
    })
}
