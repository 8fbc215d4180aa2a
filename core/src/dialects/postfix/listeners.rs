//! Services that listen on the network, brought into the vocabulary of every server.

use std::rc::Rc;

use super::config::View;
use super::health;
use super::syntax::{OF_EVERY_SERVICE, Service};
use super::parts::{Ends, Parts, PartsOfService, Shelf};
use super::restrictions::{self, Journeys};
use super::postscreen::{self, Screened};
use super::{access, auth, log, session, tls, suites};
use crate::facts::{
    Actor, Auth, Cause, Channel, Circumstance, Dialogue, Entry, Exception, Fact, Front, ListenerFacts, Networks, Outcome, Outcomes,
    Overruled, Role, Stage, Because, Step, Suites, Tls, Value, VersionList,
};
use crate::gather::Index;
use crate::question::QuestionId;
use crate::version::Version;

/// The words that stand for "this program listens here".
const LISTENING: &[&str] = &["smtpd", "postscreen"];

/// What master.cf comes to.
#[derive(PartialEq)]
pub(super) struct Listening {
    /// In the order of master.cf.
    pub(super) listeners: Vec<Rc<ListenerFacts>>,
    /// Where the services that speak to their clients stand in master.cf; empty without one.
    speaking: Vec<usize>,
    /// Set when services were not given.
    pub(super) more: Option<QuestionId>,
    /// Entries whose place a later one takes.
    pub(super) overruled: Vec<Overruled>,
}

/// All listeners. Without a master.cf the stock service on port 25 is taken for granted.
pub(super) fn listening(server: &View<'_>, id: &str, parts: &mut Parts) -> Listening {
    let syntax = server.configuration.syntax;
    let mut overruled = Vec::new();
    let mut more = None;
    if !syntax.has_master {
        // Other services may differ in everything: the question stands beside what main.cf alone tells.
        let question =
            server.ask("master-cf", "Which services does master.cf start? Only main.cf was given.", "postconf -Mf");
        let listeners = vec![assumed(server, id, &mut Shelf::of(server, true, &mut PartsOfService::default(), &mut parts.common))];
        return Listening { listeners, speaking: Vec::new(), more: Some(question), overruled };
    }
    let handed_to = syntax.services.iter().rposition(|one| one.kind == "pass" && one.program == "smtpd");
    let mut listeners: Vec<Option<(Rc<ListenerFacts>, usize)>> = Vec::new();
    // Where each of them stands in the list, by its name and by its endpoint.
    let mut by_name = Index::default();
    let mut by_endpoint = Index::default();
    // Where each service of the network stands in master.cf, by the same.
    let mut entries = Index::default();
    parts.of_services.resize_with(syntax.services.len(), PartsOfService::default);
    for (place, (service, own)) in syntax.services.iter().zip(&mut parts.of_services).enumerate() {
        if service.conditional {
            // A template decides whether the service is there at all.
            if service.kind == "inet" {
                more = Some(server.configuration.template_question(&service.name));
            }
            continue;
        }
        let mut takes_place_of = |before: Option<usize>| {
            let replaced = before.and_then(|before| syntax.services.get(before)).map(|before| Overruled {
                name: before.scope_name(),
                entry: before.head,
                by: service.head,
                is_same: before.says_the_same(service),
            });
            overruled.extend(replaced);
        };
        if service.kind != "inet" {
            takes_place_of(server.configuration.files.same_before.get(place).copied().flatten());
            continue;
        }
        // postscreen hands its clients over to the service named `smtpd` of the type `pass`: its options count.
        let handed_to = handed_to.filter(|_| service.program == "postscreen");
        let view = server.of(service);
        let pass = handed_to.and_then(|pass| syntax.services.get(pass));
        let shelf = &mut Shelf::of(&view, service.program != "smtpd", own, &mut parts.common);
        // Of two entries for the same place master(8) runs the last, whatever its program.
        let listener = server.configuration.part_at(shelf.own.facts.take(), || Rc::new(listener(&view, pass, service, id, shelf)));
        let facts = Rc::clone(&listener.value);
        own.facts = Some(listener);
        // Host and port: the same place under two names.
        let endpoint = facts.port.known().map(|port| format!("{}:{port}", split_name(&service.name).0.unwrap_or("")));
        takes_place_of(match &endpoint {
            Some(endpoint) => entries.put(endpoint, place),
            None => entries.put(&service.scope_name(), place),
        });
        let same_name = by_name.get(&service.name);
        let same_endpoint = endpoint.as_ref().and_then(|endpoint| by_endpoint.get(endpoint));
        for replaced in [same_name, same_endpoint].into_iter().flatten() {
            listeners[replaced] = None;
        }
        if LISTENING.contains(&service.program.as_str()) {
            by_name.put(&service.name, listeners.len());
            if let Some(endpoint) = &endpoint {
                by_endpoint.put(endpoint, listeners.len());
            }
            listeners.push(Some((facts, handed_to.unwrap_or(place))));
        }
    }
    let (listeners, speaking) = listeners.into_iter().flatten().unzip();
    Listening { listeners, speaking, more, overruled }
}

/// How messages and commands may follow each other, at each listener.
pub(super) fn dialogues(server: &View<'_>, listening: &Listening, parts: &mut Parts) -> Vec<Rc<Dialogue>> {
    let Parts { of_services, common } = parts;
    let mut of = |view: &View<'_>, own: &mut PartsOfService| {
        let mut shelf = Shelf::of(view, false, own, common);
        let before = shelf.own.dialogue.as_ref().map(|before| Rc::clone(&before.value));
        let dialogue = shelf.part(view, |parts| &mut parts.dialogue, || Rc::new(session::dialogue(view))).value;
        // Where nothing differs after all, it stays the very same.
        before.filter(|before| *before == dialogue).unwrap_or(dialogue)
    };
    if listening.speaking.is_empty() {
        return listening.listeners.iter().map(|_| of(server, &mut PartsOfService::default())).collect();
    }
    let services = &server.configuration.syntax.services;
    let mut dialogues = Vec::with_capacity(listening.speaking.len());
    for at in &listening.speaking {
        if let (Some(service), Some(own)) = (services.get(*at), of_services.get_mut(*at)) {
            dialogues.push(of(&server.of(service), own));
        }
    }
    dialogues
}

/// What every stock installation has.
fn assumed(server: &View<'_>, id: &str, shelf: &mut Shelf<'_>) -> Rc<ListenerFacts> {
    let flag = Step::Assumed { flag: "master.cf was not given: only the stock service on port 25 is looked at".to_owned() };
    let mut listener = lower(server, server, "smtp", id, shelf);
    let role = listener.role.known().copied().unwrap_or(Role::Unknown);
    listener.role = Fact::is(role, vec![flag.clone()]);
    listener.port = Fact::is(25, vec![flag]);
    listener.defined = None;
    Rc::new(listener)
}

/// `pass` is the service that takes over, if one does.
fn listener(own: &View<'_>, pass: Option<&Service>, service: &Service, id: &str, shelf: &mut Shelf<'_>) -> ListenerFacts {
    let speaking = pass.map_or(*own, |pass| own.of(pass));
    let mut listener = lower(own, &speaking, &service.name, id, shelf);
    listener.defined = Some(service.head);
    listener.service = pass.unwrap_or(service).scope_name();
    if service.program == "postscreen" && pass.is_none() {
        let why = "postscreen hands its clients to a service `smtpd pass`, and there is none".to_owned();
        let step = Step::Override { setting: Rc::default(), span: service.written };
        listener.dead.get_or_insert(Fact::is(Cause(why), vec![step]));
    }
    listener
}

/// `own` is the listening service, `speaking` the smtpd that talks to the client.
fn lower(own: &View<'_>, speaking: &View<'_>, name: &str, id: &str, shelf: &mut Shelf<'_>) -> ListenerFacts {
    let (host, port_word) = split_name(name);
    let port = port(own, port_word);
    let configuration = own.configuration;
    let address = configuration.answer(|| address(own, host));
    let ground = shelf.part(speaking, |parts| &mut parts.ground, || Rc::new(tls::ground(speaking)));
    let tls = shelf.part(speaking, |parts| &mut parts.tls, || {
        configuration.rest_on(ground.evidence);
        Rc::new(tls::of(speaking, &ground.value))
    }).value;
    let (_, auth) = shelf.part_from(
        speaking,
        |parts| &mut parts.auth,
        |(before, _)| before.begins_like(&tls),
        || (Rc::clone(&tls), Rc::new(auth::of(speaking, &tls))),
    ).value;
    let trusted = shelf.part(speaking, |parts| &mut parts.trusted, || {
        let style = speaking.written("mynetworks").is_none().then(|| speaking.text("mynetworks_style"));
        Rc::new(speaking.match_list("mynetworks").map(|patterns| Networks { patterns, style }))
    });
    let (_, access) = shelf.part_from(
        speaking,
        |parts| &mut parts.access,
        |(before, _)| before.required == tls.required,
        || {
            configuration.rest_on(address.evidence);
            configuration.rest_on(trusted.evidence);
            (Rc::clone(&tls), Rc::new(access::of(own, speaking, &tls, &address.value, &trusted.value)))
        },
    ).value;
    let log = shelf.part(speaking, |parts| &mut parts.log, || Rc::new(log::of(speaking))).value;
    let (dead, judged_though_dead) = match death(own, speaking, &tls, &auth, shelf) {
        Some(Death { cause, elsewhere }) => (Some(cause), elsewhere),
        None => (None, false),
    };
    let role = role(speaking, name, &port, &address.value, &auth.after_tls);
    let journeys = shelf.part(speaking, |parts| &mut parts.journeys, || Rc::new(restrictions::journeys(speaking))).value;
    let is_same = |before: &Rc<Ends>| {
        Rc::ptr_eq(&before.auth, &auth)
            && Rc::ptr_eq(&before.journeys, &journeys)
            && before.tls.begins_like(&tls)
            && before.dead == dead
    };
    let ends = shelf.part_from(speaking, |parts| &mut parts.ends, is_same, || {
        configuration.rest_on(address.evidence);
        let (tls, auth, dead, journeys) = (Rc::clone(&tls), Rc::clone(&auth), dead.clone(), Rc::clone(&journeys));
        Rc::new(ends(own, speaking, &address.value, tls, auth, dead, journeys))
    }).value;
    let session = shelf.part(speaking, |parts| &mut parts.session, || Rc::new(session::of(own, speaking))).value;
    ListenerFacts {
        id: format!("{id}/{name}"),
        name: name.to_owned(),
        address: address.value,
        port,
        role,
        defined: None,
        front: front(own),
        service: format!("{name}/inet"),
        dead,
        judged_though_dead,
        tls,
        auth,
        trusted: trusted.value,
        access,
        log,
        session,
        backs_up: journeys.backs_up.clone(),
        locks_out: journeys.locks_out.clone(),
        stumbles: journeys.stumbles.clone(),
        outcomes: ends.outcomes.clone(),
        exceptions: ends.exceptions.clone(),
    }
}

/// What clients get in the end, by IPv6 and from postscreen as well where that is something else.
fn ends(
    own: &View<'_>,
    speaking: &View<'_>,
    address: &Fact<String>,
    tls: Rc<Tls>,
    auth: Rc<Auth>,
    dead: Option<Fact<Cause>>,
    journeys: Rc<Journeys>,
) -> Ends {
    let outcomes_of = |by_ipv6| outcomes(speaking, &tls, dead.as_ref(), &auth, &journeys, by_ipv6);
    let mut outcomes = outcomes_of(false);
    let mut exceptions = Vec::new();
    if dead.is_none() {
        match postscreen::screened(own, &outcomes) {
            Screened::No => {}
            Screened::AtFirst(outcomes) => exceptions.push(Exception { when: Circumstance::FirstContact, outcomes }),
            Screened::Always(screened) => outcomes = screened,
        }
        if journeys.tells_ipv6_apart() && has_ipv6(own, address) {
            let other = outcomes_of(true);
            let differs = !other.is_like(&outcomes);
            exceptions.extend(differs.then_some(Exception { when: Circumstance::Ipv6, outcomes: other }));
        }
    }
    Ends { tls, auth, dead, journeys, outcomes, exceptions }
}

/// A proxy that tells smtpd or postscreen who its clients are (postconf(5), smtpd_upstream_proxy_protocol).
fn front(own: &View<'_>) -> Option<Front> {
    let is_postscreen = own.service.is_some_and(|service| service.program == "postscreen");
    let name = if is_postscreen { "postscreen_upstream_proxy_protocol" } else { "smtpd_upstream_proxy_protocol" };
    // Off by default: what nobody wrote is no proxy.
    own.written(name)?;
    let protocol = own.text(name);
    let question = match protocol.value {
        Value::Is(word) if word.is_empty() => return None,
        Value::Is(_) => own.ask(
            "front-proxy",
            "A proxy stands in front: which ports does it open, and does TLS end there?",
            "grep -E 'bind|listen|server' /etc/haproxy/haproxy.cfg",
        ),
        Value::Unknown(question) => question,
    };
    Some(Front { question, because: protocol.because })
}

/// `host:port`, `[::1]:587`, `587`, `submission`.
fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() => (Some(host.trim_matches(['[', ']'])), port),
        Some((_, port)) => (None, port),
        None => (None, name),
    }
}

/// The port of a number or a name. Since 3.6 Postfix knows the usual names itself (postconf(5), known_tcp_ports).
pub(super) fn port(view: &View<'_>, word: &str) -> Fact<u16> {
    if let Ok(number) = word.parse() {
        return Fact::is(number, Vec::new());
    }
    if let Some(mark) = crate::template::first_mark(word) {
        return Fact::unknown(view.configuration.template_question(mark), Vec::new());
    }
    let ask = || {
        view.ask(
            &format!("port-{word}"),
            format!("Which port is `{word}`? Postfix asks the machine's list of services."),
            format!("getent services {word}"),
        )
    };
    let well_known = match word {
        "smtp" => Some(25),
        "submission" => Some(587),
        "smtps" | "submissions" => Some(465),
        _ => None,
    };
    if view.since(Version::new(3, 6, 0)) {
        let known = view.list("known_tcp_ports");
        let pairs = known.known().map(|members| members.surely.as_slice()).unwrap_or_default();
        let defined = pairs.iter().any(|pair| pair.starts_with(&format!("{word}=")));
        if defined && known.because.iter().any(|step| step.span().is_none()) {
            return well_known.map_or_else(|| Fact::unknown(ask(), Vec::new()), |port| Fact::is(port, Vec::new()));
        }
        for pair in pairs {
            if let Some(port) = pair.strip_prefix(word).and_then(|rest| rest.strip_prefix('=')).and_then(|port| port.parse().ok()) {
                return Fact::is(port, known.because.clone());
            }
        }
    }
    match well_known {
        // `submissions` came to the lists of services late: RFC 8314 is of 2018.
        Some(_) if word == "submissions" && !view.since(Version::new(3, 6, 0)) => Fact::unknown(ask(), Vec::new()),
        Some(port) => Fact::is(port, Vec::new()),
        None => Fact::unknown(ask(), Vec::new()),
    }
}

/// What the service binds: its own host, or `inet_interfaces`.
fn address(view: &View<'_>, host: Option<&str>) -> Fact<String> {
    if let Some(host) = host {
        view.configuration.note_options(OF_EVERY_SERVICE);
        return match crate::template::first_mark(host) {
            Some(mark) => Fact::unknown(view.configuration.template_question(mark), Vec::new()),
            None => Fact::is(host.to_owned(), Vec::new()),
        };
    }
    view.text("inet_interfaces").map(|interfaces| {
        if interfaces.eq_ignore_ascii_case("all") { "*".to_owned() } else { interfaces }
    })
}

/// True where clients may come by IPv6: Postfix speaks it (postconf(5), inet_protocols), and the address is none of IPv4.
fn has_ipv6(view: &View<'_>, address: &Fact<String>) -> bool {
    let is_ipv4 = |address: &String| address.parse::<std::net::Ipv4Addr>().is_ok();
    let protocols = view.list("inet_protocols");
    let speaks = |word: &String| word.eq_ignore_ascii_case("all") || word.eq_ignore_ascii_case("ipv6");
    !address.known().is_some_and(is_ipv4) && protocols.known().is_none_or(|words| words.surely.iter().any(speaks))
}

/// True when only the machine itself can reach the address.
pub(super) fn is_loopback(address: &str) -> bool {
    let words = super::config::split_list(address);
    !words.is_empty()
        && words.iter().all(|word| {
            let word = word.trim_matches(['[', ']']);
            matches!(word, "loopback-only" | "localhost" | "ip6-localhost" | "$localhost")
                || word.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        })
}

/// What the listener is for, from its address, its port, its name and whether it takes mail from strangers at all.
fn role(
    view: &View<'_>,
    name: &str,
    port: &Fact<u16>,
    address: &Fact<String>,
    auth: &Fact<bool>,
) -> Fact<Role> {
    let said = view.configuration.target.roles.iter().find(|(which, _)| {
        which == name || port.known().is_some_and(|port| *which == port.to_string())
    });
    if let Some((which, role)) = said {
        return Fact::is(*role, vec![Step::Assumed { flag: format!("--role {which}={}", role.word()) }]);
    }
    if address.known().is_some_and(|address| is_loopback(address)) {
        return Fact::is(Role::Internal, address.because.clone());
    }
    match port.known() {
        Some(465 | 587) => Fact::is(Role::Submission, Vec::new()),
        Some(25) => match closed_to_strangers(view) {
            Some(because) if auth.surely() => Fact::is(Role::Submission, because),
            Some(because) => Fact::is(Role::Internal, because),
            None => Fact::is(Role::Mx, Vec::new()),
        },
        Some(_) if auth.surely() => Fact::is(Role::Submission, auth.because.clone()),
        Some(_) => Fact::is(Role::Unknown, Vec::new()),
        None if matches!(name, "submission" | "smtps" | "submissions") => Fact::is(Role::Submission, Vec::new()),
        None => Fact::is(Role::Unknown, Vec::new()),
    }
}

/// A list that ends in a bare `reject` behind nothing but permissions lets no stranger deliver, not even to local users:
/// such a listener is no mx. Where the world is trusted, a permission is for strangers as well.
fn closed_to_strangers(view: &View<'_>) -> Option<Because> {
    let lists =
        ["smtpd_client_restrictions", "smtpd_relay_restrictions", "smtpd_recipient_restrictions", "smtpd_sender_restrictions"];
    lists.into_iter().find_map(|name| {
        let members = view.members(name);
        let (last, before) = members.surely.split_last()?;
        let only_permissions = before.iter().all(|word| {
            matches!(
                word.as_str(),
                "permit_mynetworks" | "permit_sasl_authenticated" | "permit_tls_clientcerts" | "permit_tls_all_clientcerts"
            )
        });
        let trusts_strangers = || before.iter().any(|word| word == "permit_mynetworks") && restrictions::trusts_strangers(view);
        let closed = members.rest.is_none() && only_permissions && matches!(last.as_str(), "reject" | "defer") && !trusts_strangers();
        closed.then(|| view.because(name))
    })
}

/// Why nobody is served, and whether the reason lies outside of TLS and AUTH here.
struct Death {
    cause: Fact<Cause>,
    elsewhere: bool,
}

/// Why nobody is served: smtpd or postscreen does not start, or TLS is a must that cannot succeed.
fn death(own: &View<'_>, speaking: &View<'_>, tls: &Tls, auth: &Auth, shelf: &mut Shelf<'_>) -> Option<Death> {
    let program = own.service.map_or("smtpd", |service| service.program.as_str());
    // A fault of the whole server, or lists that refuse nobody: what TLS and AUTH say holds once that is mended.
    let elsewhere = shelf.part(speaking, |parts| &mut parts.safeguard, || {
        health::server_fault(own).or_else(|| restrictions::fault(speaking))
    });
    let unreadable = shelf.part(speaking, |parts| &mut parts.unreadable, || {
        match program {
            "smtpd" => health::cause_in_service(own, program),
            _ => health::cause_of_death(own, program).or_else(|| health::cause_of_death(speaking, "smtpd")),
        }
    });
    let unreadable = match unreadable.value {
        None if program == "smtpd" => {
            shelf.part(speaking, |parts| &mut parts.unreadable_main, || health::cause_in_main(own, program)).value
        }
        unreadable => unreadable,
    };
    let here = unreadable.or_else(|| auth::unreadable_options(speaking, auth)).or_else(|| suites::emptied(speaking, tls));
    match (here, elsewhere.value) {
        (Some(cause), _) => return Some(Death { cause, elsewhere: false }),
        (None, Some(cause)) => return Some(Death { cause, elsewhere: true }),
        (None, None) => {}
    }
    if tls.required.surely() && tls.works.surely_not() && tls.entry.known() != Some(&Entry::None) {
        let because = tls.works.because.clone();
        let what = because.iter().find_map(Step::setting).unwrap_or("smtpd_tls_cert_file").to_owned();
        let why = match (what.contains("cert"), tls.entry.known()) {
            _ if let Some(Cause(why)) = tls.identity.fault.as_ref().and_then(Fact::known) => {
                format!("TLS is required, but no handshake succeeds: {why}")
            }
            _ if let Some(why) = tls.suites.as_ref().and_then(Fact::known).and_then(Suites::fault) => {
                format!("TLS is required, but no handshake succeeds: {why}")
            }
            (true, Some(Entry::Implicit)) => {
                "TLS begins at once, but no certificate is configured: every connection is dropped".to_owned()
            }
            (true, _) => "TLS is required, but no certificate is configured: STARTTLS is answered with 454 and mail with 530".to_owned(),
            (false, _) if matches!(tls.list.as_ref().and_then(Fact::known), Some(VersionList::Nothing)) => {
                format!("TLS is required, but `{what}` leaves no version: no handshake succeeds")
            }
            (false, _) => format!("TLS is required, but smtpd cannot read `{what}`: no handshake succeeds"),
        };
        return Some(Death { cause: Fact::is(Cause(why), because), elsewhere: false });
    }
    None
}

/// What each kind of client gets: TLS, AUTH and the restriction lists, in the order in which a session comes to them.
fn outcomes(view: &View<'_>, tls: &Tls, dead: Option<&Fact<Cause>>, auth: &Auth, journeys: &Journeys, by_ipv6: bool) -> Outcomes {
    if let Some(cause) = dead {
        return Outcomes::of(|_, _, _| cause.clone().map(Outcome::Dead));
    }
    Outcomes::of(|actor, channel, recipient| {
        let Some(journey) = journeys.of(by_ipv6, actor, channel, recipient) else {
            return tls.works.clone().map(|_| Outcome::Accepted);
        };
        // Without TLS from the first byte there is no session at all.
        let waits = channel == Channel::Clear && tls.entry.known() == Some(&Entry::Implicit);
        match (&journey.early, before_mail(view, tls, auth, actor, channel)) {
            (Some(early), _) if !waits => early.clone(),
            (_, Some(refused)) if journey.perhaps_early && !waits => refused.map(|outcome| match outcome {
                Outcome::Refused { stage, .. } | Outcome::Deferred { stage, .. } => Outcome::Refused { stage, code: 0 },
                other => other,
            }),
            (_, Some(refused)) => refused,
            _ => journey.end.clone(),
        }
    })
}

/// True when STARTTLS is answered with 220: there is a certificate that can be read, and a list of versions that can
/// (tls_server_init of tls_server.c; suites are chosen for each session in tls_server_start).
fn is_set_up(tls: &Tls) -> bool {
    let is_readable = !matches!(tls.list.as_ref().and_then(Fact::known), Some(VersionList::Unreadable { .. }));
    suites::has_certificate(tls) && is_readable
}

/// What TLS and AUTH decide before there is mail.
fn before_mail(view: &View<'_>, tls: &Tls, auth: &Auth, actor: Actor, channel: Channel) -> Option<Fact<Outcome>> {
    let refused =
        |stage, code, because: &[Step]| Some(Fact::is(restrictions::refusal_of(view, stage, code), because.to_vec()));
    let offered = match channel {
        Channel::Clear => match (&tls.entry.value, &tls.required.value) {
            (Value::Is(Entry::Implicit), _) => return refused(Stage::Connect, 0, &tls.entry.because),
            (_, Value::Is(true)) => {
                let stage = if actor == Actor::Authenticated { Stage::Auth } else { Stage::Mail };
                return refused(stage, 530, &tls.required.because);
            }
            (Value::Unknown(question), _) | (_, Value::Unknown(question)) => {
                return Some(Fact::unknown(question.clone(), tls.entry.because.clone()));
            }
            _ => &auth.before_tls,
        },
        Channel::Tls => match (&tls.entry.value, &tls.works.value) {
            (Value::Is(Entry::None), _) => return refused(Stage::Starttls, 502, &tls.entry.because),
            // What keeps TLS from being set up is told; where it is set up, and no handshake comes about, the connection ends.
            (_, Value::Is(false)) => {
                return refused(Stage::Starttls, if is_set_up(tls) { 0 } else { 454 }, &tls.works.because);
            }
            (Value::Unknown(question), _) | (_, Value::Unknown(question)) => {
                return Some(Fact::unknown(question.clone(), tls.works.because.clone()));
            }
            _ => &auth.after_tls,
        },
    };
    // Where TLS is a must, a certificate of the client's own can be one as well, and nobody comes with one.
    if channel == Channel::Tls && tls.required.surely() {
        let must = view.boolean("smtpd_tls_req_ccert");
        let stage = if tls.entry.known() == Some(&Entry::Implicit) { Stage::Connect } else { Stage::Ehlo };
        match must.value {
            Value::Is(true) => return refused(stage, 421, &must.because),
            Value::Unknown(question) => return Some(Fact::unknown(question, must.because)),
            Value::Is(false) => {}
        }
    }
    if actor != Actor::Authenticated {
        return None;
    }
    let taken = auth.is_hidden_from_some().then(|| auth::taken(view, tls, channel));
    let offered = taken.as_ref().unwrap_or(offered);
    match &offered.value {
        Value::Is(true) => None,
        Value::Is(false) => refused(Stage::Auth, 503, &offered.because),
        Value::Unknown(question) => Some(Fact::unknown(question.clone(), offered.because.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_host_and_port() {
        for (name, host, port) in [
            ("587", None, "587"),
            ("[::1]:587", Some("::1"), "587"),
            ("1.2.3.4:submission", Some("1.2.3.4"), "submission"),
            (":25", None, "25"),
        ] {
            assert_eq!(split_name(name), (host, port), "{name}");
        }
    }

    #[test]
    fn loopback_in_its_forms() {
        assert!(is_loopback("loopback-only") && is_loopback("127.0.0.1, [::1]") && is_loopback("localhost"));
        assert!(!is_loopback("*") && !is_loopback("") && !is_loopback("127.0.0.1, 192.0.2.1"));
    }
}
