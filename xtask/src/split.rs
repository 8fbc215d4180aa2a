//! Taking the compiled page apart: into what is loaded at first, and the pieces that are fetched when something asks for them.
//!
//! `web/src/parts.rs` marks the functions that parts begin with. What only one part needs becomes a piece of its own, and so does
//! what several parts share and the beginning does not need; so a part consists of one piece or several.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wasm_split_cli_support::{Options, transform};

use crate::run::target_directory;
use crate::{Error, page};

/// By this name the program asks for what fetches parts.
pub const LINK: &str = "parts";

/// What became of the compiled page.
#[derive(Debug)]
pub struct Split {
    /// What is loaded at first; wasm-bindgen has still to give it its JavaScript side.
    pub program: Vec<u8>,
    /// The pieces, by name.
    pub pieces: BTreeMap<String, Vec<u8>>,
    /// The pieces that each part consists of.
    pub parts: BTreeMap<String, Vec<String>>,
}

/// Takes a compiled page apart. It has to be linked with `--emit-relocs`.
///
/// # Errors
///
/// [`Error::Split`] when it cannot be taken apart, and the files' errors.
pub fn split(compiled: &Path) -> Result<Split, Error> {
    let folder = target_directory()?.join("split");
    page::empty(&folder)?;
    let whole = fs::read(compiled).map_err(Error::file("read", compiled))?;
    let main = folder.join("program.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.link_name = LINK;
    options.emit_dwarf = false;
    let made = transform(options).map_err(|error| Error::Split(format!("{error:#}")))?;
    let mut pieces = BTreeMap::new();
    for path in made.split_modules {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        pieces.insert(name, fs::read(&path).map_err(Error::file("read", &path))?);
    }
    Ok(Split {
        program: fs::read(&main).map_err(Error::file("read", &main))?,
        pieces,
        parts: made.prefetch_map.into_iter().collect(),
    })
}
