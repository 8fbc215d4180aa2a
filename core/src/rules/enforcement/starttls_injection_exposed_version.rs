//! Releases that take words from outside for part of the encrypted session.

use crate::facts::{Entry, Listener};
use crate::rule::{Context, Draft, Sink, cve, manual, rfc, rule};

rule! {
    "starttls-injection-exposed-version", "starttls_injection_exposed_version.md", High,
    gain: Password,
    sources: [cve("CVE-2011-0411"), rfc(3207, "4.2"), manual("CVE-2011-0411", "Plaintext command injection in multiple implementations of STARTTLS")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let offers = |listener: &&Listener| listener.tls.entry.known() == Some(&Entry::Starttls);
    let mut offering = context.exposed().filter(offers).peekable();
    if offering.peek().is_none() {
        return sink.not_applicable("nothing offers STARTTLS");
    }
    let exposed = &context.server.takes_injected_commands;
    if exposed.surely_not() {
        return;
    }
    for listener in offering {
        // Of a release nothing is known where a port was only looked at.
        let message = match (context.server.is_only_seen(), exposed.value.question()) {
            (true, Some(question)) => {
                sink.wait_for(question);
                continue;
            }
            (true, None) => "{listener} takes commands that somebody on the way sent ahead of TLS",
            _ => "{listener} may take commands that somebody on the way sent ahead of TLS: the release is one of those",
        };
        let draft = Draft::on(listener, message).because(exposed);
        sink.report(match exposed.value.question() {
            Some(question) => draft.depends_on(question),
            None => draft,
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::intake;
    use crate::report::{Options, Report};

    fn judged(target: Option<&str>, text: &str) -> Report {
        let sources = intake::split("paste", text);
        let dialect = crate::recognise(&sources).unwrap();
        let mut options = Options::default();
        if let Some(target) = target {
            options.target.add(target).unwrap();
        }
        crate::check(&sources, dialect, &options)
    }

    fn speaks(report: &Report) -> bool {
        report.findings.iter().any(|one| one.rule == super::RULE.id)
    }

    const OFFERED: &str = "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /c.pem\nsmtp inet n - n - - smtpd\n";

    #[test]
    fn no_release_that_is_read_is_exposed() {
        assert!(!speaks(&judged(None, OFFERED)), "without a release");
        let branches = ["2.10", "2.11", "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11"];
        for branch in branches {
            let report = judged(Some(&format!("postfix={branch}")), OFFERED);
            assert!(!speaks(&report) && report.passed.contains(&super::RULE.id), "{branch}");
        }
    }

    #[test]
    fn an_older_one_depends_on_its_package() {
        for (target, expected) in [("postfix=2.7.2", true), ("postfix=2.7.3", false), ("postfix=2.7", true), ("postfix=2.8.0", false)] {
            assert_eq!(speaks(&judged(Some(target), OFFERED)), expected, "{target}");
        }
        let printed = judged(None, &format!("mail_version = 2.6.6\n{OFFERED}"));
        let finding = printed.findings.iter().find(|one| one.rule == super::RULE.id).unwrap();
        assert_eq!(finding.confidence, crate::finding::Confidence::Depends);
        assert!(!speaks(&judged(Some("postfix=2.7.2"), &OFFERED.replace("may", "none"))), "nothing to inject into");
    }
}
