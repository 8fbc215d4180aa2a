//! The `smtplint` command: files, the terminal and the live machine; what is judged is judged by the core.

mod args;
mod baseline;
mod commands;
mod config;
mod diff;
mod error;
mod formats;
mod input;
mod live;
mod named;
mod output;
mod replace;
mod text;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; everything else is wrong usage.
            let code = if error.use_stderr() { 2 } else { 0 };
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(2),
            };
        }
    };
    arguments.color.choose();
    let outcome = match arguments.command {
        Command::Check(options) => commands::check::run(&options),
        Command::Inspect(options) => commands::inspect::run(&options),
        Command::Fix(options) => commands::fix::run(&options),
        Command::Explain(options) => commands::explain::run(&options),
        Command::Ciphers(options) => commands::ciphers::run(&options),
        Command::Clients(options) => commands::clients::run(&options),
        Command::Rules(options) => commands::rules::run(&options),
        Command::Demo => commands::demo::run(),
        Command::Completions(options) => commands::completions::run(&options),
        Command::Man => commands::man::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            error::report(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
