//! Logins without a name.

use crate::change::Change;
use crate::facts::Role;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "anonymous-sasl-allowed", "anonymous_sasl_allowed.md", Low,
    gain: Relay,
    sources: [rfc(4505, "5"), manual("postconf(5)", "smtpd_sasl_security_options"), manual("Dovecot Core Settings", "auth_mechanisms"), manual("Exim specification", "The plaintext authenticator")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed() {
        let mechanisms = &listener.auth.mechanisms;
        let has_it = mechanisms.names.known().and_then(|names| names.rest.as_ref());
        let is_postfix = context.server.dialect == "postfix";
        // A server that names its mechanisms itself has it.
        if mechanisms.names.known().is_some_and(|names| names.has(&"ANONYMOUS".to_owned())) {
            let message = "{listener} offers ANONYMOUS, a login without a name";
            let draft = Draft::on(listener, message).because(&mechanisms.anonymous).change(Change::RefuseAnonymous);
            sink.report(match (context.server.dialect, listener.known_role()) {
                // To Postfix nobody has logged in who did so without a name.
                ("postfix", _) => draft,
                (_, Role::Submission) => draft.severity(Severity::Critical),
                _ => draft.severity(Severity::High),
            });
        } else if !is_postfix && mechanisms.anonymous.surely() {
            // What proves a password nobody can write for them.
            let (message, change) = match context.server.dialect {
                "exim" => ("{listener} lets everybody in who logs in, by any name and with any password", Some(Change::RefuseAnonymous)),
                _ => ("{listener} lets users in with any password", None),
            };
            let draft = Draft::on(listener, message).severity(Severity::Critical).because(&mechanisms.anonymous);
            sink.report(match change {
                Some(change) => draft.change(change),
                None => draft,
            });
        } else if let (true, Some(question)) = (mechanisms.anonymous.surely(), has_it) {
            sink.report(
                Draft::on(listener, "{listener} takes ANONYMOUS, a login without a name, if the authentication service has it")
                    .because(&mechanisms.anonymous)
                    .change(Change::RefuseAnonymous)
                    .depends_on(question),
            );
        } else {
            sink.wait_for_fact(&mechanisms.anonymous);
        }
    }
}
