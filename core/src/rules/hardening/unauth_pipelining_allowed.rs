//! Clients that talk before it is their turn.

use crate::change::Change;
use crate::facts::Role;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "unauth-pipelining-allowed", "unauth_pipelining_allowed.md", Low,
    gain: Forgery,
    sources: [rfc(2920, "3.1"), manual("postconf(5)", "smtpd_forbid_unauth_pipelining"), manual("postconf(5)", "reject_unauth_pipelining"), manual("Exim specification", "Main configuration")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.with_role(Role::Mx) {
        let stops = &context.dialogue(listener).stops_early_talk;
        sink.wait_for_fact(stops);
        if stops.surely_not() {
            let draft = Draft::on(listener, "{listener} serves clients that do not wait for its answers").because(stops);
            let severity = if stops.place().is_some() { Severity::Low } else { Severity::Info };
            sink.report(draft.severity(severity).change(Change::StopEarlyTalk));
        }
    }
}
