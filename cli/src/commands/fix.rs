//! `smtplint fix`.

use std::path::PathBuf;
use std::process::ExitCode;

use smtplint_core::Options;
use smtplint_core::file_change::{FileChange, PASTED, PRINT_OUT, patch, patch_command};
use smtplint_core::finding::{Finding, Severity};
use smtplint_core::fix::{self, Choice, Fixes, Reason, WrittenJson};
use smtplint_core::patch::Patch;
use smtplint_core::source::Sources;
use smtplint_core::usage::Usage;

use super::check::today;
use crate::args::{FixOptions, Format};
use crate::error::Error;
use crate::input::{self, Given};
use crate::{evidence, file_change, formats, output, replace, text};

/// Mends what can be mended: shows it, or writes it.
pub(crate) fn run(options: &FixOptions) -> Result<ExitCode, Error> {
    if options.input.redact {
        return Err(Error::NoRedaction);
    }
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
    let evidence = options.evidence.as_deref().map(evidence::read).transpose()?;
    let fixes = mend(options, &given, evidence.as_ref());
    let patches: Vec<&Patch> = fixes.done.iter().map(|fix| &fix.patch).collect();
    let files = file_change::read(&given, &patches)?.change(&given.sources, &patches).1;
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
        // What another finding explains is mended with it.
        rules => rules
            .iter()
            .any(|rule| rule == finding.rule || finding.supersedes.contains(&rule.as_str())),
    };
    let bears = |impact: &smtplint_core::impact::Impact| options.allow_impact || impact.is_none();
    fix::fix(
        &given.sources,
        given.dialect,
        &chosen,
        &Choice {
            check: &check,
            wants: &wants,
            weigh: &|impact| impact.weighed(evidence),
            bears: &bears,
        },
    )
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
        let is_whole = |path: &str| files.iter().any(|file| file.path == path && file.is_whole);
        remarks.extend(hidden.iter().map(|path| {
            let way = if is_whole(path) {
                "--write changes it"
            } else {
                "change it by hand, as `smtplint check` says"
            };
            format!("{path}: a line that changes holds a password, so no patch is shown; {way}")
        }));
        if !patch.is_empty() && files.iter().all(|file| file.is_whole) {
            let place = patch_command(files);
            remarks.push(format!(
                "this is a patch: `smtplint fix --write` writes it and keeps a copy; or pipe it into `{place}`"
            ));
        } else if !patch.is_empty() {
            remarks.push(PASTED.to_owned());
        }
    }
    if !commands.is_empty() {
        output::print_exactly(&format!("{}\n", commands.join("\n")))?;
        remarks.push(PRINT_OUT.to_owned());
    }
    if !fixes.done.is_empty() {
        let then = if options.write { "" } else { "then, " };
        remarks.push(format!("{then}to make it effective: {}", fixes.reload));
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
