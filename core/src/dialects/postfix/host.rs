//! Defaults that Postfix takes from the machine: its name and its networks.

use std::net::IpAddr;

use super::config::View;
use super::expand::Lookup;
use crate::facts::{Fact, Step};
use crate::question::QuestionId;
use crate::version::{Interface, Target};

/// The default of a parameter that depends on the machine.
pub(super) fn default_of(view: &View<'_>, name: &str) -> Lookup {
    // `myhostname` may be built from `mydomain` and the reverse: in such a circle nothing is known.
    let asking = &view.configuration.asking;
    if asking.get() > 3 {
        return Lookup::Unknown(host_question(view));
    }
    // Values that refer to each other many times would ask again each time, and each answer would ask for the others.
    let depth = asking.get();
    let is_this = |one: &(u8, String, _)| one.0 == depth && one.1 == name;
    let known = view.configuration.of_machine.borrow().iter().find(|one| is_this(one)).map(|one| one.2.clone());
    if let Some(known) = view.configuration.reuse(known.as_ref()) {
        return known;
    }
    asking.set(depth + 1);
    // The machine is asked once for all services, by what main.cf says.
    let default = view.configuration.answer(|| from_machine(&View { service: None, ..*view }, name));
    asking.set(depth);
    let value = default.value.clone();
    let mut known = view.configuration.of_machine.borrow_mut();
    known.retain(|one| !is_this(one));
    known.push((depth, name.to_owned(), default));
    value
}

fn from_machine(view: &View<'_>, name: &str) -> Lookup {
    match name {
        "myhostname" => host_name(view),
        "mydomain" => domain(view),
        "mynetworks" => networks(view),
        // Every program puts in its own: there is nothing to ask.
        "process_id" | "process_name" | "service_name" => Lookup::Unknown(QuestionId("each-program".to_owned())),
        _ => Lookup::Unknown(view.ask(
            &format!("machine-{name}"),
            format!("What does the machine give for `{name}`?"),
            format!("postconf -dh {name}"),
        )),
    }
}

/// The name by which clients look for the server, and the question that remains where nobody said it. Only certificates are
/// held against it.
pub(super) fn published_name(view: &View<'_>) -> (Fact<String>, Option<QuestionId>) {
    let Target { published_name, seen, .. } = view.configuration.target;
    if let Some(name) = published_name {
        return (Fact::is(name.clone(), vec![Step::Assumed { flag: "--host-name".to_owned() }]), None);
    }
    if seen.given.is_empty() && seen.files.is_empty() {
        return (Fact::unknown(QuestionId(PUBLISHED_NAME.to_owned()), Vec::new()), None);
    }
    // Asked where a certificate is for another name.
    (view.text("myhostname"), Some(QuestionId(PUBLISHED_NAME.to_owned())))
}

/// Asks for the name by which clients look for the server, unless the person said it.
pub(super) fn ask_published_name(view: &View<'_>) {
    if view.configuration.target.published_name.is_none() {
        view.ask(
            PUBLISHED_NAME,
            "Which name do users enter in their mail programs? Only `myhostname` is known, and it may be another one.",
            "smtplint check --host-name NAME",
        );
    }
}

const PUBLISHED_NAME: &str = "published-name";

fn host_question(view: &View<'_>) -> QuestionId {
    view.ask("host-name", "What is the machine's own full name?", "postconf -h myhostname")
}

/// The machine's name, with `mydomain` behind it when it has no dot (postconf(5), myhostname).
fn host_name(view: &View<'_>) -> Lookup {
    let Some(name) = &view.configuration.target.host_name else {
        return Lookup::Unknown(host_question(view));
    };
    if name.contains('.') {
        return Lookup::Text(name.clone());
    }
    if view.written("mydomain").is_none() {
        return Lookup::Text(format!("{name}.localdomain"));
    }
    match view.lookup("mydomain") {
        Some(domain) if domain.question.is_none() => Lookup::Text(format!("{name}.{}", domain.text)),
        _ => Lookup::Unknown(host_question(view)),
    }
}

/// What follows the first dot of `myhostname` (postconf(5), mydomain).
fn domain(view: &View<'_>) -> Lookup {
    // A `myhostname` that is built from `mydomain` would ask in a circle.
    let refers_back =
        view.written("myhostname").is_some_and(|written| super::names::references(&written.value).iter().any(|name| name == "mydomain"));
    if refers_back {
        return Lookup::Text("localdomain".to_owned());
    }
    match view.lookup("myhostname") {
        Some(name) if name.question.is_none() => {
            Lookup::Text(name.text.split_once('.').map_or("localdomain", |(_, domain)| domain).to_owned())
        }
        _ => Lookup::Unknown(host_question(view)),
    }
}

/// The machine's own addresses or networks, as `mynetworks_style` says (postconf(5), mynetworks_style).
fn networks(view: &View<'_>) -> Lookup {
    let hidden = || {
        Lookup::Unknown(view.ask(
            "host-networks",
            "Which networks does the machine take for its own? `mynetworks` is not set, so Postfix asks the interfaces.",
            "postconf -h mynetworks",
        ))
    };
    let interfaces = &view.configuration.target.interfaces;
    let style = match view.lookup("mynetworks_style") {
        Some(style) if style.question.is_none() => style,
        _ => return hidden(),
    };
    let listening = view.lookup("inet_interfaces").unwrap_or_default();
    let protocols = view.lookup("inet_protocols").unwrap_or_default();
    if interfaces.is_empty() || !matches!(listening.text.as_str(), "all" | "loopback-only") {
        return hidden();
    }
    let (four, six) = match protocols.text.as_str() {
        "all" | "ipv4, ipv6" | "ipv4,ipv6" => (true, true),
        "ipv4" => (true, false),
        "ipv6" => (false, true),
        _ => return hidden(),
    };
    let mut patterns: Vec<String> = Vec::new();
    for interface in interfaces {
        let wanted = if interface.address.is_ipv4() { four } else { six };
        if !wanted || (listening.text == "loopback-only" && !interface.address.is_loopback()) {
            continue;
        }
        let Some(pattern) = pattern(*interface, &style.text) else { return hidden() };
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    // Postfix itself leaves a blank behind each.
    Lookup::Text(patterns.iter().map(|pattern| format!("{pattern} ")).collect())
}

fn pattern(interface: Interface, style: &str) -> Option<String> {
    match interface.address {
        IpAddr::V4(address) => {
            let prefix = match style {
                "host" => 32,
                "subnet" => u32::from(interface.prefix),
                "class" => match address.octets().first()? {
                    0..=127 => 8,
                    128..=191 => 16,
                    192..=223 => 24,
                    224..=239 => 4,
                    _ => return None,
                },
                _ => return None,
            };
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            Some(format!("{}/{prefix}", std::net::Ipv4Addr::from(u32::from(address) & mask)))
        }
        IpAddr::V6(address) => {
            // There are no classes of IPv6 networks: Postfix takes the subnet.
            let prefix = if style == "host" { 128 } else { u32::from(interface.prefix) };
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            Some(format!("[{}]/{prefix}", std::net::Ipv6Addr::from(u128::from(address) & mask)))
        }
    }
}
