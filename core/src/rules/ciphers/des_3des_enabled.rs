//! 3DES and older ciphers with short blocks.

use super::weak;
use crate::facts::SuiteKind;
use crate::rule::{Context, Sink, cve, manual, rfc, rule};

rule! {
    "des-3des-enabled", "des_3des_enabled.md", Medium,
    gain: Mail,
    sources: [rfc(9325, "4.1"), cve("CVE-2016-2183"), manual("postconf(5)", "smtpd_tls_mandatory_exclude_ciphers")],
    supersedes: ["no-aead", "static-rsa-key-exchange", "anonymous-cipher-on-submission", "finite-field-dhe", "cbc-ciphers-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    weak::report(context, sink, SuiteKind::ShortBlocks);
}
