//! Whose word smtpd takes about the sender (postconf(5), smtpd_sender_login_maps and the checks that read it).

use std::collections::BTreeSet;

use super::config::View;
use crate::facts::{Access, Fact, SenderCheck};

/// Classes may refer to each other: beyond so many nobody means it.
const MOST: usize = 100;

/// The lists that are asked about every mail, in the order of smtpd.
const LISTS: [&str; 7] = [
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
];

/// The checks of who owns an address that concern users who have logged in.
const CHECKS: [&str; 3] = [
    "reject_sender_login_mismatch",
    "reject_authenticated_sender_login_mismatch",
    "reject_known_sender_login_mismatch",
];

pub(super) fn of(view: &View<'_>) -> Access {
    Access { senders: senders(view) }
}

fn senders(view: &View<'_>) -> Fact<SenderCheck> {
    // Without the delay the first two lists are asked before anybody can have logged in.
    let early = if view.is_yes("smtpd_delay_reject") { 0 } else { 2 };
    let mut unreached = None;
    let mut hidden = None;
    for name in LISTS.iter().skip(early) {
        let mut walk = Walk { passed: BTreeSet::new(), ended: false };
        match walk.through(view, name) {
            Some(true) => {
                let owners = view.members("smtpd_sender_login_maps");
                let has_table = !owners.surely.is_empty() || owners.rest.is_some();
                let check = if has_table { SenderCheck::Enforced } else { SenderCheck::Toothless };
                return Fact::is(check, view.because(name));
            }
            Some(false) => {
                unreached.get_or_insert_with(|| Fact::is(SenderCheck::Unreached, view.because(name)));
            }
            None => {}
        }
        hidden = hidden.or_else(|| view.members(name).rest.clone());
    }
    match (hidden, unreached) {
        (Some(question), _) => Fact::unknown(question, view.because("smtpd_sender_restrictions")),
        (None, Some(unreached)) => unreached,
        (None, None) => Fact::is(SenderCheck::None, view.because("smtpd_sender_login_maps")),
    }
}

/// A walk through a list and the classes it names, each of them once.
struct Walk {
    passed: BTreeSet<String>,
    /// Who has logged in was let pass, or refused, before.
    ended: bool,
}

impl Walk {
    /// Whether there is a check, and whether users who have logged in come to it.
    fn through(&mut self, view: &View<'_>, name: &str) -> Option<bool> {
        if self.passed.len() > MOST || !self.passed.insert(name.to_owned()) {
            return None;
        }
        let list = view.members(name);
        let classes = view.members("smtpd_restriction_classes");
        let mut words = list.surely.iter();
        while let Some(word) = words.next() {
            match word.to_ascii_lowercase().as_str() {
                // The next word does nothing but write to the log.
                "warn_if_reject" => {
                    words.next();
                }
                "permit" | "permit_sasl_authenticated" | "reject" | "defer" => self.ended = true,
                check if CHECKS.contains(&check) => return Some(!self.ended),
                _ if classes.has(word) => {
                    if let Some(found) = self.through(view, word) {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
