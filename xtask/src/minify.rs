//! Scripts and the style sheet without what only people read: by `esbuild`.

use std::fs;
use std::path::Path;

use crate::run::run;
use crate::{Error, npm};

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A classic script: the names at its top stay, because the scripts before and after it use them.
    Script,
    /// A style sheet.
    Style,
}

impl Language {
    fn ending(self) -> &'static str {
        match self {
            Language::Script => "js",
            Language::Style => "css",
        }
    }
}

/// The same in fewer bytes.
///
/// # Errors
///
/// Whatever Node.js, npm, the files or the program say.
pub fn minify(text: &str, language: Language) -> Result<String, Error> {
    let folder = npm::installed(npm::SMALLER)?;
    let name = |stem: &str| format!("{stem}.{}", language.ending());
    let (before, after) = (name("before"), name("after"));
    let at = |name: &str| folder.join(name);
    write(&at(&before), text)?;
    let mut command = npm::command(&folder, "esbuild/bin/esbuild")?;
    // It warns of what wasm-bindgen writes twice.
    command.args([&before, "--minify", "--log-level=error", &format!("--outfile={after}")]);
    run("making scripts and style smaller", &mut command)?;
    let path = at(&after);
    fs::read_to_string(&path).map_err(Error::file("read", &path))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(Error::file("write", path))
}
