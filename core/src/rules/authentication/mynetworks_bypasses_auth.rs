//! Submission that takes the network for a login.

use std::net::IpAddr;

use crate::change::Change;
use crate::facts::{Actor, Channel, Outcome, Recipient, Role};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "mynetworks-bypasses-auth", "mynetworks_bypasses_auth.md", Medium,
    gain: Relay,
    sources: [rfc(6409, "4.3"), rfc(5068, "3.1"), manual("postconf(5)", "permit_mynetworks")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut submission = context.with_role(Role::Submission).filter(|listener| listener.is_alive()).peekable();
    if submission.peek().is_none() {
        return sink.not_applicable("nothing listens for submission");
    }
    for listener in submission {
        let Some(networks) = listener.trusted.known() else {
            sink.wait_for_fact(&listener.trusted);
            continue;
        };
        let Some(pattern) = networks.patterns.surely.iter().find(|pattern| reaches_others(pattern)) else { continue };
        let at = |actor, channel| listener.outcomes.at(actor, channel, Recipient::Foreign);
        let accepted = |actor, channel| at(actor, channel).is_some_and(|one| one.known() == Some(&Outcome::Accepted));
        let open = [Channel::Clear, Channel::Tls]
            .into_iter()
            .find(|channel| accepted(Actor::Trusted, *channel) && !accepted(Actor::Stranger, *channel));
        if let Some(outcome) = open.and_then(|channel| at(Actor::Trusted, channel)) {
            let message = format!("{{listener}} takes mail to anywhere from `{pattern}` without a login");
            let draft = Draft::on(listener, message).because(&listener.trusted).because(outcome);
            sink.report(draft.change(Change::RequireAuth));
        }
    }
}

/// True for a pattern that surely holds machines beside this one.
fn reaches_others(pattern: &str) -> bool {
    let Some((address, prefix)) = pattern.rsplit_once('/') else { return false };
    let address = address.trim_matches(['[', ']']).parse::<IpAddr>();
    let Ok(prefix) = prefix.parse::<u8>() else { return false };
    match address {
        Ok(IpAddr::V4(address)) => !address.is_loopback() && prefix < 32,
        Ok(IpAddr::V6(address)) => {
            let own = address.is_loopback() || address.is_unicast_link_local();
            !own && address.to_ipv4_mapped().is_none_or(|mapped| !mapped.is_loopback()) && prefix < 128
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_hold_others() {
        for pattern in ["10.0.0.0/8", "192.0.2.0/24", "[2001:db8::]/32"] {
            assert!(reaches_others(pattern), "{pattern}");
        }
        for pattern in ["127.0.0.0/8", "[::1]/128", "[::ffff:127.0.0.0]/104", "192.0.2.1/32", "192.0.2.1", "[fe80::]/64", "hash:/x", "!10.0.0.0/8"] {
            assert!(!reaches_others(pattern), "{pattern}");
        }
    }
}
