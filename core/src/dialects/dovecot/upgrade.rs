//! The way from 2.3 to 2.4: the same configuration in the other language, as far as it can be carried.
//!
//! 2.4 reads no configuration of 2.3. What is known to mean the same is written anew; whatever is not stays as it stands, where 2.4
//! stops at it, and is named with the reason.

mod databases;
mod forms;
mod location;
mod mailboxes;
mod names;
mod plugins;
mod settings;
mod sql;
mod survey;
mod told;
mod variables;

pub use told::{CarriedJson, LeftJson, Step, UpgradeJson};

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use forms::within;
use survey::{Names, Survey};

use super::lines;
use super::tree::{self, Entry, Item, Section, Tree};
use super::view::View;
use super::{Dovecot, releases};
use crate::patch::text::Text;
use crate::patch::{Edit, Patch};
use crate::programs;
use crate::question::Questions;
use crate::source::{FileId, Source, Sources, Span};
use crate::version::{Target, Version};

/// The release whose defaults 2.4 is told to take: the first, which they are nearest in to those of 2.3, and which every 2.4 knows.
const CONFIG_VERSION: &str = "2.4.0";

/// The release that has to be able to read what 2.4 stores: the last of 2.3, so that there is a way back.
const STORAGE_VERSION: &str = "2.3.21";

/// A line that is written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Where it stands.
    pub span: Span,
    /// What stands there afterwards; nothing for a line that goes.
    pub becomes: Vec<String>,
    /// Why.
    pub why: String,
}

/// A line that stays as it is, because what it means in 2.4 is not known or cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Where it stands.
    pub span: Span,
    /// Why it is not carried.
    pub why: String,
    /// What a person can do.
    pub instead: String,
}

/// The same configuration in the language of 2.4.
#[derive(Debug, Clone)]
pub struct Upgrade {
    /// The edits of Dovecot's files.
    pub patch: Patch,
    /// The files as they are afterwards.
    pub after: Sources,
    /// What is written anew, in the order of the files.
    pub carried: Vec<Carried>,
    /// What a person has to do, in the order of the files.
    pub left: Vec<Left>,
    /// What 2.4 does otherwise by itself and this configuration leaves to it.
    pub remarks: Vec<String>,
}

/// Why there is nothing to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoUpgrade {
    /// None of the files is Dovecot's.
    NoDovecot,
    /// They are written in the language of 2.4 already.
    IsNew,
    /// They are of 1.x.
    IsOld,
    /// A template engine decides which lines there are.
    Template(Span),
    /// 2.3 does not read them either: where, and why.
    Fault(Span, String),
    /// Two changes want the same place, which is a mistake of this program.
    Collision,
}

/// Carries what can be carried.
///
/// # Errors
///
/// Why there is nothing to carry.
pub fn upgrade(sources: &Sources, target: &Target) -> Result<Upgrade, NoUpgrade> {
    let program = programs::only(sources, &Dovecot);
    let own = &program.sources;
    if own.is_empty() || own.iter().all(|(_, source)| super::recognise::recognise(&source.path, source.text()) == crate::dialect::Likelihood::No) {
        return Err(NoUpgrade::NoDovecot);
    }
    let tree = tree::read(own);
    let is_new = |entry: &Entry| entry.name == "dovecot_config_version" && entry.sections.is_empty();
    let printed = own.iter().find_map(|(_, source)| releases::printed(source.text()));
    // A part has no such line, and its settings tell as well.
    let is_new = |entry: &Entry| is_new(entry) || settings::FILES.iter().any(|(_, new)| entry.name == *new);
    if tree.entries().any(is_new) || printed.is_some_and(|version| version >= releases::NEW_LANGUAGE_SINCE) {
        return Err(NoUpgrade::IsNew);
    }
    if printed.is_some_and(|version| version.major < 2) {
        return Err(NoUpgrade::IsOld);
    }
    if let Some(span) = tree.templates.first() {
        return Err(NoUpgrade::Template(*span));
    }
    if let Some((span, why)) = tree.faults.first() {
        return Err(NoUpgrade::Fault(*span, why.clone()));
    }
    let questions = RefCell::new(Questions::default());
    let version = Version::new(2, 3, 21);
    let view = View { tree: &tree, target, version, questions: &questions, protocol: "" };
    let mut writer = Writer {
        view,
        sources: own,
        survey: Survey::of(&view, own),
        names: Names::of(&tree.items),
        edits: Vec::new(),
        carried: Vec::new(),
        left: BTreeMap::new(),
        seen: BTreeSet::new(),
        databases: BTreeMap::new(),
    };
    writer.all();
    let remarks = writer.remarks();
    let Writer { edits, mut carried, left, .. } = writer;
    let patch = Patch::of(edits).ok_or(NoUpgrade::Collision)?;
    carried.sort_by_key(|one| (one.span.file, one.span.start));
    let after = patch.apply(sources);
    Ok(Upgrade { patch, after, carried, left: left.into_values().collect(), remarks })
}

/// Files of databases that the sections of passwords and users name, as they are named there: what stands in them has to be carried
/// as well.
#[must_use]
pub fn files_of_databases(sources: &Sources) -> Vec<String> {
    let program = programs::only(sources, &Dovecot);
    let tree = tree::read(&program.sources);
    let is_sql = |entry: &&Entry| entry.name == "driver" && entry.value == "sql";
    let sections: BTreeSet<Span> = tree.entries().filter(is_sql).filter_map(|entry| Some(entry.sections.last()?.opened)).collect();
    let is_of_sql = |last: &Section| matches!(last.kind.as_str(), "passdb" | "userdb") && sections.contains(&last.opened);
    let names_file = |entry: &&Entry| entry.name == "args" && entry.sections.last().is_some_and(is_of_sql);
    each_once(tree.entries().filter(names_file).map(|entry| entry.value.clone()))
}

/// The same without repetitions, in the order in which each came first.
fn each_once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = BTreeSet::new();
    all.filter(|one| known.insert(one.clone())).collect()
}

/// Where a file lies that a dovecot.conf names, seen from where that was given: `copy/dovecot/x` for `/etc/dovecot/x` in
/// `copy/dovecot/dovecot.conf`.
#[must_use]
pub fn beside(main: &str, named: &str) -> String {
    let Some((folder, _)) = main.rsplit_once('/') else { return named.rsplit('/').next().unwrap_or(named).to_owned() };
    let own = format!("/{}/", folder.rsplit('/').next().unwrap_or(folder));
    match (named.starts_with('/'), named.split_once(&own)) {
        (false, _) => format!("{folder}/{named}"),
        (true, Some((_, below))) => format!("{folder}/{below}"),
        (true, None) => named.to_owned(),
    }
}

/// True for a value that holds a secret, which is masked here: it is never written.
fn is_hidden(value: &str) -> bool {
    value.contains("**")
}

/// What is being written.
struct Writer<'a> {
    view: View<'a>,
    sources: &'a Sources,
    survey: Survey<'a>,
    names: Names,
    edits: Vec<Edit>,
    carried: Vec<Carried>,
    /// By where each stands.
    left: BTreeMap<Span, Left>,
    /// Lines that are done: a file may be read more than once.
    seen: BTreeSet<Span>,
    /// Files of databases that sections name: what each says, or why it is not carried.
    databases: BTreeMap<FileId, Result<sql::Database, String>>,
}

impl<'a> Writer<'a> {
    fn tree(&self) -> &'a Tree {
        self.view.tree
    }

    /// Whether a line is not to be touched again, or at all.
    fn is_done(&mut self, span: Span) -> bool {
        !self.seen.insert(span) || self.text(span).is_none()
    }

    /// Goes through all of the files.
    fn all(&mut self) {
        self.head();
        let tree = self.tree();
        for (at, item) in tree.items.iter().enumerate() {
            match item {
                Item::Opened(sections) => self.section(sections),
                Item::Entry(entry) => self.entry(entry, at),
                Item::Unseen { .. } | Item::Grouped(_) => {}
            }
        }
        self.defaults();
    }

    /// A section that is opened.
    fn section(&mut self, sections: &[Section]) {
        let Some((section, outer)) = sections.split_last() else { return };
        if self.is_done(section.opened) || is_in(outer, "plugin") || is_in(outer, "dict") {
            return;
        }
        match section.kind.as_str() {
            "passdb" | "userdb" => {
                let entries = self.survey.settings(section).to_vec();
                self.database(section, &entries);
            }
            "plugin" => self.dissolve(section),
            "dict" => self.leave(section.opened, "2.4 has dicts in `dict_server { }`".to_owned(), "https://doc.dovecot.org/2.4.1/core/config/dict.html".to_owned()),
            "service" if matches!(section.name.as_str(), "replicator" | "aggregator" | "director" | "ipc" | "old-stats" | "tcpwrap" | "ssl-params") => {
                self.leave(section.opened, format!("2.4 has no service `{}`", section.name), "take the section out".to_owned());
            }
            "namespace" if section.name.is_empty() => {
                let stem = if self.survey.is_inbox(section) { "inbox" } else { "other" };
                let name = self.names.free(section, stem);
                self.open(section, &name, "every namespace has a name");
            }
            "inet_listener" | "unix_listener" | "fifo_listener" if section.name.is_empty() => {
                let stem = outer.last().map_or("listener", |service| service.name.as_str());
                let name = self.names.free(section, &format!("{stem}-listener"));
                self.open(section, &name, "every listener has a name");
            }
            "local_name" if section.name.contains(' ') => {
                self.leave(section.opened, "2.4 takes one name here".to_owned(), "a section of its own for each of the names".to_owned());
            }
            "protocol" | "service" | "namespace" | "mailbox" | "inet_listener" | "unix_listener" | "fifo_listener" | "local" | "remote" | "local_name" => {}
            other => {
                let why = format!("what 2.4 makes of a section `{other}` is not known here");
                self.leave(section.opened, why, "look it up: https://doc.dovecot.org/2.4.1/core/summaries/settings.html".to_owned());
            }
        }
    }

    /// A setting, which is one of all items.
    fn entry(&mut self, entry: &Entry, at: usize) {
        if self.is_done(entry.written) {
            return;
        }
        let kinds: Vec<&str> = entry.sections.iter().map(|section| section.kind.as_str()).filter(|kind| !matches!(*kind, "protocol" | "local" | "remote" | "local_name")).collect();
        // Of a section that stays nothing is changed.
        let stays = entry.sections.iter().any(|section| self.left.contains_key(&section.opened));
        match kinds.as_slice() {
            _ if stays => {}
            [] => self.setting(entry, at),
            ["plugin", ..] => self.plugin(entry),
            ["namespace"] => self.namespace(entry),
            ["namespace", "mailbox"] | ["mailbox"] => self.mailbox(entry),
            ["service", ..] => self.service(entry),
            // Done with their sections.
            _ => {}
        }
    }

    /// The two lines that the language of 2.4 begins with.
    fn head(&mut self) {
        let first = self.tree().items.iter().find_map(|item| match item {
            Item::Entry(entry) => Some(entry.written.file),
            Item::Opened(sections) => sections.first().map(|section| section.opened.file),
            Item::Unseen { .. } | Item::Grouped(_) => None,
        });
        let is_main = |(_, source): &(FileId, &Source)| source.file_name() == "dovecot.conf";
        let main = self.sources.iter().find(is_main).map(|(file, _)| file).or(first.filter(|_| !self.tree().is_fragment));
        let Some(file) = main else { return };
        let Some(source) = self.sources.file(file) else { return };
        let Some(start) = lines::read(file, source.text()).first().map(|line| line.span.start) else { return };
        let text = Text::of(file, source);
        let at = text.line_start(start);
        let ending = self.survey.ending(file);
        let new = [format!("dovecot_config_version = {CONFIG_VERSION}"), format!("dovecot_storage_version = {STORAGE_VERSION}")];
        self.edits.push(text.put(at, at, new.iter().map(|line| format!("{line}{ending}")).collect()));
        let why = "2.4 begins with both; the second names the oldest release that has to read what it stores".to_owned();
        self.carried.push(Carried { span: Span { file, start: at, end: at }, becomes: new.to_vec(), why });
    }

    /// What 2.4 would open by itself.
    fn defaults(&mut self) {
        let tree = self.tree();
        if tree.is_fragment {
            return;
        }
        let speaks_submission = super::view::split(self.view.text("protocols").known().map_or("", String::as_str)).iter().any(|word| word == "submission");
        let is_named = |sections: &[Section]| sections.last().is_some_and(|last| last.kind == "inet_listener" && last.name == "submissions");
        let has_door = tree.items.iter().any(|item| matches!(item, Item::Opened(sections) if is_named(sections)));
        let Some(place) = self.carried.first().map(|head| head.span).filter(|_| speaks_submission && !has_door) else { return };
        let lines = within("service submission-login", &within("inet_listener submissions", &["port = 0".to_owned()]));
        let Some(source) = self.sources.file(place.file) else { return };
        let text = Text::of(place.file, source);
        let end = Span { file: place.file, start: source.text().len(), end: source.text().len() };
        self.edits.push(text.insert_behind(end.start, &lines));
        let why = "2.4 opens 465 beside 587 by itself, and 2.3 does not; without these lines users can come there with TLS from the first byte".to_owned();
        self.carried.push(Carried { span: end, becomes: lines, why });
    }

    /// What 2.4 does otherwise and no line of this configuration decides.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.tree().is_fragment {
            remarks.push(format!(
                "The file that takes these together was not given: it has to begin with `dovecot_config_version = {CONFIG_VERSION}` and \
                 `dovecot_storage_version = {STORAGE_VERSION}`."
            ));
        }
        let is_of_file = |entry: &Entry| entry.name == "driver" && entry.value == "passwd-file" && entry.sections.last().is_some_and(|last| matches!(last.kind.as_str(), "passdb" | "userdb"));
        if self.tree().entries().any(is_of_file) {
            remarks.push("The files of users were not looked at. 2.4 calls some fields in them otherwise: `userdb_mail_driver` and `userdb_mail_path` for `userdb_mail`, `userdb_quota_storage_size` for `userdb_quota_rule`; `grep -E 'userdb_(mail|quota_rule)=' FILE` finds them.".to_owned());
        }
        if self.databases.values().any(Result::is_ok) {
            remarks.push("The password of the database stands in quotes now: if it has a `\"` or a `\\` in it, write a `\\` before each.".to_owned());
        }
        let patterns = self.tree().items.iter().filter_map(|item| match item {
            Item::Unseen { pattern, .. } => Some(format!("`{pattern}`")),
            _ => None,
        });
        let unseen = each_once(patterns);
        if !unseen.is_empty() {
            remarks.push(format!("What {} says was not given, and has to be carried as well.", unseen.join(", ")));
        }
        if !self.tree().is_fragment && self.view.deciding("protocols").is_none() {
            remarks.push("No line here names the protocols: 2.3 serves imap, pop3 and lmtp by itself unless its packages say otherwise, and 2.4 serves none. `doveconf protocols` says what holds.".to_owned());
        }
        if self.view.deciding("mail_location").is_none_or(|entry| entry.value.is_empty()) {
            remarks.push("No line says where mailboxes are: packages of 2.4 may bring one that does (Debian's conf.d/10-mail.conf names mbox). `doveconf mail_driver mail_path` says what holds.".to_owned());
        }
        remarks.push("2.4 refuses passwords that are stored as DES-CRYPT, MD5-CRYPT (`$1$`), MD5, SMD5, LDAP-MD5, PLAIN-MD5, PLAIN-MD4 or HMAC-MD5, unless `auth_allow_weak_schemes = yes` is set: how are yours stored?".to_owned());
        if self.view.is_written("login_trusted_networks") {
            remarks.push("With `ssl = required`, 2.4 asks TLS of clients from `login_trusted_networks` as well; 2.3 does not.".to_owned());
        }
        if self.tree().entries().any(|entry| entry.name.starts_with("sieve")) {
            remarks.push("Sieve scripts for everybody have to be compiled anew: `sievec FILE`.".to_owned());
        }
        remarks
    }

    fn text(&self, span: Span) -> Option<Text<'a>> {
        let source: &'a Source = self.sources.file(span.file)?;
        // A package's own files come anew with the package.
        (!source.path.contains("/usr/share/dovecot/")).then(|| Text::of(span.file, source))
    }

    /// Puts lines in the place of a setting, indented as it was.
    fn put(&mut self, entry: &Entry, new: &[String], why: &str) {
        let Some(text) = self.text(entry.written) else { return };
        let (start, end) = (entry.written.start, entry.written.end);
        let before = text.slice(text.line_start(start), start);
        let indent = if before.trim().is_empty() { before } else { "" };
        if new.is_empty() {
            self.remove(entry, why);
            return;
        }
        let indent = self.outdent(entry).unwrap_or(indent);
        let joined = new.join(&format!("{}{indent}", self.survey.ending(entry.written.file)));
        self.edits.push(text.put(start, end, joined));
        self.carried.push(Carried { span: entry.written, becomes: new.to_vec(), why: why.to_owned() });
    }

    /// What stood in `plugin { }` stands as far to the left as that did; the blanks before it then, where they change.
    fn outdent(&mut self, entry: &Entry) -> Option<&'a str> {
        let text = self.text(entry.written)?;
        let section = entry.sections.iter().find(|section| section.kind == "plugin" && section.opened.file == entry.written.file)?;
        let before = |at: usize| text.slice(text.line_start(at), at);
        let (indent, outer) = (before(entry.written.start), before(section.opened.start));
        let is_blank = indent.trim().is_empty() && indent.starts_with(outer);
        if !is_blank || indent == outer {
            return None;
        }
        let from = entry.written.start - (indent.len() - outer.len());
        self.edits.push(text.put(from, entry.written.start, String::new()));
        Some(outer)
    }

    fn remove(&mut self, entry: &Entry, why: &str) {
        let Some(text) = self.text(entry.written) else { return };
        self.edits.extend(text.remove_lines(entry.written));
        self.carried.push(Carried { span: entry.written, becomes: Vec::new(), why: why.to_owned() });
    }

    /// Where a setting's name begins and ends in the text; it may stand behind the sections that are in its path.
    fn name_of(&self, entry: &Entry, text: Text<'_>) -> (usize, usize) {
        let rest = text.slice(entry.written.start, entry.written.end);
        let length = rest.find(|sign: char| sign == '=' || sign.is_ascii_whitespace()).unwrap_or(rest.len());
        let end = entry.written.start + length;
        (end.saturating_sub(entry.name.len()), end)
    }

    /// Gives a setting its new name; its value is not touched, whatever it is.
    fn rename(&mut self, entry: &Entry, new: &str) {
        let Some(text) = self.text(entry.written) else { return };
        let (start, end) = self.name_of(entry, text);
        self.outdent(entry);
        self.edits.push(text.put(start, end, new.to_owned()));
        let becomes = format!("{new}{}", text.slice(end, entry.written.end));
        self.carried.push(Carried { span: entry.written, becomes: vec![becomes], why: "it has another name".to_owned() });
    }

    /// `name = <file` becomes `new = file`; the path stays as it stands.
    fn name_file(&mut self, entry: &Entry, new: &str) {
        let Some(text) = self.text(entry.written) else { return };
        let (start, _) = self.name_of(entry, text);
        let value = text.slice(entry.value_span.start, entry.value_span.end);
        let path = value.trim_start_matches('<').trim_start_matches([' ', '\t', '\r']);
        let path_start = entry.value_span.start + (value.len() - path.len());
        self.edits.push(text.put(start, path_start, format!("{new} = ")));
        self.carried.push(Carried { span: entry.written, becomes: vec![format!("{new} = {path}")], why: "2.4 takes the name of the file".to_owned() });
    }

    /// A line without a change that counts as carried.
    fn carry(&mut self, entry: &Entry, why: &str) {
        let Some(text) = self.text(entry.written) else { return };
        self.outdent(entry);
        let becomes = text.slice(entry.written.start, entry.written.end).to_owned();
        self.carried.push(Carried { span: entry.written, becomes: vec![becomes], why: why.to_owned() });
    }

    /// A value in the quotes that it stood in.
    fn quoted(&self, entry: &Entry, value: &str) -> String {
        let text = self.text(entry.written).map_or("", |text| text.slice(entry.value_span.start, entry.value_span.end));
        match text.chars().next() {
            Some(quote @ ('"' | '\'')) if text.len() > 1 && text.ends_with(quote) => {
                let escaped = value.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
                format!("{quote}{escaped}{quote}")
            }
            _ => value.to_owned(),
        }
    }

    fn leave_entry(&mut self, entry: &Entry, why: String, instead: &str) {
        self.leave(entry.written, why, instead.to_owned());
    }

    fn leave(&mut self, span: Span, why: String, instead: String) {
        self.left.entry(span).or_insert(Left { span, why, instead });
    }

    /// Gives a section that has no name one.
    fn open(&mut self, section: &Section, name: &str, why: &str) {
        self.open_behind(section, &[], name, why);
    }

    /// The same, with lines before it.
    fn open_behind(&mut self, section: &Section, before: &[String], name: &str, why: &str) {
        let Some(text) = self.text(section.opened) else { return };
        let mut new = before.to_vec();
        new.push(format!("{} {name} {{", section.kind));
        let joined = new.join(self.survey.ending(section.opened.file));
        self.edits.push(text.put(section.opened.start, section.opened.end, joined));
        self.carried.push(Carried { span: section.opened, becomes: new, why: why.to_owned() });
    }

    /// Takes a section away and leaves what stands in it.
    fn dissolve(&mut self, section: &Section) {
        let Some(text) = self.text(section.opened) else { return };
        let Some(closed) = self.survey.closed.get(&section.opened).copied() else { return };
        for span in [section.opened, closed] {
            self.edits.extend(text.remove_lines(span));
            self.carried.push(Carried { span, becomes: Vec::new(), why: "what stood in it holds without it".to_owned() });
        }
    }
}

fn is_in(sections: &[Section], kind: &str) -> bool {
    sections.iter().any(|section| section.kind == kind)
}
