//! Host lists, as a client meets them that comes from anywhere, or a host that mail is handed to (the specification, "Host lists").

use super::expand::{Text, Variables, expand};
use super::list;
use super::view::View;
use crate::facts::Members;
use crate::gather::Index;
use crate::question::QuestionId;

/// Lists within lists: more are a circle.
const DEEPEST: usize = 12;

/// What is known of a host beforehand.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Items that are about it; a stranger is in none of them.
    pub(super) own: Option<&'a Index>,
    /// Whether it stands in tables and in files of hosts.
    pub(super) listed: Option<bool>,
    /// Whether it is what another item names: an address, a network or a name.
    pub(super) named: &'a dyn Fn(&str) -> Option<bool>,
}

/// One's own addresses, networks, and names: strangers are from elsewhere.
pub(super) const NAMES_OTHERS: &dyn Fn(&str) -> Option<bool> = &|_| Some(false);

/// Of whom nothing is known.
pub(super) const STRANGER: Known<'static> = Known { own: None, listed: None, named: NAMES_OTHERS };

/// Whether a list has a host in it.
pub(super) fn has(view: &View<'_>, text: &str, variables: Variables<'_>, known: Known<'_>) -> Option<bool> {
    within(view, text, variables, known, DEEPEST)
}

fn within(view: &View<'_>, text: &str, variables: Variables<'_>, known: Known<'_>, deep: usize) -> Option<bool> {
    let deep = deep.checked_sub(1)?;
    if !view.goes_on(text.len()) {
        return None;
    }
    let Text::Is(text) = expand(text, variables) else { return None };
    list::holds(&list::items(&text), &mut |item| one(view, item, variables, known, deep))
}

fn one(view: &View<'_>, item: &str, variables: Variables<'_>, known: Known<'_>, deep: usize) -> Option<bool> {
    if !view.goes_on(item.len()) {
        return None;
    }
    if let Some(name) = item.strip_prefix('+') {
        if is_word(name) {
            return Some(false);
        }
        let list = view.config.list("hostlist", name)?;
        return if list.open.is_some() { None } else { within(view, &list.value, variables, known, deep) };
    }
    if item == "*" || is_everything(item) || known.own.is_some_and(|own| own.contains(machine(item))) {
        return Some(true);
    }
    // A table may name anybody, and so may a file of hosts, or a pattern of names.
    if item.contains(';') || item.starts_with('/') {
        return known.listed;
    }
    if item.starts_with('^') || item.starts_with('$') {
        return None;
    }
    (known.named)(item)
}

/// True for a network that is the whole world.
fn is_everything(item: &str) -> bool {
    item.rsplit_once('/').is_some_and(|(address, length)| length == "0" && address.parse::<std::net::IpAddr>().is_ok_and(|one| one.is_ipv4()))
}

/// What stands in a list as if it were another one, and says how it is to be read.
fn is_word(name: &str) -> bool {
    matches!(name, "include_unknown" | "ignore_unknown" | "include_defer" | "ignore_defer" | "caseful")
}

/// The machine itself goes by its address.
fn machine(item: &str) -> &str {
    if item == "localhost" { "127.0.0.1" } else { item }
}

/// What is in a list, with the lists in it; with a question where there may be more.
pub(super) fn networks(view: &View<'_>, text: &str, variables: Variables<'_>) -> Members<String> {
    let (mut found, mut rest) = (Index::default(), None);
    gather(view, text, variables, DEEPEST, &mut found, &mut rest);
    Members { surely: found.names().map(str::to_owned).collect(), rest }
}

fn gather(view: &View<'_>, text: &str, variables: Variables<'_>, deep: usize, found: &mut Index, rest: &mut Option<QuestionId>) {
    let more = || view.ask_networks();
    let (Some(deep), Text::Is(text), true) = (deep.checked_sub(1), expand(text, variables), view.goes_on(text.len())) else {
        rest.get_or_insert_with(more);
        return;
    };
    for item in list::items(&text) {
        if !view.goes_on(item.len()) {
            rest.get_or_insert_with(more);
            return;
        }
        match item.strip_prefix('+') {
            // Whoever is left out is not let in by it.
            _ if item.is_empty() || item.starts_with('!') => {}
            Some(name) if is_word(name) => {}
            Some(name) => match view.config.list("hostlist", name) {
                Some(named) => match &named.open {
                    None => gather(view, &named.value, variables, deep, found, rest),
                    Some(open) => {
                        rest.get_or_insert_with(|| view.ask_open(open));
                    }
                },
                // Exim defers at a list that nowhere stands; but what was not given may have it.
                None => {
                    rest.get_or_insert_with(more);
                }
            },
            None => {
                found.add(machine(&item));
                if item == "localhost" {
                    found.add("::1");
                }
            }
        }
    }
}
