//! What needs more than one crate, a real server or a browser.

#[cfg(feature = "lab")]
pub mod browser;
