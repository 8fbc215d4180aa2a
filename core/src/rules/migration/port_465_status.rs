//! What port 465 is, for those who were told to leave it.

use crate::facts::Entry;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "port-465-status", "port_465_status.md", Info,
    gain: Nothing,
    sources: [rfc(8314, "7.3"), rfc(8314, "3"), rfc(9325, "3.2")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut implicit = context
        .exposed()
        .filter(|listener| listener.known_port() == Some(465) && listener.tls.entry.known() == Some(&Entry::Implicit))
        .peekable();
    if implicit.peek().is_none() {
        return sink.not_applicable("nothing speaks implicit TLS on port 465");
    }
    for listener in implicit {
        let mut draft = Draft::on(listener, "{listener} speaks implicit TLS, the form that RFC 8314 recommends: keep it");
        draft.at.extend(listener.defined);
        sink.report(draft.because(&listener.tls.entry));
    }
}
