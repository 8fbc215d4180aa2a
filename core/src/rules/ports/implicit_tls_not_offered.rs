//! 587 without 465.

use super::other_port;
use crate::facts::Entry;
use crate::rule::{Context, Sink, rfc, rule};

rule! {
    "implicit-tls-not-offered", "implicit_tls_not_offered.md", Info,
    gain: KeptOut,
    sources: [rfc(8314, "3.3"), rfc(8314, "4"), rfc(9325, "3.2")],
    supersedes: ["port-465-not-ready"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    if !context.prefer().wants_implicit() {
        return sink.not_applicable("you prefer 587 alone");
    }
    let message = "{listener} is open to users, and port 465, where TLS begins at once, is not";
    other_port::report(context, sink, (587, Entry::Starttls), 465, message);
}
