//! postscreen in front of smtpd, and what it says to clients that it has not met before (POSTSCREEN_README, "Tests after the
//! 220 SMTP server greeting"; `postscreen_smtpd.c`, `postscreen_tests.c`, `server_acl.c`).

use super::config::View;
use super::{restrictions, tls};
use crate::facts::{Actor, Channel, Fact, Outcome, Outcomes, Stage, Step, Value};
use crate::version::Version;

/// Tests that postscreen can make only by speaking SMTP itself: a client that passes has to come again.
const DEEP_TESTS: [&str; 3] =
    ["postscreen_bare_newline_enable", "postscreen_non_smtp_command_enable", "postscreen_pipelining_enable"];

/// What postscreen makes of what clients get from smtpd.
pub(super) enum Screened {
    /// Nothing: smtpd takes over at once.
    No,
    /// Something else for clients that keep to the protocol and come for the first time.
    AtFirst(Outcomes),
    /// Something else whenever they come.
    Always(Outcomes),
}

/// What clients get that would get `later` from smtpd.
pub(super) fn screened(own: &View<'_>, later: &Outcomes) -> Screened {
    if own.service.is_none_or(|service| service.program != "postscreen") {
        return Screened::No;
    }
    let speaks = speaks_itself(own);
    let listed = |trusted| restrictions::listed(own, ACCESS, trusted);
    let refuses = if listed(false) == Some(false) { refusal(own) } else { None };
    let end = |trusted: bool| match listed(trusted) {
        Some(true) => None,
        Some(false) if refuses.is_some() => refuses.clone(),
        _ if speaks.surely_not() => None,
        _ => Some(speaks.clone().map(|_| restrictions::refusal_of(own, Stage::Rcpt, 450))),
    };
    let (stranger, trusted) = (end(false), end(true));
    if stranger.is_none() && trusted.is_none() {
        return Screened::No;
    }
    let tls = tls::of_postscreen(own);
    let outcomes = Outcomes::of(|actor, channel, recipient| {
        let Some(end) = (if actor == Actor::Trusted { &trusted } else { &stranger }) else {
            let later = later.at(actor, channel, recipient).cloned();
            return later.unwrap_or_else(|| speaks.clone().map(|_| Outcome::Accepted));
        };
        let refused = |stage, code, because: &[Step]| {
            Fact::is(restrictions::refusal_of(own, stage, code), because.to_vec())
        };
        let open = |fact: &Fact<bool>| match &fact.value {
            Value::Unknown(question) => Some(Fact::unknown(question.clone(), fact.because.clone())),
            Value::Is(_) => None,
        };
        if matches!(end.known(), Some(Outcome::Refused { stage: Stage::Connect, .. }) | None) {
            return end.clone();
        }
        if channel == Channel::Tls {
            for (fact, code) in [(&tls.offered, 502), (&tls.works, 454)] {
                match open(fact) {
                    Some(unknown) => return unknown,
                    None if fact.surely_not() => return refused(Stage::Starttls, code, &fact.because),
                    None => {}
                }
            }
        }
        // postscreen has no AUTH, and says so before it asks for TLS.
        if actor == Actor::Authenticated {
            return refused(Stage::Auth, 502, &speaks.because);
        }
        if channel == Channel::Clear {
            if let Some(unknown) = open(&tls.required) {
                return unknown;
            }
            if tls.required.surely() {
                return refused(Stage::Mail, 530, &tls.required.because);
            }
        }
        end.clone()
    });
    if refuses.is_some() { Screened::Always(outcomes) } else { Screened::AtFirst(outcomes) }
}

/// Whether postscreen speaks SMTP with clients that nothing is known of.
fn speaks_itself(own: &View<'_>) -> Fact<bool> {
    let mut open = None;
    for test in DEEP_TESTS.into_iter().filter(|test| own.written(test).is_some()) {
        let enabled = own.boolean(test);
        if enabled.surely() {
            return enabled;
        }
        if enabled.known().is_none() {
            open = Some(enabled);
        }
    }
    // At the other addresses of the machine nobody passes.
    let renamed = own.since(Version::new(3, 6, 0));
    let interfaces = own.list(if renamed { "postscreen_allowlist_interfaces" } else { "postscreen_whitelist_interfaces" });
    let all = |first: &String| first == "static:all";
    if open.is_none() && !interfaces.known().is_some_and(|words| words.surely.first().is_some_and(all)) {
        let ask = "Which of the machine's addresses are those of its backup MX?";
        let question = own.ask("postscreen-interfaces", ask, "postconf postscreen_allowlist_interfaces; ip address");
        open = Some(Fact::unknown(question, interfaces.because));
    }
    open.unwrap_or_else(|| Fact::is(false, Vec::new()))
}

/// The list of those who are let through, and of those who are not.
const ACCESS: &str = "postscreen_access_list";

/// What those get who are on the list to be refused; `None` where nothing comes of it.
fn refusal(own: &View<'_>) -> Option<Fact<Outcome>> {
    let renamed = own.since(Version::new(3, 6, 0));
    let action = own.text(if renamed { "postscreen_denylist_action" } else { "postscreen_blacklist_action" });
    let (stage, code) = match action.known().map(String::as_str) {
        Some("drop") => (Stage::Connect, 521),
        Some("enforce") => (Stage::Rcpt, 550),
        _ => return None,
    };
    Some(Fact::is(restrictions::refusal_of(own, stage, code), [own.because(ACCESS), action.because].concat()))
}
