//! A log full of what only a search for a fault needs.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "tls-loglevel-too-high", "tls_loglevel_too_high.md", Low,
    gain: Password,
    sources: [manual("postconf(5)", "smtpd_tls_loglevel")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.alive() {
        let log = &listener.session.tls_log;
        if log.known().is_some_and(|level| *level >= 3) {
            let draft = Draft::on(listener, "{listener} dumps every TLS handshake into the log").because(log);
            sink.report(draft.change(Change::LogTls));
        }
    }
}
