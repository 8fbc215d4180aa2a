//! What a TLS library makes of the strings that name cipher suites, and what the suites are.
//!
//! Claimed for OpenSSL 1.1.1, 3.0 and 3.5 and for GnuTLS 3.7 and 3.8, as Debian builds them, and held against their own
//! tools. Whoever asks for another release has a question to put to the person: no answer is guessed here.

pub mod attack;
#[cfg(test)]
mod compile;
pub mod gnutls;
pub mod group;
mod library;
mod meaning;
pub mod openssl;
mod rows;
pub mod signature;
pub mod spoken;
pub mod suite;
pub(crate) mod table;
mod token;
mod traits;
#[cfg(any(test, not(feature = "embedded")))]
mod written;

pub use crate::nearest::nearest;
pub use attack::Attack;
pub use group::Group;
pub use library::{Library, Refused};
pub use meaning::{CiphersJson, Meaning, Word};
pub use signature::Signature;
pub use suite::{Key, Suite};
pub use token::{Did, Invalid, Token, Why};
