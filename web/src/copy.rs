//! A button that copies.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlDocument, HtmlTextAreaElement};
use yew::{AttrValue, Callback, Html, Properties, component, html, use_callback, use_effect_with, use_state_eq};

use crate::words;

/// For how long the button says that it has copied, in milliseconds.
const SAID: u32 = 2_000;

/// See [`CopyButton`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct CopyButtonProps {
    /// What is copied.
    pub(crate) text: AttrValue,
    /// What it is, for those who hear the button only.
    pub(crate) what: AttrValue,
}

/// A button that puts a text on the clipboard and says whether it could.
#[component]
pub(crate) fn CopyButton(props: &CopyButtonProps) -> Html {
    let said = use_state_eq(|| words::COPY);
    let onclick = {
        let said = said.setter();
        use_callback(props.text.clone(), move |_, text| {
            let (said, text) = (said.clone(), text.clone());
            spawn_local(async move {
                said.set(if copy(&text).await {
                    words::COPIED
                } else {
                    words::NOT_COPIED
                });
            });
        })
    };
    {
        let setter = said.setter();
        use_effect_with(*said, move |now| {
            let back = (*now != words::COPY).then(|| Timeout::new(SAID, move || setter.set(words::COPY)));
            move || drop(back)
        });
    }
    let onclick: Callback<_> = onclick;
    html! {
        <button type="button" class="copy" {onclick} title={props.what.clone()}>
            <span role="status">{ *said }</span>
        </button>
    }
}

/// Copies by the clipboard where the browser gives it, by a selection where it does not.
async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    // Pages that did not come over HTTPS have no clipboard, whatever the binding's type says.
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| clipboard.is_object())
        && JsFuture::from(window.navigator().clipboard().write_text(text))
            .await
            .is_ok()
    {
        return true;
    }
    by_selection(text).unwrap_or(false)
}

fn by_selection(text: &str) -> Option<bool> {
    let document = web_sys::window()?.document()?.dyn_into::<HtmlDocument>().ok()?;
    let area = document
        .create_element("textarea")
        .ok()?
        .dyn_into::<HtmlTextAreaElement>()
        .ok()?;
    let back = document
        .active_element()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    area.set_class_name("away");
    area.set_value(text);
    document.body()?.append_child(&area).ok()?;
    area.select();
    let copied = document.exec_command("copy").unwrap_or(false);
    area.remove();
    if let Some(back) = back {
        back.focus().ok();
    }
    Some(copied)
}
