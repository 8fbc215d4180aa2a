//! A walk through access control lists, as Exim walks (the specification, "Access control lists"; `acl.c`; measured on 4.96).
//!
//! A client is followed against whom nothing speaks: it stands on no block list, what it says of itself can be verified, and its
//! message is harmless. Where it matters whether something holds that cannot be seen, both ways are followed, to the end of the
//! session; where they part, the outcome is a question. Whoever is refused in the end is refused, whatever may refuse it before.

mod conditions;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use conditions::{Failing, Met};

use super::config::{self, Statement};
use super::expand::{Text, expand};
use super::hosts;
use super::lines::Open;
use super::view::{Moment, View, steps};
use crate::facts::{Actor, Auth, Because, Channel, Entry, Fact, Members, Networks, Outcome, Outcomes, Recipient, Stage, Step, Tls, Value};
use crate::gather::Index;
use crate::question::QuestionId;

/// Lists within lists: deeper than this nobody means it.
const DEEPEST: usize = 16;

/// One client on its way.
#[derive(Clone, Copy)]
struct Client {
    actor: Actor,
    recipient: Recipient,
    moment: Moment,
    /// How far it has come, and with it what it has said of itself.
    stage: Stage,
    /// It has sent its message, which is a harmless one: whatever looks for something in it finds nothing.
    has_sent: bool,
}

/// What a list says.
#[derive(Debug, Clone)]
enum Verdict {
    Accepts(Vec<Step>),
    /// The code is 0 where it is not known which of several comes.
    Refuses { code: u16, steps: Vec<Step> },
    /// It accepts or refuses, and nothing else becomes of a message.
    Either(Doubt, Vec<Step>),
    /// It may also throw away what it takes.
    Unknown(Doubt, Vec<Step>),
}

impl Verdict {
    /// Whether it lets the client go on; `None` where that is open.
    fn end(&self) -> Option<bool> {
        match self {
            Verdict::Accepts(_) => Some(true),
            Verdict::Refuses { .. } => Some(false),
            Verdict::Either(..) | Verdict::Unknown(..) => None,
        }
    }

    fn steps(&self) -> &[Step] {
        match self {
            Verdict::Accepts(steps) | Verdict::Refuses { steps, .. } | Verdict::Either(_, steps) | Verdict::Unknown(_, steps) => steps,
        }
    }
}

/// What cannot be told. It is asked once it is sure that it decides.
#[derive(Debug, Clone)]
enum Doubt {
    /// Whether a line is read.
    Line(Open),
    /// Something in a statement.
    Condition(String),
    Asked(QuestionId),
}

/// How far a client has come.
struct Way {
    /// The first thing that may have refused it.
    doubt: Option<(Doubt, Vec<Step>)>,
    /// What let it write to the recipient.
    accepted: Vec<Step>,
}

/// The answer to STARTTLS where no handshake can succeed, which is no matter of waiting.
const NO_TLS_NOW: u16 = 454;

/// STARTTLS, of a client that asks for it.
fn begins(tls: &Tls) -> Verdict {
    match (&tls.entry.value, &tls.works.value) {
        (Value::Is(Entry::None), _) => Verdict::Refuses { code: 503, steps: tls.entry.because.to_vec() },
        (Value::Unknown(question), _) | (_, Value::Unknown(question)) => Verdict::Either(Doubt::Asked(question.clone()), tls.entry.because.to_vec()),
        (_, Value::Is(false)) => Verdict::Refuses { code: NO_TLS_NOW, steps: tls.works.because.to_vec() },
        _ => Verdict::Accepts(Vec::new()),
    }
}

/// AUTH, of a client that knows a password.
fn logs_in(offered: &Fact<bool>) -> Verdict {
    let steps = offered.because.to_vec();
    match &offered.value {
        Value::Is(true) => Verdict::Accepts(Vec::new()),
        Value::Is(false) => Verdict::Refuses { code: 503, steps },
        Value::Unknown(question) => Verdict::Either(Doubt::Asked(question.clone()), steps),
    }
}

/// The lists at a port.
pub(super) struct Walk<'a> {
    view: &'a View<'a>,
    port: u16,
    /// Networks whose clients may send to anywhere, with the statement that lets them.
    trusted: (Members<String>, Vec<Step>),
    /// The same, to be looked up.
    own: Index,
    /// Variables that lists have set, for the client in hand.
    set: RefCell<BTreeMap<String, Text>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(view: &'a View<'a>, port: u16) -> Walk<'a> {
        let nobody = (Members { surely: Vec::new(), rest: None }, Vec::new());
        let mut walk = Walk { view, port, trusted: nobody, own: Index::default(), set: RefCell::new(BTreeMap::new()) };
        walk.trusted = walk.find_trusted();
        walk.own = Index::of(&walk.trusted.0.surely);
        walk
    }

    /// Who is trusted: the first list of hosts for which a statement accepts whatever the recipient is. With a question where
    /// another one may stand before it.
    fn find_trusted(&self) -> (Members<String>, Vec<Step>) {
        let moment = Moment { tls: false, port: self.port, authenticated: false };
        let variable = |name: &str| moment.variable(name);
        let mut rest = None;
        let option = self.view.text("acl_smtp_rcpt");
        let mut names = match option.value {
            Value::Is(name) => vec![("acl_smtp_rcpt", name)],
            Value::Unknown(question) => return (Members { surely: Vec::new(), rest: Some(question) }, option.because.to_vec()),
        };
        let mut at = 0;
        while let Some((setting, name)) = names.get(at).cloned() {
            if at == DEEPEST {
                rest.get_or_insert_with(|| self.view.ask_networks());
                break;
            }
            at += 1;
            let Text::Is(name) = expand(&name, &variable) else {
                rest.get_or_insert_with(|| self.view.ask_expansion(setting));
                continue;
            };
            if name.is_empty() {
                continue;
            }
            let said = match self.said(&name, &option.because) {
                Ok(said) => said,
                Err(question) => {
                    rest.get_or_insert(question);
                    continue;
                }
            };
            for statement in said.statements.iter() {
                let statement = match statement {
                    Ok(statement) => statement,
                    Err(Open::Include { may_be_missing: true, .. }) => continue,
                    Err(open) => {
                        rest.get_or_insert_with(|| self.view.ask_open(open));
                        continue;
                    }
                };
                for nested in statement.conditions.iter().filter(|condition| condition.name == "acl") {
                    let name = nested.value.split_whitespace().next().unwrap_or("");
                    if names.iter().all(|(_, one)| one != name) && names.len() <= DEEPEST {
                        names.push(("acl", name.to_owned()));
                    }
                }
                let narrows = ["authenticated", "domains", "recipients", "local_parts", "encrypted"];
                let is_narrow = statement.conditions.iter().any(|one| narrows.contains(&one.name.as_str()) && one.open.is_none());
                let list = statement.conditions.iter().find(|condition| condition.name == "hosts" && !condition.negated);
                let Some(list) = list.filter(|_| statement.verb == "accept" && !is_narrow) else { continue };
                if let Some(open) = statement.open.as_ref().or_else(|| statement.conditions.iter().find_map(|one| one.open.as_ref())) {
                    rest.get_or_insert_with(|| self.view.ask_open(open));
                    continue;
                }
                let found = hosts::networks(self.view, &list.value, &variable);
                rest = rest.or(found.rest);
                if !found.surely.is_empty() {
                    return (Members { surely: found.surely, rest }, because(self.view, said.name, statement));
                }
            }
        }
        (Members { surely: Vec::new(), rest }, Vec::new())
    }

    /// Networks whose clients may send without a login.
    pub(super) fn trusted(&self) -> Fact<Networks> {
        let (patterns, because) = self.trusted.clone();
        Fact::is(Networks { patterns, style: None }, because)
    }

    /// What every kind of client gets.
    pub(super) fn outcomes(&self, tls: &Tls, auth: &Auth) -> Outcomes {
        Outcomes::of(|actor, channel, recipient| self.outcome(tls, auth, actor, channel, recipient))
    }

    fn outcome(&self, tls: &Tls, auth: &Auth, actor: Actor, channel: Channel, recipient: Recipient) -> Fact<Outcome> {
        let refused = |stage, code, because: &[Step]| Fact::is(Outcome::Refused { stage, code }, because.to_vec());
        let is_tls = channel == Channel::Tls;
        let implicit = tls.entry.known() == Some(&Entry::Implicit);
        self.set.borrow_mut().clear();
        let mut client =
            Client { actor, recipient, moment: Moment { tls: is_tls && implicit, port: self.port, authenticated: false }, stage: Stage::Connect, has_sent: false };
        if !is_tls && implicit {
            return refused(Stage::Connect, 0, &tls.entry.because);
        }
        let mut way = Way { doubt: None, accepted: Vec::new() };
        let at_once = self.view.fixed("tls_on_connect_ports");
        if let Value::Unknown(question) = at_once.value {
            if is_tls {
                return Fact::unknown(question, at_once.because);
            }
            way.doubt = Some((Doubt::Asked(question), at_once.because.to_vec()));
        }
        if let Some(end) = self.ended(self.rejected(client), Stage::Connect, &mut way) {
            return end;
        }
        let mut ways: Vec<(Stage, &str, u16)> = vec![(Stage::Connect, "acl_smtp_connect", 550), (Stage::Ehlo, "acl_smtp_helo", 550)];
        if is_tls && !implicit {
            ways.push((Stage::Starttls, "acl_smtp_starttls", 550));
            ways.push((Stage::Ehlo, "acl_smtp_helo", 550));
        }
        if actor == Actor::Authenticated {
            ways.push((Stage::Auth, "acl_smtp_auth", 503));
        }
        ways.extend([
            (Stage::Mail, "acl_smtp_mail", 550),
            (Stage::Rcpt, "acl_smtp_rcpt", 550),
            (Stage::Data, "acl_smtp_predata", 550),
            (Stage::Data, "acl_smtp_data", 550),
        ]);
        for (stage, option, code) in ways {
            client.stage = stage;
            client.has_sent = option == "acl_smtp_data";
            let ended = match stage {
                Stage::Starttls => self.ended(begins(tls), stage, &mut way),
                Stage::Auth => self.ended(logs_in(if is_tls { &auth.after_tls } else { &auth.before_tls }), stage, &mut way),
                _ => None,
            };
            if let Some(end) = ended.or_else(|| self.ended(self.option(option, code, client), stage, &mut way)) {
                return end;
            }
            match stage {
                Stage::Starttls => client.moment.tls = true,
                Stage::Auth => client.moment.authenticated = true,
                _ => {}
            }
        }
        match way.doubt {
            Some((what, steps)) => Fact::unknown(self.asked(what), steps),
            None => Fact::is(Outcome::Accepted, way.accepted),
        }
    }

    /// How the session ends with what is said at a stage; `None` where it goes on, or may.
    fn ended(&self, verdict: Verdict, stage: Stage, way: &mut Way) -> Option<Fact<Outcome>> {
        let (code, steps) = match verdict {
            Verdict::Accepts(steps) => {
                if stage == Stage::Rcpt {
                    way.accepted = steps;
                }
                return None;
            }
            Verdict::Either(what, steps) => {
                way.doubt.get_or_insert((what, steps));
                return None;
            }
            Verdict::Unknown(what, steps) => return Some(Fact::unknown(self.asked(what), steps)),
            Verdict::Refuses { code, steps } => (code, steps),
        };
        let outcome = match code {
            // Something may have refused it before: this is the last place.
            _ if way.doubt.is_some() => Outcome::Refused { stage, code: 0 },
            NO_TLS_NOW => Outcome::Refused { stage, code },
            400..500 => Outcome::Deferred { stage, code },
            _ => Outcome::Refused { stage, code },
        };
        Some(Fact::is(outcome, steps))
    }

    /// Why strangers get no TLS although it is announced: a list forbids it.
    pub(super) fn forbids_starttls(&self) -> Option<Because> {
        let moment = Moment { tls: false, port: self.port, authenticated: false };
        let client = Client { actor: Actor::Stranger, recipient: Recipient::Local, moment, stage: Stage::Starttls, has_sent: false };
        match self.option("acl_smtp_starttls", 550, client) {
            Verdict::Refuses { steps, .. } => Some(steps.into()),
            _ => None,
        }
    }

    /// Hosts that are turned away before anything is said.
    fn rejected(&self, client: Client) -> Verdict {
        let hosts = self.view.text("host_reject_connection");
        let steps = hosts.because.to_vec();
        match &hosts.value {
            Value::Is(text) if text.is_empty() => Verdict::Accepts(steps),
            Value::Unknown(question) => Verdict::Either(Doubt::Asked(question.clone()), steps),
            Value::Is(text) => match self.has_host(text, client, None) {
                Some(false) => Verdict::Accepts(steps),
                Some(true) => Verdict::Refuses { code: 554, steps },
                None => Verdict::Either(Doubt::Asked(self.view.ask_expansion("host_reject_connection")), steps),
            },
        }
    }

    /// The list that an option names, or holds.
    fn option(&self, option: &str, code: u16, client: Client) -> Verdict {
        let text = self.view.text(option);
        let because = text.because.to_vec();
        let written = match text.value {
            Value::Unknown(question) => return Verdict::Unknown(Doubt::Asked(question), because),
            Value::Is(text) => text,
        };
        match expand(&written, &|name| self.variable(name, client)) {
            // Without a list for recipients nobody may send to any; the other lists need not be there.
            Text::Is(name) if name.is_empty() && option == "acl_smtp_rcpt" => Verdict::Refuses { code, steps: because },
            Text::Is(name) if name.is_empty() => Verdict::Accepts(Vec::new()),
            Text::Is(name) => self.list(&name, code, client, DEEPEST, &because),
            _ => Verdict::Unknown(Doubt::Asked(self.view.ask_expansion(option)), because),
        }
    }

    /// What a list says.
    fn list(&self, name: &str, code: u16, client: Client, deep: usize, because: &[Step]) -> Verdict {
        let Some(deep) = deep.checked_sub(1) else { return Verdict::Unknown(Doubt::Condition("its lists lead to each other in a circle".to_owned()), because.to_vec()) };
        match self.said(name, because) {
            Ok(said) => self.statements(&said, code, client, deep),
            Err(question) => Verdict::Unknown(Doubt::Asked(question), because.to_vec()),
        }
    }

    /// The statements of a list: one of the section, or what stands in place of its name.
    fn said<'n>(&self, name: &'n str, because: &[Step]) -> Result<Said<'a, 'n>, QuestionId> {
        let name = name.trim();
        let view = self.view;
        if let Some(acl) = view.config.acl(name) {
            let end = Step::Set { setting: acl.name.as_str().into(), span: acl.named };
            let said = Said { name, statements: Cow::Borrowed(&acl.statements), end };
            return acl.open.as_ref().map_or(Ok(said), |open| Err(view.ask_open(open)));
        }
        if let Some(open) = view.config.unseen_behind.first() {
            return Err(view.ask_open(open));
        }
        let is_of_file = name.starts_with('/');
        let span = because.iter().find_map(Step::span);
        if let (Some(span), false) = (span, is_of_file)
            && view.goes_on(name.len())
            && let Some(statements) = config::statements(name, span)
        {
            let end = Step::Set { setting: "acl".into(), span };
            return Ok(Said { name: "acl", statements: Cow::Owned(statements), end });
        }
        let ask = format!("What does the access control list `{}` say? It was not given.", name.chars().take(60).collect::<String>());
        Err(view.ask("exim-acl", ask, "exim -bP config"))
    }

    /// Asks what decides.
    fn asked(&self, doubt: Doubt) -> QuestionId {
        let what = match doubt {
            Doubt::Asked(question) => return question,
            Doubt::Line(open) => return self.view.ask_open(&open),
            Doubt::Condition(what) => what,
        };
        let ask = format!("What becomes of a message here? What decides is not plain: {what}.");
        self.view.ask("exim-acl-conditions", ask, format!("exim -oMi 192.0.2.1.{} -bh 203.0.113.9.4000, then EHLO, MAIL FROM and RCPT TO by hand", self.port))
    }

    fn statements(&self, said: &Said<'_, '_>, code: u16, client: Client, deep: usize) -> Verdict {
        // What may end the walk: the verdict, and what is not known.
        let mut doubts: Vec<(Verdict, Doubt)> = Vec::new();
        let mut last = Verdict::Refuses { code, steps: vec![said.end.clone()] };
        for statement in said.statements.iter() {
            // Lists may call each other.
            if !self.view.goes_on(0) {
                last = Verdict::Unknown(Doubt::Condition("there is more than is looked at".to_owned()), Vec::new());
                break;
            }
            let statement = match statement {
                Ok(statement) => statement,
                Err(Open::Include { may_be_missing: true, .. }) => continue,
                Err(open) => {
                    last = Verdict::Unknown(Doubt::Line(open.clone()), Vec::new());
                    break;
                }
            };
            let met = self.meets(statement, client, deep);
            let searches = client.has_sent && met.holds.is_none() && statement.open.is_none();
            if searches && matches!(statement.verb.as_str(), "deny" | "drop" | "defer" | "require" | "discard") {
                continue;
            }
            let because = || because(self.view, said.name, statement);
            let Some(verdict) = self.verdict(statement, &met, code, &because) else { continue };
            if met.holds.is_some() {
                last = verdict;
                break;
            }
            let doubt = statement.open.as_ref().map_or_else(|| Doubt::Condition(format!("`{}`", met.why)), |open| Doubt::Line(open.clone()));
            doubts.push((verdict, doubt));
        }
        let parts = |one: &Verdict| one.end().is_none() || one.end() != last.end();
        if let Some((one, doubt)) = doubts.iter().find(|(one, _)| parts(one)) {
            let may_vanish = doubts.iter().map(|(one, _)| one).chain([&last]).any(|one| matches!(one, Verdict::Unknown(..)));
            let (doubt, steps) = (doubt.clone(), one.steps().to_vec());
            return if may_vanish { Verdict::Unknown(doubt, steps) } else { Verdict::Either(doubt, steps) };
        }
        if let Verdict::Refuses { code, .. } = &mut last {
            let differs = |one: &Verdict| matches!(one, Verdict::Refuses { code: other, .. } if other != code);
            // Whichever of them refuses.
            if doubts.iter().any(|(one, _)| differs(one)) {
                *code = 0;
            }
        }
        last
    }

    /// What a statement says, where its conditions are met, or may be; `None` where the walk goes on.
    fn verdict(&self, statement: &Statement, met: &Met, code: u16, because: &dyn Fn() -> Vec<Step>) -> Option<Verdict> {
        let refuses = || Verdict::Refuses { code: own_code(statement, '5').unwrap_or(code), steps: because() };
        let may_be = met.holds != Some(false);
        match statement.verb.as_str() {
            "accept" | "discard" if met.failing == Failing::Refuses => Some(refuses()),
            "accept" if met.failing == Failing::MayRefuse => Some(Verdict::Either(Doubt::Condition(format!("`{}`", met.why)), because())),
            "accept" if may_be => Some(Verdict::Accepts(because())),
            "discard" if may_be => Some(Verdict::Unknown(Doubt::Condition("`discard` takes messages and throws them away".to_owned()), because())),
            "deny" | "drop" if may_be => Some(refuses()),
            "defer" if may_be => Some(Verdict::Refuses { code: own_code(statement, '4').unwrap_or(451), steps: because() }),
            "require" if met.holds != Some(true) => Some(refuses()),
            _ => None,
        }
    }
}

/// The statements of a list.
struct Said<'a, 'n> {
    /// What steps call it.
    name: &'n str,
    /// A file that was not given may stand for statements: `Err`.
    statements: Cow<'a, [Result<Statement, Open>]>,
    /// What tells where none of them speaks.
    end: Step,
}

/// Whether a certificate opens what a login opens.
pub(super) fn by_certificate(view: &View<'_>) -> Fact<bool> {
    for acl in &view.config.acls {
        for statement in acl.statements.iter().flatten().filter(|statement| statement.verb == "accept") {
            if statement.conditions.iter().any(|one| one.name == "verify" && one.value == "certificate" && !one.negated) {
                return Fact::is(true, because(view, &acl.name, statement));
            }
        }
    }
    Fact::is(false, Vec::new())
}

/// A statement as steps, with the named lists in it.
fn because(view: &View<'_>, acl: &str, statement: &Statement) -> Vec<Step> {
    let mut because = vec![Step::Set { setting: acl.into(), span: statement.written }];
    let kinds = [("hosts", "hostlist"), ("domains", "domainlist")];
    // A list that is named twice is one.
    let mut told = Index::default();
    for condition in &statement.conditions {
        let Some((_, kind)) = kinds.iter().find(|(name, _)| *name == condition.name) else { continue };
        for item in super::list::items(&condition.value) {
            let name = item.trim_start_matches(['!', ' ']).strip_prefix('+');
            let list = name.and_then(|name| view.config.list(kind, name));
            because.extend(list.filter(|list| told.add(&list.name)).map(steps).into_iter().flatten());
        }
    }
    because
}

/// A code of its own that a message begins with, three digits and a blank (`regex_smtp_code` of `exim.c`); it counts where it is
/// of the class that is sent anyhow.
fn own_code(statement: &Statement, class: char) -> Option<u16> {
    let message = statement.conditions.iter().find(|condition| condition.name == "message")?;
    let (code, rest) = (message.value.get(..3)?, message.value.get(3..)?);
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit()) && code.starts_with(class) && rest.starts_with(char::is_whitespace);
    is_code.then(|| code.parse().ok()).flatten()
}
