//! An mx that takes every message in clear.

use crate::change::Change;
use crate::facts::{Entry, Fact, Role};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "no-opportunistic-tls-on-mx", "no_opportunistic_tls_on_mx.md", Medium,
    gain: Mail,
    sources: [rfc(9325, "5.2"), rfc(3207, "4"), manual("postconf(5)", "smtpd_tls_security_level"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut mx = context.with_role(Role::Mx).peekable();
    if mx.peek().is_none() {
        return sink.not_applicable("nothing takes mail from other servers");
    }
    // STARTTLS that is hidden has a rule of its own.
    for listener in mx.filter(|listener| !listener.tls.hidden.surely()) {
        let entry = &listener.tls.entry;
        match entry.known() {
            Some(Entry::None) => {
                // Nobody chose what every new installation begins with; who writes `none` turns TLS off on purpose.
                let severity = if is_chosen(context, entry) { Severity::Medium } else { Severity::Low };
                sink.report(
                    Draft::on(listener, "{listener} offers no TLS: mail from other servers arrives in clear")
                        .severity(severity)
                        .because(entry)
                        .change(Change::OfferTls)
                        .unless_in_front(listener),
                );
            }
            Some(_) => {}
            None => sink.wait_for_fact(entry),
        }
    }
}

/// True when a line decides that says something; print-outs of all settings write the defaults out.
fn is_chosen(context: &Context<'_>, entry: &Fact<Entry>) -> bool {
    let place = entry.place();
    let decides = context.settings().find(|setting| Some(setting.written) == place);
    decides.is_some_and(|setting| setting.effective.known().is_none_or(|value| !value.is_empty() && value != "no"))
}
