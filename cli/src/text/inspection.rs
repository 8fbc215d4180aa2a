//! What is in force, as a table and a list.

use std::fmt::Write;

use smtplint_core::Inspection;
use smtplint_core::facts::{CertificateSource, Entry, Fact, Listener, Members, TlsVersion, Value};
use smtplint_core::setting::{Scope, Setting, Status};
use smtplint_core::source::Sources;

/// Listeners with their facts; with `settings`, every setting as well.
pub(crate) fn render(inspection: &Inspection, sources: &Sources, settings: bool) -> String {
    let server = &inspection.server;
    let mut text = String::new();
    let release = server
        .version
        .known()
        .map_or_else(|| "of unknown release".to_owned(), ToString::to_string);
    let _ = writeln!(text, "{} {release}", server.dialect);
    for listener in &server.listeners {
        text.push_str(&listener_text(listener, sources));
    }
    if server.listeners.is_empty() {
        text.push_str("\nNothing listens.\n");
    }
    if settings {
        text.push_str(&settings_text(&inspection.settings, sources));
    }
    let open: Vec<_> = inspection
        .questions
        .iter()
        .filter(|question| question.id.0 != "restriction-lists")
        .collect();
    if !open.is_empty() {
        text.push_str("\nOpen questions\n");
        for question in open {
            let _ = writeln!(text, "  {}\n      {}", question.ask, question.command);
        }
    }
    text
}

fn listener_text(listener: &Listener, sources: &Sources) -> String {
    let mut text = format!("\n{}", listener.spoken());
    if let Some(span) = listener.defined {
        let place = sources.place(span);
        let _ = write!(text, "   {}:{}", place.file, place.line);
    }
    text.push('\n');
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<14}{value}");
    };
    if let Some(cause) = listener.dead.as_ref().and_then(|dead| dead.known()) {
        row("serves nobody", cause.0.clone());
    }
    row("address", shown(&listener.address, Clone::clone));
    row("role", shown(&listener.role, |role| role.word().to_owned()));
    row("TLS begins", entry(listener));
    row("versions", versions(&listener.tls.versions));
    row(
        "certificate",
        shown(&listener.tls.certificate, |source| match source {
            CertificateSource::None => "none".to_owned(),
            CertificateSource::Files(files) => files.join(", "),
        }),
    );
    row("AUTH", auth(listener));
    row(
        "trusts",
        shown(&listener.trusted, |networks| {
            let mut words = networks.patterns.surely.join(" ");
            if networks.patterns.rest.is_some() {
                words.push_str(" and perhaps others");
            }
            words
        }),
    );
    text
}

fn entry(listener: &Listener) -> String {
    let tls = &listener.tls;
    match (tls.entry.known(), tls.required.known()) {
        (Some(Entry::None), _) => "never".to_owned(),
        (Some(Entry::Implicit), _) => "at once (implicit TLS)".to_owned(),
        (Some(Entry::Starttls), Some(true)) => "with STARTTLS, required".to_owned(),
        (Some(Entry::Starttls), Some(false)) => "with STARTTLS, not required".to_owned(),
        (Some(Entry::Starttls), None) => "with STARTTLS, perhaps required".to_owned(),
        (None, _) => "not known".to_owned(),
    }
}

fn versions(versions: &Fact<Members<TlsVersion>>) -> String {
    shown(versions, |members| {
        let mut words: Vec<String> = members.surely.iter().map(ToString::to_string).collect();
        if members.rest.is_some() {
            words.push("perhaps others".to_owned());
        }
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    })
}

fn auth(listener: &Listener) -> String {
    let auth = &listener.auth;
    match (auth.before_tls.known(), auth.after_tls.known()) {
        (Some(true), _) => "offered in clear".to_owned(),
        (Some(false), Some(true)) => "offered inside TLS only".to_owned(),
        (Some(false), Some(false)) => "not offered".to_owned(),
        _ => "not known".to_owned(),
    }
}

fn shown<T>(fact: &Fact<T>, show: impl FnOnce(&T) -> String) -> String {
    match &fact.value {
        Value::Is(value) => show(value),
        Value::Unknown(_) => "not known".to_owned(),
    }
}

fn settings_text(settings: &[Setting], sources: &Sources) -> String {
    let mut text = String::from("\nSettings\n");
    for setting in settings {
        let value = match &setting.effective {
            Value::Is(value) => value.as_str(),
            Value::Unknown(_) => "(not known)",
        };
        let name = match &setting.scope {
            Scope::Server => setting.name.clone(),
            Scope::Service(service) => format!("{service}/{}", setting.name),
        };
        let line = sources.place(setting.written).line;
        let _ = match status(&setting.status) {
            Some(remark) => writeln!(text, "  {name} = {value}\n      line {line}: {remark}"),
            None => writeln!(text, "  {name} = {value}"),
        };
    }
    text
}

/// What becomes of a setting that does not do what it seems to.
fn status(status: &Status) -> Option<String> {
    Some(match status {
        Status::Effective => return None,
        Status::Shadowed { .. } => "no effect, a later line wins".to_owned(),
        Status::Unused => "no effect, the server has no such parameter".to_owned(),
        Status::Undefined { names, tested } => {
            format!(
                "refers to {}, which nothing defines",
                [names.clone(), tested.clone()].concat().join(", ")
            )
        }
        Status::Deprecated { since, instead } => format!("old since {since}, use instead: {instead}"),
        Status::TooNew { since } => format!("no effect before release {since}"),
        Status::Malformed { why } => format!("cannot be read: {why}"),
    })
}
