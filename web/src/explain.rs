//! What a rule means: a panel over the page.

use smtplint_core::document::explanation;
use smtplint_core::rule_text::{Example, HERE};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};
use yew::{Callback, Event, Html, MouseEvent, NodeRef, classes, html};

use crate::app::{Message, click, when};
use crate::{findings, markdown, shape, words};

/// A modal panel about a rule: the browser itself keeps the focus in it, closes it by Escape, and gives the focus back.
pub(crate) fn explain(rule: Option<&'static str>, dialog: &NodeRef, tell: &Callback<Message>) -> Html {
    let close = Message::Explain(None);
    let onclose = when(tell, |_: Event| Some(Message::Explain(None)));
    // Beside the panel is the dialog itself; in it, something inside the dialog.
    let inside = dialog.clone();
    let onclick = when(tell, move |event: MouseEvent| {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        (inside.cast::<Element>()? == target).then_some(Message::Explain(None))
    });
    html! {
        <dialog id="explain" ref={dialog.clone()} aria-labelledby="explain-title" {onclose} {onclick}>
            if let Some(rule) = rule {
                <div class="panel">
                    <button type="button" class="close" onclick={click(tell, close)} aria-label={words::CLOSE} title={words::CLOSE}>{ "×" }</button>
                    { text(rule) }
                </div>
            }
        </dialog>
    }
}

/// Opens the panel, at its beginning, or closes it.
pub(crate) fn open_or_close(dialog: &HtmlDialogElement, open: bool) {
    match (open, dialog.open()) {
        (true, false) => {
            dialog.show_modal().ok();
            dialog.set_scroll_top(0);
        }
        (false, true) => dialog.close(),
        _ => {}
    }
}

fn text(id: &'static str) -> Html {
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
            { for text.sections.iter().map(|(title, body)| html! {
                <section><h3>{ *title }</h3>{ markdown::blocks(body) }</section>
            }) }
            { for text.examples.iter().map(example) }
            <section>
                <h3>{ words::SOURCES }</h3>
                <ul>{ for citations.iter().map(|one| html! { <li>{ findings::citation(one) }</li> }) }</ul>
            </section>
        </>
    }
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
