//! References to names that nothing defines.

use crate::change::Change;
use crate::facts::{Actor, Listener, Outcome};
use crate::finding::Severity;
use crate::report::merge::enumerated;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::{Scope, Setting, Status};
use crate::template;

rule! {
    "undefined-parameter", "undefined_parameter.md", Medium,
    gain: Nothing,
    sources: [manual("postconf(5)", "The general format of the main.cf file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for setting in context.settings() {
        let Status::Undefined { names, .. } = &setting.status else { continue };
        // What a template puts in place of a variable may be anything.
        let template = setting.effective.question().filter(|question| question.0 == "template");
        let is_filled_in = |name: &&String| template.is_some() && template::is_variable(name);
        if let Some(question) = template.filter(|_| names.iter().any(|name| is_filled_in(&name))) {
            sink.wait_for(question);
        }
        let names: Vec<String> = names.iter().filter(|name| !is_filled_in(name)).map(|name| format!("`${name}`")).collect();
        if names.is_empty() {
            continue;
        }
        let guards = setting.name.ends_with("_restrictions");
        let refused = guards && strangers_are_refused(context, setting);
        let cause = Cause { guards, refused, names, settings: vec![setting] };
        match causes.iter_mut().find(|known| known.is_same(&cause)) {
            Some(known) => known.take(cause),
            None => causes.push(cause),
        }
    }
    causes.iter().for_each(|cause| sink.report(cause.draft(context)));
}

/// What is missing, and where. The lists of all ports stand together: they are mended by the same lines of main.cf.
struct Cause<'a> {
    guards: bool,
    /// Another list refuses strangers.
    refused: bool,
    names: Vec<String>,
    settings: Vec<&'a Setting>,
}

impl<'a> Cause<'a> {
    fn is_same(&self, other: &Cause<'_>) -> bool {
        self.guards == other.guards && self.refused == other.refused && (self.guards || self.names == other.names)
    }

    fn take(&mut self, other: Cause<'a>) {
        other.names.into_iter().for_each(|name| note(&mut self.names, name));
        self.settings.extend(other.settings);
    }

    fn draft(&self, context: &Context<'_>) -> Draft {
        let (mut lists, mut places, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for setting in &self.settings {
            note(&mut lists, format!("`{}`", setting.name));
            if let Scope::Service(service) = &setting.scope {
                let listener = context.server.listeners.iter().find(|one| one.service == *service);
                note(&mut places, listener.map_or_else(|| service.clone(), Listener::spoken));
            }
            let Status::Undefined { names, .. } = &setting.status else { continue };
            if let ([name], Some(value)) = (names.as_slice(), value_for(&setting.name)) {
                note(&mut values, (name.clone(), value.to_owned()));
            }
        }
        let place = if places.is_empty() { String::new() } else { format!(" of {}", enumerated(&places)) };
        let one_list = lists.len() == 1;
        let effect = match (self.guards, one_list) {
            (true, true) => format!("so {}{place} checks less than it says", lists.concat()),
            (true, false) => format!("so {}{place} check less than they say", enumerated(&lists)),
            (false, _) => format!("and expands to nothing in {}{place}", enumerated(&lists)),
        };
        let verb = if self.names.len() == 1 { "is" } else { "are" };
        let end = if self.refused { "; another list refuses strangers" } else { "" };
        let draft = Draft::whole(format!("{} {verb} not defined, {effect}{end}", enumerated(&self.names)));
        let draft = self.settings.iter().fold(draft, |draft, setting| draft.also_at(setting.written));
        let draft = draft.severity(match (self.guards, self.refused) {
            (true, true) => Severity::Low,
            (true, false) => Severity::High,
            (false, _) => Severity::Medium,
        });
        if values.len() == self.names.len() { draft.change_server(Change::Define(values)) } else { draft }
    }
}

fn note<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
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
