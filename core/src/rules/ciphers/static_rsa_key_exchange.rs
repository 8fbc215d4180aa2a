//! Key exchange by RSA alone.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "static-rsa-key-exchange", "static_rsa_key_exchange.md", Medium,
    gain: Mail,
    sources: [rfc(9325, "4.1"), cve("CVE-2017-13099"), manual("postconf(5)", "smtpd_tls_mandatory_exclude_ciphers")],
    supersedes: ["anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::StaticRsa);
}
