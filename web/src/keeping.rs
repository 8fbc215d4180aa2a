//! What the browser keeps for this tab, so that the text survives a reload; and whether it may.

use web_sys::Storage;

use crate::link::Link;
use crate::settings::Settings;

/// Under this name the tab keeps the text and what was said beside it.
const TEXT: &str = "smtplint-text";

/// Under this name it is kept, for every tab, that nothing is to be kept.
const NOT: &str = "smtplint-keeps-nothing";

/// Whether a text may be kept.
pub(crate) fn may_keep() -> bool {
    lasting()
        .and_then(|storage| storage.get_item(NOT).ok().flatten())
        .is_none()
}

/// Says whether a text may be kept; one that is kept goes when it may not.
pub(crate) fn allow(may_keep: bool) {
    if let Some(storage) = lasting() {
        // Where the browser refuses, the choice lasts as long as the page.
        if may_keep {
            storage.remove_item(NOT).ok();
        } else {
            storage.set_item(NOT, "1").ok();
        }
    }
    if !may_keep {
        forget();
    }
}

/// Keeps a text and what was said beside it, until the tab is closed.
pub(crate) fn keep(text: &str, settings: &Settings) {
    if text.is_empty() {
        return forget();
    }
    let link = Link {
        settings: settings.clone(),
        ..Link::default()
    };
    if let Some(storage) = of_tab()
        && storage.set_item(TEXT, &format!("{}\n{text}", link.spoken())).is_err()
    {
        // It is too large: an older one would be taken for it.
        forget();
    }
}

/// What was kept.
pub(crate) fn kept() -> Option<(String, Settings)> {
    let kept = of_tab()?.get_item(TEXT).ok().flatten()?;
    let (said, text) = kept.split_once('\n')?;
    Some((text.to_owned(), Link::read(said).settings))
}

fn forget() {
    if let Some(storage) = of_tab() {
        storage.remove_item(TEXT).ok();
    }
}

/// Gone when the tab is closed. Some browsers refuse it for files, some always.
fn of_tab() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

/// Kept until somebody clears it.
pub(crate) fn lasting() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
