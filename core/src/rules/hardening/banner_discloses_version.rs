//! A greeting that names the release.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "banner-discloses-version", "banner_discloses_version.md", Low,
    gain: Knowledge,
    sources: [rfc(5321, "7.5"), manual("postconf(5)", "smtpd_banner"), manual("Exim specification", "Main configuration")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed() {
        let tells = &listener.session.tells_release;
        sink.wait_for_fact(tells);
        if tells.surely() {
            let draft = Draft::on(listener, "{listener} greets everybody with the server's release").because(tells);
            sink.report(draft.change(Change::HideRelease));
        }
    }
}
