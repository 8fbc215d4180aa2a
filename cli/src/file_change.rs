//! Reading the files that change.

use std::path::{Component, Path, PathBuf};

use smtplint_core::file_change::{self, File, Files};
use smtplint_core::patch::Patch;
use smtplint_core::source::Source;

use crate::error::Error;
use crate::input::Given;

/// Reads once more what the patches are about. What changed since it was judged is not touched.
pub(crate) fn read(given: &Given, patches: &[&Patch]) -> Result<Files, Error> {
    let mut files = Vec::new();
    for (at, (file, source)) in given.sources.iter().enumerate() {
        let is_whole = given.whole.get(at) == Some(&true);
        let mut edits = patches.iter().flat_map(|patch| patch.of_file(file));
        let is_edited = is_whole && !source.is_print_out() && edits.next().is_some();
        let part = given.parts.get(at).filter(|part| !part.is_empty());
        files.push(File {
            text: match part {
                _ if is_edited => text_of(source)?,
                Some(part) if !source.is_print_out() => part.clone(),
                _ => source.text().to_owned(),
            },
            is_whole,
            label: label(&source.path),
        });
    }
    Ok(Files::new(files))
}

/// What stands in the file. What changed since it was judged is not touched.
fn text_of(source: &Source) -> Result<String, Error> {
    let path = PathBuf::from(&source.path);
    let unreadable = |source| Error::Unreadable {
        path: path.clone(),
        source,
    };
    let text = std::fs::read_to_string(&path).map_err(unreadable)?;
    if Source::new(&source.path, &text, source.kind.clone()).text() != source.text() {
        return Err(Error::Changed { path });
    }
    Ok(text)
}

/// The path as `patch -p1` takes it: without a way up, which it does not follow.
fn label(path: &str) -> String {
    let goes_up = Path::new(path).components().any(|part| part == Component::ParentDir);
    let real = goes_up.then(|| Path::new(path).canonicalize().ok()).flatten();
    let path = real.map_or_else(|| path.to_owned(), |real| real.display().to_string());
    file_change::label(&path)
}
