//! One judgement of the whole text, and everything the page shows of it.

use smtplint_core::dialect::Dialect;
use smtplint_core::document::Document;
use smtplint_core::report::{Options, Report};
use smtplint_core::source::Sources;
use smtplint_core::{certificate, check, intake};
use yew::AttrValue;

use crate::marks::{self, Mark};
use crate::position::Parts;
use crate::settings::Settings;

/// What a text without headings is called in places and in JSON.
pub(crate) const PASTE: &str = "paste";

/// A text and what is said about it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Differs from check to check. The page shows it where it shows results, so that a reader of several parts can
    /// tell whether they belong together.
    pub(crate) revision: u32,
    /// The text as it was then.
    pub(crate) text: AttrValue,
    /// What was said beside it.
    pub(crate) settings: Settings,
    /// The text's parts, secrets masked.
    pub(crate) sources: Sources,
    /// Where they begin.
    pub(crate) parts: Parts,
    /// `None` when no dialect knows the text.
    pub(crate) judged: Option<Judged>,
    /// What is marked in the text.
    pub(crate) marks: Vec<Mark>,
}

/// What the core says.
pub(crate) struct Judged {
    /// What it was read as.
    pub(crate) dialect: &'static dyn Dialect,
    /// What it was judged with.
    pub(crate) options: Options,
    /// As data.
    pub(crate) report: Report,
    /// As something to read.
    pub(crate) document: Document,
}

impl std::fmt::Debug for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judged")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Checked {
    fn eq(&self, other: &Checked) -> bool {
        self.revision == other.revision
    }
}

impl Checked {
    /// Judges a text.
    /// `now` is the time in seconds since 1970: a certificate in the text is held against it.
    pub(crate) fn new(revision: u32, text: AttrValue, settings: Settings, now: Option<i64>) -> Checked {
        Checked::of(intake::split(PASTE, &text), revision, text, settings, now)
    }

    /// The same of a text that was split already.
    pub(crate) fn of(
        sources: Sources,
        revision: u32,
        text: AttrValue,
        settings: Settings,
        now: Option<i64>,
    ) -> Checked {
        let parts = Parts::of(&text, &sources);
        let dialect = settings.dialect_of(&sources).filter(|_| !text.trim().is_empty());
        let judged = dialect.map(|dialect| {
            let mut options = settings.options();
            options.target.seen.now = now;
            options.target.seen.given = certificate::given(&text);
            let report = check(&sources, dialect, &options);
            let document = Document::of(&report);
            Judged {
                dialect,
                options,
                report,
                document,
            }
        });
        let marks = judged
            .as_ref()
            .map(|judged| marks::of(&judged.document, &parts, &text))
            .unwrap_or_default();
        Checked {
            revision,
            text,
            settings,
            sources,
            parts,
            judged,
            marks,
        }
    }

    /// Whether a release can be one of what the text is for: a distribution's, or one of a server that it configures.
    pub(crate) fn may_be_of(&self, release: &str) -> bool {
        match release.split_once('=') {
            None | Some(("debian" | "ubuntu", _)) => true,
            Some((server, _)) => {
                let report = self.judged.as_ref().map(|judged| &judged.report);
                report.is_some_and(|report| report.server_of(server).is_some())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::RELEASES;
    use smtplint_core::samples::SAMPLES;

    #[test]
    fn releases_are_those_of_the_servers_in_the_text() {
        let offered = |text: &str| {
            let checked = Checked::new(1, text.to_owned().into(), Settings::default(), None);
            let servers = RELEASES.iter().filter(|release| checked.may_be_of(release));
            servers
                .filter(|release| !release.contains("n=") && !release.contains("u="))
                .count()
        };
        assert_eq!(offered("compatibility_level = 3.6\n"), 8);
        assert_eq!(offered("==> exim4.conf <==\nprimary_hostname = a.example\n"), 6);
        assert_eq!(offered(""), 1);
    }

    #[test]
    fn marks_cover_the_lines_that_findings_name() {
        for sample in SAMPLES {
            let checked = Checked::new(1, sample.text().into(), Settings::default(), None);
            let judged = checked.judged.as_ref().expect("a sample is Postfix");
            for (index, finding) in judged.report.findings.iter().enumerate() {
                for span in &finding.at {
                    let named = checked.sources.slice(*span).trim_end();
                    let mark = checked
                        .marks
                        .iter()
                        .find(|mark| mark.card == index && sample.text().get(mark.range.clone()) == Some(named));
                    assert!(mark.is_some(), "{}: {} at {named:?}", sample.name, finding.rule);
                }
            }
        }
    }

    #[test]
    fn a_certificate_in_the_text_is_the_servers() {
        let certificate = include_str!("../../core/tests/certificates/expired.pem");
        let main = "compatibility_level = 3.6\nsmtpd_tls_cert_file = /etc/ssl/mail.pem\n";
        let master =
            "submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n";
        let text = format!("{main}{certificate}{master}");
        let said = |now| {
            let checked = Checked::new(1, text.clone().into(), Settings::default(), now);
            let findings = checked.judged.expect("it is Postfix").report.findings;
            let found = findings.iter().find(|one| one.rule == "expired-or-expiring");
            // The line is found behind the certificate as well as before it.
            let starts = found.map(|one| {
                one.context
                    .iter()
                    .map(|span| checked.parts.range(*span).start)
                    .collect::<Vec<_>>()
            });
            (findings.iter().any(|one| one.rule == "service-cannot-start"), starts)
        };
        assert_eq!(
            said(Some(1_795_564_800)),
            (false, Some(vec![main.len() + certificate.len()]))
        );
        assert_eq!(said(Some(1_600_000_000)), (false, None));
    }

    #[test]
    fn what_nobody_knows_has_no_report() {
        let checked = Checked::new(1, "Dear Sir or Madam,\n".into(), Settings::default(), None);
        assert!(checked.judged.is_none() && checked.marks.is_empty());
    }
}
