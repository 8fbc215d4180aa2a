//! A list of TLS versions that leaves none.

use crate::change::Change;
use crate::facts::{Fact, Role, TlsVersion, VersionList};
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "contradictory-protocol-range", "contradictory_protocol_range.md", High,
    gain: Mail,
    sources: [manual("postconf(5)", "smtpd_tls_mandatory_protocols"), manual("postconf(5)", "smtpd_tls_protocols")],
    supersedes: ["service-cannot-start"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.server.listeners.iter().filter(|listener| listener.known_role() != Role::Internal) {
        if let Some(list) = listener.tls.list.as_ref().filter(|list| Fact::known(list) == Some(&VersionList::Nothing)) {
            let draft = Draft::on(listener, "{listener} announces TLS, but the list leaves no version of it").because(list);
            sink.report(draft.change(Change::OldestTls(TlsVersion::Tls12)));
        }
    }
}
