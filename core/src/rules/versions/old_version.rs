//! What the rules about outdated versions share: who offers one, and how much it matters there.

use crate::change::Change;
use crate::facts::{Entry, TlsVersion, Value};
use crate::policy::Weakness;
use crate::rule::{Context, Draft, Sink};

/// Reports every listener that offers `version`. On an mx an outdated version is a lesser evil than none
/// (RFC 9325 §5.2); on a port that only the machine itself reaches nobody can use it.
pub(super) fn report(context: &Context<'_>, sink: &mut Sink, version: TlsVersion) {
    let mut encrypted =
        context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    // Where TLS begins in the wrong way, its versions are judged once that is mended: another list counts then.
    for listener in encrypted.filter(|listener| !listener.is_implicit_port_in_clear()) {
        let offered = &listener.tls.versions;
        let members = match &offered.value {
            Value::Is(members) => members,
            Value::Unknown(question) => {
                sink.wait_for(question);
                continue;
            }
        };
        let open = listener.tls.open.iter().find(|(one, _)| *one == version);
        let draft = match open {
            _ if members.has(&version) => Draft::on(listener, context.policy().forbids(version, listener.known_role())),
            Some((_, question)) => {
                let decides = if version <= TlsVersion::Ssl3 { "the library still speaks it" } else { "a cipher suite is left for it" };
                Draft::on(listener, format!("{{listener}} permits {version}; whether {decides} is not known")).depends_on(question)
            }
            None => continue,
        };
        let policy = context.policy();
        let draft = draft.because(offered).change(Change::OldestTls(TlsVersion::Tls12));
        sink.report(match policy.severity(Weakness::OldVersion(version), listener.known_role()) {
            Some(severity) => draft.severity(severity),
            None => draft,
        });
    }
}
