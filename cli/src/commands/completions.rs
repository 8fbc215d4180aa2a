//! `smtplint completions`.

use std::process::ExitCode;

use clap::{CommandFactory, Subcommand};

use crate::args::{Arguments, Command, CompletionsOptions};
use crate::error::Error;
use crate::output;

/// Prints the completion script of a shell.
pub(crate) fn run(options: &CompletionsOptions) -> Result<ExitCode, Error> {
    // The script lists the flags in the order in which they are written, so they are put together at once.
    let whole = Command::augment_subcommands_for_update(clap::Command::new("smtplint"));
    let mut command = Arguments::command().mut_subcommands(|one| match whole.find_subcommand(one.get_name()) {
        Some(whole) => whole.clone(),
        None => one,
    });
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "smtplint", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
