//! The servers whose logs are read, one file each.

mod dovecot;
mod exim;
mod postfix;

use super::event::Server;

/// Whoever reads a log asks them in turn.
pub(super) const SERVERS: [&dyn Server; 3] = [&postfix::Postfix, &exim::Exim, &dovecot::Dovecot];
