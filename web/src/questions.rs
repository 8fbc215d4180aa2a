//! What could not be known, and the command that tells.

use smtplint_core::question::Question;
use yew::{Html, html};

use crate::controls::opened;
use crate::copy::beside;
use crate::results::ResultsProps;
use crate::{markdown, parts, words};

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
    let notes = document.notes.iter().map(|(at, note)| match at {
        Some(span) => format!("{note} ({})", props.checked.sources.spoken(*span)),
        None => note.clone(),
    });
    let notes = notes.collect();
    html! {
        <>
            if !document.questions.is_empty() {
                <section class="questions">
                    <h2>{ words::questions_heading() }</h2>
                    <p class="quiet">{ words::questions_why() }</p>
                    <ul lang="en">{ for document.questions.iter().map(|(ask, command)| question(ask, command)) }</ul>
                    if !rest.is_empty() {
                        <details ontoggle={opened(&props.tell)}>
                            <summary>{ words::more_questions(rest.len()) }</summary>
                            if let Some(controlling) = parts::controls() { { (controlling.questions)(&rest) } }
                        </details>
                    }
                </section>
            }
            { list(words::assumed(), document.assumptions.clone()) }
            { list(words::besides(), notes) }
        </>
    }
}

fn list(heading: &str, items: Vec<String>) -> Html {
    if items.is_empty() {
        return Html::default();
    }
    html! {
        <section class="assumptions">
            <h2>{ heading }</h2>
            <ul lang="en">{ for items.iter().map(|one| html! { <li>{ markdown::sentence(one) }</li> }) }</ul>
        </section>
    }
}

/// Those that are folded away: see [`crate::controls`].
pub(crate) fn more(rest: &[&Question]) -> Html {
    html! { <ul lang="en">{ for rest.iter().map(|one| question(&one.ask, &one.command)) }</ul> }
}

fn question(ask: &str, command: &str) -> Html {
    html! {
        <li>
            <p>{ markdown::inline(ask) }</p>
            { beside(command.to_owned().into(), words::copy_command()) }
        </li>
    }
}
