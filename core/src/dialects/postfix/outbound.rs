//! Mail that leaves: where trivial-rewrite(8) sends it, and how smtp(8) hands it over there (TLS_README; SASL_README;
//! postconf(5), `default_transport`, `relayhost`, `smtp_tls_security_level` and their kin).

use super::config::{View, split_list};
use super::listeners::{is_loopback, port};
use super::syntax::Service;
use crate::facts::{Assurance, Cause, Fact, Members, Outbound, Because, Traffic, Value};
use crate::gather::Index;
use crate::question::QuestionId;
use crate::version::Version;

/// All clients of master.cf that speak SMTP, in its order. The one that every mail takes is there even where master.cf was
/// not given, or not all of it.
pub(super) fn outbound(server: &View<'_>, id: &str) -> Vec<Outbound> {
    let routes = Routes::new(server);
    let mut places = Index::default();
    let mut clients: Vec<&Service> = Vec::new();
    for service in &server.configuration.syntax.services {
        if service.kind != "unix" || service.conditional {
            continue;
        }
        // Of two entries of one name master(8) runs the last, whatever its program.
        if let Some(replaced) = places.put(&service.name, clients.len()) {
            clients[replaced] = service;
            places.put(&service.name, replaced);
        } else {
            clients.push(service);
        }
    }
    let is_assumed = !places.contains(STOCK);
    let known = clients.into_iter().filter(|service| service.program == STOCK);
    let mut ways: Vec<Outbound> = known.map(|service| lower(&server.of(service), &service.name, Some(service), &routes, id)).collect();
    if is_assumed {
        ways.push(lower(server, STOCK, None, &routes, id));
    }
    ways
}

/// The name of the stock client, and of the program behind every client.
const STOCK: &str = "smtp";

/// What main.cf says about the way of mail for other hosts.
struct Routes {
    default: Fact<Transport>,
    relay: Fact<Transport>,
    /// Domains are passed on that somebody named.
    relays: Option<Because>,
    relayhost: Fact<String>,
    /// Set when tables choose the client.
    clients_by_table: Option<QuestionId>,
    /// Set when tables choose the next host by the sender.
    hosts_by_table: Option<QuestionId>,
}

/// `name` or `name:destination`.
#[derive(Clone)]
struct Transport {
    name: String,
    destination: Option<String>,
}

impl Routes {
    fn new(server: &View<'_>) -> Routes {
        let transport = |name: &str| {
            server.text(name).map(|text| {
                let (name, destination) = text.split_once(':').unwrap_or((&text, ""));
                let destination = Some(destination.trim().to_owned()).filter(|destination| !destination.is_empty());
                Transport { name: name.trim().to_owned(), destination }
            })
        };
        let named = |tables: &[&'static str]| tables.iter().copied().find(|name| server.is_given(name));
        let table = |name: &'static str| {
            let ask = format!("Which hosts do the tables of `{name}` send mail to, and by which client?");
            server.ask(name, ask, format!("postconf -h {name}, then postmap -s for each table"))
        };
        // Its default names the server's own domains, which are delivered here before anybody asks.
        let relays = server.written("relay_domains").is_some() && server.is_given("relay_domains");
        Routes {
            default: transport("default_transport"),
            relay: transport("relay_transport"),
            relays: relays.then(|| server.because("relay_domains")),
            relayhost: server.text("relayhost"),
            clients_by_table: named(&["transport_maps", "sender_dependent_default_transport_maps"]).map(table),
            hosts_by_table: named(&["sender_dependent_relayhost_maps"]).map(table),
        }
    }

    /// Which mail the client of a name gets, and the destination that its transport names.
    fn traffic(&self, name: &str) -> (Fact<Traffic>, Option<&Fact<Transport>>) {
        let is_named = |transport: &Fact<Transport>| transport.known().is_some_and(|transport| transport.name == name);
        if let Value::Unknown(question) = &self.default.value {
            return (Fact::unknown(question.clone(), self.default.because.clone()), None);
        }
        if is_named(&self.default) {
            return (Fact::is(Traffic::Default, self.default.because.clone()), Some(&self.default));
        }
        match &self.relays {
            Some(because) if is_named(&self.relay) => (Fact::is(Traffic::Relayed, because.clone()), Some(&self.relay)),
            _ => (Fact::is(Traffic::Named, Vec::new()), None),
        }
    }

    /// What the mail is handed to, with its port: the transport's own destination, or else the relayhost.
    fn destination(&self, transport: Option<&Fact<Transport>>) -> Fact<String> {
        let Some(transport) = transport else {
            // Only tables send mail here.
            return match &self.clients_by_table {
                Some(question) => Fact::unknown(question.clone(), Vec::new()),
                None => Fact::is(String::new(), Vec::new()),
            };
        };
        if let Some(destination) = transport.known().and_then(|transport| transport.destination.clone()) {
            return Fact::is(destination, transport.because.clone());
        }
        match (&self.hosts_by_table, self.relayhost.known()) {
            (Some(question), Some(host)) if host.is_empty() => {
                Fact::unknown(question.clone(), self.relayhost.because.clone())
            }
            _ => self.relayhost.clone(),
        }
    }
}

fn lower(view: &View<'_>, name: &str, service: Option<&Service>, routes: &Routes, id: &str) -> Outbound {
    let (traffic, transport) = routes.traffic(name);
    let destination = routes.destination(transport);
    let next_hop = destination.clone().map(|text| first_host(&text).map(|(host, _)| host.to_owned()));
    let port = port_of(view, &destination);
    let exceptions = exceptions(view);
    let implicit = view.boolean("smtp_tls_wrappermode");
    let tls = assurance(view);
    let password = view.boolean("smtp_sasl_auth_enable");
    let stuck = stuck(view, &tls, exceptions.as_ref(), &implicit, &next_hop, &port);
    Outbound {
        id: format!("{id}/out/{name}"),
        name: name.to_owned(),
        service: format!("{name}/unix"),
        defined: service.map(|service| service.head),
        password_in_clear: password_in_clear(view, &password, &tls, exceptions.as_ref(), &implicit),
        traffic,
        next_hop,
        port,
        tls: tls.map(|level| level.unwrap_or(Assurance::None)),
        exceptions,
        unless_in_dns: None,
        implicit,
        password,
        stuck,
    }
}

/// Host and port of the first destination: `[host]:port`, `host:port`, `[host]`, `host`. The others are tried after it.
fn first_host(text: &str) -> Option<(&str, Option<&str>)> {
    let first = text.split([',', ' ', '\t', '\n']).find(|word| !word.is_empty())?;
    if let Some(rest) = first.strip_prefix('[') {
        let (host, behind) = rest.split_once(']').unwrap_or((rest, ""));
        return Some((host, behind.strip_prefix(':').filter(|port| !port.is_empty())));
    }
    Some(match first.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.is_empty() => (host, Some(port)),
        _ => (first, None),
    })
}

/// The port that is named, or the one that all hosts have for it.
fn port_of(view: &View<'_>, destination: &Fact<String>) -> Fact<u16> {
    let text = match &destination.value {
        Value::Unknown(question) => return Fact::unknown(question.clone(), destination.because.clone()),
        Value::Is(text) => text,
    };
    if let Some((_, Some(word))) = first_host(text) {
        let port = port(view, word);
        return Fact { because: [destination.because.clone(), port.because].concat().into(), ..port };
    }
    if !view.since(Version::new(3, 2, 0)) {
        return Fact::is(25, Vec::new());
    }
    let usual = view.text("smtp_tcp_port");
    match usual.value {
        Value::Unknown(question) => Fact::unknown(question, usual.because),
        Value::Is(word) => Fact { because: usual.because, ..port(view, &word) },
    }
}

/// The level, or the old switches where none is set. `None` for a word that is no level.
fn assurance(view: &View<'_>) -> Fact<Option<Assurance>> {
    let level = view.text("smtp_tls_security_level");
    let word = match &level.value {
        Value::Unknown(question) => return Fact::unknown(question.clone(), level.because),
        Value::Is(word) if word.is_empty() => return by_old_switches(view, level.because).map(Some),
        Value::Is(word) => word.to_ascii_lowercase(),
    };
    let known = match word.as_str() {
        "none" => Some(Assurance::None),
        "may" => Some(Assurance::Optional),
        "encrypt" => Some(Assurance::Required),
        "verify" | "secure" | "fingerprint" | "dane-only" => Some(Assurance::Verified),
        // Verified where DNS publishes the keys of the other side, optional elsewhere.
        "dane" | "half-dane" => {
            let question = view.ask(
                "next-hop-dane",
                "Does DNS publish TLSA records, signed by DNSSEC, for the hosts that mail is handed to?",
                "dig +dnssec TLSA _587._tcp.smtp.example.net",
            );
            return Fact::unknown(question, level.because);
        }
        _ => None,
    };
    Fact::is(known, level.because)
}

fn by_old_switches(view: &View<'_>, level: Because) -> Fact<Assurance> {
    let enforce = view.boolean("smtp_enforce_tls");
    let optional = view.boolean("smtp_use_tls");
    match (&enforce.value, &optional.value) {
        (Value::Is(true), _) => match view.boolean("smtp_tls_enforce_peername").value {
            Value::Is(true) => Fact::is(Assurance::Verified, enforce.because),
            Value::Is(false) => Fact::is(Assurance::Required, enforce.because),
            Value::Unknown(question) => Fact::unknown(question, enforce.because),
        },
        (Value::Unknown(question), _) | (Value::Is(false), Value::Unknown(question)) => {
            Fact::unknown(question.clone(), [enforce.because, optional.because].concat())
        }
        (Value::Is(false), Value::Is(true)) => Fact::is(Assurance::Optional, optional.because),
        (Value::Is(false), Value::Is(false)) => Fact::is(Assurance::None, level),
    }
}

/// A table may say otherwise for some hosts.
fn exceptions(view: &View<'_>) -> Option<QuestionId> {
    let table = ["smtp_tls_policy_maps", "smtp_tls_per_site"].into_iter().find(|name| view.is_given(name))?;
    Some(view.ask(
        "tls-policy-table",
        format!("What does the table of `{table}` say about the hosts that mail is handed to?"),
        format!("postmap -q '[smtp.example.net]:587' $(postconf -h {table})"),
    ))
}

/// smtp(8) takes the words of the options for sessions in clear, and never logs in where TLS is a must and missing.
fn password_in_clear(
    view: &View<'_>,
    password: &Fact<bool>,
    tls: &Fact<Option<Assurance>>,
    exceptions: Option<&QuestionId>,
    implicit: &Fact<bool>,
) -> Fact<bool> {
    if !password.surely() {
        return password.clone();
    }
    if implicit.surely() {
        return Fact::is(false, implicit.because.clone());
    }
    let options = view.list("smtp_sasl_security_options");
    match (&options.value, &tls.value, exceptions) {
        (Value::Is(words), ..) if words.surely.iter().any(|word| word.eq_ignore_ascii_case("noplaintext")) => {
            Fact::is(false, options.because)
        }
        (Value::Unknown(question) | Value::Is(Members { rest: Some(question), .. }), ..) => {
            Fact::unknown(question.clone(), options.because.clone())
        }
        (_, Value::Unknown(question), _) => Fact::unknown(question.clone(), tls.because.clone()),
        (_, Value::Is(_), Some(question)) => Fact::unknown(question.clone(), tls.because.clone()),
        (_, Value::Is(Some(Assurance::Required | Assurance::Verified)), None) => Fact::is(false, tls.because.clone()),
        (_, Value::Is(_), None) => Fact::is(true, [tls.because.clone(), password.because.clone()].concat()),
    }
}

/// Why TLS keeps all mail in the queue.
fn stuck(
    view: &View<'_>,
    tls: &Fact<Option<Assurance>>,
    exceptions: Option<&QuestionId>,
    implicit: &Fact<bool>,
    next_hop: &Fact<Option<String>>,
    port: &Fact<u16>,
) -> Option<Fact<Cause>> {
    let stuck = |why: String, because: Because| Some(Fact::is(Cause(why), because));
    let (level, wrapper) = ("smtp_tls_security_level", "smtp_tls_wrappermode");
    if tls.known() == Some(&None) {
        let word = view.text(level).known().cloned().unwrap_or_default();
        return stuck(format!("smtp stops at `{level} = {word}`: there is no such level"), tls.because.clone());
    }
    let is_implicit = *implicit.known()?;
    // The other end of a tunnel on this machine speaks as the tunnel was told to.
    let is_elsewhere = next_hop.known().is_some_and(|host| !host.as_deref().is_some_and(is_loopback));
    match (is_implicit, port.known()) {
        (true, Some(port_there @ (25 | 587))) if is_elsewhere => {
            let why = format!("port {port_there} begins in clear, and `{wrapper} = yes` begins with TLS");
            return stuck(why, [implicit.because.clone(), port.because.clone()].concat().into());
        }
        (false, Some(465)) if is_elsewhere => {
            let why = format!("port 465 begins with TLS, and without `{wrapper} = yes` smtp waits there for a greeting");
            return stuck(why, [port.because.clone(), implicit.because.clone()].concat().into());
        }
        _ => {}
    }
    let is_weak = matches!(tls.known(), Some(Some(Assurance::None | Assurance::Optional)));
    if is_implicit && is_weak && exceptions.is_none() {
        let why = format!("with `{wrapper} = yes` it takes `{level} = encrypt`, or smtp sends nothing");
        return stuck(why, [tls.because.clone(), implicit.because.clone()].concat().into());
    }
    None
}

impl View<'_> {
    /// True when a list has members, or may have some.
    fn is_given(&self, name: &str) -> bool {
        let expansion = self.lookup(name);
        expansion.is_some_and(|value| value.question.is_some() || !split_list(&value.text).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_in_every_form() {
        for (text, expected) in [
            ("", None),
            ("[smtp.example.net]:587", Some(("smtp.example.net", Some("587")))),
            ("[smtp.example.net]", Some(("smtp.example.net", None))),
            ("smtp.example.net:submission", Some(("smtp.example.net", Some("submission")))),
            ("example.net", Some(("example.net", None))),
            ("[2001:db8::1]:465", Some(("2001:db8::1", Some("465")))),
            ("[a.example]:465, [b.example]", Some(("a.example", Some("465")))),
            ("[a.example", Some(("a.example", None))),
        ] {
            assert_eq!(first_host(text), expected, "{text}");
        }
    }

    /// The ways out of a configuration, at one release.
    fn ways(release: &str, text: &str) -> Vec<Outbound> {
        let sources = crate::intake::split("paste", text);
        let mut target = crate::version::Target::default();
        target.add(&format!("postfix={release}")).unwrap();
        let dialect = crate::recognise(&sources).unwrap();
        crate::inspect(&sources, dialect, &target).server.outbound
    }

    fn level(release: &str, text: &str) -> Option<Assurance> {
        ways(release, text).first().and_then(|way| way.tls.known().copied())
    }

    #[test]
    fn the_level_is_the_switches_where_none_is_set() {
        for (text, expected) in [
            ("relayhost =", Some(Assurance::None)),
            ("smtp_use_tls = yes", Some(Assurance::Optional)),
            ("smtp_enforce_tls = yes", Some(Assurance::Verified)),
            ("smtp_enforce_tls = yes\nsmtp_tls_enforce_peername = no", Some(Assurance::Required)),
            ("smtp_enforce_tls = yes\nsmtp_tls_security_level = may", Some(Assurance::Optional)),
            ("smtp_tls_security_level = Encrypt", Some(Assurance::Required)),
            ("smtp_tls_security_level = dane-only", Some(Assurance::Verified)),
            ("smtp_tls_security_level = dane", None),
        ] {
            assert_eq!(level("3.7.11", text), expected, "{text}");
        }
    }

    #[test]
    fn since_3_11_the_level_of_compatibility_decides() {
        assert_eq!(level("3.11.0", "compatibility_level = 3.11"), Some(Assurance::Optional));
        assert_eq!(level("3.11.0", "compatibility_level = 3.10"), Some(Assurance::None));
        assert_eq!(level("3.11.0", "compatibility_level = 3.11\nsmtp_tls_security_level ="), Some(Assurance::None));
        assert_eq!(level("3.10.13", "compatibility_level = 3.6"), Some(Assurance::None));
    }

    #[test]
    fn services_keep_their_options_and_their_mail() {
        let text = "relayhost = [a.example]:587\nrelay_domains = b.example\nrelay_transport = inner:[c.example]\n\
            smtp unix - - n - - smtp\n -o smtp_tls_security_level=encrypt\n\
            inner unix - - n - - smtp\n -o smtp_tls_wrappermode=yes\n\
            other unix - - n - - smtp\nlast unix - - n - - pipe\n";
        let ways = ways("3.7.11", text);
        let shown: Vec<_> = ways.iter().map(|way| (way.name.as_str(), way.traffic.known().copied(), way.spoken_host())).collect();
        let host = |text: &str| Some(text.to_owned());
        assert_eq!(
            shown,
            [
                ("smtp", Some(Traffic::Default), host("a.example, port 587")),
                ("inner", Some(Traffic::Relayed), host("c.example, port 25")),
                ("other", Some(Traffic::Named), None),
            ]
        );
        assert_eq!(ways[0].tls.known(), Some(&Assurance::Required));
        assert!(ways[1].implicit.surely() && ways[1].stuck.is_some() && ways[0].stuck.is_none());
    }

    #[test]
    fn tables_are_asked_for_and_a_client_is_assumed() {
        let ways = ways("3.7.11", "transport_maps = hash:/t\nsmtp_tls_policy_maps = hash:/p\nsender_dependent_relayhost_maps = hash:/s\n");
        assert_eq!(ways.len(), 1);
        assert!(ways[0].defined.is_none() && ways[0].exceptions.is_some());
        assert_eq!(ways[0].next_hop.value.question().map(|question| question.0.as_str()), Some("sender_dependent_relayhost_maps"));
    }
}
