//! Lines that a later line overrules.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::setting::Status;

rule! {
    "shadowed-setting", "shadowed_setting.md", Low,
    gain: Nothing,
    sources: [manual("postconf(5)", "The general format of the main.cf file"), manual("Dovecot Config File Syntax", "Basics")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for setting in context.settings() {
        if let Status::Shadowed { by } = setting.status {
            // A line that says what the last one says misleads nobody; the one between them does.
            let in_force = context.settings().find(|one| one.written == by);
            if in_force.is_some_and(|one| one.effective == setting.effective) {
                continue;
            }
            let message = format!("this `{}` has no effect: a later line gives another value", setting.name);
            let change = Change::RemoveLine { setting: setting.name.clone(), line: setting.written };
            sink.report(Draft::about(setting, message).also_at(by).change_server(change));
        }
    }
}
