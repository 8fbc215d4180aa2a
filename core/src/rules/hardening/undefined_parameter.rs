//! References to names that nothing defines.

use crate::facts::Listener;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::{Scope, Status};

rule! {
    "undefined-parameter", "undefined_parameter.md", Medium,
    sources: [manual("postconf(5)", "The general format of the main.cf file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for setting in context.settings {
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
        let severity = if guards { Severity::High } else { Severity::Medium };
        sink.report(Draft::about(setting, message).severity(severity));
    }
}
