//! SSL 3.0 where the library still speaks it.

use super::old_version;
use crate::facts::TlsVersion;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "sslv3-enabled", "sslv3_enabled.md", High,
    gain: Mail,
    sources: [rfc(7568, "3"), cve("CVE-2014-3566"), manual("postconf(5)", "smtpd_tls_mandatory_protocols")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    old_version::report(context, sink, TlsVersion::Ssl3);
}
