//! Ports other than 465, 993 and 995 must begin in clear.

use crate::change::Change;
use crate::facts::{Entry, Role};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "wrapper-on-starttls-port", "wrapper_on_starttls_port.md", High,
    gain: KeptOut,
    sources: [rfc(8314, "3.3"), rfc(6409, "3.1"), manual("postconf(5)", "smtpd_tls_wrappermode"), manual("Dovecot Service Configuration", "inet_listeners"), manual("Exim specification", "Starting the daemon and the use of network interfaces")],
    supersedes: ["tls-required-on-mx"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut others = context.exposed().filter(|listener| matches!(listener.known_port(), Some(25 | 110 | 143 | 587))).peekable();
    if others.peek().is_none() {
        return sink.not_applicable("nothing listens on port 25, 587, 143 or 110");
    }
    for listener in others {
        match listener.tls.entry.known() {
            Some(Entry::Implicit) if listener.known_role() == Role::Mx => sink.report(
                Draft::on(listener, "{listener} begins with TLS at once: no other mail server can deliver to it")
                    .severity(Severity::Critical)
                    .because(&listener.tls.entry)
                    .change(Change::EndImplicitTls),
            ),
            Some(Entry::Implicit) => sink.report(
                Draft::on(listener, "{listener} begins with TLS at once, but its clients begin in clear: they wait and give up")
                    .because(&listener.tls.entry)
                    .change(Change::EndImplicitTls),
            ),
            Some(Entry::Starttls | Entry::None) => {}
            None => sink.wait_for_fact(&listener.tls.entry),
        }
    }
}
