//! Which of the findings are shown.

use smtplint_core::finding::{Finding, Severity};
use smtplint_core::report::Report;
use yew::{AttrValue, Callback, Html, html};

use crate::app::Message;
use crate::controls::opened;
use crate::toolbar::said;
use crate::{parts, words};

/// So few findings need no filter.
const FEW: usize = 3;

/// All of them, as long as nothing is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// As bad as this, or worse.
    severity: Option<Severity>,
    /// A group of rules; empty for every one.
    group: String,
    /// A listener, by id; empty for every one.
    listener: String,
}

impl Filter {
    /// Narrows by one of the lists, by its name.
    pub(crate) fn narrow(&mut self, list: &str, said: String) {
        match list {
            "filter-severity" => self.severity = Severity::from_word(&said),
            "filter-group" => self.group = said,
            _ => self.listener = said,
        }
    }

    /// Whether a finding is shown.
    pub(crate) fn shows(&self, finding: &Finding) -> bool {
        self.severity.is_none_or(|least| finding.severity >= least)
            && (self.group.is_empty() || finding.group == self.group)
            && (self.listener.is_empty() || finding.listeners.contains(&self.listener))
    }
}

/// The lists that narrow what is shown, folded, and how many are shown of all.
pub(crate) fn filter(filter: &Filter, report: &Report, tell: &Callback<Message>) -> Html {
    let findings = &report.findings;
    if findings.len() <= FEW {
        return Html::default();
    }
    let shown = findings.iter().filter(|finding| filter.shows(finding)).count();
    let said = if shown < findings.len() {
        words::shown(shown, findings.len())
    } else {
        String::new()
    };
    html! {
        <details class="filter" ontoggle={opened(tell)}>
            <summary>{ words::narrow() }<output id="filtered" aria-live="polite">{ said }</output></summary>
            if let Some(controlling) = parts::controls() { { (controlling.filter)(filter, report, tell) } }
        </details>
    }
}

/// The lists: see [`crate::controls`].
pub(crate) fn lists(filter: &Filter, report: &Report, tell: &Callback<Message>) -> Html {
    let findings = &report.findings;
    let list = |name: &'static str, label: &'static str, now: &str, choices: Vec<(AttrValue, AttrValue)>| {
        let all = (AttrValue::default(), words::every().into());
        let choices = std::iter::once(all).chain(choices).collect();
        said(name.into(), label.into(), now, choices, Message::Narrow, tell)
    };
    let severities = Severity::ALL
        .into_iter()
        .filter(|one| findings.iter().any(|finding| finding.severity == *one))
        .map(|one| (one.word().into(), words::or_worse(one).into()));
    let mut groups: Vec<&'static str> = Vec::new();
    for finding in findings {
        if !groups.contains(&finding.group) {
            groups.push(finding.group);
        }
    }
    let groups = groups.into_iter().map(|one| (one.into(), one.replace('_', " ").into()));
    let listeners = report
        .listeners()
        .filter(|one| findings.iter().any(|finding| finding.listeners.contains(&one.id)))
        .map(|one| (one.id.clone().into(), one.id.clone().into()));
    let severity = filter.severity.map_or("", Severity::word);
    html! {
        <div class="toolbar">
            { list("filter-severity", words::filter_severity(), severity, severities.collect()) }
            { list("filter-group", words::filter_group(), &filter.group, groups.collect()) }
            { list("filter-listener", words::filter_listener(), &filter.listener, listeners.collect()) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Checked;
    use crate::settings::Settings;
    use smtplint_core::samples::SAMPLES;

    #[test]
    fn each_list_narrows_what_is_shown() {
        let checked = Checked::new(1, SAMPLES[0].text().into(), Settings::default(), None);
        let findings = &checked.judged.as_ref().expect("it is Postfix").report.findings;
        let shown = |filter: &Filter| findings.iter().filter(|one| filter.shows(one)).count();
        assert_eq!(shown(&Filter::default()), findings.len());
        let severity = Some(Severity::High);
        let worst = Filter {
            severity,
            ..Filter::default()
        };
        assert!((1..findings.len()).contains(&shown(&worst)));
        let (group, listener) = (findings[0].group.to_owned(), String::new());
        let group = Filter {
            severity: None,
            group,
            listener,
        };
        assert!((1..findings.len()).contains(&shown(&group)));
        let listener = findings
            .iter()
            .flat_map(|one| &one.listeners)
            .next()
            .expect("a port")
            .clone();
        let listener = Filter {
            listener,
            ..Filter::default()
        };
        assert!((1..findings.len()).contains(&shown(&listener)));
    }
}
