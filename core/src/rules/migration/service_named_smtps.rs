//! The withdrawn name of port 465.

use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "service-named-smtps", "service_named_smtps.md", Info,
    sources: [rfc(8314, "7.3"), manual("postconf(5)", "known_tcp_ports")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let is_named = |name: &str| name.rsplit(':').next() == Some("smtps");
    let mut named = context.server.listeners.iter().filter(|listener| is_named(&listener.name)).peekable();
    if named.peek().is_none() {
        return sink.not_applicable("no service is called `smtps`");
    }
    for listener in named {
        let message = "{listener} bears a name that was withdrawn: port 465 is called `submissions`";
        sink.report(Draft::on_all(&[listener], message));
    }
}
