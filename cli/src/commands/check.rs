//! `smtplint check`.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use smtplint_core::document::Document;
use smtplint_core::finding::Severity;
use smtplint_core::formats::{html, markdown, sarif};
use smtplint_core::policy::{self, Prefer};
use smtplint_core::report::Report;
use smtplint_core::suppress::Day;
use smtplint_core::{Options, Workings, json};

use crate::args::{CheckOptions, ReportFormat};
use crate::error::Error;
use crate::input::{self, Given};
use crate::{baseline, formats, output, text};

/// Judges, prints, and answers with the exit code of the interface.
pub(crate) fn run(options: &CheckOptions) -> Result<ExitCode, Error> {
    let fail_on = Severity::from_word(&options.fail_on).ok_or_else(|| Error::Severity {
        text: options.fail_on.clone(),
    })?;
    let wants_digests = matches!(options.format, ReportFormat::Json | ReportFormat::Sarif);
    let mut given = input::read(&options.input, wants_digests)?;
    let redactor = options.input.redact.then(|| formats::redactor(&given));
    let mut remarks = std::mem::take(&mut given.remarks);
    let (mut report, workings) = judge(options, &given);
    if let Some(path) = &options.baseline {
        remarks.extend(baseline::apply(&mut report, path, options.update_baseline)?);
    }
    output::remark(options.input.quiet, &formats::remarks(remarks, redactor.as_ref()))?;
    print(options.format, &report, &given, redactor.as_ref())?;
    let fails = report.fails(fail_on, options.strict);
    // The process ends here: nothing needs to be taken apart first.
    std::mem::forget((report, workings, given));
    Ok(if fails { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// The judgement; a flag counts more than the file.
fn judge(options: &CheckOptions, given: &Given) -> (Report, Workings) {
    let policy = options.policy.as_deref().and_then(policy::by_id);
    let prefer = options.prefer.as_deref().and_then(Prefer::from_word);
    let chosen = Options {
        target: given.target.clone(),
        policy: policy.or(given.config.policy).unwrap_or_default(),
        prefer: prefer.or(given.config.prefer).unwrap_or_default(),
    };
    let ignores = &given.config.ignores;
    smtplint_core::check_with(&given.sources, given.dialect, &chosen, ignores, today())
}

/// Which day it is, in UTC.
pub(crate) fn today() -> Option<Day> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Day::since_1970(since.as_secs() / 86_400)
}

fn print(
    format: ReportFormat,
    report: &Report,
    given: &Given,
    redactor: Option<&formats::Redactor>,
) -> Result<(), Error> {
    let inputs = || json::inputs(&given.sources, &given.digests);
    match format {
        ReportFormat::Json => {
            return formats::print_json(&json::report(report, &given.sources, inputs()), redactor);
        }
        ReportFormat::Sarif => {
            let log = sarif::log(report, &given.sources, &inputs());
            return formats::print_json(&log, redactor);
        }
        ReportFormat::Text | ReportFormat::Markdown | ReportFormat::Html => {}
    }
    let mut document = Document::of(report);
    let sources = match redactor {
        Some(redactor) => &redactor.document(&mut document, &given.sources),
        None => &given.sources,
    };
    output::print(&match format {
        ReportFormat::Markdown => markdown::render(&document, sources),
        ReportFormat::Html => html::render(&document, sources),
        _ => text::document::render(&document, sources),
    })?;
    // As below: the process ends when this is printed.
    std::mem::forget(document);
    Ok(())
}
