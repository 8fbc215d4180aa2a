//! Checks made for other servers, in force where users connect.

use crate::change::Change;
use crate::facts::{Role, Step};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "mua-overrides-inherit-mx-checks", "mua_overrides_inherit_mx_checks.md", Low,
    gain: KeptOut,
    sources: [rfc(6409, "4.3"), manual("postconf(5)", "smtpd_client_restrictions"), manual("postconf(5)", "permit_sasl_authenticated")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.with_role(Role::Submission) {
        for check in &listener.session.checks_on_users {
            let (Some(word), Some(list)) = (check.known(), check.because.iter().find_map(Step::setting)) else { continue };
            let message = format!("{{listener}} puts users to `{word}` in `{list}` before their login counts");
            let draft = Draft::on(listener, message).because(check);
            sink.report(draft.change(Change::LetUsersPass { list: list.to_owned() }));
        }
    }
}
