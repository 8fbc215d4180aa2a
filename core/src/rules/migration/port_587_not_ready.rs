//! What 587 lacks before the users of 465 can move there.

use super::pair;
use crate::rule::{Context, Sink, rfc, rule};

rule! {
    "port-587-not-ready", "port_587_not_ready.md", Info,
    gain: KeptOut,
    sources: [rfc(8314, "3.3"), rfc(5068, "3.1"), rfc(6409, "3.1")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    pair::gate(context, sink, 587);
}
