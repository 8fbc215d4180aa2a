//! What the rules about outdated versions share: who offers one, and how much it matters there.

use crate::change::Change;
use crate::facts::{Entry, Role, TlsVersion, Value};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink};

/// Reports every listener that offers `version`. On an mx an outdated version is a lesser evil than none
/// (RFC 9325 §5.2); on a port that only the machine itself reaches nobody can use it.
pub(super) fn report(context: &Context<'_>, sink: &mut Sink, version: TlsVersion) {
    let mut encrypted =
        context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted {
        let offered = &listener.tls.versions;
        let members = match &offered.value {
            Value::Is(members) => members,
            Value::Unknown(question) => {
                sink.wait_for(question);
                continue;
            }
        };
        let draft = match members.holds(&version) {
            Some(false) => continue,
            Some(true) => Draft::on(listener, format!("{{listener}} offers {version}, which is forbidden")),
            // A hole in the list may hide anything: then nothing is said before the question is answered.
            None if !is_permitted_by_list(members, version) => {
                members.rest.iter().for_each(|question| sink.wait_for(question));
                continue;
            }
            None => {
                let Some(question) = &members.rest else { continue };
                Draft::on(listener, format!("{{listener}} permits {version}; whether the library still speaks it is not known"))
                    .depends_on(question)
            }
        };
        let draft = draft.because(offered).change(Change::OldestTls(TlsVersion::Tls12));
        sink.report(match severity(listener.known_role(), version) {
            Some(severity) => draft.severity(severity),
            None => draft,
        });
    }
}

/// The question about the library is asked only for versions that the list permits.
fn is_permitted_by_list(members: &crate::facts::Members<TlsVersion>, version: TlsVersion) -> bool {
    version == TlsVersion::Ssl3 && members.rest.as_ref().is_some_and(|question| question.0 == "openssl-sslv3")
}

/// `None` keeps the rule's own severity.
fn severity(role: Role, version: TlsVersion) -> Option<Severity> {
    match (role, version) {
        (Role::Mx, TlsVersion::Ssl3) => Some(Severity::Medium),
        (Role::Mx, _) => Some(Severity::Low),
        (Role::Unknown, _) => Some(Severity::Medium),
        _ => None,
    }
}
