//! A port that turns clients away before they can log in.

use crate::change::Change;
use crate::facts::{Actor, Channel, Entry, Outcome, Recipient, Stage};
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "delay-reject-locks-out", "delay_reject_locks_out.md", High,
    gain: KeptOut,
    sources: [manual("postconf(5)", "smtpd_delay_reject"), manual("SMTPD_ACCESS_README", "Delayed evaluation of SMTP access restriction lists")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed().filter(|listener| listener.is_alive() && listener.locks_out.surely()) {
        // Over the channel where AUTH is offered, if it is.
        let channel = if listener.auth.after_tls.surely() && listener.tls.entry.known() != Some(&Entry::None) {
            Channel::Tls
        } else if listener.auth.before_tls.surely() {
            Channel::Clear
        } else {
            continue;
        };
        let Some(outcome) = listener.outcomes.at(Actor::Authenticated, channel, Recipient::Local) else { continue };
        if let Some(
            Outcome::Refused { stage: stage @ (Stage::Connect | Stage::Ehlo), .. }
            | Outcome::Deferred { stage: stage @ (Stage::Connect | Stage::Ehlo), .. },
        ) = outcome.known()
        {
            let place = if *stage == Stage::Connect { "in place of a greeting" } else { "at EHLO" };
            let message = format!("{{listener}} offers AUTH, and turns clients away {place}, before they can log in");
            sink.report(Draft::on(listener, message).because(outcome).change_at(listener, Change::RefuseAtRecipient));
        }
    }
}
