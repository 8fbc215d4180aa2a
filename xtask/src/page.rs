//! `cargo xtask page`: from the crate `web` to `dist/`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::run::{self, WASM};
use crate::{Error, budget, shell, shrink};

/// The name of the file that is the whole page.
pub const SINGLE: &str = "smtplint.html";

/// Where the page is put.
pub fn directory() -> PathBuf {
    run::root().join("dist")
}

/// What a build weighs, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The WebAssembly as the browser runs it.
    pub wasm: usize,
    /// The same after `gzip -9`: what the budget holds.
    pub wasm_gzip: usize,
    /// The texts beside it, after `gzip -9`.
    pub texts_gzip: usize,
    /// Everything a server hands out for one visit.
    pub hosted: usize,
    /// The single file.
    pub single: usize,
}

/// Builds both forms of the page, prints their sizes and holds them against the budget.
///
/// # Errors
///
/// The failing program's, file's or tool's error; [`Error::Budget`] when the page is too large.
pub fn build() -> Result<Sizes, Error> {
    run::wasm_target()?;
    let compiled = compile()?;
    let (glue, bound) = bind(&compiled)?;
    let wasm = shrink::shrink(&bound)?;
    let packed = budget::gzip(&wasm);

    let root = run::root();
    let shell = read(&root.join("index.html"))?;
    let style = read(&root.join("web/style.css"))?;
    let texts = budget::gzip(smtplint_core::texts::pack().as_bytes());
    let script = shell::script(&glue, &packed, &texts, &read(&root.join("web/start.js"))?);
    let parts = shell::Parts {
        shell: &shell,
        script: &script,
        style: &style,
    };
    let hosted = shell::hosted(parts)?;
    let single = shell::single(parts)?;

    let dist = directory();
    empty(&dist)?;
    write(&dist.join("index.html"), &hosted.page)?;
    write(&dist.join(&hosted.script_name), &script)?;
    write(&dist.join(&hosted.style_name), &style)?;
    write(&dist.join(SINGLE), &single)?;

    let sizes = Sizes {
        wasm: wasm.len(),
        wasm_gzip: packed.len(),
        texts_gzip: texts.len(),
        hosted: hosted.page.len() + script.len() + style.len(),
        single: single.len(),
    };
    print(sizes);
    budget::hold(sizes.wasm_gzip)?;
    Ok(sizes)
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
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", hidden.join(" "));
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
fn bind(compiled: &Path) -> Result<(String, Vec<u8>), Error> {
    let wrong = |error| Error::Bindgen(format!("{error:#}"));
    let mut output = Bindgen::new()
        .input_path(compiled)
        .no_modules(true)
        .map_err(wrong)?
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        .generate_output()
        .map_err(wrong)?;
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

fn print(sizes: Sizes) {
    println!("    dist/                {:>9} bytes in all", sizes.hosted);
    println!("    dist/{SINGLE}   {:>9} bytes", sizes.single);
    println!("    the program          {:>9} bytes of WebAssembly", sizes.wasm);
    println!(
        "    after gzip -9        {:>9} bytes of {} allowed",
        sizes.wasm_gzip,
        budget::WASM_GZIP
    );
    println!("    the texts beside it  {:>9} bytes after gzip -9", sizes.texts_gzip);
}

/// Starts `dist/` afresh: files named after their content would gather there for ever.
fn empty(directory: &Path) -> Result<(), Error> {
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
