//! Passwords on their way to another machine that looks at them.

use std::net::IpAddr;

use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "unencrypted-sasl-backend", "unencrypted_sasl_backend.md", Medium,
    gain: Password,
    sources: [manual("SASL_README", "Configuring Dovecot SASL"), manual("postconf(5)", "smtpd_sasl_path"), manual("Dovecot Service Configuration", "inet_listeners")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for (place, sentence) in context.open_backends() {
        let mut draft = Draft::whole(sentence);
        draft.at.extend(place);
        sink.report(draft);
    }
    for listener in context.alive().filter(|one| one.auth.before_tls.surely() || one.auth.after_tls.surely()) {
        let backend = &listener.auth.backend;
        match backend.known() {
            Some(host) if !host.is_empty() => {
                let message = format!("{{listener}} sends every password to `{host}` without encryption");
                let severity = if is_near(host) { Severity::Low } else { Severity::Medium };
                sink.report(Draft::on(listener, message).severity(severity).because(backend));
            }
            Some(_) => {}
            None => sink.wait_for_fact(backend),
        }
    }
}

/// True for a name without dots, as containers have, and for private addresses: such a line may never leave the machine.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_unique_local(),
        Err(_) => !host.contains('.'),
    }
}
