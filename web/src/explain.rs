//! What a rule means.

use smtplint_core::document::explanation;
use smtplint_core::rule_text::{Example, HERE};
use yew::{Html, classes, html};

use crate::{findings, markdown, shape, words};

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Explaining {
    /// What the panel about a rule says.
    pub(crate) view: fn(&'static str) -> Html,
}

pub(crate) static EXPLAINING: Explaining = Explaining { view: explain };

fn explain(id: &'static str) -> Html {
    let Some((text, severity, _)) = explanation(id) else {
        return Html::default();
    };
    let citations = smtplint_core::rule_by_id(id)
        .map(|(_, rule)| rule.sources())
        .unwrap_or_default();
    html! {
        <>
            <h2 id="explain-title">{ markdown::inline(text.headline) }</h2>
            <p class="identity">{ shape::shape(severity) }{ severity.word() }<code>{ id }</code></p>
            { for text.sections.iter().map(|(title, body)| section(title, markdown::blocks(body))) }
            { for text.examples.iter().map(example) }
            { section(words::SOURCES, html! {
                <ul>{ for citations.iter().map(|one| html! { <li>{ findings::citation(one) }</li> }) }</ul>
            }) }
        </>
    }
}

/// A part of a panel.
pub(crate) fn section(title: &'static str, content: Html) -> Html {
    html! { <section><h3>{ title }</h3>{ content }</section> }
}

fn example(example: &Example<'_>) -> Html {
    let (class, word) = if example.good {
        ("good", words::GOOD_EXAMPLE)
    } else {
        ("bad", words::BAD_EXAMPLE)
    };
    let lines = example.text.trim_end().lines().map(|line| match line.split_once(HERE) {
        Some((line, _)) => html! { <mark>{ line.trim_end().to_owned() }{ "\n" }</mark> },
        None => html! { { format!("{line}\n") } },
    });
    html! {
        <figure class={classes!("example", class)}>
            <figcaption>{ word }</figcaption>
            <pre tabindex="0"><code>{ for lines }</code></pre>
        </figure>
    }
}
