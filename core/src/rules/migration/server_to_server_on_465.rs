//! Port 465 in the use that was withdrawn.

use super::pair::accepted;
use crate::change::Change;
use crate::facts::{Actor, Entry, Recipient};
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "server-to-server-on-465", "server_to_server_on_465.md", High,
    gain: Relay,
    sources: [rfc(8314, "7.3"), rfc(5321, "5.1")],
    supersedes: ["auth-missing-on-submission"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut implicit = context
        .exposed()
        .filter(|one| one.is_implicit_port() && one.tls.entry.known() == Some(&Entry::Implicit))
        .peekable();
    if implicit.peek().is_none() {
        return sink.not_applicable("nothing speaks implicit TLS on port 465");
    }
    for listener in implicit {
        let auth = &listener.auth.after_tls;
        match (auth.known(), accepted(listener, Actor::Stranger, Recipient::Local)) {
            (Some(false), Some(true)) => sink.report(
                Draft::on_all(&[listener], "{listener} takes mail from strangers and offers no AUTH, as if for other servers")
                    .because(auth)
                    .change(Change::UsersOnly),
            ),
            (None, _) => sink.wait_for_fact(auth),
            _ => {}
        }
    }
}
