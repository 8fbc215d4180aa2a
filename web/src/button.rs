//! A button that tells something.

use yew::{AttrValue, Callback, Html, html};

use crate::app::{Message, click};

/// A button with a text; an empty class is none.
pub(crate) fn button(
    class: &'static str,
    text: impl Into<AttrValue>,
    tell: &Callback<Message>,
    message: Message,
) -> Html {
    written(class, text.into(), tell, message)
}

/// One for all kinds of texts.
#[inline(never)]
fn written(class: &'static str, text: AttrValue, tell: &Callback<Message>, message: Message) -> Html {
    html! { <button type="button" {class} onclick={click(tell, message)}>{ text }</button> }
}
