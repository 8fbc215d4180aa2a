//! Curves for key exchange that are too weak, or only one of them.

use super::offered;
use crate::change::Change;
use crate::facts::{Fact, Role, Step};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};
use crate::tls::group;

rule! {
    "weak-or-fixed-curve", "weak_or_fixed_curve.md", Low,
    gain: Mail,
    sources: [
        rfc(9325, "4.5"),
        manual("postconf(5)", "tls_eecdh_auto_curves"),
        manual("postconf(5)", "smtpd_tls_eecdh_grade"),
    ],
    supersedes: [],
    check
}

/// Bits of security that a curve must have (RFC 9325 §4.5).
const ENOUGH: u16 = 112;

fn check(context: &Context<'_>, sink: &mut Sink) {
    offered::each(context, sink, |listener, handshake, sink| {
        let curves = &handshake.curves;
        // What Postfix takes by itself is not the person's doing, and a list that nobody sees is left alone.
        let is_written = |step: &&Step| step.span().is_some();
        let (Some(named), Some(decides)) = (Fact::known(curves), curves.because.iter().find(is_written)) else {
            sink.wait_for_fact(curves);
            return;
        };
        // Postfix passes over names that the library does not know; with no other it takes its own list.
        let is_known = |name: &&String| name.as_str() == "none" || group::by_name(name).is_some();
        let known: Vec<&String> = named.surely.iter().filter(is_known).collect();
        let weak = known.iter().find(|name| group::by_name(name).is_some_and(|group| group.security < ENOUGH));
        let (message, severity) = match (weak, known.as_slice()) {
            (Some(weak), _) => (format!("{{listener}} exchanges keys on `{weak}`, a curve that is too weak"), Severity::Medium),
            (None, [none]) if *none == "none" => {
                ("{listener} exchanges no keys on curves, so that many clients get no forward secrecy".to_owned(), Severity::High)
            }
            (None, [one]) if named.rest.is_none() => {
                (format!("{{listener}} exchanges keys on `{one}` alone; clients without this curve get another suite or none"), Severity::Low)
            }
            _ => return,
        };
        let severity = if listener.known_role() == Role::Mx { Severity::Low } else { severity };
        let draft = Draft::on(listener, message).severity(severity).because(curves);
        sink.report(match decides {
            Step::Set { setting, .. } => draft.change_server(Change::Remove { setting: setting.to_string() }),
            _ => draft,
        });
    });
}
