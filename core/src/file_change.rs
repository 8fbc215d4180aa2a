//! Files before and after a change, and the patch that leads from one to the other.

use crate::diff::{self, Changed, Hunk};
use crate::markdown::capital;
use crate::migrate::Step;
use crate::patch::{Patch, replaced};
use crate::report::merge::enumerated;
use crate::source::Sources;

/// What is said beside a change of a text that was pasted.
pub const PASTED: &str = "the text was pasted: make the same change in the file that it comes from";

/// What is said beside commands that take the place of a patch.
pub const PRINT_OUT: &str = "the text is a print-out: run these commands on the server";

/// A file as it is, with its passwords.
#[derive(Debug, Clone)]
pub struct File {
    /// What stands in it.
    pub text: String,
    /// True for a file, false for a part of a paste.
    pub is_whole: bool,
    /// Its name in a patch, as `patch -p1` takes it: see [`label`].
    pub label: String,
}

/// One file that changes.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// As it was given.
    pub path: String,
    /// True for a file, false for a part of a paste.
    pub is_whole: bool,
    /// As it was, with its passwords.
    pub before: String,
    /// As it is afterwards, with its passwords.
    pub after: String,
    /// Its name in a patch.
    pub label: String,
    shown_before: String,
    shown_after: String,
}

impl FileChange {
    /// A change of one file, as it is and with every secret masked.
    #[must_use]
    pub fn new(path: &str, file: &File, after: String, [shown_before, shown_after]: [&str; 2]) -> FileChange {
        FileChange {
            path: path.to_owned(),
            is_whole: file.is_whole,
            before: file.text.clone(),
            after,
            label: file.label.clone(),
            shown_before: shown_before.to_owned(),
            shown_after: shown_after.to_owned(),
        }
    }

    /// The lines that change, with some around them; `None` when one of them holds a password.
    #[must_use]
    pub fn hunks(&self) -> Option<Vec<Hunk<'_>>> {
        diff::hunks(&self.changed())
    }

    fn changed(&self) -> Changed<'_> {
        Changed {
            label: &self.label,
            before: &self.before,
            after: &self.after,
            shown_before: &self.shown_before,
            shown_after: &self.shown_after,
        }
    }
}

/// The files as they are, in the order of their [`Sources`].
#[derive(Debug, Clone, Default)]
pub struct Files(Vec<File>);

impl Files {
    /// One for each source.
    #[must_use]
    pub fn new(files: Vec<File>) -> Files {
        Files(files)
    }

    /// The files after patches, each of them made of the texts that the one before it left; and those that differ. `sources` are
    /// the same files with their passwords masked. A print-out is no file that could be changed.
    #[must_use]
    pub fn change(&self, sources: &Sources, patches: &[&Patch]) -> (Files, Vec<FileChange>) {
        let mut after = self.clone();
        let mut masked = sources.clone();
        for patch in patches {
            for (one, (file, _)) in after.0.iter_mut().zip(masked.iter()) {
                one.text = replaced(&one.text, patch.of_file(file));
            }
            masked = patch.apply(&masked);
        }
        let mut changes = Vec::new();
        let shown = sources.iter().zip(masked.iter());
        for ((before, after), ((_, source), (_, now))) in self.0.iter().zip(&after.0).zip(shown) {
            if before.text != after.text && !source.is_print_out() {
                let texts = [source.text(), now.text()];
                changes.push(FileChange::new(&source.path, before, after.text.clone(), texts));
            }
        }
        (after, changes)
    }

    /// Their texts, with their passwords.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|file| file.text.as_str())
    }

    /// The patch of a stage of a plan, of these files as the stage finds them; and the files as it leaves them. `folder` is where
    /// patches are written; `None` where the reader has to save them.
    #[must_use]
    pub fn of_stage(&self, number: usize, step: &Step, folder: Option<&str>) -> (Files, Patched) {
        let edits: Vec<&Patch> = step.patches.iter().collect();
        let (after, changes) = self.change(&step.before, &edits);
        let (text, hidden) = patch(&changes);
        let remark = match (hidden.as_slice(), text.is_empty()) {
            ([], true) => None,
            ([], false) if changes.iter().any(|file| !file.is_whole) => Some(sentence(PASTED.to_owned())),
            ([], false) => Some(sentence(how_to_apply(patch_command(&changes), number, folder))),
            (hidden, _) => Some(sentence(format!("{}: change it by hand", withheld(hidden)))),
        };
        let files = if step.is_temporary { self.clone() } else { after.clone() };
        let patched = Patched {
            text,
            remark,
            changes,
            after,
        };
        (files, patched)
    }
}

/// The patch of a stage of a plan.
#[derive(Debug, Clone, Default)]
pub struct Patched {
    /// As `patch -p1` takes it; empty where there is none to show.
    pub text: String,
    /// How to apply it, or why it is not shown.
    pub remark: Option<String>,
    /// The files that change.
    pub changes: Vec<FileChange>,
    /// All files with the change.
    pub after: Files,
}

/// What the patch of a stage is called as a file.
#[must_use]
pub fn stage_patch(number: usize) -> String {
    format!("stage-{number}.patch")
}

/// How the patch of a stage is applied, and taken back.
fn how_to_apply(command: &str, number: usize, folder: Option<&str>) -> String {
    let file = stage_patch(number);
    let ways = |path: &str| format!("apply it by `{command} < {path}`, and take it back by `{command} -R < {path}`");
    let Some(folder) = folder else {
        return format!("save it as `{file}`, {}", ways(&file));
    };
    let ways = ways(&format!("{}/{file}", folder.trim_end_matches('/')));
    // Only what begins at the root is found from everywhere.
    if folder.starts_with('/') && command.contains("-d /") {
        ways
    } else {
        format!("in the folder where the plan was made {ways}")
    }
}

/// The same with a capital letter and a full stop.
fn sentence(said: String) -> String {
    let mut said = capital(said);
    said.push('.');
    said
}

/// That a change of these files is not shown.
#[must_use]
pub fn withheld(paths: &[&str]) -> String {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    format!(
        "a line that changes in {} holds a password, so no patch of it is shown",
        enumerated(&paths)
    )
}

/// The patch, and the files that cannot be shown in one.
#[must_use]
pub fn patch(files: &[FileChange]) -> (String, Vec<&str>) {
    let mut text = String::new();
    let mut hidden = Vec::new();
    for file in files {
        match diff::unified(&file.changed()) {
            Some(shown) => text.push_str(&shown),
            None => hidden.push(file.path.as_str()),
        }
    }
    (text, hidden)
}

/// A path as `patch -p1` takes it.
#[must_use]
pub fn label(path: &str) -> String {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    path.trim_start_matches('/').to_owned()
}

/// The command that applies a patch of these files: from the root where their paths begin there.
#[must_use]
pub fn patch_command(files: &[FileChange]) -> &'static str {
    let is_from_root = |file: &FileChange| file.label.len() < file.path.len() && file.path.starts_with('/');
    if files.iter().all(is_from_root) {
        "patch -d / -p1"
    } else {
        "patch -p1"
    }
}
