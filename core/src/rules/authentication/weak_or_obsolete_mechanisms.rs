//! Mechanisms that were meant for lines without TLS, and need passwords that can be read on the server.

use crate::change::Change;
use crate::facts::Step;
use crate::report::merge::enumerated;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "weak-or-obsolete-mechanisms", "weak_or_obsolete_mechanisms.md", Low,
    gain: Password,
    sources: [rfc(6331, "1"), rfc(4954, "4"), manual("postconf(5)", "smtpd_sasl_mechanism_filter"), manual("Dovecot Core Settings", "auth_mechanisms"), manual("Exim specification", "SMTP authentication")],
    supersedes: [],
    check
}

const WEAK: &[&str] = &["CRAM-MD5", "DIGEST-MD5", "NTLM"];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let picks = |names: &[String]| !names.is_empty();
    let mut picking = context
        .exposed()
        .map(|listener| (listener, &listener.auth.mechanisms.picked))
        .filter(|(_, picked)| picked.known().is_none_or(|names| picks(&names.surely) || names.rest.is_some()))
        .peekable();
    if picking.peek().is_none() {
        return sink.not_applicable("only the authentication service knows the names of its mechanisms");
    }
    for (listener, picked) in picking {
        let Some(names) = picked.known() else {
            sink.wait_for_fact(picked);
            continue;
        };
        let upper: Vec<String> = names.surely.iter().map(|name| name.to_ascii_uppercase()).collect();
        let count = upper.len();
        let weak: Vec<String> = upper.into_iter().filter(|name| WEAK.contains(&name.as_str())).collect();
        if !weak.is_empty() {
            let spoken: Vec<String> = weak.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("{{listener}} names {} among the ways to log in", enumerated(&spoken));
            let draft = Draft::on(listener, message).because(picked);
            // A list that names nothing hides nothing.
            let line = picked.because.iter().find_map(Step::span).filter(|_| weak.len() < count);
            let words = weak.into_iter().map(|name| (name, String::new())).collect();
            sink.report(match line {
                Some(line) => draft.change_server(Change::Spell { line, words }),
                None => draft,
            });
        }
    }
}
