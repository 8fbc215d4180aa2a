//! Which names mean something: the parameters of the release, those of services and tables, and the person's own.

use crate::gather::{Groups, Index};

use super::config::{Configuration, View, split_list};
use super::expand::{balanced, Expansion, Lookup, expand};
use super::lines::is_space;
use super::parameters;
use super::syntax::{Assignment, Service};

/// Every name a value refers to, in both branches of a choice, each once.
pub(super) fn references(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if !text.contains('$') {
        return found;
    }
    let mut seen = Index::default();
    collect(text, &mut |name, _| {
        if seen.add(name) {
            found.push(name.to_owned());
        }
    });
    found
}

/// True when something holds for a name that a value refers to, in whichever branch of a choice.
pub(super) fn any_reference(text: &str, mut holds: impl FnMut(&str) -> bool) -> bool {
    let mut any = false;
    collect(text, &mut |name, _| any = any || holds(name));
    any
}

/// Names that are used for their value. The others are only asked about, as in `${name?text}`: that nothing defines them is an
/// answer, not a mistake.
pub(super) fn used_for_their_value(text: &str) -> Index {
    let mut used = Index::default();
    collect(text, &mut |name, plain| {
        if plain {
            used.add(name);
        }
    });
    used
}

/// How deep references may nest inside each other: Postfix stops reading far above.
const DEEPEST: usize = 100;

/// Walks over references; `note` hears each name, and whether it is used for its value.
fn collect(text: &str, note: &mut dyn FnMut(&str, bool)) {
    collect_at(text, DEEPEST, note);
}

fn collect_at(text: &str, levels: usize, note: &mut dyn FnMut(&str, bool)) {
    let Some(levels) = levels.checked_sub(1) else { return };
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let after = rest.get(at + 1..).unwrap_or("");
        let open = after.chars().next();
        rest = match open {
            Some('$') => after.get(1..).unwrap_or(""),
            Some('{' | '(') => {
                let close = if open == Some('{') { '}' } else { ')' };
                let Some(length) = balanced(after, open.unwrap_or('{'), close) else { return };
                collect_inner(after.get(1..length - 1).unwrap_or(""), levels, note);
                after.get(length..).unwrap_or("")
            }
            _ => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                let (name, rest) = after.split_at(end);
                if name.is_empty() {
                    return;
                }
                note(name, true);
                rest
            }
        };
    }
}

fn collect_inner(inner: &str, levels: usize, note: &mut dyn FnMut(&str, bool)) {
    let inner = inner.trim_start_matches(is_space);
    if inner.starts_with('{') {
        // Operands and choices alike hold references of their own.
        let mut rest = inner;
        while let Some(at) = rest.find('{') {
            let group = rest.get(at..).unwrap_or("");
            let Some(length) = balanced(group, '{', '}') else { return };
            collect_at(group.get(1..length - 1).unwrap_or(""), levels, note);
            rest = group.get(length..).unwrap_or("");
        }
        return;
    }
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, after) = inner.split_at(end);
    if !name.is_empty() {
        note(name, after.trim_start_matches(is_space).is_empty());
    }
    collect_at(after, levels, note);
}

/// Names that the files themselves give a meaning.
#[derive(PartialEq)]
pub(super) struct Names {
    /// Names that values of main.cf refer to, and members of `smtpd_restriction_classes` there.
    from_main: Index,
    /// Names that options of each service refer to, in the order of the services.
    from_services: Vec<Index>,
    /// Names that options of some service refer to and that the service does not define itself.
    sought_by_services: Index,
    /// Table prefixes in use, such as `ldap:accounts`, with the database type.
    tables: Tables,
    /// Those of each service's options, in the order of the services.
    service_tables: Vec<Tables>,
    /// Services that have tables of a prefix.
    services_with_table: Groups,
}

/// Types of old tables by their prefix.
#[derive(Default, PartialEq)]
struct Tables {
    prefixes: Index,
    /// With a blank between them, for each prefix.
    kinds: Vec<String>,
}

impl Tables {
    /// The types of the tables with a prefix.
    fn kinds(&self, prefix: &str) -> Option<&str> {
        self.prefixes.get(prefix).and_then(|at| self.kinds.get(at)).map(String::as_str)
    }

    fn note(&mut self, prefix: &str, kind: &str) {
        let at = *self.prefixes.get_or_put(prefix, self.kinds.len());
        match self.kinds.get_mut(at) {
            None => self.kinds.push(kind.to_owned()),
            Some(kinds) if kinds.split(' ').any(|known| known == kind) => {}
            Some(kinds) => kinds.extend([" ", kind]),
        }
    }
}

impl Names {
    pub(super) fn new(server: &View<'_>) -> Names {
        let configuration = server.configuration;
        let syntax = configuration.syntax;
        let mut names = Names {
            from_main: Index::of(&class_names(server)),
            from_services: Vec::with_capacity(syntax.services.len()),
            sought_by_services: Index::default(),
            tables: Tables::default(),
            service_tables: Vec::with_capacity(syntax.services.len()),
            services_with_table: Groups::default(),
        };
        for assignment in &syntax.assignments {
            // What a later line overrules is never read.
            let overruled = configuration.main_setting(&assignment.name).is_some_and(|last| last.written != assignment.written);
            if !overruled {
                Names::gather(server, assignment, &mut names.from_main, &mut names.tables);
            }
        }
        for (index, service) in syntax.services.iter().enumerate() {
            if service.overrides.is_empty() {
                names.from_services.push(Index::default());
                names.service_tables.push(Tables::default());
                continue;
            }
            let view = server.of(service);
            let mut found = Index::of(&class_names(&view));
            let mut tables = Tables::default();
            for assignment in &service.overrides {
                let overruled = view.overriding(&assignment.name).is_some_and(|last| last.written != assignment.written);
                if !overruled {
                    Names::gather(&view, assignment, &mut found, &mut tables);
                }
            }
            // A service's own option of that name hides the one of main.cf from that service.
            for name in found.names().filter(|name| !defines(service, name)) {
                names.sought_by_services.add(name);
            }
            for prefix in tables.prefixes.names() {
                names.services_with_table.put(prefix, index);
            }
            names.from_services.push(found);
            names.service_tables.push(tables);
        }
        names
    }

    /// What one value refers to.
    fn gather(view: &View<'_>, assignment: &Assignment, found: &mut Index, tables: &mut Tables) {
        let has_reference = assignment.value.contains('$');
        if !has_reference && !names_a_table(&assignment.value) {
            return;
        }
        if view.configuration.is_raw(&assignment.name) {
            return;
        }
        if has_reference {
            collect(&assignment.value, &mut |name, _| {
                found.add(name);
            });
        }
        if is_built_in(view.configuration, &assignment.name) {
            note_tables(view, &assignment.value, tables);
        }
    }

    fn is_of_a_table(&self, name: &str) -> bool {
        is_of(&self.tables, name)
    }

    /// Settings of a service's own tables may stand in main.cf as well, unless the service has them itself.
    fn is_of_a_service_table(&self, configuration: &Configuration<'_>, name: &str) -> bool {
        let services = &configuration.syntax.services;
        let hidden = |index: usize| services.get(index).is_none_or(|service| defines(service, name));
        prefixes(name).any(|(prefix, suffix)| {
            let with_table = self.services_with_table.of(prefix);
            with_table.iter().any(|&index| {
                let kinds = self.service_tables.get(index).and_then(|tables| tables.kinds(prefix));
                kinds.is_some_and(|kinds| reads(kinds, suffix)) && !hidden(index)
            })
        })
    }

    /// True when `name = …` in main.cf has an effect on something.
    pub(super) fn is_used_in_main(&self, configuration: &Configuration<'_>, name: &str) -> bool {
        is_built_in(configuration, name)
            || self.from_main.contains(name)
            || self.sought_by_services.contains(name)
            || self.is_of_a_table(name)
            || self.is_of_a_service_table(configuration, name)
            || is_in_a_default(configuration, name)
    }

    /// True when `-o name=…` of that service has an effect on something.
    pub(super) fn is_used_in_service(&self, configuration: &Configuration<'_>, index: usize, name: &str) -> bool {
        is_built_in(configuration, name)
            || self.from_services.get(index).is_some_and(|names| names.contains(name))
            || self.from_main.contains(name)
            || self.is_of_a_table(name)
            || self.service_tables.get(index).is_some_and(|tables| is_of(tables, name))
            || self.is_used_in_main_elsewhere(configuration, name)
    }

    /// A name that main.cf defines and something uses counts everywhere.
    fn is_used_in_main_elsewhere(&self, configuration: &Configuration<'_>, name: &str) -> bool {
        configuration.main_setting(name).is_some() && self.is_used_in_main(configuration, name)
    }
}

/// True when `$name` expands to something, be it nothing on purpose.
pub(super) fn is_defined(configuration: &Configuration<'_>, name: &str, service: Option<&Service>) -> bool {
    service.is_some_and(|service| defines(service, name))
        || configuration.main_setting(name).is_some()
        || is_built_in(configuration, name)
        || (service.is_none() && configuration.is_option(name))
        || (service.is_some() && matches!(name, "process_name" | "service_name"))
}

/// True when the release itself knows the name, services of the files included.
fn is_built_in(configuration: &Configuration<'_>, name: &str) -> bool {
    configuration.kind(name).is_some() || configuration.service_default(name).is_some()
}

/// Some defaults refer to names that are no parameters, such as `rbl_code`.
fn is_in_a_default(configuration: &Configuration<'_>, name: &str) -> bool {
    !parameters::exists(name)
        && parameters::defaults_referring_to(name).any(|line| {
            configuration.parameter(line.name) == Some(line) && configuration.main_setting(line.name).is_none()
        })
}

/// True when a value may name an old table, as it stands or through what it refers to.
fn names_a_table(value: &str) -> bool {
    value.contains(':') && ["ldap:", "mysql:", "pgsql:", "sqlite:", "memcache:"].iter().any(|kind| value.contains(kind))
}

/// Old table types take their settings from main.cf when they are not given a file.
fn note_tables(view: &View<'_>, value: &str, tables: &mut Tables) {
    let expanded = view.expand(value).text;
    if !names_a_table(&expanded) {
        return;
    }
    let unbraced = expanded.replace(['{', '}'], " ");
    for member in split_list(&unbraced) {
        let mut word = member.as_str();
        while let Some(rest) = word.strip_prefix("proxy:") {
            word = rest;
        }
        if let Some((kind, prefix)) = word.split_once(':')
            && !prefix.starts_with(['/', '.'])
        {
            tables.note(prefix, kind);
        }
    }
}

/// True when a name is a setting of one of the tables.
fn is_of(tables: &Tables, name: &str) -> bool {
    !tables.kinds.is_empty()
        && prefixes(name).any(|(prefix, suffix)| tables.kinds(prefix).is_some_and(|kinds| reads(kinds, suffix)))
}

/// Every way to part a name into a table's prefix and a suffix.
fn prefixes(name: &str) -> impl Iterator<Item = (&str, &str)> {
    name.match_indices('_').filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)))
}

/// True when a table of one of the types reads a setting with this suffix.
fn reads(kinds: &str, suffix: &str) -> bool {
    kinds.split(' ').any(|kind| parameters::database_suffixes(kind).any(|known| known == suffix))
}

fn defines(service: &Service, name: &str) -> bool {
    service.overriding(name).is_some()
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
    Some(expand(&classes.value, view, &|mark| view.configuration.template_question(mark), &|name| {
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
        assert_eq!(used_for_their_value("${a?b}").len(), 0);
        assert!(used_for_their_value("${a?$a}").contains("a"));
    }
}
