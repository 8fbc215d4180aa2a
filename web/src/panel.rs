//! A panel over the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement};
use yew::{Callback, Event, Html, MouseEvent, NodeRef, html};

use crate::app::{Message, click, when};
use crate::words;

/// A modal panel, empty while there is nothing to show: the browser itself keeps the focus in it, closes it by Escape, and
/// gives the focus back. Its heading is the element `<id>-title`; `close` tells that it is to close.
pub(crate) fn panel(
    id: &'static str,
    content: Option<Html>,
    dialog: &NodeRef,
    close: &Message,
    tell: &Callback<Message>,
) -> Html {
    let (closed, beside) = (close.clone(), close.clone());
    let onclose = when(tell, move |_: Event| Some(closed.clone()));
    // Beside the panel is the dialog itself; in it, something inside the dialog.
    let inside = dialog.clone();
    let onclick = when(tell, move |event: MouseEvent| {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        (inside.cast::<Element>()? == target).then(|| beside.clone())
    });
    html! {
        <dialog {id} ref={dialog.clone()} aria-labelledby={format!("{id}-title")} {onclose} {onclick}>
            if let Some(content) = content {
                <div class="panel">
                    <button type="button" class="close" onclick={click(tell, close.clone())} aria-label={words::close()} title={words::close()}>{ "×" }</button>
                    { content }
                </div>
            }
        </dialog>
    }
}

/// Has the browser open a panel, at its beginning and with the focus where it says `data-first`, or close it.
pub(crate) fn open_or_close(dialog: &NodeRef, open: bool) {
    let Some(dialog) = dialog.cast::<HtmlDialogElement>() else {
        return;
    };
    match (open, dialog.open()) {
        (true, false) => {
            dialog.show_modal().ok();
            dialog.set_scroll_top(0);
            // Not by `autofocus`: the browser minds when a part of the page that was fetched brings that along.
            let first = dialog.query_selector("[data-first]").ok().flatten();
            if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                first.focus().ok();
            }
        }
        (false, true) => dialog.close(),
        _ => {}
    }
}
