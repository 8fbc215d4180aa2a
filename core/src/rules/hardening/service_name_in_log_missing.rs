//! Ports that look alike in the log.

use crate::change::Change;
use crate::facts::Role;
use crate::gather::Index;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "service-name-in-log-missing", "service_name_in_log_missing.md", Info,
    gain: Nothing,
    sources: [manual("postconf(5)", "syslog_name"), manual("Dovecot Core Settings", "login_log_format_elements"), manual("Exim specification", "Log files")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut listeners_of = Index::default();
    for name in context.alive().filter_map(|listener| listener.session.log_name.known()) {
        *listeners_of.get_or_put(name, 0) += 1;
    }
    for listener in context.with_role(Role::Submission) {
        let name = &listener.session.log_name;
        sink.wait_for_fact(name);
        if name.known().and_then(|name| listeners_of.get(name)).is_some_and(|count| count > 1) {
            let draft = Draft::on(listener, "the log does not tell {listener} from other ports").because(name);
            sink.report(draft.change(Change::NameInLog));
        }
    }
}
