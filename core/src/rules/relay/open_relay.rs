//! A server that sends mail for anybody to anywhere.

use crate::change::Change;
use crate::facts::{Actor, Channel, Outcome, Recipient};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "open-relay", "open_relay.md", Critical,
    sources: [rfc(5068, "3.2"), manual("SMTPD_ACCESS_README", "Dangerous use of smtpd_recipient_restrictions"), manual("postconf(5)", "smtpd_relay_restrictions")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut listeners = context.reachable().filter(|listener| listener.is_alive()).peekable();
    if listeners.peek().is_none() {
        return sink.not_applicable("nothing listens beyond the machine itself");
    }
    for listener in listeners {
        let outcomes = [Channel::Clear, Channel::Tls]
            .into_iter()
            .filter_map(|channel| listener.outcomes.at(Actor::Stranger, channel, Recipient::Foreign));
        if let Some(open) = outcomes.clone().find(|outcome| outcome.known() == Some(&Outcome::Accepted)) {
            let message = "{listener} sends mail for anybody to anywhere: it is an open relay";
            sink.report(Draft::on(listener, message).because(open).change_at(listener, Change::GuardRelay));
            continue;
        }
        for outcome in outcomes {
            sink.wait_for_fact(outcome);
        }
    }
}
