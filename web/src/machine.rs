//! The report for programs.

use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;
use yew::{Event, Html, html};

use crate::app::{Message, when};
use crate::check::Checked;
use crate::copy::CopyButton;
use crate::results::ResultsProps;
use crate::{parts, words};

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Writing {
    /// The report as data; `None` when there is no report.
    pub(crate) json: fn(&Checked) -> Option<String>,
}

pub(crate) static WRITING: Writing = Writing { json: Checked::json };

/// The JSON that `smtplint check` writes, without digests of files; made only while somebody looks at it.
pub(crate) fn machine(props: &ResultsProps) -> Html {
    let ontoggle = when(&props.tell, |event: Event| {
        let details = event.target()?.dyn_into::<HtmlDetailsElement>().ok()?;
        Some(Message::Json(details.open()))
    });
    let writing = parts::report().filter(|_| props.json);
    let json = writing.and_then(|writing| (writing.json)(&props.checked));
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
