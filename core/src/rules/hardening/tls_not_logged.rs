//! A log that does not tell which sessions were encrypted.

use crate::change::Change;
use crate::facts::{Entry, Role};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "tls-not-logged", "tls_not_logged.md", Low,
    gain: Nothing,
    sources: [rfc(8314, "4"), manual("postconf(5)", "smtpd_tls_loglevel"), manual("Exim specification", "Log files")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut encrypted =
        context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    // RFC 8314 asks for it where users connect; with them the line that is missing is one for all.
    let users = context.with_role(Role::Submission).any(|listener| listener.session.tls_log.known() == Some(&0));
    let severity = if users { Severity::Low } else { Severity::Info };
    for listener in encrypted {
        let log = &listener.session.tls_log;
        sink.wait_for_fact(log);
        if log.known() == Some(&0) {
            let draft = Draft::on(listener, "{listener} keeps no record of which sessions were encrypted").because(log);
            sink.report(draft.severity(severity).change(Change::LogTls));
        }
    }
}
