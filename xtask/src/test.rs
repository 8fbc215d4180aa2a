//! `cargo xtask test`: what every change must pass, on any machine with Rust, and Node.js for the page.

use crate::run::{WASM, cargo, run, step, wasm_target};
use crate::{Error, page};

/// Runs every step, and stops at the first that fails.
///
/// # Errors
///
/// The failing step's error, which names it.
pub fn command() -> Result<(), Error> {
    plain("formatting", &["fmt", "--all", "--check"])?;
    plain(
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            // The lab's tests run elsewhere; that they are well written is seen here.
            "--features",
            "smtplint-tests/lab",
            "--locked",
            "--",
            "--deny",
            "warnings",
        ],
    )?;
    step("documentation", || {
        run(
            "documentation",
            cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
                .env("RUSTDOCFLAGS", "--deny warnings"),
        )
    })?;
    plain("tests", &["test", "--workspace"])?;
    step("the wasm target", wasm_target)?;
    // Compiling where there are no files, no sockets and no clock shows that the core is pure.
    plain(
        "the core without a system",
        &["check", "--package", "smtplint-core", "--target", WASM],
    )?;
    // A workspace of its own, so nothing above sees it. Checked only: fuzzing wants another compiler's flags.
    plain(
        "the fuzz targets",
        &["check", "--locked", "--manifest-path", "fuzz/Cargo.toml"],
    )?;
    step("the page", page::build)?;
    println!("everything passes");
    Ok(())
}

fn plain(name: &str, arguments: &[&str]) -> Result<(), Error> {
    step(name, || run(name, &mut cargo(arguments)))
}
