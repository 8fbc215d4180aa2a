//! What is in force, as a table and a list.

use std::fmt::Write;

use smtplint_core::Inspection;
use smtplint_core::certificate::{self, Certificate};
use smtplint_core::exposure::{self, Exposure};
use smtplint_core::facts::{
    Assurance, CertificateSource, Chain, Entry, Fact, Listener, Members, Networks, Outbound, Server, Step, Suites, Tls,
    Traffic, Value,
};
use smtplint_core::setting::{Scope, Setting, Status};
use smtplint_core::source::Sources;
use smtplint_core::tls::Key;

use super::ANSWERED_BY;

/// The longest value that others are lined up with.
const WIDEST: usize = 48;

const NOT_KNOWN: &str = "not known";

/// Listeners with their facts; with `settings`, every setting as well.
pub(crate) fn render(inspection: &Inspection, sources: &Sources, settings: bool) -> String {
    let mut text = program(inspection, sources, settings);
    for other in &inspection.beside {
        text.push('\n');
        text.push_str(&program(other, sources, settings));
    }
    if !inspection.questions.is_empty() {
        text.push_str("\nOpen questions\n");
        for question in &inspection.questions {
            let _ = writeln!(text, "  {}\n      {}", question.ask, question.command);
        }
        let _ = writeln!(text, "  {ANSWERED_BY}");
    }
    text
}

/// One program.
fn program(inspection: &Inspection, sources: &Sources, settings: bool) -> String {
    let server = &inspection.server;
    let mut text = String::new();
    let release = server
        .version
        .known()
        .map_or_else(|| "of unknown release".to_owned(), ToString::to_string);
    let _ = writeln!(text, "{} {release}", server.dialect);
    for listener in &server.listeners {
        text.push_str(&listener_text(server, listener, sources));
    }
    if server.listeners.is_empty() {
        text.push_str("\nNothing listens.\n");
    }
    for way in &server.outbound {
        text.push_str(&outbound_text(way, sources));
    }
    if settings {
        text.push_str(&settings_text(&inspection.settings, sources));
    }
    text
}

fn listener_text(server: &Server, listener: &Listener, sources: &Sources) -> String {
    let mut text = format!("\n{}", listener.spoken());
    if let Some(span) = listener.defined {
        let place = sources.place(span);
        let _ = write!(text, ", {}:{}", place.file, place.line);
    }
    text.push('\n');
    let mut rows: Vec<(&str, String, String)> = Vec::new();
    let mut row = |name, value, from| rows.push((name, value, from));
    let tls = &listener.tls;
    if let Some(dead) = &listener.dead
        && let Some(cause) = dead.known()
    {
        row("serves nobody", cause.0.clone(), String::new());
    }
    row(
        "address",
        shown(&listener.address, Clone::clone),
        from(&listener.address, sources),
    );
    row(
        "role",
        shown(&listener.role, |role| role.word().to_owned()),
        from(&listener.role, sources),
    );
    let entry_decides = tls.required.known().is_none() || tls.required.because.is_empty();
    let tls_from = if entry_decides {
        from(&tls.entry, sources)
    } else {
        from(&tls.required, sources)
    };
    row("TLS begins", entry(listener), tls_from);
    row("versions", versions(tls), from(&tls.versions, sources));
    if let Some(fact) = &tls.suites {
        row("suites", suites(fact), from(fact, sources));
    }
    let attacks = exposure::of(server, listener);
    if !attacks.is_empty() {
        row("attacks", named(&attacks), String::new());
    }
    row(
        "certificate",
        certificate(&tls.certificate),
        from(&tls.certificate, sources),
    );
    if let Some(chains) = &tls.identity.chains {
        for one in chains
            .known()
            .into_iter()
            .flat_map(|chains| &chains.surely)
            .filter_map(Chain::own)
        {
            row("which is", spoken(one), String::new());
        }
    }
    let decides = if listener.auth.before_tls.known() == Some(&true) {
        &listener.auth.before_tls
    } else {
        &listener.auth.after_tls
    };
    row("AUTH", auth(listener), from(decides, sources));
    if listener.auth.is_hidden_from_some() {
        let networks = &listener.auth.hidden_from;
        let whom = format!("from {}, and takes it all the same", shown(networks, patterns));
        row("hides AUTH", whom, from(networks, sources));
    }
    row("trusts", trusted(&listener.trusted), from(&listener.trusted, sources));
    text.push_str(&table(rows));
    if listener.is_alive() {
        text.push_str(&super::outcomes::tables(listener));
    }
    text
}

/// How many suites there are; those of which a key or a release decides are counted beside.
fn suites(fact: &Fact<Suites>) -> String {
    let Some(suites) = fact.known() else {
        return NOT_KNOWN.to_owned();
    };
    let of_key = |key: Option<Key>| suites.which(|suite| suite.needs() == key).len();
    let (all, rsa, ecdsa) = (
        suites.which(|_| true).len(),
        of_key(Some(Key::Rsa)),
        of_key(Some(Key::Ecdsa)),
    );
    if suites.refused().is_some() {
        "none: the lists are refused".to_owned()
    } else if suites.keys.len() > 1 {
        format!("{} with an RSA key, {} with an ECDSA key", all - ecdsa, all - rsa)
    } else {
        all.to_string()
    }
}

/// Known attacks for which this suffices, and those for which it may.
fn named(attacks: &[Exposure]) -> String {
    let names = |open: bool| -> Vec<&str> {
        attacks
            .iter()
            .filter(|one| one.question.is_some() == open)
            .map(|one| one.attack.name)
            .collect()
    };
    let (sure, open) = (names(false).join(", "), names(true).join(", "));
    match (sure.is_empty(), open.is_empty()) {
        (false, false) => format!("{sure}; perhaps {open}"),
        (true, _) => format!("perhaps {open}"),
        (_, true) => sure,
    }
}

/// A way on which mail leaves; nothing for a client that no mail is sent to.
fn outbound_text(way: &Outbound, sources: &Sources) -> String {
    if way.traffic.known() == Some(&Traffic::Named) && way.next_hop.known() == Some(&None) {
        return String::new();
    }
    let mut text = format!("\nmail that leaves by {}", way.name);
    if let Some(span) = way.defined {
        let place = sources.place(span);
        let _ = write!(text, ", {}:{}", place.file, place.line);
    }
    text.push('\n');
    let mut rows: Vec<(&str, String, String)> = Vec::new();
    let mut row = |name, value, from| rows.push((name, value, from));
    if let Some(stuck) = &way.stuck
        && let Some(cause) = stuck.known()
    {
        row("stays here", cause.0.clone(), String::new());
    }
    let traffic = shown(&way.traffic, |traffic| {
        let words = match traffic {
            Traffic::Default => "to all other domains",
            Traffic::Relayed => "to the domains it relays for",
            Traffic::Named => "what is sent here by name",
        };
        words.to_owned()
    });
    row("mail", traffic, from(&way.traffic, sources));
    let host = shown(&way.next_hop, |host| {
        host.clone().unwrap_or_else(|| "the mx of each domain".to_owned())
    });
    row("handed to", host, from(&way.next_hop, sources));
    row("port", shown(&way.port, ToString::to_string), from(&way.port, sources));
    let decides = if way.implicit.known() == Some(&true) && way.tls.known().is_none() {
        from(&way.implicit, sources)
    } else {
        from(&way.tls, sources)
    };
    row("TLS", assurance(way), decides);
    let password = match (way.password.known(), way.password_in_clear.known()) {
        (Some(false), _) => "not shown".to_owned(),
        (Some(true), Some(true)) => "shown, in clear too".to_owned(),
        (Some(true), Some(false)) => "shown, not in clear".to_owned(),
        (Some(true), None) => "shown, perhaps in clear too".to_owned(),
        (None, _) => NOT_KNOWN.to_owned(),
    };
    row("password", password, from(&way.password, sources));
    text + &table(rows)
}

fn assurance(way: &Outbound) -> String {
    let begins = match way.implicit.known() {
        Some(true) => ", at once",
        Some(false) => ", with STARTTLS",
        None => "",
    };
    let mut words = shown(&way.tls, |tls| match tls {
        Assurance::None if way.implicit.known() != Some(&true) => "never".to_owned(),
        other => format!("{}{begins}", other.word()),
    });
    if way.exceptions.is_some() {
        words.push_str(", a table may say otherwise");
    }
    words
}

/// Names, values and reasons in columns.
fn table(rows: Vec<(&str, String, String)>) -> String {
    let mut text = String::new();
    // One long value does not push the others' reasons out of sight.
    let lengths = rows.iter().filter(|(_, _, from)| !from.is_empty());
    let width = lengths
        .map(|(_, value, _)| value.chars().count())
        .filter(|length| *length <= WIDEST);
    let width = width.max().unwrap_or(0);
    for (name, value, from) in rows {
        let line = format!("  {name:<14}{value:<width$}  {from}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Which line, default or word of the person decides: the first step.
fn from<T>(fact: &Fact<T>, sources: &Sources) -> String {
    let Some(step) = fact.because.first() else {
        return String::new();
    };
    match step {
        Step::Set { setting, span } | Step::Override { setting, span } => {
            let place = sources.place(*span);
            let file = place.file.rsplit('/').next().unwrap_or(&place.file);
            match setting.as_ref() {
                "" => format!("{file}:{}", place.line),
                name => format!("{file}:{} {name}", place.line),
            }
        }
        Step::Default { setting, .. } => format!("default of {setting}"),
        Step::Compatibility { level } => format!("compatibility level {level}"),
        Step::Linked { server } => server.clone(),
        Step::Assumed { flag } => flag.clone(),
        Step::Observed { endpoint } => format!("seen at {endpoint}"),
    }
}

fn entry(listener: &Listener) -> String {
    let tls = &listener.tls;
    match (tls.entry.known(), tls.required.known()) {
        (Some(Entry::None), _) => "never".to_owned(),
        (Some(Entry::Implicit), _) => "at once (implicit TLS)".to_owned(),
        (Some(Entry::Starttls), Some(true)) => "with STARTTLS, required".to_owned(),
        (Some(Entry::Starttls), Some(false)) => "with STARTTLS, not required".to_owned(),
        (Some(Entry::Starttls), None) => "with STARTTLS, perhaps required".to_owned(),
        (None, _) => NOT_KNOWN.to_owned(),
    }
}

fn certificate(certificate: &Fact<CertificateSource>) -> String {
    shown(certificate, |source| match source {
        CertificateSource::None => "none".to_owned(),
        CertificateSource::OwnMaking => "one of the server's own making".to_owned(),
        CertificateSource::Files(files) => files.join(", "),
    })
}

/// For whom a certificate is, from whom, and how long.
fn spoken(one: &Certificate) -> String {
    let names = if one.dns_names.is_empty() {
        one.subject.clone()
    } else {
        one.dns_names.join(", ")
    };
    format!(
        "for {names}, until {}, issued by {}",
        certificate::day(one.not_after),
        one.issuer
    )
}

fn trusted(trusted: &Fact<Networks>) -> String {
    shown(trusted, |networks| patterns(&networks.patterns))
}

fn patterns(patterns: &Members<String>) -> String {
    let words = patterns.surely.join(" ");
    match (words.is_empty(), patterns.rest.is_some()) {
        (true, true) => NOT_KNOWN.to_owned(),
        (true, false) => "nobody".to_owned(),
        (false, true) => format!("{words} and perhaps others"),
        (false, false) => words,
    }
}

/// The versions that are surely offered, and those of which something unseen decides.
fn versions(tls: &Tls) -> String {
    shown(&tls.versions, |members| {
        let surely: Vec<String> = members.surely.iter().map(ToString::to_string).collect();
        let mut open: Vec<String> = Vec::new();
        // Several questions may hang on one version.
        for (version, _) in &tls.open {
            let name = version.to_string();
            if !open.contains(&name) {
                open.push(name);
            }
        }
        // The same question may stand for those that are named.
        let is_named = |rest| tls.open.iter().any(|(_, question)| question == rest);
        if members.rest.as_ref().is_some_and(|rest| !is_named(rest)) {
            open.push("others".to_owned());
        }
        let (surely, perhaps) = (surely.join(", "), format!("perhaps {}", open.join(", ")));
        match (surely.is_empty(), open.is_empty()) {
            (true, true) => "none".to_owned(),
            (true, false) => perhaps,
            (false, true) => surely,
            (false, false) => format!("{surely}; {perhaps}"),
        }
    })
}

fn auth(listener: &Listener) -> String {
    let auth = &listener.auth;
    match (auth.before_tls.known(), auth.after_tls.known()) {
        (Some(true), _) => "offered in clear".to_owned(),
        (Some(false), Some(true)) => "offered inside TLS only".to_owned(),
        (Some(false), Some(false)) => "not offered".to_owned(),
        _ => NOT_KNOWN.to_owned(),
    }
}

fn shown<T>(fact: &Fact<T>, show: impl FnOnce(&T) -> String) -> String {
    match &fact.value {
        Value::Is(value) => show(value),
        Value::Unknown(_) => NOT_KNOWN.to_owned(),
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
