//! RC4.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, cve, rfc, rule};

rule! {
    "rc4-enabled", "rc4_enabled.md", High,
    gain: Mail,
    sources: [rfc(7465, "2"), rfc(9325, "4.1"), cve("CVE-2013-2566"), cve("CVE-2015-2808")],
    supersedes: ["no-forward-secrecy", "des-3des-enabled", "no-aead", "static-rsa-key-exchange", "anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::Rc4);
}
