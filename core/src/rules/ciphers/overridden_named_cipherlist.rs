//! Lists behind the grades that somebody wrote anew.

use crate::change::Change;
use crate::facts::{Fact, Role, Value};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::{Scope, Setting, Status};

rule! {
    "overridden-named-cipherlist", "overridden_named_cipherlist.md", Info,
    gain: Mail,
    sources: [
        manual("postconf(5)", "tls_medium_cipherlist"),
        manual("postconf(5)", "tls_high_cipherlist"),
        manual("postconf(5)", "smtpd_tls_mandatory_ciphers"),
    ],
    supersedes: [],
    check
}

/// The lists, each with the grade that names it.
const LISTS: [(&str, &str); 5] = [
    ("tls_high_cipherlist", "high"),
    ("tls_medium_cipherlist", "medium"),
    ("tls_low_cipherlist", "low"),
    ("tls_export_cipherlist", "export"),
    ("tls_null_cipherlist", "null"),
];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let listeners = || context.server.listeners.iter().filter(|listener| listener.tls.suites.is_some());
    if listeners().next().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for setting in context.settings().filter(|setting| is_in_force(setting)) {
        let Some((name, grade)) = LISTS.into_iter().find(|(name, _)| *name == setting.name) else { continue };
        let mut read_by_unknown = None;
        let mut reads = false;
        for fact in listeners().filter_map(|listener| listener.tls.suites.as_ref()) {
            match &fact.value {
                Value::Is(suites) => reads |= suites.list() == Some(name),
                Value::Unknown(question) => read_by_unknown = Some(question),
            }
        }
        if reads {
            let message = format!("`{name}` is written anew; its authors advise against that, since it ages where theirs goes with the times");
            sink.report(Draft::about(setting, message));
        } else if let Some(question) = read_by_unknown {
            sink.wait_for(question);
        } else if !others_may_read(context, grade) {
            unread(context, setting, name, grade, sink);
        }
    }
}

/// A list that nothing reads: no grade names it.
fn unread(context: &Context<'_>, setting: &Setting, name: &str, grade: &str, sink: &mut Sink) {
    let is_hardening = matches!(grade, "high" | "medium");
    let serves_users = context.with_role(Role::Submission).any(|listener| listener.tls.suites.as_ref().is_some_and(|suites| Fact::known(suites).is_some()));
    let (severity, message) = match (is_hardening, serves_users) {
        (true, true) => (Severity::Medium, format!("`{name}` has no effect: nothing here is of grade `{grade}`")),
        (true, false) => (Severity::Low, format!("`{name}` has no effect: nothing here is of grade `{grade}`")),
        (false, _) => (Severity::Info, format!("`{name}` has no effect, since nothing reads it")),
    };
    let draft = Draft::about(setting, message).severity(severity);
    let draft = match &context.server.more_listeners {
        Some(question) => draft.depends_on(question),
        None => draft,
    };
    let change = match (is_hardening, serves_users, &setting.scope) {
        (true, true, Scope::Server) => Some(Change::Define(vec![("smtpd_tls_mandatory_ciphers".to_owned(), grade.to_owned())])),
        (_, _, Scope::Server) => Some(Change::Remove { setting: name.to_owned() }),
        _ => None,
    };
    sink.report(match change {
        Some(change) => draft.change_server(change),
        None => draft,
    });
}

fn is_in_force(setting: &Setting) -> bool {
    !matches!(setting.status, Status::Shadowed { .. } | Status::Unused | Status::TooNew { .. } | Status::Malformed { .. })
}

/// Whether something else may read the list of a grade: `medium` is the default of all that send mail, and tables of policies
/// name grades of their own. Where the grade stands for enforced TLS and nothing enforces it yet, the list waits for that.
fn others_may_read(context: &Context<'_>, grade: &str) -> bool {
    let may_name = |setting: &Setting| {
        let name = setting.name.as_str();
        let is_grade = name.ends_with("_tls_ciphers") || name.ends_with("_tls_mandatory_ciphers");
        let names = match &setting.effective {
            Value::Is(text) => text.eq_ignore_ascii_case(grade),
            Value::Unknown(_) => true,
        };
        (is_grade && names) || name.ends_with("_tls_policy_maps") || name.ends_with("_tls_per_site")
    };
    grade == "medium" || context.settings().any(may_name)
}
