//! A list that names the TLS versions that are wanted.

use crate::change::Change;
use crate::facts::{Fact, TlsVersion, VersionList};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "inclusion-list-protocols", "inclusion_list_protocols.md", Low,
    gain: Nothing,
    sources: [manual("postconf(5)", "smtpd_tls_mandatory_protocols"), rfc(9325, "3.1.1")],
    supersedes: ["tls13-disabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed().filter(|listener| !listener.is_implicit_port_in_clear()) {
        if let Some(list) = &listener.tls.list
            && let Some(VersionList::Leaves { by_name: true }) = Fact::known(list)
        {
            let draft = Draft::on(listener, "{listener} names TLS versions one by one, so later ones stay off").because(list);
            sink.report(draft.change(Change::OldestTls(TlsVersion::Tls12)));
        }
    }
}
