//! Line ends that let one message hide another.

use crate::change::Change;
use crate::facts::{Listener, MessageEnd, Role};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, cve, manual, rfc, rule};

rule! {
    "smtp-smuggling", "smtp_smuggling.md", High,
    gain: Forgery,
    sources: [cve("CVE-2023-51764"), rfc(5321, "4.1.1.4"), manual("postconf(5)", "smtpd_forbid_bare_newline")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mx = context.with_role(Role::Mx).map(|mx| &context.dialogue(mx).message_end).find(|end| end.known() == Some(&MessageEnd::Any));
    for listener in context.exposed() {
        let end = &context.dialogue(listener).message_end;
        sink.wait_for_fact(end);
        let (message, severity) = match end.known() {
            Some(MessageEnd::Any) => ("{listener} ends a message at other than the standard line ends, so mail can be smuggled in", severity(listener, mx == Some(end))),
            Some(MessageEnd::Guarded { better: true }) => {
                ("{listener} refuses smuggled mail in its known form only", Severity::Low)
            }
            _ => continue,
        };
        let draft = Draft::on(listener, message).because(end).severity(severity);
        sink.report(draft.change(Change::StandardMessageEnd));
    }
}

/// Where servers deliver, forged mail comes from strangers. The same cause at another port is the same finding.
fn severity(listener: &Listener, as_on_mx: bool) -> Severity {
    if as_on_mx || listener.known_role() == Role::Mx { Severity::High } else { Severity::Medium }
}
