//! How wishes are written in Dovecot's language, so that every release in question reads them.

use super::releases;
use super::services::PROTOCOLS;
use super::tree::{Entry, Item};
use super::view::View;
use crate::change::{Advice, Change};
use crate::facts::Listener;
use crate::patch::spelling;

/// Suites with forward secrecy and AEAD alone; those of TLS 1.3 stand in no list.
const GOOD_SUITES: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

/// Stands in a path for what only the person can choose.
pub(super) const YOURS: &str = "/HOST/";

/// The file that takes all others together.
const FILE: &str = "dovecot.conf";

/// A setting as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assign {
    pub(super) name: &'static str,
    /// `None` for one that goes.
    pub(super) value: Option<String>,
}

/// Where settings belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// Wherever each is decided for these protocols; the empty name stands for the server as a whole.
    Server(Vec<&'static str>),
    /// The section of a door.
    Door {
        service: &'a str,
        name: &'a str,
    },
}

/// What a wish comes to: what it does in a few words, where, and the settings; `None` where this language has none for it.
pub(super) fn plan<'a>(change: &Change, listener: Option<&'a Listener>, view: &View<'_>) -> Option<(&'static str, Place<'a>, Vec<Assign>)> {
    let set = |name: &'static str, value: &str| Assign { name, value: Some(value.to_owned()) };
    let hide = || if view.is_new() { set("auth_allow_cleartext", "no") } else { set("disable_plaintext_auth", "yes") };
    let protocol = listener.and_then(|one| PROTOCOLS.iter().find(|protocol| protocol.service == one.service));
    let server = || match protocol {
        Some(protocol) => Place::Server(vec![protocol.name]),
        None => Place::Server(std::iter::once("").chain(PROTOCOLS.iter().map(|protocol| protocol.name)).collect()),
    };
    let door = || listener.map(|one| Place::Door { service: &one.service, name: &one.name });
    let at_server = |title, assigns| Some((title, server(), assigns));
    let at_door = |title, assigns| Some((title, door()?, assigns));
    match change {
        Change::RequireTls if listener.is_some_and(Listener::is_implicit_port) => at_door("Begin with TLS here", vec![set("ssl", "yes")]),
        Change::RequireTls => at_server("Let nobody log in without TLS", vec![set("ssl", "required")]),
        Change::OfferTls => at_server("Offer TLS", vec![set("ssl", "yes")]),
        Change::HideAuthInClear => at_server("Take passwords inside TLS alone", vec![hide()]),
        Change::EncryptAuth => at_server("Offer TLS, and take passwords inside it alone", vec![set("ssl", "yes"), hide()]),
        Change::ImplicitTls => at_door("Begin with TLS here", vec![set("ssl", "yes")]),
        Change::EndImplicitTls => at_door("Begin in clear here, and offer STARTTLS", vec![set("ssl", "no")]),
        Change::OldestTls(oldest) if view.version >= releases::MIN_PROTOCOL_SINCE => {
            let mut assigns = vec![set("ssl_min_protocol", oldest.name())];
            // The old list would count beside it.
            if !view.is_new() && view.is_written("ssl_protocols") {
                assigns.push(Assign { name: "ssl_protocols", value: None });
            }
            at_server("Offer nothing older", assigns)
        }
        Change::RefuseSuites(_) | Change::UsualSuites => at_server("Name good suites alone", vec![set("ssl_cipher_list", GOOD_SUITES)]),
        Change::TrustedCertificate => {
            let [cert, key] = [view.named("ssl_cert", "ssl_server_cert_file"), view.named("ssl_key", "ssl_server_key_file")];
            let path = |name| format!("{}/etc/letsencrypt/live{YOURS}{name}", if view.is_new() { "" } else { "<" });
            let assigns = vec![set(cert, &path("fullchain.pem")), set(key, &path("privkey.pem"))];
            at_server("Show a certificate that clients can check", assigns)
        }
        Change::RefuseAnonymous => {
            let mechanisms = view.words("auth_mechanisms");
            let others = mechanisms.known().into_iter().flatten().filter(|word| !word.eq_ignore_ascii_case("anonymous"));
            let others: Vec<&str> = others.map(String::as_str).collect();
            let value = if others.is_empty() { "plain".to_owned() } else { others.join(" ") };
            at_server("Take no login without a name", vec![set("auth_mechanisms", &value)])
        }
        Change::PlaintextInTls => {
            let mechanisms = view.words("auth_mechanisms").known().cloned()?;
            let has = |word: &str| mechanisms.iter().any(|one| one.eq_ignore_ascii_case(word));
            let missing: Vec<String> = ["plain", "login"].into_iter().filter(|word| !has(word)).map(str::to_owned).collect();
            let value = [missing, mechanisms].concat().join(" ");
            at_server("Let users log in with a password, inside TLS", vec![set("auth_mechanisms", &value)])
        }
        Change::Remove { setting } if setting == "ssl_curve_list" => {
            at_server("Leave the curves to OpenSSL", vec![Assign { name: "ssl_curve_list", value: None }])
        }
        Change::OpenForUsers { port } => {
            let name = if *port == 465 { "submissions" } else { "submission" };
            let title = if *port == 465 { "Open port 465, where TLS begins at once" } else { "Open the port" };
            let ssl = if *port == 465 { "yes" } else { "no" };
            let assigns = vec![set("port", &port.to_string()), set("ssl", ssl)];
            Some((title, Place::Door { service: "submission-login", name }, assigns))
        }
        Change::NameInLog | Change::LogTls => at_server("Log the port of each login, and the version of TLS", vec![set(LOG, &logged(view)?)]),
        Change::CloseListener => at_door("Open this port no more", vec![set("port", "0")]),
        _ => None,
    }
}

/// What a line of the log says of a login.
pub(super) const LOG: &str = "login_log_format_elements";

/// What tells the port there.
pub(super) const PORT: [&str; 3] = ["lport=%a", "lport=%{lport}", "lport=%{local_port}"];

/// What tells the version of TLS.
const VERSION: [&str; 2] = ["%k", "%{ssl_security}"];

/// The elements of that line with the version of TLS and the port among them. Source: `doveconf -d` of 2.3.13, 2.3.19 and 2.4.1, and
/// lines of the live servers. `None` where what is written cannot be told.
fn logged(view: &View<'_>) -> Option<String> {
    let (usual, missing) = if view.is_new() {
        ("user=<%{user}> method=%{mechanism} rip=%{remote_ip} lip=%{local_ip} mpid=%{mail_pid} %{secured} session=<%{session}>", ["%{ssl_security}", "lport=%{local_port}"])
    } else {
        ("user=<%u> method=%m rip=%r lip=%l mpid=%e %c session=<%{session}>", ["%k", "lport=%a"])
    };
    let mut elements = if view.is_written(LOG) { view.text(LOG).known()?.clone() } else { usual.to_owned() };
    for (element, signs) in missing.into_iter().zip([&VERSION[..], &PORT]) {
        if !signs.iter().any(|sign| elements.contains(sign)) {
            elements = format!("{elements} {element}");
        }
    }
    Some(elements)
}

/// True for a setting whose name, or whose value, the other language does not have.
pub(super) fn is_of_one_language(name: &str) -> bool {
    !matches!(name, "ssl" | "ssl_min_protocol" | "ssl_cipher_list" | "auth_mechanisms" | "port")
}

/// The lines to copy.
pub(super) fn advise(change: &Change, listener: Option<&Listener>, view: &View<'_>) -> Option<Advice> {
    if let Some(line) = change.line() {
        let entry = view.tree.entries().find(|entry| entry.is_at(line))?;
        let file = view.tree.file_name(entry.written.file).to_owned();
        let (title, text) = match change {
            Change::Spell { words, .. } => (spelling::titled(words), format!("{} = {}", entry.name, spelling::spelt(&entry.value, words))),
            Change::RemoveLine { .. } => ("Take the line out".to_owned(), format!("# without: {} = {}", entry.name, entry.value)),
            Change::Put { title, text, .. } => {
                let from = if entry.from_file { "<" } else { "" };
                (title.clone(), format!("{text} = {from}{}", entry.value))
            }
            _ => return None,
        };
        return Some(Advice { title, file, text });
    }
    let (title, place, assigns) = plan(change, listener, view)?;
    let lines = |indent: &str| {
        let lines = assigns.iter().map(|one| match &one.value {
            Some(value) => format!("{indent}{} = {value}", one.name),
            None => format!("{indent}# without: {}", one.name),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let (file, text) = match &place {
        Place::Door { service, name } => (file_of_door(view, service, name), format!("service {service} {{\n  inet_listener {name} {{\n{}\n  }}\n}}", lines("    "))),
        Place::Server(protocols) => {
            let deciding = protocols.iter().rev().find_map(|protocol| {
                let view = view.of(protocol);
                assigns.iter().find_map(|one| view.deciding(one.name))
            });
            let file = deciding.map_or(FILE, |entry| view.tree.file_name(entry.written.file));
            // What stands for one protocol goes before what stands for all.
            (file, deciding.and_then(of_protocol).map_or_else(|| lines(""), |name| format!("protocol {name} {{\n{}\n}}", lines("  "))))
        }
    };
    Some(Advice { title: title.to_owned(), file: file.to_owned(), text })
}

/// The file in which a door has its section.
fn file_of_door<'a>(view: &View<'a>, service: &str, name: &str) -> &'a str {
    let file = view.tree.items.iter().rev().find_map(|item| match item {
        Item::Opened(sections) => match sections.as_slice() {
            [outer, inner] if outer.name == service && inner.name == name => Some(inner.opened.file),
            _ => None,
        },
        _ => None,
    });
    file.map_or(FILE, |file| view.tree.file_name(file))
}

/// The protocol that a line stands for alone.
fn of_protocol(entry: &Entry) -> Option<&str> {
    match entry.sections.as_slice() {
        [only] if only.kind == "protocol" => Some(&only.name),
        _ => None,
    }
}
