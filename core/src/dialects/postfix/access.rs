//! Whose word smtpd takes: proxies, certificates, senders, and what the lists of restrictions make of it.
//!
//! Sources: postconf(5), XCLIENT_README, XFORWARD_README, TLS_README; `smtpd_check.c`, `match_ops.c`, `resolve.c`; and
//! smtpd 3.7.11 on the network.

use std::borrow::Cow;

use super::config::View;
use super::listeners::is_loopback;
use crate::gather::Index;
use crate::facts::{Access, Fact, Members, Networks, SenderCheck, Because, Tls, Value, is_container_network};
use crate::question::QuestionId;
use crate::version::Version;

/// Classes may refer to each other: deeper than this nobody means it.
const DEEPEST: usize = 10;

/// The lists that are walked through up to RCPT.
const UP_TO_RCPT: [&str; 5] = [
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    RELAY,
    "smtpd_recipient_restrictions",
];
const RELAY: &str = "smtpd_relay_restrictions";

/// `own` is the listening service, `speaking` the smtpd that talks to the client.
pub(super) fn of(own: &View<'_>, speaking: &View<'_>, tls: &Tls, address: &Fact<String>, trusted: &Fact<Networks>) -> Access {
    let preamble = preamble(own);
    Access {
        may_name_client: speaking.match_list("smtpd_authorized_xclient_hosts"),
        may_name_for_log: speaking.match_list("smtpd_authorized_xforward_hosts"),
        proxy_alone: proxy_alone(own, address, &preamble),
        preamble,
        behind_container: container(speaking, trusted),
        by_certificate: by_certificate(speaking, tls),
        any_certificate_relays: any_certificate(speaking, tls),
        relays_below: relays_below(speaking),
        relay_unguarded: unguarded(speaking),
        senders: senders(speaking),
        old_defaults: old_defaults(speaking),
    }
}

/// How a walk through a list ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Permitted,
    Refused,
    /// Something unseen may permit.
    Unseen,
    /// A check that was looked for.
    Found(&'static str),
}

/// Walks through a list and the classes it names until `judge` ends it. A class that was walked through once is not walked
/// through again; what follows `warn_if_reject` does nothing but write to the log.
fn walk(
    view: &View<'_>,
    name: &str,
    classes: &Members<String>,
    passed: &mut Index,
    judge: &dyn Fn(&str) -> Option<End>,
) -> Option<End> {
    let list = view.members(name);
    let mut words = list.surely.iter();
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("warn_if_reject") {
            words.next();
        } else if let Some(end) = judge(&lower(word)) {
            return Some(end);
        } else if classes.has(word)
            && passed.len() < DEEPEST * DEEPEST
            && passed.add(word)
            && let Some(end) = walk(view, word, classes, passed, judge)
        {
            return Some(end);
        }
    }
    list.rest.is_some().then_some(End::Unseen)
}

/// Words are told apart whatever their case; nearly all of them are written in small letters.
pub(super) fn lower(word: &str) -> Cow<'_, str> {
    // Looked through to the end, it is looked through at once.
    if word.bytes().fold(false, |found, byte| found | byte.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

fn end_of(view: &View<'_>, name: &str, judge: &dyn Fn(&str) -> Option<End>) -> Option<End> {
    walk(view, name, &view.members("smtpd_restriction_classes"), &mut Index::default(), judge)
}

/// What keeps a list from being known whole.
fn hidden(view: &View<'_>, names: &[&str]) -> Option<QuestionId> {
    names.iter().find_map(|name| view.members(name).rest.clone())
}

/// The PROXY protocol is believed whoever speaks it: nothing in Postfix says who may.
fn preamble(own: &View<'_>) -> Fact<bool> {
    let is_postscreen = own.service.is_some_and(|service| service.program == "postscreen");
    let name = if is_postscreen { "postscreen_upstream_proxy_protocol" } else { "smtpd_upstream_proxy_protocol" };
    own.text(name).map(|protocol| !protocol.is_empty())
}

fn proxy_alone(own: &View<'_>, address: &Fact<String>, preamble: &Fact<bool>) -> Fact<bool> {
    if !preamble.surely() || address.known().is_some_and(|address| is_loopback(address)) {
        return Fact::is(true, address.because.clone());
    }
    let question = own.ask(
        "proxy-alone",
        "Can anybody but the proxy connect to the ports that take the proxy's word for who the client is?",
        "ss -ltn; nft list ruleset",
    );
    Fact::unknown(question, address.because.clone())
}

/// A container engine may put its own address in place of a client's, and the files do not show whether it does.
fn container(view: &View<'_>, trusted: &Fact<Networks>) -> Fact<bool> {
    let networks = trusted.known().map(|networks| networks.patterns.surely.as_slice()).unwrap_or_default();
    if !networks.iter().any(|pattern| is_container_network(pattern)) {
        return Fact::is(false, Vec::new());
    }
    let question = view.ask(
        "container-addresses",
        "Do clients from outside keep their own address on the way into the container network, or do they seem to come from it?",
        "grep 'connect from' /var/log/mail.log",
    );
    Fact::unknown(question, trusted.because.clone())
}

/// Whether clients are asked for a certificate (`smtpd.c`): a must counts where TLS is one.
fn asks_for_certificate(view: &View<'_>, tls: &Tls) -> Fact<bool> {
    let must = view.boolean("smtpd_tls_req_ccert");
    if must.surely() && tls.required.surely() { must } else { view.boolean("smtpd_tls_ask_ccert") }
}

fn by_certificate(view: &View<'_>, tls: &Tls) -> Fact<bool> {
    let asked = asks_for_certificate(view, tls);
    if asked.surely_not() {
        return asked;
    }
    let words = ["permit_tls_clientcerts", "permit_tls_all_clientcerts", "check_ccert_access"];
    let judge = |word: &str| words.contains(&word).then_some(End::Permitted);
    let permits = UP_TO_RCPT.iter().any(|name| end_of(view, name, &judge) == Some(End::Permitted));
    asked.map(|asked| asked && permits)
}

/// Where systems keep the authorities that everybody trusts: whole paths, and names of files that nothing else has.
const PUBLIC_AUTHORITIES: &[&str] = &[
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/cert.pem",
    "ca-certificates.crt",
    "ca-bundle.crt",
    "ca-bundle.pem",
    "ca-bundle.trust.crt",
    "ca-root-nss.crt",
    "tls-ca-bundle.pem",
];

fn is_public(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    PUBLIC_AUTHORITIES.iter().any(|known| path == *known || path.rsplit('/').next() == Some(known))
}

/// `permit_tls_all_clientcerts` relays for every certificate of a known authority.
fn any_certificate(view: &View<'_>, tls: &Tls) -> Fact<bool> {
    let asked = asks_for_certificate(view, tls);
    if !asked.surely() {
        return asked;
    }
    let holder = |word: &str| match word {
        "permit_tls_all_clientcerts" => Some(End::Found("")),
        _ => judge_stranger(word),
    };
    let ends = UP_TO_RCPT.map(|name| (name, end_of(view, name, &holder)));
    let relaying = ends.iter().find(|(_, end)| *end == Some(End::Found("")));
    let Some((name, _)) = relaying.filter(|_| ends.iter().all(|(_, end)| *end != Some(End::Refused))) else {
        return Fact::is(false, asked.because);
    };
    let because = |other: Because| [view.because(name), other, asked.because.clone()].concat();
    let mut own = None;
    for setting in ["smtpd_tls_CAfile", "smtpd_tls_CApath"] {
        let path = view.text(setting);
        match path.known() {
            Some(text) if text.is_empty() => {}
            Some(text) if is_public(text) => {
                return Fact::is(true, because(path.because));
            }
            _ => own = Some(path),
        }
    }
    // The system's authorities are added to those that are named; where none is named they are not.
    match own {
        None => Fact::is(false, asked.because),
        Some(_) if view.is_yes("tls_append_default_CA") => Fact::is(true, because(view.because("tls_append_default_CA"))),
        Some(path) => {
            let ask = || {
                view.ask(
                    "client-authorities",
                    "Do the authorities for clients' certificates sign for your own people alone?",
                    "postconf smtpd_tls_CAfile smtpd_tls_CApath",
                )
            };
            Fact::unknown(path.value.question().cloned().unwrap_or_else(ask), because(path.because))
        }
    }
}

/// What a word does to somebody who is neither trusted nor logged in, and writes to a foreign recipient.
fn judge_stranger(word: &str) -> Option<End> {
    match word {
        "reject_unauth_destination" | "defer_unauth_destination" | "check_relay_domains" => Some(End::Refused),
        _ => judge_anybody(word),
    }
}

/// The same for a recipient in a domain that the server relays for.
fn judge_anybody(word: &str) -> Option<End> {
    match word {
        "permit" | "permit_auth_destination" => Some(End::Permitted),
        "reject" | "defer" | "defer_if_permit" => Some(End::Refused),
        _ => None,
    }
}

/// Names right below the root under which everybody registers domains; two letters are a country.
const TOP: &[&str] = &["com", "net", "org", "edu", "gov", "mil", "int", "info", "biz"];

/// What of `relay_domains` takes in domains of anybody. It counts as main.cf has it, whatever an option of the service says:
/// trivial-rewrite asks for it.
fn relays_below(view: &View<'_>) -> Fact<Members<String>> {
    let server = view.configuration.server();
    let domains = server.match_list("relay_domains");
    let with_names_below = server.members("parent_domain_matches_subdomains").has(&"relay_domains".to_owned());
    let reach = |pattern: &String| {
        let name = if with_names_below { pattern.as_str() } else { pattern.strip_prefix('.').unwrap_or("") };
        let name = name.to_ascii_lowercase();
        let is_country = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_lowercase());
        if pattern.strip_prefix("static:").is_some_and(|all| !all.is_empty()) || (is_match_all(pattern) && view.since(TABLES_IN_LISTS)) {
            Some(".".to_owned())
        } else {
            (is_country || TOP.contains(&name.as_str())).then_some(name)
        }
    };
    domains.map(|patterns| {
        let surely: Vec<String> = patterns.surely.iter().filter_map(reach).collect();
        let none = Members { surely: Vec::new(), rest: None };
        if surely.is_empty() && patterns.rest.is_none() {
            return none;
        }
        // A list of recipients is a limit of its own.
        let limited = !view.members("relay_recipient_maps").surely.is_empty()
            || UP_TO_RCPT.iter().any(|name| end_of(view, name, &judge_anybody) == Some(End::Refused));
        if limited { none } else { Members { surely, rest: patterns.rest } }
    })
}

/// Tables of patterns can be written where they are named.
const TABLES_IN_LISTS: Version = Version::new(3, 7, 0);

/// A table written in the list itself, whose first pattern fits every name.
fn is_match_all(pattern: &str) -> bool {
    let table = pattern.strip_prefix("regexp:").or_else(|| pattern.strip_prefix("pcre:")).unwrap_or("");
    let first: String = table.chars().filter(|c| !matches!(c, '{' | ' ')).collect();
    table.starts_with('{') && ["/./", "/.*/", "/^/", "/.+/", "/^.*$/", "/^.+$/"].iter().any(|all| first.starts_with(all))
}

/// True when no list for relaying refuses, and a table or service may let strangers pass the list for recipients.
fn unguarded(view: &View<'_>) -> Fact<bool> {
    let unseen = |word: &str| match judge_stranger(word) {
        None if is_unseen(word) => Some(End::Unseen),
        end => end,
    };
    let mut depends = false;
    let is_open = UP_TO_RCPT.iter().rev().all(|name| {
        let end = end_of(view, name, &unseen);
        depends |= end == Some(End::Unseen);
        end != Some(End::Refused)
    });
    let is_open = is_open && depends;
    match hidden(view, &UP_TO_RCPT) {
        Some(question) if is_open => Fact::unknown(question, view.because(RELAY)),
        _ => Fact::is(is_open, view.because(RELAY)),
    }
}

/// Permissions that depend on what the files do not show, and that a stranger may come by. A table of recipients permits those
/// it names and no others.
fn is_unseen(word: &str) -> bool {
    let seen = ["permit_mynetworks", "permit_sasl_authenticated", "permit_inet_interfaces", "permit_tls_clientcerts", "permit_tls_all_clientcerts"];
    // Of these `smtpd_check.c` takes no permission, or they need more than an unknown client has.
    let never = ["_ns_access", "_mx_access", "_a_access", "_reverse_client_hostname_access", "_ccert_access", "_sasl_access"];
    (word.starts_with("check_") && !word.starts_with("check_recipient_") && !never.iter().any(|end| word.ends_with(end)))
        || (word.starts_with("permit_") && !seen.contains(&word))
}

/// The checks of who owns an address that concern users who have logged in: `smtpd_check.c` makes the first of two, one for
/// users and one for strangers.
const OWNER_CHECKS: [&str; 3] =
    ["reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch", "reject_known_sender_login_mismatch"];

fn owner_check(word: &str) -> Option<End> {
    OWNER_CHECKS.into_iter().find(|check| *check == word).map(End::Found)
}

fn senders(view: &View<'_>) -> Fact<SenderCheck> {
    let user = |word: &str| match word {
        "permit" | "permit_sasl_authenticated" => Some(End::Permitted),
        "reject" | "defer" => Some(End::Refused),
        word => owner_check(word),
    };
    let early = if view.is_yes("smtpd_delay_reject") { 0 } else { 2 };
    // What is asked before anybody can have logged in does not count.
    let mut lists = UP_TO_RCPT.iter().skip(early).copied().collect::<Vec<_>>();
    lists.extend(["smtpd_data_restrictions", "smtpd_end_of_data_restrictions"]);
    let mut unreached = None;
    for name in &lists {
        let Some(End::Found(check)) = end_of(view, name, &owner_check) else { continue };
        match end_of(view, name, &user) {
            Some(End::Found(check)) => {
                let owners = view.members("smtpd_sender_login_maps");
                let check = match () {
                    () if !owners.surely.is_empty() || owners.rest.is_some() => SenderCheck::Enforced,
                    () if check == OWNER_CHECKS[2] => SenderCheck::Toothless,
                    () => SenderCheck::RefusesAll,
                };
                return Fact::is(check, view.because(name));
            }
            Some(End::Permitted) => {
                let stops_strangers = check != OWNER_CHECKS[1];
                unreached.get_or_insert_with(|| Fact::is(SenderCheck::Unreached { stops_strangers }, view.because(name)));
            }
            _ => {}
        }
    }
    match (hidden(view, &lists), unreached) {
        (Some(question), _) => Fact::unknown(question, view.because("smtpd_sender_restrictions")),
        (None, Some(unreached)) => unreached,
        (None, None) => Fact::is(SenderCheck::None, view.because("smtpd_sender_login_maps")),
    }
}

/// Below level 2, the level of every configuration that names none, defaults are those of Postfix 2.
fn old_defaults(view: &View<'_>) -> Fact<bool> {
    if !view.since(Version::new(3, 0, 0)) {
        return Fact::is(false, Vec::new());
    }
    let level = view.text("compatibility_level");
    let value = match level.value {
        Value::Is(level) => Value::Is(super::expand::parse_level(&level).is_some_and(|(major, ..)| major < 2)),
        Value::Unknown(question) => Value::Unknown(question),
    };
    Fact { value, because: level.because }
}
