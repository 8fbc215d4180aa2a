//! Logs as files: which there are, in which order they are read, and how far the reading is.

mod compressed;
mod files;
mod progress;

pub(crate) use files::{Log, Order, default_logs, in_order, without_copies};
pub(crate) use progress::Progress;
