//! The text field with its margin: line numbers, and marks where something is to be said.
//!
//! A plain text field lies over a copy of its text that is invisible but for its marks. Both lie in one box that
//! scrolls, and the copy gives the box its size: so they can never stand apart.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FocusOptions, HtmlElement, HtmlTextAreaElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::{AttrValue, Callback, Html, InputEvent, NodeRef, classes, html};

use crate::app::{Message, click, when};
use crate::marks::{self, Mark};
use crate::{position, shape, words};

/// The text field with its margin: the text, what is marked in it, the card whose marks stand out, which
/// field it is, and the field itself.
pub(crate) fn editor(
    text: &AttrValue,
    marks: &[Mark],
    chosen: Option<usize>,
    field: &'static str,
    area: &NodeRef,
    tell: &Callback<Message>,
) -> Html {
    let oninput = when(tell, |event: InputEvent| {
        let area = event.target()?.dyn_into::<HtmlTextAreaElement>().ok()?;
        Some(Message::Text(area.value().into(), was_typed(&event)))
    });
    html! {
        <div class="editor">
            <div class="sheet">
                <div class="gutter">{ gutter(text, marks, chosen, tell) }</div>
                <div class="page">
                    <pre class="backdrop" aria-hidden="true">{ backdrop(text, marks, chosen) }{ "\n" }</pre>
                    <textarea
                        id="configuration" key={field} ref={area.clone()} value={text.clone()} {oninput} onclick={click(tell, Message::Caret)}
                        placeholder={words::text_hint()} spellcheck="false" autocomplete="off" autocapitalize="off"
                        wrap="off"
                    />
                </div>
            </div>
        </div>
    }
}

/// Numbers in runs, because most lines have nothing but their number.
fn gutter(text: &str, marks: &[Mark], chosen: Option<usize>, tell: &Callback<Message>) -> Html {
    let mut shown: Vec<Html> = Vec::new();
    let mut run = String::new();
    for row in marks::rows(text, marks) {
        match (row.number, row.mark) {
            (Some(number), Some(mark)) => {
                shown.push(html! { { std::mem::take(&mut run) } });
                let card = mark.card;
                let onclick = click(tell, Message::Mark(card));
                let label = words::mark(number, mark.severity, row.findings, &mark.title);
                let class = classes!("mark", mark.severity.word(), (chosen == Some(card)).then_some("chosen"));
                shown.push(html! {
                    <button type="button" {class} {onclick} aria-label={label.clone()} title={label}>
                        { shape::shape(mark.severity) }{ number }
                    </button>
                });
            }
            (Some(number), None) => run.push_str(&number.to_string()),
            (None, _) => run.push('·'),
        }
        run.push('\n');
    }
    shown.push(html! { { run } });
    shown.into_iter().collect()
}

fn backdrop(text: &str, marks: &[Mark], chosen: Option<usize>) -> Html {
    marks::pieces(text, marks, chosen)
        .into_iter()
        .map(|piece| {
            let text = text.get(piece.range).unwrap_or("").to_owned();
            match piece.severity {
                Some(severity) => {
                    let class = classes!(severity.word(), piece.chosen.then_some("chosen"));
                    html! { <mark {class}>{ text }</mark> }
                }
                None => html! { { text } },
            }
        })
        .collect()
}

/// Single strokes wait for the next one; what comes whole, by pasting or by a program, is judged at once.
pub(crate) fn was_typed(event: &InputEvent) -> bool {
    let kind = js_sys::Reflect::get(event, &JsValue::from_str("inputType")).ok();
    kind.and_then(|kind| kind.as_string())
        .is_some_and(|kind| kind != "insertFromPaste" && kind != "insertFromDrop")
}

/// Selects a range of bytes of the text and brings its line into view.
pub(crate) fn select(area: &NodeRef, start: usize, end: usize) {
    let Some(area) = area.cast::<HtmlTextAreaElement>() else {
        return;
    };
    let text = area.value();
    // The field is as tall as its text: bringing all of it into view would lead astray.
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    area.focus_with_options(&options).ok();
    area.set_selection_range(position::utf16(&text, start), position::utf16(&text, end))
        .ok();
    reveal(&area, &text, start);
}

/// Where a line is in the box that scrolls: the box, and the line's top and bottom in it.
fn place(area: &HtmlTextAreaElement, text: &str, byte: usize) -> Option<(Element, i32, i32)> {
    let backdrop = area.previous_element_sibling()?.dyn_into::<HtmlElement>().ok()?;
    let editor = area.closest(".editor").ok()??;
    let lines = i32::try_from(text.matches('\n').count() + 1).ok()?;
    let line = i32::try_from(position::lines_before(text, byte)).ok()?;
    let height = backdrop.offset_height();
    Some((editor, height * line / lines, height * (line + 1) / lines))
}

fn reveal(area: &HtmlTextAreaElement, text: &str, start: usize) -> Option<()> {
    let (editor, top, _) = place(area, text, start)?;
    editor.set_scroll_top(top - editor.client_height() / 3);
    editor.set_scroll_left(0);
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    editor.scroll_into_view_with_scroll_into_view_options(&options);
    Some(())
}

/// Keeps the line that is typed in view: the browser has looked for it before the box took the new size of the text.
pub(crate) fn follow(area: &NodeRef) -> Option<()> {
    let area = area.cast::<HtmlTextAreaElement>()?;
    let text = area.value();
    let caret = position::byte(&text, area.selection_end().ok()??);
    let (editor, top, bottom) = place(&area, &text, caret)?;
    let (first, height) = (editor.scroll_top(), editor.client_height());
    if bottom > first + height {
        editor.set_scroll_top(bottom - height);
    } else if top < first {
        editor.set_scroll_top(top);
    }
    Some(())
}
