//! What plugins say of single mailboxes, and when a quota runs out: lines of 2.3 that are sections in 2.4.
//!
//! Source: doc.dovecot.org of both releases, "Quota" and "IMAPSieve"; what is written here, 2.4.1 was asked to read.

use std::collections::BTreeMap;

use super::Writer;
use super::forms::{named, script_path, within};
use super::variables::{self, Use};
use crate::dialects::dovecot::tree::{Entry, Tree};
use crate::source::Span;

/// What is said of one pair of mailboxes: `imapsieve_mailbox1_name` and its kin.
const PARTS: [&str; 5] = ["name", "from", "causes", "before", "after"];

/// All that is said of a pair of mailboxes.
pub(super) struct Pair {
    /// Its first line, which the whole takes the place of.
    first: Span,
    /// What it is in 2.4; `None` where a part of it is not known.
    lines: Option<Vec<String>>,
}

/// The pairs of mailboxes, by the number that each has.
pub(super) fn pairs(tree: &Tree) -> BTreeMap<&str, Pair> {
    let mut said: BTreeMap<&str, Vec<(&str, &Entry)>> = BTreeMap::new();
    for entry in tree.entries() {
        if let Some((number, part)) = part_of_pair(&entry.name) {
            said.entry(number).or_default().push((part, entry));
        }
    }
    let pair = |(number, all): (_, Vec<(&str, &Entry)>)| {
        let (_, first) = all.first()?;
        Some((number, Pair { first: first.written, lines: imapsieve(number, &all) }))
    };
    said.into_iter().filter_map(pair).collect()
}

/// `imapsieve_mailbox1_name`: the number, and what is said.
fn part_of_pair(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("imapsieve_mailbox")?.split_once('_')
}

/// A pair of mailboxes in 2.4.
fn imapsieve(number: &str, all: &[(&str, &Entry)]) -> Option<Vec<String>> {
    let is_plain = |(part, one): &(&str, &Entry)| PARTS.contains(part) && !one.from_file && !one.is_expanded && super::is_in(&one.sections, "plugin");
    if !all.iter().all(is_plain) {
        return None;
    }
    let get = |part: &str| all.iter().rev().find(|(own, _)| *own == part).map(|(_, one)| one.value.as_str());
    let causes = get("causes")?.to_ascii_lowercase();
    let is_known = |cause: &str| matches!(cause, "copy" | "append" | "flag");
    if causes.split_whitespace().count() == 0 || !causes.split_whitespace().all(is_known) {
        return None;
    }
    let mut lines = Vec::new();
    for kind in ["before", "after"] {
        let Some(script) = get(kind) else { continue };
        let inner = [format!("type = {kind}"), format!("cause = {causes}"), format!("path = {}", script_path(script)?)];
        lines.extend(within(&format!("sieve_script imapsieve{number}-{kind}"), &inner));
    }
    for (filter, part) in [("imapsieve_from", "from"), ("mailbox", "name")] {
        match get(part) {
            Some("*") | None => {}
            Some(name) if name.contains(['*', '?', '"', '%']) => return None,
            Some(name) => lines = within(&format!("{filter} {}", named(name)), &lines),
        }
    }
    (!lines.is_empty()).then_some(lines)
}

impl Writer<'_> {
    /// `imapsieve_mailbox1_name` with all that belongs to it, at the place of its first line; `None` for another setting, or where
    /// a part of it is not known.
    pub(super) fn pair(&self, entry: &Entry) -> Option<Vec<String>> {
        let (number, _) = part_of_pair(&entry.name)?;
        let pair = self.survey.pairs.get(number)?;
        let lines = pair.lines.as_ref()?;
        Some(if pair.first == entry.written { lines.clone() } else { Vec::new() })
    }

    /// `quota_rule2 = Trash:storage=+100M`: more room in one mailbox.
    pub(super) fn rule_of_mailbox(&self, value: &str) -> Option<Vec<String>> {
        let (mailbox, limit) = value.split_once(':')?;
        if mailbox.contains(['*', '?', '"', '%']) || mailbox.is_empty() {
            return None;
        }
        let line = match limit.split_once("=+") {
            None if limit == "ignore" => "quota_ignore = yes".to_owned(),
            Some(("storage", share)) if share.ends_with("%%") => {
                let share: u32 = share.trim_end_matches('%').parse().ok()?;
                format!("quota_storage_percentage = {}", share.checked_add(100)?)
            }
            Some(("storage", amount)) if amount.bytes().all(|byte| byte.is_ascii_digit()) => format!("quota_storage_extra = {amount}k"),
            Some(("storage" | "bytes", amount)) if !amount.contains('%') => format!("quota_storage_extra = {amount}"),
            _ => return None,
        };
        let namespace = self.survey.inbox.as_deref()?;
        Some(within(&format!("namespace {}", named(namespace)), &within(&format!("mailbox {}", named(mailbox)), &[line])))
    }

    /// `quota_warning2 = storage=80%% quota-warning 80 %u`: a program is started when the quota is nearly used up.
    pub(super) fn warning(&self, name: &str, value: &str) -> Option<Vec<String>> {
        let (_, root) = self.survey.quota?.split_once(':').filter(|(_, root)| !root.contains([':', '"', '%']) && !root.is_empty())?;
        let mut words = value.split_whitespace();
        let when = words.next()?;
        let (when, threshold) = match when.strip_prefix('-') {
            Some(when) => (when, Some("threshold = under".to_owned())),
            None => (when, None),
        };
        let share: u32 = when.strip_prefix("storage=")?.strip_suffix("%%")?.parse().ok()?;
        let program = words.next()?;
        let arguments = variables::converted(&words.collect::<Vec<_>>().join(" "), Use::Mail).ok()?;
        let mut inner = vec![format!("quota_storage_percentage = {share}")];
        inner.extend(threshold);
        let arguments = if arguments.is_empty() { Vec::new() } else { vec![format!("args = {arguments}")] };
        inner.extend(within(&format!("execute {program}"), &arguments));
        let warning = format!("warning {}", name.trim_start_matches("quota_").replace('_', "-"));
        Some(within(&format!("quota \"{root}\""), &within(&warning, &inner)))
    }
}
