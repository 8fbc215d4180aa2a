//! What could not be known, and the command that tells.

use std::rc::Rc;

use yew::{Html, Properties, component, html};

use crate::check::Checked;
use crate::copy::Copy;
use crate::{markdown, words};

/// See [`Questions`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct QuestionsProps {
    /// What is judged.
    pub(crate) checked: Rc<Checked>,
}

/// The questions worth asking now, the rest folded away, and what was taken for granted.
#[component]
pub(crate) fn Questions(props: &QuestionsProps) -> Html {
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
                    <ul>{ for document.assumptions.iter().map(|one| html! { <li>{ markdown::inline(one) }</li> }) }</ul>
                </section>
            }
        </>
    }
}

fn question(ask: &str, command: &str) -> Html {
    html! {
        <li>
            <p>{ markdown::inline(ask) }</p>
            <div class="write">
                <pre tabindex="0"><code>{ command.to_owned() }</code></pre>
                <Copy text={command.to_owned()} what="Copy the command" />
            </div>
        </li>
    }
}
