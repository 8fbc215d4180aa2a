//! A server that sends mail for anybody to anywhere.

use crate::change::Change;
use crate::facts::{Actor, Channel, Outcome, Recipient};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "open-relay", "open_relay.md", Critical,
    gain: Relay,
    sources: [rfc(5068, "3.2"), manual("SMTPD_ACCESS_README", "Dangerous use of smtpd_recipient_restrictions"), manual("postconf(5)", "smtpd_relay_restrictions"), manual("Exim specification", "Access control lists")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut listeners = context.reachable().filter(|listener| listener.is_alive()).peekable();
    if listeners.peek().is_none() {
        return sink.not_applicable("nothing listens beyond the machine itself");
    }
    for listener in listeners {
        let outcomes: Vec<_> = listener
            .tables()
            .flat_map(|table| [Channel::Clear, Channel::Tls].map(|channel| table.at(Actor::Stranger, channel, Recipient::Foreign)))
            .flatten()
            .collect();
        if let Some(at) = outcomes.iter().position(|outcome| outcome.known() == Some(&Outcome::Accepted)) {
            let (open, who) = (outcomes[at], if at < 2 { "anybody" } else { "anybody who comes by IPv6" });
            let message = format!("{{listener}} sends mail for {who} to anywhere: it is an open relay");
            sink.report(Draft::on(listener, message).because(open).change_at(listener, Change::GuardRelay));
            continue;
        }
        for outcome in outcomes {
            sink.wait_for_fact(outcome);
        }
    }
}
