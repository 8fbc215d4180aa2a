//! The settings as machine readers see them: `smtplint/clients/1`.

use serde::Serialize;

use super::{ClientSettings, HostBy, HostName, MailAddress, Record, Security, records};
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
    pub outgoing: Vec<OutgoingJson>,
    /// Where mail is read, where the person said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incoming: Option<IncomingJson>,
    /// The records for the DNS.
    pub srv: Vec<SrvJson>,
    /// What is not published, and why.
    pub withheld: Vec<WithheldJson>,
    /// What whoever publishes should know.
    pub remarks: Vec<String>,
}

/// A port where users hand in their mail; they log in with a normal password and their full address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Outgoing"))]
pub struct OutgoingJson {
    /// The TCP port.
    pub port: u16,
    /// `implicit` or `starttls`.
    pub security: Security,
}

/// Where users read their mail, by IMAP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Incoming"))]
pub struct IncomingJson {
    /// The server's name.
    pub host: HostName,
    /// The TCP port.
    pub port: u16,
    /// `implicit` or `starttls`.
    pub security: Security,
}

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Srv"))]
pub struct SrvJson {
    /// Its full name, without the dot at the end.
    pub name: String,
    /// Seconds for which it may be kept.
    pub ttl: u32,
    /// Programs try the lowest first.
    pub priority: u16,
    /// The weight between records of one priority.
    pub weight: u16,
    /// The port; 0 where the service is not offered.
    pub port: u16,
    /// The host; null, a lone dot in the record, where the service is not offered.
    pub target: Option<HostName>,
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
        let outgoing = self.outgoing.iter().map(|one| OutgoingJson {
            port: one.port,
            security: one.security,
        });
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
            outgoing: outgoing.collect(),
            incoming: self.incoming.as_ref().map(|incoming| IncomingJson {
                host: incoming.host.clone(),
                port: incoming.port,
                security: incoming.security,
            }),
            srv: records(self).into_iter().map(SrvJson::from).collect(),
            withheld: withheld.collect(),
            remarks: self.remarks.clone(),
        }
    }
}

impl From<Record> for SrvJson {
    fn from(record: Record) -> SrvJson {
        let Record {
            name,
            ttl,
            priority,
            weight,
            port,
            target,
        } = record;
        SrvJson {
            name,
            ttl,
            priority,
            weight,
            port,
            target,
        }
    }
}
