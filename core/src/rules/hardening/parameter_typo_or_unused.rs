//! Settings, and words of restriction lists, that the server does not know.

use crate::change::Change;
use crate::facts::{Step, Stumble};
use crate::finding::Severity;
use crate::rule::{Citation, Context, Draft, Sink, manual, rule};
use crate::setting::{Scope, Setting, Status};

rule! {
    "parameter-typo-or-unused", "parameter_typo_or_unused.md", Low,
    gain: Nothing,
    sources: [manual("postconf(1)", "-n"), manual("postconf(5)", "The general format of the main.cf file")],
    supersedes: [],
    check
}

/// A slip of the pen is rare; where there are more, somebody had another program in mind, and to look for names takes long.
const MOST_SLIPS: usize = 50;

/// What is written about words of restriction lists.
const WORDS: &[Citation] = &[manual("postconf(5)", "smtpd_recipient_restrictions"), manual("SMTPD_ACCESS_README", "Access restriction lists")];

/// What is written about networks.
const NETWORKS: &[Citation] = &[manual("postconf(5)", "mynetworks")];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let newest = context.server.version.known().map(|versions| versions.last);
    let all_is_seen = all_is_seen(context);
    let mut slips = 0;
    let unknown = context.settings().filter(|setting| matches!(setting.status, Status::Unused | Status::TooNew { .. }));
    for setting in unknown.filter(|setting| is_plain(&setting.name)) {
        let name = &setting.name;
        let mut change = None;
        let message = match setting.status {
            Status::Unused => {
                slips += 1;
                match (slips <= MOST_SLIPS).then(|| context.nearest_name(name)).flatten() {
                    Some(near) => {
                        change = Some(Change::Rename { line: setting.written, to: near, value: None });
                        format!("`{name}` is no setting of the server; `{near}` is one")
                    }
                    // A patched build may know it, so nobody is told to take it out.
                    None if all_is_seen => {
                        format!("`{name}` is no setting of the server, and nothing here refers to it")
                    }
                    None => continue,
                }
            }
            // Said only when no release in question knows it. What came within a branch mends a fault, and distributions put
            // such things into what they ship.
            Status::TooNew { since } if since.patch == 0 && newest.is_some_and(|newest| newest < since) => {
                format!("`{name}` came with release {since}; older ones ignore it")
            }
            _ => continue,
        };
        let draft = Draft::about(setting, message);
        sink.report(match change {
            Some(change) => draft.change_server(change),
            None => draft,
        });
    }
    for listener in context.alive() {
        if let Some(Some(Stumble { word, meant })) = listener.stumbles.known() {
            let setting = listener.stumbles.because.first().and_then(Step::setting).unwrap_or_default();
            let what = match meant {
                Some(meant) => format!("write `{meant}`"),
                None if setting == "mynetworks" => "that is no network".to_owned(),
                None => "that is no restriction of this release, or it lacks what belongs behind it".to_owned(),
            };
            let message = format!(
                "{{listener}} answers `451 4.3.5 Server configuration error` to whoever comes as far as `{word}` in `{setting}`: {what}"
            );
            let draft = Draft::on(listener, message).severity(Severity::High).because(&listener.stumbles);
            let line = listener.stumbles.because.iter().find_map(Step::span);
            let draft = match (meant, line) {
                (Some(meant), Some(line)) => {
                    draft.change_server(Change::Spell { line, words: vec![(word.clone(), meant.clone())] })
                }
                _ => draft,
            };
            sink.report(draft.resting_on(if setting == "mynetworks" { NETWORKS } else { WORDS }));
        }
    }
}

/// What a template puts in front is no part of a name, and `mua_` names wait for services that are switched on later.
fn is_plain(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.chars().all(letters) && !name.starts_with("mua_")
}

/// False when something that was not given, that cannot be read, or that a template fills in, may refer to a name.
fn all_is_seen(context: &Context<'_>) -> bool {
    let hidden = |setting: &Setting| setting.effective.question().is_some_and(|question| question.0 == "template");
    context.server.listeners.iter().all(|listener| listener.defined.is_some())
        && context.settings().any(|setting| setting.scope == Scope::Server)
        && context.is_read_whole()
        && !context.settings().any(hidden)
}
