//! A certificate that can be forged.

use super::shown;
use crate::certificate::{Certificate, Digest, KeyKind};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "weak-key-or-signature", "weak_key_or_signature.md", High,
    gain: Impersonation,
    sources: [rfc(9325, "4.5")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let (too_few, to_be_phased_out) = context.policy().rsa_bits;
    shown::each(context, sink, |listener, chain, sink| {
        let weakness = chain.certificates.iter().zip(0..).find_map(|(one, place)| {
            let weakness = match (one.key, one.digest) {
                (KeyKind::Rsa, _) if one.bits < usize::from(too_few) => format!("an RSA key of {} bits", one.bits),
                // Nobody checks what an authority says of itself.
                (_, Digest::Newer) => return None,
                _ if one.is_self_issued() && place > 0 => return None,
                (_, Digest::Sha1) => "a signature over SHA-1".to_owned(),
                (_, Digest::Md5) => "a signature over MD5".to_owned(),
            };
            Some(if place == 0 { format!("with {weakness}") } else { format!("and one with {weakness} above it") })
        });
        if let Some(weakness) = weakness {
            let message = format!("{{listener}} shows {} {weakness}", chain.spoken());
            let draft = Draft::on(listener, message).severity(shown::severity(listener, Severity::High));
            return sink.report(draft.because(&listener.tls.certificate));
        }
        let short = |one: &&Certificate| one.key == KeyKind::Rsa && one.bits < usize::from(to_be_phased_out);
        if let Some(one) = chain.own().filter(short) {
            let policy = context.policy().title;
            let message = format!("{{listener}} shows {} with an RSA key of {} bits, which {policy} phases out", chain.spoken(), one.bits);
            let draft = Draft::on(listener, message).severity(shown::severity(listener, Severity::Low));
            sink.report(draft.because(&listener.tls.certificate));
        }
    });
}
