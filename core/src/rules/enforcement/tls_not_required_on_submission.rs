//! Submission where TLS is offered and may be left out.

use crate::change::Change;
use crate::facts::{Entry, Role};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "tls-not-required-on-submission", "tls_not_required_on_submission.md", High,
    gain: Password,
    sources: [rfc(3207, "6"), rfc(8314, "4.1"), rfc(9325, "3.2"), manual("postconf(5)", "smtpd_tls_security_level"), manual("Exim specification", "Access control lists")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut submission = context.with_role(Role::Submission).peekable();
    if submission.peek().is_none() {
        return sink.not_applicable("nothing listens for submission");
    }
    // A port of implicit TLS that begins in clear has a rule of its own.
    for listener in submission.filter(|listener| !listener.is_implicit_port_in_clear()) {
        let tls = &listener.tls;
        if tls.entry.known() != Some(&Entry::Starttls) || tls.works.surely_not() {
            if tls.entry.known().is_none() {
                sink.wait_for_fact(&tls.entry);
            }
            continue;
        }
        if tls.required.surely_not() {
            // With AUTH hidden from sessions in clear, what is left is a client that sends its password unasked.
            let hidden = listener.auth.before_tls.surely_not() && listener.auth.after_tls.surely();
            let severity = if hidden { Severity::Medium } else { Severity::High };
            sink.report(
                Draft::on(listener, "{listener} offers STARTTLS but takes mail without it")
                    .severity(severity)
                    .because(&tls.required)
                    .change(Change::RequireTls)
                    .unless_in_front(listener),
            );
        } else if tls.required.known().is_none() {
            sink.wait_for_fact(&tls.required);
        }
    }
}
