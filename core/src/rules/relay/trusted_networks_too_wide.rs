//! Networks whose clients may send to anywhere without proving who they are.

use std::net::IpAddr;

use crate::change::Change;
use crate::facts::{Actor, Channel, Listener, Networks, Outcome, Recipient, Role, Step};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "trusted-networks-too-wide", "trusted_networks_too_wide.md", High,
    gain: Relay,
    sources: [rfc(5068, "3.2"), manual("postconf(5)", "mynetworks"), manual("postconf(5)", "mynetworks_style"), manual("Exim specification", "Access control lists")],
    supersedes: ["open-relay", "mynetworks-bypasses-auth"],
    check
}

/// Trust that reaches no further than the machine.
const MACHINE: &[&str] = &["127.0.0.0/8", "[::1]/128"];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut listeners = context.reachable().peekable();
    if listeners.peek().is_none() {
        return sink.not_applicable("nothing listens beyond the machine itself");
    }
    for listener in listeners.filter(|listener| trust_counts(listener)) {
        let Some(networks) = listener.trusted.known() else {
            sink.wait_for_fact(&listener.trusted);
            continue;
        };
        // Whoever else is named stays.
        let narrow = || {
            let named = networks.patterns.surely.iter().filter(|pattern| severity(pattern).is_none());
            let kept: Vec<String> = named.filter(|pattern| !pattern.starts_with('!')).cloned().collect();
            let nobody = kept.is_empty() || networks.style.is_some();
            Change::TrustOnly(if nobody { MACHINE.iter().map(|&pattern| pattern.to_owned()).collect() } else { kept })
        };
        // Whom a port for trusted clients trusts is for its owner to say, as long as it is not the world.
        let internal = listener.known_role() == Role::Internal;
        if let Some((pattern, severity)) = widest(networks).filter(|(_, severity)| !internal || *severity == Severity::Critical) {
            let who = match severity {
                Severity::Critical => "everybody",
                _ => "a large part of the public network",
            };
            let message = format!("{{listener}} trusts `{pattern}`: {who} may send to anywhere without a password");
            let draft = Draft::on(listener, message).severity(severity).because(&listener.trusted);
            let way_out = narrow();
            let draft = if is_its_own(listener) { draft.change(way_out) } else { draft.change_server(way_out) };
            sink.report(if opens(listener) { draft } else { draft.not_curing(&["open-relay"]) });
        } else if internal {
            continue;
        } else if let Some(style) = &networks.style {
            match style.known().map(String::as_str) {
                Some(word @ ("subnet" | "class")) => {
                    // A class may be one address in 256 of all there are, or in 65,536: a provider's other customers at least.
                    let (reach, severity) = match word {
                        "class" => ("the whole class of network", Severity::High),
                        _ => ("every machine of the subnets", Severity::Medium),
                    };
                    let message = format!("{{listener}} trusts {reach} the server stands in, without a password");
                    sink.report(
                        Draft::on(listener, message)
                            .severity(severity)
                            .because(style)
                            .because(&listener.trusted)
                            .change_server(narrow()),
                    );
                }
                Some(_) => {}
                None => sink.wait_for_fact(style),
            }
        } else if let Some(question) = &networks.patterns.rest {
            sink.wait_for(question);
        }
    }
}

/// True where an option of the service itself decides whom it trusts: what is written for the whole server does not reach it.
fn is_its_own(listener: &Listener) -> bool {
    listener.trusted.because.iter().any(|step| matches!(step, Step::Override { .. }))
}

/// True where strangers get through because they are taken for trusted clients: the narrower list cures that.
fn opens(listener: &Listener) -> bool {
    let tables = || listener.tables();
    [Channel::Clear, Channel::Tls].into_iter().flat_map(|channel| tables().map(move |table| (channel, table))).all(|(channel, table)| {
        let outcome = table.at(Actor::Stranger, channel, Recipient::Foreign);
        outcome.is_none_or(|outcome| {
            let by_trust = || outcome.because.iter().filter_map(Step::setting).any(|name| name.starts_with("mynetworks"));
            // What tells whom Exim trusts is the very statement that lets them send.
            let by_the_same = || !outcome.because.is_empty() && outcome.because == listener.trusted.because;
            outcome.known() != Some(&Outcome::Accepted) || by_trust() || by_the_same()
        })
    })
}

/// False where the lists refuse even trusted clients, or never ask who is trusted: then it does not matter who is.
pub(super) fn trust_counts(listener: &Listener) -> bool {
    // A port that starts again once something else is mended will ask who is trusted.
    if listener.judged_though_dead {
        return true;
    }
    [Channel::Clear, Channel::Tls].into_iter().any(|channel| {
        let outcome = listener.outcomes.at(Actor::Trusted, channel, Recipient::Foreign);
        outcome.is_some_and(|outcome| matches!(outcome.outcome(), Outcome::Accepted | Outcome::Unknown(_)))
    })
}

/// The worst of the patterns, unless an exclusion before it takes the same network out again.
pub(super) fn widest(networks: &Networks) -> Option<(&str, Severity)> {
    let mut excluded: Vec<&str> = Vec::new();
    let mut worst: Option<(&str, Severity)> = None;
    for pattern in &networks.patterns.surely {
        if let Some(out) = pattern.strip_prefix('!') {
            excluded.push(out);
            continue;
        }
        if excluded.contains(&pattern.as_str()) {
            continue;
        }
        // Postfix gives up the whole list at an address with bits behind its prefix, and defers the mail.
        if has_host_bits(pattern) {
            break;
        }
        if let Some(severity) = severity(pattern)
            && worst.is_none_or(|(_, known)| severity > known)
        {
            worst = Some((pattern, severity));
        }
    }
    worst
}

/// How bad it is to trust a pattern; `None` for private networks, small ones, and what is no network.
fn severity(pattern: &str) -> Option<Severity> {
    if pattern == "static:all" {
        return Some(Severity::Critical);
    }
    let (address, prefix) = pattern.rsplit_once('/')?;
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let prefix: u8 = prefix.parse().ok()?;
    match address {
        IpAddr::V4(address) => {
            let private = address.is_private() || address.is_loopback() || address.is_link_local() || is_shared(address);
            match prefix {
                0..=7 => Some(Severity::Critical),
                8..=23 if !private => Some(Severity::High),
                _ => None,
            }
        }
        IpAddr::V6(address) => {
            let private = address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local();
            match prefix {
                0..=16 if !private => Some(Severity::Critical),
                17..=47 if !private => Some(Severity::High),
                _ => None,
            }
        }
    }
}

/// True for a pattern such as `10.1.2.3/8`, which Postfix cannot read.
fn has_host_bits(pattern: &str) -> bool {
    let Some((address, prefix)) = pattern.rsplit_once('/') else { return false };
    let (Ok(address), Ok(prefix)) = (address.trim_matches(['[', ']']).parse::<IpAddr>(), prefix.parse::<u32>()) else {
        return false;
    };
    match address {
        IpAddr::V4(address) => u32::from(address).checked_shl(prefix).unwrap_or(0) != 0,
        IpAddr::V6(address) => u128::from(address).checked_shl(prefix).unwrap_or(0) != 0,
    }
}

/// 100.64.0.0/10, for carriers' own use (RFC 6598).
fn is_shared(address: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_behind_the_prefix() {
        assert!(has_host_bits("10.1.2.3/8") && has_host_bits("[2001:db8::1]/32"));
        assert!(!has_host_bits("10.0.0.0/8") && !has_host_bits("0.0.0.0/0") && !has_host_bits("192.0.2.1/32"));
    }

    #[test]
    fn widths() {
        for (pattern, expected) in [
            ("0.0.0.0/0", Some(Severity::Critical)),
            ("[::]/0", Some(Severity::Critical)),
            ("::/0", Some(Severity::Critical)),
            ("0.0.0.0/1", Some(Severity::Critical)),
            ("static:all", Some(Severity::Critical)),
            ("198.51.0.0/16", Some(Severity::High)),
            ("[2001:db8::]/32", Some(Severity::High)),
            ("127.0.0.0/8", None),
            ("10.0.0.0/8", None),
            ("172.16.0.0/12", None),
            ("192.0.2.0/24", None),
            ("[::1]/128", None),
            ("[::ffff:127.0.0.0]/104", None),
            ("[fe80::]/10", None),
            ("hash:/etc/postfix/networks", None),
        ] {
            assert_eq!(severity(pattern), expected, "{pattern}");
        }
    }
}
