//! Nothing with AEAD.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, manual, rfc, rule};

rule! {
    "no-aead", "no_aead.md", Medium,
    gain: Mail,
    sources: [rfc(9325, "4.2"), manual("postconf(5)", "tls_medium_cipherlist")],
    supersedes: ["static-rsa-key-exchange", "anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::NoAead);
}
