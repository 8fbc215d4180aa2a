//! The project's own commands, one file a command, and what they share.
//!
//! A library, so that the browser tests can serve the page with the very server that
//! `cargo xtask serve` uses.

// Talking to the person at the terminal is what these commands are for.
#![allow(clippy::print_stdout)]

pub mod bench;
pub mod binary;
pub mod budget;
mod error;
pub mod first;
pub mod lab;
pub mod minify;
pub mod npm;
pub mod order;
pub mod page;
pub mod pictures;
pub mod roots;
pub mod run;
pub mod serve;
pub mod shell;
pub mod shrink;
pub mod soak;
pub mod split;
pub mod test;
pub mod together;

pub use error::Error;
