//! Two services where one can run.

use crate::change::Change;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "duplicate-or-shadowed-service", "duplicate_or_shadowed_service.md", Low,
    gain: Nothing,
    sources: [manual("master(5)", "Syntax")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for one in &context.server.overruled {
        let message = format!("this entry `{}` never runs: a later one takes its place", one.name);
        let draft = Draft::on_server(message).also_at(one.entry).also_at(one.by).change_server(Change::RemoveService { entry: one.entry });
        sink.report(if one.is_same { draft.severity(Severity::Info) } else { draft });
    }
}
