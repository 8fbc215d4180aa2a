//! What smtpd reads before it serves anybody, and stops at (`smtpd_check.c`, `smtpd_check_init`; `match_list.c`; `auto_clnt.c`).


use super::super::config::View;
use super::super::parameters::Kind;
use crate::facts::{Cause, Fact};
use crate::gather::{self, Index};

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

/// The lists that smtpd reads before it serves anybody, in its order.
const LISTS: &[&str] = &[
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_etrn_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
];

/// Parameters of which smtpd knows a few words only, whatever their case.
const WORDS: &[(&str, &[&str])] = &[
    ("smtpd_forbid_bare_newline", &["no", "yes", "note", "normalize", "reject"]),
    ("unknown_helo_hostname_tempfail_action", PUTTING_OFF),
    ("unknown_address_tempfail_action", PUTTING_OFF),
    ("unverified_recipient_tempfail_action", PUTTING_OFF),
    ("unverified_sender_tempfail_action", PUTTING_OFF),
];

const PUTTING_OFF: &[&str] = &["defer", "defer_if_permit"];

/// Why smtpd stops over its lists; `None` when it runs, or when something unseen may decide that.
pub(in super::super) fn fault(view: &View<'_>) -> Option<Fact<Cause>> {
    unknown_word(view)
        .or_else(|| unreadable_networks(view))
        .or_else(|| unreadable_list(view))
        .or_else(|| undefined_class(view))
        .or_else(|| missing_safeguard(view))
}

fn unknown_word(view: &View<'_>) -> Option<Fact<Cause>> {
    WORDS.iter().find_map(|(name, words)| {
        // A default that refers to nothing is one of the words.
        if !view.is_open(name) {
            return None;
        }
        let value = view.lookup(name)?;
        let text = value.text.trim();
        let known = words.iter().any(|word| text.eq_ignore_ascii_case(word));
        // Where it is yes or no, others say so.
        if known || value.question.is_some() || value.error.is_some() || view.configuration.kind(name)? == Kind::Boolean {
            return None;
        }
        let why = format!("smtpd stops at `{name} = {text}`: it must be one of {}", words.join(", "));
        Some(Fact::is(Cause(why), view.because(name)))
    })
}

/// A table without a kind or without a name stops smtpd, and so does an exclusion of nothing.
fn unreadable_networks(view: &View<'_>) -> Option<Fact<Cause>> {
    let list = view.match_list("mynetworks");
    let bad = list.known()?.surely.iter().find(|written| {
        let pattern = written.trim_start_matches('!');
        pattern.is_empty() || (!pattern.starts_with(['[', '/']) && is_nameless(pattern))
    })?;
    let why = match bad.trim_start_matches('!') {
        "" => "smtpd stops at the `!` in `mynetworks` that excludes nothing".to_owned(),
        pattern => format!("smtpd stops at `{pattern}` in `mynetworks`: it takes it for a table; IPv6 addresses stand in brackets"),
    };
    Some(Fact::is(Cause(why), list.because))
}

/// True for a word with a colon that names no table.
fn is_nameless(word: &str) -> bool {
    word.split_once(':').is_some_and(|(kind, name)| kind.is_empty() || name.is_empty())
}

/// Lists that smtpd cannot read: a table without a name, a policy service without an address.
fn unreadable_list(view: &View<'_>) -> Option<Fact<Cause>> {
    let classes = view.members("smtpd_restriction_classes");
    LISTS.iter().copied().chain(classes.surely.iter().map(String::as_str)).find_map(|name| {
        let members = view.members(name);
        // What a word is for is not known where another one may be hidden in front of it.
        if members.rest.is_some() {
            return None;
        }
        let mut of_service = false;
        for word in &members.surely {
            let service = std::mem::replace(&mut of_service, word.eq_ignore_ascii_case("check_policy_service"));
            let why = if word.starts_with('{') {
                continue;
            } else if service && !["inet:", "unix:", "local:"].iter().any(|kind| word.starts_with(kind)) {
                format!("smtpd stops at `{word}` in `{name}`: a policy service is at `inet:host:port` or `unix:path`")
            } else if !service && is_nameless(word) {
                format!("smtpd stops at `{word}` in `{name}`: a table has a kind and a name")
            } else {
                continue;
            };
            return Some(Fact::is(Cause(why), view.because(name)));
        }
        None
    })
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
    let names = Index::of(&classes.surely);
    let mut because = Vec::new();
    for name in ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"] {
        let hidden = classes.rest.is_some();
        let mut search =
            Search { view, classes: &names, hidden, passed: Index::default(), within: Vec::new(), circle: None };
        let found = search.finds(name, 0);
        if let Some(class) = search.circle {
            let why = format!("smtpd falls over as it starts: the restriction class `{class}` leads back to itself");
            return Some(Fact::is(Cause(why), [view.because(&class), view.because(name)].concat()));
        }
        if found? {
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
    classes: &'a Index,
    /// True when there may be classes that cannot be seen.
    hidden: bool,
    /// Classes that were walked through and had none: those that name each other many times are walked through once.
    passed: Index,
    /// Classes that the search is in.
    within: Vec<String>,
    /// One that leads back to itself.
    circle: Option<String>,
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
            } else if self.classes.contains(word) && depth < DEEPEST && !self.passed.contains(word) {
                if self.within.contains(word) {
                    self.circle = Some(word.clone());
                    return None;
                }
                self.within.push(word.clone());
                if self.finds(word, depth + 1)? {
                    return Some(true);
                }
                self.within.pop();
                self.passed.add(word);
            }
        }
        if members.rest.is_some() || self.hidden { None } else { Some(false) }
    }
}
