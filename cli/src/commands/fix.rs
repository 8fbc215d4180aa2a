//! `smtplint fix`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use smtplint_core::Options;
use smtplint_core::finding::{Finding, Severity};
use smtplint_core::fix::{self, Choice, Fixes, Reason, WrittenJson};
use smtplint_core::patch::replaced;
use smtplint_core::source::{Source, Sources};
use smtplint_core::usage::Usage;

use super::check::today;
use crate::args::{FixOptions, Format};
use crate::diff::{self, Changed};
use crate::error::Error;
use crate::input::{self, Given};
use crate::{formats, output, replace, text};

/// One file that changes.
pub(crate) struct FileChange {
    /// As it was given.
    pub(crate) path: String,
    is_whole: bool,
    before: String,
    after: String,
    shown_before: String,
    shown_after: String,
}

/// Mends what can be mended: shows it, or writes it.
pub(crate) fn run(options: &FixOptions) -> Result<ExitCode, Error> {
    let mut given = input::read(&options.input, false)?;
    let remarks = std::mem::take(&mut given.remarks);
    output::remark(options.input.quiet, &remarks)?;
    for rule in &options.rule {
        if smtplint_core::rule_by_id(rule).is_none() {
            return Err(Error::Rule {
                id: rule.clone(),
                nearest: smtplint_core::nearest_rule(rule).map(str::to_owned),
            });
        }
    }
    let evidence = options.evidence.as_deref().map(evidence).transpose()?;
    let fixes = mend(options, &given, evidence.as_ref());
    let files = changes(&given, &fixes)?;
    match options.format {
        Format::Json => {
            let patch = patch(&files).0;
            let kept = if options.write {
                write(options, &files)?
            } else {
                Vec::new()
            };
            let written = kept.into_iter().map(|(path, copy)| WrittenJson {
                path,
                copy: copy.display().to_string(),
            });
            formats::print_json(&fixes.to_json(&patch, written.collect()), None)?;
        }
        Format::Text => {
            output::remark(options.input.quiet, &text::fixes::told(&fixes))?;
            show(options, &fixes, &files)?;
        }
    }
    let could_be_written = |reason: &Reason| !matches!(reason, Reason::NothingToWrite);
    Ok(if fixes.left.iter().any(|left| could_be_written(&left.reason)) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// What `smtplint usage --format json` has printed.
pub(crate) fn evidence(path: &Path) -> Result<Usage, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Unreadable {
        path: path.to_path_buf(),
        source,
    })?;
    let wrong = |what: String| Error::Evidence {
        path: path.to_path_buf(),
        what,
    };
    let usage: Usage = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if usage.schema == Usage::SCHEMA {
        Ok(usage)
    } else {
        Err(wrong(format!(
            "its schema is `{}`, not `{}`",
            usage.schema,
            Usage::SCHEMA
        )))
    }
}

/// Everything of severity low or worse; or what is named, however bad it is.
fn mend(options: &FixOptions, given: &Given, evidence: Option<&Usage>) -> Fixes {
    let chosen = Options {
        target: given.target.clone(),
        policy: given.config.policy.unwrap_or_default(),
        prefer: given.config.prefer.unwrap_or_default(),
    };
    let ignores = &given.config.ignores;
    let check = |sources: &Sources| smtplint_core::check_with(sources, given.dialect, &chosen, ignores, today()).0;
    let wants = |finding: &Finding| match options.rule.as_slice() {
        [] => finding.severity >= Severity::Low,
        rules => rules.iter().any(|rule| rule == finding.rule),
    };
    let bears = |impact: &smtplint_core::impact::Impact| options.allow_impact || impact.is_none();
    fix::fix(
        &given.sources,
        given.dialect,
        &chosen,
        &Choice {
            check: &check,
            wants: &wants,
            evidence,
            bears: &bears,
        },
    )
}

/// The files before and after, with what stands in them now.
fn changes(given: &Given, fixes: &Fixes) -> Result<Vec<FileChange>, Error> {
    let sources = &given.sources;
    let mut changes = Vec::new();
    for (at, ((_, source), (_, now))) in sources.iter().zip(fixes.after.iter()).enumerate() {
        if source.text() == now.text() || source.is_print_out() {
            continue;
        }
        let is_whole = given.whole.get(at) == Some(&true);
        let before = if is_whole {
            text_of(source)?
        } else {
            source.text().to_owned()
        };
        let mut after = before.clone();
        let mut masked = sources.clone();
        for fix in &fixes.done {
            let file = masked.iter().nth(at).map(|(file, _)| file);
            let edits = fix.patch.edits.iter().filter(|edit| Some(edit.span.file) == file);
            after = replaced(&after, edits);
            masked = fix.patch.apply(&masked);
        }
        changes.push(FileChange {
            path: source.path.clone(),
            is_whole,
            before,
            after,
            shown_before: source.text().to_owned(),
            shown_after: now.text().to_owned(),
        });
    }
    Ok(changes)
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
fn patch(files: &[FileChange]) -> (String, Vec<&str>) {
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
fn label(path: &str) -> String {
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

fn show(options: &FixOptions, fixes: &Fixes, files: &[FileChange]) -> Result<(), Error> {
    let (patch, hidden) = patch(files);
    let commands: Vec<&str> = fixes
        .done
        .iter()
        .flat_map(|fix| &fix.patch.commands)
        .map(String::as_str)
        .collect();
    let mut remarks = Vec::new();
    if options.write {
        for (path, copy) in write(options, files)? {
            output::print(&format!("wrote {path}; as it was: {}\n", copy.display()))?;
        }
    } else {
        output::print_exactly(&patch)?;
        remarks.extend(hidden.iter().map(|path| {
            format!("{path}: a line that changes holds a password, so no patch is shown; --write changes it")
        }));
        if !patch.is_empty() {
            let from_root = files
                .iter()
                .all(|file| label(&file.path).len() < file.path.len() && file.path.starts_with('/'));
            let place = if from_root { "patch -d / -p1" } else { "patch -p1" };
            remarks.push(format!(
                "this is a patch: `smtplint fix --write` writes it and keeps a copy; or pipe it into `{place}`"
            ));
        }
    }
    if !commands.is_empty() {
        output::print_exactly(&format!("{}\n", commands.join("\n")))?;
        remarks.push("the text is a print-out: run these commands on the server".to_owned());
    }
    if !fixes.done.is_empty() {
        remarks.push(format!(
            "{}: {}",
            if options.write {
                "to make it effective"
            } else {
                "then, to make it effective"
            },
            fixes.reload
        ));
    }
    output::remark(options.input.quiet, &remarks)
}

/// Writes the files, each with a copy beside it: the path and the copy's.
fn write(options: &FixOptions, files: &[FileChange]) -> Result<Vec<(String, PathBuf)>, Error> {
    let root = options.input.root.as_ref().map(|root| root.canonicalize()).transpose();
    let root = root.map_err(|source| Error::Unreadable {
        path: options.input.root.clone().unwrap_or_default(),
        source,
    })?;
    let mut kept = Vec::new();
    for file in files {
        if !file.is_whole {
            return Err(Error::NoFile {
                name: file.path.clone(),
            });
        }
        let path = PathBuf::from(&file.path);
        let unreadable = |source| Error::Unreadable {
            path: path.clone(),
            source,
        };
        let real = path.canonicalize().map_err(unreadable)?;
        if let Some(root) = root.as_ref().filter(|root| !real.starts_with(root)) {
            return Err(Error::LeavesRoot {
                path,
                root: root.clone(),
            });
        }
        let unwritable = |source| Error::Unwritable {
            path: real.clone(),
            source,
        };
        let copy = replace::keep(&real, file.before.as_bytes()).map_err(unwritable)?;
        if std::fs::read(&real).map_err(unreadable)? != file.before.as_bytes() {
            return Err(Error::Changed { path });
        }
        replace::replace(&real, file.after.as_bytes()).map_err(unwritable)?;
        kept.push((file.path.clone(), copy));
    }
    Ok(kept)
}
