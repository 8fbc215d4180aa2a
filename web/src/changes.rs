//! What was changed, the way back, and what to take home.

use smtplint_core::file_change;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};
use yew::{Callback, Html, html};

use crate::app::Message;
use crate::button::button;
use crate::proposal::{self, file};
use crate::results::ResultsProps;
use crate::{markdown, parts, words};

/// What can be changed at once and what was changed, where there is any of it.
pub(crate) fn changes(props: &ResultsProps) -> Html {
    let is_any = props.made > 0 || props.free > 0 || !props.not_undone.is_empty();
    let changing = parts::changes().filter(|_| is_any);
    changing.map_or_else(Html::default, |changing| (changing.section)(props))
}

/// The buttons above the findings: everything at once, and the way back; and below them what was changed so far.
pub(crate) fn section(props: &ResultsProps) -> Html {
    let tell = &props.tell;
    let count = props.made;
    html! {
        <section id="changes">
            <p class="actions">
                if props.free > 0 {
                    { button("main apply-all", words::apply_all(props.free), tell, Message::ApplyAll) }
                }
                if count > 0 {
                    { button("undo", words::undo(count), tell, Message::Undo) }
                }
            </p>
            <div role="status">
                if count > 0 { <p class="note">{ words::done(&props.last) }</p> }
                if !props.not_undone.is_empty() { <p class="worry">{ props.not_undone }</p> }
            </div>
            if count > 0 { { taken_home(&props.first, &props.checked.text, tell) } }
        </section>
    }
}

/// Everything that was changed since before the first change.
fn taken_home(first: &str, now: &str, tell: &Callback<Message>) -> Html {
    let changes = proposal::between(first, now);
    let (patch, hidden) = file_change::patch(&changes);
    let whole = || changes.iter().enumerate().filter(|(_, change)| change.is_whole);
    html! {
        <details>
            <summary>{ words::changed() }</summary>
            { for changes.iter().map(file) }
            if changes.is_empty() { <p class="note">{ words::no_file_changed() }</p> }
            <p class="actions">
                if !patch.is_empty() {
                    { button("", words::take_patch(), tell, Message::Take(None)) }
                }
                { for whole().map(|(at, change)| button("", words::take(&change.path), tell, Message::Take(Some(at)))) }
            </p>
            if !patch.is_empty() && hidden.is_empty() && whole().next().is_some() {
                <p class="note">{ markdown::inline(&words::how_to_patch(file_change::patch_command(&changes))) }</p>
            }
        </details>
    }
}

/// Hands over, as a download, a file that changed, by its place among them; or the patch of them all.
pub(crate) fn take(what: Option<usize>, before: &str, now: &str) -> Option<()> {
    let changes = proposal::between(before, now);
    match what {
        None => download(words::PATCH_NAME, &file_change::patch(&changes).0),
        Some(at) => {
            let change = changes.get(at)?;
            download(file_name(&change.path), &change.after)
        }
    }
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Has the browser keep a text as a file; it asks nobody for it.
pub(crate) fn download(name: &str, text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let parts = js_sys::Array::of1(&text.into());
    let blob = Blob::new_with_str_sequence(&parts).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link = document
        .create_element("a")
        .ok()?
        .dyn_into::<HtmlAnchorElement>()
        .ok()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address).ok()
}
