//! Reading the files a person drops or opens.

use smtplint_core::intake;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList, HtmlInputElement};
use yew::NodeRef;

use crate::words;

/// More than any configuration, and little enough to be judged at once.
const LARGEST: f64 = 1_000_000.0;

/// Enough for a log of some hundred thousand users that was counted.
const LARGEST_EVIDENCE: f64 = 50_000_000.0;

/// Files that are to be read, by name.
pub(crate) type Brought = Vec<(String, File)>;

/// Files that were read, by name, and sentences about those that were not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    /// Name and content.
    pub(crate) files: Vec<(String, String)>,
    /// One sentence each.
    pub(crate) refused: Vec<String>,
}

/// The files of a list, so that they outlive the event that brought them.
fn listed(list: Option<FileList>) -> Vec<File> {
    list.iter()
        .flat_map(|list| (0..list.length()).filter_map(|index| list.get(index)))
        .collect()
}

/// The text of a file that lay in a folder; `None` for one that is no server's configuration.
async fn of_folder(name: &str, file: &File) -> Option<String> {
    if file.size() > LARGEST {
        return None;
    }
    let text = JsFuture::from(file.text()).await.ok()?.as_string()?;
    let is_text = !text.contains('\0');
    let sources = || intake::split(name, &text);
    (is_text && smtplint_core::recognise(&sources()).is_some()).then_some(text)
}

/// Opens the browser's own list of files, of a field that is not shown.
pub(crate) fn choose(field: &NodeRef) {
    if let Some(input) = field.cast::<HtmlInputElement>() {
        input.click();
    }
}

/// The files that were chosen there.
pub(crate) fn chosen(field: &NodeRef) -> Brought {
    let Some(input) = field.cast::<HtmlInputElement>() else {
        return Vec::new();
    };
    let list = listed(input.files());
    // So that the same file can be opened again after it has changed.
    input.set_value("");
    list.into_iter().map(|file| (file.name(), file)).collect()
}

/// More files than these a folder of configuration does not have.
const MOST: usize = 200;

/// Reads every file by its name; of those in folders, which have a path, the ones that are a server's configuration by their content,
/// or evidence. `main.cf` comes first, because the other files refer to it.
pub(crate) async fn read(files: Brought) -> Read {
    let mut read = Read::default();
    let in_folders = files.iter().filter(|(name, _)| name.contains('/')).count();
    let mut left_out = 0;
    for (name, file) in files {
        if name.contains('/') {
            match of_folder(&name, &file).await.filter(|_| read.files.len() < MOST) {
                Some(text) => read.files.push((name, text)),
                None => left_out += 1,
            }
            continue;
        }
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
    if in_folders > 0 && left_out > 0 {
        read.refused.push(words::left_out(left_out, in_folders));
    }
    let is_main = |name: &str| name.rsplit('/').next() == Some("main.cf");
    if let Some(at) = read.files.iter().position(|(name, _)| is_main(name)) {
        let main = read.files.remove(at);
        read.files.insert(0, main);
    }
    read
}
