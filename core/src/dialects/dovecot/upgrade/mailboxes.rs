//! What plugins say of single mailboxes, and when a quota runs out: lines of 2.3 that are sections in 2.4.
//!
//! Source: doc.dovecot.org of both releases, "Quota" and "IMAPSieve"; what is written here, 2.4.1 was asked to read.

use super::{Writer, is_yes, variables};
use super::variables::Use;
use crate::dialects::dovecot::tree::Entry;

/// What is said of one pair of mailboxes: `imapsieve_mailbox1_name` and its kin.
const PARTS: [&str; 5] = ["name", "from", "causes", "before", "after"];

impl<'a> Writer<'a> {
    /// `imapsieve_mailbox1_name` with all that belongs to it, at the place of its first line; `None` for another setting, or where
    /// a part of it is not known.
    pub(super) fn imapsieve(&self, entry: &Entry) -> Option<Vec<String>> {
        let (number, _) = entry.name.strip_prefix("imapsieve_mailbox")?.split_once('_')?;
        let prefix = format!("imapsieve_mailbox{number}_");
        let all: Vec<(&str, &Entry)> = self.tree().entries().filter_map(|one| Some((one.name.strip_prefix(&prefix)?, one))).collect();
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
            let path = script.strip_prefix("file:").unwrap_or(script);
            let path = variables::converted(path, Use::Mail).ok().filter(|path| path.starts_with(['/', '~']) && !path.contains(';'))?;
            lines.push(format!("sieve_script imapsieve{number}-{kind} {{"));
            lines.extend([format!("  type = {kind}"), format!("  cause = {causes}"), format!("  path = {path}"), "}".to_owned()]);
        }
        for (filter, part) in [("imapsieve_from", "from"), ("mailbox", "name")] {
            match get(part) {
                Some("*") | None => {}
                Some(name) if name.contains(['*', '?', '"', '%']) => return None,
                Some(name) => lines = within(&format!("{filter} {}", named(name)), &lines),
            }
        }
        let is_first = all.first().is_some_and(|(_, first)| first.written == entry.written);
        (!lines.is_empty()).then(|| if is_first { lines } else { Vec::new() })
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
        let namespace = self.inbox()?;
        Some(within(&format!("namespace {}", named(&namespace)), &within(&format!("mailbox {}", named(mailbox)), &[line])))
    }

    /// The namespace of users' own mailboxes, by the name that it has in 2.4.
    fn inbox(&self) -> Option<String> {
        let is_inbox = |entry: &&Entry| entry.name == "inbox" && is_yes(&entry.value) && entry.sections.last().is_some_and(|last| last.kind == "namespace");
        let section = self.tree().entries().find(is_inbox)?.sections.last()?;
        Some(if section.name.is_empty() { "inbox".to_owned() } else { section.name.clone() })
    }

    /// `quota_warning2 = storage=80%% quota-warning 80 %u`: a program is started when the quota is nearly used up.
    pub(super) fn warning(&self, name: &str, value: &str) -> Option<Vec<String>> {
        let mut roots = self.tree().entries().filter(|entry| entry.name == "quota" && super::is_in(&entry.sections, "plugin"));
        let (Some(root), None) = (roots.next(), roots.next()) else { return None };
        let (_, root) = root.value.split_once(':').filter(|(_, root)| !root.contains([':', '"', '%']) && !root.is_empty())?;
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

/// Lines in a section of their own.
fn within(section: &str, lines: &[String]) -> Vec<String> {
    let mut all = vec![format!("{section} {{")];
    all.extend(lines.iter().map(|line| format!("  {line}")));
    all.push("}".to_owned());
    all
}

/// The name of a section, in quotes where it has blanks.
fn named(name: &str) -> String {
    if name.contains([' ', '#', '{']) { format!("\"{name}\"") } else { name.to_owned() }
}
