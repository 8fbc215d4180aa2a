//! A password for another server, over a session that may be in clear.

use std::net::IpAddr;

use crate::change::Change;
use crate::facts::{Assurance, Outbound, Step, Traffic, is_machine};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "outbound-smarthost-tls-not-required", "outbound_smarthost_tls_not_required.md", High,
    gain: Password,
    sources: [
        rfc(3207, "6"),
        rfc(8314, "3"),
        manual("postconf(5)", "smtp_tls_security_level"),
        manual("postconf(5)", "smtp_tls_wrappermode"),
        manual("Exim specification", "The smtp transport"),
    ],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    if context.server.outbound.is_empty() {
        return sink.not_applicable("nothing given sends mail by SMTP");
    }
    // Of several ways with one cause the last one is spoken of: the one that most mail takes.
    let ways = &context.server.outbound;
    let of = |traffic: Option<Traffic>| ways.iter().filter(move |way| way.traffic.known().copied() == traffic);
    let ways = of(Some(Traffic::Named)).chain(of(Some(Traffic::Relayed))).chain(of(Some(Traffic::Default)));
    for way in of(None) {
        sink.wait_for_fact(&way.traffic);
    }
    // A client that nothing is sent to harms nobody.
    for way in ways.filter(|way| way.is_in_use() || way.next_hop.known().is_none()) {
        if let Some(stuck) = &way.stuck
            && let Some(cause) = stuck.known()
        {
            // What tables send there may be nothing at all.
            let (what, severity) = match (way.is_in_use(), way.spoken_host()) {
                (false, _) => (format!("what is sent to `{}`", way.name), Severity::Medium),
                (_, Some(host)) => (format!("mail for {host}"), Severity::High),
                (_, None) => ("mail for other servers".to_owned(), Severity::High),
            };
            let message = format!("{what} stays in the queue: {}", cause.0);
            let draft = Draft::on_server(message).severity(severity).because(stuck);
            sink.report(draft.change_server(over_tls(way)));
        } else if way.is_in_use() && !way.password.surely_not() {
            check_password(context, way, sink);
        }
    }
}

/// Mail handed to one host with a password, or perhaps.
fn check_password(context: &Context<'_>, way: &Outbound, sink: &mut Sink) {
    let host = match way.next_hop.known() {
        None => return sink.wait_for_fact(&way.next_hop),
        // In a list of Exim's one sign stands for every host that DNS names, and whose they are nobody knows.
        Some(None) if context.server.dialect == "exim" && way.password.surely() => {
            return sink.report(Draft::on_server("the password goes to every server that mail is sent to").because(&way.password));
        }
        // Postfix gives hosts found by DNS a password only if the table names them, which nobody does.
        Some(None) => return,
        Some(Some(host)) => host,
    };
    let optional = match way.tls.known() {
        Some(Assurance::Required | Assurance::Verified) => return,
        known => known.is_some(),
    };
    if is_machine(host) {
        return;
    }
    let exceptions = way.exceptions.as_ref().filter(|_| way.password.surely());
    if let (true, true, None) = (optional, way.password.surely(), exceptions) {
        let hidden = way.password_in_clear.surely_not();
        let severity = match is_private(host) {
            true => Severity::Low,
            false if hidden => Severity::Medium,
            false => Severity::High,
        };
        let what = if hidden { "the mail" } else { "the password and the mail" };
        let name = way.spoken_host().unwrap_or_default();
        let message = format!("TLS to {name} may be left out: {what} can travel in clear");
        let draft = Draft::on_server(message).severity(severity).because(&way.tls).because(&way.next_hop);
        let mut draft = draft.because(&way.password).change_server(over_tls(way));
        draft.question.clone_from(&way.unless_in_dns);
        return sink.report(draft);
    }
    sink.wait_for_fact(&way.tls);
    sink.wait_for_fact(&way.password);
    if let Some(question) = exceptions {
        sink.wait_for(question);
    }
}

/// TLS as it should be, written where it is decided now.
fn over_tls(way: &Outbound) -> Change {
    // Not every mx in the world offers TLS.
    if way.is_in_use() && way.next_hop.known() == Some(&None) {
        let settings = way.implicit.because.iter().filter_map(Step::setting).map(str::to_owned).collect();
        let with = way.tls.because.iter().find_map(Step::setting).unwrap_or("smtp_tls_security_level").to_owned();
        return Change::Replace { settings, with, value: "may".to_owned() };
    }
    let implicit = match way.port.known() {
        Some(465) => Some(true),
        Some(_) => Some(false),
        None => None,
    };
    let overrides = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Override { .. }));
    Change::SendOverTls {
        implicit: implicit.filter(|implicit| way.implicit.known() != Some(implicit)),
        service: way.service.clone(),
        own: overrides(&way.tls.because) || overrides(&way.implicit.because),
    }
}

/// A network of one's own, where fewer people are on the way.
fn is_private(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    })
}
