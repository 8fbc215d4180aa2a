//! The whole page: what is pasted, and what is said about it.

use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::{Callback, Html, InputEvent, component, html, use_state};

/// The page's root component.
#[component]
pub fn App() -> Html {
    let text = use_state(String::new);
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            let area = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
            if let Some(area) = area {
                text.set(area.value());
            }
        })
    };
    html! {
        <>
            <h1>{ "smtplint" }</h1>
            <p>{ "Nothing you paste leaves this browser: the page is not allowed to connect to anything." }</p>
            <label for="configuration">{ "Your main.cf and master.cf" }</label>
            <textarea id="configuration" spellcheck="false" autocomplete="off" rows="16" {oninput} value={(*text).clone()} />
            <output id="count" for="configuration" aria-live="polite">{ count(&text) }</output>
        </>
    }
}

/// How many lines there are, as a person would say it.
fn count(text: &str) -> String {
    match text.lines().count() {
        0 => "nothing pasted yet".to_owned(),
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_lines_as_a_person_would() {
        assert_eq!(count(""), "nothing pasted yet");
        assert_eq!(count("a = b"), "1 line");
        assert_eq!(count("a = b\n"), "1 line");
        assert_eq!(count("a = b\r\nc = d\r\n"), "2 lines");
    }
}
