//! An mx that refuses mail without TLS loses mail.

use crate::change::Change;
use crate::facts::{Actor, Channel, Circumstance, Entry, Fact, Listener, Outcome, Recipient, Role, Stage};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "tls-required-on-mx", "tls_required_on_mx.md", High,
    gain: KeptOut,
    sources: [rfc(3207, "4"), manual("postconf(5)", "smtpd_tls_security_level"), manual("Exim specification", "Access control lists")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut mx = context.with_role(Role::Mx).peekable();
    if mx.peek().is_none() {
        return sink.not_applicable("nothing takes mail from other servers");
    }
    for listener in mx {
        let tls = &listener.tls;
        // Whoever is turned away when it comes for the first time never comes as far as the rest.
        let first = listener.in_case_of(Circumstance::FirstContact);
        let at_first = first.and_then(|table| table.at(Actor::Stranger, Channel::Clear, Recipient::Local));
        if let Some(refused) = at_first.filter(|one| matches!(one.known(), Some(Outcome::Refused { stage: Stage::Mail, .. }))) {
            let message = "{listener} refuses mail from servers that do not use TLS when they come for the first time";
            sink.report(Draft::on(listener, message).because(refused));
        } else if tls.required.surely() && tls.entry.known() != Some(&Entry::Implicit) && takes_mail_inside_tls(listener) {
            sink.report(
                Draft::on(listener, "{listener} refuses mail from servers that do not use TLS")
                    .because(&tls.required)
                    .change(Change::OfferTls),
            );
        } else if tls.required.known().is_none() {
            sink.wait_for_fact(&tls.required);
        }
    }
}

/// Where servers are refused whatever they do, it is not for want of TLS.
fn takes_mail_inside_tls(listener: &Listener) -> bool {
    let inside = |recipient| listener.outcomes.at(Actor::Stranger, Channel::Tls, recipient);
    let may = |outcome: &Fact<Outcome>| !matches!(outcome.known(), Some(Outcome::Refused { .. } | Outcome::Dead(_)));
    [Recipient::Local, Recipient::Foreign].into_iter().filter_map(inside).any(may)
}
