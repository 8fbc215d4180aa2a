//! The settings as machine readers see them: `smtplint/clients/1`.

use serde::Serialize;

use super::{ClientSettings, HostBy, HostName, Incoming, MailAddress, Outgoing, Record, records};
use crate::TOOL;
use crate::json::Input;

/// `smtplint/clients/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Clients"))]
pub struct ClientsJson {
    /// `smtplint/clients/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/clients/1")))]
    pub schema: &'static str,
    /// Name and version of this program.
    pub tool: &'static str,
    /// What was read.
    pub inputs: Vec<Input>,
    /// The domain of the users' addresses.
    pub domain: HostName,
    /// The name of the server that takes their mail.
    pub host: HostName,
    /// How that name is known: `said`, by the `certificate`, or `assumed`.
    pub host_by: HostBy,
    /// The one person the settings are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<MailAddress>,
    /// Its ports, in the order in which programs are to try them.
    pub outgoing: Vec<Outgoing>,
    /// Where mail is read, where the person said it or the configuration tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incoming: Option<Incoming>,
    /// The records for the DNS.
    pub srv: Vec<Record>,
    /// What is not published, and why.
    pub withheld: Vec<WithheldJson>,
    /// What whoever publishes should know.
    pub remarks: Vec<String>,
}

/// A listener that is not published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Withheld"))]
pub struct WithheldJson {
    /// How people speak of it.
    pub listener: String,
    /// Why, in a sentence about it.
    pub reason: String,
}

impl ClientSettings {
    /// As machine readers see it.
    #[must_use]
    pub fn to_json(&self, inputs: Vec<Input>) -> ClientsJson {
        let withheld = self.withheld.iter().map(|one| WithheldJson {
            listener: one.listener.clone(),
            reason: one.reason.clone(),
        });
        ClientsJson {
            schema: "smtplint/clients/1",
            tool: TOOL,
            inputs,
            domain: self.domain.clone(),
            host: self.host.clone(),
            host_by: self.host_by,
            address: self.address.clone(),
            outgoing: self.outgoing.clone(),
            incoming: self.incoming.clone(),
            srv: records(self),
            withheld: withheld.collect(),
            remarks: self.remarks.clone(),
        }
    }
}
