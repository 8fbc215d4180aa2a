//! Bringing findings into view.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::findings;

/// From this width on the advice stands beside the text; the style sheet has the same number.
const BESIDE: &str = "(min-width: 64rem)";

/// Whether the advice stands beside the text.
pub(crate) fn is_beside() -> bool {
    let query = web_sys::window().and_then(|window| window.match_media(BESIDE).ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// Brings a finding into view, and the focus with it when it was asked for by name.
pub(crate) fn show_card(card: usize, with_focus: bool) {
    let element = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(&findings::element_id(card)))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        let options = ScrollIntoViewOptions::new();
        options.set_block(if with_focus {
            ScrollLogicalPosition::Start
        } else {
            ScrollLogicalPosition::Nearest
        });
        element.scroll_into_view_with_scroll_into_view_options(&options);
        if with_focus {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            element.focus_with_options(&options).ok();
        }
    }
}
