//! Doors of the login services, brought into the vocabulary of every server.

use std::rc::Rc;

use super::advise;
use super::passwords;
use super::services::{self, Door, Protocol};
use super::tls;
use super::tree::Item;
use super::view::View;
use crate::facts::{
    Access, Actor, Auth, Cause, Channel, Dialogue, Entry, Fact, Front, Listener, ListenerFacts, Log, Mechanisms, Members, MessageEnd,
    Networks, Outcome, Outcomes, Role, SenderCheck, Session, Stage, Step, Tls, Value,
};
use crate::question::QuestionId;

/// Mechanisms of which it is not known here whether they are told before TLS.
const TOKENS: &[&str] = &["OAUTHBEARER", "XOAUTH2", "EXTERNAL"];

/// What the services open.
pub(super) struct Listening {
    pub(super) listeners: Vec<Listener>,
    /// Set when there may be more.
    pub(super) more: Option<QuestionId>,
}

/// All doors at one release. `fault` is what keeps the whole server from starting; a bad value does so too, and leaves open what
/// would be once it starts.
pub(super) fn listening(view: &View<'_>, id: &str, fault: Option<&Fact<Cause>>, bad_value: Option<&Fact<Cause>>) -> Listening {
    let mut listeners = Vec::new();
    let protocols = view.words("protocols");
    let is_written = protocols.place().is_some();
    let mut more = protocols.value.question().cloned();
    let question = || {
        view.ask("dovecot-services", "Which protocols does Dovecot serve? `protocols` was not given, and packages put files of their own beside it.", "doveconf -h protocols")
    };
    if protocols.known().is_none_or(|_| !is_written) {
        more = Some(question());
    }
    for protocol in &services::PROTOCOLS {
        let steps = match protocols.known().filter(|_| is_written) {
            // 2.3 still reads words of 1.x: `imaps` opens nothing of its own.
            Some(words) if words.iter().any(|word| word == protocol.name) => protocols.because.to_vec(),
            Some(_) => continue,
            None if protocol.name == "imap" || is_configured(view, protocol) => {
                vec![Step::Assumed { flag: format!("that {} is served, because `protocols` was not given", protocol.name) }]
            }
            None => continue,
        };
        let view = view.of(protocol.name);
        for door in services::doors(&view, protocol) {
            // Port 0 is how a door is closed.
            if door.port.known() != Some(&0) {
                listeners.extend(listener(&view, protocol, door, id, &steps, [fault, bad_value]));
            }
        }
    }
    Listening { listeners, more }
}

/// True when a section says something of a service's doors.
fn is_configured(view: &View<'_>, protocol: &Protocol) -> bool {
    view.tree.items.iter().any(|item| match item {
        Item::Opened(sections) => matches!(sections.as_slice(), [outer, _] if outer.name == protocol.service),
        _ => false,
    })
}

fn listener(view: &View<'_>, protocol: &Protocol, door: Door, id: &str, served: &[Step], faults: [Option<&Fact<Cause>>; 2]) -> Option<Listener> {
    let ssl = view.text("ssl");
    // Without TLS a door of implicit TLS is not opened at all; where one protocol alone has none, it is, and hangs up.
    let everywhere = view.of("").text("ssl");
    if door.implicit.surely() && everywhere.known().is_some_and(|word| word == "no") {
        return None;
    }
    let entry = entry(&door, &ssl);
    let trusts_all = trusts_everybody(view);
    let must = if view.is_new() || trusts_all.is_none() { ssl.clone().map(|word| word == "required") } else { Fact::is(false, Vec::new()) };
    let mechanisms = view.words("auth_mechanisms").map(|words| words.iter().map(|word| word.to_ascii_uppercase()).collect::<Vec<String>>());
    let before_tls = before_tls(view, &entry, &must, trusts_all.as_deref(), &mechanisms);
    let required = required(&entry, &must, &before_tls.offered);
    let tls = Rc::new(tls::of(view, entry, required));
    let address = address(view, &door);
    let role = role(view, protocol, &door, &address, &tls, &before_tls.offered);
    let front = (!door.haproxy.surely_not()).then(|| Front {
        question: view.ask("front-proxy", "What does the proxy in front offer, and who can reach Dovecot past it?", "haproxy -c -V -f /etc/haproxy/haproxy.cfg"),
        because: door.haproxy.because.clone(),
    });
    let own_death = death(&tls, &ssl);
    // What TLS and AUTH say holds once the whole server starts again.
    let [fault, bad_value] = faults;
    let judged_though_dead = fault.is_some() && bad_value.is_none() && own_death.is_none();
    let dead = bad_value.or(fault).cloned().or(own_death);
    let mut auth = auth(&tls, before_tls, &mechanisms);
    if let Some(line) = passwords::opens_to_all(view).filter(|_| auth.mechanisms.plaintext_after_tls.surely()) {
        auth.mechanisms.anonymous = Fact::is(true, vec![line]);
    }
    let auth = Rc::new(auth);
    let outcomes = outcomes(view, protocol, &tls, &auth, dead.as_ref());
    let mut defined = door.defined;
    if defined.is_none() {
        defined = served.iter().find_map(Step::span);
    }
    let no = || Fact::is(false, Vec::new());
    let session = session(view, protocol, &door.port);
    let facts = ListenerFacts {
        id: format!("{id}/{}", door.name),
        name: door.name,
        address,
        port: door.port,
        role,
        defined,
        front,
        service: protocol.service.to_owned(),
        judged_though_dead,
        dead,
        tls,
        auth,
        trusted: Rc::new(Fact::is(Networks { patterns: nobody(), style: None }, Vec::new())),
        access: Rc::new(access(view, protocol)),
        log: Rc::new(Log { name: session.log_name.clone(), tls: Fact::is(true, Vec::new()) }),
        backs_up: no(),
        locks_out: no(),
        stumbles: Fact::is(None, Vec::new()),
        session: Rc::new(session),
        outcomes,
        exceptions: Vec::new(),
    };
    // Where no mail is taken, none is smuggled in.
    let message_end = match protocol.name {
        "submission" => {
            let ask = "Does this release take a bare line feed for the end of a message?";
            Fact::unknown(view.ask("dovecot-line-ends", ask, "dovecot --version, and the news of that release"), Vec::new())
        }
        _ => Fact::is(MessageEnd::Standard, Vec::new()),
    };
    let dialogue = Dialogue { message_end, stops_early_talk: Fact::is(true, Vec::new()) };
    Some(Listener::new(Rc::new(facts), Rc::new(dialogue)))
}

fn entry(door: &Door, ssl: &Fact<String>) -> Fact<Entry> {
    match (&ssl.value, &door.implicit.value) {
        (Value::Is(word), _) if word == "no" => Fact::is(Entry::None, ssl.because.clone()),
        (_, Value::Unknown(question)) => Fact::unknown(question.clone(), door.implicit.because.clone()),
        (_, Value::Is(true)) => Fact::is(Entry::Implicit, door.implicit.because.clone()),
        (Value::Unknown(question), _) => Fact::unknown(question.clone(), ssl.because.clone()),
        (Value::Is(_), Value::Is(false)) => Fact::is(Entry::Starttls, [door.implicit.because.clone(), ssl.because.clone()].concat()),
    }
}

/// The steps that make every client of the world a trusted one, which needs no TLS.
fn trusts_everybody(view: &View<'_>) -> Option<Vec<Step>> {
    let networks = view.words("login_trusted_networks");
    let is_all = |network: &String| network.ends_with("/0");
    networks.known().is_some_and(|all| all.iter().any(is_all)).then(|| networks.because.to_vec())
}

/// AUTH while the session is in clear.
struct BeforeTls {
    offered: Fact<bool>,
    plaintext: Fact<bool>,
}

fn before_tls(view: &View<'_>, entry: &Fact<Entry>, must: &Fact<bool>, trusts_all: Option<&[Step]>, mechanisms: &Fact<Vec<String>>) -> BeforeTls {
    let both = |fact: Fact<bool>| BeforeTls { plaintext: fact.clone(), offered: fact };
    match entry.known() {
        Some(Entry::Implicit) => return both(Fact::is(false, entry.because.clone())),
        Some(_) => {}
        None => return both(unknown_as(entry)),
    }
    match must.known() {
        Some(true) => return both(Fact::is(false, must.because.clone())),
        Some(false) => {}
        None => return both(unknown_as(must)),
    }
    let Some(names) = mechanisms.known() else { return both(unknown_as(mechanisms)) };
    let allowed = match trusts_all {
        Some(because) => Fact::is(true, because.to_vec()),
        None if view.is_new() => view.boolean("auth_allow_cleartext"),
        None => view.boolean("disable_plaintext_auth").map(|disabled| !disabled),
    };
    let has_plaintext = names.iter().any(|name| Mechanisms::PLAINTEXT.contains(&name.as_str()));
    let others = || names.iter().filter(|name| !Mechanisms::PLAINTEXT.contains(&name.as_str()));
    let plaintext = allowed.map(|allowed| allowed && has_plaintext);
    let offered = match &plaintext.value {
        Value::Is(true) => plaintext.clone(),
        _ if others().any(|name| !TOKENS.contains(&name.as_str())) => Fact::is(true, mechanisms.because.clone()),
        Value::Is(false) if others().next().is_some() => {
            let question = view.ask("dovecot-tokens", "Are the mechanisms for tokens offered before TLS?", "openssl s_client … : then CAPABILITY, without STARTTLS");
            Fact::unknown(question, mechanisms.because.clone())
        }
        _ => plaintext.clone(),
    };
    BeforeTls { offered, plaintext }
}

/// What waits for the same answer.
fn unknown_as<T>(fact: &Fact<T>) -> Fact<bool> {
    let because = fact.because.clone();
    fact.value.question().map_or_else(|| Fact::is(false, Vec::new()), |question| Fact::unknown(question.clone(), because))
}

/// Nobody does anything without having logged in: where AUTH is not offered in clear, TLS is a must.
fn required(entry: &Fact<Entry>, must: &Fact<bool>, before_tls: &Fact<bool>) -> Fact<bool> {
    match entry.known() {
        Some(Entry::Implicit) => Fact::is(true, entry.because.clone()),
        Some(Entry::None) => Fact::is(false, entry.because.clone()),
        _ if must.surely() => must.clone(),
        _ => before_tls.clone().map(|offered| !offered),
    }
}

fn auth(tls: &Tls, before: BeforeTls, mechanisms: &Fact<Vec<String>>) -> Auth {
    let has = |names: &[&str]| {
        let because = mechanisms.because.clone();
        let value = mechanisms.value.clone().map(|all| all.iter().any(|name| names.contains(&name.as_str())));
        Fact { value, because }
    };
    let after_tls = match (&tls.entry.value, &tls.works.value) {
        (Value::Is(Entry::None), _) => Fact::is(false, tls.entry.because.clone()),
        (_, Value::Is(works)) => Fact::is(*works, if *works { mechanisms.because.clone() } else { tls.works.because.clone() }),
        (_, Value::Unknown(question)) => Fact::unknown(question.clone(), tls.works.because.clone()),
    };
    let names = mechanisms.clone().map(|surely| Members { surely, rest: None });
    Auth {
        before_tls: before.offered,
        after_tls,
        old_form: Fact::is(false, Vec::new()),
        backend: Fact::is(String::new(), Vec::new()),
        hidden_from: Fact::is(nobody(), Vec::new()),
        mechanisms: Mechanisms {
            plaintext_before_tls: before.plaintext,
            plaintext_after_tls: has(Mechanisms::PLAINTEXT),
            anonymous: has(&["ANONYMOUS"]),
            picked: names.clone(),
            names,
        },
    }
}

fn nobody() -> Members<String> {
    Members { surely: Vec::new(), rest: None }
}

/// The door's own address, or that of all.
pub(super) fn address(view: &View<'_>, door: &Door) -> Fact<String> {
    let address = door.address.clone().unwrap_or_else(|| view.text("listen"));
    address.map(|text| if super::view::split(&text).iter().any(|word| matches!(word.as_str(), "*" | "::")) { "*".to_owned() } else { text })
}

/// True where none but the machine itself comes in.
pub(super) fn is_loopback(address: &Fact<String>) -> bool {
    let is_loopback = |word: &String| word == "localhost" || word.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let words = address.known().map(|text| super::view::split(text)).unwrap_or_default();
    !words.is_empty() && words.iter().all(is_loopback)
}

fn role(view: &View<'_>, protocol: &Protocol, door: &Door, address: &Fact<String>, tls: &Tls, before_tls: &Fact<bool>) -> Fact<Role> {
    let is_it = |which: &str| which == door.name || door.port.known().is_some_and(|port| which == port.to_string());
    if let Some((which, role)) = view.target.roles.iter().find(|(which, _)| is_it(which)) {
        return Fact::is(*role, vec![Step::Assumed { flag: format!("--role {which}={}", role.word()) }]);
    }
    if is_loopback(address) {
        return Fact::is(Role::Internal, address.because.clone());
    }
    // Without TLS and without AUTH in clear, only the networks that are trusted can log in.
    if tls.entry.known() == Some(&Entry::None) && before_tls.surely_not() {
        return Fact::is(Role::Internal, before_tls.because.clone());
    }
    Fact::is(if protocol.name == "submission" { Role::Submission } else { Role::Mailbox }, Vec::new())
}

/// Why nobody is served: TLS is a must that cannot succeed.
fn death(tls: &Tls, ssl: &Fact<String>) -> Option<Fact<Cause>> {
    if !tls.required.surely() || !tls.works.surely_not() {
        return None;
    }
    let because = &tls.works.because;
    let why = if ssl.known().is_some_and(|word| word == "no") {
        "TLS begins at once, but `ssl = no`: every connection is dropped".to_owned()
    } else {
        match because.iter().find_map(Step::setting) {
            _ if tls.identity.fault.is_some() => {
                let fault = tls.identity.fault.as_ref().and_then(Fact::known);
                format!("nobody gets in without TLS, and no handshake succeeds: {}", fault.map_or("", |cause| &cause.0))
            }
            Some(name) if name.contains("cert") => "nobody gets in without TLS, and there is no certificate for it".to_owned(),
            Some(name) => format!("nobody gets in without TLS, and Dovecot cannot set it up: it can make nothing of `{name}`"),
            None => "nobody gets in without TLS, and no handshake succeeds".to_owned(),
        }
    };
    Some(Fact::is(Cause(why), because.clone()))
}

/// Mail is taken from those who have logged in alone; what becomes of it, the server behind decides.
fn outcomes(view: &View<'_>, protocol: &Protocol, tls: &Tls, auth: &Auth, dead: Option<&Fact<Cause>>) -> Outcomes {
    if let Some(cause) = dead {
        return Outcomes::of(|_, _, _| cause.clone().map(Outcome::Dead));
    }
    Outcomes::of(|actor, channel, _| {
        let refused = |stage, code, because: &[Step]| Fact::is(Outcome::Refused { stage, code }, because.to_vec());
        if protocol.name != "submission" {
            // No mail is taken here at all.
            return refused(Stage::Connect, 0, &[]);
        }
        let offered = match (channel, tls.entry.known()) {
            (Channel::Clear, Some(Entry::Implicit)) => return refused(Stage::Connect, 0, &tls.entry.because),
            (Channel::Tls, Some(Entry::None)) => return refused(Stage::Starttls, 502, &tls.entry.because),
            (Channel::Tls, _) if tls.works.surely_not() => return refused(Stage::Starttls, 0, &tls.works.because),
            (Channel::Clear, _) => &auth.before_tls,
            (Channel::Tls, _) => &auth.after_tls,
        };
        if actor != Actor::Authenticated {
            return refused(Stage::Mail, 530, &[]);
        }
        match &offered.value {
            Value::Is(false) => refused(Stage::Auth, 530, &offered.because),
            Value::Unknown(question) => Fact::unknown(question.clone(), offered.because.clone()),
            Value::Is(true) => {
                Fact::unknown(relay_question(view), Vec::new())
            }
        }
    })
}

fn relay_question(view: &View<'_>) -> QuestionId {
    let ask = "What does the server behind Dovecot's submission service take from users who have logged in?";
    view.ask("submission-relay", ask, "doveconf -h submission_relay_host, then smtplint check of that server")
}

/// Nobody is believed, and nobody sends without a login. Under which addresses users send, the server behind decides.
fn access(view: &View<'_>, protocol: &Protocol) -> Access {
    let senders = match protocol.name {
        "submission" => Fact::unknown(relay_question(view), Vec::new()),
        _ => Fact::is(SenderCheck::Enforced, Vec::new()),
    };
    Access::of_nobody(senders)
}

/// The greeting has no release in it, and the usual line of the log tells who came by TLS.
fn session(view: &View<'_>, protocol: &Protocol, port: &Fact<u16>) -> Session {
    let no = || Fact::is(false, Vec::new());
    let elements = advise::LOG;
    let format = view.is_written(elements).then(|| view.text(elements));
    let log_name = log_name(protocol, port, format.as_ref());
    let tls_log = match format {
        Some(format) => match format.known() {
            Some(text) if ["%c", "%k", "secured", "ssl"].iter().any(|sign| text.contains(sign)) => Fact::is(1, format.because),
            _ => Fact::unknown(view.ask("dovecot-log", "Does a line of the log tell who came by TLS?", format!("doveconf -h {elements}")), format.because),
        },
        None => Fact::is(1, Vec::new()),
    };
    Session {
        tells_release: no(),
        answers_vrfy: no(),
        unannounced: Vec::new(),
        tls_log,
        log_name,
        checks_on_users: Vec::new(),
    }
}

/// The service's name in the log, with the port where the line of a login has it.
fn log_name(protocol: &Protocol, port: &Fact<u16>, format: Option<&Fact<String>>) -> Fact<String> {
    let tells_port = |format: &&Fact<String>| format.known().is_some_and(|text| advise::PORT.iter().any(|sign| text.contains(sign)));
    match (port.known(), format.filter(tells_port)) {
        (Some(port), Some(format)) => Fact::is(format!("{}/{port}", protocol.service), format.because.clone()),
        _ => Fact::is(protocol.service.to_owned(), Vec::new()),
    }
}
