//! Passwords over a channel that anyone on the way can read.

use crate::change::Change;
use crate::facts::{Entry, Role};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "auth-offered-in-clear", "auth_offered_in_clear.md", Critical,
    gain: Password,
    sources: [rfc(4954, "4"), rfc(8314, "4.1"), manual("postconf(5)", "smtpd_tls_auth_only"), manual("Dovecot SSL configuration", "ssl=required"), manual("Dovecot Core Settings", "disable_plaintext_auth"), manual("Dovecot 2.4 Settings", "auth_allow_cleartext"), manual("Exim specification", "SMTP authentication")],
    supersedes: ["tls-not-required-on-submission", "port-25-used-for-submission", "no-opportunistic-tls-on-mx"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut exposed = context.exposed().peekable();
    if exposed.peek().is_none() {
        return sink.not_applicable("nothing listens beyond the machine itself");
    }
    for listener in exposed {
        let plaintext = &listener.auth.mechanisms.plaintext_before_tls;
        if plaintext.surely() {
            let draft = Draft::on(listener, "{listener} offers AUTH before TLS: passwords can travel in clear")
                .because(&listener.auth.before_tls)
                .unless_in_front(listener);
            let users_go_elsewhere = context.with_role(Role::Submission).any(|other| other.id != listener.id);
            sink.report(match (listener.known_role(), listener.tls.entry.known()) {
                // What leaves it open whether TLS is a must has nothing to do with it.
                (Role::Submission, _) if listener.tls.required.known().is_none() => draft.change(Change::RequireTls),
                (Role::Submission, _) => draft.because(&listener.tls.required).change(Change::RequireTls),
                // With a port for users, port 25 needs no AUTH at all.
                (Role::Mx, _) if users_go_elsewhere => {
                    draft.change(Change::EndAuth).not_curing(&["no-opportunistic-tls-on-mx"])
                }
                (_, Some(Entry::None)) => {
                    draft.change(Change::EncryptAuth).not_curing(&["port-25-used-for-submission"])
                }
                _ => draft.change_server(Change::HideAuthInClear).not_curing(&["port-25-used-for-submission"]),
            });
        } else if plaintext.known().is_none() {
            sink.wait_for_fact(plaintext);
        }
    }
}
