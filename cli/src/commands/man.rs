//! `smtplint man`.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::Arguments;
use crate::error::Error;
use crate::output;

/// Prints one manual page for everything: each subcommand is a section of it.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    for subcommand in command.get_subcommands().filter(|one| one.get_name() != "help") {
        page.push_str(&section(subcommand)?);
    }
    let mut rest = Vec::new();
    whole.render_extra_section(&mut rest)?;
    whole.render_version_section(&mut rest)?;
    page.push_str(&String::from_utf8_lossy(&rest).replace(".SH EXTRA", ".SH NOTES"));
    output::print(&page)?;
    Ok(ExitCode::SUCCESS)
}

/// A subcommand: what it does, how it is called, its flags.
fn section(subcommand: &clap::Command) -> Result<String, Error> {
    let man = Man::new(subcommand.clone());
    let mut parts = Vec::new();
    man.render_description_section(&mut parts)?;
    man.render_synopsis_section(&mut parts)?;
    if subcommand.get_arguments().any(|argument| argument.get_id() != "help") {
        man.render_options_section(&mut parts)?;
    }
    let parts = String::from_utf8_lossy(&parts)
        .replace(".SH DESCRIPTION\n", "")
        .replace(".SH ", ".SS ");
    let name = subcommand.get_name().to_uppercase();
    Ok(format!(".SH {name}\n{parts}"))
}
