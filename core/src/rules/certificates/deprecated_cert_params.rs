//! Settings for certificates that have had their time.

use super::shown;
use crate::change::Change;
use crate::facts::Step;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "deprecated-cert-params", "deprecated_cert_params.md", Low,
    gain: Nothing,
    sources: [manual("postconf(5)", "smtpd_tls_chain_files"), manual("postconf(5)", "smtpd_tls_dcert_file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in shown::encrypted(context) {
        let identity = &listener.tls.identity;
        let passed_over = identity.passed_over.iter().map(|step| (step, "is passed over, because `smtpd_tls_chain_files` is set"));
        let obsolete = identity.obsolete.iter().map(|step| (step, "names a certificate of the kind DSA, which clients take no more"));
        for (step, why) in passed_over.chain(obsolete) {
            let (Some(setting), Some(span)) = (step.setting(), step.span()) else { continue };
            let mut draft = Draft::on(listener, format!("`{setting}` {why}")).also_at(span);
            draft.because.push(step.clone());
            // What stands in master.cf is taken out there.
            sink.report(match step {
                Step::Set { .. } => draft.change(Change::Remove { setting: setting.to_owned() }),
                _ => draft,
            });
        }
    }
}
