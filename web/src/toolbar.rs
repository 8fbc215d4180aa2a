//! The controls above the text.

use smtplint_core::samples::SAMPLES;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{AttrValue, Callback, Event, Html, NodeRef, html};

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
    let none = Choice {
        value: "".into(),
        shown: words::SAMPLES_NONE.into(),
        selected: shown.is_none(),
        disabled: true,
    };
    let samples = SAMPLES.iter().map(|sample| {
        let spoken = sample.name.replace('-', " ");
        Choice::new(sample.name, spoken, shown == Some(sample.name))
    });
    let releases = RELEASES.into_iter().map(|one| {
        let shown = if one.is_empty() { words::RELEASE_UNKNOWN } else { one };
        Choice::new(one, shown, release == one)
    });
    html! {
        <div class="toolbar">
            { list("samples", words::SAMPLES_LABEL, std::iter::once(none).chain(samples).collect(), onsample) }
            { list("release", words::RELEASE_LABEL, releases.collect(), onrelease) }
            <span class="buttons">
                <input type="file" multiple={true} hidden={true} ref={files.clone()} onchange={onfiles} aria-label={words::OPEN} />
                <button type="button" id="open" onclick={click(tell, Message::Open)}>{ words::OPEN }</button>
                <button type="button" id="clear" onclick={click(tell, Message::Clear)}>{ words::CLEAR }</button>
            </span>
        </div>
    }
}

/// Something to choose from a list.
pub(crate) struct Choice {
    value: AttrValue,
    shown: AttrValue,
    selected: bool,
    disabled: bool,
}

impl Choice {
    pub(crate) fn new(value: impl Into<AttrValue>, shown: impl Into<AttrValue>, selected: bool) -> Choice {
        Choice {
            value: value.into(),
            shown: shown.into(),
            selected,
            disabled: false,
        }
    }
}

/// A list to choose from, with its label.
pub(crate) fn list(id: &'static str, label: &'static str, choices: Vec<Choice>, onchange: Callback<Event>) -> Html {
    html! {
        <label>
            <span>{ label }</span>
            <select {id} {onchange}>
                { for choices.into_iter().map(|one| html! {
                    <option value={one.value} selected={one.selected} disabled={one.disabled}>{ one.shown }</option>
                }) }
            </select>
        </label>
    }
}

/// The field in which something happened.
pub(crate) fn field(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

/// The value that was chosen.
pub(crate) fn chosen(event: &Event) -> Option<String> {
    let select = event.target()?.dyn_into::<HtmlSelectElement>().ok()?;
    Some(select.value())
}
