//! Suites without proof of who the server is.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, manual, rfc, rule};

rule! {
    "anonymous-cipher-on-submission", "anonymous_cipher_on_submission.md", Low,
    gain: Impersonation,
    sources: [rfc(8314, "5.3"), rfc(7672, "8.2"), manual("TLS_README", "Server-side cipher controls")],
    supersedes: ["finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::Anonymous);
}
