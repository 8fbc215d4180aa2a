//! Suites made weak on purpose.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "export-cipher", "export_cipher.md", High,
    gain: Mail,
    sources: [rfc(9325, "4.1"), cve("CVE-2015-0204"), cve("CVE-2015-4000"), manual("postconf(5)", "smtpd_tls_mandatory_ciphers")],
    supersedes: ["rc4-enabled", "no-forward-secrecy", "des-3des-enabled", "no-aead", "static-rsa-key-exchange", "anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::Export);
}
