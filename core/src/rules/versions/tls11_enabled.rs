//! TLS 1.1.

use super::old_version;
use crate::facts::TlsVersion;
use crate::rule::{Context, Sink, manual, rfc, rule};

rule! {
    "tls11-enabled", "tls11_enabled.md", Medium,
    gain: Mail,
    sources: [rfc(8996, "5"), rfc(9325, "3.1.1"), manual("postconf(5)", "smtpd_tls_mandatory_protocols"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    old_version::report(context, sink, TlsVersion::Tls11);
}
