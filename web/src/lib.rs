//! The page of smtplint: Yew components over the core, and no network.
//!
//! Everything a person pastes stays in this module's memory. The page's
//! Content-Security-Policy (written by `cargo xtask page`) forbids every connection
//! but scripts from the page's own server, which bring the parts that not every visit
//! needs (see `parts`): their names tell which server's reader and which panels are asked for,
//! and nothing else. The single file has them inside.

mod app;
mod broken;
mod button;
mod changes;
mod check;
mod ciphers;
mod controls;
mod copy;
mod editor;
mod explain;
mod files;
mod filter;
mod findings;
mod gather;
mod history;
mod keeping;
mod language;
mod link;
mod listeners;
mod machine;
mod markdown;
mod marks;
#[cfg(target_family = "wasm")]
mod memory;
mod mending;
mod message;
mod migration;
mod outside;
mod panel;
mod parts;
mod passed;
mod planned;
mod position;
mod proposal;
mod questions;
mod results;
mod scrolling;
mod settings;
mod shape;
mod stages;
mod suites;
mod tabs;
mod ticks;
mod toolbar;
mod ways;
mod welcome;
mod words;

use app::App;

/// Renders the page into the shell's element `app`, its one mounting point.
///
/// # Panics
///
/// When the document has no element with the id `app`: the shell `index.html` always has it.
#[allow(clippy::expect_used)]
pub fn start() {
    broken::say_so_on_panic();
    take_texts();
    let mount = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"))
        .expect("the shell has an element with the id `app`");
    yew::Renderer::<App>::with_root(mount).render();
}

/// Takes over the texts that travel beside the program; `start.js` has put them there.
#[cfg(target_family = "wasm")]
fn take_texts() {
    let texts = js_sys::Reflect::get(&js_sys::global(), &"smtplintTexts".into());
    let texts = texts.ok().and_then(|texts| texts.as_string());
    smtplint_core::texts::unpack(texts.unwrap_or_default());
}

/// Elsewhere than in a browser they are inside.
#[cfg(not(target_family = "wasm"))]
fn take_texts() {}
