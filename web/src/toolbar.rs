//! The controls above the text.

use smtplint_core::samples::SAMPLES;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Event, Html, MouseEvent, NodeRef, Properties, component, html, use_callback, use_node_ref};

use crate::check::RELEASES;
use crate::{files, words};

/// See [`Toolbar`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct ToolbarProps {
    /// The sample that is shown, when the text is one.
    pub(crate) sample: Option<&'static str>,
    /// One of [`RELEASES`].
    pub(crate) release: &'static str,
    /// Another sample was chosen, by name.
    pub(crate) onsample: Callback<&'static str>,
    /// Another release was chosen.
    pub(crate) onrelease: Callback<&'static str>,
    /// Files were opened.
    pub(crate) onfiles: Callback<Vec<File>>,
    /// The text is to go.
    pub(crate) onclear: Callback<()>,
}

/// Samples, release, files, clearing.
#[component]
pub(crate) fn Toolbar(props: &ToolbarProps) -> Html {
    let input = use_node_ref();
    let onsample = use_callback(props.onsample.clone(), |event: Event, onsample| {
        let chosen = chosen(&event);
        if let Some(sample) = SAMPLES.iter().find(|sample| Some(sample.name) == chosen.as_deref()) {
            onsample.emit(sample.name);
        }
    });
    let onrelease = use_callback(props.onrelease.clone(), |event: Event, onrelease| {
        let chosen = chosen(&event);
        if let Some(release) = RELEASES.iter().find(|release| Some(**release) == chosen.as_deref()) {
            onrelease.emit(release);
        }
    });
    let onopen = use_callback(input.clone(), |_: MouseEvent, input: &NodeRef| {
        if let Some(input) = input.cast::<HtmlInputElement>() {
            input.click();
        }
    });
    let onfiles = use_callback((props.onfiles.clone(), input.clone()), |_: Event, (onfiles, input)| {
        if let Some(input) = input.cast::<HtmlInputElement>() {
            onfiles.emit(files::listed(input.files()));
            // So that the same file can be opened again after it has changed.
            input.set_value("");
        }
    });
    let onclear = props.onclear.reform(|_: MouseEvent| ());
    html! {
        <div class="toolbar">
            <label>
                <span>{ words::SAMPLES_LABEL }</span>
                <select id="samples" onchange={onsample}>
                    <option value="" selected={props.sample.is_none()} disabled={true}>{ words::SAMPLES_NONE }</option>
                    { for SAMPLES.iter().map(|sample| html! {
                        <option value={sample.name} selected={props.sample == Some(sample.name)}>
                            { sample.name.replace('-', " ") }
                        </option>
                    }) }
                </select>
            </label>
            <label>
                <span>{ words::RELEASE_LABEL }</span>
                <select id="release" onchange={onrelease}>
                    { for RELEASES.iter().map(|release| html! {
                        <option value={*release} selected={props.release == *release}>
                            { if release.is_empty() { words::RELEASE_UNKNOWN } else { release } }
                        </option>
                    }) }
                </select>
            </label>
            <span class="buttons">
                <input type="file" multiple={true} hidden={true} ref={input} onchange={onfiles} aria-label={words::OPEN} />
                <button type="button" id="open" onclick={onopen}>{ words::OPEN }</button>
                <button type="button" id="clear" onclick={onclear}>{ words::CLEAR }</button>
            </span>
        </div>
    }
}

fn chosen(event: &Event) -> Option<String> {
    let select = event.target()?.dyn_into::<HtmlSelectElement>().ok()?;
    Some(select.value())
}
