//! Making the compiled page smaller: `wasm-opt` of the npm package `binaryen`, see [`crate::npm`].

use std::fs;
use std::path::Path;

use crate::run::run;
use crate::{Error, npm, order};

/// Small before fast. The compiler puts the stack first, and its last kilobyte is not data: so addresses may be written as an
/// offset from another one.
const SMALLER: [&str; 3] = ["-Oz", "--low-memory-unused", "--optimize-added-constants-propagate"];

/// Functions in the order of their names, and then without them.
const ORDERED: [&str; 3] = ["--reorder-functions-by-name", "--strip-debug", "--strip-producers"];

/// Makes a program smaller that does the same.
///
/// # Errors
///
/// [`Error::NoNode`] where Node.js or npm is missing, and whatever they, the files or the program say.
pub fn shrink(program: &[u8]) -> Result<Vec<u8>, Error> {
    let folder = npm::installed(npm::SMALLER)?;
    let smaller = wasm_opt(&folder, &SMALLER, program)?;
    wasm_opt(&folder, &ORDERED, &order::named(&smaller)?)
}

fn wasm_opt(folder: &Path, passes: &[&str], program: &[u8]) -> Result<Vec<u8>, Error> {
    let (before, after) = (folder.join("before.wasm"), folder.join("after.wasm"));
    fs::write(&before, program).map_err(Error::file("write", &before))?;
    let mut command = npm::command(folder, "binaryen/bin/wasm-opt")?;
    command.args(passes).args(["before.wasm", "--output", "after.wasm"]);
    run("making the page smaller", &mut command)?;
    fs::read(&after).map_err(Error::file("read", &after))
}
