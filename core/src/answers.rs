//! Six short answers to what people ask first, from the facts alone, and never more certain than these.

use std::net::IpAddr;

use serde::Serialize;

use crate::certificate::Certificate;
use crate::facts::{
    Actor, CertificateSource, Channel, Entry, Fact, Listener, Networks, Outcome, Recipient, Role, Server, SuiteKind,
    TlsVersion, Value,
};
use crate::gather::{self, Index};
use crate::question::QuestionId;
use crate::report::merge::enumerated;
use crate::rules::certificates::self_signed_or_snakeoil::is_telling;
use crate::rules::relay::proxy_protocol_unrestricted::wide;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// Is what is sent here always encrypted?
    AlwaysEncrypted,
    /// Can a client on an untrusted network submit safely?
    SafeSubmission,
    /// Can someone in the middle read or change it?
    ReadInTheMiddle,
    /// Which outdated versions of TLS are possible?
    OutdatedVersions,
    /// Can anyone send without authenticating?
    WithoutAuthentication,
    /// What becomes of port 465?
    #[serde(rename = "port-465")]
    Port465,
}

impl Asked {
    /// The question.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Asked::AlwaysEncrypted => "Is what is sent here always encrypted?",
            Asked::SafeSubmission => "Can a client on an untrusted network submit safely?",
            Asked::ReadInTheMiddle => "Can someone in the middle read or change it?",
            Asked::OutdatedVersions => "Are outdated versions of TLS possible?",
            Asked::WithoutAuthentication => "Can anyone send without authenticating?",
            Asked::Port465 => "Can port 465 stay as it is?",
        }
    }
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Reply {
    /// Surely, for everything that listens.
    Yes,
    /// Surely not.
    No,
    /// For a part of what listens.
    Partly,
    /// The given text does not tell, or nobody is served.
    Unknown,
    /// The server is not there for what is asked.
    #[serde(rename = "not-applicable")]
    NotApplicable,
}

impl Reply {
    /// The word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Reply::Yes => "yes",
            Reply::No => "no",
            Reply::Partly => "partly",
            Reply::Unknown => "not known",
            Reply::NotApplicable => "not applicable",
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// To what.
    pub asked: Asked,
    /// In one word.
    pub reply: Reply,
    /// What decides, port by port; no full stop at its end.
    pub says: String,
    /// Ids of the listeners that decide.
    pub listeners: Vec<String>,
    /// Ids of the questions that leave something open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionId>,
}

/// All six, in the order of [`Asked`].
#[must_use]
pub fn of(server: &Server) -> Vec<Answer> {
    // What only the machine itself reaches is nobody's way in.
    let reachable: Vec<&Listener> = server.listeners.iter().filter(|one| !one.is_local_only()).collect();
    let each = |asked, say| each(asked, server, &reachable, say);
    vec![
        each(Asked::AlwaysEncrypted, always_encrypted),
        safe_submission(server, &reachable),
        each(Asked::ReadInTheMiddle, read_in_the_middle),
        each(Asked::OutdatedVersions, outdated_versions),
        each(Asked::WithoutAuthentication, without_authentication),
        port_465(server),
    ]
}

/// Something said of a listener; `{}` stands for the ports of which the same is said.
struct Said<'a> {
    reply: Reply,
    words: String,
    listeners: Vec<&'a Listener>,
    question: Option<QuestionId>,
}

/// What is said so far.
struct Saying<'a> {
    server: &'a Server,
    said: Vec<Said<'a>>,
    /// Where the same thing stands already.
    known: Index,
}

/// How many different things one answer says; what is left out is counted.
const CLAUSES: usize = 6;

impl<'a> Saying<'a> {
    fn of(server: &'a Server) -> Saying<'a> {
        Saying {
            server,
            said: Vec::new(),
            known: Index::default(),
        }
    }

    fn add(&mut self, listener: &'a Listener, reply: Reply, words: impl Into<String>) {
        self.put(Some(listener), reply, words.into(), None);
    }

    /// Not known before a question is answered.
    fn open(&mut self, listener: &'a Listener, question: &QuestionId) {
        self.put(
            Some(listener),
            Reply::Unknown,
            format!("{{}}: it depends on {}", hidden(question).unwrap_or("an open question")),
            Some(question),
        );
    }

    /// What else may listen; who looks at one port asks of that one.
    fn unseen(&mut self) {
        if let Some(question) = &self.server.more_listeners
            && !self.server.is_only_seen()
        {
            let words = match self.said.is_empty() {
                true => "what listens is not known",
                false => "what else listens is not known",
            };
            self.put(None, Reply::Unknown, words.to_owned(), Some(question));
        }
    }

    /// The same said of several listeners is said once.
    fn put(&mut self, listener: Option<&'a Listener>, reply: Reply, words: String, question: Option<&QuestionId>) {
        let key = format!("{words} {}", question.map_or("", |question| &question.0));
        if let Some(known) = self.known.get(&key).and_then(|at| self.said.get_mut(at)) {
            // One listener comes after the other, so the last one is the only one that can be the same.
            let last = known.listeners.last().map(|last| &last.id);
            known.listeners.extend(listener.filter(|new| Some(&new.id) != last));
            return;
        }
        self.known.put(&key, self.said.len());
        self.said.push(Said {
            reply,
            words,
            listeners: listener.into_iter().collect(),
            question: question.cloned(),
        });
    }

    fn any(&self, reply: Reply) -> bool {
        self.said.iter().any(|said| said.reply == reply)
    }

    fn answer(mut self, asked: Asked, reply: Reply) -> Answer {
        // What settles the answer comes first, what is open last; mail between servers after that of users.
        let rank = |said: &Said<'_>| {
            let mx = matches!(asked, Asked::AlwaysEncrypted | Asked::ReadInTheMiddle)
                && said.listeners.iter().any(|one| one.known_role() == Role::Mx);
            let weight = match said.reply {
                Reply::Yes => 0,
                Reply::Partly => 1,
                Reply::No => 2,
                Reply::Unknown | Reply::NotApplicable => 3,
            };
            u64::from(said.reply == Reply::Unknown) << 3 | u64::from(mx) << 2 | weight
        };
        self.said = gather::ordered(self.said, rank);
        let mut answer = Answer {
            asked,
            reply,
            says: String::new(),
            listeners: Vec::new(),
            questions: Vec::new(),
        };
        let left_out = self.said.len().saturating_sub(CLAUSES);
        let mut named = Index::default();
        for (index, said) in self.said.into_iter().enumerate() {
            if index < CLAUSES {
                if index > 0 {
                    answer.says.push_str("; ");
                }
                answer.says.push_str(&said.words.replace("{}", &ports(&said.listeners)));
            }
            let new = said.listeners.into_iter().filter(|listener| named.add(&listener.id));
            answer.listeners.extend(new.map(|listener| listener.id.clone()));
            let new = said.question.filter(|question| !answer.questions.contains(question));
            answer.questions.extend(new);
        }
        if left_out > 0 {
            answer.says.push_str(&format!("; and {left_out} more"));
        }
        answer
    }
}

/// What a question stands for, in a few words; `None` for one about tables and services that restriction lists ask.
fn hidden(question: &QuestionId) -> Option<&'static str> {
    Some(match question.0.as_str() {
        "postfix-version" | "dovecot-version" => "the release",
        "template" => "what a template puts in",
        "main-cf" => "main.cf, which was not given",
        "openssl-version" | "openssl-sslv3" => "the OpenSSL of the machine",
        "published-name" => "the name that clients use",
        "host-networks" => "the machine's own networks",
        "relay-test" | "own-mailbox" => "what was not tried",
        "inside-tls" => "what is said inside TLS",
        "handshakes" => "handshakes that were not answered",
        "proxy-alone" => "who can get past the proxy",
        "stranger" => "whether the server trusts the machine that looked",
        "other-ports" => "what the other ports offer",
        "configuration" => "the server's configuration",
        _ => return None,
    })
}

/// How many listeners are named; the others are counted.
const NAMED: usize = 4;

/// `port 25`, `ports 465 and 587`; by their names where a number is open, or stands for two of them.
fn ports(listeners: &[&Listener]) -> String {
    let shown = listeners.get(..NAMED).unwrap_or(listeners);
    let mut names: Vec<String> = shown
        .iter()
        .filter_map(|one| one.known_port())
        .map(|port| port.to_string())
        .collect();
    let numbers = Index::of(&names).len() == shown.len();
    if !numbers {
        names = shown.iter().map(|one| one.spoken()).collect();
    }
    if listeners.len() > NAMED {
        names.push(format!("{} more", listeners.len() - NAMED));
    }
    let word = match (numbers, listeners.len()) {
        (true, 1) => "port ",
        (true, _) => "ports ",
        (false, _) => "",
    };
    format!("{word}{}", enumerated(&names))
}

/// One answer made of what is said of each listener.
fn each<'a>(
    asked: Asked,
    server: &'a Server,
    listeners: &[&'a Listener],
    say: fn(&'a Listener, &mut Saying<'a>),
) -> Answer {
    let mut saying = Saying::of(server);
    for listener in listeners {
        if listener.is_alive() {
            say(listener, &mut saying);
        } else {
            // What it will do once it is mended is another matter.
            let reply = if asked == Asked::SafeSubmission {
                Reply::No
            } else {
                Reply::Unknown
            };
            saying.add(listener, reply, "nobody is served on {}");
        }
    }
    saying.unseen();
    if saying.said.is_empty() {
        let nobody = if asked == Asked::AlwaysEncrypted {
            Reply::Yes
        } else {
            Reply::No
        };
        saying.put(None, nobody, "nothing is taken from other machines".to_owned(), None);
        return saying.answer(asked, nobody);
    }
    let (yes, no, partly, open) = (
        saying.any(Reply::Yes),
        saying.any(Reply::No),
        saying.any(Reply::Partly),
        saying.any(Reply::Unknown),
    );
    let reply = match asked {
        // One port that does settles it.
        Asked::OutdatedVersions | Asked::WithoutAuthentication if yes => Reply::Yes,
        Asked::OutdatedVersions | Asked::WithoutAuthentication if open => Reply::Unknown,
        Asked::ReadInTheMiddle if yes && !no && !partly => Reply::Yes,
        // One port that does not is enough for `not always`.
        Asked::AlwaysEncrypted if no && !yes && !partly => Reply::No,
        _ if partly || (yes && no) => Reply::Partly,
        Asked::SafeSubmission if yes && open => Reply::Partly,
        _ if open => Reply::Unknown,
        _ if yes => Reply::Yes,
        _ => Reply::No,
    };
    saying.answer(asked, reply)
}

/// What a client gets over any channel: `Some(true)` when it is surely accepted over one, `Some(false)` when surely over none.
fn accepted(listener: &Listener, actor: Actor, channels: &[Channel], recipient: Recipient) -> Result<bool, QuestionId> {
    let mut open = None;
    for (table, channel) in listener
        .tables()
        .flat_map(|table| channels.iter().map(move |channel| (table, channel)))
    {
        match table.at(actor, *channel, recipient).map(Fact::outcome) {
            Some(Outcome::Accepted) => return Ok(true),
            Some(Outcome::Unknown(question)) => open = Some(question),
            _ => {}
        }
    }
    open.map_or(Ok(false), Err)
}

const BOTH: &[Channel] = &[Channel::Clear, Channel::Tls];

/// True when something may be sent in clear; the lists may still refuse it there.
fn takes_clear(listener: &Listener) -> Result<bool, QuestionId> {
    let mut open = None;
    for actor in [Actor::Stranger, Actor::Trusted, Actor::Authenticated] {
        for recipient in [Recipient::Local, Recipient::Foreign] {
            match accepted(listener, actor, &[Channel::Clear], recipient) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(question) => open = Some(question),
            }
        }
    }
    open.map_or(Ok(false), Err)
}

/// True when no handshake comes about, whether TLS is offered or not.
fn has_no_tls(listener: &Listener) -> bool {
    listener.tls.entry.known() == Some(&Entry::None) || listener.tls.works.surely_not()
}

/// TLS is a must that nobody can meet.
const NOTHING: &str = "{} takes nothing: TLS is required and there is none";

fn always_encrypted<'a>(listener: &'a Listener, saying: &mut Saying<'a>) {
    let mx = listener.known_role() == Role::Mx;
    match &listener.tls.required.value {
        Value::Unknown(question) => saying.open(listener, question),
        Value::Is(true) if has_no_tls(listener) => saying.add(listener, Reply::Yes, NOTHING),
        Value::Is(true) => saying.add(listener, Reply::Yes, "{} always"),
        Value::Is(false) if has_no_tls(listener) => saying.add(listener, Reply::No, "{} never"),
        // What its lists refuse besides does not matter: every mx takes mail in clear from somebody.
        Value::Is(false) if mx => {
            saying.add(
                listener,
                Reply::No,
                "{} if the sending server does its part, as is usual",
            );
        }
        // Passwords are what a mailbox takes.
        Value::Is(false) if listener.known_role() == Role::Mailbox => {
            saying.add(listener, Reply::No, "{} only if the client wants it");
        }
        Value::Is(false) => match takes_clear(listener) {
            Ok(true) => saying.add(listener, Reply::No, "{} only if the client wants it"),
            Ok(false) => saying.add(
                listener,
                Reply::Partly,
                "{} refuses mail in clear, but not the words before it",
            ),
            Err(question) => saying.open(listener, &question),
        },
    }
}

fn read_in_the_middle<'a>(listener: &'a Listener, saying: &mut Saying<'a>) {
    if has_no_tls(listener) {
        return if listener.tls.required.surely() {
            saying.add(listener, Reply::No, NOTHING);
        } else {
            saying.add(listener, Reply::Yes, "everything on {}: there is no TLS");
        };
    }
    if listener.known_role() == Role::Mx {
        return saying.add(listener, Reply::Yes, "{} yes, as usual between servers");
    }
    match (&listener.tls.required.value, unchecked(listener, saying.server)) {
        (Value::Unknown(question), _) | (Value::Is(true), Err(question)) => saying.open(listener, question),
        (Value::Is(false), _) => saying.add(listener, Reply::Yes, "{}: whoever cuts out STARTTLS"),
        (Value::Is(true), Ok(Some(why))) => {
            saying.add(listener, Reply::Yes, format!("{{}}: whoever steps in, as {why}"));
        }
        (Value::Is(true), Ok(None)) if hides_nothing(listener) => {
            saying.add(
                listener,
                Reply::Partly,
                "{}: what a client sends by a suite that hides nothing",
            );
        }
        (Value::Is(true), Ok(None)) => {
            saying.add(
                listener,
                Reply::No,
                "{} not, if the client insists on TLS and checks the certificate",
            );
        }
    }
}

/// True where a client that asks for no encryption inside TLS gets none.
fn hides_nothing(listener: &Listener) -> bool {
    let suites = listener.tls.suites.as_ref().and_then(Fact::known);
    suites.is_some_and(|suites| suites.may_be(SuiteKind::Null))
}

/// Why no client can check the certificate: by what stands in it, and by the names of its files where nobody looked.
fn unchecked<'a>(listener: &'a Listener, server: &'a Server) -> Result<Option<&'static str>, &'a QuestionId> {
    let uncheckable = Ok(Some("no client can check the certificate"));
    let (certificate, identity) = (&listener.tls.certificate.value, &listener.tls.identity);
    // TLS that works without any proves nothing.
    if matches!(
        certificate.known(),
        Some(CertificateSource::None | CertificateSource::OwnMaking)
    ) || identity.without.is_some()
    {
        return uncheckable;
    }
    let Some(seen) = identity.chains.as_ref().and_then(Fact::known) else {
        return match certificate {
            Value::Unknown(question) => Err(question),
            Value::Is(CertificateSource::Files(files)) if files.iter().any(|file| is_telling(file)) => uncheckable,
            Value::Is(_) => Ok(None),
        };
    };
    let mut open = None;
    for (own, others) in seen.surely.iter().filter_map(|chain| chain.certificates.split_first()) {
        if own.is_self_issued() {
            return uncheckable;
        }
        let issuer = others
            .iter()
            .find(|one| one.subject == own.issuer && !one.is_self_issued());
        let valid = |one: &Certificate| {
            server
                .now
                .is_none_or(|now| one.not_before <= now && now <= one.not_after)
        };
        if !valid(own) || issuer.is_some_and(|issuer| !valid(issuer)) {
            return Ok(Some("the certificate is not valid now"));
        }
        let other = |host: &&String| host.contains('.') && host.is_ascii() && !own.is_for(host);
        if server.name.known().filter(other).is_some() {
            match identity.by_name.as_ref().or(server.name_is_guessed.as_ref()) {
                None => return Ok(Some("the certificate is for another name")),
                question => open = question,
            }
        }
    }
    open.map_or(Ok(None), Err)
}

fn safe_submission(server: &Server, reachable: &[&Listener]) -> Answer {
    let asked = Asked::SafeSubmission;
    let for_users = |one: &&&Listener| one.known_role() == Role::Submission;
    let signs_in = |one: &&&Listener| {
        !matches!(one.known_role(), Role::Submission | Role::Mailbox | Role::Internal)
            && (!one.auth.after_tls.surely_not() || !one.auth.before_tls.surely_not())
    };
    let mut ports: Vec<&Listener> = reachable.iter().filter(for_users).copied().collect();
    if !ports.iter().any(|one| one.is_alive()) {
        // Where nothing serves users, they come in wherever they can sign in.
        ports.extend(reachable.iter().filter(signs_in));
    }
    if ports.is_empty() && server.more_listeners.is_none() {
        let mut saying = Saying::of(server);
        let (reply, says) = if reachable.iter().any(|one| one.known_role() == Role::Mailbox) {
            (Reply::NotApplicable, "users read mail here, and send none")
        } else if server.listeners.is_empty() {
            (Reply::NotApplicable, "nothing here listens for users")
        } else {
            (
                nobody_comes(server),
                "nothing listens for users, and nobody can sign in",
            )
        };
        saying.put(None, reply, says.to_owned(), None);
        return saying.answer(asked, reply);
    }
    each(asked, server, &ports, submits_safely)
}

/// What is asked about users of a server without a port for them: a server that only other servers come to is not there for it.
fn nobody_comes(server: &Server) -> Reply {
    let mut others = server.listeners.iter().filter(|one| !one.is_local_only());
    if others.all(|one| one.known_role() == Role::Mx && one.is_alive()) {
        Reply::NotApplicable
    } else {
        Reply::No
    }
}

fn submits_safely<'a>(listener: &'a Listener, saying: &mut Saying<'a>) {
    let auth = &listener.auth;
    if has_no_tls(listener) {
        return saying.add(listener, Reply::No, "{} not: there is no TLS");
    }
    if auth.after_tls.surely_not() {
        return saying.add(listener, Reply::No, "{} not: no AUTH inside TLS");
    }
    let accepted = accepted(listener, Actor::Authenticated, &[Channel::Tls], Recipient::Foreign);
    if accepted == Ok(false) {
        return saying.add(listener, Reply::No, "{} not: mail is refused even with AUTH");
    }
    if listener.is_implicit_port_in_clear() {
        return saying.add(
            listener,
            Reply::No,
            "{} not: it begins in clear, and its clients with TLS",
        );
    }
    if listener.tls.entry.known() == Some(&Entry::Implicit) && matches!(listener.known_port(), Some(25 | 587)) {
        return saying.add(
            listener,
            Reply::No,
            "{} not: it begins with TLS, and its clients in clear",
        );
    }
    let open = [
        listener.tls.required.value.question(),
        auth.after_tls.value.question(),
        listener.tls.works.value.question(),
    ];
    let unchecked = unchecked(listener, saying.server);
    match (open.into_iter().flatten().next().or(unchecked.err()), &accepted) {
        (Some(question), _) => saying.open(listener, question),
        (None, Err(question)) if hidden(question).is_some() => saying.open(listener, question),
        _ if let Ok(Some(why)) = unchecked => saying.add(listener, Reply::No, format!("{{}} not: {why}")),
        // What tables refuse besides makes nobody less safe.
        (_, Err(question)) if listener.tls.required.surely() => {
            let says = match question.0.as_str() {
                "submission-relay" => "{}, as far as the server behind it lets mail pass",
                _ => "{}, where its lists let mail pass",
            };
            saying.add(listener, Reply::Yes, says)
        }
        _ if listener.tls.required.surely() => saying.add(listener, Reply::Yes, "{}"),
        _ if auth.mechanisms.plaintext_before_tls.surely() => {
            saying.add(
                listener,
                Reply::Partly,
                "{} only if the client insists on TLS: passwords are taken in clear",
            );
        }
        _ => saying.add(listener, Reply::Partly, "{} only if the client insists on TLS"),
    }
}

fn outdated_versions<'a>(listener: &'a Listener, saying: &mut Saying<'a>) {
    let tls = &listener.tls;
    if has_no_tls(listener) {
        return saying.add(listener, Reply::No, "no TLS at all on {}");
    }
    let members = match &tls.versions.value {
        Value::Is(members) => members,
        Value::Unknown(question) => return saying.open(listener, question),
    };
    let old = || {
        TlsVersion::ALL
            .into_iter()
            .filter(|version| *version < TlsVersion::Tls12)
    };
    let surely: Vec<String> = old()
        .filter(|version| members.has(version))
        .map(|version| version.to_string())
        .collect();
    if !surely.is_empty() {
        return saying.add(listener, Reply::Yes, format!("{} on {{}}", enumerated(&surely)));
    }
    // What is open may be newer versions alone.
    let open_old = tls
        .open
        .iter()
        .find(|(version, _)| *version < TlsVersion::Tls12)
        .map(|(_, question)| question);
    let other = members
        .rest
        .as_ref()
        .filter(|rest| tls.open.iter().all(|(_, question)| question != *rest));
    match open_old.or(other) {
        Some(question) => saying.open(listener, question),
        None => saying.add(listener, Reply::No, "none on {}"),
    }
}

fn without_authentication<'a>(listener: &'a Listener, saying: &mut Saying<'a>) {
    let abroad = accepted(listener, Actor::Stranger, BOTH, Recipient::Foreign);
    match &abroad {
        Ok(true) => return saying.add(listener, Reply::Yes, "anyone, to anywhere, through {}"),
        Ok(false) => {}
        Err(question) => saying.open(listener, question),
    }
    let access = &listener.access;
    if let Some((pattern, _)) = access.may_name_client.known().and_then(wide) {
        let words = format!("whoever says that he is a trusted client, through {{}}: `{pattern}` is believed");
        return saying.add(listener, Reply::Yes, words);
    }
    if let Some(question) = access.proxy_alone.value.question().filter(|_| access.preamble.surely()) {
        saying.open(listener, question);
    }
    let trusted = accepted(listener, Actor::Trusted, BOTH, Recipient::Foreign);
    match (trusted, listener.trusted.known()) {
        (Ok(false), _) => {}
        // Whatever becomes of the machine's own mail, nobody else is trusted.
        (Err(_), Some(networks)) if trusts_itself_alone(networks) => {}
        (Err(question), _) => saying.open(listener, &question),
        (Ok(true), None) => {
            if let Some(question) = listener.trusted.value.question() {
                saying.open(listener, question);
            }
        }
        (Ok(true), Some(networks)) => {
            if let Some(pattern) = everybody(&networks.patterns.surely) {
                return saying.add(
                    listener,
                    Reply::Yes,
                    format!("anyone, to anywhere, through {{}}: `{pattern}` is trusted"),
                );
            }
            let style = networks.style.as_ref().map(|style| &style.value);
            match style {
                Some(Value::Unknown(question)) => saying.open(listener, question),
                Some(Value::Is(style)) if style == "host" => {}
                Some(Value::Is(_)) => {
                    saying.add(
                        listener,
                        Reply::Partly,
                        "every machine of the server's own networks, to anywhere, through {}",
                    );
                }
                None => {
                    let wide = networks
                        .patterns
                        .surely
                        .iter()
                        .filter(|pattern| !is_machine(pattern) && !pattern.starts_with('!'));
                    let shown: Vec<String> = wide.clone().take(2).map(|pattern| format!("`{pattern}`")).collect();
                    let more = if wide.count() > 2 { " and others" } else { "" };
                    if !shown.is_empty() {
                        let words = format!("machines in {}{more}, to anywhere, through {{}}", shown.join(", "));
                        saying.add(listener, Reply::Partly, words);
                    }
                    if let Some(question) = &networks.patterns.rest {
                        saying.open(listener, question);
                    }
                }
            }
        }
    }
    let mx = listener.known_role() == Role::Mx;
    match accepted(listener, Actor::Stranger, BOTH, Recipient::Local) {
        // Whether they reach others too is asked already.
        _ if abroad.is_err() => {}
        Ok(false) => saying.add(listener, Reply::No, "no stranger through {}"),
        _ if mx => saying.add(listener, Reply::No, "strangers reach only your own users, through {}"),
        Ok(true) => saying.add(listener, Reply::Partly, "strangers reach your own users through {}"),
        Err(question) => saying.open(listener, &question),
    }
}

/// A pattern that every address matches, unless an exclusion before it takes it back.
fn everybody(patterns: &[String]) -> Option<&str> {
    let all = |pattern: &str| matches!(pattern, "0.0.0.0/0" | "::/0" | "[::]/0") || pattern.starts_with("static:");
    let first = patterns
        .iter()
        .position(|pattern| all(pattern.trim_start_matches('!')))?;
    patterns
        .get(first)
        .map(String::as_str)
        .filter(|pattern| !pattern.starts_with('!'))
}

/// True where nobody but the machine itself is trusted.
fn trusts_itself_alone(networks: &Networks) -> bool {
    let patterns = &networks.patterns;
    let is_own = |pattern: &String| pattern.starts_with('!') || is_machine(pattern);
    networks.style.is_none() && patterns.rest.is_none() && patterns.surely.iter().all(is_own)
}

/// A pattern that stands for the machine itself.
fn is_machine(pattern: &str) -> bool {
    let address = pattern
        .rsplit_once('/')
        .map_or(pattern, |(address, _)| address)
        .trim_matches(['[', ']']);
    match address.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|one| one.is_loopback())
        }
        Err(_) => false,
    }
}

fn port_465(server: &Server) -> Answer {
    let mut saying = Saying::of(server);
    for listener in server.listeners.iter().filter(|one| one.is_implicit_port()) {
        if !listener.is_alive() {
            saying.add(listener, Reply::No, "it serves nobody: mend it");
            continue;
        }
        let open = match (&listener.tls.entry.value, &listener.auth.after_tls.value) {
            (Value::Unknown(question), _) => Some(question),
            (Value::Is(Entry::Implicit), Value::Unknown(question)) => Some(question),
            _ => None,
        };
        if let Some(question) = open {
            saying.open(listener, question);
        } else if listener.tls.entry.known() != Some(&Entry::Implicit) {
            saying.add(
                listener,
                Reply::No,
                "it begins in clear, and its clients begin with TLS",
            );
        } else if listener.known_role() == Role::Internal {
            saying.add(listener, Reply::Yes, "only trusted machines use it");
        } else if listener.auth.after_tls.surely_not() {
            saying.add(listener, Reply::No, "it is there for users, and they cannot sign in");
        } else {
            saying.add(listener, Reply::Yes, "implicit TLS is the recommended form: keep it");
        }
    }
    if saying.said.is_empty() {
        saying.unseen();
    }
    if saying.said.is_empty() {
        let is_there = |role| server.listeners.iter().any(|one| one.known_role() == role);
        let (reply, says) = if server.is_only_seen() {
            (Reply::NotApplicable, "it was not looked at")
        } else if is_there(Role::Submission) {
            (Reply::No, "nothing listens there, and RFC 8314 recommends it for users")
        } else if is_there(Role::Mailbox) {
            (Reply::NotApplicable, "users read mail here, and send none")
        } else if server.listeners.is_empty() {
            (Reply::NotApplicable, "nothing here listens for users")
        } else {
            (
                nobody_comes(server),
                "nothing listens there, and nothing here is for users",
            )
        };
        saying.put(None, reply, says.to_owned(), None);
    }
    let reply = match (
        saying.any(Reply::Yes),
        saying.any(Reply::No),
        saying.any(Reply::Unknown),
    ) {
        (true, true, _) => Reply::Partly,
        (_, _, true) => Reply::Unknown,
        (true, ..) => Reply::Yes,
        _ if saying.any(Reply::NotApplicable) => Reply::NotApplicable,
        _ => Reply::No,
    };
    saying.answer(Asked::Port465, reply)
}
