//! Key exchange with a prime that is too short.

use crate::change::Change;
use crate::facts::{Fact, Listener, Prime, Role, Step, Value};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, cve, manual, rfc, rule};

rule! {
    "weak-dh-parameters", "weak_dh_parameters.md", High,
    gain: Mail,
    sources: [rfc(9325, "4.5"), cve("CVE-2015-4000"), manual("postconf(5)", "smtpd_tls_dh1024_param_file")],
    supersedes: [],
    check
}

/// The shortest prime that is long enough (RFC 9325 §4.5).
const ENOUGH: u16 = 2048;

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut using = context.exposed().filter(|listener| uses_primes(listener)).peekable();
    if using.peek().is_none() {
        return sink.not_applicable("no key is exchanged with a prime");
    }
    for listener in using {
        let Some(prime) = listener.tls.handshake.as_ref().map(|handshake| &handshake.prime) else { continue };
        let file = prime.because.iter().find(|step| step.span().is_some());
        // The prime of an old release is no fault of the configuration: where servers deliver, the release's age says enough.
        if file.is_none() && listener.known_role() == Role::Mx {
            continue;
        }
        let draft = match &prime.value {
            Value::Is(Prime::Bits(bits)) if *bits < ENOUGH => {
                Draft::on(listener, format!("{{listener}} exchanges keys with a prime of {bits} bits, which are too few"))
            }
            Value::Is(_) => continue,
            // Whoever named the file knew what stands in it.
            Value::Unknown(question) if sounds_short(prime, context) => {
                Draft::on(listener, "{listener} may exchange keys with a prime that is too short, by the name of its file")
                    .depends_on(question)
            }
            Value::Unknown(question) => {
                sink.wait_for(question);
                continue;
            }
        };
        // Releases before 3.1 have nothing better of their own to go back to.
        let change = match file.and_then(Step::setting) {
            Some(setting) if matches!(file, Some(Step::Set { .. })) => Change::Remove { setting: setting.to_owned() },
            _ => Change::Define(vec![("smtpd_tls_dh1024_param_file".to_owned(), "/etc/postfix/dh2048.pem".to_owned())]),
        };
        let mut draft = draft.because(prime).change_server(change);
        // Nothing is written where the prime is the release's own.
        if draft.at.is_empty() {
            draft.at.extend(listener.defined);
        }
        sink.report(match listener.known_role() {
            Role::Mx => draft.severity(Severity::Low),
            Role::Unknown => draft.severity(Severity::Medium),
            _ => draft,
        });
    }
}

fn uses_primes(listener: &Listener) -> bool {
    let Some(suites) = listener.tls.suites.as_ref().and_then(Fact::known) else { return false };
    suites.has(|suite| suite.is_finite_field()) != Value::Is(false)
}

/// True when the file's name speaks of a short prime, and of no longer one.
fn sounds_short(prime: &Fact<Prime>, context: &Context<'_>) -> bool {
    let Some(setting) = prime.because.first().and_then(Step::setting) else { return false };
    let mut written = context.settings().filter(|one| one.name == setting);
    written.any(|one| {
        let Some(path) = one.effective.known() else { return false };
        let path = path.rsplit('/').next().unwrap_or(path);
        ["512", "768", "1024"].iter().any(|bits| path.contains(bits))
            && !["2048", "3072", "4096"].iter().any(|bits| path.contains(bits))
    })
}
