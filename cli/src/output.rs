//! Standard output is the result, standard error the rest.

use std::io::Write;

use serde::Serialize;

use crate::error::Error;

/// Prints the result as it is.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let stdout = std::io::stdout();
    // Styles are taken out, where they must be, before anything is written: then it is written at once.
    let mut shown = anstream::AutoStream::new(Vec::with_capacity(text.len()), anstream::AutoStream::choice(&stdout));
    shown.write_all(text.as_bytes())?;
    let mut out = stdout.lock();
    out.write_all(&shown.into_inner())?;
    out.flush()?;
    Ok(())
}

/// Prints the result as JSON, with a line end.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}

/// Says something beside the result, unless the person wants quiet.
pub(crate) fn remark(quiet: bool, remarks: &[String]) -> Result<(), Error> {
    if quiet {
        return Ok(());
    }
    let mut out = anstream::stderr().lock();
    for remark in remarks {
        writeln!(out, "smtplint: {remark}")?;
    }
    Ok(())
}
