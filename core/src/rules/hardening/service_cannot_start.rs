//! A listener that serves nobody.

use crate::change::Change;
use crate::facts::{Actor, Cause, Channel, Entry, Fact, Listener, Outcome, Recipient, Role, Stage, Step};
use crate::rule::{Citation, Context, Draft, Sink, manual, rule};

rule! {
    "service-cannot-start", "service_cannot_start.md", High,
    gain: KeptOut,
    sources: [
        manual("master(5)", "Command name + arguments"),
        manual("postconf(5)", "smtpd_relay_restrictions"),
        manual("postconf(5)", "The general format of the main.cf file"), manual("Dovecot Config File Syntax", "Basics"), manual("Dovecot 2.4 Settings", "dovecot_config_version"), manual("Exim specification", "The Exim runtime configuration file")],
    supersedes: [],
    check
}

/// Settings that keep services from starting, with what is written about them.
const SETTINGS: &[(&str, &[Citation])] = &[
    ("smtpd_relay_restrictions", &[manual("postconf(5)", "smtpd_relay_restrictions")]),
    ("smtpd_restriction_classes", &[manual("postconf(5)", "smtpd_restriction_classes")]),
    ("mynetworks", &[manual("postconf(5)", "mynetworks")]),
    ("smtpd_sasl_security_options", &[manual("postconf(5)", "smtpd_sasl_security_options")]),
    ("smtpd_tls_security_level", &[manual("postconf(5)", "smtpd_tls_security_level")]),
    ("smtpd_tls_mandatory_protocols", &[manual("postconf(5)", "smtpd_tls_mandatory_protocols")]),
    ("smtpd_tls_cert_file", &[manual("TLS_README", "Server-side certificate and private key configuration")]),
    ("smtpd_tls_chain_files", &[manual("TLS_README", "Server-side certificate and private key configuration")]),
];

/// What is written about options.
const OPTIONS: &[Citation] = &[manual("master(5)", "Command name + arguments")];
/// What is written about lists that let nobody pass.
const LISTS: &[Citation] = &[manual("SMTPD_ACCESS_README", "Access restriction lists"), manual("postconf(5)", "permit_sasl_authenticated")];
/// What is written about names of ports.
const NAMES: &[Citation] = &[manual("postconf(5)", "known_tcp_ports")];
/// What is written about lines and values.
const VALUES: &[Citation] = &[manual("postconf(5)", "The general format of the main.cf file")];

/// What is written about the line that decides.
fn sources(dead: &Fact<Cause>) -> &'static [Citation] {
    let written = |step: &Step| SETTINGS.iter().find(|(name, _)| step.setting() == Some(*name));
    match (dead.because.iter().find_map(written), dead.because.first()) {
        (Some((_, sources)), _) => sources,
        (None, Some(Step::Override { setting, .. })) if setting.is_empty() => OPTIONS,
        _ => VALUES,
    }
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    if context.server.listeners.is_empty() {
        return sink.not_applicable("nothing listens");
    }
    for listener in &context.server.listeners {
        if let Some(dead) = &listener.dead
            && let Some(cause) = dead.known()
        {
            let draft = Draft::on(listener, format!("{{listener}} serves nobody: {}", cause.0)).because(dead).resting_on(sources(dead));
            let lists_refuse_nobody = dead.because.iter().any(|step| step.setting() == Some("smtpd_relay_restrictions"));
            sink.report(match (lists_refuse_nobody, context.meant(&dead.because)) {
                (true, _) => draft.change(Change::GuardRelay),
                (false, Some(change)) => draft.change_server(change),
                (false, None) => draft,
            });
        } else if let Some(question) = listener.port.value.question()
            && question.0.starts_with("port-")
        {
            // master(8) gives up over one name that it cannot resolve, and then nothing of the server runs.
            let message = "unless the machine's list of services knows it, {listener} keeps the whole server from starting";
            let mut draft = Draft::on(listener, message).depends_on(question).resting_on(NAMES);
            draft.at.extend(listener.defined);
            sink.report(draft);
        } else if let Some(outcome) = refused_with_login(listener) {
            let mut lists = outcome.because.iter().filter_map(Step::setting);
            let list = lists.find(|name| name.ends_with("_restrictions")).unwrap_or("smtpd_relay_restrictions");
            let change = match list {
                "smtpd_relay_restrictions" => Change::RequireAuth,
                list => Change::LetUsersPass { list: list.to_owned() },
            };
            let message = format!("{{listener}} refuses the mail of users who have logged in, at `{list}`");
            sink.report(Draft::on(listener, message).because(outcome).change(change).resting_on(LISTS));
        }
    }
}

/// What users get who have logged in at a port for them, when that is a refusal by a list that lets nobody pass.
fn refused_with_login(listener: &Listener) -> Option<&Fact<Outcome>> {
    let tls = &listener.tls;
    let channel = match listener.auth.after_tls.surely() && tls.entry.known() != Some(&Entry::None) {
        true => Channel::Tls,
        false if listener.auth.before_tls.surely() => Channel::Clear,
        false => return None,
    };
    // What another rule says is said there.
    let told = listener.locks_out.surely() || listener.stumbles.known().is_none_or(Option::is_some) || listener.is_implicit_port_in_clear();
    let outcome = listener.outcomes.at(Actor::Authenticated, channel, Recipient::Foreign)?;
    let refused = matches!(outcome.known(), Some(Outcome::Refused { stage: Stage::Rcpt, code: 554 | 550 | 454 } | Outcome::Deferred { stage: Stage::Rcpt, code: 454 | 450 }));
    (refused && !told && listener.is_alive() && listener.known_role() == Role::Submission).then_some(outcome)
}
