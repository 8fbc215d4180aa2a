//! Mail that leaves: which router takes it, and to which host (the specification, "Generic options for routers" and "The manualroute
//! router"; `routers/manualroute.c`; measured on 4.96).

mod client;

use client::{Client, stuck};

use super::config::{Driver, Entry};
use super::expand::{Text, expand};
use super::lines::Open;
use super::listeners::port_of;
use super::view::{View, steps};
use super::{domains, list};
use crate::facts::{Fact, Outbound, Recipient, Step, Traffic};
use crate::question::QuestionId;

/// Lists within lists: more are a circle.
const DEEPEST: usize = 12;

/// The ways out, one for each router that hands mail to an smtp transport, in the order in which they are asked.
pub(super) fn outbound(view: &View<'_>, id: &str) -> Vec<Outbound> {
    let mut ways: Vec<Outbound> = Vec::new();
    let mut is_taken = false;
    for router in view.config.drivers.iter().filter(|driver| driver.section == "routers") {
        let takes = takes(view, router);
        // What one router surely takes does not come to the next; what it declines mostly cannot be delivered at all.
        if is_taken || takes.all == Some(false) || !passes_on(router) {
            continue;
        }
        let Some((name, transport)) = transport(view, router) else {
            // To a mailbox, a program, or nowhere.
            is_taken |= takes.all == Some(true) && !is_set(router, "unseen");
            continue;
        };
        let destination = destination(view, router, transport);
        is_taken = takes.all == Some(true) && !destination.only_named && !is_set(router, "unseen");
        let traffic = match (takes.all, destination.only_named) {
            (None, _) => Fact::unknown(takes.asked(view, router), takes.because),
            (Some(_), true) => Fact::is(Traffic::Named, takes.because),
            (Some(_), false) => Fact::is(Traffic::Default, takes.because),
        };
        ways.push(way(view, id, router, &name, transport, destination, traffic));
    }
    ways
}

/// False for a router that is asked about addresses alone, or whose driver gives mail to no host.
fn passes_on(router: &Driver) -> bool {
    let driver = router.option("driver").map_or("", |driver| driver.value.as_str());
    !is_set(router, "verify_only") && !matches!(driver, "redirect" | "")
}

/// Options by which a router takes some mail and leaves other: what they ask is known once there is a message.
const CHOOSY: [&str; 8] =
    ["check_local_user", "condition", "local_part_prefix", "local_part_suffix", "local_parts", "require_files", "senders", "set"];

/// Whether a router takes mail for the domains of others.
struct Takes {
    /// All of it or none; `None` where it is not known, or hangs on the message.
    all: Option<bool>,
    /// The line of which it is not known whether it is read.
    open: Option<Open>,
    because: Vec<Step>,
}

impl Takes {
    fn asked(&self, view: &View<'_>, router: &Driver) -> QuestionId {
        match &self.open {
            Some(open) => view.ask_open(open),
            None => {
                let ask = format!("Which mail does the router `{}` take?", router.name);
                view.ask(&format!("exim-router:{}", router.name), ask, "exim -bt somebody@example.net")
            }
        }
    }
}

fn takes(view: &View<'_>, router: &Driver) -> Takes {
    let because = router.option("driver").map(steps).unwrap_or_default();
    let mut takes = Takes { all: router.open.is_none().then_some(true), open: router.open.clone(), because };
    for entry in &router.options {
        let holds = match entry.name.as_str() {
            "domains" => domains::has(view, &entry.value, &|_| Text::Unknown, Recipient::Foreign, DEEPEST),
            "condition" => expand(&entry.value, &|_| Text::Unknown).holds(),
            "senders" if entry.value == "*" => Some(true),
            name if CHOOSY.contains(&name) && !is_optional(router, name) => None,
            _ => continue,
        };
        takes.because.extend(steps(entry));
        match (holds, &entry.open) {
            (_, Some(open)) => {
                takes.all = None;
                takes.open.get_or_insert_with(|| open.clone());
            }
            (Some(false), None) => return Takes { all: Some(false), ..takes },
            (Some(true), None) => {}
            (None, None) => takes.all = None,
        }
    }
    takes
}

/// Whether a switch is set.
fn is_set(driver: &Driver, name: &str) -> bool {
    driver.option(name).is_some_and(|entry| entry.value != "false")
}

/// A prefix or suffix need not be there.
fn is_optional(router: &Driver, name: &str) -> bool {
    is_set(router, &format!("{name}_optional"))
}

/// The transport of a router by its name, where it speaks SMTP.
fn transport<'a>(view: &View<'a>, router: &Driver) -> Option<(String, Option<&'a Driver>)> {
    let named = router.option("transport")?;
    let Text::Is(name) = expand(&named.value, &|_| Text::Unknown) else { return Some((named.value.clone(), None)) };
    let found = view.config.transport(&name)?;
    let is_smtp = found.option("driver").is_some_and(|driver| driver.value == "smtp");
    let is_lmtp = found.option("protocol").is_some_and(|protocol| protocol.value.eq_ignore_ascii_case("lmtp"));
    (is_smtp && !is_lmtp).then_some((name, Some(found)))
}

/// Where a router sends mail.
struct Destination {
    /// `None` when each domain's own mx gets it.
    host: Fact<Option<String>>,
    /// The port that is named with the host.
    port: Option<u16>,
    /// It is looked up as the machine looks up names, without DNSSEC.
    by_name: bool,
    /// It is the host of some domains alone.
    only_named: bool,
}

fn destination(view: &View<'_>, router: &Driver, transport: Option<&Driver>) -> Destination {
    let driver = router.option("driver").map_or("", |driver| driver.value.as_str());
    let own = router.option("driver").map(steps).unwrap_or_default();
    let to = |host, by_name| Destination { host, port: None, by_name, only_named: false };
    let open = || {
        let ask = format!("Which host does the router `{}` send mail to?", router.name);
        view.ask(&format!("exim-host:{}", router.name), ask, "exim -bt somebody@example.net")
    };
    let of_transport = |name: &str| transport.and_then(|transport| transport.option(name));
    let overrides = transport.is_some_and(|transport| is_set(transport, "hosts_override"));
    let written = match driver {
        _ if overrides => of_transport("hosts"),
        "dnslookup" | "ipliteral" => return to(Fact::is(None, own), false),
        "manualroute" => match (router.option("route_list"), router.option("route_data")) {
            (Some(entry), _) if entry.open.is_none() => return by_list(entry, to, &open),
            (Some(entry), _) | (None, Some(entry)) => Some(entry),
            (None, None) => None,
        },
        _ => of_transport("hosts"),
    };
    let Some(entry) = written else { return to(Fact::unknown(open(), own), false) };
    let (hosts, option) = split_hosts(&entry.value);
    match (first_host(hosts), &entry.open) {
        (Some((host, port)), None) => {
            Destination { port, ..to(Fact::is(Some(host), steps(entry)), option == "byname") }
        }
        _ => to(Fact::unknown(open(), steps(entry)), false),
    }
}

/// The rule of a list that all domains come to, or else the only one.
fn by_list(entry: &Entry, to: impl Fn(Fact<Option<String>>, bool) -> Destination, open: &dyn Fn() -> QuestionId) -> Destination {
    let text = entry.value.trim();
    let text = if text.starts_with('<') { text.to_owned() } else { format!("<; {text}") };
    let rules: Vec<(String, String)> = list::items(&text)
        .iter()
        .filter(|rule| !rule.is_empty())
        .map(|rule| {
            let (domain, hosts) = rule.split_once(char::is_whitespace).unwrap_or((rule, ""));
            (domain.to_owned(), hosts.trim().to_owned())
        })
        .collect();
    let for_all = rules.iter().find(|(domain, _)| domain == "*");
    let only_named = for_all.is_none();
    let rule = match (for_all, rules.as_slice()) {
        (Some(rule), _) => Some(rule),
        (None, [only]) if !only.0.contains(['$', '+', '!', '^', ';']) => Some(only),
        _ => None,
    };
    let host = rule.and_then(|(_, hosts)| {
        let (hosts, option) = split_hosts(hosts);
        first_host(hosts).map(|host| (host, option == "byname"))
    });
    match host {
        Some(((host, port), by_name)) => Destination { port, only_named, ..to(Fact::is(Some(host), steps(entry)), by_name) },
        None => Destination { only_named, ..to(Fact::unknown(open(), steps(entry)), false) },
    }
}

/// The hosts of a rule, and the first of its options: a list with blanks in it stands in quotes.
fn split_hosts(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (hosts, options) = match text.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((hosts, options)) => (hosts, options),
        // Where the separator is another one, or stands alone, no blank parts hosts from options.
        None if text.starts_with('<') || text.contains(" : ") => (text, ""),
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    };
    (hosts, options.split_whitespace().next().unwrap_or(""))
}

/// The first host of a list, and the port behind it: `host`, `host::587`, `[::1]:587`, `host/mx`. `None` for what hangs on the message.
fn first_host(text: &str) -> Option<(String, Option<u16>)> {
    if text.contains('$') {
        return None;
    }
    let item = list::items(text).into_iter().find(|item| !item.is_empty() && item != "+")?;
    // The mx of another name are hosts that DNS tells.
    if item.to_ascii_lowercase().ends_with("/mx") {
        return None;
    }
    if let Some((address, behind)) = item.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return Some((address.to_owned(), behind.strip_prefix(':').and_then(port_of)));
    }
    let (host, port) = match item.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host.to_owned(), Some(port_of(port)?)),
        _ => (item, None),
    };
    Some((host, port))
}

fn way(
    view: &View<'_>,
    id: &str,
    router: &Driver,
    name: &str,
    transport: Option<&Driver>,
    destination: Destination,
    traffic: Fact<Traffic>,
) -> Outbound {
    let Destination { host, port, by_name, .. } = destination;
    let id = format!("{id}/out/{}", router.name);
    let defined = router.place();
    let Some(transport) = transport else {
        let ask = format!("Which transport does the router `{}` use?", router.name);
        let question = view.ask(&format!("exim-transport-of:{}", router.name), ask, format!("exim -bP router {}", router.name));
        let because = router.option("transport").map(steps).unwrap_or_default();
        let open = || Fact::unknown(question.clone(), because.clone());
        return Outbound {
            id,
            name: router.name.clone(),
            service: name.to_owned(),
            defined,
            traffic,
            next_hop: host,
            port: Fact::unknown(question.clone(), because.clone()),
            tls: Fact::unknown(question.clone(), because.clone()),
            exceptions: None,
            unless_in_dns: None,
            implicit: open(),
            password: open(),
            password_in_clear: open(),
            stuck: None,
        };
    };
    let client = Client { view, name, transport, host: host.known().and_then(Option::as_deref) };
    let implicit = client.implicit();
    let port = client.port(port, &host.because, &implicit);
    let tls = client.tls(&implicit);
    let unless_in_dns = client.unless_in_dns(&tls, &port, by_name);
    let (password, password_in_clear) = client.logins(&tls);
    let stuck = stuck(&implicit, &port, client.host);
    Outbound {
        id,
        name: router.name.clone(),
        service: name.to_owned(),
        defined,
        traffic,
        port,
        tls,
        exceptions: None,
        unless_in_dns,
        implicit,
        password,
        password_in_clear,
        stuck,
        next_hop: host,
    }
}

#[cfg(test)]
mod tests {
    use super::{first_host, split_hosts};
    use crate::facts::Traffic;

    #[test]
    fn hosts_in_every_form() {
        for (text, expected) in [
            ("smtp.example.net", Some(("smtp.example.net", None))),
            ("smtp.example.net::587", Some(("smtp.example.net", Some(587)))),
            ("smtp.example.net::submission byname", Some(("smtp.example.net", Some(587)))),
            ("a.example:b.example", Some(("a.example", None))),
            ("\"a.example::465 : b.example\" bydns", Some(("a.example", Some(465)))),
            ("<; [2001:db8::1]:587 ; b.example", Some(("2001:db8::1", Some(587)))),
            ("192.0.2.1", Some(("192.0.2.1", None))),
            ("$domain", None),
            ("example.net/mx", None),
            ("", None),
        ] {
            let found = first_host(split_hosts(text).0);
            let found = found.as_ref().map(|(host, port)| (host.as_str(), *port));
            assert_eq!(found, expected, "{text}");
        }
    }

    /// The routers that send mail away, which mail takes them, and to which host.
    fn ways(routers: &str) -> Vec<(String, Option<Traffic>, Option<Option<String>>)> {
        let text = format!(
            "acl_smtp_rcpt = rcpt\ndomainlist local_domains = @ : example.org\nbegin routers\n{routers}begin transports\n\
             out:\n  driver = smtp\nown:\n  driver = smtp\n  hosts = inner.example\n  hosts_override\nfile:\n  driver = appendfile\n"
        );
        let sources = crate::intake::split("exim.conf", &text);
        let server = crate::inspect(&sources, &crate::dialects::exim::Exim, &crate::version::Target::default()).server;
        let shown = |way: &crate::facts::Outbound| (way.name.clone(), way.traffic.known().copied(), way.next_hop.known().cloned());
        server.outbound.iter().map(shown).collect()
    }

    #[test]
    fn routers_are_asked_in_their_order() {
        let smart = "s:\n  driver = manualroute\n  domains = !+local_domains\n  transport = out\n  route_list = * smart.example\n";
        let dns = "d:\n  driver = dnslookup\n  domains = !+local_domains\n  transport = out\n";
        let to_smart = |traffic| ("s".to_owned(), traffic, Some(Some("smart.example".to_owned())));
        let to_all = |traffic| ("d".to_owned(), traffic, Some(None));
        let default = Some(Traffic::Default);
        for (routers, expected) in [
            (String::new(), vec![]),
            (format!("{smart}{dns}"), vec![to_smart(default)]),
            (format!("{dns}{smart}"), vec![to_all(default)]),
            (format!("{smart}  unseen\n{dns}"), vec![to_smart(default), to_all(default)]),
            (format!("{smart}  verify_only\n{dns}"), vec![to_all(default)]),
            (format!("{smart}  condition = no\n{dns}"), vec![to_all(default)]),
            (format!("{smart}  senders = *@a.example\n{dns}"), vec![to_smart(None), to_all(default)]),
            (smart.replace("* smart", "b.example smart") + dns, vec![to_smart(Some(Traffic::Named)), to_all(default)]),
            (smart.replace("!+local_domains", "+local_domains") + dns, vec![to_all(default)]),
            (smart.replace("smart.example", "$domain") + dns, vec![("s".to_owned(), default, None)]),
            (format!("l:\n  driver = accept\n  domains = *\n  transport = file\n{smart}"), vec![]),
            (format!("l:\n  driver = accept\n  check_local_user\n  transport = file\n{smart}"), vec![to_smart(default)]),
            (smart.replace("= out", "= own"), vec![("s".to_owned(), default, Some(Some("inner.example".to_owned())))]),
        ] {
            assert_eq!(ways(&routers), expected, "{routers}");
        }
    }
}
