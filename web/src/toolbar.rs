//! The controls above the text.

use smtplint_core::samples::SAMPLES;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::{Callback, Event, Html, NodeRef, html};

use crate::app::{Message, click, when};
use crate::check::RELEASES;
use crate::words;

/// Samples, release, files, clearing. `shown` is the sample that is shown, when the text is one.
pub(crate) fn toolbar(
    shown: Option<&'static str>,
    release: &'static str,
    files: &NodeRef,
    tell: &Callback<Message>,
) -> Html {
    let onsample = when(tell, |event| {
        let chosen = chosen(&event)?;
        let sample = SAMPLES.iter().find(|sample| sample.name == chosen)?;
        Some(Message::Sample(sample.name))
    });
    let onrelease = when(tell, |event| {
        let chosen = chosen(&event)?;
        let release = RELEASES.into_iter().find(|release| *release == chosen)?;
        Some(Message::Release(release))
    });
    let onfiles = when(tell, |_: Event| Some(Message::Chosen));
    html! {
        <div class="toolbar">
            <label>
                <span>{ words::SAMPLES_LABEL }</span>
                <select id="samples" onchange={onsample}>
                    <option value="" selected={shown.is_none()} disabled={true}>{ words::SAMPLES_NONE }</option>
                    { for SAMPLES.iter().map(|sample| html! {
                        <option value={sample.name} selected={shown == Some(sample.name)}>
                            { sample.name.replace('-', " ") }
                        </option>
                    }) }
                </select>
            </label>
            <label>
                <span>{ words::RELEASE_LABEL }</span>
                <select id="release" onchange={onrelease}>
                    { for RELEASES.into_iter().map(|one| html! {
                        <option value={one} selected={release == one}>
                            { if one.is_empty() { words::RELEASE_UNKNOWN } else { one } }
                        </option>
                    }) }
                </select>
            </label>
            <span class="buttons">
                <input type="file" multiple={true} hidden={true} ref={files.clone()} onchange={onfiles} aria-label={words::OPEN} />
                <button type="button" id="open" onclick={click(tell, Message::Open)}>{ words::OPEN }</button>
                <button type="button" id="clear" onclick={click(tell, Message::Clear)}>{ words::CLEAR }</button>
            </span>
        </div>
    }
}

fn chosen(event: &Event) -> Option<String> {
    let select = event.target()?.dyn_into::<HtmlSelectElement>().ok()?;
    Some(select.value())
}
