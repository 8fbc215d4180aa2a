//! Every assignment of the files, with what becomes of it at one release.

use super::config::View;
use super::lines::is_space;
use super::names::{self, Names};
use super::parameters;
use super::syntax::{Assignment, Service};
use crate::facts::Value;
use crate::setting::{Scope, Setting, Status};

/// All settings, main.cf first, in the order of the files.
pub(super) fn settings(server: &View<'_>) -> Vec<Setting> {
    let syntax = server.configuration.syntax;
    let names = Names::new(server.configuration, server.version);
    let mut settings = Vec::new();
    for (index, assignment) in syntax.assignments.iter().enumerate() {
        let later = syntax.assignments.get(index + 1..).unwrap_or(&[]);
        let status = status(server, &names, None, assignment, later);
        settings.push(setting(server, Scope::Server, assignment, status));
    }
    for (index, service) in syntax.services.iter().enumerate() {
        let view = server.of(service);
        for (at, assignment) in service.overrides.iter().enumerate() {
            let later = service.overrides.get(at + 1..).unwrap_or(&[]);
            let status = status(&view, &names, Some((index, service)), assignment, later);
            settings.push(setting(&view, Scope::Service(service.scope_name()), assignment, status));
        }
    }
    settings
}

fn setting(view: &View<'_>, scope: Scope, assignment: &Assignment, status: Status) -> Setting {
    let expansion = if super::config::is_raw(&assignment.name, view.version) {
        super::expand::Expansion { text: assignment.value.clone(), ..Default::default() }
    } else {
        view.expand(&assignment.value)
    };
    let effective = if assignment.conditional {
        Value::Unknown(view.configuration.template_question(&assignment.name))
    } else {
        match expansion.question {
            Some(question) => Value::Unknown(question),
            None => Value::Is(normalised(&expansion.text)),
        }
    };
    Setting {
        name: assignment.name.clone(),
        scope,
        written: assignment.written,
        value_span: assignment.value_span,
        effective,
        status,
    }
}

/// Blanks as `postconf` prints them: one between words.
fn normalised(text: &str) -> String {
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn status(
    view: &View<'_>,
    names: &Names<'_>,
    service: Option<(usize, &Service)>,
    assignment: &Assignment,
    later: &[Assignment],
) -> Status {
    let raw = super::config::is_raw(&assignment.name, view.version);
    if !raw && let Some(why) = view.expand(&assignment.value).error {
        return Status::Malformed { why };
    }
    if assignment.name == "smtpd_restriction_classes"
        && let Some(why) = names::classes(view).and_then(|classes| classes.error)
    {
        return Status::Malformed { why };
    }
    if let Some(next) = later.iter().find(|next| next.name == assignment.name)
        && next.value != assignment.value
        && !next.conditional
    {
        let in_force = later.iter().rev().find(|one| one.name == assignment.name).unwrap_or(next);
        return Status::Shadowed { by: in_force.written };
    }
    let used = match service {
        None => names.is_used_in_main(&assignment.name),
        Some((index, _)) => names.is_used_in_service(index, &assignment.name),
    };
    if !used {
        return match parameters::lines_of(&assignment.name).next() {
            Some(line) if line.versions.first > view.version => Status::TooNew { since: line.versions.first },
            // Known to an earlier release, or to none at all.
            _ => Status::Unused,
        };
    }
    if !raw {
        let mut referred = names::references(&assignment.value);
        let classes = if assignment.name == "smtpd_restriction_classes" { names::class_names(view) } else { Vec::new() };
        referred.extend(classes.iter().filter(|class| !referred.contains(class)).cloned().collect::<Vec<_>>());
        let undefined: Vec<String> = referred
            .into_iter()
            .filter(|name| !names.is_defined(name, service.map(|(_, service)| service)))
            .collect();
        if !undefined.is_empty() {
            let (tested, names) =
                undefined.into_iter().partition(|name| !classes.contains(name) && names::only_tested(&assignment.value, name));
            return Status::Undefined { names, tested };
        }
    }
    if let Some((since, instead)) = parameters::deprecated(&assignment.name)
        && view.version >= since
    {
        return Status::Deprecated { since, instead: instead.to_owned() };
    }
    Status::Effective
}
