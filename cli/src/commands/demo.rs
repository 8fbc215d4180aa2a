//! `smtplint demo`.

use std::process::ExitCode;

use smtplint_core::document::Document;
use smtplint_core::samples::SAMPLES;
use smtplint_core::{Options, intake};

use crate::error::Error;
use crate::{output, text};

/// Judges the first sample and says how to go on with one's own configuration.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let Some(sample) = SAMPLES.first() else {
        return Ok(ExitCode::SUCCESS);
    };
    let sources = intake::split(sample.name, sample.text());
    let dialect = smtplint_core::recognise(&sources).ok_or(Error::NotRecognised)?;
    let report = smtplint_core::check(&sources, dialect, &Options::default());
    output::print(&format!("{}\n\n", sample.about))?;
    output::print(&text::document::render(&Document::of(&report), &sources))?;
    output::print(GO_ON)?;
    Ok(ExitCode::SUCCESS)
}

const GO_ON: &str = "
Your own configuration:
  smtplint check                             on the mail server itself
  smtplint check main.cf master.cf           files, or a folder that holds them
  (postconf mail_version; postconf -n; postconf -M) | smtplint check -
                                             print-outs of both files, and the release
  smtplint explain auth-offered-in-clear     what a rule means and what to do
";
