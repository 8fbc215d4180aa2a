//! AUTH at a listener, decided as smtpd decides it (SASL_README; postconf(5), smtpd_sasl_auth_enable and its kin).

use super::backend::{self, Link};
use super::config::View;
use super::restrictions::{names_everybody, words_for_everybody};
use crate::facts::{Auth, Cause, Channel, Entry, Fact, Mechanisms, Members, Step, Tls, Value};
use crate::question::QuestionId;
use crate::version::Version;

/// AUTH as smtpd offers it in this view.
pub(super) fn of(view: &View<'_>, tls: &Tls) -> Auth {
    let enabled = taken_at_all(view);
    let hidden_from = hidden_from(view, &enabled);
    let enabled = announced(view, &hidden_from, enabled);
    let before_tls = before_tls(view, tls, &enabled);
    let after_tls = after_tls(tls, &enabled);
    let plaintext = |offered: &Fact<bool>, options: &str| plaintext(view, offered, options);
    let link = backend::of(view);
    let plaintext = |offered: &Fact<bool>, options: &str| link.plaintext(plaintext(offered, options));
    let mechanisms = Mechanisms {
        plaintext_before_tls: plaintext(&before_tls, "smtpd_sasl_security_options"),
        plaintext_after_tls: plaintext(&after_tls, "smtpd_sasl_tls_security_options"),
        anonymous: link.anonymous(anonymous(view, &before_tls, &after_tls)),
        picked: picked(view, &enabled),
        names: names(view, &link, &enabled),
    };
    let old_form = if enabled.surely() { view.boolean("broken_sasl_auth_clients") } else { enabled };
    Auth { before_tls, after_tls, old_form, backend: backend(view), hidden_from, mechanisms }
}

/// Only `noanonymous` keeps ANONYMOUS away. The filter for names hides it from the answer to EHLO, and smtpd takes it all the
/// same (3.7.11).
fn anonymous(view: &View<'_>, before_tls: &Fact<bool>, after_tls: &Fact<bool>) -> Fact<bool> {
    let stages = [(before_tls, "smtpd_sasl_security_options"), (after_tls, "smtpd_sasl_tls_security_options")];
    for (_, name) in stages.into_iter().filter(|(offered, _)| !offered.surely_not()) {
        let words = view.members(name);
        if words.surely.iter().any(|word| word.eq_ignore_ascii_case("noanonymous")) {
            continue;
        }
        return match &words.rest {
            Some(question) => Fact::unknown(question.clone(), view.because(name)),
            None => Fact::is(true, view.because(name)),
        };
    }
    Fact::is(false, Vec::new())
}

/// The names that `smtpd_sasl_mechanism_filter` spells out. Before 3.6 there is no such filter.
fn picked(view: &View<'_>, enabled: &Fact<bool>) -> Fact<Members<String>> {
    if enabled.surely_not() || !view.since(Version::new(3, 6, 0)) {
        return Fact::is(Members { surely: Vec::new(), rest: None }, Vec::new());
    }
    view.match_list("smtpd_sasl_mechanism_filter").map(|mut words| {
        words.surely.retain(|word| !word.contains(['!', ':', '/']));
        words
    })
}

/// Dovecot may be asked on another machine (SASL_README, "Configuring Dovecot SASL"); what goes there is not encrypted.
fn backend(view: &View<'_>) -> Fact<String> {
    if view.known("smtpd_sasl_type").is_none_or(|kind| kind.text != "dovecot") {
        return Fact::is(String::new(), Vec::new());
    }
    view.text("smtpd_sasl_path").map(|path| {
        let host = path.strip_prefix("inet:").and_then(|place| place.rsplit_once(':')).map_or("", |(host, _)| host);
        if super::listeners::is_loopback(host) { String::new() } else { host.trim_matches(['[', ']']).to_owned() }
    })
}

/// Whether AUTH is taken over this channel, whoever is told of it: `smtpd_sasl_exceptions_networks` hides it, and smtpd answers
/// the command all the same (`smtpd_sasl_proto.c`).
pub(super) fn taken(view: &View<'_>, tls: &Tls, channel: Channel) -> Fact<bool> {
    let enabled = taken_at_all(view);
    match channel {
        Channel::Clear => before_tls(view, tls, &enabled),
        Channel::Tls => after_tls(tls, &enabled),
    }
}

/// `smtpd_sasl_auth_enable`, unless the command is taken away from everybody.
fn taken_at_all(view: &View<'_>) -> Fact<bool> {
    let enabled = view.boolean("smtpd_sasl_auth_enable");
    if !enabled.surely() {
        return enabled;
    }
    let is_auth = |word: &String| word.eq_ignore_ascii_case("auth");
    let (keywords, tables) = ("smtpd_discard_ehlo_keywords", "smtpd_discard_ehlo_keyword_address_maps");
    if let Some(words) = words_for_everybody(view, tables) {
        let because = || [view.because(tables), enabled.because.clone()].concat();
        return if words.iter().any(is_auth) { Fact::is(false, because()) } else { enabled };
    }
    if view.members(keywords).surely.iter().any(is_auth) {
        return Fact::is(false, [view.because(keywords), enabled.because].concat());
    }
    enabled
}

const EXCEPTIONS: &str = "smtpd_sasl_exceptions_networks";

/// Whom AUTH is hidden from.
fn hidden_from(view: &View<'_>, enabled: &Fact<bool>) -> Fact<Members<String>> {
    if enabled.surely_not() {
        return Fact::is(Members { surely: Vec::new(), rest: None }, Vec::new());
    }
    view.match_list(EXCEPTIONS)
}

/// Whether clients from anywhere are told of it.
fn announced(view: &View<'_>, hidden_from: &Fact<Members<String>>, enabled: Fact<bool>) -> Fact<bool> {
    let some = hidden_from.known().is_some_and(|networks| !networks.surely.is_empty());
    if some && names_everybody(view, EXCEPTIONS) {
        return Fact::is(false, [hidden_from.because.clone(), enabled.because].concat());
    }
    enabled
}

fn before_tls(view: &View<'_>, tls: &Tls, enabled: &Fact<bool>) -> Fact<bool> {
    if !enabled.surely() {
        return enabled.clone();
    }
    // Enforced TLS hides AUTH from sessions in clear, whatever `smtpd_tls_auth_only` says.
    match (&tls.entry.value, &tls.required.value) {
        (Value::Is(Entry::Implicit), _) => return Fact::is(false, tls.entry.because.clone()),
        (_, Value::Is(true)) => return Fact::is(false, tls.required.because.clone()),
        (_, Value::Unknown(question)) | (Value::Unknown(question), _) => {
            let only = view.boolean("smtpd_tls_auth_only");
            return if only.surely() {
                Fact::is(false, only.because)
            } else {
                Fact::unknown(question.clone(), tls.required.because.clone())
            };
        }
        _ => {}
    }
    let only = view.boolean("smtpd_tls_auth_only");
    let because = [enabled.because.clone(), only.because].concat();
    match only.value {
        Value::Is(only) => Fact::is(!only, if only { rotate(because) } else { because }),
        Value::Unknown(question) => Fact::unknown(question, because),
    }
}

/// The step that decides stands first.
fn rotate(mut because: Vec<Step>) -> Vec<Step> {
    because.rotate_left(1);
    because
}

fn after_tls(tls: &Tls, enabled: &Fact<bool>) -> Fact<bool> {
    if !enabled.surely() {
        return enabled.clone();
    }
    match &tls.works.value {
        Value::Is(true) => enabled.clone(),
        Value::Is(false) => Fact::is(false, tls.works.because.clone()),
        Value::Unknown(question) => Fact::unknown(question.clone(), tls.works.because.clone()),
    }
}

/// Mechanisms that show the password are offered unless the options hide them.
fn plaintext(view: &View<'_>, offered: &Fact<bool>, options: &str) -> Fact<bool> {
    if !offered.surely() {
        return offered.clone();
    }
    let options = view.list(options);
    let because = [offered.because.clone(), options.because.clone()].concat();
    match &options.value {
        Value::Is(words) if words.surely.iter().any(|word| word.eq_ignore_ascii_case("noplaintext")) => {
            Fact::is(false, options.because)
        }
        Value::Is(Members { rest: Some(question), .. }) | Value::Unknown(question) => {
            Fact::unknown(question.clone(), because)
        }
        Value::Is(_) => Fact::is(true, because),
    }
}

/// The names come from the authentication service, which the files of Postfix only point to.
fn names(view: &View<'_>, link: &Link<'_>, enabled: &Fact<bool>) -> Fact<Members<String>> {
    let nothing = Members { surely: Vec::new(), rest: None };
    if enabled.surely_not() {
        return Fact::is(nothing, enabled.because.clone());
    }
    if let Some(names) = link.names(view).filter(|_| enabled.surely()) {
        return names;
    }
    let question = link.question(view).unwrap_or_else(|| service_question(view));
    Fact::is(Members { rest: Some(question), ..nothing }, enabled.because.clone())
}

fn service_question(view: &View<'_>) -> QuestionId {
    let command = match view.known("smtpd_sasl_type") {
        Some(kind) if kind.text == "dovecot" => "doveconf auth_mechanisms",
        _ => "cat /etc/postfix/sasl/smtpd.conf",
    };
    view.ask("sasl-mechanisms", "Which mechanisms does the authentication service offer?", command)
}

/// The words that the options may hold (postconf(5), smtpd_sasl_security_options).
const SECURITY_OPTIONS: &[&str] =
    &["noplaintext", "noactive", "nodictionary", "noanonymous", "forward_secrecy", "mutual_auth"];

/// smtpd reads the options when it first offers AUTH, and stops at a word it does not know.
pub(super) fn unreadable_options(view: &View<'_>, auth: &Auth) -> Option<Fact<Cause>> {
    if !auth.before_tls.surely() {
        return None;
    }
    let options = view.list("smtpd_sasl_security_options");
    let word = options.known()?.surely.iter().find(|word| !SECURITY_OPTIONS.iter().any(|known| word.eq_ignore_ascii_case(known)))?;
    let why = format!("smtpd stops at `{word}` in `smtpd_sasl_security_options`: there is no such option");
    Some(Fact::is(Cause(why), options.because))
}
