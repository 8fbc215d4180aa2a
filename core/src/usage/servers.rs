//! The servers whose logs are read, one file each.

mod postfix;

use super::event::Server;

/// Whoever reads a log asks them in turn.
pub(super) const SERVERS: [&dyn Server; 1] = [&postfix::Postfix];
