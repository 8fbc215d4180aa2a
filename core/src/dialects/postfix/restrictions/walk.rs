//! A walk through restriction lists, as smtpd walks (`smtpd_check.c`, `generic_checks`).
//!
//! What cannot be seen is followed both ways at once: the walk goes on as if it did nothing, and remembers that it may have refused
//! or may have ended the list. A refusal that is reached only when nothing unseen ended the list before it is one that may be.

mod access;
mod words;

use std::cell::OnceCell;
use std::rc::Rc;

use super::super::config::View;
use super::networks::Placed;
use super::tables::{Answer, Known};
use crate::facts::{Actor, Fact, Members, Recipient, Stage, Stumble};
use crate::gather::Index;
use crate::question::QuestionId;

/// Classes and tables may lead to each other: deeper than this nobody means it.
const DEEPEST: usize = 30;

/// What decides and cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unseen {
    /// A template, or a reference to something that was not given.
    Hidden(QuestionId),
    /// The content of a table, and what is looked up in it.
    Table(String, Access),
    /// A table that was given: it accepts whoever calls itself by a name that stands in it.
    Chosen(String),
    /// Another service, DNS, or how the client is known there.
    World,
}

/// A list that may have refused.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    pub(super) unseen: Unseen,
    /// The list.
    pub(super) list: &'static str,
    /// Where, and with which code, when that is the same for all that may have refused.
    pub(super) end: Option<(Stage, u16)>,
}

/// Where a walk goes after a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// To the next word.
    On,
    /// Out of the list, with permission.
    Permits,
    /// Out of the list without one.
    Ends,
    /// The session gets this code; 0 when it is not known which.
    Refuses(u16),
}

/// The lists and what they have in common, read once for all walks.
pub(super) struct Lists<'v, 'c> {
    pub(super) view: &'v View<'c>,
    pub(super) classes: Index,
    /// The domain of a mailbox here, when it is known; asked for only where a table is looked up.
    pub(super) domain: OnceCell<Option<String>>,
    /// Whether mail for any domain counts as mail for this server, and the setting that says so.
    pub(super) everywhere: Option<(&'static str, bool)>,
    pub(super) has_sasl: bool,
    /// Whether refusals wait for the recipient.
    pub(super) delays: Fact<bool>,
    /// Whether the list for relaying is walked through before the one for recipients.
    pub(super) relay_first: bool,
}

impl Lists<'_, '_> {
    fn domain(&self) -> Option<String> {
        self.domain.get_or_init(|| super::domain(self.view)).clone()
    }
}

/// One client on its way through the lists.
pub(super) struct Walk<'l, 'v, 'c> {
    pub(super) lists: &'l Lists<'v, 'c>,
    pub(super) actor: Actor,
    pub(super) recipient: Recipient,
    pub(super) client: Placed,
    /// Inside TLS.
    pub(super) encrypted: bool,
    /// It has logged in.
    pub(super) proved: bool,
    /// How far the session is.
    pub(super) stage: Stage,
    /// What is known of the mail at this stage.
    pub(super) has_helo: bool,
    pub(super) has_sender: bool,
    pub(super) has_recipient: bool,
    /// The list that is walked through.
    list: &'static str,
    /// What a table is asked that stands in it alone.
    alone: Option<Access>,
    warns: bool,
    may_permit: Option<Unseen>,
    pub(super) doubt: Option<Doubt>,
    pub(super) defer_if_permit: Option<u16>,
    defer_if_reject: Option<u16>,
    code_unsure: bool,
    /// A table takes the mail and throws it away.
    discarded: bool,
    /// Settings that took part, beside the list.
    pub(super) also: Vec<&'static str>,
    /// Whether it mattered that the session is encrypted.
    pub(super) asked_channel: bool,
    /// The list that takes mail for every domain whose DNS names this server.
    pub(super) backs_up: Option<&'static str>,
    /// A list with a word that is no restriction, or lacks what belongs behind it.
    pub(super) stumbles: Option<(&'static str, Stumble)>,
    /// Classes that were walked through, with and without a warning in place of a refusal: a second time changes nothing.
    passed: Index,
    /// Classes that the walk is in.
    within: Vec<String>,
    /// Where among the answers the one of a table stands, by what it was asked and its name.
    known: Index,
    /// What tables said of this client.
    answers: Vec<Rc<Answer>>,
}

/// The words that look something up, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Client,
    Helo,
    Sender,
    Recipient,
    User,
    /// The client by the name that DNS gives its address: `OK` is not allowed there.
    Reverse,
}

impl<'l, 'v, 'c> Walk<'l, 'v, 'c> {
    pub(super) fn new(lists: &'l Lists<'v, 'c>, actor: Actor, recipient: Recipient, client: Placed) -> Walk<'l, 'v, 'c> {
        Walk {
            lists,
            actor,
            recipient,
            client,
            encrypted: false,
            proved: false,
            stage: Stage::Connect,
            has_helo: false,
            has_sender: false,
            has_recipient: false,
            list: "",
            alone: None,
            warns: false,
            may_permit: None,
            doubt: None,
            defer_if_permit: None,
            defer_if_reject: None,
            code_unsure: false,
            discarded: false,
            also: Vec::new(),
            asked_channel: false,
            backs_up: None,
            stumbles: None,
            passed: Index::default(),
            within: Vec::new(),
            known: Index::default(),
            answers: Vec::new(),
        }
    }

    /// Forgets what a list before said of refusals to come. Lists for relaying and for recipients have this in common.
    pub(super) fn begin(&mut self) {
        self.defer_if_reject = None;
        self.code_unsure = false;
    }

    /// Walks through a list: the code of a refusal that is sure. `access` says what a table is asked that stands there alone.
    pub(super) fn list(&mut self, name: &'static str, access: Option<Access>) -> Option<u16> {
        (self.list, self.alone) = (name, access);
        self.may_permit = None;
        self.passed.clear();
        let members = self.lists.view.members(name);
        if let Some(question) = &members.rest {
            // What is unseen may stand anywhere in the list: nothing is certain then.
            self.perhaps(Unseen::Hidden(question.clone()), None);
            return None;
        }
        match self.words(&members.surely, access, 0) {
            Next::Refuses(code) => Some(code),
            Next::On | Next::Permits | Next::Ends => None,
        }
    }

    fn words(&mut self, words: &[String], access: Option<Access>, depth: usize) -> Next {
        let outer = self.warns;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if self.discarded {
                break;
            }
            if word.eq_ignore_ascii_case("warn_if_reject") {
                self.warns = true;
                continue;
            }
            let next = self.word(word, &mut words, access, depth);
            self.warns = outer;
            if next != Next::On {
                return next;
            }
            if self.defer_if_permit.is_some() && self.defer_if_reject.is_some() {
                return Next::Ends;
            }
        }
        self.warns = outer;
        Next::On
    }

    fn class(&mut self, name: &str, access: Option<Access>, depth: usize) -> Next {
        if depth >= DEEPEST {
            self.perhaps(Unseen::World, None);
            return self.permit_if(Known::Perhaps);
        }
        if self.within.iter().any(|class| class == name) {
            // smtpd goes round and round until it falls over: the connection ends without a reply.
            return self.refuse(0, true);
        }
        if !self.passed.add(&format!("{name} {}", self.warns)) {
            return Next::On;
        }
        let members: Rc<Members<String>> = self.lists.view.members(name);
        if let Some(question) = &members.rest {
            let unseen = Unseen::Hidden(question.clone());
            self.perhaps(unseen.clone(), None);
            self.may_permit.get_or_insert(unseen);
            return Next::On;
        }
        self.within.push(name.to_owned());
        let next = self.words(&members.surely, access, depth + 1);
        self.within.pop();
        next
    }

    fn permit_if(&mut self, known: Known) -> Next {
        match known {
            Known::Yes => Next::Permits,
            Known::No => Next::On,
            Known::Perhaps => {
                self.may_permit.get_or_insert(Unseen::World);
                Next::On
            }
        }
    }

    fn defers_if_permit(&mut self, code: u16) -> Next {
        match self.may_permit.clone() {
            _ if self.warns => {}
            Some(unseen) => self.perhaps(unseen, Some(code)),
            None => {
                self.defer_if_permit.get_or_insert(code);
            }
        }
        Next::On
    }

    fn defers_if_reject(&mut self, code: u16) -> Next {
        self.code_unsure |= self.may_permit.is_some();
        self.defer_if_reject.get_or_insert(code);
        Next::On
    }

    /// A word that smtpd cannot follow.
    fn stumble(&mut self, word: &str) -> Next {
        let list = self.list;
        self.stumbles.get_or_insert_with(|| (list, Stumble { word: word.to_owned(), meant: None }));
        self.server_error()
    }

    /// An error in the configuration, which no warning softens.
    fn server_error(&mut self) -> Next {
        self.refuse(451, true)
    }

    fn refuse_by(&mut self, setting: &str) -> Next {
        let code = self.code(setting);
        self.refuse(code, false)
    }

    fn refuse(&mut self, code: u16, is_error: bool) -> Next {
        if self.warns && !is_error {
            return Next::On;
        }
        let code = self.reply(code);
        match self.may_permit.clone() {
            None => Next::Refuses(code),
            Some(unseen) => {
                self.perhaps(unseen, Some(code));
                Next::Ends
            }
        }
    }

    /// The code that goes out for one that is meant (`smtpd_check_reject`).
    pub(super) fn reply(&mut self, code: u16) -> u16 {
        let code = match code {
            0 => 0,
            400..=599 => code,
            _ => 450,
        };
        if self.code_unsure && code >= 500 {
            return 0;
        }
        let code = match self.defer_if_reject {
            Some(deferral) if code >= 500 => deferral,
            _ => code,
        };
        soft(self.lists.view, code)
    }

    /// A number that a setting holds; 0 when it is not known.
    fn code(&self, setting: &str) -> u16 {
        self.lists.view.known(setting).and_then(|value| value.text.parse().ok()).unwrap_or(0)
    }

    /// Notes that this list may have refused.
    fn perhaps(&mut self, unseen: Unseen, code: Option<u16>) {
        if self.warns {
            return;
        }
        let end = code.filter(|code| *code != 0).map(|code| (self.stage, code));
        match &mut self.doubt {
            Some(doubt) if doubt.end == end => {}
            Some(doubt) => doubt.end = None,
            None => self.doubt = Some(Doubt { unseen, list: self.list, end }),
        }
    }
}

/// `soft_bounce` turns every refusal for good into one for now.
pub(super) fn soft(view: &View<'_>, code: u16) -> u16 {
    if code >= 500 && view.is_yes("soft_bounce") { code - 100 } else { code }
}
