//! Diffie-Hellman over finite fields.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "finite-field-dhe", "finite_field_dhe.md", Low,
    gain: Mail,
    sources: [rfc(9325, "4.1"), cve("CVE-2020-1968"), manual("postconf(5)", "smtpd_tls_mandatory_exclude_ciphers")],
    supersedes: ["cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::FiniteField);
}
