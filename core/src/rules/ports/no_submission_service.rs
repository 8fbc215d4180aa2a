//! Users who prove who they are on port 25, because no other port is open to them.

use crate::change::Change;
use crate::facts::Role;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "no-submission-service", "no_submission_service.md", Medium,
    gain: Password,
    sources: [rfc(6409, "3.1"), rfc(8314, "4"), rfc(5068, "3.1"), manual("Exim specification", "Starting the daemon and the use of network interfaces")],
    supersedes: ["port-25-used-for-submission"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let auth_at_25 = context.exposed().filter(|listener| {
        let auth = &listener.auth;
        listener.known_port() == Some(25) && (auth.before_tls.surely() || auth.after_tls.surely())
    });
    let mut auth_at_25 = auth_at_25.peekable();
    if auth_at_25.peek().is_none() {
        return sink.not_applicable("nobody proves who they are on port 25");
    }
    // A port for users that does not work yet is one all the same, and other rules speak of it.
    let all = &context.server.listeners;
    let is_for_users = |port: u16| matches!(port, 465 | 587);
    if all.iter().any(|one| one.known_port().is_some_and(is_for_users))
        || context.with_role(Role::Submission).any(|one| one.known_port() != Some(25))
    {
        return;
    }
    if let Some(question) = &context.server.more_listeners {
        return sink.wait_for(question);
    }
    if let Some(open) = all.iter().find(|listener| listener.known_port().is_none()) {
        return sink.wait_for_fact(&open.port);
    }
    for listener in auth_at_25 {
        let offered = if listener.auth.after_tls.surely() { &listener.auth.after_tls } else { &listener.auth.before_tls };
        let message = "{listener} is the only port for users: neither 465 nor 587 is open to them";
        sink.report(Draft::on(listener, message).because(offered).change_server(Change::OpenForUsers { port: if context.prefer().wants_implicit() { 465 } else { 587 } }));
    }
}
