//! The servers whose configuration is understood.

use crate::dialect::{Dialect, dialects};

dialects! {
    dovecot::Dovecot,
    postfix::Postfix,
}
