//! What stands where the advice will be, as long as there is nothing to judge.

use smtplint_core::samples::SAMPLES;
use yew::{Html, html};

use crate::app::{Message, click};
use crate::copy::beside;
use crate::results::ResultsProps;
use crate::words;

/// What to paste, and samples for those who have nothing to paste.
pub(crate) fn welcome(props: &ResultsProps) -> Html {
    html! {
        <div class="welcome" data-revision={props.checked.revision.to_string()}>
            <p>{ words::understood() }</p>
            <p>{ words::how() }</p>
            { beside("postconf -n\npostconf -Mf".into(), words::copy_commands()) }
            <p>{ words::how_dovecot() }</p>
            { beside("doveconf -n".into(), words::copy_command()) }
            <p>{ words::how_exim() }</p>
            { beside("exim -bP config".into(), words::copy_command()) }
            <p class="quiet">{ words::secrets() }</p>
            <h3>{ words::try_sample() }</h3>
            <ul class="samples">
                { for SAMPLES.iter().map(|sample| {
                    let onclick = click(&props.tell, Message::Sample(sample.name));
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
