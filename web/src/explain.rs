//! What a rule means: a panel over the page.

use smtplint_core::document::explanation;
use smtplint_core::rule_text::{Example, HERE};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};
use yew::{
    Callback, Event, Html, MouseEvent, NodeRef, Properties, classes, component, html, use_callback, use_effect_with,
    use_node_ref,
};

use crate::{findings, markdown, shape, words};

/// See [`Explain`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct ExplainProps {
    /// The rule's id; `None` closes the panel.
    pub(crate) rule: Option<&'static str>,
    /// The panel was closed.
    pub(crate) onclose: Callback<()>,
}

/// A modal panel: the browser itself keeps the focus in it, closes it by Escape, and gives the focus back.
#[component]
pub(crate) fn Explain(props: &ExplainProps) -> Html {
    let dialog = use_node_ref();
    use_effect_with((props.rule, dialog.clone()), |(rule, dialog)| {
        if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
            match (rule, dialog.open()) {
                (Some(_), false) => {
                    dialog.show_modal().ok();
                    dialog.set_scroll_top(0);
                }
                (None, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let onclose = props.onclose.reform(|_: Event| ());
    let close = props.onclose.reform(|_: MouseEvent| ());
    // Beside the panel is the dialog itself; in it, something inside the dialog.
    let onclick = use_callback(
        (props.onclose.clone(), dialog.clone()),
        |event: MouseEvent, (onclose, dialog): &(_, NodeRef)| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if target.is_some() && target == dialog.cast::<Element>() {
                let onclose: &Callback<()> = onclose;
                onclose.emit(());
            }
        },
    );
    html! {
        <dialog id="explain" ref={dialog} aria-labelledby="explain-title" {onclose} {onclick}>
            if let Some(rule) = props.rule {
                <div class="panel">
                    <button type="button" class="close" onclick={close} aria-label={words::CLOSE} title={words::CLOSE}>{ "×" }</button>
                    { text(rule) }
                </div>
            }
        </dialog>
    }
}

fn text(id: &'static str) -> Html {
    let Some((text, severity, _)) = explanation(id) else {
        return Html::default();
    };
    let citations = smtplint_core::rule_by_id(id)
        .map(|(_, rule)| rule.sources)
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
