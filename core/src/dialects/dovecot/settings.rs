//! Every setting of the files, with what becomes of it.

use std::rc::Rc;

use super::tree::{Entry, Item};
use super::view::View;
use crate::facts::Value;
use crate::gather::Index;
use crate::setting::{Scope, Setting, Status};

/// All of them, in the order in which they are read. A line that a later one of the same sections overrules is shadowed.
pub(super) fn all(view: &View<'_>) -> Vec<Rc<Setting>> {
    let mut entries: Vec<(&Entry, String)> = Vec::new();
    let mut last = Index::default();
    for item in &view.tree.items {
        let Item::Entry(entry) = item else { continue };
        let key = key(entry);
        last.put(&key, entries.len());
        entries.push((entry, key));
    }
    // Of two lines with a template's mark between them, either may be the only one in the finished file.
    let is_apart = |one: &Entry, other: &Entry| {
        let (from, to) = (one.written, other.written);
        view.tree.templates.iter().any(|mark| mark.file == from.file && mark.start >= from.end && (mark.file != to.file || mark.end <= to.start))
    };
    let mut settings = Vec::with_capacity(entries.len());
    for (place, (entry, key)) in entries.iter().enumerate() {
        let winner = last.get(key).and_then(|winner| entries.get(winner)).filter(|_| last.get(key) != Some(place));
        // A line that adds to the one before uses it.
        let status = match winner {
            Some((winner, _)) if !winner.is_expanded && !is_apart(entry, winner) => Status::Shadowed { by: winner.written },
            _ => Status::Effective,
        };
        settings.push(Rc::new(Setting {
            name: entry.name.clone(),
            scope: scope(entry),
            written: entry.written,
            value_span: entry.value_span,
            effective: effective(view, entry),
            status,
        }));
    }
    settings
}

/// Where a setting stands, and its name. Of sections that may stand there more than once, each is another one.
fn key(entry: &Entry) -> String {
    let mut key = String::new();
    for section in &entry.sections {
        key.push_str(&section.kind);
        key.push(' ');
        key.push_str(&section.name);
        // Each `passdb` without a name is one more.
        if section.name.is_empty() && matches!(section.kind.as_str(), "passdb" | "userdb" | "inet_listener") {
            key.push_str(&section.opened.start.to_string());
        }
        key.push('/');
    }
    key + &entry.name
}

fn scope(entry: &Entry) -> Scope {
    if entry.sections.is_empty() {
        return Scope::Server;
    }
    let words: Vec<String> = entry.sections.iter().map(|one| format!("{} {}", one.kind, one.name).trim().to_owned()).collect();
    Scope::Service(words.join("/"))
}

/// As `doveconf` prints it: the content of a file by its name.
fn effective(view: &View<'_>, entry: &Entry) -> Value<String> {
    let value = view.value_of(entry);
    if entry.from_file { value.map(|path| format!("<{path}")) } else { value }
}
