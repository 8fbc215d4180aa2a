//! Conditions of a statement, as one client meets them.

use super::super::config::{Condition, Statement};
use super::super::expand::{Text, expand};
use super::super::domains::{self, Whose};
use super::super::{hosts, list};
use super::{Client, Verdict, Walk};
use crate::facts::{Actor, Recipient, Stage};

/// What stands in a statement without deciding anything.
const MODIFIERS: [&str; 13] = [
    "add_header", "continue", "control", "delay", "endpass", "log_message", "log_reject_target", "logwrite", "message", "queue",
    "remove_header", "set", "udpsend",
];

/// What looks for something against a client or its message; nothing speaks against this one.
const SEARCHES: [&str; 9] = ["dnslists", "malware", "spam", "regex", "mime_regex", "decode", "ratelimit", "bmi_optin", "dcc"];

/// What becomes of a client for which not all conditions of a statement are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    /// The next statement is asked, unless the verb says otherwise.
    GoesOn,
    /// The one that is not met stands behind `endpass`.
    Refuses,
    /// The one that may not be met does.
    MayRefuse,
}

/// How a client fares with a statement's conditions.
pub(super) struct Met {
    /// Whether they are all met. Where it is not known and failing refuses, they are not met, and it is open whether that one is
    /// looked at.
    pub(super) holds: Option<bool>,
    pub(super) failing: Failing,
    /// What cannot be told.
    pub(super) why: String,
}

impl Walk<'_> {
    /// Whether a statement's conditions are met.
    pub(super) fn meets(&self, statement: &Statement, client: Client, deep: usize) -> Met {
        // Behind it: whether something before it was unsure.
        let mut endpass: Option<bool> = None;
        let mut failing = Failing::GoesOn;
        let mut unsure: Option<String> = statement.open.is_some().then(|| statement.verb.clone());
        for condition in &statement.conditions {
            if !self.view.goes_on(condition.value.len()) {
                let failing = if endpass.is_some() { Failing::MayRefuse } else { Failing::GoesOn };
                return Met { holds: None, failing, why: condition.name.clone() };
            }
            if condition.name == "endpass" && matches!(statement.verb.as_str(), "accept" | "discard") {
                endpass.get_or_insert(unsure.is_some());
                continue;
            }
            if condition.name == "set" {
                self.take(condition, client, unsure.is_some());
                continue;
            }
            if MODIFIERS.contains(&condition.name.as_str()) {
                continue;
            }
            let met = if condition.open.is_some() { None } else { self.meets_one(&statement.verb, condition, client, deep) };
            match met.map(|met| met != condition.negated) {
                Some(true) => {}
                Some(false) => {
                    return match endpass {
                        None => Met { holds: Some(false), failing: Failing::GoesOn, why: String::new() },
                        // Whatever stands between them, one behind it is not met.
                        Some(false) => Met { holds: Some(false), failing: Failing::Refuses, why: String::new() },
                        Some(true) => Met { holds: None, failing: Failing::Refuses, why: unsure.unwrap_or_default() },
                    };
                }
                None => {
                    if endpass.is_some() {
                        failing = Failing::MayRefuse;
                    }
                    let said: String = format!("{} = {}", condition.name, condition.value).chars().take(80).collect();
                    unsure.get_or_insert(said);
                }
            }
        }
        Met { holds: unsure.is_none().then_some(true), failing, why: unsure.unwrap_or_default() }
    }

    /// `set acl_m_x = value`.
    fn take(&self, condition: &Condition, client: Client, unsure: bool) {
        let Some((name, value)) = condition.value.split_once('=') else { return };
        let value = if unsure { Text::Unknown } else { expand(value.trim(), &|name| self.variable(name, client)) };
        self.set.borrow_mut().insert(name.trim().to_owned(), value);
    }

    /// What a variable holds for a client.
    pub(super) fn variable(&self, name: &str, client: Client) -> Text {
        if name.starts_with("acl_c") || name.starts_with("acl_m") {
            return self.set.borrow().get(name).cloned().unwrap_or(Text::of(""));
        }
        // It names one recipient, and none before.
        if name == "rcpt_count" {
            return Text::of("1");
        }
        match name {
            "sender_helo_name" => if client.stage >= Stage::Ehlo { Text::Something } else { Text::of("") },
            "sender_host_address" => Text::Something,
            _ => client.moment.variable(name),
        }
    }

    /// Whether one condition is met, as it is written and before its `!`. What a client says of itself it chooses for its own good:
    /// it is who is let in, and is not who is turned away.
    fn meets_one(&self, verb: &str, condition: &Condition, client: Client, deep: usize) -> Option<bool> {
        let lets_in = matches!(verb, "accept" | "require");
        let variable = |name: &str| self.variable(name, client);
        let value = condition.value.as_str();
        let all_or_open = |is_there: bool| match (is_there, list::items(value).as_slice()) {
            (false, _) => Some(false),
            (true, [only]) if only == "*" => Some(true),
            _ => None,
        };
        // What is looked up to turn somebody away holds others.
        let turns_away = !lets_in && !condition.negated;
        let of_lists = matches!(condition.name.as_str(), "hosts" | "senders" | "sender_domains" | "recipients");
        if turns_away && of_lists && is_file_or_nothing(value) {
            return Some(false);
        }
        match condition.name.as_str() {
            "hosts" => match self.has_host(value, client, None) {
                None if turns_away => self.has_host(value, client, Some(false)).filter(|has| !has),
                known => known,
            },
            "authenticated" => all_or_open(client.moment.authenticated),
            "encrypted" => all_or_open(client.moment.tls),
            "domains" => domains::has(self.view, value, &variable, whose(client.recipient), deep),
            "local_parts" => match has_local_part(value) {
                // Names that stand there are somebody's, and to them anybody may write.
                Some(false) if lets_in && !condition.negated => list::items(value).iter().all(String::is_empty).then_some(false),
                known => known,
            },
            "recipients" => list::holds(&list::items(value), &mut |item| match item {
                "*" | "*@*" => Some(true),
                // An address that is written out is somebody in particular.
                _ => (item.contains('@') && !item.contains(['*', '^', '+', ';', '$'])).then_some(false),
            }),
            "senders" | "sender_domains" => has_chosen(value, lets_in != condition.negated),
            "verify" if value.split(['/', ' ']).next() == Some("certificate") => {
                let asks = |name: &str| self.view.text(name).known().is_none_or(|text| !text.is_empty());
                let may_show = client.moment.tls && (asks("tls_try_verify_hosts") || asks("tls_verify_hosts"));
                if may_show { None } else { Some(false) }
            }
            "verify" => Some(true),
            "acl" => {
                let name = value.split_whitespace().next()?;
                let Text::Is(name) = expand(name, &variable) else { return None };
                match self.list(&name, 550, client, deep, &[]) {
                    Verdict::Accepts(_) => Some(true),
                    // One that defers defers the whole.
                    Verdict::Refuses { code, .. } => (code >= 500).then_some(false),
                    Verdict::Either(..) | Verdict::Unknown(..) => None,
                }
            }
            "condition" => {
                // Whoever comes a second time may fare otherwise.
                let is_fixed = verb != "defer" || !value.contains("lookup");
                let chosen = || (!lets_in && is_fixed && is_about_choice(value, client.stage)).then_some(condition.negated);
                expand(value, &variable).is_condition().or_else(chosen)
            }
            "spf" | "spf_guess" | "dmarc_status" => {
                let against = ["fail", "softfail", "permerror", "temperror", "reject", "quarantine", "err_perm", "err_temp"];
                list::items(value).iter().all(|item| against.contains(&item.as_str())).then_some(false)
            }
            // Some client is on a list of the good ones.
            name if SEARCHES.contains(&name) => (!lets_in || condition.negated).then_some(false),
            _ => None,
        }
    }

    pub(super) fn has_host(&self, text: &str, client: Client, listed: Option<bool>) -> Option<bool> {
        let own = (client.actor == Actor::Trusted).then_some(&self.own);
        hosts::has(self.view, text, &|name| self.variable(name, client), hosts::Known { own, listed, named: hosts::NAMES_OTHERS })
    }
}

/// A stranger writes to whom it likes.
fn whose(recipient: Recipient) -> Whose {
    match recipient {
        Recipient::Local => Whose::Own,
        Recipient::Foreign => Whose::Chosen,
    }
}

/// What a client says of itself, and where it does.
const CHOSEN: [(&str, Stage); 4] = [
    ("sender_helo_name", Stage::Ehlo),
    ("sender_address", Stage::Mail),
    ("sender_address_domain", Stage::Mail),
    ("sender_address_local_part", Stage::Mail),
];

/// Whether what decides a condition is something that a client has said of itself, which it chose. Of several comparisons another
/// may be the one that decides.
fn is_about_choice(text: &str, stage: Stage) -> bool {
    let mut words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    let several = ["and", "or", "def"];
    words.clone().any(|word| CHOSEN.iter().any(|(name, said)| *name == word && stage >= *said))
        && words.clone().filter(|word| *word == "if").count() < 2
        && !words.any(|word| several.contains(&word))
}

/// True for a file with a list that need not be there, by the idiom of Debian's lists: `${if exists{/file}{/file}{}}`.
fn is_file_or_nothing(text: &str) -> bool {
    let text: String = text.split_whitespace().collect();
    let inside = text.strip_prefix("${ifexists{").and_then(|rest| rest.strip_suffix("}{}}"));
    inside.and_then(|inside| inside.split_once("}{")).is_some_and(|(asked, taken)| asked == taken && asked.starts_with('/') && !asked.contains('$'))
}

/// Whether the sender that a client chooses is in a list, when it would have it so.
fn has_chosen(text: &str, wants: bool) -> Option<bool> {
    let items = list::items(text);
    let is_plain = |item: &String| !item.starts_with(['!', '^']) && !item.contains([';', '$']);
    if !items.iter().all(is_plain) {
        return None;
    }
    if wants {
        // Without a single entry there is no choice. An empty one is the sender of error messages.
        Some(!text.trim().is_empty())
    } else {
        Some(items.iter().any(|item| matches!(item.as_str(), "*" | "*@*")))
    }
}

/// Whether the name of an ordinary mailbox is in a list.
fn has_local_part(text: &str) -> Option<bool> {
    let mut one = |item: &str| -> Option<bool> {
        match item {
            "*" => Some(true),
            // What is looked for are signs that no ordinary name has.
            _ if item.starts_with('^') => (item.starts_with("^\\\\.") || item.contains(['[', '/', '|'])).then_some(false),
            _ if item.contains([';', '+', '$']) => None,
            _ => Some(false),
        }
    };
    list::holds(&list::items(text), &mut one)
}
