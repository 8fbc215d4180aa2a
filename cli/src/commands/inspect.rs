//! `smtplint inspect`.

use std::process::ExitCode;

use smtplint_core::json;

use crate::args::{Format, InspectOptions};
use crate::error::Error;
use crate::{input, output, text};

/// Prints what is in force.
pub(crate) fn run(options: &InspectOptions) -> Result<ExitCode, Error> {
    let given = input::read(&options.input)?;
    output::remark(options.input.quiet, &given.remarks)?;
    let inspection = smtplint_core::inspect(&given.sources, given.dialect, &given.target);
    match options.input.format {
        Format::Json => {
            let inputs = json::inputs(&given.sources, &given.digests);
            output::print_json(&inspection.to_json(&given.sources, inputs, options.settings))?;
        }
        Format::Text => {
            let text = text::inspection::render(&inspection, &given.sources, options.settings);
            output::print(&text::harmless(&text))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
