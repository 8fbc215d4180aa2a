//! The withdrawn name of port 465.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};
use crate::source::Span;
use crate::version::Version;

/// The first release that knows `submissions` by itself (postconf(5), known_tcp_ports).
const KNOWN_SINCE: Version = Version::new(3, 6, 0);

rule! {
    "service-named-smtps", "service_named_smtps.md", Info,
    gain: Nothing,
    sources: [rfc(8314, "7.3"), manual("postconf(5)", "known_tcp_ports")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let is_named = |name: &str| name.rsplit(':').next() == Some("smtps");
    let mut named = context.server.listeners.iter().filter(|listener| is_named(&listener.name)).peekable();
    if named.peek().is_none() {
        return sink.not_applicable("no service is called `smtps`");
    }
    for listener in named {
        let message = if listener.log.name.known().is_some_and(|name| name == "postfix/smtps") {
            "{listener} bears a name that was withdrawn: port 465 is called `submissions`; the log calls it `postfix/smtps` \
             as long as `syslog_name` says so, whatever the service is called"
        } else {
            "{listener} bears a name that was withdrawn: port 465 is called `submissions`"
        };
        let draft = Draft::on_all(&[listener], message);
        let knows_new_name = context.server.version.known().is_some_and(|versions| versions.first >= KNOWN_SINCE);
        sink.report(match listener.defined.filter(|_| knows_new_name) {
            Some(entry) => {
                let end = entry.start + listener.name.len();
                let place = Span { start: end - "smtps".len(), end, ..entry };
                draft.change_server(Change::Put {
                    place,
                    title: "Write `submissions` in place of `smtps`".to_owned(),
                    text: "submissions".to_owned(),
                })
            }
            None => draft,
        });
    }
}
