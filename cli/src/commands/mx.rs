//! `smtplint mx`.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use smtplint_core::finding::Severity;
use smtplint_core::mx::json::{self, MxJson};
use smtplint_core::mx::{Domain, Judgement, judge};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::args::{Format, MxOptions};
use crate::error::Error;
use crate::mx::{self, Done, Entry, Family, Looker, Wanted};
use crate::usage::Progress;
use crate::{input, output, text};

/// Asks, judges, prints, and answers with the exit code of the interface.
pub(crate) fn run(options: &MxOptions) -> Result<ExitCode, Error> {
    let fail_on = Severity::from_word(&options.fail_on).ok_or_else(|| Error::Severity {
        text: options.fail_on.clone(),
    })?;
    // Whoever misspelt one hears of it before anybody is asked.
    let domains = options
        .domains
        .iter()
        .map(|given| mx::canonical(given).map_err(|why| Error::Domain { why }));
    let domains = domains.collect::<Result<Vec<String>, Error>>()?;
    let wanted = wanted(options)?;
    if let Some(path) = &options.from {
        if options.format == Some(Format::Text) {
            return Err(Error::ListAsText);
        }
        // Most of the time goes into reading and writing messages: the more processors, the sooner it is done.
        let mut runtime = Builder::new_multi_thread();
        return runtime
            .enable_io()
            .enable_time()
            .build()?
            .block_on(list(path, options, &wanted));
    }
    let mut runtime = Builder::new_current_thread();
    runtime.enable_io().enable_time().build()?.block_on(async {
        let looker = Looker::new(&wanted)
            .await
            .map_err(|why| Error::Look { why: why.to_string() })?;
        let mut code = 0;
        for (at, domain) in domains.iter().enumerate() {
            let seen = looker.look(domain).await;
            let judgement = judge(&seen);
            code = code.max(weight(&seen, &judgement, fail_on, options.strict));
            match options.format.unwrap_or(Format::Text) {
                Format::Json if domains.len() == 1 => output::print_json(&record(seen, &judgement))?,
                Format::Json => output::print_line(&record(seen, &judgement))?,
                Format::Text => {
                    let between = if at == 0 { "" } else { "\n" };
                    output::print(&format!("{between}{}", text::mx::render(&seen, &judgement)))?;
                }
            }
        }
        Ok(ExitCode::from(code))
    })
}

/// Asks about all in a list, some at a time, and prints each as soon as it is known.
async fn list(path: &Path, options: &MxOptions, wanted: &Wanted) -> Result<ExitCode, Error> {
    let unreadable = |path: &Path, source: io::Error| Error::Unreadable {
        path: path.to_owned(),
        source,
    };
    let done = match &options.skip_done {
        Some(path) => Done::read(path).map_err(|source| unreadable(path, source))?,
        None => Done::default(),
    };
    let mut entries = if path == Path::new("-") {
        mx::entries(io::stdin(), done)
    } else {
        mx::entries(File::open(path).map_err(|source| unreadable(path, source))?, done)
    };
    let looker = Looker::new(wanted)
        .await
        .map_err(|why| Error::Look { why: why.to_string() })?;
    output::remark(options.quiet, &looker.remarks())?;
    let looker = Arc::new(looker);
    let progress = Progress::counting_domains(options.quiet);
    let mut running = JoinSet::new();
    let mut is_open = true;
    loop {
        tokio::select! {
            entry = entries.recv(), if is_open && running.len() < options.jobs.into() => match entry {
                Some(entry) => {
                    let entry = entry.map_err(|source| unreadable(path, source))?;
                    running.spawn(one(Arc::clone(&looker), entry));
                }
                None => is_open = false,
            },
            Some(line) = running.join_next() => {
                output::print(&line.map_err(io::Error::from)??)?;
                progress.one_more();
            }
            else => break,
        }
    }
    progress.end();
    Ok(ExitCode::SUCCESS)
}

/// The line that comes of one line of a list.
async fn one(looker: Arc<Looker>, entry: Entry) -> Result<String, Error> {
    let record = match entry {
        Ok(domain) => {
            let seen = looker.look(&domain).await;
            let judgement = judge(&seen);
            record(seen, &judgement)
        }
        Err((given, why)) => json::no_domain(&given, why, input::now()),
    };
    output::line(&record)
}

fn record(seen: Domain, judgement: &Judgement) -> MxJson {
    json::domain(seen, judgement, input::now())
}

/// What a domain adds to the exit code: one of which nothing is known is input that could not be read.
fn weight(seen: &Domain, judgement: &Judgement, fail_on: Severity, strict: bool) -> u8 {
    if seen.is_unknown() {
        2
    } else {
        u8::from(judgement.fails(fail_on, strict))
    }
}

fn wanted(options: &MxOptions) -> Result<Wanted, Error> {
    if options.dns_only && options.probe {
        return Err(Error::NothingToProbe);
    }
    let server = options
        .server
        .as_ref()
        .map(|text| mx::server(text).ok_or_else(|| Error::NameServer { text: text.clone() }));
    Ok(Wanted {
        server: server.transpose()?,
        patience: Duration::from_secs(options.timeout.into()),
        trust_anchor: options.trust_anchor.clone(),
        family: match (options.ipv4, options.ipv6) {
            (true, false) => Family::Ipv4,
            (false, true) => Family::Ipv6,
            _ => Family::Both,
        },
        dnssec: !options.no_dnssec,
        web: !options.dns_only,
        roots: options.root_certificates.clone(),
        https_port: options.https_port,
        connections: options.probe.then_some(options.connections),
        smtp_port: options.smtp_port,
    })
}
