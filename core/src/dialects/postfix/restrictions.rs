//! Restriction lists: what smtpd checks of them before it serves anybody (smtpd(8), `smtpd_check.c`).

use super::config::View;
use crate::facts::{Cause, Fact, Step};

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

/// Why smtpd stops over its lists; `None` when it runs, or when something unseen may hold the safeguard.
pub(super) fn missing_safeguard(view: &View<'_>) -> Option<Fact<Cause>> {
    let mut because: Vec<Step> = Vec::new();
    for name in ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"] {
        if has_safeguard(view, name, 0)? {
            return None;
        }
        because.extend(view.because(name));
    }
    let why = "neither `smtpd_relay_restrictions` nor `smtpd_recipient_restrictions` refuses anything, so smtpd stops \
        rather than relay for everybody";
    // A line that somebody wrote tells more than a default.
    because.sort_by_key(|step| step.span().is_none());
    Some(Fact::is(Cause(why.to_owned()), because))
}

/// Whether a list, or a class it names, holds a safeguard that is reached; `None` when that cannot be known.
fn has_safeguard(view: &View<'_>, name: &str, depth: usize) -> Option<bool> {
    let list = view.list(name);
    let members = list.known()?;
    let classes = view.list("smtpd_restriction_classes");
    let classes = classes.known()?;
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
        } else if classes.has(word) && depth < DEEPEST && has_safeguard(view, word, depth + 1)? {
            return Some(true);
        }
    }
    if members.rest.is_some() || classes.rest.is_some() { None } else { Some(false) }
}
