//! The language in which the page speaks. What comes from the core, findings and rules, is in English whatever it is.

use yew::{Callback, Html, html};

use crate::app::{Message, when};
use crate::toolbar::{Choice, chosen, list};
use crate::words::{self, LANGUAGES};
use crate::{keeping, parts};

/// The language that is inside the program from the beginning.
pub(crate) const OWN: &str = LANGUAGES[0].0;

/// Where a language is kept that was chosen.
const CHOSEN: &str = "smtplint-language";

/// The language that was chosen before, or that the browser asks for; none where it is the page's own.
pub(crate) fn wanted() -> Option<&'static str> {
    let chosen = keeping::lasting().and_then(|storage| storage.get_item(CHOSEN).ok().flatten());
    let asked = || web_sys::window()?.navigator().language();
    known(&chosen.or_else(asked)?).filter(|code| *code != OWN)
}

/// The language of a code that a person or a browser says: `de` for `de-AT` as well.
pub(crate) fn known(said: &str) -> Option<&'static str> {
    let said = said.split('-').next().unwrap_or_default();
    LANGUAGES
        .into_iter()
        .map(|(code, _)| code)
        .find(|code| said.eq_ignore_ascii_case(code))
}

/// Speaks it from now on.
pub(crate) fn speak(code: &'static str) {
    words::speak(parts::words_of(code));
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.and_then(|document| document.document_element()) {
        root.set_attribute("lang", code).ok();
    }
}

/// The list to choose from, where there are several.
pub(crate) fn list_of(now: &str, tell: &Callback<Message>) -> Html {
    if LANGUAGES.len() < 2 {
        return Html::default();
    }
    let onchange = when(tell, |event| {
        let code = known(&chosen(&event)?)?;
        if let Some(storage) = keeping::lasting() {
            // Where the browser refuses, the choice lasts as long as the page.
            storage.set_item(CHOSEN, code).ok();
        }
        Some(Message::Speak(code))
    });
    let choices = LANGUAGES
        .into_iter()
        .map(|(code, name)| Choice::new(code.into(), name.into(), code == now));
    html! { <div class="language">{ list("language".into(), words::language_label().into(), choices.collect(), onchange) }</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_with_and_without_a_country() {
        assert_eq!(known("de-AT"), Some("de"));
        assert_eq!(known("EN"), Some("en"));
        assert_eq!(known("tlh"), None);
        assert_eq!(known(""), None);
    }
}
