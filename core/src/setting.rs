//! Settings as every dialect tells them: name, scope, where written, what is in force.

use crate::facts::Value;
use crate::source::Span;
use crate::version::Version;

/// What a setting applies to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The whole server.
    Server,
    /// One listener or service, by the name the server's own tool uses, such as `submission/inet`.
    Service(String),
}

/// What becomes of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is in force.
    Effective,
    /// A later line gives the same setting another value.
    Shadowed {
        /// The line that wins.
        by: Span,
    },
    /// The server has no such setting, and nothing else in the files refers to it.
    Unused,
    /// The value refers to names that nothing defines: they expand to nothing.
    Undefined {
        /// Names whose value is used.
        names: Vec<String>,
        /// Names that are only asked about: that they are not defined is an answer.
        tested: Vec<String>,
    },
    /// Still read, but to be replaced.
    Deprecated {
        /// First release that says so.
        since: Version,
        /// What to use instead, in the server's words.
        instead: String,
    },
    /// Known only to newer releases than the one in question.
    TooNew {
        /// First release that knows it.
        since: Version,
    },
    /// The server cannot read the line; it stops, or ignores it, as the text says.
    Malformed {
        /// What is wrong, in words.
        why: String,
    },
}

/// One line of configuration that sets something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The server's own name of it.
    pub name: String,
    /// What it applies to.
    pub scope: Scope,
    /// The whole assignment.
    pub written: Span,
    /// The value alone.
    pub value_span: Span,
    /// The value with every reference replaced, as the server's own tool prints it.
    pub effective: Value<String>,
    /// What becomes of it.
    pub status: Status,
}
