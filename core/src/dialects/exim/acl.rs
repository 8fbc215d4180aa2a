//! A walk through access control lists, as Exim walks (the specification, "Access control lists"; `acl.c`; measured on 4.96).
//!
//! A client is followed against whom nothing speaks: it stands on no block list, what it says of itself can be verified, and its
//! message is harmless. Where it matters whether something holds that cannot be seen, both ways are followed; where they part,
//! the outcome is a question.

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
use crate::question::QuestionId;

/// Lists within lists: deeper than this nobody means it.
const DEEPEST: usize = 16;

/// One client on its way.
#[derive(Clone, Copy)]
struct Client {
    actor: Actor,
    recipient: Recipient,
    moment: Moment,
    /// It has sent its message, which is a harmless one: whatever looks for something in it finds nothing.
    has_sent: bool,
}

/// What a list says.
#[derive(Debug, Clone)]
enum Verdict {
    Accepts(Vec<Step>),
    Refuses { code: u16, steps: Vec<Step> },
    Unknown(QuestionId, Vec<Step>),
}

impl Verdict {
    fn is_like(&self, other: &Verdict) -> bool {
        match (self, other) {
            (Verdict::Accepts(_), Verdict::Accepts(_)) => true,
            (Verdict::Refuses { code, .. }, Verdict::Refuses { code: other, .. }) => code == other,
            _ => false,
        }
    }
}

/// The lists at a port.
pub(super) struct Walk<'a> {
    view: &'a View<'a>,
    port: u16,
    /// Networks whose clients may send to anywhere, with the statement that lets them.
    trusted: (Members<String>, Vec<Step>),
    /// Variables that lists have set, for the client in hand.
    set: RefCell<BTreeMap<String, Text>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(view: &'a View<'a>, port: u16) -> Walk<'a> {
        let nobody = (Members { surely: Vec::new(), rest: None }, Vec::new());
        let mut walk = Walk { view, port, trusted: nobody, set: RefCell::new(BTreeMap::new()) };
        walk.trusted = walk.find_trusted();
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
            Client { actor, recipient, moment: Moment { tls: is_tls && implicit, port: self.port, authenticated: false }, has_sent: false };
        if !is_tls && implicit {
            return refused(Stage::Connect, 0, &tls.entry.because);
        }
        if let Some(outcome) = self.rejected(client) {
            return outcome;
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
        let mut accepted = Vec::new();
        for (stage, option, code) in ways {
            if stage == Stage::Starttls {
                match (&tls.entry.value, &tls.works.value) {
                    (Value::Is(Entry::None), _) => return refused(Stage::Starttls, 503, &tls.entry.because),
                    (Value::Unknown(question), _) | (_, Value::Unknown(question)) => return Fact::unknown(question.clone(), tls.entry.because.clone()),
                    (_, Value::Is(false)) => return refused(Stage::Starttls, 454, &tls.works.because),
                    _ => {}
                }
            }
            if stage == Stage::Auth {
                let offered = if is_tls { &auth.after_tls } else { &auth.before_tls };
                match &offered.value {
                    Value::Is(true) => {}
                    Value::Is(false) => return refused(Stage::Auth, 503, &offered.because),
                    Value::Unknown(question) => return Fact::unknown(question.clone(), offered.because.clone()),
                }
            }
            client.has_sent = option == "acl_smtp_data";
            let verdict = self.option(option, code, client);
            match verdict {
                Verdict::Accepts(steps) if stage == Stage::Rcpt => accepted = steps,
                Verdict::Accepts(_) => {}
                Verdict::Refuses { code, steps } if (400..500).contains(&code) => return Fact::is(Outcome::Deferred { stage, code }, steps),
                Verdict::Refuses { code, steps } => return refused(stage, code, &steps),
                Verdict::Unknown(question, steps) => return Fact::unknown(question, steps),
            }
            match stage {
                Stage::Starttls => client.moment.tls = true,
                Stage::Auth => client.moment.authenticated = true,
                _ => {}
            }
        }
        Fact::is(Outcome::Accepted, accepted)
    }

    /// Why strangers get no TLS although it is announced: a list forbids it.
    pub(super) fn forbids_starttls(&self) -> Option<Because> {
        let moment = Moment { tls: false, port: self.port, authenticated: false };
        let client = Client { actor: Actor::Stranger, recipient: Recipient::Local, moment, has_sent: false };
        match self.option("acl_smtp_starttls", 550, client) {
            Verdict::Refuses { steps, .. } => Some(steps.into()),
            _ => None,
        }
    }

    /// Hosts that are turned away before anything is said.
    fn rejected(&self, client: Client) -> Option<Fact<Outcome>> {
        let hosts = self.view.text("host_reject_connection");
        match &hosts.value {
            Value::Is(text) if text.is_empty() => return None,
            Value::Unknown(question) => return Some(Fact::unknown(question.clone(), hosts.because.clone())),
            Value::Is(_) => {}
        }
        let has = hosts.known().and_then(|text| self.has_host(text, client));
        match has {
            Some(false) => None,
            Some(true) => Some(Fact::is(Outcome::Refused { stage: Stage::Connect, code: 554 }, hosts.because)),
            None => Some(Fact::unknown(self.view.ask_expansion("host_reject_connection"), hosts.because)),
        }
    }

    /// The list that an option names, or holds.
    fn option(&self, option: &str, code: u16, client: Client) -> Verdict {
        let text = self.view.text(option);
        let because = text.because.to_vec();
        let written = match text.value {
            Value::Unknown(question) => return Verdict::Unknown(question, because),
            Value::Is(text) => text,
        };
        match expand(&written, &|name| self.variable(name, client)) {
            // Without a list for recipients nobody may send to any; the other lists need not be there.
            Text::Is(name) if name.is_empty() && option == "acl_smtp_rcpt" => Verdict::Refuses { code, steps: because },
            Text::Is(name) if name.is_empty() => Verdict::Accepts(Vec::new()),
            Text::Is(name) => self.list(&name, code, client, DEEPEST, &because),
            _ => Verdict::Unknown(self.view.ask_expansion(option), because),
        }
    }

    /// What a list says.
    fn list(&self, name: &str, code: u16, client: Client, deep: usize, because: &[Step]) -> Verdict {
        let Some(deep) = deep.checked_sub(1) else { return self.unknown("its lists lead to each other in a circle", because.to_vec()) };
        match self.said(name, because) {
            Ok(said) => self.statements(&said, code, client, deep),
            Err(question) => Verdict::Unknown(question, because.to_vec()),
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

    fn unknown(&self, what: &str, steps: Vec<Step>) -> Verdict {
        let ask = format!("What becomes of a message here? What decides is not plain: {what}.");
        Verdict::Unknown(self.view.ask("exim-acl-conditions", ask, "exim -bh 203.0.113.9, then EHLO, MAIL FROM and RCPT TO by hand"), steps)
    }

    fn statements(&self, said: &Said<'_, '_>, code: u16, client: Client, deep: usize) -> Verdict {
        // What was met that may end the walk: the verdict, and what is to be asked.
        let mut doubts: Vec<(Verdict, Verdict)> = Vec::new();
        let mut last = Verdict::Refuses { code, steps: vec![said.end.clone()] };
        for statement in said.statements.iter() {
            let statement = match statement {
                Ok(statement) => statement,
                Err(Open::Include { may_be_missing: true, .. }) => continue,
                Err(open) => {
                    last = Verdict::Unknown(self.view.ask_open(open), Vec::new());
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
            let question = match &statement.open {
                Some(open) => Verdict::Unknown(self.view.ask_open(open), because()),
                None => self.unknown(&format!("`{}`", met.why), because()),
            };
            doubts.push((verdict, question));
        }
        match doubts.into_iter().find(|(verdict, _)| !verdict.is_like(&last)) {
            Some((_, question)) => question,
            None => last,
        }
    }

    /// What a statement says, where its conditions are met, or may be; `None` where the walk goes on.
    fn verdict(&self, statement: &Statement, met: &Met, code: u16, because: &dyn Fn() -> Vec<Step>) -> Option<Verdict> {
        let refuses = || Verdict::Refuses { code: own_code(statement, '5').unwrap_or(code), steps: because() };
        let may_be = met.holds != Some(false);
        match statement.verb.as_str() {
            "accept" | "discard" if met.failing == Failing::Refuses => Some(refuses()),
            "accept" | "discard" if met.failing == Failing::MayRefuse => Some(self.unknown(&format!("`{}`", met.why), because())),
            "accept" if may_be => Some(Verdict::Accepts(because())),
            "discard" if may_be => Some(self.unknown("`discard` takes messages and throws them away", because())),
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
    for condition in &statement.conditions {
        let Some((_, kind)) = kinds.iter().find(|(name, _)| *name == condition.name) else { continue };
        for item in super::list::items(&condition.value) {
            let name = item.trim_start_matches(['!', ' ']).strip_prefix('+');
            if let Some(list) = name.and_then(|name| view.config.list(kind, name)) {
                because.extend(steps(list));
            }
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
