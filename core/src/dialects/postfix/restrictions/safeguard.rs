//! What smtpd checks of its lists before it serves anybody (`smtpd_check.c`, `smtpd_check_init`).

use std::collections::BTreeSet;

use super::super::config::View;
use crate::facts::{Cause, Fact, Step};
use crate::gather;

/// One of these must stand in the relay list or in the recipient list, or smtpd refuses to run: else it would be an open relay.
const SAFEGUARDS: &[&str] = &[
    "reject_unauth_destination",
    "defer_unauth_destination",
    "reject",
    "defer",
    "defer_if_permit",
    "check_relay_domains",
];

/// Classes may refer to each other: deeper than this nobody means it.
const DEEPEST: usize = 10;

/// Why smtpd stops over its lists; `None` when it runs, or when something unseen may decide that.
pub(in super::super) fn fault(view: &View<'_>) -> Option<Fact<Cause>> {
    undefined_class(view).or_else(|| missing_safeguard(view))
}

/// A class without a value stops smtpd.
fn undefined_class(view: &View<'_>) -> Option<Fact<Cause>> {
    let classes = view.members("smtpd_restriction_classes");
    let empty = |name: &&String| view.lookup(name).is_none_or(|value| value.question.is_none() && value.text.is_empty());
    let name = classes.surely.iter().find(empty)?;
    let why = format!("smtpd stops at the restriction class `{name}`: it has no value");
    let because = [view.because(name), view.because("smtpd_restriction_classes")].concat();
    Some(Fact::is(Cause(why), because))
}

/// Neither of the two lists refuses anything.
fn missing_safeguard(view: &View<'_>) -> Option<Fact<Cause>> {
    let classes = view.members("smtpd_restriction_classes");
    let names: BTreeSet<&str> = classes.surely.iter().map(String::as_str).collect();
    let mut because: Vec<Step> = Vec::new();
    for name in ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"] {
        let mut search = Search { view, classes: &names, hidden: classes.rest.is_some(), passed: BTreeSet::new() };
        if search.finds(name, 0)? {
            return None;
        }
        because.extend(view.because(name));
    }
    let why = "neither `smtpd_relay_restrictions` nor `smtpd_recipient_restrictions` refuses anything, so smtpd stops \
        rather than relay for everybody";
    // A line that somebody wrote tells more than a default.
    let because = gather::ordered(because, |step| u64::from(step.span().is_none()));
    Some(Fact::is(Cause(why.to_owned()), because))
}

struct Search<'a> {
    view: &'a View<'a>,
    classes: &'a BTreeSet<&'a str>,
    /// True when there may be classes that cannot be seen.
    hidden: bool,
    /// Classes that were walked through and had none: those that name each other many times are walked through once.
    passed: BTreeSet<String>,
}

impl Search<'_> {
    /// Whether a list, or a class it names, holds a safeguard that is reached; `None` when that cannot be known.
    fn finds(&mut self, name: &str, depth: usize) -> Option<bool> {
        let members = self.view.members(name);
        let mut words = members.surely.iter();
        while let Some(word) = words.next() {
            let is = |one: &str| word.eq_ignore_ascii_case(one);
            if is("warn_if_reject") {
                words.next();
            } else if is("permit") {
                // What stands behind is never looked at.
                return Some(false);
            } else if SAFEGUARDS.iter().any(|one| is(one)) {
                return Some(true);
            } else if self.classes.contains(word.as_str()) && depth < DEEPEST && !self.passed.contains(word) {
                if self.finds(word, depth + 1)? {
                    return Some(true);
                }
                self.passed.insert(word.clone());
            }
        }
        if members.rest.is_some() || self.hidden { None } else { Some(false) }
    }
}
