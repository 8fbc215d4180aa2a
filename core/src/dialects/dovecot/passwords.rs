//! Who is let in: the databases of passwords (doc.dovecot.org, "Static password database"; the live 2.3.19 and 2.4.1 were asked).

use super::tree::{Entry, Item};
use super::view::View;
use crate::facts::Step;

/// The line that lets everybody in who logs in with a password, whatever it is. Said only where nothing else stands that could keep
/// somebody out: another machine that is asked, networks, names, mechanisms, or what follows from a database before it.
pub(super) fn opens_to_all(view: &View<'_>) -> Option<Step> {
    let tree = view.tree;
    let mut blocks = tree.items.iter().filter_map(|item| match item {
        Item::Opened(sections) if sections.last().is_some_and(|last| last.kind == "passdb") => Some(sections),
        _ => None,
    });
    let (sections, None) = (blocks.next()?, blocks.next()) else { return None };
    let own = || tree.entries().filter(|entry| entry.sections.starts_with(sections));
    let is_plain = own().all(|entry| matches!(entry.name.as_str(), "driver" | "args" | "nopassword" | "passdb_driver"));
    let is_whole = !tree.is_fragment && !tree.items.iter().any(|item| matches!(item, Item::Unseen { .. }));
    if sections.len() > 1 || !is_plain || !is_whole || GUARDS.iter().any(|name| view.is_written(name)) {
        return None;
    }
    let driver = own().find(|entry| matches!(entry.name.as_str(), "driver" | "passdb_driver"));
    let is_named = || view.is_new() && sections.last().is_some_and(|section| section.name == "static");
    if !driver.map_or_else(is_named, |driver| driver.value == "static") {
        return None;
    }
    let line = own().find(|entry| asks_nothing(entry))?;
    Some(Step::Set { setting: line.name.as_str().into(), span: line.written })
}

/// Settings by which others may keep somebody out.
const GUARDS: [&str; 3] = ["auth_ssl_require_client_cert", "auth_policy_server_url", "login_access_sockets"];

/// `args = nopassword=y` and nothing more; in the new language `nopassword = yes` among the fields.
fn asks_nothing(entry: &Entry) -> bool {
    match entry.name.as_str() {
        "args" => matches!(entry.value.trim(), "nopassword" | "nopassword=y" | "nopassword=yes"),
        "nopassword" => entry.sections.last().is_some_and(|last| last.kind == "fields") && matches!(entry.value.trim(), "y" | "yes"),
        _ => false,
    }
}
