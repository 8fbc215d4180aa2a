//! `smtplint man`.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::Arguments;
use crate::error::Error;
use crate::output;

/// Prints the manual page, the pages of the subcommands behind it.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|one| one.get_name() != "help") {
        clap_mangen::Man::new(subcommand.clone()).render(&mut page)?;
    }
    output::print(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}
