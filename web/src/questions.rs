//! What could not be known, and the command that tells.

use yew::{Html, html};

use crate::copy::CopyButton;
use crate::results::ResultsProps;
use crate::{markdown, words};

/// The questions worth asking now, the rest folded away, and what was taken for granted.
pub(crate) fn questions(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return Html::default();
    };
    let document = &judged.document;
    let rest: Vec<_> = judged
        .report
        .questions
        .iter()
        .filter(|question| !question.unlocks.is_empty())
        .skip(document.questions.len())
        .collect();
    html! {
        <>
            if !document.questions.is_empty() {
                <section class="questions">
                    <h2>{ words::QUESTIONS_HEADING }</h2>
                    <p class="quiet">{ words::QUESTIONS_WHY }</p>
                    <ul>{ for document.questions.iter().map(|(ask, command)| question(ask, command)) }</ul>
                    if !rest.is_empty() {
                        <details>
                            <summary>{ words::more_questions(rest.len()) }</summary>
                            <ul>{ for rest.iter().map(|one| question(&one.ask, &one.command)) }</ul>
                        </details>
                    }
                </section>
            }
            if !document.assumptions.is_empty() {
                <section class="assumptions">
                    <h2>{ words::ASSUMED }</h2>
                    <ul>{ for document.assumptions.iter().map(|one| html! { <li>{ markdown::sentence(one) }</li> }) }</ul>
                </section>
            }
            if !document.notes.is_empty() {
                <section class="assumptions">
                    <h2>{ words::BESIDES }</h2>
                    <ul>{ for document.notes.iter().map(|(at, note)| {
                        let place = at.map(|span| props.checked.sources.spoken(span) + ": ").unwrap_or_default();
                        html! { <li>{ place }{ markdown::inline(note) }</li> }
                    }) }</ul>
                </section>
            }
        </>
    }
}

fn question(ask: &str, command: &str) -> Html {
    html! {
        <li>
            <p>{ markdown::inline(ask) }</p>
            <div class="write beside">
                <pre tabindex="0"><code>{ command.to_owned() }</code></pre>
                <CopyButton text={command.to_owned()} what="Copy the command" />
            </div>
        </li>
    }
}
