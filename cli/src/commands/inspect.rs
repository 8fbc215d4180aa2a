//! `smtplint inspect`.

use std::process::ExitCode;

use smtplint_core::json;

use crate::args::{Format, InspectOptions};
use crate::error::Error;
use crate::{formats, input, output, text};

/// Prints what is in force.
pub(crate) fn run(options: &InspectOptions) -> Result<ExitCode, Error> {
    let mut given = input::read(&options.input, options.format == Format::Json)?;
    let redactor = options.input.redact.then(|| formats::redactor(&given));
    let inspection = smtplint_core::inspect(&given.sources, given.dialect, &given.target);
    let mut remarks = std::mem::take(&mut given.remarks);
    remarks.extend(given.target.roles_of_nothing(inspection.listeners()));
    output::remark(options.input.quiet, &formats::remarks(remarks, redactor.as_ref()))?;
    match options.format {
        Format::Json => {
            let inputs = json::inputs(&given.sources, &given.digests);
            let shown = inspection.to_json(&given.sources, inputs, options.settings);
            formats::print_json(&shown, redactor.as_ref())?;
        }
        Format::Text => {
            let text = text::inspection::render(&inspection, &given.sources, options.settings);
            let text = redactor.map_or_else(|| text.clone(), |redactor| redactor.text(&text));
            output::print(&text::harmless(&text))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
