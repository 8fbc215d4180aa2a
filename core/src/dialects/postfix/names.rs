//! Which names mean something: the parameters of the release, those of services and tables, and the person's own.

use super::config::{Configuration, View, split_list};
use super::expand::{Expansion, Lookup, expand};
use super::lines::is_space;
use super::parameters;
use super::syntax::Service;
use crate::version::Version;

/// Every name a value refers to, in both branches of a choice, each once.
pub(super) fn references(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(text, &mut found, &mut |_| {});
    found
}

/// Names that are only asked about, as in `${name?text}`: that nothing defines them is an answer, not a mistake.
pub(super) fn only_tested(text: &str, name: &str) -> bool {
    let mut plain = false;
    collect(text, &mut Vec::new(), &mut |used| plain |= used == name);
    !plain
}

fn note(name: &str, found: &mut Vec<String>) {
    if !found.iter().any(|known| known == name) {
        found.push(name.to_owned());
    }
}

/// Walks over references; `plain` hears of names that are used for their value.
fn collect(text: &str, found: &mut Vec<String>, plain: &mut dyn FnMut(&str)) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let after = rest.get(at + 1..).unwrap_or("");
        let open = after.chars().next();
        rest = match open {
            Some('$') => after.get(1..).unwrap_or(""),
            Some('{' | '(') => {
                let close = if open == Some('{') { '}' } else { ')' };
                let Some(length) = balanced(after, open.unwrap_or('{'), close) else { return };
                collect_inner(after.get(1..length - 1).unwrap_or(""), found, plain);
                after.get(length..).unwrap_or("")
            }
            _ => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                let (name, rest) = after.split_at(end);
                if name.is_empty() {
                    return;
                }
                note(name, found);
                plain(name);
                rest
            }
        };
    }
}

fn collect_inner(inner: &str, found: &mut Vec<String>, plain: &mut dyn FnMut(&str)) {
    let inner = inner.trim_start_matches(is_space);
    if inner.starts_with('{') {
        // Operands and choices alike hold references of their own.
        let mut rest = inner;
        while let Some(at) = rest.find('{') {
            let group = rest.get(at..).unwrap_or("");
            let Some(length) = balanced(group, '{', '}') else { return };
            collect(group.get(1..length - 1).unwrap_or(""), found, plain);
            rest = group.get(length..).unwrap_or("");
        }
        return;
    }
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, after) = inner.split_at(end);
    if !name.is_empty() {
        note(name, found);
        if after.trim_start_matches(is_space).is_empty() {
            plain(name);
        }
    }
    collect(after, found, plain);
}

fn balanced(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at + c.len_utf8());
            }
        }
    }
    None
}

/// Names that the files themselves give a meaning, gathered once for a release.
pub(super) struct Names<'a> {
    configuration: &'a Configuration<'a>,
    version: Version,
    /// Names that values of main.cf refer to.
    from_main: Vec<String>,
    /// Names that options of each service refer to, in the order of the services.
    from_services: Vec<Vec<String>>,
    /// Members of `smtpd_restriction_classes` in main.cf.
    classes: Vec<String>,
    /// Table prefixes in use, such as `ldap:accounts`, with the database type.
    tables: Tables,
    /// Those of each service's options, in the order of the services.
    service_tables: Vec<Tables>,
}

/// Type and prefix of old tables.
type Tables = Vec<(String, String)>;

impl<'a> Names<'a> {
    pub(super) fn new(configuration: &'a Configuration<'a>, version: Version) -> Names<'a> {
        let server = configuration.server(version);
        let syntax = configuration.syntax;
        let mut names = Names {
            configuration,
            version,
            from_main: Vec::new(),
            from_services: Vec::new(),
            classes: class_names(&server),
            tables: Vec::new(),
            service_tables: Vec::new(),
        };
        for assignment in &syntax.assignments {
            // What a later line overrules is never read.
            let overruled = configuration.main_setting(&assignment.name).is_some_and(|last| last.written != assignment.written);
            if overruled || super::config::is_raw(&assignment.name, version) {
                continue;
            }
            collect(&assignment.value, &mut names.from_main, &mut |_| {});
            if names.is_built_in(&assignment.name) {
                note_tables(&server, &assignment.value, &mut names.tables);
            }
        }
        for service in &syntax.services {
            let view = server.of(service);
            let mut found = class_names(&view);
            let mut tables = Vec::new();
            for assignment in &service.overrides {
                let overruled = view.overriding(&assignment.name).is_some_and(|last| last.written != assignment.written);
                if overruled || super::config::is_raw(&assignment.name, version) {
                    continue;
                }
                collect(&assignment.value, &mut found, &mut |_| {});
                if names.is_built_in(&assignment.name) {
                    note_tables(&view, &assignment.value, &mut tables);
                }
            }
            names.from_services.push(found);
            names.service_tables.push(tables);
        }
        names
    }

    /// True when the release itself knows the name, services and tables of the files included.
    pub(super) fn is_built_in(&self, name: &str) -> bool {
        parameters::at(name, self.version).is_some()
            || self.configuration.syntax.services.iter().any(|service| {
                parameters::service_default(name, &service.name, &service.program, self.version).is_some()
            })
    }

    fn is_of_a_table(&self, name: &str) -> bool {
        is_of(&self.tables, name)
    }

    /// Settings of a service's own tables may stand in main.cf as well, unless the service has them itself.
    fn is_of_a_service_table(&self, name: &str) -> bool {
        let services = self.configuration.syntax.services.iter();
        self.service_tables.iter().zip(services).any(|(tables, service)| is_of(tables, name) && !defines(service, name))
    }
    fn is_defined_in_services(&self, name: &str) -> bool {
        self.configuration.syntax.services.iter().any(|service| defines(service, name))
    }

    /// True when `name = …` in main.cf has an effect on something.
    pub(super) fn is_used_in_main(&self, name: &str) -> bool {
        if self.is_built_in(name) || self.is_of_a_table(name) || self.is_of_a_service_table(name) {
            return true;
        }
        let refers = |names: &Vec<String>| names.iter().any(|one| one == name);
        refers(&self.from_main)
            || refers(&self.classes)
            // A service's own option of that name hides the one of main.cf from that service.
            || self
                .from_services
                .iter()
                .zip(&self.configuration.syntax.services)
                .any(|(names, service)| refers(names) && !defines(service, name))
            || self.is_in_a_default(name)
    }

    /// True when `-o name=…` of that service has an effect on something.
    pub(super) fn is_used_in_service(&self, index: usize, name: &str) -> bool {
        let own = self.from_services.get(index).is_some_and(|names| names.iter().any(|one| one == name));
        own || self.from_main.iter().any(|one| one == name)
            || self.classes.iter().any(|one| one == name)
            || self.is_built_in(name)
            || self.is_of_a_table(name)
            || self.service_tables.get(index).is_some_and(|tables| is_of(tables, name))
            || self.is_used_in_main_elsewhere(name)
    }

    /// A name that main.cf defines and something uses counts everywhere.
    fn is_used_in_main_elsewhere(&self, name: &str) -> bool {
        self.configuration.main_setting(name).is_some() && self.is_used_in_main(name)
    }

    /// Some defaults refer to obsolete names, so that old files go on working.
    fn is_in_a_default(&self, name: &str) -> bool {
        parameters::defaults_referring_to(name, self.version).any(|parameter| {
            self.configuration.main_setting(parameter).is_none()
        })
    }

    /// True when `$name` expands to something, be it nothing on purpose.
    pub(super) fn is_defined(&self, name: &str, service: Option<&Service>) -> bool {
        service.is_some_and(|service| defines(service, name))
            || self.configuration.main_setting(name).is_some()
            || self.is_built_in(name)
            || (service.is_none() && self.is_defined_in_services(name))
            || (service.is_some() && matches!(name, "process_name" | "service_name"))
    }
}

/// Old table types take their settings from main.cf when they are not given a file.
fn note_tables(view: &View<'_>, value: &str, tables: &mut Tables) {
    if !["ldap:", "mysql:", "pgsql:", "sqlite:", "memcache:"].iter().any(|kind| value.contains(kind)) && !value.contains('$') {
        return;
    }
    let expanded = view.expand(value).text;
    let unbraced = expanded.replace(['{', '}'], " ");
    for member in split_list(&unbraced) {
        let mut word = member.as_str();
        while let Some(rest) = word.strip_prefix("proxy:") {
            word = rest;
        }
        if let Some((kind, prefix)) = word.split_once(':')
            && !prefix.starts_with(['/', '.'])
        {
            tables.push((kind.to_owned(), prefix.to_owned()));
        }
    }
}

/// True when a name is a setting of one of the tables.
fn is_of(tables: &Tables, name: &str) -> bool {
    tables.iter().any(|(kind, prefix)| {
        name.strip_prefix(prefix.as_str())
            .and_then(|rest| rest.strip_prefix('_'))
            .is_some_and(|suffix| parameters::database_suffixes(kind).any(|known| known == suffix))
    })
}

fn defines(service: &Service, name: &str) -> bool {
    service.overrides.iter().any(|one| one.name == name)
}

/// The names in `smtpd_restriction_classes`, where this scope sets it. `postconf` expands the value by what the same scope
/// sets, and by nothing else.
pub(super) fn class_names(view: &View<'_>) -> Vec<String> {
    let expansion = classes(view).unwrap_or_default();
    if expansion.question.is_some() {
        return Vec::new();
    }
    expansion.text.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The expanded value; `None` where the scope does not set it.
pub(super) fn classes(view: &View<'_>) -> Option<Expansion> {
    let set_here = |name: &str| match view.service {
        Some(_) => view.overriding(name),
        None => view.configuration.main_setting(name),
    };
    let classes = set_here("smtpd_restriction_classes")?;
    Some(expand(&classes.value, view.grammar(), &|mark| view.configuration.template_question(mark), &|name| {
        set_here(name).map_or(Lookup::Undefined, |one| Lookup::Text(one.value.clone()))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_every_branch() {
        assert_eq!(references("$a ${b} $(c) ${d?$e} ${f?{$g}:{${h}}} $$i"), ["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(references("${{$a} == {b} ? {$c} : {$d}}"), ["a", "c", "d"]);
    }

    #[test]
    fn a_test_is_no_use() {
        assert!(only_tested("${a?b}", "a"));
        assert!(!only_tested("${a?$a}", "a"));
    }
}
