//! TLS 1.0.

use super::old_version;
use crate::facts::TlsVersion;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "tls10-enabled", "tls10_enabled.md", High,
    gain: Mail,
    sources: [rfc(8996, "4"), rfc(9325, "3.1.1"), cve("CVE-2011-3389"), manual("postconf(5)", "smtpd_tls_mandatory_protocols"), manual("Dovecot Core Settings", "ssl_min_protocol"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: ["tls11-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    old_version::report(context, sink, TlsVersion::Tls10);
}
