//! VRFY, which tells which addresses exist.

use crate::change::Change;
use crate::facts::{Actor, Listener, Outcome, Recipient};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "vrfy-expn-enabled", "vrfy_expn_enabled.md", Low,
    gain: Knowledge,
    sources: [rfc(5321, "7.3"), manual("postconf(5)", "disable_vrfy_command")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed().filter(|listener| strangers_may_ask(listener)) {
        let answers = &listener.session.answers_vrfy;
        sink.wait_for_fact(answers);
        if answers.surely() {
            let draft = Draft::on(listener, "{listener} answers VRFY").because(answers);
            // RCPT tells the same; nobody needs to be alarmed about a default.
            let severity = if answers.place().is_some() { Severity::Low } else { Severity::Info };
            sink.report(draft.severity(severity).change(Change::EndVrfy));
        }
    }
}

/// VRFY is asked of the same lists as RCPT: where those refuse strangers, it tells them nothing.
fn strangers_may_ask(listener: &Listener) -> bool {
    let cells = listener.outcomes.cells().iter();
    cells.filter(|cell| cell.actor == Actor::Stranger && cell.recipient == Recipient::Local).any(|cell| {
        !matches!(cell.outcome.outcome(), Outcome::Refused { .. } | Outcome::Deferred { .. } | Outcome::Dead(_))
    })
}
