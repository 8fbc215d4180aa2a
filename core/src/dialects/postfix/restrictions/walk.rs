//! A walk through restriction lists, as smtpd walks (`smtpd_check.c`, `generic_checks`).
//!
//! What cannot be seen is followed both ways at once: the walk goes on as if it did nothing, and remembers that it may have refused
//! or may have ended the list. A refusal that is reached only when nothing unseen ended the list before it is one that may be.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::access::lower;
use super::super::config::View;
use super::networks::{Placed, Trust};
use super::tables::{self, Answer, Known, Subject};
use crate::facts::{Actor, Fact, Members, Recipient, Stage};
use crate::question::QuestionId;
use crate::version::Version;

/// Classes and tables may lead to each other: deeper than this nobody means it.
const DEEPEST: usize = 30;

/// What decides and cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unseen {
    /// A template, or a reference to something that was not given.
    Hidden(QuestionId),
    /// The content of a table.
    Table(String),
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
    pub(super) classes: BTreeSet<String>,
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
    /// Classes that were walked through, with and without a warning in place of a refusal: a second time changes nothing.
    passed: BTreeSet<(String, bool)>,
    /// Classes that the walk is in.
    within: Vec<String>,
    /// What tables said of this client.
    known: BTreeMap<(u8, String), Rc<Answer>>,
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
            passed: BTreeSet::new(),
            within: Vec::new(),
            known: BTreeMap::new(),
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

    fn word<'w>(
        &mut self,
        word: &'w str,
        rest: &mut impl Iterator<Item = &'w String>,
        access: Option<Access>,
        depth: usize,
    ) -> Next {
        if word.contains(':') {
            return match access {
                Some(access) => self.table(access, word, depth),
                None => self.server_error(),
            };
        }
        let name = lower(word);
        let name = name.as_ref();
        let table = match name {
            "check_client_access" => Some(Access::Client),
            "check_reverse_client_hostname_access" => Some(Access::Reverse),
            "check_helo_access" => Some(Access::Helo),
            "check_sender_access" => Some(Access::Sender),
            "check_recipient_access" => Some(Access::Recipient),
            "check_sasl_access" => Some(Access::User),
            _ => None,
        };
        let of_servers = if table.is_none() { self.asked_of_servers(name) } else { None };
        if table.is_some() || of_servers.is_some() {
            let Some(argument) = rest.next().filter(|argument| argument.contains(':')) else { return self.server_error() };
            return match table {
                Some(access) => self.table(access, argument, depth),
                None => self.asks_world(of_servers == Some(true)),
            };
        }
        match name {
            "permit" => Next::Permits,
            "reject" => self.refuse_by("reject_code"),
            "defer" => self.refuse_by("defer_code"),
            "defer_if_permit" => self.defers_if_permit(450),
            "defer_if_reject" => self.defers_if_reject(450),
            "permit_mynetworks" => self.permit_networks(),
            "permit_sasl_authenticated" if self.proved => Next::Permits,
            "permit_auth_destination" if self.has_recipient => self.permit_if(self.is_ours()),
            "reject_unauth_destination" if self.has_recipient => self.unauthorised(0),
            "defer_unauth_destination" if self.has_recipient => self.unauthorised(100),
            "check_relay_domains" if self.has_recipient && !self.is_gone() => match self.is_ours() {
                Known::Yes => Next::Permits,
                _ => self.unauthorised(0),
            },
            "permit_mx_backup" if self.has_recipient => match self.is_ours() {
                Known::Yes => Next::Permits,
                // Whoever is asked for mail exchangers may name this server.
                _ => {
                    self.backs_up.get_or_insert(self.list);
                    self.permit_if(Known::Perhaps)
                }
            },
            "permit_inet_interfaces" if self.actor == Actor::Trusted => self.permit_if(Known::Perhaps),
            "permit_dnswl_client" | "permit_rhswl_client" => {
                // Only for mail that would be accepted anyway, as far as relaying goes.
                let listed = rest.next().is_some() && !(self.has_recipient && self.is_ours() == Known::No);
                if listed { self.permit_if(Known::Perhaps) } else { Next::On }
            }
            "reject_plaintext_session" => {
                self.asked_channel = true;
                if self.encrypted { Next::On } else { self.refuse_by("plaintext_reject_code") }
            }
            "check_policy_service" => match rest.next().filter(|service| service.contains(':')) {
                Some(_) => {
                    self.perhaps(Unseen::World, None);
                    self.permit_if(Known::Perhaps)
                }
                None => self.server_error(),
            },
            "sleep" => match rest.next().filter(|time| !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit())) {
                Some(_) => Next::On,
                None => self.server_error(),
            },
            "reject_rbl_client" | "reject_rbl" | "reject_rhsbl_client" | "reject_rhsbl_reverse_client" => {
                self.asks_world(rest.next().is_some())
            }
            "reject_rhsbl_helo" => self.asks_world(rest.next().is_some() && self.has_helo),
            "reject_rhsbl_sender" => self.asks_world(rest.next().is_some() && self.has_sender),
            "reject_rhsbl_recipient" => self.asks_world(rest.next().is_some() && self.has_recipient),
            "reject_maps_rbl" if !self.is_gone() => self.asks_world(true),
            "permit_naked_ip_address" if !self.is_gone() => Next::On,
            "reject_maps_rbl" | "permit_naked_ip_address" => self.server_error(),
            "check_relay_domains" if self.is_gone() => self.server_error(),
            "reject_unknown_client_hostname" | "reject_unknown_client" | "reject_unknown_reverse_client_hostname" => {
                self.asks_world(true)
            }
            "reject_unknown_helo_hostname" | "reject_unknown_hostname" => self.asks_world(self.has_helo),
            "reject_unverified_sender" => self.asks_world(self.has_sender),
            "reject_unverified_recipient" => self.asks_world(self.has_recipient),
            "reject_authenticated_sender_login_mismatch" => self.owns_sender(false),
            "reject_unauthenticated_sender_login_mismatch" => self.not_owned(),
            "reject_known_sender_login_mismatch" if self.proved => self.owns_sender(true),
            "reject_known_sender_login_mismatch" => self.not_owned(),
            "reject_sender_login_mismatch" if word == name => match self.owns_sender(false) {
                Next::On => self.not_owned(),
                next => next,
            },
            // The client speaks as it should, comes without a certificate, and names domains and mailboxes that exist.
            "permit_sasl_authenticated"
            | "permit_auth_destination"
            | "reject_unauth_destination"
            | "defer_unauth_destination"
            | "check_relay_domains"
            | "permit_mx_backup"
            | "permit_inet_interfaces"
            | "permit_tls_clientcerts"
            | "permit_tls_all_clientcerts"
            | "reject_unauth_pipelining"
            | "reject_invalid_helo_hostname"
            | "reject_invalid_hostname"
            | "reject_non_fqdn_helo_hostname"
            | "reject_non_fqdn_hostname"
            | "reject_non_fqdn_sender"
            | "reject_non_fqdn_recipient"
            | "reject_unknown_sender_domain"
            | "reject_unknown_address"
            | "reject_unknown_recipient_domain"
            | "reject_unlisted_sender"
            | "reject_unlisted_recipient"
            | "check_recipient_maps"
            | "reject_multi_recipient_bounce" => Next::On,
            _ if self.lists.classes.contains(word) => self.class(word, access, depth),
            _ => self.server_error(),
        }
    }

    /// Words that were taken out in 3.9: they are errors since.
    fn is_gone(&self) -> bool {
        self.lists.view.since(Version::new(3, 9, 0))
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
        if !self.passed.insert((name.to_owned(), self.warns)) {
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

    fn permit_networks(&mut self) -> Next {
        match self.client.trust {
            Trust::Yes => {
                if self.actor != Actor::Trusted {
                    self.also.push("mynetworks");
                }
                Next::Permits
            }
            Trust::No => Next::On,
            Trust::Perhaps => self.permit_if(Known::Perhaps),
            Trust::Fails => {
                self.also.push("mynetworks");
                self.refuse(451, true)
            }
        }
    }

    /// Whether the recipient is one that this server takes mail for.
    fn is_ours(&self) -> Known {
        Known::from(self.recipient == Recipient::Local || self.lists.everywhere.is_some())
    }

    fn unauthorised(&mut self, less: u16) -> Next {
        if let (Recipient::Foreign, Some((setting, _))) = (self.recipient, self.lists.everywhere) {
            self.also.push(setting);
        }
        if self.is_ours() == Known::Yes {
            return Next::On;
        }
        let code = self.code("relay_domains_reject_code");
        self.refuse(code.saturating_sub(less), false)
    }

    /// Something beyond the files may refuse: DNS, lists of clients, other servers.
    fn asks_world(&mut self, asked: bool) -> Next {
        if asked {
            self.perhaps(Unseen::World, None);
        }
        Next::On
    }

    /// Tables that are asked for the servers of a domain, and whether there is one yet: DNS decides, and they may not permit.
    fn asked_of_servers(&self, name: &str) -> Option<bool> {
        let about = name.strip_prefix("check_")?.strip_suffix("_access")?;
        let domain = about.strip_suffix("_ns").or(about.strip_suffix("_mx")).or(about.strip_suffix("_a"));
        match domain.unwrap_or(about) {
            // Nobody comes with a certificate.
            "ccert" | "etrn" if domain.is_none() => Some(false),
            "client" | "reverse_client_hostname" if domain.is_some() => Some(true),
            "helo" if domain.is_some() => Some(self.has_helo),
            "sender" if domain.is_some() => Some(self.has_sender),
            "recipient" if domain.is_some() => Some(self.has_recipient),
            _ => None,
        }
    }

    /// A user who has logged in must own the sender's address, and an ordinary one does where anything is owned.
    fn owns_sender(&mut self, unknown_may_pass: bool) -> Next {
        if !self.lists.has_sasl || !self.proved || !self.has_sender {
            return Next::On;
        }
        let maps = self.lists.view.members("smtpd_sender_login_maps");
        let mut owned = maps.surely.iter().map(|map| tables::owns_nothing(self.lists.view, map));
        let nothing = maps.rest.is_none() && owned.all(|nothing| nothing == Known::Yes);
        if nothing && !(unknown_may_pass && maps.surely.iter().all(|map| !map.starts_with("static:"))) {
            self.also.push("smtpd_sender_login_maps");
            return self.refuse(553, false);
        }
        Next::On
    }

    /// Whoever has not logged in must not use an address that somebody owns.
    fn not_owned(&mut self) -> Next {
        if !self.lists.has_sasl || self.proved || !self.has_sender {
            return Next::On;
        }
        let maps = self.lists.view.members("smtpd_sender_login_maps");
        for map in &maps.surely {
            match tables::holds(self.lists.view, map, &Subject::Elsewhere) {
                Known::Yes => {
                    self.also.push("smtpd_sender_login_maps");
                    return self.refuse(553, false);
                }
                // What was not given lists users of this server.
                Known::Perhaps if map.starts_with("pcre:") || map.starts_with("regexp:") => {
                    self.perhaps(Unseen::Table(map.clone()), Some(553));
                }
                Known::Perhaps | Known::No => {}
            }
        }
        Next::On
    }

    /// Looks the client up in a table, and does what stands there.
    fn table(&mut self, access: Access, table: &str, depth: usize) -> Next {
        let subject = match access {
            Access::Client | Access::Reverse => Subject::client(self.client.address),
            Access::Helo if self.has_helo => Subject::Helo,
            Access::Sender if self.has_sender && self.actor == Actor::Authenticated => Subject::Here(self.lists.domain()),
            Access::Sender if self.has_sender => Subject::Elsewhere,
            Access::Recipient if self.has_recipient && self.recipient == Recipient::Local => {
                Subject::Here(self.lists.domain())
            }
            Access::Recipient if self.has_recipient => Subject::Elsewhere,
            Access::User if self.proved && self.lists.has_sasl => Subject::User,
            _ => return Next::On,
        };
        let key = (access as u8, table.to_owned());
        let answer = match self.known.get(&key) {
            Some(answer) => Rc::clone(answer),
            None => {
                let answer = Rc::new(tables::look_up(self.lists.view, table, &subject));
                self.known.insert(key, Rc::clone(&answer));
                answer
            }
        };
        let Answer::Hits { hits, chosen } = answer.as_ref() else {
            let unseen = Unseen::Table(table.to_owned());
            self.perhaps(unseen.clone(), None);
            if access != Access::Reverse {
                self.may_permit.get_or_insert(unseen);
            }
            return Next::On;
        };
        for hit in hits {
            if hit.sure {
                let could_permit = self.may_permit.is_some();
                let next = self.act(&hit.value, depth);
                // A name that only DNS vouches for must not open anything.
                return match next {
                    Next::Permits if access == Access::Reverse && !self.discarded => self.server_error(),
                    _ => {
                        if access == Access::Reverse && self.may_permit.is_some() != could_permit {
                            self.perhaps(Unseen::World, None);
                        }
                        next
                    }
                };
            }
            let unseen = Unseen::Table(table.to_owned());
            if is_permission(&hit.value) {
                self.may_permit.get_or_insert(unseen);
            } else if !is_harmless(&hit.value) {
                self.perhaps(unseen.clone(), None);
                self.may_permit.get_or_insert(unseen);
            }
        }
        // Whoever knows the table calls itself as it wants.
        if self.actor == Actor::Stranger && access != Access::Recipient && chosen.iter().any(|value| is_permission(value)) {
            self.may_permit.get_or_insert(Unseen::Chosen(table.to_owned()));
        }
        Next::On
    }

    /// What a line of an access table makes smtpd do (`check_table_result`).
    fn act(&mut self, value: &str, depth: usize) -> Next {
        let (command, text) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        let text = text.trim_start();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match command.to_ascii_uppercase().as_str() {
            "REJECT" => self.refuse_by("access_map_reject_code"),
            "DEFER" => self.refuse_by("access_map_defer_code"),
            "DEFER_IF_PERMIT" => {
                let code = self.code("access_map_defer_code");
                self.defers_if_permit(code)
            }
            "DEFER_IF_REJECT" => {
                let code = self.code("access_map_defer_code");
                self.defers_if_reject(code)
            }
            "OK" | "RELAY" => Next::Permits,
            // Thrown away, and accepted as far as the client can tell. Before there is a sender it is skipped.
            "DISCARD" if self.has_sender && self.lists.view.known("smtpd_proxy_filter").is_some_and(|value| value.text.is_empty()) => {
                self.discarded = true;
                Next::Permits
            }
            "HANGUP" => self.refuse(0, true),
            _ if is_harmless(value) => Next::On,
            _ if digits(value) => Next::Permits,
            code if code.len() == 3 && digits(code) && code.starts_with(['4', '5']) && !text.is_empty() => {
                self.refuse(code.parse().unwrap_or(0), false)
            }
            _ if value.contains(':') || depth >= DEEPEST => self.server_error(),
            "" => Next::Permits,
            _ => {
                let words = super::super::config::split_list(value);
                self.words(&words, self.alone, depth + 1)
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

/// True for a line of a table that accepts.
fn is_permission(value: &str) -> bool {
    let command = value.split([' ', '\t']).next().unwrap_or("");
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    ["OK", "RELAY", "DISCARD"].iter().any(|one| command.eq_ignore_ascii_case(one)) || number || value.is_empty()
}

/// True for a line of a table that decides nothing about the client.
fn is_harmless(value: &str) -> bool {
    let command = value.split([' ', '\t']).next().unwrap_or("");
    let all = ["DUNNO", "INFO", "WARN", "FILTER", "HOLD", "REDIRECT", "BCC", "PREPEND", "DISCARD"];
    all.iter().any(|one| command.eq_ignore_ascii_case(one))
}
