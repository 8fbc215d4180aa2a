//! The report for programs.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;
use yew::{Event, Html, Properties, component, html, use_callback, use_state_eq};

use crate::check::Checked;
use crate::copy::CopyButton;
use crate::words;

/// See [`Machine`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct MachineProps {
    /// What is judged.
    pub(crate) checked: Rc<Checked>,
}

/// The JSON that `smtplint check` writes, without digests of files; made only while somebody looks at it.
#[component]
pub(crate) fn Machine(props: &MachineProps) -> Html {
    let open = use_state_eq(|| false);
    let ontoggle = use_callback(open.setter(), |event: Event, open| {
        let details = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlDetailsElement>().ok());
        open.set(details.is_some_and(|details| details.open()));
    });
    let json = open.then(|| props.checked.json()).flatten();
    html! {
        <details id="machine" {ontoggle}>
            <summary>{ words::JSON_HEADING }</summary>
            if let Some(json) = json {
                <div class="write">
                    <div class="head"><CopyButton text={json.clone()} what="Copy the report" /></div>
                    <pre id="json" tabindex="0" data-revision={props.checked.revision.to_string()}><code>{ json }</code></pre>
                </div>
            }
        </details>
    }
}
