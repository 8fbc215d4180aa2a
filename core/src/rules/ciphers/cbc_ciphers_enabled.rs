//! Suites in CBC mode.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "cbc-ciphers-enabled", "cbc_ciphers_enabled.md", Low,
    gain: Mail,
    sources: [rfc(9325, "4.2"), cve("CVE-2013-0169"), manual("postconf(5)", "smtpd_tls_mandatory_exclude_ciphers"), manual("Dovecot Core Settings", "ssl_cipher_list")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::Cbc);
}
