//! Domain lists, as a recipient meets them: one at a domain of the server's own, or at any other (the specification, "Domain lists").

use super::expand::{Text, Variables, expand};
use super::list;
use super::view::View;

/// Whose domain it is that a list is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// One of the server's own.
    Own,
    /// Somebody else's, whichever suits whoever asks.
    Chosen,
    /// Anybody else's, of whom no list has the name.
    Any,
}

/// Whether a recipient's domain is in a list; `deep` lists may stand within each other.
pub(super) fn has(view: &View<'_>, text: &str, variables: Variables<'_>, whose: Whose, deep: usize) -> Option<bool> {
    within(view, text, variables, (whose, false), deep)
}

/// `out` where what is in it is kept out by the list that it stands in.
fn within(view: &View<'_>, text: &str, variables: Variables<'_>, (whose, out): (Whose, bool), deep: usize) -> Option<bool> {
    let deep = deep.checked_sub(1)?;
    if !view.goes_on(text.len()) {
        return None;
    }
    let Text::Is(text) = expand(text, variables) else {
        // A lookup by the domain, in a list that is made for that.
        return None;
    };
    list::holds_signed(&list::items(&text), &mut |item, negated| is_meant(view, item, variables, (whose, negated != out), deep))
}

/// Whether the domain is the one of an item: one of the server's own, or any other.
fn is_meant(view: &View<'_>, item: &str, variables: Variables<'_>, (whose, out): (Whose, bool), deep: usize) -> Option<bool> {
    if item == "*" {
        return Some(true);
    }
    if !view.goes_on(item.len()) {
        return None;
    }
    let own = view.config.list("domainlist", "local_domains");
    let is_local = whose == Whose::Own;
    if let Some(name) = item.strip_prefix('+') {
        let named = view.config.list("domainlist", name)?;
        if named.open.is_some() {
            return None;
        }
        if name == "local_domains" && is_local {
            return Some(true);
        }
        return within(view, &named.value, variables, (whose, out), deep);
    }
    if item.is_empty() {
        return Some(false);
    }
    if let Some((kind, place)) = item.split_once(';') {
        let kind = kind.split(',').next().unwrap_or(kind);
        // A table with one line a domain; others may hold patterns, or ask somebody.
        let is_table = matches!(kind, "lsearch" | "dsearch" | "cdb" | "dbm" | "dbmnz") && !place.contains('$');
        return if is_table && !is_local { Some(false) } else { None };
    }
    if item.starts_with('^') || item.contains('$') {
        return None;
    }
    if !is_local {
        // A pattern for the subdomains of a whole top level: some of those of others are among them, and some are not.
        let is_wide = item.strip_prefix("*.").is_some_and(|end| !end.contains('.'));
        return Some(is_wide && whose == Whose::Chosen && !out);
    }
    match own {
        // Names that stand elsewhere are not those of the server's own.
        Some(own) => {
            if !view.goes_on(own.value.len()) {
                return None;
            }
            let is_own = list::items(&own.value).iter().any(|one| one == item);
            if is_own { None } else { Some(false) }
        }
        None => Some(true),
    }
}
