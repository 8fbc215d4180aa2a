//! Releases that take words from outside for part of the encrypted session.

use crate::facts::{Entry, Listener};
use crate::rule::{Context, Draft, Sink, cve, manual, rfc, rule};

rule! {
    "starttls-injection-exposed-version", "starttls_injection_exposed_version.md", High,
    sources: [cve("CVE-2011-0411"), rfc(3207, "4.2"), manual("CVE-2011-0411", "Plaintext command injection in multiple implementations of STARTTLS")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let offers = |listener: &&Listener| listener.tls.entry.known() == Some(&Entry::Starttls);
    let mut offering = context.exposed().filter(offers).peekable();
    if offering.peek().is_none() {
        return sink.not_applicable("nothing offers STARTTLS");
    }
    let exposed = &context.server.takes_injected_commands;
    if exposed.surely_not() {
        return;
    }
    for listener in offering {
        let message = "{listener} may take commands that somebody on the way sent ahead of TLS: the release is one of those";
        let draft = Draft::on(listener, message).because(exposed);
        sink.report(match exposed.value.question() {
            Some(question) => draft.depends_on(question),
            None => draft,
        });
    }
}
