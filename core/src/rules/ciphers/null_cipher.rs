//! Suites that hide nothing.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, manual, rfc, rule};

rule! {
    "null-cipher", "null_cipher.md", Critical,
    gain: Mail,
    sources: [rfc(9325, "4.1"), manual("postconf(5)", "smtpd_tls_mandatory_ciphers")],
    supersedes: ["export-cipher", "rc4-enabled", "no-forward-secrecy", "des-3des-enabled", "no-aead", "static-rsa-key-exchange", "anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::Null);
}
