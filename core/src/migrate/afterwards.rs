//! The last stage: no password in clear at any port, then new passwords, then the look back.

use super::stages::{back, said, stage as new_stage};
use super::{Check, Course, Stage, StageKind};
use crate::change::Change;
use crate::facts::{Listener, Role, Server};
use crate::finding::Finding;
use crate::impact::{Loss, Who};
use crate::patch::Wish;
use crate::report::Report;
use crate::report::merge::enumerated;
use crate::source::Sources;

/// Services where passwords can be read on the way.
fn in_clear(server: &Server) -> impl Iterator<Item = &Listener> {
    server.listeners.iter().filter(|one| {
        one.is_alive() && one.known_role() != Role::Internal && one.auth.mechanisms.plaintext_before_tls.surely()
    })
}

fn spoken<'s>(listeners: impl Iterator<Item = &'s Listener>) -> String {
    enumerated(&listeners.map(Listener::spoken).collect::<Vec<_>>())
}

/// The stage. `before` is what was to be said before anything was changed, `now` what is to be said of the text as the stages
/// before left it.
pub(super) fn stage(course: &Course<'_>, before: &Report, text: &Sources, now: &Report) -> Stage {
    let mut actions = Vec::new();
    let mut made = None;
    let shown = spoken(in_clear(&now.server));
    if !shown.is_empty() {
        let wishes: Vec<Wish> = in_clear(&now.server)
            .map(|one| (end_of(one), Some(one.clone())))
            .collect();
        let in_clear_only = |loss: &Loss| matches!(loss.who, Who::UsersInClear);
        match course.step(text, now, &wishes, &in_clear_only) {
            Ok(step) => {
                actions.push(format!(
                    "Once those who log in at {shown} have moved, apply the patch: then no login is taken there without TLS."
                ));
                actions.push(format!("Make it effective: `{}`.", course.reload));
                made = Some(step);
            }
            Err(why) => actions.push(format!(
                "Passwords can still be read on the way at {shown}, and no patch is made for it: {why}. End that first, as \
                 `smtplint explain auth-offered-in-clear` says."
            )),
        }
    }
    let were_shown = spoken(in_clear(&before.server));
    if !were_shown.is_empty() {
        let only_then = if shown.is_empty() {
            ""
        } else {
            ", not before: new ones could be read as well"
        };
        actions.push(format!(
            "Then change the passwords that were used on {were_shown}{only_then}. They could be read on the way (RFC 8314 §4.1)."
        ));
    }
    actions.extend(said(&[
        "Raise the TTL of the records to what it was.",
        "Judge the configuration once more, and keep the result.",
    ]));
    let end = made.as_ref().map_or(now, |(_, report)| report);
    let new = new_rules(before, end);
    let shows = match new.as_slice() {
        [] => "nothing new against stage 0".to_owned(),
        new => format!(
            "nothing new against stage 0 but for {}, which the move brings with it",
            enumerated(new)
        ),
    };
    let step = made.map(|(step, _)| step);
    let mut checks: Vec<Check> = Vec::new();
    if step.is_some() {
        checks.extend(in_clear(&now.server).filter_map(|one| course.try_no_login_in_clear(one)));
    }
    checks.push(Check {
        command: "smtplint check".to_owned(),
        shows,
    });
    Stage {
        actions,
        checks,
        done_when: if new.is_empty() {
            "The check is as good as the first one, or better.".to_owned()
        } else {
            "The check shows nothing new beside what is named.".to_owned()
        },
        roll_back: step.as_ref().map_or_else(
            || "There is nothing to take back.".to_owned(),
            |step| back(course, step),
        ),
        step,
        ..new_stage(StageKind::Afterwards, "Afterwards")
    }
}

/// How logins in clear end at a listener.
fn end_of(listener: &Listener) -> Change {
    let has_tls = listener.auth.after_tls.surely();
    if has_tls {
        Change::HideAuthInClear
    } else {
        Change::EncryptAuth
    }
}

/// The rules that say something afterwards which they did not say before, of the same listener or of the whole.
fn new_rules(before: &Report, end: &Report) -> Vec<String> {
    let is_known = |now: &Finding| {
        before.findings.iter().any(|then| {
            let is_of_same =
                now.listeners.iter().any(|one| then.listeners.contains(one)) || now.listeners == then.listeners;
            then.rule == now.rule && is_of_same
        })
    };
    let mut rules: Vec<String> = Vec::new();
    for now in end.findings.iter().filter(|now| !is_known(now)) {
        let rule = format!("`{}`", now.rule);
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}
