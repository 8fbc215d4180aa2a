//! What a session shows and tolerates (smtpd(8); postconf(5), smtpd_banner, disable_vrfy_command, smtpd_forbid_bare_newline,
//! smtpd_tls_loglevel, syslog_name).

use super::access::lower;
use super::config::View;
use super::names;
use super::parameters::Kind;
use crate::gather::Index;
use crate::facts::{Dialogue, Fact, MessageEnd, Session, Step, Value};
use crate::version::Version;

/// `own` is the listening service, `speaking` the smtpd that talks to the client.
pub(super) fn of(own: &View<'_>, speaking: &View<'_>) -> Session {
    Session {
        tells_release: tells_release(own, speaking),
        answers_vrfy: speaking.boolean("disable_vrfy_command").map(|disabled| !disabled),
        unannounced: speaking.members(UNANNOUNCED).surely.iter().map(|word| word.to_ascii_lowercase()).collect(),
        tls_log: tls_log(speaking),
        log_name: speaking.text("syslog_name"),
        checks_on_users: LISTS.iter().filter_map(|list| check_on_users(speaking, list)).collect(),
    }
}

/// How messages and commands may follow each other.
pub(super) fn dialogue(speaking: &View<'_>) -> Dialogue {
    let stops_early_talk = stops_early_talk(speaking);
    Dialogue { message_end: message_end(speaking, &stops_early_talk), stops_early_talk }
}

/// postscreen greets first, in words of its own, and smtpd once more.
fn tells_release(own: &View<'_>, speaking: &View<'_>) -> Fact<bool> {
    let is_postscreen = own.service.is_some_and(|service| service.program == "postscreen");
    let before = is_postscreen.then(|| greeting(own, "postscreen_greet_banner")).filter(|fact| !fact.surely_not());
    before.unwrap_or_else(|| greeting(speaking, "smtpd_banner"))
}

fn greeting(view: &View<'_>, name: &str) -> Fact<bool> {
    let value = if refers(view, name, "mail_version", &mut Index::default()) {
        Value::Is(true)
    } else {
        // What the machine puts in is its name; what a template puts in may be anything.
        match view.text(name).value {
            Value::Unknown(question) if question.0 == "template" => Value::Unknown(question),
            _ => Value::Is(false),
        }
    };
    Fact { value, because: view.because(name) }
}

/// True when the value of a name refers to another one, be it through others.
fn refers(view: &View<'_>, name: &str, other: &str, passed: &mut Index) -> bool {
    if name == other {
        return true;
    }
    // Far more than anybody nests, and few enough to walk through.
    if passed.len() > 50 || !passed.add(name) {
        return false;
    }
    let references = match view.written(name) {
        Some(written) => names::references(&written.value),
        None => view.configuration.parameter(name).map_or_else(Vec::new, |line| names::references(line.default)),
    };
    references.iter().any(|next| refers(view, next, other, passed))
}

/// A yes or no that older releases do not have: there it is no, and where somebody wrote it all the same, it may have been
/// brought to that release by a distribution.
fn newer_switch(view: &View<'_>, name: &str) -> Fact<bool> {
    let Some(kind) = view.configuration.kind(name) else {
        let because = view.because(name);
        if because.is_empty() {
            // The releases in between, which have it and do not use it, are not looked at one by one.
            let flag = format!("`{name}` is not set; before Postfix 3.9 that means no");
            return Fact { value: view.text(name).value.map(|_| false), because: Step::Assumed { flag }.into() };
        }
        let ask = format!("Does this Postfix know `{name}`? Releases by this number do not, unless a distribution has put it in.");
        return Fact::unknown(view.ask(&format!("knows-{name}"), ask, format!("postconf -d {name}")), because);
    };
    if kind == Kind::Boolean {
        return view.boolean(name);
    }
    view.text(name).map(|value| !value.eq_ignore_ascii_case("no"))
}

/// The check that refuses commands sent too early, and the two places where it sees all of them.
fn stops_early_talk(view: &View<'_>) -> Fact<bool> {
    let list = "smtpd_data_restrictions";
    let members = view.members(list);
    let mut words = members.surely.iter();
    while let Some(word) = words.next() {
        match lower(word).as_ref() {
            "permit" => break,
            "warn_if_reject" => {
                words.next();
            }
            "reject_unauth_pipelining" | "reject" => return Fact::is(true, view.because(list)),
            _ => {}
        }
    }
    let switch = newer_switch(view, "smtpd_forbid_unauth_pipelining");
    match &members.rest {
        Some(question) if !switch.surely() => Fact::unknown(question.clone(), view.because(list)),
        _ => switch,
    }
}

const UNANNOUNCED: &str = "smtpd_discard_ehlo_keywords";

/// Measured on 3.7: with `reject_unauth_pipelining` smuggled commands are refused at DATA, but not at BDAT, which came with 3.4.
fn message_end(view: &View<'_>, stops_early_talk: &Fact<bool>) -> Fact<MessageEnd> {
    let name = "smtpd_forbid_bare_newline";
    let switch = newer_switch(view, name);
    let exclusions = format!("{name}_exclusions");
    if switch.surely()
        && view.written(&exclusions).is_some()
        && includes_everybody(&view.match_list(&exclusions).known().map(|list| list.surely.clone()).unwrap_or_default())
    {
        return Fact::is(MessageEnd::Any, [view.because(&exclusions), switch.because].concat());
    }
    let guarded = || {
        let discarded = view.members(UNANNOUNCED);
        let no_bdat = discarded.surely.iter().any(|word| word.eq_ignore_ascii_case("chunking"));
        stops_early_talk.surely() && (no_bdat || !view.since(Version::new(3, 4, 0)))
    };
    let better = || view.configuration.kind(name).is_some();
    let because = switch.because;
    match switch.value {
        Value::Is(true) => Fact::is(MessageEnd::Standard, because),
        Value::Is(false) | Value::Unknown(_) if guarded() => {
            Fact::is(MessageEnd::Guarded { better: better() }, [because, stops_early_talk.because.clone()].concat())
        }
        Value::Is(false) => Fact::is(MessageEnd::Any, because),
        Value::Unknown(question) => Fact::unknown(question, because),
    }
}

/// True when no exclusion stands in the list, and one member is the whole world.
fn includes_everybody(patterns: &[String]) -> bool {
    patterns.iter().all(|one| !one.starts_with('!'))
        && patterns.iter().any(|one| matches!(one.as_str(), "0.0.0.0/0" | "static:all"))
}

/// Numbers and words that `smtpd_tls_loglevel` takes; words unknown to it are warned about and count for nothing.
fn tls_log(view: &View<'_>) -> Fact<u8> {
    view.text("smtpd_tls_loglevel").map(|level| {
        let words = level.split([',', ' ', '\t', '\r', '\n']);
        let number = |word: &str| match word.to_ascii_lowercase().as_str() {
            "" | "0" | "none" => 0,
            "2" | "debug" => 2,
            "3" | "ssl-expert" | "ssl-debug" | "ssl-handshake-packet-dump" => 3,
            "4" | "5" | "6" | "7" | "8" | "9" | "ssl-developer" | "ssl-session-packet-dump" => 4,
            _ => 1,
        };
        words.map(number).max().unwrap_or(0)
    })
}

/// The lists that are asked before mail is taken.
const LISTS: [&str; 5] = [
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
];

/// Checks that ask for the name or the reputation of the client's machine: those of people at home or on the way fail them.
const OF_MACHINES: &[&str] = &[
    "reject_invalid_helo_hostname",
    "reject_invalid_hostname",
    "reject_maps_rbl",
    "reject_non_fqdn_helo_hostname",
    "reject_non_fqdn_hostname",
    "reject_rbl_client",
    "reject_rhsbl_client",
    "reject_rhsbl_helo",
    "reject_rhsbl_reverse_client",
    "reject_unknown_client",
    "reject_unknown_client_hostname",
    "reject_unknown_helo_hostname",
    "reject_unknown_hostname",
    "reject_unknown_reverse_client_hostname",
];

/// The first such check that a user meets in a list before the login counts.
fn check_on_users(view: &View<'_>, list: &str) -> Option<Fact<String>> {
    let word = first_check(view, list, &mut Index::default())??;
    Some(Fact::is(word, view.because(list)))
}

/// The first check of a list; `None` where the list comes to its end, `Some(None)` where it lets users pass, or nobody.
fn first_check(view: &View<'_>, list: &str, passed: &mut Index) -> Option<Option<String>> {
    let members = view.members(list);
    let mut words = members.surely.iter();
    while let Some(word) = words.next() {
        match lower(word).as_ref() {
            "permit" | "permit_sasl_authenticated" | "reject" | "defer" => return Some(None),
            "warn_if_reject" => {
                words.next();
            }
            check if OF_MACHINES.contains(&check) => return Some(Some(word.clone())),
            // What stands in a class stands in its place, and is walked through once. Nobody nests them deeper than this.
            _ if passed.len() < 20 && view.members("smtpd_restriction_classes").has(word) && passed.add(word) => {
                if let Some(found) = first_check(view, word, passed) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}
