//! Switches that one level replaced long ago.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::{Setting, Status};

rule! {
    "legacy-tls-switches", "legacy_tls_switches.md", Low,
    sources: [manual("postconf(5)", "smtpd_use_tls"), manual("postconf(5)", "smtpd_enforce_tls")],
    supersedes: [],
    check
}

const SWITCHES: &[&str] = &["smtpd_use_tls", "smtpd_enforce_tls"];
const LEVEL: &str = "smtpd_tls_security_level";

fn check(context: &Context<'_>, sink: &mut Sink) {
    let switches = context.settings.iter().filter(|setting| SWITCHES.contains(&setting.name.as_str()));
    // A switch that is off, as `postconf -d` prints it, says what every release does by itself.
    let on = |setting: &&Setting| setting.effective.known().is_none_or(|value| value.eq_ignore_ascii_case("yes"));
    for switch in switches.filter(|setting| !matches!(setting.status, Status::Shadowed { .. })).filter(on) {
        let level = level_beside(context, switch);
        let message = match level {
            Some(_) => format!("`{}` has no effect: `{LEVEL}` decides", switch.name),
            None => format!("`{}` is an old switch; `{LEVEL}` says the same", switch.name),
        };
        let draft = Draft::about(switch, message);
        sink.report(match level {
            Some(level) => draft.also_at(level.written).change_server(Change::Remove { setting: switch.name.clone() }),
            None => draft.change_server(Change::Replace {
                settings: vec![switch.name.clone()],
                with: LEVEL.to_owned(),
                value: level_of(context).to_owned(),
            }),
        });
    }
}

/// The level that is in force where the switch stands.
fn level_beside<'a>(context: &'a Context<'_>, switch: &Setting) -> Option<&'a Setting> {
    context
        .settings
        .iter()
        .rev()
        .find(|setting| setting.name == LEVEL && setting.scope == switch.scope)
        .filter(|level| level.effective.known().is_none_or(|value| !value.is_empty()))
}

/// What the switches come to.
fn level_of(context: &Context<'_>) -> &'static str {
    let on = |name: &str| {
        context.settings.iter().any(|setting| {
            setting.name == name && setting.effective.known().is_some_and(|value| value.eq_ignore_ascii_case("yes"))
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
