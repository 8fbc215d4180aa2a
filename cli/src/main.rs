//! The `smtplint` command: files, the terminal and the live machine; what is judged is judged by the core.

mod args;
mod baseline;
mod commands;
mod config;
mod error;
mod evidence;
mod file_change;
mod formats;
mod input;
mod live;
#[cfg(target_env = "musl")]
mod memory;
mod mx;
mod named;
mod output;
mod probe;
mod replace;
mod text;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command, Deferred};

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
        Command::Check(Deferred(options)) => commands::check::run(&options),
        Command::Inspect(Deferred(options)) => commands::inspect::run(&options),
        Command::Fix(Deferred(options)) => commands::fix::run(&options),
        Command::Migrate(Deferred(options)) => commands::migrate::run(&options),
        Command::Explain(Deferred(options)) => commands::explain::run(&options),
        Command::Ciphers(Deferred(options)) => commands::ciphers::run(&options),
        Command::Rules(Deferred(options)) => commands::rules::run(&options),
        Command::Clients(Deferred(options)) => commands::clients::run(&options),
        Command::Usage(Deferred(options)) => commands::usage::run(&options),
        Command::Probe(Deferred(options)) => commands::probe::run(&options),
        Command::Mx(Deferred(options)) => commands::mx::run(&options),
        Command::Demo => commands::demo::run(),
        Command::Completions(Deferred(options)) => commands::completions::run(&options),
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
