//! Defaults of an old release, because nobody asked for those of a new one.

use crate::change::Change;
use crate::facts::Step;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "legacy-compat-level", "legacy_compat_level.md", Info,
    gain: Relay,
    sources: [manual("COMPATIBILITY_README", "Overview"), manual("postconf(5)", "compatibility_level"), manual("postconf(5)", "smtpd_relay_restrictions")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let by_level = |because: &[Step]| because.iter().any(|step| matches!(step, Step::Compatibility { .. }));
    // How wide the trust is that the level decides, the rule about trusted networks tells.
    let mut told = context.exposed().any(|listener| {
        let style = listener.trusted.known().and_then(|networks| networks.style.as_ref());
        style.is_some_and(|style| by_level(&style.because))
    });
    // What keeps a port from starting is told as what it is.
    for listener in context.exposed().filter(|listener| listener.is_alive()) {
        let unguarded = &listener.access.relay_unguarded;
        if listener.access.old_defaults.surely() && unguarded.surely() && by_level(&unguarded.because) {
            told = true;
            let message = "{listener} lacks a list for relaying, because no compatibility level asks for one: a table or service that says OK lets strangers send to anywhere";
            sink.report(
                Draft::on(listener, message)
                    .severity(Severity::Medium)
                    .because(&listener.access.old_defaults)
                    .change_server(Change::GuardRelay),
            );
        }
    }
    for listener in context.exposed().filter(|listener| listener.is_alive()) {
        let old_defaults = &listener.access.old_defaults;
        sink.wait_for_fact(old_defaults);
        if old_defaults.surely() && !told {
            let message = "{listener} runs with defaults of Postfix 2, because no compatibility level asks for newer ones";
            sink.report(Draft::on(listener, message).because(old_defaults));
        }
    }
}
