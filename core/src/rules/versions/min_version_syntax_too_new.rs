//! A list of TLS versions with a word that the release cannot read.

use crate::change::Change;
use crate::facts::{Fact, Role, TlsVersion, VersionList};
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "min-version-syntax-too-new", "min_version_syntax_too_new.md", High,
    gain: Mail,
    sources: [manual("postconf(5)", "smtpd_tls_mandatory_protocols"), manual("postconf(5)", "smtpd_tls_protocols"), manual("Dovecot Core Settings", "ssl_min_protocol")],
    supersedes: ["service-cannot-start"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.server.listeners.iter().filter(|listener| listener.known_role() != Role::Internal) {
        let Some(list) = &listener.tls.list else { continue };
        let Some(VersionList::Unreadable { word, since }) = Fact::known(list) else { continue };
        let why = match since {
            Some(since) => format!("is read by {}.{} and later", since.major, since.minor),
            None => "is no version".to_owned(),
        };
        let message = format!("{{listener}} stays without TLS: `{word}` in its list of versions {why}");
        sink.report(Draft::on(listener, message).because(list).change(Change::OldestTls(TlsVersion::Tls12)));
    }
}
