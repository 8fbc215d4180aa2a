//! Passwords that may have been read already.

use crate::facts::Listener;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "plaintext-password-rotation-advised", "plaintext_password_rotation_advised.md", Info,
    gain: Password,
    sources: [rfc(8314, "4.1")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let (shown, rest): (Vec<&Listener>, Vec<&Listener>) =
        context.exposed().partition(|one| one.auth.mechanisms.plaintext_before_tls.surely());
    if !shown.is_empty() {
        let message = "once AUTH is hidden in clear, change the passwords that were used on {listener}";
        let mut draft = Draft::on_all(&shown, message);
        // Services that nobody wrote stand nowhere: then what offers AUTH is the place.
        if let Some(listener) = shown.iter().find(|listener| listener.defined.is_none()) {
            draft = draft.because(&listener.auth.before_tls);
        }
        sink.report(draft);
    }
    for listener in rest {
        sink.wait_for_fact(&listener.auth.mechanisms.plaintext_before_tls);
    }
}
