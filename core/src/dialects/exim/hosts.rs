//! Host lists, as a client meets them that comes from anywhere (the specification, "Host lists").

use super::expand::{Text, Variables, expand};
use super::list;
use super::view::View;

/// Lists within lists: more are a circle.
const DEEPEST: usize = 12;

/// Whether a list has a stranger in it.
pub(super) fn has_stranger(view: &View<'_>, text: &str, variables: Variables<'_>) -> Option<bool> {
    within(view, text, variables, &[], DEEPEST)
}

/// Whether a list has a client in it of whom it is known that these items are about it; a stranger is in none of them.
pub(super) fn has(view: &View<'_>, text: &str, variables: Variables<'_>, own: &[String]) -> Option<bool> {
    within(view, text, variables, own, DEEPEST)
}

fn within(view: &View<'_>, text: &str, variables: Variables<'_>, own: &[String], deep: usize) -> Option<bool> {
    let deep = deep.checked_sub(1)?;
    let Text::Is(text) = expand(text, variables) else { return None };
    let items = list::items(&text);
    // A list that ends with an exclusion holds everybody else.
    let otherwise = items.last().is_some_and(|item| item.starts_with('!'));
    let (mut maybe_in, mut maybe_out) = (false, false);
    for item in items {
        let (negated, item) = match item.strip_prefix('!') {
            Some(item) => (true, item.trim_start()),
            None => (false, item.as_str()),
        };
        match one(view, item, variables, own, deep) {
            Some(true) if negated => return if maybe_in { None } else { Some(false) },
            Some(true) => return if maybe_out { None } else { Some(true) },
            Some(false) => {}
            None if negated => maybe_out = true,
            None => maybe_in = true,
        }
    }
    match (otherwise, maybe_in, maybe_out) {
        (true, _, false) => Some(true),
        (false, false, _) => Some(false),
        _ => None,
    }
}

fn one(view: &View<'_>, item: &str, variables: Variables<'_>, own: &[String], deep: usize) -> Option<bool> {
    if !view.goes_on() {
        return None;
    }
    if let Some(name) = item.strip_prefix('+') {
        if matches!(name, "include_unknown" | "ignore_unknown" | "include_defer" | "ignore_defer" | "caseful") {
            return Some(false);
        }
        let list = view.config.list("hostlist", name)?;
        return if list.open.is_some() { None } else { within(view, &list.value, variables, own, deep) };
    }
    if item == "*" || is_everything(item) || own.iter().any(|one| one == item) {
        return Some(true);
    }
    // A table may name anybody, and so may a pattern of names.
    if item.contains(';') || item.starts_with('^') || item.starts_with('$') {
        return None;
    }
    // One's own addresses, networks, and names: strangers are from elsewhere.
    Some(false)
}

/// True for a network that is the whole world.
fn is_everything(item: &str) -> bool {
    item.rsplit_once('/').is_some_and(|(address, length)| length == "0" && address.parse::<std::net::IpAddr>().is_ok_and(|one| one.is_ipv4()))
}

/// Whether a list has the machine's own address, or a network that may be trusted, in it; the items that do.
pub(super) fn networks(view: &View<'_>, text: &str, variables: Variables<'_>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    gather(view, text, variables, DEEPEST, &mut found).then_some(found)
}

fn gather(view: &View<'_>, text: &str, variables: Variables<'_>, deep: usize, found: &mut Vec<String>) -> bool {
    let (Some(deep), Text::Is(text)) = (deep.checked_sub(1), expand(text, variables)) else { return false };
    list::items(&text).into_iter().all(|item| match item.strip_prefix('+').and_then(|name| view.config.list("hostlist", name)) {
        Some(list) => gather(view, &list.value, variables, deep, found),
        None => {
            found.push(item);
            view.goes_on()
        }
    })
}
