//! AUTH announced for clients of the last century.

use crate::change::Change;
use crate::facts::Step;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "broken-sasl-auth-clients", "broken_sasl_auth_clients.md", Info,
    gain: Nothing,
    sources: [manual("postconf(5)", "broken_sasl_auth_clients"), rfc(4954, "3")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed() {
        let auth = &listener.auth;
        if !auth.old_form.surely() || (auth.before_tls.surely_not() && auth.after_tls.surely_not()) {
            continue;
        }
        let draft = Draft::on(listener, "{listener} announces AUTH a second time, for Outlook Express 4").because(&auth.old_form);
        let change = auth.old_form.because.iter().find_map(|step| match step {
            Step::Set { setting, .. } => Some(Change::Remove { setting: setting.to_string() }),
            Step::Override { setting, span, .. } => Some(Change::RemoveLine { setting: setting.to_string(), line: *span }),
            _ => None,
        });
        sink.report(match change {
            Some(change) => draft.change_server(change),
            None => draft,
        });
    }
}
