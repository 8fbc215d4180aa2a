//! Strangers who are believed when they say that they are somebody else.

use crate::change::Change;
use crate::facts::{Listener, Members, Networks};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

use super::trusted_networks_too_wide::{trust_counts, widest};

rule! {
    "proxy-protocol-unrestricted", "proxy_protocol_unrestricted.md", High,
    gain: Relay,
    sources: [
        manual("XCLIENT_README", "Security"),
        manual("postconf(5)", "smtpd_authorized_xclient_hosts"),
        manual("postconf(5)", "smtpd_upstream_proxy_protocol"),
    ],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let proxied = |listener: &Listener| listener.access.preamble.surely() && !listener.access.proxy_alone.surely();
    let gives_trust = context.exposed().any(|listener| proxied(listener) && trust_counts(listener));
    for listener in context.exposed() {
        let access = &listener.access;
        if let Some((pattern, severity)) = access.may_name_client.known().and_then(wide) {
            let message = format!("{{listener}} believes clients in `{pattern}` whatever they say of themselves: they may send to anywhere");
            sink.report(
                Draft::on(listener, message)
                    .severity(severity)
                    .because(&access.may_name_client)
                    .change(Change::BelieveNoClient),
            );
        }
        if let Some((pattern, _)) = access.may_name_for_log.known().and_then(wide) {
            let message = format!("{{listener}} lets `{pattern}` choose which client the log names");
            sink.report(Draft::on(listener, message).severity(Severity::Low).because(&access.may_name_for_log));
        }
        sink.wait_for_fact(&access.preamble);
        let Some(question) = access.proxy_alone.value.question().filter(|_| proxied(listener)) else {
            continue;
        };
        let (severity, gain) = match (trust_counts(listener), gives_trust) {
            (true, _) => (Severity::High, "pass for a trusted client and send to anywhere"),
            (false, false) => (Severity::Info, "hide where it comes from"),
            // The ports where more is to be had tell it.
            (false, true) => continue,
        };
        let message = format!("{{listener}} takes everybody's word for a client's address: whoever gets past the proxy can {gain}");
        sink.report(Draft::on(listener, message).severity(severity).because(&access.preamble).depends_on(question));
    }
}

/// The widest of the networks, when strangers are in it.
pub(crate) fn wide(patterns: &Members<String>) -> Option<(String, Severity)> {
    let networks = Networks { patterns: patterns.clone(), style: None };
    widest(&networks).map(|(pattern, severity)| (pattern.to_owned(), severity))
}
