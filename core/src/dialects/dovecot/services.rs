//! The doors of the login services: what Dovecot opens by itself, and what `service … { inet_listener … }` makes of it.

use super::tree::{Entry, Item, Section};
use super::view::{View, is_yes};
use crate::facts::{Fact, Step, Value};
use crate::source::Span;
use crate::template;

/// A protocol with its service, and the doors that it has where nobody says otherwise: name, port, whether TLS begins at once,
/// and whether the old language has it too.
///
/// Source: `doveconf -a` of 2.3.19 and 2.4.1.
pub(super) struct Protocol {
    pub(super) name: &'static str,
    pub(super) service: &'static str,
    doors: &'static [(&'static str, u16, bool, bool)],
}

pub(super) static PROTOCOLS: [Protocol; 4] = [
    Protocol { name: "imap", service: "imap-login", doors: &[("imap", 143, false, true), ("imaps", 993, true, true)] },
    Protocol { name: "pop3", service: "pop3-login", doors: &[("pop3", 110, false, true), ("pop3s", 995, true, true)] },
    Protocol { name: "submission", service: "submission-login", doors: &[("submission", 587, false, true), ("submissions", 465, true, false)] },
    Protocol { name: "sieve", service: "managesieve-login", doors: &[("sieve", 4190, false, true)] },
];

/// One door.
pub(super) struct Door {
    pub(super) name: String,
    pub(super) port: Fact<u16>,
    pub(super) implicit: Fact<bool>,
    /// Its own address, when it has one.
    pub(super) address: Option<Fact<String>>,
    pub(super) haproxy: Fact<bool>,
    /// The line that opens its section.
    pub(super) defined: Option<Span>,
}

/// The doors of a protocol's service.
pub(super) fn doors(view: &View<'_>, protocol: &'static Protocol) -> Vec<Door> {
    let own = protocol
        .doors
        .iter()
        .filter(|(.., is_old)| *is_old || view.is_new())
        .map(|(name, port, implicit, _)| Door {
            name: (*name).to_owned(),
            port: Fact::is(*port, Vec::new()),
            implicit: Fact::is(*implicit, Vec::new()),
            address: None,
            haproxy: Fact::is(false, Vec::new()),
            defined: None,
        });
    doors_of(view, protocol.service, own.collect())
}

/// The doors of every other service, with its name: other programs come there, and no user.
pub(super) fn others(view: &View<'_>) -> Vec<(String, Door)> {
    let mut services: Vec<&str> = Vec::new();
    for item in &view.tree.items {
        let (Item::Opened(sections) | Item::Entry(Entry { sections, .. })) = item else { continue };
        let Some(outer) = sections.first().filter(|outer| outer.kind == "service") else { continue };
        let is_known = services.contains(&outer.name.as_str()) || PROTOCOLS.iter().any(|protocol| protocol.service == outer.name);
        if !is_known {
            services.push(&outer.name);
        }
    }
    let doors = |service: &str| doors_of(view, service, Vec::new()).into_iter().map(|door| (service.to_owned(), door)).collect::<Vec<_>>();
    services.into_iter().flat_map(doors).collect()
}

/// The doors that a service has by itself, as the files change them, and those that they add.
fn doors_of(view: &View<'_>, service: &str, mut doors: Vec<Door>) -> Vec<Door> {
    for item in &view.tree.items {
        let (sections, entry) = match item {
            Item::Opened(sections) => (sections, None),
            Item::Entry(entry) => (&entry.sections, Some(entry)),
            Item::Unseen { .. } | Item::Grouped(_) => continue,
        };
        let Some(name) = door_of(sections, service) else { continue };
        let place = match doors.iter().position(|door| door.name == name) {
            Some(place) => place,
            None => {
                let closed = Fact::is(0, Vec::new());
                let no = || Fact::is(false, Vec::new());
                doors.push(Door { name: name.to_owned(), port: closed, implicit: no(), address: None, haproxy: no(), defined: None });
                doors.len() - 1
            }
        };
        let Some(door) = doors.get_mut(place) else { continue };
        if door.defined.is_none() {
            door.defined = sections.last().map(|section| section.opened);
        }
        let Some(entry) = entry else { continue };
        let step = Step::Override { setting: entry.name.as_str().into(), span: entry.written };
        let value = view.value_of(entry);
        let yes = |value: Value<String>| Fact { value: value.map(|text| is_yes(&text)), because: vec![step.clone()].into() };
        match entry.name.as_str() {
            "port" => door.port = port(view, value, step),
            "ssl" => door.implicit = yes(value),
            "haproxy" => door.haproxy = yes(value),
            "address" | "listen" => door.address = Some(Fact { value, because: vec![step].into() }),
            _ => {}
        }
    }
    doors
}

fn door_of<'s>(sections: &'s [Section], service: &str) -> Option<&'s str> {
    match sections {
        [outer, inner] if outer.kind == "service" && outer.name == service && inner.kind == "inet_listener" => Some(&inner.name),
        _ => None,
    }
}

fn port(view: &View<'_>, value: Value<String>, step: Step) -> Fact<u16> {
    let because = vec![step];
    match value {
        Value::Unknown(question) => Fact::unknown(question, because),
        Value::Is(text) => match text.parse() {
            Ok(port) => Fact::is(port, because),
            Err(_) => {
                let mark = template::first_mark(&text).unwrap_or(&text);
                let question = view.ask("dovecot-port", format!("Which port is `{mark}`?"), "doveconf -n service/imap-login");
                Fact::unknown(question, because)
            }
        },
    }
}
