//! The report for programs.

use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;
use yew::{Event, Html, html};

use crate::app::{Message, when};
use crate::copy::CopyButton;
use crate::results::ResultsProps;
use crate::words;

/// The JSON that `smtplint check` writes, without digests of files; made only while somebody looks at it.
pub(crate) fn machine(props: &ResultsProps) -> Html {
    let ontoggle = when(&props.tell, |event: Event| {
        let details = event.target()?.dyn_into::<HtmlDetailsElement>().ok()?;
        Some(Message::Json(details.open()))
    });
    let json = props.json.then(|| props.checked.json()).flatten();
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
