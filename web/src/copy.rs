//! A button that copies.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlDocument, HtmlTextAreaElement};
use yew::{AttrValue, Component, Context, Html, MouseEvent, Properties, classes, html};

use crate::words;

/// For how long the button says that it has copied, in milliseconds.
const SAID: u32 = 2_000;

/// A text whose lines are broken between words, if at all: nobody takes half an option for the whole.
pub(crate) fn unbroken(text: &str) -> Html {
    let mut shown: Vec<Html> = Vec::new();
    for line in text.split_inclusive('\n') {
        for (at, word) in line.trim_end_matches('\n').split(' ').enumerate() {
            if at > 0 {
                shown.push(html! { { " " } });
            }
            if !word.is_empty() {
                shown.push(html! { <span class="whole">{ word.to_owned() }</span> });
            }
        }
        if line.ends_with('\n') {
            shown.push(html! { { "\n" } });
        }
    }
    shown.into_iter().collect()
}

/// A command with a button beside it that copies it.
pub(crate) fn beside(text: AttrValue, what: &'static str) -> Html {
    html! {
        <div class="write beside">
            <pre tabindex="0"><code>{ unbroken(&text) }</code></pre>
            <CopyButton {text} {what} />
        </div>
    }
}

/// Lines below their heading, with a button that copies them.
pub(crate) fn under(class: &'static str, heading: Html, lines: &[String], what: &'static str) -> Html {
    if lines.is_empty() {
        return Html::default();
    }
    let text = AttrValue::from(lines.join("\n"));
    html! {
        <div class={classes!("write", class)}>
            <div class="head">{ heading }<CopyButton text={text.clone()} {what} /></div>
            <pre tabindex="0"><code>{ unbroken(&text) }</code></pre>
        </div>
    }
}

/// See [`CopyButton`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct CopyButtonProps {
    /// What is copied.
    pub(crate) text: AttrValue,
    /// What it is, for those who hear the button only.
    pub(crate) what: AttrValue,
    /// What stands on it; empty for the usual word.
    #[prop_or_default]
    pub(crate) label: &'static str,
}

/// A button that puts a text on the clipboard and says whether it could.
#[derive(Debug)]
pub(crate) struct CopyButton {
    /// What became of it; empty for what stands on it otherwise.
    said: &'static str,
    /// Until it says again what it is for.
    back: Option<Timeout>,
}

/// What happens to a [`CopyButton`].
#[derive(Debug)]
pub(crate) enum Message {
    /// It was clicked.
    Copy,
    /// It has something to say.
    Say(&'static str),
}

impl Component for CopyButton {
    type Message = Message;
    type Properties = CopyButtonProps;

    fn create(_: &Context<CopyButton>) -> CopyButton {
        CopyButton { said: "", back: None }
    }

    fn update(&mut self, context: &Context<CopyButton>, message: Message) -> bool {
        let link = context.link().clone();
        match message {
            Message::Copy => {
                let text = context.props().text.clone();
                spawn_local(async move {
                    let copied = copy(&text).await;
                    link.send_message(Message::Say(if copied { words::copied() } else { words::not_copied() }));
                });
                false
            }
            Message::Say(said) => {
                let back = move || link.send_message(Message::Say(""));
                self.back = (!said.is_empty()).then(|| Timeout::new(SAID, back));
                self.said = said;
                true
            }
        }
    }

    fn view(&self, context: &Context<CopyButton>) -> Html {
        let onclick = context.link().callback(|_: MouseEvent| Message::Copy);
        let label = context.props().label;
        let otherwise = if label.is_empty() { words::copy() } else { label };
        let said = if self.said.is_empty() { otherwise } else { self.said };
        html! {
            <button type="button" class="copy" {onclick} title={context.props().what.clone()}>
                <span role="status">{ said }</span>
            </button>
        }
    }
}

/// Copies by the clipboard where the browser gives it, by a selection where it does not.
pub(crate) async fn copy(text: &str) -> bool {
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
