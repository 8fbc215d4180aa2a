//! A floor for TLS versions that stands in the list this listener does not read.

use crate::change::Change;
use crate::facts::{Fact, Listener, Members, Role, Step, TlsVersion};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "mandatory-vs-opportunistic-list-mixup", "mandatory_vs_opportunistic_list_mixup.md", High,
    gain: Password,
    sources: [
        manual("postconf(5)", "smtpd_tls_mandatory_protocols"),
        manual("postconf(5)", "smtpd_tls_protocols"),
        rfc(8996, "4"),
    ],
    supersedes: ["tls10-enabled", "tls11-enabled", "sslv3-enabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut submission = context.with_role(Role::Submission).peekable();
    if submission.peek().is_none() {
        return sink.not_applicable("nothing listens for submission");
    }
    for listener in submission {
        if let Some((read, unread)) = mixed_up(listener) {
            let message = format!(
                "{{listener}} reads `{read}`, which nobody set; the floor stands in `{unread}`, which is not read here"
            );
            let Some(other) = &listener.tls.other_versions else { continue };
            sink.report(
                Draft::on(listener, message)
                    .because(other)
                    .because(&listener.tls.versions)
                    .change(Change::OldestTls(TlsVersion::Tls12)),
            );
        }
    }
}

/// The names of the list in force and of the other, when only the other one was written, and written to forbid old versions.
fn mixed_up(listener: &Listener) -> Option<(String, String)> {
    let other = listener.tls.other_versions.as_ref()?;
    let in_force = &listener.tls.versions;
    let offers_old = |fact: &Fact<Members<TlsVersion>>| {
        fact.known().map(|versions| versions.has(&TlsVersion::Tls10) || versions.has(&TlsVersion::Tls11))
    };
    let was_written = |fact: &Fact<Members<TlsVersion>>| fact.because.first().is_some_and(|step| step.span().is_some());
    let mistaken = was_written(other)
        && !was_written(in_force)
        && offers_old(other) == Some(false)
        && offers_old(in_force) == Some(true);
    let name = |fact: &Fact<Members<TlsVersion>>| fact.because.iter().find_map(Step::setting).map(str::to_owned);
    if mistaken { Some((name(in_force)?, name(other)?)) } else { None }
}
