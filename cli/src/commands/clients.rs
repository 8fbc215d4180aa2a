//! `smtplint clients`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use smtplint_core::clients::{self, ClientSettings, First, Form, FormError, Incoming, NameError, Wanted};
use smtplint_core::json;
use smtplint_core::policy::Prefer;

use crate::args::{ClientsForm, ClientsOptions};
use crate::error::Error;
use crate::formats::Redactor;
use crate::input::{self, Given};
use crate::{formats, output, text};

/// Prints one form of the settings, or writes all of them.
pub(crate) fn run(options: &ClientsOptions) -> Result<ExitCode, Error> {
    let mut given = input::read(&options.input, options.form == ClientsForm::Json)?;
    let inspection = smtplint_core::inspect(&given.sources, given.dialect, &given.target);
    let mut wanted = wanted(options, &given)?;
    wanted.own_name = clients::own_name(&inspection, &given.target);
    wanted.questions.clone_from(&inspection.questions);
    wanted.beside = inspection.servers_beside();
    let mut settings = clients::settings(&inspection.server, &wanted)?;
    let redactor = options
        .input
        .redact
        .then(|| formats::redactor_of(&given, &names(&settings)));
    if let Some(redactor) = &redactor {
        redact(&mut settings, redactor)?;
    }
    let form = form(options.form);
    let mut remarks = std::mem::take(&mut given.remarks);
    remarks.extend(given.target.roles_of_nothing(inspection.listeners()));
    remarks.extend(settings.withheld.iter().map(ToString::to_string));
    remarks.extend(settings.remarks.iter().cloned());
    // A text for people needs no word on where it goes; and files are listed with their places.
    if let Some(form) = form.filter(|form| *form != Form::Text && options.write.is_none()) {
        remarks.push(format!("to publish: {}", form.places(&settings.domain).join(", ")));
    }
    let remarks: Vec<String> = remarks.iter().map(|remark| text::harmless(remark)).collect();
    output::remark(options.input.quiet, &formats::remarks(remarks, redactor.as_ref()))?;
    if let Some(folder) = &options.write {
        output::print(&write(folder, &settings)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    match form {
        Some(form) => output::print(&form.render(&settings)?)?,
        None => {
            let inputs = json::inputs(&given.sources, &given.digests);
            formats::print_json(&settings.to_json(inputs), redactor.as_ref())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The names of hosts that settings hold.
fn names(settings: &ClientSettings) -> Vec<String> {
    let incoming = settings.incoming.as_ref().map(|incoming| &incoming.host);
    let all = [&settings.domain, &settings.host].into_iter().chain(incoming);
    all.map(ToString::to_string).collect()
}

/// Puts placeholders in before any form is made: some forms turn names round, or make others of them.
fn redact(settings: &mut ClientSettings, redactor: &Redactor) -> Result<(), Error> {
    settings.domain = name("redact", &redactor.text(settings.domain.as_str()))?;
    settings.host = name("redact", &redactor.text(settings.host.as_str()))?;
    if let Some(incoming) = &mut settings.incoming {
        incoming.host = name("redact", &redactor.text(incoming.host.as_str()))?;
    }
    if let Some(address) = &mut settings.address {
        *address = name("redact", &redactor.text(address.as_str()))?;
    }
    Ok(())
}

/// What the flags say; the port to try first may stand in smtplint.toml as the one that is preferred.
fn wanted(options: &ClientsOptions, given: &Given) -> Result<Wanted, Error> {
    let first = options.first.as_deref().and_then(Prefer::from_word);
    let host = given.target.published_name.as_deref();
    let incoming = options.imap.as_deref().map(Incoming::parse).transpose();
    Ok(Wanted {
        host: host.map(|text| name("host-name", text)).transpose()?,
        first: match first.or(given.config.prefer) {
            Some(Prefer::Starttls) => First::Starttls,
            _ => First::Implicit,
        },
        incoming: incoming.map_err(|source| Error::Name { flag: "imap", source })?,
        address: options
            .address
            .as_deref()
            .map(|text| name("address", text))
            .transpose()?,
        ttl: options.ttl,
        ..Wanted::for_domain(name("domain", &options.domain)?)
    })
}

pub(super) fn name<T: FromStr<Err = NameError>>(flag: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|source| Error::Name { flag, source })
}

/// `None` for JSON, which is no form that programs for mail read.
fn form(form: ClientsForm) -> Option<Form> {
    match form {
        ClientsForm::Text => Some(Form::Text),
        ClientsForm::Autoconfig => Some(Form::Autoconfig),
        ClientsForm::Autodiscover => Some(Form::Autodiscover),
        ClientsForm::Mobileconfig => Some(Form::Mobileconfig),
        ClientsForm::Srv => Some(Form::Srv),
        ClientsForm::Json => None,
    }
}

/// Writes every form that can be filled in; says where each is published, and which are missing.
pub(super) fn write(folder: &Path, settings: &ClientSettings) -> Result<String, Error> {
    let unwritable = |path: &Path| {
        let path = path.to_path_buf();
        |source| Error::Unwritable { path, source }
    };
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let mut said = String::new();
    for form in Form::ALL {
        let path = folder.join(form.file_name(&settings.domain));
        let (title, lines) = match form.render(settings) {
            Ok(text) => {
                fs::write(&path, text).map_err(unwritable(&path))?;
                (path.display().to_string(), form.places(&settings.domain))
            }
            Err(error @ FormError::NoIncoming { .. }) => {
                let missing = format!("{} is not written", path.display());
                (missing, vec![format!("{error}: --imap HOST")])
            }
            Err(error) => return Err(error.into()),
        };
        // Formatting into a string cannot fail.
        let _ = writeln!(said, "{title}");
        for line in lines {
            let _ = writeln!(said, "    {line}");
        }
    }
    Ok(said)
}
