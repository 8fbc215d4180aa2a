//! The rules that found nothing, and those that had nothing to look at.

use smtplint_core::document::explanation;
use smtplint_core::report::Report;
use yew::{Callback, Html, html};

use crate::app::{Message, click};
use crate::controls::opened;
use crate::explain::Topic;
use crate::results::ResultsProps;
use crate::{markdown, parts, words};

/// A folded list: that a rule looked is worth knowing, but not first.
pub(crate) fn passed(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return Html::default();
    };
    let report = &judged.report;
    html! {
        <details class="passed" ontoggle={opened(&props.tell)}>
            <summary>{ words::passed(report.passed.len()) }</summary>
            if let Some(controlling) = parts::controls() { { (controlling.passed)(report, &props.tell) } }
        </details>
    }
}

/// What is in it: see [`crate::controls`].
pub(crate) fn lists(report: &Report, tell: &Callback<Message>) -> Html {
    let rule = |id: &'static str, text: &str| {
        let onclick = click(tell, Message::Explain(Some(Topic::Rule(id))));
        html! {
            <li>
                <button type="button" class="link rule" {onclick} aria-haspopup="dialog">{ id }</button>
                <span>{ markdown::inline(text) }</span>
            </li>
        }
    };
    html! {
        <>
            <p class="quiet">{ words::passed_why() }</p>
            <ul>
                { for report.passed.iter().map(|id| {
                    rule(id, explanation(id).map(|(text, ..)| text.headline).unwrap_or_default())
                }) }
            </ul>
            if !report.not_applicable.is_empty() {
                <h3>{ words::no_subject() }</h3>
                <ul>{ for report.not_applicable.iter().map(|one| rule(one.rule, one.why)) }</ul>
            }
        </>
    }
}
