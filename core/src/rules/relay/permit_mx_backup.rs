//! Mail taken for whoever names this server in DNS.

use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "permit-mx-backup", "permit_mx_backup.md", Medium,
    gain: Relay,
    sources: [manual("postconf(5)", "permit_mx_backup"), manual("postconf(5)", "permit_mx_backup_networks"), rfc(5068, "3.2")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.reachable() {
        if listener.backs_up.surely() {
            let message = "{listener} takes mail for any domain whose DNS names this server";
            sink.report(Draft::on(listener, message).because(&listener.backs_up));
        } else {
            sink.wait_for_fact(&listener.backs_up);
        }
    }
}
