//! Users who send under the addresses of others.

use crate::facts::{Role, SenderCheck};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "sender-spoofing-by-authenticated-users", "sender_spoofing_by_authenticated_users.md", Info,
    gain: Forgery,
    sources: [rfc(5068, "3.1"), rfc(6409, "6.1"), manual("postconf(5)", "reject_authenticated_sender_login_mismatch")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let logging_in = |auth: &crate::facts::Auth| auth.before_tls.surely() || auth.after_tls.surely();
    let mut listeners = context.exposed().filter(|listener| logging_in(&listener.auth)).peekable();
    if listeners.peek().is_none() {
        return sink.not_applicable("nobody can log in");
    }
    for listener in listeners {
        let for_users = listener.known_role() == Role::Submission;
        let Some(check) = listener.access.senders.known() else {
            sink.wait_for_fact(&listener.access.senders);
            continue;
        };
        let (severity, message) = match check {
            SenderCheck::None if for_users => (Severity::Info, "{listener} lets every user send under any address"),
            // On port 25 the check may be meant for strangers, and they are refused.
            SenderCheck::Unreached { stops_strangers } if for_users || !stops_strangers => (
                Severity::Medium,
                "{listener} lets every user send under any address: the check stands where nobody who has logged in arrives",
            ),
            SenderCheck::Toothless => (
                Severity::Medium,
                "{listener} lets every user send under any address: the check has no table of owners",
            ),
            SenderCheck::RefusesAll => (
                Severity::High,
                "{listener} refuses all mail of users: the check of their addresses has no table of owners",
            ),
            SenderCheck::None | SenderCheck::Enforced | SenderCheck::Unreached { .. } => continue,
        };
        sink.report(Draft::on(listener, message).severity(severity).because(&listener.access.senders));
    }
}
