//! The files in the text, each a button that leads to it.

use yew::{Callback, Html, html};

use crate::app::{Message, click};
use crate::check::{Checked, PASTE};
use crate::words;

/// The most buttons; a text may have thousands of files.
const MOST: usize = 100;

/// One button a file, where there are several.
pub(crate) fn tabs(checked: &Checked, tell: &Callback<Message>) -> Html {
    let files: Vec<_> = checked
        .sources
        .iter()
        .filter(|(_, source)| source.path != PASTE)
        .take(MOST)
        .collect();
    if files.len() < 2 {
        return Html::default();
    }
    let tab = |(id, source): &(_, &smtplint_core::source::Source)| {
        let start = checked.parts.range_of(*id, source).start;
        let onclick = click(tell, Message::Place(start..start));
        html! { <li><button type="button" {onclick} title={source.path.clone()}>{ source.file_name().to_owned() }</button></li> }
    };
    html! { <nav class="files" aria-label={words::files_label()}><ul>{ for files.iter().map(tab) }</ul></nav> }
}
