//! Switches that one level replaced long ago.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::{Scope, Setting, Status};

rule! {
    "legacy-tls-switches", "legacy_tls_switches.md", Low,
    gain: Nothing,
    sources: [manual("postconf(5)", "smtpd_use_tls"), manual("postconf(5)", "smtpd_enforce_tls")],
    supersedes: [],
    check
}

const SWITCHES: &[&str] = &["smtpd_use_tls", "smtpd_enforce_tls"];
const LEVEL: &str = "smtpd_tls_security_level";

fn check(context: &Context<'_>, sink: &mut Sink) {
    let switches = context.settings().filter(|setting| SWITCHES.contains(&setting.name.as_str()));
    // A switch that is off in main.cf says what every release does by itself; print-outs of all settings are full of those.
    // For one service it means that somebody wanted it otherwise there.
    let matters = |setting: &&Setting| {
        setting.scope != Scope::Server || setting.effective.known().is_none_or(|value| value.eq_ignore_ascii_case("yes"))
    };
    for switch in switches.filter(|setting| !matches!(setting.status, Status::Shadowed { .. })).filter(matters) {
        let level = level_beside(context, switch);
        let message = match level {
            Some(_) => format!("`{}` has no effect: `{LEVEL}` decides", switch.name),
            None => format!("`{}` is an old switch; `{LEVEL}` says the same", switch.name),
        };
        let draft = Draft::about(switch, message);
        let draft = match level {
            Some(level) => draft.also_at(level.written),
            None => draft,
        };
        // What is proposed is written in main.cf, and an option of one service must not be turned into a line for all.
        sink.report(match (&switch.scope, level) {
            (Scope::Service(service), None) if level_of(context, &switch.scope) == "encrypt" => {
                match context.server.listeners.iter().find(|listener| listener.service == *service) {
                    Some(listener) => draft.change_at(listener, Change::RequireTls),
                    None => draft,
                }
            }
            (Scope::Service(_), Some(_)) => {
                draft.change_server(Change::RemoveLine { setting: switch.name.clone(), line: switch.written })
            }
            (Scope::Service(_), None) => draft.change_server(Change::Rename {
                line: switch.written,
                to: LEVEL,
                value: Some(level_of(context, &switch.scope).to_owned()),
            }),
            // A level in main.cf would overrule the switches of services: they must be changed first.
            (Scope::Server, None) if has_switch_in_services(context) => draft,
            (Scope::Server, Some(_)) => draft.change_server(Change::Remove { setting: switch.name.clone() }),
            (Scope::Server, None) => draft.change_server(Change::Replace {
                settings: vec![switch.name.clone()],
                with: LEVEL.to_owned(),
                value: level_of(context, &switch.scope).to_owned(),
            }),
        });
    }
}

/// The level that is in force where the switch stands: the service's own, or else the server's.
fn level_beside<'a>(context: &'a Context<'_>, switch: &Setting) -> Option<&'a Setting> {
    let in_scope =
        |scope: &Scope| context.settings().rev().find(|setting| setting.name == LEVEL && setting.scope == *scope);
    in_scope(&switch.scope)
        .or_else(|| in_scope(&Scope::Server))
        .filter(|level| level.effective.known().is_none_or(|value| !value.is_empty()))
}

/// True when a service has a switch of its own.
fn has_switch_in_services(context: &Context<'_>) -> bool {
    context.settings().any(|setting| SWITCHES.contains(&setting.name.as_str()) && setting.scope != Scope::Server)
}

/// What the switches of a scope come to.
fn level_of(context: &Context<'_>, scope: &Scope) -> &'static str {
    let on = |name: &str| {
        context.settings().any(|setting| {
            setting.name == name
                && setting.scope == *scope
                && setting.effective.known().is_some_and(|value| value.eq_ignore_ascii_case("yes"))
        })
    };
    if on("smtpd_enforce_tls") {
        "encrypt"
    } else if on("smtpd_use_tls") {
        "may"
    } else {
        "none"
    }
}

#[cfg(test)]
mod tests {
    use crate::intake;
    use crate::report::Options;

    /// Messages and proposals about the switches in a configuration.
    fn said(text: &str) -> Vec<(String, Option<String>)> {
        let sources = intake::split("paste", text);
        let dialect = crate::recognise(&sources).unwrap();
        let report = crate::check(&sources, dialect, &Options::default());
        let own = report.findings.into_iter().filter(|one| one.rule == super::RULE.id);
        own.map(|one| (one.message, one.advice.map(|advice| advice.text))).collect()
    }

    #[test]
    fn an_option_of_a_service_never_becomes_a_line_for_all() {
        let text = "smtpd_tls_security_level = may\nsubmission inet n - y - - smtpd\n  -o smtpd_enforce_tls=yes\n";
        let message = "`smtpd_enforce_tls` has no effect: `smtpd_tls_security_level` decides";
        let out = "submission …\n  # -o smtpd_enforce_tls=…    (take this option out)";
        assert_eq!(said(text), [(message.to_owned(), Some(out.to_owned()))]);
    }

    #[test]
    fn the_level_proposed_is_that_of_the_lines_in_the_same_place() {
        let text = "smtpd_use_tls = yes\nsubmission inet n - y - - smtpd\n  -o smtpd_enforce_tls=yes\n";
        let proposals: Vec<String> = said(text).into_iter().filter_map(|(_, text)| text).collect();
        // A level in main.cf would overrule the switch of the service, so that one is to be changed first.
        assert_eq!(proposals, ["submission inet …\n  -o smtpd_tls_security_level=encrypt"]);
    }
}
