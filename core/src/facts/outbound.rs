//! Ways on which mail leaves the server.

use std::net::IpAddr;

use serde::Serialize;

use super::{Cause, Fact};
use crate::question::QuestionId;
use crate::source::Span;

/// Which mail takes a way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Traffic {
    /// Mail for every domain that nothing else is said about.
    Default,
    /// Mail for the domains that the server only passes on.
    Relayed,
    /// Mail that some table or setting sends here by name.
    Named,
}

impl Traffic {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Traffic::Default => "default",
            Traffic::Relayed => "relayed",
            Traffic::Named => "named",
        }
    }
}

/// What the server insists on before it hands mail over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// TLS is never used.
    None,
    /// TLS is used when it is offered, and left out when it is not.
    Optional,
    /// No mail without TLS; whose certificate it is does not matter.
    Required,
    /// No mail without TLS and a certificate that has been checked.
    Verified,
}

impl Assurance {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Assurance::None => "none",
            Assurance::Optional => "optional",
            Assurance::Required => "required",
            Assurance::Verified => "verified",
        }
    }
}

/// One way on which mail leaves: a client of the server with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// `<server>/out/<name>`, unique in a report.
    pub id: String,
    /// The name the configuration gives it.
    pub name: String,
    /// The service whose options count here, by the name the server's own tool uses, such as `smtp/unix`.
    pub service: String,
    /// Where it is defined; `None` when it is taken for granted.
    pub defined: Option<Span>,
    /// Which mail goes this way.
    pub traffic: Fact<Traffic>,
    /// The host that all of it is handed to, as written but without its port; `None` when each domain's own mx gets it.
    pub next_hop: Fact<Option<String>>,
    /// The TCP port on the other side.
    pub port: Fact<u16>,
    /// What TLS has to give, for every host that no table names.
    pub tls: Fact<Assurance>,
    /// Set when a table may say something else for some hosts.
    pub exceptions: Option<QuestionId>,
    /// Set when DNS may make TLS a must: for hosts whose keys it publishes (RFC 7672).
    pub unless_in_dns: Option<QuestionId>,
    /// Whether TLS begins with the first byte.
    pub implicit: Fact<bool>,
    /// Whether the server shows a password to hosts that it has one for.
    pub password: Fact<bool>,
    /// Whether it does so, in a form that can be read along, in a session without TLS.
    pub password_in_clear: Fact<bool>,
    /// Set when no mail can leave this way: it stays in the queue.
    pub stuck: Option<Fact<Cause>>,
}

impl Outbound {
    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Outbound, question: &QuestionId) {
        self.traffic.agree(&other.traffic, question);
        self.next_hop.agree(&other.next_hop, question);
        self.port.agree(&other.port, question);
        self.tls.agree(&other.tls, question);
        if self.exceptions.is_none() {
            self.exceptions.clone_from(&other.exceptions);
        }
        if self.unless_in_dns.is_none() {
            self.unless_in_dns.clone_from(&other.unless_in_dns);
        }
        self.implicit.agree(&other.implicit, question);
        self.password.agree(&other.password, question);
        self.password_in_clear.agree(&other.password_in_clear, question);
        if other.stuck.is_none() {
            self.stuck = None;
        }
    }

    /// True when the same holds for both, for whatever reasons.
    pub(crate) fn is_like(&self, other: &Outbound) -> bool {
        self.traffic.value == other.traffic.value
            && self.next_hop.value == other.next_hop.value
            && self.port.value == other.port.value
            && self.tls.value == other.tls.value
            && self.exceptions == other.exceptions
            && self.unless_in_dns == other.unless_in_dns
            && self.implicit.value == other.implicit.value
            && self.password.value == other.password.value
            && self.password_in_clear.value == other.password_in_clear.value
            && self.stuck.is_some() == other.stuck.is_some()
    }

    /// The other side, as people write it: `smtp.example.net, port 587`.
    #[must_use]
    pub fn spoken_host(&self) -> Option<String> {
        let host = self.next_hop.known()?.as_deref()?;
        Some(match self.port.known() {
            Some(port) => format!("{host}, port {port}"),
            None => host.to_owned(),
        })
    }

    /// True when it carries mail whatever the tables say.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        match self.traffic.known() {
            Some(Traffic::Default | Traffic::Relayed) => true,
            // Domains with a host of their own.
            Some(Traffic::Named) => self.next_hop.known().is_some_and(Option::is_some),
            None => false,
        }
    }
}

/// The other end of a tunnel: what leaves the machine is not decided here.
pub(crate) fn is_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
