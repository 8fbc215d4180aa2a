//! References to names that nothing defines.

use crate::change::Change;
use crate::facts::{Actor, Listener, Outcome};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::{Scope, Setting, Status};

rule! {
    "undefined-parameter", "undefined_parameter.md", Medium,
    sources: [manual("postconf(5)", "The general format of the main.cf file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for setting in context.settings() {
        let Status::Undefined { names, .. } = &setting.status else { continue };
        if names.is_empty() {
            continue;
        }
        let shown = names.iter().map(|name| format!("`${name}`")).collect::<Vec<_>>().join(", ");
        let verb = if names.len() == 1 { "is" } else { "are" };
        let guards = setting.name.ends_with("_restrictions");
        let place = match &setting.scope {
            Scope::Server => String::new(),
            Scope::Service(service) => {
                let listener = context.server.listeners.iter().find(|one| one.service == *service);
                format!(" of {}", listener.map_or_else(|| service.clone(), Listener::spoken))
            }
        };
        let message = if guards {
            format!("{shown} {verb} not defined, so `{}`{place} checks less than it says", setting.name)
        } else {
            format!("{shown} {verb} not defined, and expands to nothing in `{}`{place}", setting.name)
        };
        let draft = match (guards, strangers_are_refused(context, setting)) {
            (true, true) => {
                let message = format!("{shown} {verb} not defined, and `{}`{place} is empty; another list refuses strangers", setting.name);
                Draft::about(setting, message).severity(Severity::Low)
            }
            (true, false) => Draft::about(setting, message).severity(Severity::High),
            (false, _) => Draft::about(setting, message).severity(Severity::Medium),
        };
        sink.report(match (names.as_slice(), value_for(&setting.name)) {
            ([name], Some(value)) => {
                draft.change_server(Change::Define { setting: name.clone(), value: value.to_owned() })
            }
            _ => draft,
        });
    }
}

/// True when no stranger gets anything at the service whose option it is, whatever the empty list would have said.
fn strangers_are_refused(context: &Context<'_>, setting: &Setting) -> bool {
    let Scope::Service(service) = &setting.scope else { return false };
    let mut listeners = context.server.listeners.iter().filter(|listener| listener.service == *service).peekable();
    listeners.peek().is_some()
        && listeners.flat_map(|listener| listener.outcomes.cells()).filter(|cell| cell.actor == Actor::Stranger).all(|cell| {
            matches!(cell.outcome.outcome(), Outcome::Refused { .. } | Outcome::Deferred { .. } | Outcome::Dead(_))
        })
}

/// What the lists of a port for users usually say.
fn value_for(list: &str) -> Option<&'static str> {
    match list {
        "smtpd_client_restrictions" | "smtpd_relay_restrictions" | "smtpd_recipient_restrictions" => {
            Some("permit_sasl_authenticated, reject")
        }
        "smtpd_helo_restrictions" | "smtpd_sender_restrictions" => Some(""),
        _ => None,
    }
}
