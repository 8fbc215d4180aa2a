//! Port 465 must speak TLS from the first byte.

use crate::change::Change;
use crate::facts::Entry;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "implicit-port-without-wrapper", "implicit_port_without_wrapper.md", High,
    gain: Password,
    sources: [rfc(8314, "3.3"), rfc(8314, "7.3"), manual("TLS_README", "Enabling TLS in the Postfix SMTP server"), manual("Dovecot Service Configuration", "inet_listeners"), manual("Exim specification", "Starting the daemon and the use of network interfaces")],
    supersedes: ["auth-offered-in-clear", "port-465-not-ready"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut implicit = context.exposed().filter(|listener| listener.awaits_implicit_tls()).peekable();
    if implicit.peek().is_none() {
        return sink.not_applicable("nothing listens on port 465");
    }
    for listener in implicit {
        match listener.tls.entry.known() {
            Some(Entry::Implicit) => {}
            Some(entry @ (Entry::Starttls | Entry::None)) => {
                let message = "{listener} begins in clear, but its clients begin with TLS: no session comes about";
                let mut draft = Draft::on(listener, message).because(&listener.tls.entry).change(Change::ImplicitTls);
                if let Some(defined) = listener.defined {
                    draft.at.insert(0, defined);
                }
                // Passwords in clear come of the same cause, and are said with it.
                let clear = listener.auth.mechanisms.plaintext_before_tls.surely();
                let severity = if entry == &Entry::None || clear { Severity::Critical } else { Severity::High };
                sink.report(draft.severity(severity));
            }
            None => sink.wait_for_fact(&listener.tls.entry),
        }
    }
}
