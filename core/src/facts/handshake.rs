//! What a server decides about a handshake beside versions and suites.

use super::{Fact, Members};
use crate::question::QuestionId;

/// What a server decides about a handshake beside versions and suites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// Whether the server's order of suites counts; otherwise it is the client's.
    pub own_order: Fact<bool>,
    /// Whether TLS may compress what it carries.
    pub compression: Fact<bool>,
    /// Whether a session may begin anew without the safeguard of RFC 5746.
    pub unsafe_renegotiation: Fact<bool>,
    /// What the server uses for key exchange with a prime number (DHE).
    pub prime: Fact<Prime>,
    /// The groups for key exchange on elliptic curves that are permitted, by the names written; empty where nobody wrote any,
    /// `none` where there shall be none.
    pub curves: Fact<Members<String>>,
    /// Whether what the system's administrator has set for the library counts here.
    pub system_settings: Fact<bool>,
}

/// The prime of a key exchange of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prime {
    /// One of so many bits.
    Bits(u16),
    /// One of 2048 bits or more: the server's own, or one that the library chooses to match the server's key.
    Long,
}

impl Handshake {
    /// Keeps what holds at another point as well.
    pub(super) fn agree(&mut self, other: &Handshake, question: &QuestionId) {
        self.own_order.agree(&other.own_order, question);
        self.compression.agree(&other.compression, question);
        self.unsafe_renegotiation.agree(&other.unsafe_renegotiation, question);
        self.prime.agree(&other.prime, question);
        self.curves.agree_members(&other.curves, question);
        self.system_settings.agree(&other.system_settings, question);
    }
}
