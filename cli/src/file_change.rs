//! Files before and after a change, and the patch that leads from one to the other.

use std::path::{Path, PathBuf};

use smtplint_core::patch::{Patch, replaced};
use smtplint_core::source::{Source, Sources};

use crate::diff::{self, Changed};
use crate::error::Error;
use crate::input::Given;

/// One file that changes.
pub(crate) struct FileChange {
    /// As it was given.
    pub(crate) path: String,
    pub(crate) is_whole: bool,
    pub(crate) before: String,
    pub(crate) after: String,
    shown_before: String,
    shown_after: String,
}

/// The texts of the files as they stand there, with their passwords.
#[derive(Clone)]
pub(crate) struct Files {
    texts: Vec<String>,
    whole: Vec<bool>,
}

impl Files {
    /// Reads once more what the patches are about. What changed since it was judged is not touched.
    pub(crate) fn read(given: &Given, patches: &[&Patch]) -> Result<Files, Error> {
        let mut texts = Vec::new();
        let mut whole = Vec::new();
        for (at, (file, source)) in given.sources.iter().enumerate() {
            let is_whole = given.whole.get(at) == Some(&true);
            let mut edits = patches.iter().flat_map(|patch| patch.of_file(file));
            let is_edited = is_whole && !source.is_print_out() && edits.next().is_some();
            let part = given.parts.get(at).filter(|part| !part.is_empty());
            texts.push(match part {
                _ if is_edited => text_of(source)?,
                Some(part) if !source.is_print_out() => part.clone(),
                _ => source.text().to_owned(),
            });
            whole.push(is_whole);
        }
        Ok(Files { texts, whole })
    }

    /// The files after patches, each of them made of the texts that the one before it left; and those that differ. `sources` are
    /// the same files with their passwords masked.
    pub(crate) fn change(&self, sources: &Sources, patches: &[&Patch]) -> (Files, Vec<FileChange>) {
        let mut after = self.clone();
        let mut masked = sources.clone();
        for patch in patches {
            for (text, (file, _)) in after.texts.iter_mut().zip(masked.iter()) {
                *text = replaced(text, patch.of_file(file));
            }
            masked = patch.apply(&masked);
        }
        let mut changes = Vec::new();
        let texts = self.texts.iter().zip(&after.texts).zip(&self.whole);
        let shown = sources.iter().zip(masked.iter());
        for (((before, after), is_whole), ((_, source), (_, now))) in texts.zip(shown) {
            if before == after || source.is_print_out() {
                continue;
            }
            changes.push(FileChange {
                path: source.path.clone(),
                is_whole: *is_whole,
                before: before.clone(),
                after: after.clone(),
                shown_before: source.text().to_owned(),
                shown_after: now.text().to_owned(),
            });
        }
        (after, changes)
    }
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

/// The patch, and the files that cannot be shown in one.
pub(crate) fn patch(files: &[FileChange]) -> (String, Vec<&str>) {
    let mut text = String::new();
    let mut hidden = Vec::new();
    for file in files {
        let label = label(&file.path);
        let shown = diff::unified(&Changed {
            label: &label,
            before: &file.before,
            after: &file.after,
            shown_before: &file.shown_before,
            shown_after: &file.shown_after,
        });
        match shown {
            Some(shown) => text.push_str(&shown),
            None => hidden.push(file.path.as_str()),
        }
    }
    (text, hidden)
}

/// The path as `patch -p1` takes it: without a way up, which it does not follow.
pub(crate) fn label(path: &str) -> String {
    let real = || {
        Path::new(path)
            .canonicalize()
            .ok()
            .map(|real| real.display().to_string())
    };
    let goes_up = Path::new(path)
        .components()
        .any(|part| part == std::path::Component::ParentDir);
    let path = if goes_up {
        real().unwrap_or_else(|| path.to_owned())
    } else {
        path.to_owned()
    };
    path.trim_start_matches("./").trim_start_matches('/').to_owned()
}

/// The command that applies a patch of these files: from the root where their paths begin there.
pub(crate) fn patch_command(files: &[FileChange]) -> &'static str {
    let is_from_root = |file: &FileChange| label(&file.path).len() < file.path.len() && file.path.starts_with('/');
    if files.iter().all(is_from_root) {
        "patch -d / -p1"
    } else {
        "patch -p1"
    }
}
