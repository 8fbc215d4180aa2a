//! `cargo xtask`: everything the project does beside compiling.

// Talking to the person at the terminal is what this program is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use xtask::{Error, bench, binary, first, lab, page, pictures, serve, soak as soaking, test};

const HELP: &str = "\
Usage: cargo xtask <COMMAND>

  page                 build the page: dist/ to put on a server, dist/smtplint.html to open from anywhere
  serve [--port N]     build the page and show it on 127.0.0.1 (default port 8465; 0 takes any free one)
  command              build the command as one file that runs on any Linux of this kind, and say where it is
  test                 formatting, lints, documentation, tests, the page: no root, no network after the first build
  lab [--install]      the tests that need real servers and a real browser; --install fetches what is missing
  soak [--seed N] [--count N]
                       random configurations against the live server (default: 1000, and a seed of the hour, printed)
  soak log [--seed N] [--megabytes N]
                       a large mail log before `smtplint usage` and before awk (default: 1000 megabytes)
  soak bulk [--domains N]
                       many domains before `smtplint mx --from` and their questions before dnsperf (default: 100000)
  soak spark [--domains N]
                       the example of `smtplint mx` on Spark, which it fetches, and beside it one run (default: 5000)
  soak probe           a port of Postfix before `smtplint probe`, sslscan, sslyze and testssl.sh
  bench [FOLDER…]      counts the instructions of the command against their budget, and times it beside postconf,
                       with other configurations of Postfix as well
  first                which functions `check` runs, written down anew for `command`; needs valgrind
  pictures             the pictures of the README, made anew; needs what the lab needs
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Error::Usage(_)) => {
            eprint!("{error}\n\n{HELP}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                eprintln!("  because: {inner}");
                cause = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<(), Error> {
    match arguments {
        ["page"] => page::build(),
        ["serve"] => serve::command(serve::DEFAULT_PORT),
        ["serve", "--port", port] => match port.parse() {
            Ok(port) => serve::command(port),
            Err(_) => Err(Error::Usage(format!("`{port}` is not a port number"))),
        },
        ["command"] => binary::command(),
        ["first"] => first::command(),
        ["test"] => test::command(),
        ["bench", folders @ ..] => bench::command(&folders.iter().map(PathBuf::from).collect::<Vec<_>>()),
        ["lab"] => lab::command(lab::Install::No),
        ["lab", "--install"] => lab::command(lab::Install::Yes),
        ["soak", "log", options @ ..] => soak_log(options),
        ["soak", "probe"] => soaking::probe(),
        ["soak", "bulk"] => soaking::bulk(100_000),
        ["soak", "bulk", "--domains", count] => soaking::bulk(number(count)?),
        ["soak", "spark"] => soaking::spark(5_000),
        ["soak", "spark", "--domains", count] => soaking::spark(number(count)?),
        ["soak", options @ ..] => soak(options),
        ["pictures"] => pictures::command(),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        [] => Err(Error::Usage("no command given".to_owned())),
        other => Err(Error::Usage(format!("not understood: `{}`", other.join(" ")))),
    }
}

/// `soak`'s options, in any order.
fn soak(options: &[&str]) -> Result<(), Error> {
    let (mut seed, mut count) = (None, 1000);
    for pair in options.chunks(2) {
        match pair {
            ["--seed", text] => seed = Some(number(text)?),
            ["--count", text] => count = number(text)?,
            other => return Err(Error::Usage(format!("not understood: `{}`", other.join(" ")))),
        }
    }
    lab::soak(seed, count)
}

/// The options of `soak log`, in any order.
fn soak_log(options: &[&str]) -> Result<(), Error> {
    let (mut seed, mut megabytes) = (1, 1000);
    for pair in options.chunks(2) {
        match pair {
            ["--seed", text] => seed = number(text)?,
            ["--megabytes", text] => megabytes = number(text)?,
            other => return Err(Error::Usage(format!("not understood: `{}`", other.join(" ")))),
        }
    }
    soaking::log(seed, megabytes)
}

fn number(text: &str) -> Result<u64, Error> {
    text.parse()
        .map_err(|_| Error::Usage(format!("`{text}` is not a number")))
}
