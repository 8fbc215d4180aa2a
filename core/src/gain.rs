//! What a stranger gains by what a rule finds.

use serde::Serialize;

/// What a stranger on the network could do, at worst. How likely and how bad that is, is told by the severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Gain {
    /// Send mail through the server to anywhere.
    Relay,
    /// Learn a user's password on its way, or try passwords out.
    Password,
    /// Read or change what is on its way: mail, and passwords where users log in.
    Mail,
    /// Pretend to be the server.
    Impersonation,
    /// Send mail in somebody else's name.
    Forgery,
    /// Learn about the server and its users, or use faults that are known.
    Knowledge,
    /// Nothing, but users or other servers are kept out.
    KeptOut,
    /// Nothing at once, but the file does not do what it seems to, or nobody sees what happens.
    Nothing,
}
