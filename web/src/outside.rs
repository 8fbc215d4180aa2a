//! What `start.js` does for the page, because it takes streams and callbacks of the browser.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::DataTransfer;

use crate::files::Brought;

/// Calls one of its functions, which all promise something; `None` where that is missing or fails.
async fn call(name: &str, argument: &JsValue) -> Option<JsValue> {
    JsFuture::from(promised(name, argument)?).await.ok()
}

fn promised(name: &str, argument: &JsValue) -> Option<Promise> {
    let function = Reflect::get(&js_sys::global(), &name.into()).ok()?;
    let function = function.dyn_into::<Function>().ok()?;
    function.call1(&JsValue::NULL, argument).ok()?.dyn_into().ok()
}

/// A text for a link: compressed, and in signs that a link may have.
pub(crate) async fn packed(text: &str) -> Option<String> {
    call("smtplintPack", &text.into()).await?.as_string()
}

/// The text of a link; `None` where it is none, or larger than any configuration.
pub(crate) async fn opened(packed: &str) -> Option<String> {
    call("smtplintOpen", &packed.into()).await?.as_string()
}

/// Files that were dropped, with their paths: those in folders as well.
///
/// Has to be called while the drop is handled, because the browser forgets afterwards what it was; the files come later.
pub(crate) fn dropped(data: &DataTransfer) -> impl Future<Output = Brought> + use<> {
    let promised = promised("smtplintDropped", data);
    async move {
        let Some(promised) = promised else { return Vec::new() };
        let list = JsFuture::from(promised).await.ok().map(|list| Array::from(&list));
        let pair = |pair: JsValue| {
            let pair = Array::from(&pair);
            Some((pair.get(0).as_string()?, pair.get(1).dyn_into().ok()?))
        };
        list.into_iter()
            .flat_map(|list| list.iter().collect::<Vec<_>>())
            .filter_map(pair)
            .collect()
    }
}
