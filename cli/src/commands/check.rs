//! `smtplint check`.

use std::process::ExitCode;

use smtplint_core::document::Document;
use smtplint_core::finding::Severity;
use smtplint_core::{Options, json};

use crate::args::{CheckOptions, Format};
use crate::error::Error;
use crate::{input, output, text};

/// Judges, prints, and answers with the exit code of the interface.
pub(crate) fn run(options: &CheckOptions) -> Result<ExitCode, Error> {
    let fail_on = Severity::from_word(&options.fail_on).ok_or_else(|| Error::Severity {
        text: options.fail_on.clone(),
    })?;
    let given = input::read(&options.input)?;
    output::remark(options.input.quiet, &given.remarks)?;
    let report = smtplint_core::check(&given.sources, given.dialect, &Options { target: given.target });
    match options.input.format {
        Format::Json => {
            let inputs = json::inputs(&given.sources, &given.digests);
            output::print_json(&json::report(&report, &given.sources, inputs))?;
        }
        Format::Text => {
            let document = Document::of(&report);
            output::print(&text::document::render(&document, &given.sources))?;
        }
    }
    Ok(if report.fails(fail_on, options.strict) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}
