//! STARTTLS that is set up and hidden.

use crate::change::Change;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "starttls-suppressed", "starttls_suppressed.md", High,
    gain: Mail,
    sources: [rfc(3207, "6"), rfc(8314, "4"), manual("postconf(5)", "smtpd_discard_ehlo_keywords")],
    supersedes: ["auth-offered-in-clear"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed() {
        let hidden = &listener.tls.hidden;
        if !hidden.surely() {
            sink.wait_for_fact(hidden);
            continue;
        }
        let message = if listener.tls.required.surely() {
            "{listener} requires STARTTLS and keeps it out of what it offers: nobody can send"
        } else {
            "{listener} keeps STARTTLS out of what it offers: everything travels in clear"
        };
        // Passwords in clear come of the same cause, and are said with it.
        let clear = listener.auth.mechanisms.plaintext_before_tls.surely();
        let severity = if clear { Severity::Critical } else { Severity::High };
        let line = context.settings().find(|setting| Some(setting.written) == hidden.place());
        let words = line.and_then(|setting| setting.effective.known()).map_or("", String::as_str);
        let words = words.split([',', ' ']).filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("starttls"));
        let others = words.map(str::to_owned).collect();
        sink.report(
            Draft::on(listener, message)
                .severity(severity)
                .because(hidden)
                .change(Change::AnnounceStarttls { others }),
        );
    }
}
