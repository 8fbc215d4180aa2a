//! Standard output is the result, standard error the rest.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::error::Error;
use crate::formats::Redactor;
use crate::text::{harmless, harmless_lines, is_harmless};

/// True when styles reach the reader; nothing else need be styled.
pub(crate) fn shows_styles() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Prints the result as it is.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let stdout = std::io::stdout();
    let mut out = stdout.lock();
    if is_harmless(text) {
        out.write_all(text.as_bytes())?;
    } else {
        // Styles are taken out, where they must be, before anything is written: then it is written at once.
        let choice = anstream::AutoStream::choice(&stdout);
        let mut shown = anstream::AutoStream::new(Vec::with_capacity(text.len()), choice);
        shown.write_all(text.as_bytes())?;
        out.write_all(&shown.into_inner())?;
    }
    out.flush()?;
    Ok(())
}

/// Prints a text for people, without what is to be hidden and without what could take a terminal over.
pub(crate) fn print_hidden(shown: &str, redactor: Option<&Redactor>) -> Result<(), Error> {
    match redactor {
        Some(redactor) => print(&harmless_lines(&redactor.text(shown))),
        None => print(&harmless_lines(shown)),
    }
}

/// Prints what another program reads byte for byte; a terminal is spared what could take it over.
pub(crate) fn print_exactly(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    if out.is_terminal() {
        let lines: Vec<String> = text
            .split('\n')
            .map(|line| line.split('\t').map(harmless).collect::<Vec<_>>().join("\t"))
            .collect();
        out.write_all(lines.join("\n").as_bytes())?;
    } else {
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    Ok(())
}

/// Prints the result as JSON, with a line end.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}

/// Prints one of several results as JSON, in a line of its own.
pub(crate) fn print_line<T: Serialize>(value: &T) -> Result<(), Error> {
    print(&line(value)?)
}

/// One of several results as JSON: a line with its end.
pub(crate) fn line<T: Serialize>(value: &T) -> Result<String, Error> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    Ok(text)
}

/// Prints the result as JSON while it is made, because it may be long.
pub(crate) fn stream_json<T: Serialize>(value: &T) -> Result<(), Error> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, value).map_err(|error| match error.io_error_kind() {
        Some(kind) => Error::Output(kind.into()),
        None => Error::Json(error),
    })?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
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
