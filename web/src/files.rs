//! Reading the files a person drops or opens.

use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList, HtmlInputElement};
use yew::NodeRef;

use crate::words;

/// More than any configuration, and little enough to be judged at once.
const LARGEST: f64 = 1_000_000.0;

/// Enough for a log of some hundred thousand users that was counted.
const LARGEST_EVIDENCE: f64 = 50_000_000.0;

/// Files that were read, by name, and sentences about those that were not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    /// Name and content.
    pub(crate) files: Vec<(String, String)>,
    /// One sentence each.
    pub(crate) refused: Vec<String>,
}

/// The files of a list, so that they outlive the event that brought them.
pub(crate) fn listed(list: Option<FileList>) -> Vec<File> {
    list.iter()
        .flat_map(|list| (0..list.length()).filter_map(|index| list.get(index)))
        .collect()
}

/// Opens the browser's own list of files, of a field that is not shown.
pub(crate) fn choose(field: &NodeRef) {
    if let Some(input) = field.cast::<HtmlInputElement>() {
        input.click();
    }
}

/// The files that were chosen there.
pub(crate) fn chosen(field: &NodeRef) -> Vec<File> {
    let Some(input) = field.cast::<HtmlInputElement>() else {
        return Vec::new();
    };
    let list = listed(input.files());
    // So that the same file can be opened again after it has changed.
    input.set_value("");
    list
}

/// Reads every file; `main.cf` comes first, because the other files refer to it.
pub(crate) async fn read(files: Vec<File>) -> Read {
    let mut read = Read::default();
    for file in files {
        let name = file.name();
        let refused = match file.size() {
            size if name.ends_with(".json") => (size > LARGEST_EVIDENCE).then(|| words::evidence_too_large(&name)),
            size => (size > LARGEST).then(|| words::too_large(&name)),
        };
        if let Some(refused) = refused {
            read.refused.push(refused);
            continue;
        }
        match JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
            Some(text) if text.contains('\0') => read.refused.push(words::not_text(&name)),
            Some(text) => read.files.push((name, text)),
            None => read.refused.push(words::unreadable(&name)),
        }
    }
    if let Some(at) = read.files.iter().position(|(name, _)| name == "main.cf") {
        let main = read.files.remove(at);
        read.files.insert(0, main);
    }
    read
}
