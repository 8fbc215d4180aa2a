//! Restriction lists: what smtpd checks of them before it serves anybody (smtpd(8), `smtpd_check.c`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::config::View;
use crate::gather;
use crate::facts::{Actor, Cause, Fact, Recipient, Step};

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
        if has_safeguard(view, name, 0, &mut BTreeSet::new())? {
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

/// Whether a list, or a class it names, holds a safeguard that is reached; `None` when that cannot be known. What `passed`
/// holds was walked through and had none: classes that name each other many times are walked through once.
fn has_safeguard(view: &View<'_>, name: &str, depth: usize, passed: &mut BTreeSet<String>) -> Option<bool> {
    let members = view.members(name);
    let classes = view.members("smtpd_restriction_classes");
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
        } else if classes.has(word) && depth < DEEPEST && !passed.contains(word) {
            if has_safeguard(view, word, depth + 1, passed)? {
                return Some(true);
            }
            passed.insert(word.clone());
        }
    }
    if members.rest.is_some() || classes.rest.is_some() { None } else { Some(false) }
}

/// The lists that smtpd walks through in a session, whatever the stage.
const LISTS: &[&str] = &[
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
    "smtpd_etrn_restrictions",
];

/// What looks at the certificate of a client; a policy service is told of it.
const CERTIFICATE_READERS: &[&str] =
    &["permit_tls_clientcerts", "permit_tls_all_clientcerts", "check_ccert_access", "check_policy_service"];

/// Whether a list, a class of restrictions or a filter is told of clients' certificates.
pub(super) fn look_at_certificates(view: &View<'_>) -> Fact<bool> {
    let milters = view.list("smtpd_milters");
    if milters.known().is_none_or(|members| !members.surely.is_empty() || members.rest.is_some()) {
        return Fact::is(true, milters.because);
    }
    let classes = view.members("smtpd_restriction_classes");
    let mut rest = classes.rest.clone();
    for name in LISTS.iter().copied().chain(classes.surely.iter().map(String::as_str)) {
        let members = view.members(name);
        let reads = |word: &String| CERTIFICATE_READERS.contains(&lower(word).as_ref());
        if members.surely.iter().any(reads) {
            return Fact::is(true, view.because(name));
        }
        rest = rest.or_else(|| members.rest.clone());
    }
    match rest {
        Some(question) => Fact::unknown(question, Vec::new()),
        None => Fact::is(false, Vec::new()),
    }
}

/// What becomes of a recipient, as far as the lists alone tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No list refuses.
    Accepted,
    /// A list refuses for good.
    Refused,
    /// A list refuses for now.
    Deferred,
    /// A list refuses, for good or for now.
    NotAccepted,
    /// Something that cannot be seen decides: a table, a policy service, the client's name.
    Unseen,
}

/// The lists that smtpd walks through up to RCPT, in its order: the first one that refuses decides, and a permission ends only
/// its own list. Before 3.6, and at older compatibility levels, the list for recipients came before the one for relaying.
fn lists(view: &View<'_>) -> [&'static str; 5] {
    let (relay, recipient) = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions");
    let relay_first = view.is_yes("smtpd_relay_before_recipient_restrictions");
    let (fourth, fifth) = if relay_first { (relay, recipient) } else { (recipient, relay) };
    ["smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions", fourth, fifth]
}

/// Judges one recipient at RCPT, with the steps of the list that decides.
pub(super) fn verdict(view: &View<'_>, actor: Actor, recipient: Recipient) -> (Verdict, Vec<Step>) {
    // Without the delay the lists are asked earlier, before anybody can have proved who they are.
    if !view.is_yes("smtpd_delay_reject") {
        return (Verdict::Unseen, view.because("smtpd_delay_reject"));
    }
    let mut unseen: Option<Vec<Step>> = None;
    for name in lists(view) {
        let steps = || view.because(name);
        match (walk(view, name, actor, recipient, &mut Walked::default()), &unseen) {
            (Verdict::Accepted, _) => {}
            (Verdict::Unseen, _) => {
                unseen.get_or_insert_with(steps);
            }
            (verdict, None) => return (verdict, steps()),
            // Something unseen may refuse earlier, in its own words; accepted it is in no case.
            (_, Some(_)) => return (Verdict::NotAccepted, steps()),
        }
    }
    match unseen {
        Some(steps) => (Verdict::Unseen, steps),
        None => (Verdict::Accepted, view.because("smtpd_relay_restrictions")),
    }
}

/// What a walk has behind it.
#[derive(Default)]
struct Walked {
    /// In how many classes inside each other it is.
    depth: usize,
    /// Classes that let everything pass: they are walked through once, however often they are named.
    passed: BTreeSet<String>,
}

/// Walks through one list.
fn walk(view: &View<'_>, name: &str, actor: Actor, recipient: Recipient, walked: &mut Walked) -> Verdict {
    let members = view.members(name);
    // What a template or an unseen reference adds may stand anywhere in the list: nothing is certain then.
    if members.rest.is_some() {
        return Verdict::Unseen;
    }
    let mut may_refuse = false;
    let mut words = members.surely.iter();
    while let Some(word) = words.next() {
        let passed = if may_refuse { Verdict::Unseen } else { Verdict::Accepted };
        match lower(word).as_ref() {
            "permit" => return passed,
            "permit_mynetworks" if actor == Actor::Trusted => return passed,
            "permit_sasl_authenticated" if actor == Actor::Authenticated => return passed,
            "permit_auth_destination" if recipient == Recipient::Local => return passed,
            "permit_mynetworks" | "permit_sasl_authenticated" | "permit_auth_destination" => {}
            "reject" => return Verdict::Refused,
            "defer" => return Verdict::Deferred,
            "reject_unauth_destination" if recipient == Recipient::Foreign => return Verdict::Refused,
            "defer_unauth_destination" if recipient == Recipient::Foreign => return Verdict::Deferred,
            "reject_unauth_destination" | "defer_unauth_destination" => {}
            "warn_if_reject" => {
                words.next();
            }
            // These look at the client or at what it says: they may refuse, and never permit.
            other if other.starts_with("reject_") => may_refuse = true,
            other if walked.depth < DEEPEST && (walked.passed.contains(other) || is_class(view, other)) => {
                if walked.passed.contains(word) {
                    continue;
                }
                walked.depth += 1;
                let verdict = walk(view, word, actor, recipient, walked);
                walked.depth -= 1;
                match verdict {
                    // The end of a class leads back into the list.
                    Verdict::Accepted => walked.passed.insert(word.clone()),
                    verdict => return verdict,
                };
            }
            // A table, a policy service, a permission for something unseen, or nothing that Postfix knows.
            _ => return Verdict::Unseen,
        }
    }
    if may_refuse { Verdict::Unseen } else { Verdict::Accepted }
}

/// Words are told apart whatever their case; nearly all of them are written in small letters.
fn lower(word: &str) -> Cow<'_, str> {
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

fn is_class(view: &View<'_>, name: &str) -> bool {
    view.members("smtpd_restriction_classes").surely.iter().any(|one| one == name)
}
