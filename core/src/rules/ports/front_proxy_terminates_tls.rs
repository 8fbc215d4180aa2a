//! A proxy in front, whose configuration is not here.

use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "front-proxy-terminates-tls", "front_proxy_terminates_tls.md", Info,
    gain: Nothing,
    sources: [
        manual("postconf(5)", "smtpd_upstream_proxy_protocol"),
        manual("postconf(5)", "postscreen_upstream_proxy_protocol"), manual("Dovecot Core Settings", "haproxy_trusted_networks")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut fronted = context.alive().filter(|listener| listener.front.is_some()).peekable();
    if fronted.peek().is_none() {
        return sink.not_applicable("no proxy stands in front");
    }
    for listener in fronted {
        let Some(front) = &listener.front else { continue };
        sink.wait_for(&front.question);
        let message = "{listener} takes its clients from a proxy: what strangers meet is decided there";
        sink.report(Draft::on(listener, message).because_of(&front.because));
    }
}
