//! What the rules about certificates share.

use crate::facts::{Chain, Entry, Listener, Role};
use crate::finding::Severity;
use crate::rule::{Context, Sink};

/// Looks at every chain that somebody beyond the machine is shown.
pub(super) fn each(context: &Context<'_>, sink: &mut Sink, mut judge: impl FnMut(&Listener, &Chain, &mut Sink)) {
    let mut looked = false;
    for listener in encrypted(context) {
        let Some(chains) = &listener.tls.identity.chains else { continue };
        looked = true;
        match chains.known() {
            Some(members) => {
                for chain in &members.surely {
                    judge(listener, chain, sink);
                }
                if let Some(question) = &members.rest {
                    sink.wait_for(question);
                }
            }
            None => sink.wait_for_fact(chains),
        }
    }
    if !looked {
        sink.not_applicable("no certificate was given to look at");
    }
}

/// Listeners that offer TLS beyond the machine.
pub(super) fn encrypted<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a Listener> {
    context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None))
}

/// Servers that deliver mail do not check certificates as a rule, and mail programs do.
pub(super) fn severity(listener: &Listener, for_users: Severity) -> Severity {
    match listener.known_role() {
        Role::Mx => Severity::Info,
        Role::Unknown => for_users.min(Severity::Medium),
        _ => for_users,
    }
}
