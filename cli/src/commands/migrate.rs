//! `smtplint migrate`.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use smtplint_core::clients::{ClientSettings, Incoming, Wanted};
use smtplint_core::file_change::{Patched, stage_patch};
use smtplint_core::migrate::{self, Plan, To};
use smtplint_core::patch::Patch;
use smtplint_core::{Options, json};

use super::{clients, upgrade};
use crate::args::{DOVECOT_24, MigrateOptions, PlanFormat};
use crate::error::Error;
use crate::input::{self, Given};
use crate::{evidence, file_change, formats, output, text};

/// Prints the plan, or writes it.
pub(crate) fn run(options: &MigrateOptions) -> Result<ExitCode, Error> {
    if options.to == DOVECOT_24 {
        return upgrade::run(options);
    }
    let mut given = input::read(&options.input, options.format == PlanFormat::Json)?;
    let redactor = options.input.redact.then(|| formats::redactor(&given));
    let remarks = std::mem::take(&mut given.remarks);
    output::remark(options.input.quiet, &formats::remarks(remarks, redactor.as_ref()))?;
    let chosen = Options {
        target: given.target.clone(),
        policy: given.config.policy.unwrap_or_default(),
        ..Options::default()
    };
    // The argument's own list of words is the same.
    let to = To::from_word(&options.to).unwrap_or(To::Both);
    let mut usage = options.evidence.as_deref().map(evidence::read).transpose()?;
    if let Some(usage) = usage.as_mut().filter(|_| options.input.redact) {
        usage.anonymise();
    }
    let mut plan = migrate::plan_with(&given.sources, given.dialect, &chosen, to, usage.as_ref());
    if let Some(domain) = &options.domain {
        plan.name_domain(&clients::name("domain", domain)?);
    }
    let folder = options.write.as_deref().map(Path::to_string_lossy);
    let patches = patches(&plan, &given, folder.as_deref())?;
    if let Some(folder) = &options.write {
        // What may be missing for it is told before anything is written.
        let clients = clients_of(options, &given, &plan)?;
        let mut said = write(folder, &plan, &patches)?;
        for (place, settings) in &clients {
            said.push_str(&clients::write(&folder.join(place), settings)?);
        }
        output::print(&said)?;
        if !plan.is_whole() {
            let stops = "the plan stops at something that has to be so first; plan.md says what and why".to_owned();
            output::remark(options.input.quiet, &[stops])?;
        }
    } else {
        let shown = match options.format {
            PlanFormat::Json => {
                let inputs = json::inputs(&given.sources, &given.digests);
                let texts: Vec<String> = patches.iter().map(|patched| patched.text.clone()).collect();
                formats::print_json(&plan.to_json(inputs, &texts), redactor.as_ref())?;
                String::new()
            }
            PlanFormat::Markdown => plan.to_markdown(&patches),
            PlanFormat::Text => text::plan::render(&plan, &patches),
        };
        output::print_hidden(&shown, redactor.as_ref())?;
    }
    Ok(if plan.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// What mail programs are told at each stage that changes it, each with the folder it goes to.
fn clients_of(options: &MigrateOptions, given: &Given, plan: &Plan) -> Result<Vec<(String, ClientSettings)>, Error> {
    let Some(domain) = &options.domain else {
        return Ok(Vec::new());
    };
    let host = given.target.published_name.as_deref();
    let incoming = options.imap.as_deref().map(Incoming::parse).transpose();
    let inspection = smtplint_core::inspect(&given.sources, given.dialect, &given.target);
    let wanted = Wanted {
        host: host.map(|text| clients::name("host-name", text)).transpose()?,
        own_name: smtplint_core::clients::own_name(&inspection, &given.target),
        incoming: incoming.map_err(|source| Error::Name { flag: "imap", source })?,
        beside: inspection.servers_beside(),
        questions: inspection.questions,
        ..Wanted::for_domain(clients::name("domain", domain)?)
    };
    let all = plan.client_settings(&wanted)?.into_iter();
    Ok(all
        .map(|(stage, settings)| (format!("stage-{stage}-clients"), settings))
        .collect())
}

/// The patch of each stage, of the files as the stages before left them.
fn patches(plan: &Plan, given: &Given, folder: Option<&str>) -> Result<Vec<Patched>, Error> {
    let steps = plan.stages.iter().filter_map(|stage| stage.step.as_ref());
    let all: Vec<&Patch> = steps.flat_map(|step| &step.patches).collect();
    let files = file_change::read(given, &all)?;
    Ok(plan.patches(files, folder))
}

/// Writes the plan, and what is to be applied or published, each into a file of its own; says what was written. Nothing that is
/// there is written over: a patch of another plan among these would be applied some day.
fn write(folder: &Path, plan: &Plan, patches: &[Patched]) -> Result<String, Error> {
    let unwritable = |path: &Path| {
        let path = path.to_path_buf();
        |source| Error::Unwritable { path, source }
    };
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let mut files = vec![("plan.md".to_owned(), plan.to_markdown(patches))];
    for (stage, patched) in plan.stages.iter().zip(patches) {
        let number = stage.number;
        let commands: Vec<&str> = stage.step.iter().flat_map(|step| step.commands()).collect();
        let parts = [
            (stage_patch(number), patched.text.clone()),
            (format!("stage-{number}.sh"), lines(&commands)),
            (format!("stage-{number}-records.txt"), lines(&stage.dns)),
            (format!("stage-{number}-settings.txt"), lines(&stage.clients)),
        ];
        files.extend(parts.into_iter().filter(|(_, text)| !text.is_empty()));
    }
    let mut said = String::new();
    for (name, text) in files {
        let path = folder.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(unwritable(&path))?;
        said.push_str(&format!("wrote {}\n", path.display()));
    }
    Ok(said)
}

fn lines<T: AsRef<str>>(all: &[T]) -> String {
    all.iter().map(|line| format!("{}\n", line.as_ref())).collect()
}
