//! A listener that serves nobody.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "service-cannot-start", "service_cannot_start.md", High,
    sources: [manual("master(5)", "Command name + arguments"), manual("postconf(5)", "smtpd_relay_restrictions")],
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
            let draft = Draft::on(listener, format!("{{listener}} serves nobody: {}", cause.0)).because(dead);
            let lists_refuse_nobody = dead.because.iter().any(|step| step.setting() == Some("smtpd_relay_restrictions"));
            // The option that was meant, written so that it is read.
            let meant_wrapper = cause.0.contains("smtpd_tls_wrappermode") && cause.0.contains("missing '='");
            sink.report(match (lists_refuse_nobody, meant_wrapper) {
                (true, _) => draft.change(Change::GuardRelay),
                (false, true) => draft.change(Change::ImplicitTls),
                (false, false) => draft,
            });
        } else if let Some(question) = listener.port.value.question()
            && question.0.starts_with("port-")
        {
            // master(8) gives up over one name that it cannot resolve, and then nothing of the server runs.
            let message = "unless the machine's list of services knows it, {listener} keeps the whole server from starting";
            let mut draft = Draft::on(listener, message).depends_on(question);
            draft.at.extend(listener.defined);
            sink.report(draft);
        }
    }
}
