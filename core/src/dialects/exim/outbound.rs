//! Mail that leaves: which router takes it, and to which host (the specification, "Generic options for routers" and "The manualroute
//! router"; `route.c`; measured on 4.96).

mod client;
mod route;

use std::cmp::Reverse;

use client::{Client, Towards};
use route::Rule;

use super::config::{Driver, Entry};
use super::domains::{self, Whose};
use super::expand::{Text, expand};
use super::lines::Open;
use super::view::{View, steps};
use crate::facts::{Assurance, Fact, Outbound, Step, Traffic};
use crate::question::QuestionId;

/// Lists within lists: more are a circle.
const DEEPEST: usize = 12;

/// The ways out, one for each router that hands mail to an smtp transport, in the order in which they are asked.
pub(super) fn outbound(view: &View<'_>, id: &str) -> Vec<Outbound> {
    let mut ways: Vec<Outbound> = Vec::new();
    for router in view.config.drivers.iter().filter(|driver| driver.section == "routers" && gives(driver)) {
        let takes = takes(view, router);
        if takes.mail == Some(Mail::None) {
            continue;
        }
        let destination = destination(view, router);
        let mail = match (takes.mail, destination.mail) {
            (None, _) | (_, None) => None,
            (Some(Mail::Named), _) | (_, Some(Mail::Named)) => Some(Mail::Named),
            (Some(mail), Some(_)) => Some(mail),
        };
        // What one router surely takes does not come to the next.
        let is_taken = mail == Some(Mail::All) && !is_set(router, "unseen");
        match transport(view, router, destination.transport.as_deref()) {
            Transport::None => continue,
            // To a mailbox, or to a program.
            Transport::Other => {}
            transport => {
                let traffic = match mail {
                    None => Fact::unknown(takes.asked(view, router), takes.because),
                    Some(Mail::All) => Fact::is(Traffic::Default, takes.because),
                    Some(_) => Fact::is(Traffic::Named, takes.because),
                };
                ways.push(match transport {
                    Transport::Smtp(name, driver) => weakest(view, id, router, (name, driver), &destination, &traffic),
                    _ => unknown(view, id, router, traffic),
                });
            }
        }
        if is_taken {
            break;
        }
    }
    ways
}

/// False for a router that is asked about addresses alone, or whose driver gives mail for names of domains to no host.
fn gives(router: &Driver) -> bool {
    let driver = router.option("driver").map_or("", |driver| driver.value.as_str());
    !is_set(router, "verify_only") && !matches!(driver, "redirect" | "ipliteral" | "")
}

/// Which of the mail for the domains of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mail {
    All,
    /// Some domains that are named.
    Named,
    None,
}

/// Options by which a router takes some mail and leaves other: what they ask is known once there is a message.
const CHOOSY: [&str; 5] = ["local_part_prefix", "local_part_suffix", "local_parts", "require_files", "senders"];

/// Which mail a router takes.
struct Takes {
    /// `None` where it is not known, or hangs on the message.
    mail: Option<Mail>,
    /// The line of which it is not known whether it is read.
    open: Option<Open>,
    because: Vec<Step>,
}

impl Takes {
    fn asked(&self, view: &View<'_>, router: &Driver) -> QuestionId {
        match &self.open {
            Some(open) => view.ask_open(open),
            None => ask(view, router),
        }
    }
}

fn takes(view: &View<'_>, router: &Driver) -> Takes {
    let because = router.option("driver").map(steps).unwrap_or_default();
    let mut takes = Takes { mail: router.open.is_none().then_some(Mail::All), open: router.open.clone(), because };
    for entry in &router.options {
        let mail = match entry.name.as_str() {
            "domains" => of_domains(view, &entry.value),
            "condition" => expand(&entry.value, &|_| Text::Unknown).holds().map(|holds| if holds { Mail::All } else { Mail::None }),
            "senders" if entry.value == "*" => Some(Mail::All),
            "check_local_user" if is_set(router, "check_local_user") => None,
            // One that fails on purpose leaves the mail to the next.
            "address_data" if entry.value.contains("fail") => None,
            // So does one that knows the domain as the second mx of itself.
            "check_secondary_mx" if is_set(router, "check_secondary_mx") => None,
            name if CHOOSY.contains(&name) && !is_set(router, &format!("{name}_optional")) => None,
            _ => continue,
        };
        takes.because.extend(steps(entry));
        match (mail, &entry.open) {
            (_, Some(open)) => {
                takes.mail = None;
                takes.open.get_or_insert_with(|| open.clone());
            }
            (Some(Mail::None), None) => return Takes { mail: Some(Mail::None), ..takes },
            (Some(Mail::Named), None) => takes.mail = takes.mail.map(|_| Mail::Named),
            (Some(Mail::All), None) => {}
            (None, None) => takes.mail = None,
        }
    }
    takes
}

/// Which domains of others are in a list.
fn of_domains(view: &View<'_>, text: &str) -> Option<Mail> {
    let has = |whose| domains::has(view, text, &|_| Text::Unknown, whose, DEEPEST);
    Some(match (has(Whose::Any)?, has(Whose::Own)) {
        (true, _) => Mail::All,
        // What is neither everybody's nor the server's own is somebody's.
        (false, Some(false)) if !text.trim().is_empty() => Mail::Named,
        (false, _) => Mail::None,
    })
}

/// Whether a switch is on: it need not have a value.
fn is_set(driver: &Driver, name: &str) -> bool {
    let is_off = |entry: &Entry| ["false", "no"].iter().any(|word| entry.value.eq_ignore_ascii_case(word));
    driver.option(name).is_some_and(|entry| !is_off(entry))
}

/// What a router hands mail to.
enum Transport<'a> {
    Smtp(String, &'a Driver),
    /// A mailbox, or a program.
    Other,
    /// It hangs on the message, or stands where nothing was given.
    Unknown,
    /// Nothing: the router only tells addresses apart.
    None,
}

fn transport<'a>(view: &View<'a>, router: &Driver, of_rule: Option<&str>) -> Transport<'a> {
    let named = router.option("transport");
    let name = match (of_rule, named) {
        (Some(name), _) => Text::of(name),
        (None, Some(entry)) if entry.open.is_none() => expand(&entry.value, &|_| Text::Unknown),
        (None, Some(_)) => Text::Unknown,
        (None, None) => return Transport::None,
    };
    let Text::Is(name) = name else { return Transport::Unknown };
    let Some(driver) = view.config.transport(&name) else { return Transport::Unknown };
    let is = |option: &str, value: &str| driver.option(option).is_some_and(|entry| entry.value.eq_ignore_ascii_case(value));
    if is("driver", "smtp") && !is("protocol", "lmtp") { Transport::Smtp(name, driver) } else { Transport::Other }
}

/// Where a router sends mail.
struct Destination {
    /// `None` where the transport has them, or where they hang on the message.
    hosts: Option<Hosts>,
    because: Vec<Step>,
    /// They are looked up as the machine looks up names, without DNSSEC.
    by_name: bool,
    /// The transport, where a rule names one.
    transport: Option<String>,
    /// Which mail it is the destination of; `None` where the router may decline, or it is not known.
    mail: Option<Mail>,
}

/// Hosts in their order, with the ports behind them; no name for the mx of each domain.
type Hosts = Vec<(Option<String>, Option<u16>)>;

fn named(hosts: Vec<(String, Option<u16>)>) -> Hosts {
    hosts.into_iter().map(|(host, port)| (Some(host), port)).collect()
}

fn destination(view: &View<'_>, router: &Driver) -> Destination {
    let driver = router.option("driver");
    let to = |hosts, mail| Destination { hosts, because: driver.map(steps).unwrap_or_default(), by_name: false, transport: None, mail };
    match driver.map_or("", |driver| driver.value.as_str()) {
        "dnslookup" => to(Some(vec![(None, None)]), Some(Mail::All)),
        "manualroute" => by_rule(view, router).unwrap_or_else(|| to(None, None)),
        "accept" => to(None, Some(Mail::All)),
        // Programs decide.
        _ => to(None, None),
    }
}

/// The rule that all domains come to, or else the only one. `None` where it is not known which.
fn by_rule(view: &View<'_>, router: &Driver) -> Option<Destination> {
    let of = |entry: &Entry, rule: Rule, mail: Option<Mail>| Destination {
        // One whose hosts hang on the message may have none for it, and declines.
        mail: mail.filter(|_| rule.hosts.is_some()),
        hosts: rule.hosts.map(named),
        because: steps(entry),
        by_name: rule.by_name,
        transport: rule.transport,
    };
    let list = router.option("route_list").filter(|entry| entry.open.is_none());
    let Some(entry) = list else {
        let entry = router.option("route_data").filter(|entry| entry.open.is_none() && router.option("route_list").is_none())?;
        return Some(of(entry, route::data(&entry.value), Some(Mail::All)));
    };
    let mut only = None;
    let mut count = 0;
    let mut is_sure = true;
    for rule in route::rules(&entry.value) {
        count += 1;
        match of_domains(view, &rule.domain) {
            Some(Mail::All) => return Some(of(entry, rule, is_sure.then_some(Mail::All))),
            Some(Mail::Named) => only = Some((rule, Some(Mail::Named))),
            Some(Mail::None) => count -= 1,
            None => {
                is_sure = false;
                only = Some((rule, None));
            }
        }
    }
    let (rule, mail) = only.filter(|_| count == 1)?;
    Some(of(entry, rule, mail))
}

/// The way to that of the hosts where the least is asked of TLS: whoever blocks the others is given what goes there.
fn weakest(
    view: &View<'_>,
    id: &str,
    router: &Driver,
    (name, transport): (String, &Driver),
    destination: &Destination,
    traffic: &Fact<Traffic>,
) -> Outbound {
    let takes_its_own = is_set(transport, "hosts_override") || router.option("driver").is_some_and(|driver| driver.value == "accept");
    let own = transport.option("hosts").filter(|entry| takes_its_own && entry.open.is_none());
    // Hosts, where they stand, and whether they are looked up without DNSSEC.
    let mut lists = vec![match own {
        Some(entry) => (route::hosts(&entry.value).map(named), steps(entry), false),
        None => (destination.hosts.clone(), destination.because.clone(), destination.by_name),
    }];
    let fallback = router.option("fallback_hosts").or_else(|| transport.option("fallback_hosts"));
    if let Some(entry) = fallback.filter(|entry| entry.open.is_none())
        && let Some(hosts) = route::hosts(&entry.value)
    {
        lists.push((Some(named(hosts)), steps(entry), false));
    }
    let ways = lists.iter().flat_map(|(hosts, because, by_name)| {
        let each = match hosts {
            Some(hosts) => hosts.iter().map(|(host, port)| (host.as_deref().map_or(Towards::Mx, Towards::Host), *port)).collect(),
            None => vec![(Towards::Open, None)],
        };
        let way = |(host, port)| way(&Client { view, name: &name, transport, host }, id, router, (port, because, *by_name), traffic);
        each.into_iter().map(way).collect::<Vec<_>>()
    });
    // The first of those that are equally weak.
    let weakness = |way: &Outbound| {
        let is_weak = !matches!(way.tls.known(), Some(Assurance::Required | Assurance::Verified));
        (way.password_in_clear.surely(), is_weak && !way.password.surely_not(), is_weak && way.next_hop.known() != Some(&None))
    };
    ways.min_by_key(|way| Reverse(weakness(way))).unwrap_or_else(|| unknown(view, id, router, traffic.clone()))
}

fn way(client: &Client<'_>, id: &str, router: &Driver, (port, because, by_name): (Option<u16>, &[Step], bool), traffic: &Fact<Traffic>) -> Outbound {
    let next_hop = match client.host {
        Towards::Host(host) => Fact::is(Some(host.to_owned()), because.to_vec()),
        Towards::Mx => Fact::is(None, because.to_vec()),
        Towards::Open => Fact::unknown(ask(client.view, router), because.to_vec()),
    };
    let implicit = client.implicit();
    let port = client.port(port, &next_hop.because, &implicit);
    let tls = client.tls(&implicit);
    let unless_in_dns = client.unless_in_dns(&tls, by_name);
    let (password, password_in_clear) = client.logins(&tls);
    Outbound {
        id: format!("{id}/out/{}", router.name),
        name: router.name.clone(),
        service: client.name.to_owned(),
        defined: router.place(),
        traffic: traffic.clone(),
        stuck: client.stuck(&implicit, &port),
        next_hop,
        port,
        tls,
        exceptions: None,
        unless_in_dns,
        implicit,
        password,
        password_in_clear,
    }
}

fn ask(view: &View<'_>, router: &Driver) -> QuestionId {
    let ask = format!("Which mail does the router `{}` take, and where does it send it?", router.name);
    view.ask(&format!("exim-router:{}", router.name), ask, "exim -bt somebody@example.net")
}

/// A way of whose transport nothing is known.
fn unknown(view: &View<'_>, id: &str, router: &Driver, traffic: Fact<Traffic>) -> Outbound {
    let question = ask(view, router);
    let because = router.option("transport").map(steps).unwrap_or_default();
    let open = || Fact::unknown(question.clone(), because.clone());
    Outbound {
        id: format!("{id}/out/{}", router.name),
        name: router.name.clone(),
        service: router.option("transport").map(|entry| entry.value.clone()).unwrap_or_default(),
        defined: router.place(),
        traffic,
        next_hop: Fact::unknown(question.clone(), because.clone()),
        port: Fact::unknown(question.clone(), because.clone()),
        tls: Fact::unknown(question.clone(), because.clone()),
        exceptions: None,
        unless_in_dns: None,
        implicit: open(),
        password: open(),
        password_in_clear: open(),
        stuck: None,
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Traffic;

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
        let data = "s:\n  driver = manualroute\n  transport = out\n  route_data = ${lookup{$domain}lsearch{/f}}\n";
        let rows = [
            (String::new(), vec![]),
            (format!("{smart}{dns}"), vec![to_smart(default)]),
            (format!("{dns}{smart}"), vec![to_all(default)]),
            (format!("{smart}  unseen\n{dns}"), vec![to_smart(default), to_all(default)]),
            (format!("{smart}  unseen = No\n{dns}"), vec![to_smart(default)]),
            (format!("{smart}  verify_only\n{dns}"), vec![to_all(default)]),
            (format!("{smart}  verify_only = no\n{dns}"), vec![to_smart(default)]),
            (format!("{smart}  condition = no\n{dns}"), vec![to_all(default)]),
            (format!("{smart}  senders = *@a.example\n{dns}"), vec![to_smart(None), to_all(default)]),
            (format!("{smart}  address_data = ${{lookup{{$domain}}lsearch{{/f}}{{$value}}fail}}\n{dns}"), vec![to_smart(None), to_all(default)]),
            (smart.replace("* smart", "b.example smart") + dns, vec![to_smart(Some(Traffic::Named)), to_all(default)]),
            (smart.replace("!+local_domains", "b.example") + dns, vec![to_smart(Some(Traffic::Named)), to_all(default)]),
            (smart.replace("!+local_domains", "*.lan") + dns, vec![to_smart(Some(Traffic::Named)), to_all(default)]),
            (smart.replace("!+local_domains", "!+local_domains : !*.lan") + dns, vec![to_smart(default)]),
            (smart.replace("!+local_domains", "+local_domains") + dns, vec![to_all(default)]),
            // The second form that the specification has for the same.
            (smart.replace("  domains = !+local_domains\n", "").replace("* smart", "!+local_domains smart") + dns, vec![to_smart(default)]),
            // What hangs on the message may be nothing, and then the next router is asked.
            (smart.replace("smart.example", "$domain") + dns, vec![("s".to_owned(), None, None), to_all(default)]),
            (format!("{data}{dns}"), vec![("s".to_owned(), None, None), to_all(default)]),
            (format!("i:\n  driver = ipliteral\n  transport = out\n{smart}"), vec![to_smart(default)]),
            (format!("l:\n  driver = accept\n  domains = *\n  transport = file\n{smart}"), vec![]),
            (format!("l:\n  driver = accept\n  check_local_user\n  transport = file\n{smart}"), vec![to_smart(default)]),
            (format!("l:\n  driver = accept\n  check_local_user = no\n  transport = file\n{smart}"), vec![]),
            (smart.replace("= out", "= own"), vec![("s".to_owned(), default, Some(Some("inner.example".to_owned())))]),
            (smart.replace("smart.example", "smart.example byname own"), vec![("s".to_owned(), default, Some(Some("inner.example".to_owned())))]),
        ];
        for (routers, expected) in rows {
            assert_eq!(ways(&routers), expected, "{routers}");
        }
    }
}
