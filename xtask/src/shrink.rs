//! Making the compiled page smaller: `wasm-opt` of the npm package `binaryen`, see [`crate::npm`].

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::run::run;
use crate::{Error, npm, order};

/// Small before fast, again and again until nothing becomes smaller. The compiler puts the stack first, and its last kilobyte is not data: so addresses may be written as an
/// offset from another one.
const SMALLER: [&str; 4] = [
    "-Oz",
    "--converge",
    "--low-memory-unused",
    "--optimize-added-constants-propagate",
];

/// Functions in the order of their names, and then without them.
const ORDERED: [&str; 3] = ["--reorder-functions-by-name", "--strip-debug", "--strip-producers"];

/// What decides what becomes of a program, beside it and the programs from npm.
const WAY: [&str; 2] = [include_str!("shrink.rs"), include_str!("order.rs")];

/// Makes a program smaller that does the same. Of each `name` the last result is kept: it takes minutes, and as a rule a build
/// changes few of them.
///
/// # Errors
///
/// [`Error::NoNode`] where Node.js or npm is missing, and whatever they, the files or the program say.
pub fn shrink(name: &str, program: &[u8]) -> Result<Vec<u8>, Error> {
    let folder = npm::installed(npm::SMALLER)?;
    let keeps = folder.join("smaller");
    let kept = keeps.join(name.replace('/', "-"));
    let key = key(&npm::locked(&folder)?, program);
    if let Some(smaller) = fs::read(&kept)
        .ok()
        .and_then(|kept| kept.strip_prefix(&key[..]).map(<[u8]>::to_vec))
    {
        return Ok(smaller);
    }
    let smaller = wasm_opt(&folder, &SMALLER, program)?;
    let smaller = wasm_opt(&folder, &ORDERED, &order::named(&smaller)?)?;
    fs::create_dir_all(&keeps).map_err(Error::file("make the directory", &keeps))?;
    // Whoever is stopped here has kept nothing, rather than a half.
    let whole = folder.join("kept.wasm");
    fs::write(&whole, [&key, smaller.as_slice()].concat()).map_err(Error::file("write", &whole))?;
    fs::rename(&whole, &kept).map_err(Error::file("write", &kept))?;
    Ok(smaller)
}

/// What a result belongs to.
fn key(locked: &[u8], program: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    let way = WAY.map(str::as_bytes);
    for part in way.into_iter().chain([locked, program]) {
        // So that no end of one is the beginning of another.
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

fn wasm_opt(folder: &Path, passes: &[&str], program: &[u8]) -> Result<Vec<u8>, Error> {
    let (before, after) = (folder.join("before.wasm"), folder.join("after.wasm"));
    fs::write(&before, program).map_err(Error::file("write", &before))?;
    let mut command = npm::command(folder, "binaryen/bin/wasm-opt")?;
    command.args(passes).args(["before.wasm", "--output", "after.wasm"]);
    run("making the page smaller", &mut command)?;
    fs::read(&after).map_err(Error::file("read", &after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_belongs_to_the_program_and_to_what_made_it() {
        let usual = key(b"lock", b"program");
        assert_eq!(usual, key(b"lock", b"program"));
        for other in [
            key(b"lock", b"programs"),
            key(b"locks", b"program"),
            key(b"lockp", b"rogram"),
        ] {
            assert_ne!(usual, other);
        }
    }
}
