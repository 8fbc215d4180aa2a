//! What a setting comes to: for the whole server, or for one protocol.

use std::cell::RefCell;

use super::releases;
use super::tree::{Entry, Item, Section, Tree, are_same};
use crate::facts::{Fact, Step, Value};
use crate::question::{QuestionId, Questions};
use crate::template;
use crate::version::{Target, Version, Versions};

/// A configuration at one release, as one protocol sees it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) tree: &'a Tree,
    pub(super) target: &'a Target,
    pub(super) version: Version,
    pub(super) questions: &'a RefCell<Questions>,
    /// `imap`, `pop3`, `submission`, `sieve`; empty for the server as a whole.
    pub(super) protocol: &'a str,
}

/// What holds for a section of filters.
#[derive(PartialEq, Eq)]
enum Reach {
    Everywhere,
    /// `protocol imap { … }`, which goes before what holds everywhere.
    Protocol,
    /// Clients of one of the server's addresses, or of some networks.
    Some,
    /// Nothing that is asked for here.
    Elsewhere,
}

/// Whether a setting of this release is called so, and its default there.
///
/// Source: `doveconf -a` of 2.3.13, 2.3.19 and 2.4.1.
pub(super) fn default_of(name: &str, version: Version) -> Option<&'static str> {
    let is_new = version >= releases::NEW_LANGUAGE_SINCE;
    Some(match (name, is_new) {
        ("ssl" | "disable_plaintext_auth", false) | ("ssl", true) => "yes",
        ("auth_allow_cleartext", true) | ("ssl_prefer_server_ciphers", false) => "no",
        ("ssl_server_prefer_ciphers", true) => "client",
        ("ssl_min_protocol", _) if version < releases::MIN_PROTOCOL_SINCE => return None,
        ("ssl_min_protocol", _) if version < releases::TLS12_SINCE => "TLSv1",
        ("ssl_min_protocol", _) => "TLSv1.2",
        ("ssl_cipher_list", _) if version < releases::MIN_PROTOCOL_SINCE => "ALL:!LOW:!SSLv2:!EXP:!aNULL",
        ("ssl_cipher_list", _) => "ALL:!kRSA:!SRP:!kDHd:!DSS:!aNULL:!eNULL:!EXPORT:!DES:!3DES:!MD5:!PSK:!RC4:!ADH:!LOW@STRENGTH",
        ("auth_mechanisms", _) => "plain",
        ("listen", _) => "*, ::",
        ("ssl_cert" | "ssl_key" | "ssl_alt_cert" | "ssl_alt_key" | "ssl_dh", false) => "",
        ("ssl_server_cert_file" | "ssl_server_key_file" | "ssl_server_alt_cert_file" | "ssl_server_alt_key_file" | "ssl_server_dh_file", true) => "",
        ("login_trusted_networks" | "ssl_curve_list" | "ssl_options", _) => "",
        _ => return None,
    })
}

/// Names of the old language that the new one refuses, each with what it is called there. Source: doc.dovecot.org, "Upgrading
/// Dovecot CE from 2.3 to 2.4"; every one of them was put before 2.4.1, which stops at it.
pub(super) const OLD_NAMES: &[(&str, &str)] = &[
    ("disable_plaintext_auth", "auth_allow_cleartext"),
    ("ssl_cert", "ssl_server_cert_file"),
    ("ssl_key", "ssl_server_key_file"),
    ("ssl_dh", "ssl_server_dh_file"),
    ("ssl_prefer_server_ciphers", "ssl_server_prefer_ciphers"),
    ("mail_location", "mail_path"),
];

impl<'a> View<'a> {
    pub(super) fn of(self, protocol: &'a str) -> View<'a> {
        View { protocol, ..self }
    }

    /// True where the language of 2.4 is read.
    pub(super) fn is_new(&self) -> bool {
        self.version >= releases::NEW_LANGUAGE_SINCE
    }

    /// One of two names, by the release.
    pub(super) fn named(&self, old: &'static str, new: &'static str) -> &'static str {
        if self.is_new() { new } else { old }
    }

    pub(super) fn ask(&self, id: &str, ask: impl Into<String>, command: impl Into<String>) -> QuestionId {
        self.questions.borrow_mut().ask(id, ask, command)
    }

    /// What a setting that was not given may say.
    pub(super) fn rest_question(&self) -> QuestionId {
        self.ask("dovecot-conf", "What does the rest of the configuration say? Parts of it were not given.", "doveconf -n")
    }

    fn reach(&self, sections: &[Section]) -> Reach {
        let mut reach = Reach::Everywhere;
        for section in sections {
            let is_of_all = section.name.ends_with("/0");
            reach = match (section.kind.as_str(), &reach) {
                ("protocol", Reach::Everywhere | Reach::Protocol) if self.is_protocol(&section.name) => Reach::Protocol,
                ("protocol", Reach::Some) if self.is_protocol(&section.name) => Reach::Some,
                ("local", Reach::Everywhere | Reach::Protocol | Reach::Some) => Reach::Some,
                ("remote", Reach::Everywhere | Reach::Protocol | Reach::Some) if is_of_all => Reach::Some,
                // Who is named there is somebody, and strangers may be anybody else.
                _ => return Reach::Elsewhere,
            };
        }
        reach
    }

    fn is_protocol(&self, name: &str) -> bool {
        match name.strip_prefix('!') {
            Some(other) => !self.protocol.is_empty() && other != self.protocol,
            None => name == self.protocol,
        }
    }

    /// The sections around a setting that is one of the server's, and its whole name: in the new language `ssl_server { … }`
    /// holds what is called `ssl_server_…`.
    fn placed<'e>(&self, entry: &'e Entry) -> (&'e [Section], String) {
        match entry.sections.split_last() {
            Some((last, before)) if last.name.is_empty() && last.kind == "ssl_server" => (before, format!("ssl_server_{}", entry.name)),
            _ => (&entry.sections, entry.name.clone()),
        }
    }

    /// The line that decides, and whether something unseen may say otherwise.
    fn decide(&self, name: &str) -> (Option<&'a Entry>, Option<QuestionId>) {
        let mut best: Option<(&Entry, bool)> = None;
        let mut unseen = self.tree.is_fragment;
        let mut for_some = None;
        let mut in_group = None;
        for item in &self.tree.items {
            match item {
                Item::Unseen { is_database: false, may_be_missing: false, .. } => unseen = true,
                Item::Grouped(group) if self.tree.may_set(group, name) => in_group = Some(group),
                Item::Entry(entry) if entry.name == name || name.ends_with(&entry.name) => {
                    let (sections, whole) = self.placed(entry);
                    if whole != name {
                        continue;
                    }
                    match self.reach(sections) {
                        Reach::Everywhere if best.is_none_or(|(_, own)| !own) => (best, unseen, in_group) = (Some((entry, false)), false, None),
                        Reach::Protocol => (best, unseen, in_group) = (Some((entry, true)), false, None),
                        Reach::Some => for_some = Some(entry),
                        Reach::Everywhere | Reach::Elsewhere => {}
                    }
                }
                _ => {}
            }
        }
        let entry = best.map(|(entry, _)| entry);
        if unseen {
            return (entry, Some(self.rest_question()));
        }
        if let Some(group) = in_group {
            let ask = format!("Does `{}` set `{name}` here?", group.replacen(' ', " = ", 1));
            return (entry, Some(self.ask("dovecot-group", ask, format!("doveconf -h {name}"))));
        }
        if for_some.is_some_and(|other| entry.is_none_or(|entry| entry.value != other.value)) {
            let ask = format!("Which of the addresses, the clients' and the server's, count? For some of them `{name}` is another one.");
            let command = format!("doveconf -f remote=ADDRESS -h {name}, and the same with local=ADDRESS");
            return (entry, Some(self.ask("dovecot-filters", ask, command)));
        }
        (entry, None)
    }

    /// The line that decides, as far as the text was given.
    pub(super) fn deciding(&self, name: &str) -> Option<&'a Entry> {
        self.decide(name).0
    }

    /// True when a line says it.
    pub(super) fn is_written(&self, name: &str) -> bool {
        self.decide(name).0.is_some()
    }

    /// Whether the line that decides takes the content of a file: `<file`.
    pub(super) fn is_from_file(&self, name: &str) -> Option<bool> {
        self.decide(name).0.map(|entry| entry.from_file)
    }

    /// What a setting comes to.
    pub(super) fn text(&self, name: &str) -> Fact<String> {
        let (entry, question) = self.decide(name);
        let because: Vec<Step> = entry.map(|entry| self.step(name, entry)).into_iter().collect();
        if let Some(question) = question {
            return Fact::unknown(question, because);
        }
        let Some(entry) = entry else { return self.default(name) };
        match self.value_of(entry) {
            Value::Is(text) => Fact::is(text, because),
            Value::Unknown(question) => Fact::unknown(question, because),
        }
    }

    pub(super) fn default(&self, name: &str) -> Fact<String> {
        match default_of(name, self.version) {
            Some(value) => {
                let versions = Versions { first: self.version, last: self.version };
                Fact::is(value.to_owned(), vec![Step::Default { setting: name.into(), value: value.into(), versions }])
            }
            None => Fact::unknown(self.ask("dovecot-default", format!("What is `{name}` where nobody sets it?"), format!("doveconf -h {name}")), Vec::new()),
        }
    }

    pub(super) fn step(&self, name: &str, entry: &Entry) -> Step {
        let (setting, span) = (name.into(), entry.written);
        if entry.sections.iter().any(|section| matches!(section.kind.as_str(), "protocol" | "service")) {
            Step::Override { setting, span }
        } else {
            Step::Set { setting, span }
        }
    }

    /// The value of a line, with each `$name` replaced by what that is as far as it was read.
    pub(super) fn value_of(&self, entry: &Entry) -> Value<String> {
        if let Some(mark) = template::first_mark(&entry.value).filter(|mark| !self.is_own_variable(entry, mark)) {
            if let Some(name) = mark.strip_prefix("%{env:").and_then(|rest| rest.strip_suffix('}')) {
                return Value::Unknown(self.ask_environment(name));
            }
            let mark: String = mark.chars().take(40).collect();
            let ask = format!("Something is put in place of `{mark}`: what does the finished file say?");
            return Value::Unknown(self.ask("template", ask, "doveconf -n"));
        }
        if !entry.is_expanded {
            return Value::Is(entry.value.clone());
        }
        let mut words = Vec::new();
        for word in entry.value.split(' ') {
            let variable = word.strip_prefix('$').filter(|rest| !rest.is_empty());
            match variable.map(|rest| (rest.strip_prefix("ENV:"), rest.strip_prefix("SET:"))) {
                None => words.push(word.to_owned()),
                Some((Some(name), _)) => return Value::Unknown(self.ask_environment(name)),
                // In the new language other words that begin so are only words.
                Some((None, None)) if self.is_new() => words.push(word.to_owned()),
                Some((None, set)) => {
                    let name = set.unwrap_or(&word[1..]);
                    if name != entry.name {
                        let ask = format!("What is `{word}` replaced by?");
                        return Value::Unknown(self.ask("dovecot-variable", ask, format!("doveconf -h {}", entry.name)));
                    }
                    words.push(self.before(entry, word));
                }
            }
        }
        Value::Is(words.join(" ").trim().to_owned())
    }

    /// `%{user}` and its kin, which Dovecot itself replaces while it works; switches and lists have none of them.
    fn is_own_variable(&self, entry: &Entry, mark: &str) -> bool {
        let is_plain = ["port", "haproxy"].contains(&entry.name.as_str()) || default_of(&entry.name, self.version).is_some();
        mark.starts_with("%{") && !mark.starts_with("%{env:") && !is_plain
    }

    fn ask_environment(&self, name: &str) -> QuestionId {
        let ask = format!("What is `{name}` in the environment in which Dovecot starts?");
        self.ask("dovecot-environment", ask, "systemctl show dovecot -p Environment, or doveconf -n in that environment")
    }

    /// What a setting was before the line that adds to it.
    fn before(&self, entry: &Entry, variable: &str) -> String {
        // Nobody has set it yet: it is what it is by default (measured on 2.3.19).
        let mut value = default_of(&entry.name, self.version).unwrap_or("").to_owned();
        for item in &self.tree.items {
            let Item::Entry(one) = item else { continue };
            if one.written == entry.written {
                break;
            }
            // In a section it begins as it is outside.
            let is_outside = one.sections.is_empty() && entry.sections.iter().all(|section| section.kind == "protocol");
            if one.name == entry.name && (are_same(&one.sections, &entry.sections) || is_outside) {
                value = one.value.replace(variable, &value).trim().to_owned();
            }
        }
        value
    }

    /// `yes` and `no`, as Dovecot reads them; anything else stops it.
    pub(super) fn boolean(&self, name: &str) -> Fact<bool> {
        let text = self.text(name);
        text.map(|text| is_yes(&text))
    }

    /// The words of a list, of which the new language may take some in and out one by one: `auth_mechanisms { login = yes }`.
    pub(super) fn words(&self, name: &str) -> Fact<Vec<String>> {
        let mut fact = self.text(name).map(|text| split(&text));
        if !self.is_new() {
            return fact;
        }
        for item in &self.tree.items {
            let Item::Entry(entry) = item else { continue };
            let Some((last, before)) = entry.sections.split_last() else { continue };
            if last.kind != name || !last.name.is_empty() || !before.is_empty() {
                continue;
            }
            let step = self.step(name, entry);
            if let Value::Is(words) = &mut fact.value {
                words.retain(|word| *word != entry.name);
                if is_yes(&entry.value) {
                    words.push(entry.name.clone());
                }
                // A default explains nothing any more.
                let mut because = fact.because.to_vec();
                because.retain(|known| known.span().is_some());
                because.push(step);
                fact.because = because.into();
            }
        }
        fact
    }
}

/// True for what Dovecot takes neither for yes nor for no: it stops there.
pub(super) fn is_no_answer(text: &str) -> bool {
    !is_yes(text) && !text.eq_ignore_ascii_case("no")
}

pub(super) fn is_yes(text: &str) -> bool {
    text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("y") || text == "1"
}

/// Words between blanks and commas.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
