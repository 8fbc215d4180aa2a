//! Reads the tables of cipher suites and of OpenSSL's words, and writes them down as constants of the program: it need not read
//! them when it runs. A row that is wrong stops the build, with file and line.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "cargo is spoken with by the environment and by lines; the core itself does neither"
)]

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

// The files of the core that the constants are made with, under the names that they have there.
#[path = "src/tls"]
mod tls {
    pub(crate) mod compile;
    pub(crate) mod rows;
    #[allow(dead_code, reason = "the core asks more of them")]
    pub(crate) mod traits;
    #[allow(dead_code, unreachable_pub, reason = "the core asks more of them")]
    pub(crate) mod openssl {
        pub(crate) mod list;
        pub(crate) mod release;

        pub(crate) use release::Release;
    }
}

use tls::compile::{self, Texts};

/// Where the tables are, from the core's directory.
const SUITES: &str = "src/tls/suites.tsv";
const ALIASES: &str = "src/tls/openssl/aliases.tsv";

fn main() -> Result<(), Box<dyn Error>> {
    let home = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for table in [SUITES, ALIASES] {
        println!("cargo::rerun-if-changed={table}");
    }
    let texts = Texts {
        suites: &fs::read_to_string(home.join(SUITES))?,
        aliases: &fs::read_to_string(home.join(ALIASES))?,
    };
    // As an error of `main` it would be printed as a value is.
    let constants = match compile::constants(&texts) {
        Ok(constants) => constants,
        Err(wrong) => {
            println!("cargo::error={wrong}");
            return Ok(());
        }
    };
    for (file, expression) in constants {
        fs::write(out.join(file), expression)?;
    }
    Ok(())
}
