//! SSL 2.0 where the library still speaks it.

use super::old_version;
use crate::facts::{Listener, TlsVersion};
use crate::rule::{Context, Sink, cve, manual, rfc, rule};
use crate::version::Version;

rule! {
    "sslv2-enabled", "sslv2_enabled.md", High,
    gain: Mail,
    sources: [rfc(6176, "3"), cve("CVE-2016-0800"), manual("postconf(5)", "smtpd_tls_mandatory_protocols")],
    supersedes: [],
    check
}

/// The first OpenSSL without any trace of it.
const GONE_SINCE: Version = Version::new(1, 1, 0);

fn check(context: &Context<'_>, sink: &mut Sink) {
    let was_seen = |listener: &Listener| listener.tls.versions.known().is_some_and(|all| all.has(&TlsVersion::Ssl2));
    if context.server.is_only_seen() && context.exposed().any(was_seen) {
        return old_version::report(context, sink, TlsVersion::Ssl2);
    }
    if context.server.library.is_some_and(|library| library.first < GONE_SINCE) {
        return old_version::report(context, sink, TlsVersion::Ssl2);
    }
    // Nobody named the library, and hardly any that still knows the version is left: a question is enough.
    for listener in context.exposed() {
        listener.tls.open.iter().filter(|(version, _)| *version == TlsVersion::Ssl2).for_each(|(_, ask)| sink.wait_for(ask));
    }
}
