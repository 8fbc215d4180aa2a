//! What is open beside the doors for users, and who meets something else than strangers do.

use super::listeners::{address, is_loopback};
use super::services;
use super::view::View;
use crate::facts::Step;
use crate::report::Note;
use crate::report::merge::enumerated;
use crate::source::Span;

/// A door that is open to other machines and belongs to no protocol of users.
struct Other {
    service: String,
    name: String,
    place: Option<Span>,
    /// How people speak of it.
    spoken: String,
}

fn open_to_machines(view: &View<'_>) -> Vec<Other> {
    let mut open = Vec::new();
    for (service, door) in services::others(view) {
        let address = address(view, &door);
        if door.port.known() == Some(&0) || is_loopback(&address) {
            continue;
        }
        let port = door.port.known().map_or_else(|| "a port".to_owned(), |port| format!("port {port}"));
        let spoken = format!("{port} of `service {service}`");
        let said = door.address.as_ref().and_then(|address| address.because.iter().find_map(Step::span));
        open.push(Other { service, name: door.name, place: said.or(door.defined), spoken });
    }
    open
}

/// Those of the service that looks at passwords, each with what whoever reaches it is told. Both were seen on 2.3.19.
pub(super) fn open_backends(view: &View<'_>) -> Vec<(Option<Span>, String)> {
    let open = open_to_machines(view).into_iter().filter(|door| door.service == "auth");
    let told = open.map(|Other { name, place, spoken, .. }| {
        // The end of a name says which language is spoken there.
        let end = name.rsplit('-').next();
        let what = match end {
            Some("master" | "userdb") => "who all the users are and where their mail is, and asks for no password",
            _ => "whether a password is right, and asks for no encryption",
        };
        (place, format!("{spoken} tells every machine that reaches it {what}"))
    });
    told.collect()
}

/// The others, each with what is to be said of it, and clients that have settings of their own.
pub(super) fn not_judged(view: &View<'_>) -> Vec<Note> {
    let mut told = of_some_clients(view);
    for Other { service, place, spoken, .. } in open_to_machines(view) {
        let does = match service.as_str() {
            // A rule says it.
            "auth" => continue,
            "lmtp" => "whoever reaches it can hand in mail past the checks of port 25",
            _ => "nobody but your own programs should reach it",
        };
        let text = format!("{spoken} is open to other machines, and is not judged: {does}");
        told.push(Note { topic: "port-not-judged", text, at: place });
    }
    told
}

/// Settings about TLS and passwords that hold for some clients alone. What is judged is what strangers meet.
fn of_some_clients(view: &View<'_>) -> Vec<Note> {
    let mut told: Vec<(&str, Span, Vec<&str>)> = Vec::new();
    for entry in view.tree.entries() {
        let is_about = entry.name.starts_with("ssl") || matches!(entry.name.as_str(), "disable_plaintext_auth" | "auth_allow_cleartext");
        let Some(section) = entry.sections.iter().find(|section| section.kind == "remote" && is_about && !section.name.ends_with("/0")) else {
            continue;
        };
        match told.iter_mut().find(|(network, ..)| *network == section.name) {
            Some((.., names)) => names.push(&entry.name),
            None => told.push((&section.name, entry.name_span, vec![&entry.name])),
        }
    }
    let notes = told.into_iter().map(|(network, at, names)| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let text = format!(
            "clients in `{network}` have their own {}, and what they meet is not judged: `doveconf -f remote=ADDRESS -n` shows it",
            enumerated(&names)
        );
        Note { topic: "clients-not-judged", text, at: Some(at) }
    });
    notes.collect()
}
