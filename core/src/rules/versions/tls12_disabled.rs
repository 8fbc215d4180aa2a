//! TLS 1.2 shut out.

use crate::change::Change;
use crate::facts::{Role, TlsVersion};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "tls12-disabled", "tls12_disabled.md", High,
    gain: KeptOut,
    sources: [rfc(9325, "3.1.1"), manual("postconf(5)", "smtpd_tls_mandatory_protocols"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: ["tls13-disabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed().filter(|listener| !listener.is_implicit_port_in_clear()) {
        let versions = &listener.tls.versions;
        sink.wait_for_fact(versions);
        let Some(offered) = versions.known().filter(|offered| !offered.surely.is_empty()) else { continue };
        if offered.has(&TlsVersion::Tls12) {
            continue;
        }
        if let Some((_, question)) = listener.tls.open.iter().find(|(version, _)| *version == TlsVersion::Tls12) {
            sink.wait_for(question);
            continue;
        }
        let newer = offered.has(&TlsVersion::Tls13);
        let what = if newer { "nothing older than TLS 1.3" } else { "neither TLS 1.2 nor 1.3" };
        let (policy, version) = (context.policy(), TlsVersion::Tls12);
        let severity = match listener.known_role() {
            // No document asks for it; who cannot speak anything newer stays outside all the same.
            _ if newer && !policy.required.contains(&version) && !policy.wanted.contains(&version) => Severity::Low,
            // Its users notice at once; where servers deliver, nobody notices.
            Role::Submission | Role::Mailbox | Role::Unknown if newer => Severity::Medium,
            _ => Severity::High,
        };
        let draft = Draft::on(listener, format!("{{listener}} offers {what}"));
        sink.report(draft.because(versions).severity(severity).change(Change::OldestTls(TlsVersion::Tls12)));
    }
}
