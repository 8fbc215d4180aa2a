//! Users belong on 465 and 587, other servers on 25.

use crate::change::Change;
use crate::facts::Role;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "port-25-used-for-submission", "port_25_used_for_submission.md", Medium,
    gain: Password,
    sources: [rfc(8314, "4"), rfc(6409, "3.1"), manual("SASL_README", "Enabling SASL authentication in the Postfix SMTP server")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut mx = context.exposed().filter(|listener| listener.known_port() == Some(25)).peekable();
    if mx.peek().is_none() {
        return sink.not_applicable("nothing listens on port 25");
    }
    for listener in mx.filter(|listener| listener.known_role() != Role::Internal) {
        let auth = &listener.auth;
        if auth.before_tls.surely() || auth.after_tls.surely() {
            let offered = if auth.after_tls.surely() { &auth.after_tls } else { &auth.before_tls };
            // Nobody takes AUTH from the only port there is for users.
            let users_go_elsewhere = context.with_role(Role::Submission).any(|other| other.id != listener.id);
            sink.report(if users_go_elsewhere {
                Draft::on(listener, "{listener} offers AUTH: passwords are tried out where all the world connects")
                    .because(offered)
                    .change(Change::EndAuth)
            } else if context.server.more_listeners.is_some() {
                let message = "{listener} offers AUTH, where all the world connects: if users have 465 or 587, end it here";
                Draft::on(listener, message).because(offered)
            } else {
                Draft::on(listener, "{listener} offers AUTH and is the only port for users: open 465 or 587 for them, then end it here")
                    .because(offered)
            });
        } else if !auth.after_tls.surely_not() {
            sink.wait_for_fact(&auth.after_tls);
        }
    }
}
