//! What the page says when the program inside it has stopped.

use crate::words;

/// From now on a panic shows a sentence in the shell's element `broken`, outside everything that is rendered.
/// The page stays as it is, and so does the text in it.
pub(crate) fn say_so_on_panic() {
    // Through Yew, which would put its own in place otherwise.
    yew::set_custom_panic_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let element = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.get_element_by_id("broken"));
        // Without the shell's element there is nowhere to say it.
        if let Some(element) = element {
            element.set_text_content(Some(&words::broken(&place)));
            element.toggle_attribute_with_force("hidden", false).ok();
        }
    }));
}
