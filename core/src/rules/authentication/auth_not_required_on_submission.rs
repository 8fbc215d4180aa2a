//! Submission that takes mail from people who do not log in.

use crate::change::Change;
use crate::facts::{Actor, Channel, Listener, Outcome, Recipient, Role};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};
use crate::setting::{Scope, Setting, Status};

rule! {
    "auth-not-required-on-submission", "auth_not_required_on_submission.md", High,
    gain: Relay,
    sources: [rfc(6409, "4.3"), rfc(5068, "3.1"), manual("SASL_README", "Enabling SASL authorization in the Postfix SMTP server"), manual("Exim specification", "Access control lists")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut submission = context.with_role(Role::Submission).filter(|listener| listener.is_alive()).peekable();
    if submission.peek().is_none() {
        return sink.not_applicable("nothing listens for submission");
    }
    // A list that is empty only because nothing defines what it refers to is told by that name.
    let emptied: Vec<&Setting> = context.settings().filter(|setting| is_emptied(setting)).collect();
    for listener in submission {
        let at = |channel, recipient| listener.outcomes.at(Actor::Stranger, channel, recipient);
        let accepted = |channel, recipient| {
            at(channel, recipient).filter(|outcome| outcome.known() == Some(&Outcome::Accepted))
        };
        let channels = [Channel::Clear, Channel::Tls];
        // A stranger who may send to anywhere is the greater evil, and has a rule of its own.
        if channels.into_iter().any(|channel| accepted(channel, Recipient::Foreign).is_some()) {
            continue;
        }
        // A port of the machine's own users, where AUTH is offered to nobody, is another rule's business.
        if listener.auth.after_tls.surely_not() && listener.auth.before_tls.surely_not() {
            continue;
        }
        if emptied.iter().any(|setting| is_of(setting, listener)) {
            continue;
        }
        if let Some(open) = channels.into_iter().find_map(|channel| accepted(channel, Recipient::Local)) {
            let message = "{listener} takes mail for its own users from anybody, without a login";
            sink.report(Draft::on(listener, message).because(open).change(Change::RequireAuth));
            continue;
        }
        for outcome in channels.into_iter().filter_map(|channel| at(channel, Recipient::Local)) {
            sink.wait_for_fact(outcome);
        }
    }
}

/// True for a list of restrictions that refers to nothing.
fn is_emptied(setting: &Setting) -> bool {
    let guards = ["_client_restrictions", "_relay_restrictions", "_recipient_restrictions"];
    let names_nothing = matches!(&setting.status, Status::Undefined { names, .. } if !names.is_empty());
    names_nothing && guards.iter().any(|guard| setting.name.ends_with(guard))
}

/// True for an option of the listener's own.
fn is_of(setting: &Setting, listener: &Listener) -> bool {
    matches!(&setting.scope, Scope::Service(service) if *service == listener.service)
}
