//! The controls above the text.

use smtplint_core::samples::SAMPLES;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDetailsElement, HtmlInputElement, HtmlSelectElement};
use yew::{AttrValue, Callback, Event, Html, NodeRef, html};

use crate::app::{Message, click, when};
use crate::check::Checked;
use crate::settings::{RELEASES, Settings};
use crate::words;

/// Samples, release, files, clearing and its way back. `shown` is the sample that is shown, when the text is one; what was judged
/// last tells which releases there are to choose from.
pub(crate) fn toolbar(
    shown: Option<&'static str>,
    has_replaced: bool,
    settings: &Settings,
    checked: &Checked,
    files: &NodeRef,
    tell: &Callback<Message>,
) -> Html {
    let onsample = when(tell, |event| {
        let chosen = chosen(&event)?;
        let sample = SAMPLES.iter().find(|sample| sample.name == chosen)?;
        Some(Message::Sample(sample.name))
    });
    let release = settings.release;
    let onfiles = when(tell, |_: Event| Some(Message::Chosen));
    let none = Choice {
        value: "".into(),
        shown: words::samples_none().into(),
        selected: shown.is_none(),
        disabled: true,
    };
    let samples = SAMPLES.iter().map(|sample| {
        let spoken = sample.name.replace('-', " ");
        Choice::new(sample.name.into(), spoken.into(), shown == Some(sample.name))
    });
    let releases = RELEASES
        .into_iter()
        .filter(|one| *one == release || checked.may_be_of(one));
    let releases = releases.map(|one| (AttrValue::from(one), AttrValue::from(words::release(one))));
    html! {
        <div class="toolbar">
            { list("samples".into(), words::samples_label().into(), std::iter::once(none).chain(samples).collect(), onsample) }
            { said("release".into(), words::release_label().into(), release, releases.collect(), Message::Say, tell) }
            <span class="buttons">
                <input type="file" multiple={true} hidden={true} ref={files.clone()} onchange={onfiles} aria-label={words::open()} />
                <button type="button" id="open" onclick={click(tell, Message::Open)}>{ words::open() }</button>
                <button type="button" id="clear" onclick={click(tell, Message::Clear)}>{ words::clear() }</button>
                if has_replaced {
                    <button type="button" id="bring-back" onclick={click(tell, Message::BringBack)}>{ words::bring_back() }</button>
                }
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
    pub(crate) fn new(value: AttrValue, shown: AttrValue, selected: bool) -> Choice {
        Choice {
            value,
            shown,
            selected,
            disabled: false,
        }
    }
}

/// A list to choose from, with its label.
pub(crate) fn list(id: AttrValue, label: AttrValue, choices: Vec<Choice>, onchange: Callback<Event>) -> Html {
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

/// A list whose name and choice are told as they are: of values, each with what is shown for it, the one of now.
pub(crate) fn said(
    name: AttrValue,
    label: AttrValue,
    now: &str,
    choices: Vec<(AttrValue, AttrValue)>,
    told: fn(AttrValue, String) -> Message,
    tell: &Callback<Message>,
) -> Html {
    let choices = choices.into_iter();
    let choices = choices.map(|(value, shown)| {
        let is_chosen = value == now;
        Choice::new(value, shown, is_chosen)
    });
    let (id, choices) = (name.clone(), choices.collect());
    let onchange = when(tell, move |event| Some(told(name.clone(), chosen(&event)?)));
    list(id, label, choices, onchange)
}

/// The field in which something happened.
pub(crate) fn field(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

/// Whether something folded is open now.
pub(crate) fn is_open(event: &Event) -> Option<bool> {
    Some(event.target()?.dyn_into::<HtmlDetailsElement>().ok()?.open())
}

/// The value that was chosen.
pub(crate) fn chosen(event: &Event) -> Option<String> {
    let select = event.target()?.dyn_into::<HtmlSelectElement>().ok()?;
    Some(select.value())
}
