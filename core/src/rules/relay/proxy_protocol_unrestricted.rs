//! Strangers who are believed when they say that they are somebody else.

use crate::change::Change;
use crate::facts::{Members, Networks};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

use super::trusted_networks_too_wide::{trust_counts, widest};

rule! {
    "proxy-protocol-unrestricted", "proxy_protocol_unrestricted.md", High,
    sources: [
        manual("XCLIENT_README", "Security"),
        manual("postconf(5)", "smtpd_authorized_xclient_hosts"),
        manual("postconf(5)", "smtpd_upstream_proxy_protocol"),
    ],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed() {
        let access = &listener.access;
        if let Some((pattern, severity)) = access.may_name_client.known().and_then(wide) {
            let message = format!("{{listener}} believes `{pattern}` that its clients are whoever they say: they may send to anywhere");
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
        if let (true, Some(question)) = (access.preamble.surely(), access.proxy_alone.value.question()) {
            let (severity, gain) = if trust_counts(listener) {
                (Severity::High, "pass for a trusted client and send to anywhere")
            } else {
                (Severity::Info, "hide its address")
            };
            let message = format!("{{listener}} takes everybody's word for a client's address: whoever gets past the proxy can {gain}");
            sink.report(Draft::on(listener, message).severity(severity).because(&access.preamble).depends_on(question));
        }
    }
}

/// The widest of the networks, when strangers are in it.
fn wide(patterns: &Members<String>) -> Option<(String, Severity)> {
    let networks = Networks { patterns: patterns.clone(), style: None };
    widest(&networks).map(|(pattern, severity)| (pattern.to_owned(), severity))
}
