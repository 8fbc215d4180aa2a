//! AUTH at ports that are for programs of the machine.

use crate::change::Change;
use crate::facts::{Fact, Role, Step};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "sasl-enabled-globally", "sasl_enabled_globally.md", Medium,
    gain: Password,
    sources: [manual("SASL_README", "Enabling SASL authentication in the Postfix SMTP server"), manual("postconf(5)", "smtpd_sasl_auth_enable")],
    supersedes: [],
    check
}

/// The line for the whole server that lets AUTH be offered.
fn line(offered: &Fact<bool>) -> Option<&Step> {
    offered.because.first().filter(|step| offered.surely() && matches!(step, Step::Set { .. }))
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut inner = context.with_role(Role::Internal).filter(|one| !matches!(one.known_port(), Some(25 | 465 | 587))).peekable();
    if inner.peek().is_none() {
        return sink.not_applicable("no port is for programs of the machine alone");
    }
    for listener in inner {
        let offered = [&listener.auth.after_tls, &listener.auth.before_tls];
        let Some((offered, cause)) = offered.into_iter().find_map(|offered| line(offered).map(|cause| (offered, cause))) else {
            continue;
        };
        // Where port 25 has it from the same line, that is told there, and the same change cures both.
        let told = context.exposed().filter(|other| other.known_port() == Some(25)).any(|other| {
            [&other.auth.after_tls, &other.auth.before_tls].into_iter().any(|offered| line(offered) == Some(cause))
        });
        if told {
            continue;
        }
        // Who can reach a loopback address is on the machine already.
        let is_loopback = !listener.role.because.iter().any(|step| matches!(step, Step::Assumed { .. }));
        sink.report(
            Draft::on(listener, "{listener} offers AUTH, although no user belongs there: the setting is for all ports")
                .severity(if is_loopback { Severity::Low } else { Severity::Medium })
                .because(offered)
                .change(Change::EndAuth),
        );
    }
}
