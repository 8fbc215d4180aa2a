//! `cargo xtask page`: from the crate `web` to `dist/`.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use smtplint_core::dialects::DIALECTS;
use wasm_bindgen_cli_support::Bindgen;

use crate::minify::{Language, minify};
use crate::run::{self, WASM};
use crate::{Error, budget, shell, shrink, split};

/// The name of the file that is the whole page.
pub const SINGLE: &str = "smtplint.html";

/// Where the page is put.
pub fn directory() -> PathBuf {
    run::root().join("dist")
}

/// Builds both forms of the page, prints their sizes and holds them against the budget.
///
/// # Errors
///
/// The failing program's, file's or tool's error; [`Error::Budget`] when the page is too large.
pub fn build() -> Result<(), Error> {
    run::wasm_target()?;
    let split = split::split(&compile()?)?;
    let (glue, bound) = bind(split.program)?;
    let program = budget::gzip(&shrink::shrink("program", &bound)?);
    let pieces = split.pieces.iter();
    let pieces = pieces.map(|(name, piece)| Ok((name.clone(), budget::gzip(&shrink::shrink(name, piece)?))));
    let pieces: BTreeMap<String, Vec<u8>> = pieces.collect::<Result<_, Error>>()?;
    let texts = budget::gzip(smtplint_core::texts::pack().as_bytes());

    let root = run::root();
    let parts = ["web/parts.js", "web/start.js"].map(|name| read(&root.join(name)));
    let [fetch, start] = parts;
    let script = minify(&format!("{}\n{glue}\n{}", fetch?, start?), Language::Script)?;
    let style = minify(&read(&root.join("web/style.css"))?, Language::Style)?;
    let content = shell::Content {
        shell: &read(&root.join("index.html"))?,
        style: &style,
        program: &program,
        pieces: &pieces,
        parts: &split.parts,
        texts: &texts,
        script: &script,
    };
    let hosted = shell::hosted(content)?;
    let single = shell::single(content)?;

    let dist = directory();
    empty(&dist)?;
    write(&dist.join("index.html"), &hosted.page)?;
    for (name, text) in &hosted.files {
        write(&dist.join(name), text)?;
    }
    write(&dist.join(SINGLE), &single)?;

    let part = |name: &str| -> usize {
        let names = split.parts.get(name).into_iter().flatten();
        let sizes = names.filter_map(|name| pieces.get(name)).map(Vec::len);
        sizes.filter(|size| *size >= shell::SMALL).sum()
    };
    let readers = DIALECTS.iter().map(|dialect| part(dialect.id()));
    let small = pieces.values().map(Vec::len).filter(|size| *size < shell::SMALL);
    let begins = program.len() + small.sum::<usize>();
    println!("    texts                {:>9} bytes", texts.len());
    println!("    what begins          {begins:>9} bytes");
    for name in split.parts.keys() {
        println!("      {name:<19}{:>9}", part(name));
    }
    let first = begins + readers.max().unwrap_or_default();
    let whole = program.len() + pieces.values().map(Vec::len).sum::<usize>();
    let shell: usize = [content.shell, content.style, content.script]
        .map(|text| budget::gzip(text.as_bytes()).len())
        .iter()
        .sum();
    // All but the single file after `gzip -9`.
    let weights = [
        ("what is loaded before the first findings", first, budget::FIRST),
        ("all WebAssembly", whole, budget::WHOLE),
        ("everything beside it", texts.len() + shell, budget::BESIDE),
        ("the single file", single.len(), budget::SINGLE),
    ];
    for (what, measured, allowed) in weights {
        println!("    {what:<41}{measured:>9} bytes of {allowed} allowed");
    }
    weights
        .into_iter()
        .try_for_each(|(what, measured, allowed)| budget::hold(what, measured, allowed))
}

/// Compiles the crate `web`, small before fast.
fn compile() -> Result<PathBuf, Error> {
    let mut command = run::cargo(&[
        "build",
        "--package",
        "smtplint-web",
        "--bin",
        "page",
        "--target",
        WASM,
        "--profile",
        "wasm",
    ]);
    // Messages of a panic name files: those of other people's crates without the folders of this machine.
    let hidden: Vec<String> = registry_sources()
        .iter()
        .map(|folder| format!("--remap-path-prefix={}=", folder.display()))
        .collect();
    // What refers to what is known only to the linker, and taking the page apart needs it.
    let flags = [hidden.as_slice(), &["-Clink-arg=--emit-relocs".to_owned()]]
        .concat()
        .join(" ");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    run::run("compiling the page", &mut command)?;
    Ok(run::target_directory()?.join(WASM).join("wasm/page.wasm"))
}

/// The folders in which cargo keeps what it downloaded. A path with a blank cannot be told to the compiler, and is left out.
fn registry_sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))) else {
        return Vec::new();
    };
    let folders = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = folders.map(|folder| folder.path()).collect();
    folders.retain(|folder| !folder.to_string_lossy().contains(char::is_whitespace));
    folders.sort();
    folders
}

/// Gives the compiled page its JavaScript side: a classic script, because modules do not load from `file://`.
fn bind(program: Vec<u8>) -> Result<(String, Vec<u8>), Error> {
    let wrong = |error| Error::Bindgen(format!("{error:#}"));
    let mut output = Bindgen::new()
        .input_bytes("page", program)
        .no_modules(true)
        .map_err(wrong)?
        .omit_default_module_path(true)
        // Pieces use the memory, the table of functions and the stack.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        .generate_output()
        .map_err(wrong)?;
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

/// Starts a directory afresh: files named after their content would gather there for ever.
pub(crate) fn empty(directory: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Error::file("remove", directory)(error));
        }
        _ => {}
    }
    fs::create_dir_all(directory).map_err(Error::file("make the directory", directory))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file("read", path))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(Error::file("write", path))
}
