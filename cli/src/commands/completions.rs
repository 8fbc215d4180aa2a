//! `smtplint completions`.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::{Arguments, CompletionsOptions};
use crate::error::Error;
use crate::output;

/// Prints the completion script of a shell.
pub(crate) fn run(options: &CompletionsOptions) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(
        options.shell,
        &mut Arguments::command_for_update(),
        "smtplint",
        &mut script,
    );
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
