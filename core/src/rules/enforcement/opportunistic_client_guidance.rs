//! What to tell the users of a port with STARTTLS.

use crate::facts::{Entry, Listener, Role};
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "opportunistic-client-guidance", "opportunistic_client_guidance.md", Info,
    gain: Password,
    sources: [rfc(8314, "5.2"), rfc(3207, "6"), rfc(9325, "3.2")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    // Port 465 in clear has a rule of its own.
    let offers = |listener: &&Listener| {
        listener.tls.entry.known() == Some(&Entry::Starttls) && !listener.is_implicit_port_in_clear()
    };
    let offering: Vec<&Listener> = context.with_role(Role::Submission).filter(offers).collect();
    if offering.is_empty() {
        return sink.not_applicable("no port for users begins with STARTTLS");
    }
    let message = "{listener} cannot protect a client that takes STARTTLS only if it is offered: set clients to require it";
    sink.report(Draft::on_all(&offering, message));
}
