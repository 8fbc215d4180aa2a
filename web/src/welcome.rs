//! What stands where the advice will be, as long as there is nothing to judge.

use smtplint_core::explain;
use smtplint_core::samples::SAMPLES;
use yew::{Html, MouseEvent, html};

use crate::copy::CopyButton;
use crate::results::ResultsProps;
use crate::{markdown, words};

/// What to paste, and samples for those who have nothing to paste.
pub(crate) fn welcome(props: &ResultsProps) -> Html {
    html! {
        <div class="welcome">
            { line(&props.checked.text) }
            <p>{ words::UNDERSTOOD }</p>
            <p>{ words::HOW }</p>
            <div class="write beside">
                <pre tabindex="0"><code>{ words::COMMANDS }</code></pre>
                <CopyButton text={words::COMMANDS} what="Copy the commands" />
            </div>
            <p class="quiet">{ words::SECRETS }</p>
            <h3>{ words::TRY }</h3>
            <ul class="samples">
                { for SAMPLES.iter().map(|sample| {
                    let onclick = props.onsample.reform(|_: MouseEvent| sample.name);
                    html! {
                        <li>
                            <button type="button" {onclick}>
                                <strong>{ sample.name.replace('-', " ") }</strong>
                                <span>{ sample.about }</span>
                            </button>
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}

/// What a pasted line of a log or a client's message means, when it is known.
fn line(text: &str) -> Html {
    let Some(problem) = explain::recognise(text) else {
        return Html::default();
    };
    html! {
        <section id="line">
            <h3>{ problem.headline }</h3>
            <p>{ markdown::inline(problem.means) }</p>
            <h4>{ words::LINE_CAUSE }</h4>
            <p>{ markdown::inline(problem.cause) }</p>
            <h4>{ words::LINE_COMMAND }</h4>
            <div class="write beside">
                <pre tabindex="0"><code>{ problem.command }</code></pre>
                <CopyButton text={problem.command} what="Copy the command" />
            </div>
        </section>
    }
}
