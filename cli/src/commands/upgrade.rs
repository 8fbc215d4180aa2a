//! `smtplint migrate --to dovecot-2.4`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use smtplint_core::dialects::dovecot::upgrade::{self, Upgrade};
use smtplint_core::file_change::{FileChange, patch};
use smtplint_core::json;

use crate::args::{MigrateOptions, PlanFormat};
use crate::error::Error;
use crate::input::{self, Given};
use crate::replace::{Like, beside};
use crate::{file_change, formats, output, text};

/// Prints the plan, or writes it with the files.
pub(crate) fn run(options: &MigrateOptions) -> Result<ExitCode, Error> {
    let others = [
        ("evidence", options.evidence.is_some()),
        ("domain", options.domain.is_some()),
        ("imap", options.imap.is_some()),
    ];
    if let Some((flag, _)) = others.into_iter().find(|(_, is_given)| *is_given) {
        return Err(Error::NotOfUpgrade { flag });
    }
    let mut given = input::read(&options.input, options.format == PlanFormat::Json)?;
    read_databases(&mut given, options.format == PlanFormat::Json);
    let redactor = options.input.redact.then(|| formats::redactor(&given));
    let remarks = std::mem::take(&mut given.remarks);
    output::remark(options.input.quiet, &formats::remarks(remarks, redactor.as_ref()))?;
    let plan = upgrade::upgrade(&given.sources, &given.target).map_err(|why| Error::NoUpgrade {
        why: why.spoken(&given.sources),
    })?;
    let changes = file_change::read(&given, &[&plan.patch])?
        .change(&given.sources, &[&plan.patch])
        .1;
    if let Some(folder) = &options.write {
        output::print(&write(folder, &plan, &given, &changes)?)?;
    } else {
        let shown = match options.format {
            PlanFormat::Json => {
                let inputs = json::inputs(&given.sources, &given.digests);
                formats::print_json(&plan.to_json(&given.sources, inputs, &changes), redactor.as_ref())?;
                String::new()
            }
            PlanFormat::Markdown => plan.to_markdown(&given.sources, &changes),
            PlanFormat::Text => text::upgrade::render(&plan, &given.sources, &changes),
        };
        output::print_hidden(&shown, redactor.as_ref())?;
    }
    Ok(if plan.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Reads the files of databases that the configuration names, where they lie below its own folder; whatever lies elsewhere is named
/// by whoever wants it read.
fn read_databases(given: &mut Given, wants_digests: bool) {
    let main = {
        let mut files = given.sources.iter().zip(&given.whole);
        let main = files.find(|((_, source), is_whole)| **is_whole && source.file_name() == "dovecot.conf");
        main.map(|((_, source), _)| source.path.clone())
    };
    let Some(main) = main else { return };
    let folder = match Path::new(&main).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Ok(folder) = folder.canonicalize() else { return };
    for path in upgrade::files_of_databases(&given.sources) {
        let below = PathBuf::from(upgrade::beside(&main, &path));
        let is_there = given.sources.iter().any(|(_, source)| Path::new(&source.path) == below);
        let is_within = below.canonicalize().is_ok_and(|real| real.starts_with(&folder));
        if is_there || !is_within {
            continue;
        }
        let remark = match given.read_too(&below, wants_digests) {
            Ok(()) => format!("reading {} as well", below.display()),
            Err(error) => format!("{error}; it is left to you"),
        };
        given.remarks.push(remark);
    }
}

/// Writes the plan, the patch and each file that changes into a folder; says what was written. Nothing that is there is written
/// over. The files hold the passwords that the old ones do, and nobody else can read them.
fn write(folder: &Path, plan: &Upgrade, given: &Given, changes: &[FileChange]) -> Result<String, Error> {
    let unwritable = |path: &Path| {
        let path = path.to_path_buf();
        |source| Error::Unwritable { path, source }
    };
    let patch = patch(changes).0;
    let texts = [
        ("upgrade.md", plan.to_markdown(&given.sources, changes)),
        ("upgrade.patch", patch),
    ];
    let mut said = String::new();
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let path = folder.join(name);
        beside(&path, text.as_bytes(), Like::Any).map_err(unwritable(&path))?;
        said.push_str(&format!("wrote {}\n", path.display()));
    }
    for change in changes {
        let path = folder.join("files").join(&change.label);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(unwritable(above))?;
        }
        let like = if change.is_whole {
            Like::File(Path::new(&change.path))
        } else {
            Like::Secret
        };
        beside(&path, change.after.as_bytes(), like).map_err(unwritable(&path))?;
        said.push_str(&format!("wrote {}\n", path.display()));
    }
    Ok(said)
}
