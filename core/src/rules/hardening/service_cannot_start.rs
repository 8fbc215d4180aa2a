//! A listener that serves nobody.

use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "service-cannot-start", "service_cannot_start.md", High,
    sources: [manual("master(5)", "Command name + arguments"), manual("postconf(5)", "smtpd_tls_security_level")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    if context.server.listeners.is_empty() {
        return sink.not_applicable("nothing listens");
    }
    for listener in &context.server.listeners {
        if let Some(dead) = &listener.dead
            && let Some(cause) = dead.known()
        {
            sink.report(Draft::on(listener, format!("{{listener}} serves nobody: {}", cause.0)).because(dead));
        }
    }
}
