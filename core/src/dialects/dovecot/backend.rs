//! Where Dovecot answers whether a password is right: the sockets of `service auth` (doc.dovecot.org, "Service configuration").

use super::tree::{Entry, Item, Section, are_same};
use super::view::View;
use crate::link::{Backend, Place, Socket, normal};

/// Where sockets are whose path does not begin at the root.
const BASE: &str = "/run/dovecot";

/// Ends of names of sockets that speak another language than clients do (`auth_socket_type_get` of `src/auth/main.c`).
const OTHERS: [&str; 5] = ["-master", "-userdb", "login", "tokenlogin", "-worker"];

/// The sockets, and what is offered there.
pub(super) fn of(view: &View<'_>, server: &str) -> Backend {
    let mechanisms = view.words("auth_mechanisms");
    let mut sockets: Vec<(&[Section], Socket)> = Vec::new();
    let mut is_whole = !view.tree.is_fragment && view.tree.templates.is_empty();
    for item in &view.tree.items {
        match item {
            Item::Opened(sections) => {
                let known = sockets.iter().any(|(known, _)| are_same(known, sections));
                if let Some(place) = place(view, sections).filter(|_| !known) {
                    sockets.push((sections, Socket { place, root_alone: false }));
                }
            }
            Item::Unseen { is_database: false, may_be_missing: false, .. } | Item::Grouped(_) => is_whole = false,
            Item::Unseen { .. } | Item::Entry(_) => {}
        }
    }
    let sockets = sockets.into_iter().filter_map(|(sections, mut socket)| {
        let last = |name: &str| {
            let own = |entry: &&Entry| entry.name == name && are_same(&entry.sections, sections);
            view.tree.entries().filter(own).last().map(|entry| entry.value.as_str())
        };
        match &mut socket.place {
            Place::Port(port) => *port = last("port")?.parse().ok().filter(|port| *port > 0)?,
            Place::Path(_) => {
                // Modes are written in octal; 0 closes a socket.
                let mode = last("mode").map_or(Some(0o600), |mode| u32::from_str_radix(mode, 8).ok());
                if mode == Some(0) {
                    return None;
                }
                let is_root = |name| last(name).is_none_or(|account| account.is_empty() || account == "root");
                let of_group = mode.is_some_and(|mode| mode & 0o60 == 0o60) && !is_root("group");
                let of_all = mode.is_none_or(|mode| mode & 0o6 == 0o6);
                socket.root_alone = is_root("user") && !of_group && !of_all;
            }
        }
        Some(socket)
    });
    Backend {
        server: server.to_owned(),
        sockets: sockets.collect(),
        is_whole,
        mechanisms: mechanisms.map(|words| words.iter().map(|word| word.to_ascii_uppercase()).collect()),
    }
}

/// The place of a socket of `service auth`; a port is told by its line.
fn place(view: &View<'_>, sections: &[Section]) -> Option<Place> {
    let [outer, inner] = sections else { return None };
    if outer.kind != "service" || outer.name != "auth" {
        return None;
    }
    if OTHERS.iter().any(|end| inner.name.ends_with(end)) {
        return None;
    }
    match inner.kind.as_str() {
        "inet_listener" => Some(Place::Port(0)),
        "unix_listener" if inner.name.starts_with('/') => Some(Place::Path(normal(&inner.name))),
        "unix_listener" => {
            let base = view.deciding("base_dir").map_or(BASE, |entry| &entry.value);
            Some(Place::Path(normal(&format!("{base}/{}", inner.name))))
        }
        _ => None,
    }
}
