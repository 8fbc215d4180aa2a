//! What has to be known of the whole configuration while single lines are written. It is gathered once: whoever looked through all
//! lines for each of them would not come to an end where there are many.

use std::collections::{BTreeMap, BTreeSet};

use super::mailboxes::{self, Pair};
use super::{is_in, location};
use crate::dialects::dovecot::lines::{self, Line};
use crate::dialects::dovecot::tree::{Entry, Item, Section};
use crate::dialects::dovecot::view::{View, is_yes};
use crate::source::{FileId, Sources, Span};

/// What is known of the whole.
pub(super) struct Survey<'a> {
    /// The settings of each section, in the order in which they are read, by the line that opens it.
    within: BTreeMap<Span, Vec<&'a Entry>>,
    /// The brace that closes each section, by the line that opens it.
    pub(super) closed: BTreeMap<Span, Span>,
    /// Which of all items is the last to set something outside of sections, by the name of what it sets.
    pub(super) last_outside: BTreeMap<&'a str, usize>,
    /// Pairs of mailboxes, by the number that each has.
    pub(super) pairs: BTreeMap<&'a str, Pair>,
    /// The namespace of users' own mailboxes, by the name that it has in 2.4.
    pub(super) inbox: Option<String>,
    /// The only quota that plugins are told of.
    pub(super) quota: Option<&'a str>,
    /// How new mail is pressed together.
    pub(super) compression: Option<&'a str>,
    /// Whether the folder of each user's own scripts is named.
    pub(super) names_folder_of_scripts: bool,
    /// Whether TLS is asked of everybody: `ssl = required`.
    pub(super) requires_tls: bool,
    /// What `mail_location` is in 2.4; nothing where it says nothing that can be carried.
    pub(super) location: Vec<(&'static str, String)>,
    /// Files whose lines end as on Windows.
    carriage_returns: BTreeSet<FileId>,
}

impl<'a> Survey<'a> {
    /// Looks through all of it.
    pub(super) fn of(view: &View<'a>, sources: &Sources) -> Survey<'a> {
        let tree = view.tree;
        let mut within: BTreeMap<Span, Vec<&Entry>> = BTreeMap::new();
        let mut last_outside = BTreeMap::new();
        for (at, item) in tree.items.iter().enumerate() {
            let Item::Entry(entry) = item else { continue };
            match entry.sections.last() {
                Some(section) => within.entry(section.opened).or_default().push(entry),
                None => _ = last_outside.insert(entry.name.as_str(), at),
            }
        }
        let is_inbox = |entry: &&Entry| is_inbox(entry) && entry.sections.last().is_some_and(|last| last.kind == "namespace");
        let inbox = tree.entries().find(is_inbox).and_then(|entry| entry.sections.last());
        let mut quotas = tree.entries().filter(|entry| entry.name == "quota" && is_in(&entry.sections, "plugin"));
        let quota = match (quotas.next(), quotas.next()) {
            (Some(only), None) => Some(only.value.as_str()),
            _ => None,
        };
        let ends = sources.iter().flat_map(|(file, source)| closed(file, source.text()));
        Survey {
            within,
            closed: ends.collect(),
            last_outside,
            pairs: mailboxes::pairs(tree),
            inbox: inbox.map(|section| if section.name.is_empty() { "inbox".to_owned() } else { section.name.clone() }),
            quota,
            compression: tree.entries().filter(|entry| entry.name == "zlib_save").last().map(|entry| entry.value.as_str()),
            names_folder_of_scripts: tree.entries().any(|entry| entry.name == "sieve_dir" || entry.name == "sieve_storage"),
            requires_tls: view.text("ssl").known().is_some_and(|ssl| ssl == "required"),
            location: view.deciding("mail_location").and_then(|whole| location::settings(&whole.value).ok()).unwrap_or_default(),
            carriage_returns: sources.iter().filter(|(_, source)| source.text().contains("\r\n")).map(|(file, _)| file).collect(),
        }
    }

    /// The settings of a section, in the order in which they are read; not those of sections in it.
    pub(super) fn settings(&self, section: &Section) -> &[&'a Entry] {
        self.within.get(&section.opened).map_or(&[], Vec::as_slice)
    }

    /// True for a section that says it is the one of users' own mailboxes.
    pub(super) fn is_inbox(&self, section: &Section) -> bool {
        self.settings(section).iter().any(|entry| is_inbox(entry))
    }

    /// How the lines of a file end.
    pub(super) fn ending(&self, file: FileId) -> &'static str {
        if self.carriage_returns.contains(&file) { "\r\n" } else { "\n" }
    }
}

fn is_inbox(entry: &Entry) -> bool {
    entry.name == "inbox" && is_yes(&entry.value)
}

/// The sections of a file, each with the brace that closes it.
fn closed(file: FileId, text: &str) -> Vec<(Span, Span)> {
    let mut open = Vec::new();
    let mut closed = Vec::new();
    for one in lines::read(file, text) {
        match one.line {
            Line::Begin { .. } => open.push(one.span),
            Line::End => closed.extend(open.pop().map(|opened| (opened, one.span))),
            _ => {}
        }
    }
    closed
}

/// Names of sections: those that are there, and those that are given.
pub(super) struct Names {
    /// The kind and the name.
    taken: BTreeSet<String>,
    /// Where the search for the next free number begins, by the kind and what stands before the number: all before it are taken.
    next: BTreeMap<String, usize>,
}

impl Names {
    /// The names that sections have.
    pub(super) fn of(items: &[Item]) -> Names {
        let named = items.iter().filter_map(|item| match item {
            Item::Opened(sections) => sections.last().filter(|last| !last.name.is_empty()),
            _ => None,
        });
        Names { taken: named.map(|section| format!("{} {}", kind(section), section.name)).collect(), next: BTreeMap::new() }
    }

    /// A name that no other section of its kind has: the stem, or one with a number behind it where that is taken.
    pub(super) fn free(&mut self, section: &Section, stem: &str) -> String {
        let kind = kind(section);
        let next = self.next.entry(format!("{kind} {stem}")).or_insert(1);
        loop {
            let name = if *next == 1 { stem.to_owned() } else { format!("{stem}{next}") };
            *next += 1;
            if self.taken.insert(format!("{kind} {name}")) {
                return name;
            }
        }
    }
}

/// Among which sections a name has to be the only one: doors of a service have theirs in common.
fn kind(section: &Section) -> &str {
    match section.kind.as_str() {
        "inet_listener" | "unix_listener" | "fifo_listener" => "listener",
        other => other,
    }
}
