//! The servers whose configuration is understood.

mod one_list;

use crate::dialect::{Dialect, dialects};

/// Hands over what writes changes into the texts of every dialect, once for all; see [`crate::late`].
pub fn hand_over_edits() {
    dovecot::hand_over_edit();
    postfix::hand_over_edit();
}

dialects! {
    dovecot::Dovecot,
    exim::Exim,
    postfix::Postfix,
}
