//! Nothing with forward secrecy.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, manual, rfc, rule};

rule! {
    "no-forward-secrecy", "no_forward_secrecy.md", High,
    gain: Mail,
    sources: [rfc(9325, "4.1"), rfc(9325, "7.3"), manual("postconf(5)", "tls_medium_cipherlist")],
    supersedes: ["des-3des-enabled", "no-aead", "static-rsa-key-exchange", "anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::NoForwardSecrecy);
}
