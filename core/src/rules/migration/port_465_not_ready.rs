//! What 465 lacks before the users of 587 can move there.

use super::pair;
use crate::rule::{Context, Sink, rfc, rule};

rule! {
    "port-465-not-ready", "port_465_not_ready.md", Info,
    gain: KeptOut,
    sources: [rfc(8314, "3.3"), rfc(9325, "3.2")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    pair::gate(context, sink, 465);
}
