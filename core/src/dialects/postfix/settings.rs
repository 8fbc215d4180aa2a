//! Every assignment of the files, with what becomes of it at one release.

use std::rc::Rc;

use super::config::View;
use super::evidence::Answer;
use super::expand::Expansion;
use super::lines::is_space;
use super::names::{self, Names};
use super::parameters;
use super::syntax::{Assignment, Service};
use crate::gather::Index;
use crate::facts::Value;
use crate::setting::{Scope, Setting, Status};

/// The settings of one release, kept to tell those of the next.
pub(super) struct Settled<'a> {
    /// All assignments, in the order of the files, each with what becomes of it.
    placed: Vec<(Placed<'a>, Option<Answer<Rc<Setting>>>)>,
    names: Option<Answer<Rc<Names>>>,
    all: Option<Answer<Rc<Vec<Rc<Setting>>>>>,
}

impl<'a> Settled<'a> {
    pub(super) fn new(server: &View<'a>) -> Settled<'a> {
        Settled { placed: each_of(server).map(|one| (one, None)).collect(), names: None, all: None }
    }

    /// All settings at the release of the view, main.cf first, in the order of the files: the very same list as at the release
    /// before when nothing differs.
    pub(super) fn update(&mut self, server: &View<'_>) -> Rc<Vec<Rc<Setting>>> {
        let configuration = server.configuration;
        configuration.part(&mut self.all, || {
            let before = self.names.as_ref().map(|names| Rc::clone(&names.value));
            let names = configuration.part(&mut self.names, || Rc::new(Names::new(server)));
            let stale = before.is_none_or(|before| before != names);
            let each = self.placed.iter_mut().map(|(one, known)| {
                // What becomes of a setting may lie in any of the names.
                if stale {
                    *known = None;
                }
                configuration.part(known, || Rc::new(setting(&names, one)))
            });
            Rc::new(each.collect())
        })
    }
}

/// An assignment where it stands.
struct Placed<'a> {
    view: View<'a>,
    /// The service whose option it is, with its number.
    service: Option<(usize, &'a Service)>,
    assignment: &'a Assignment,
    overruled: Option<Overruled<'a>>,
}

/// All assignments, main.cf first, in the order of the files.
fn each_of<'a>(server: &View<'a>) -> impl Iterator<Item = Placed<'a>> {
    let server = *server;
    let syntax = server.configuration.syntax;
    let placed = |view: View<'a>, service: Option<(usize, &'a Service)>, assignments: &'a [Assignment]| {
        let different = service.map_or(server.configuration.files.main.len(), |(_, service)| service.in_force());
        // Where each name stands once, nothing overrules anything.
        let overruled =
            if different == assignments.len() { vec![None; different] } else { overruled(assignments) };
        assignments
            .iter()
            .zip(overruled)
            .map(move |(assignment, overruled)| Placed { view, service, assignment, overruled })
    };
    let options = syntax
        .services
        .iter()
        .enumerate()
        .flat_map(move |(index, service)| placed(server.of(service), Some((index, service)), &service.overrides));
    placed(server, None, &syntax.assignments).chain(options)
}

/// For each assignment the next one of the same name, and the last one.
fn overruled(assignments: &[Assignment]) -> Vec<Option<Overruled<'_>>> {
    let mut places = Index::default();
    let mut later: Vec<Overruled<'_>> = Vec::new();
    let mut found: Vec<Option<Overruled<'_>>> = assignments
        .iter()
        .rev()
        .map(|next| {
            let known = places.put(&next.name, later.len()).and_then(|at| later.get(at)).copied();
            later.push(Overruled { next, last: known.map_or(next, |known| known.last) });
            known
        })
        .collect();
    found.reverse();
    found
}

/// What stands below an assignment of the same name.
#[derive(Clone, Copy)]
struct Overruled<'a> {
    next: &'a Assignment,
    last: &'a Assignment,
}

fn setting(names: &Names, placed: &Placed<'_>) -> Setting {
    let Placed { view, service, assignment, .. } = placed;
    let raw = view.configuration.is_raw(&assignment.name);
    let in_force = view.written(&assignment.name).is_some_and(|one| one.written == assignment.written);
    let known = if in_force && !assignment.conditional { view.lookup(&assignment.name) } else { None };
    let expansion = match known {
        Some(known) => known,
        None if raw => Rc::new(Expansion { text: assignment.value.clone(), ..Default::default() }),
        None => Rc::new(view.expand(&assignment.value)),
    };
    let status = status(names, placed, if raw { None } else { Some(&expansion) });
    let effective = if assignment.conditional {
        Value::Unknown(view.configuration.template_question(&assignment.name))
    } else {
        match &expansion.question {
            Some(question) => Value::Unknown(question.clone()),
            None => Value::Is(normalised(&expansion.text)),
        }
    };
    Setting {
        name: assignment.name.clone(),
        scope: service.map_or(Scope::Server, |(_, service)| Scope::Service(service.scope_name())),
        written: assignment.written,
        value_span: assignment.value_span,
        effective,
        status,
    }
}

/// Blanks as `postconf` prints them: one between words.
fn normalised(text: &str) -> String {
    // Most values are one word, or words with a blank between them.
    if text.bytes().all(|byte| byte >= b' ') && !text.contains("  ") {
        return text.trim_matches(' ').to_owned();
    }
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What becomes of an assignment. `expansion` is its value, unless the parameter is one that is never expanded.
fn status(names: &Names, placed: &Placed<'_>, expansion: Option<&Expansion>) -> Status {
    let Placed { view, service, assignment, overruled } = placed;
    if let Some(why) = expansion.and_then(|expansion| expansion.error.as_ref()) {
        return Status::Malformed { why: why.clone() };
    }
    if assignment.name == "smtpd_restriction_classes"
        && let Some(why) = names::classes(view).and_then(|classes| classes.error)
    {
        return Status::Malformed { why };
    }
    if let Some(Overruled { next, last }) = overruled
        && next.value != assignment.value
        && !next.conditional
    {
        return Status::Shadowed { by: last.written };
    }
    let used = match service {
        None => names.is_used_in_main(view.configuration, &assignment.name),
        Some((index, _)) => names.is_used_in_service(view.configuration, *index, &assignment.name),
    };
    if !used {
        // A branch may know what the first releases of the next one do not know yet.
        return match parameters::lines_of(&assignment.name).iter().find(|line| !view.since(line.versions.first)) {
            Some(line) => Status::TooNew { since: line.versions.first },
            // Known to an earlier release, or to none at all.
            None => Status::Unused,
        };
    }
    if expansion.is_some() {
        let mut referred = names::references(&assignment.value);
        let is_list = assignment.name == "smtpd_restriction_classes";
        let classes = Index::of(&if is_list { names::class_names(view) } else { Vec::new() });
        let known = Index::of(referred.iter().filter(|_| is_list));
        referred.extend(classes.names().filter(|name| !known.contains(name)).map(str::to_owned));
        let undefined: Vec<String> = referred
            .into_iter()
            .filter(|name| !names::is_defined(view.configuration, name, service.map(|(_, service)| service)))
            .collect();
        if !undefined.is_empty() {
            let used = names::used_for_their_value(&assignment.value);
            let (tested, names) = undefined.into_iter().partition(|name| !classes.contains(name) && !used.contains(name));
            return Status::Undefined { names, tested };
        }
    }
    if let Some((since, instead)) = parameters::deprecated(&assignment.name)
        && view.since(since)
    {
        return Status::Deprecated { since, instead: instead.to_owned() };
    }
    Status::Effective
}
