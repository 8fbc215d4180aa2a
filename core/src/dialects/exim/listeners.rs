//! The ports of the daemon, brought into the vocabulary of every server (the specification, "Starting the daemon").

use std::rc::Rc;

use super::list;
use super::view::View;
use super::{acl, auth, session, tls};
use crate::facts::{
    Access, Auth, Because, Cause, Channel, Entry, Fact, Front, Listener, ListenerFacts, Log, Members, Outcome, OutcomeCell,
    Outcomes, Role, SenderCheck, Step, Tls, Value,
};
use crate::gather::Index;
use crate::question::QuestionId;

/// What the daemon opens.
pub(super) struct Listening {
    pub(super) listeners: Vec<Listener>,
    /// Set when there may be more.
    pub(super) more: Option<QuestionId>,
}

/// A port with its addresses.
struct Door {
    port: u16,
    /// The name it is given, or its number.
    name: String,
    address: Fact<String>,
    defined: Option<crate::source::Span>,
    steps: Vec<Step>,
}

/// A port's number: `smtp` and its kin stand in /etc/services, `smtps` on Debian.
pub(super) fn port_of(word: &str) -> Option<u16> {
    match word {
        "smtp" | "mail" => Some(25),
        "submission" => Some(587),
        "submissions" | "smtps" | "urd" | "ssmtp" => Some(465),
        other => other.parse().ok(),
    }
}

/// An address of `local_interfaces`, and the port behind it: `[1.2.3.4]:25` and `1.2.3.4.25`.
pub(super) fn interface(item: &str) -> Option<(String, Option<u16>)> {
    use std::net::IpAddr;
    if let Some(rest) = item.strip_prefix('[') {
        let (address, behind) = rest.split_once(']')?;
        let port = match behind.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None if behind.is_empty() => None,
            None => return None,
        };
        return address.parse::<IpAddr>().ok().map(|_| (address.to_owned(), port));
    }
    if item == "::0" || item.parse::<IpAddr>().is_ok() {
        return Some((item.to_owned(), None));
    }
    let (address, port) = item.rsplit_once('.')?;
    address.parse::<IpAddr>().ok()?;
    Some((address.to_owned(), Some(port.parse().ok()?)))
}

/// The most ports that are looked at; nobody opens as many.
const MOST_DOORS: usize = 32;

/// The ports, each once; with a question where there may be others.
fn doors(view: &View<'_>) -> (Vec<Door>, Option<QuestionId>) {
    let (ports, interfaces) = (view.fixed("daemon_smtp_ports"), view.fixed("local_interfaces"));
    // It has a second name.
    let ports = if view.is_written("daemon_smtp_port") { view.fixed("daemon_smtp_port") } else { ports };
    let mut more = ports.value.question().or_else(|| interfaces.value.question()).cloned();
    let mut found: Vec<(u16, String, Index, bool)> = Vec::new();
    let mut plain = Index::default();
    let mut own = Vec::new();
    for item in interfaces.known().map(|text| list::items(text)).unwrap_or_default() {
        match interface(&item) {
            Some((address, Some(port))) => own.push((port, address)),
            Some((address, None)) => {
                plain.add(&address);
            }
            None if item.is_empty() => {}
            None => more = Some(view.ask("exim-interfaces", format!("Which address is `{}`?", short(&item)), "exim -bP local_interfaces")),
        }
    }
    if plain.len() > 0 || interfaces.known().is_none() {
        for item in ports.known().map(|text| list::items(text)).unwrap_or_default() {
            match port_of(&item) {
                Some(port) if found.len() <= MOST_DOORS && found.iter().all(|one| one.0 != port) => found.push((port, item, plain.clone(), false)),
                // It is open already.
                Some(_) => {}
                None => more = Some(view.ask("exim-ports", format!("Which port is `{}`?", short(&item)), format!("getent services {}", crate::question::quoted(&item)))),
            }
        }
    }
    for (port, address) in own {
        let count = found.len();
        match found.iter_mut().find(|one| one.0 == port) {
            Some(known) => {
                known.2.add(&address);
            }
            None if count <= MOST_DOORS => found.push((port, port.to_string(), Index::of([&address]), true)),
            None => {}
        }
    }
    if found.len() > MOST_DOORS {
        found.truncate(MOST_DOORS);
        more = Some(view.rest_question());
    }
    let doors = found.into_iter().map(|(port, name, addresses, own)| {
        let deciding = if own { &interfaces } else { &ports };
        let is_all = addresses.names().any(|one| matches!(one, "0.0.0.0" | "::0" | "::"));
        let address = match interfaces.value.question() {
            Some(question) => Fact::unknown(question.clone(), interfaces.because.clone()),
            None => Fact::is(if is_all { "*".to_owned() } else { addresses.names().collect::<Vec<&str>>().join(" ") }, interfaces.because.clone()),
        };
        Door { port, name, address, defined: deciding.place(), steps: deciding.because.to_vec() }
    });
    (doors.collect(), more)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// All ports at one release. `fault` is what keeps Exim from starting.
pub(super) fn listening(view: &View<'_>, id: &str, fault: Option<&Fact<Cause>>) -> Listening {
    let (doors, more) = doors(view);
    // What else the daemon opens may stand where nobody looked.
    let more = more.or_else(|| view.is_fragment.then(|| view.rest_question()));
    let implicit = view.fixed("tls_on_connect_ports");
    let same = Same { view, offers: auth::offers(view), tls: tls::Everywhere::new(view), by_certificate: acl::by_certificate(view) };
    let listeners = doors.into_iter().map(|door| listener(&same, id, door, &implicit, fault)).collect();
    Listening { listeners, more }
}

/// What is the same at every port.
struct Same<'a> {
    view: &'a View<'a>,
    offers: auth::Offers<'a>,
    tls: tls::Everywhere<'a>,
    /// Whether a certificate opens what a login opens.
    by_certificate: Fact<bool>,
}

fn listener(same: &Same<'_>, id: &str, door: Door, implicit: &Fact<String>, fault: Option<&Fact<Cause>>) -> Listener {
    let (view, port) = (same.view, door.port);
    let begins_at_once = implicit.clone().map(|text| list::items(&text).iter().any(|item| port_of(item) == Some(port)));
    let entry = match &begins_at_once.value {
        Value::Is(true) => Fact::is(Entry::Implicit, [begins_at_once.because.to_vec(), door.steps.clone()].concat()),
        Value::Is(false) => tls::starttls(view, port),
        Value::Unknown(question) => Fact::unknown(question.clone(), begins_at_once.because.clone()),
    };
    let mut tls = same.tls.at(entry);
    let walk = acl::Walk::new(view, port);
    if tls.entry.known() == Some(&Entry::Starttls)
        && let Some(because) = walk.forbids_starttls()
    {
        tls.works = Fact::is(false, because);
        tls.versions = Fact::is(Members { surely: Vec::new(), rest: None }, Vec::new());
        tls.open.clear();
    }
    let auth = Rc::new(auth::of(view, &same.offers, &tls, port));
    let mut outcomes = walk.outcomes(&tls, &auth);
    tls.required = required(&tls, &outcomes);
    let role = role(view, &door, &auth);
    // Where TLS begins later, the port answers all the same, and refuses.
    let own_death = tls.entry.known() == Some(&Entry::Implicit) && tls.works.surely_not();
    let dead = fault.cloned().or_else(|| {
        let why = "nobody gets in without TLS, and no handshake succeeds".to_owned();
        own_death.then(|| Fact::is(Cause(why), tls.works.because.clone()))
    });
    if let Some(cause) = &dead {
        outcomes = Outcomes::of(|_, _, _| cause.clone().map(Outcome::Dead));
    }
    let front = front(view);
    let session = session::of(view, port);
    let tls = Rc::new(tls);
    let no = || Fact::is(false, Vec::new());
    let facts = ListenerFacts {
        id: format!("{id}/{}", door.name),
        name: door.name,
        address: door.address,
        port: Fact::is(port, door.steps.clone()),
        role,
        defined: door.defined,
        front,
        service: "exim".to_owned(),
        judged_though_dead: fault.is_some() && !own_death,
        dead,
        tls,
        auth,
        trusted: Rc::new(walk.trusted()),
        access: Rc::new(access(same)),
        log: Rc::new(Log { name: session.log_name.clone(), tls: session.tls_log.clone().map(|level| level > 0) }),
        backs_up: no(),
        locks_out: no(),
        stumbles: Fact::is(None, Vec::new()),
        session: Rc::new(session),
        outcomes,
        exceptions: Vec::new(),
    };
    Listener::new(Rc::new(facts), Rc::new(session::dialogue(view)))
}

/// TLS is a must where nobody who may send under TLS may send in clear.
fn required(tls: &Tls, outcomes: &Outcomes) -> Fact<bool> {
    match tls.entry.known() {
        Some(Entry::Implicit) => return Fact::is(true, tls.entry.because.clone()),
        Some(Entry::None) => return Fact::is(false, tls.entry.because.clone()),
        _ => {}
    }
    let mut open: Option<(QuestionId, Because)> = None;
    let mut refused: Option<Because> = None;
    // Whoever gets through under TLS alone tells most.
    let passes = |cell: &OutcomeCell| outcomes.at(cell.actor, Channel::Tls, cell.recipient).and_then(Fact::known) == Some(&Outcome::Accepted);
    for cell in outcomes.cells().iter().filter(|cell| cell.channel == Channel::Clear) {
        match cell.outcome.outcome() {
            Outcome::Accepted => return Fact::is(false, cell.outcome.because.clone()),
            Outcome::Unknown(question) => open = open.or(Some((question, cell.outcome.because.clone()))),
            _ if passes(cell) => refused = refused.or(Some(cell.outcome.because.clone())),
            _ => {}
        }
    }
    match open {
        Some((question, because)) => Fact::unknown(question, because),
        None => Fact::is(true, refused.unwrap_or_default()),
    }
}

fn role(view: &View<'_>, door: &Door, auth: &Auth) -> Fact<Role> {
    let is_it = |which: &str| which == door.name || which == door.port.to_string();
    if let Some((which, role)) = view.target.roles.iter().find(|(which, _)| is_it(which)) {
        return Fact::is(*role, vec![Step::Assumed { flag: format!("--role {which}={}", role.word()) }]);
    }
    let is_own = |word: &str| word.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let addresses = door.address.known().map_or("", String::as_str);
    if !addresses.is_empty() && addresses.split(' ').all(is_own) {
        return Fact::is(Role::Internal, door.address.because.clone());
    }
    let has_auth = || auth.before_tls.surely() || auth.after_tls.surely();
    Fact::is(
        match door.port {
            25 => Role::Mx,
            465 | 587 => Role::Submission,
            _ if has_auth() => Role::Submission,
            _ => Role::Unknown,
        },
        Vec::new(),
    )
}

/// A proxy in front, which tells who the client is.
fn front(view: &View<'_>) -> Option<Front> {
    let hosts = view.text("hosts_proxy");
    let is_set = hosts.known().is_none_or(|text| !text.is_empty());
    (is_set && view.is_written("hosts_proxy")).then(|| Front {
        question: view.ask("front-proxy", "What does the proxy in front offer, and who can reach Exim past it?", "haproxy -c -V -f /etc/haproxy/haproxy.cfg"),
        because: hosts.because.clone(),
    })
}

fn access(same: &Same<'_>) -> Access {
    let ask = "May users who have logged in send under the addresses of others? Which lists and conditions forbid it is not plain.";
    let senders: Fact<SenderCheck> = Fact::unknown(same.view.ask("exim-senders", ask, "exim -bP config"), Vec::new());
    Access { by_certificate: same.by_certificate.clone(), ..Access::of_nobody(senders) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_with_and_without_ports() {
        for (item, expected) in [
            ("1.2.3.4", Some(("1.2.3.4", None))),
            ("1.2.3.4.25", Some(("1.2.3.4", Some(25)))),
            ("[1.2.3.4]:26", Some(("1.2.3.4", Some(26)))),
            ("::0", Some(("::0", None))),
            ("[::1]:587", Some(("::1", Some(587)))),
            ("eth0", None),
        ] {
            assert_eq!(interface(item), expected.map(|(address, port)| (address.to_owned(), port)), "{item}");
        }
    }
}
