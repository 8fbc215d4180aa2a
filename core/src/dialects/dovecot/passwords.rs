//! Who is let in: the databases of passwords (doc.dovecot.org, "Static password database"; the live 2.3.19 and 2.4.1 were asked).

use super::tree::{Entry, Item, Section};
use super::view::View;
use crate::facts::Step;

/// The line that lets everybody in who logs in with a password, whatever it is. Said only where nothing else stands that could keep
/// somebody out: another machine that is asked, networks, names, mechanisms, or what follows from a database before it.
pub(super) fn opens_to_all(view: &View<'_>) -> Option<Step> {
    let blocks: Vec<&[Section]> = view.tree.items.iter().filter_map(opened).collect();
    let is_plain = |sections: &&[Section]| {
        let mut own = view.tree.entries().filter(|entry| entry.sections.starts_with(sections));
        own.all(|entry| matches!(entry.name.as_str(), "driver" | "args" | "nopassword" | "passdb_driver"))
    };
    let [sections] = blocks.as_slice() else { return None };
    let is_unseen = |item: &Item| matches!(item, Item::Unseen { .. });
    let is_alone = is_plain(sections) && !view.tree.is_fragment && !view.tree.items.iter().any(is_unseen);
    let own = || view.tree.entries().filter(|entry| entry.sections.starts_with(sections));
    let driver = own().find(|entry| matches!(entry.name.as_str(), "driver" | "passdb_driver"));
    let name = sections.last().map_or("", |section| section.name.as_str());
    let is_static = driver.map_or(name == "static" && view.is_new(), |driver| driver.value == "static");
    let line = own().find(|entry| asks_nothing(entry))?;
    (is_alone && is_static).then(|| Step::Set { setting: line.name.as_str().into(), span: line.written })
}

fn opened(item: &Item) -> Option<&[Section]> {
    match item {
        Item::Opened(sections) => match sections.as_slice() {
            [only] if only.kind == "passdb" => Some(sections),
            _ => None,
        },
        _ => None,
    }
}

/// `args = nopassword=y` and nothing more; in the new language `nopassword = yes` among the fields.
fn asks_nothing(entry: &Entry) -> bool {
    match entry.name.as_str() {
        "args" => matches!(entry.value.trim(), "nopassword" | "nopassword=y" | "nopassword=yes"),
        "nopassword" => matches!(entry.value.trim(), "y" | "yes"),
        _ => false,
    }
}
