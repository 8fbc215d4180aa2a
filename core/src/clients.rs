//! What a server's users type into their mail programs, and what tells the programs by themselves.
//!
//! [`settings`] decides from the facts which ports may be published and under which name; a [`Form`] puts the decision down
//! for people, for Thunderbird, Outlook and Apple's programs, or for a zone file. Incoming mail is often another server's business,
//! and the users' names are another service's: what the facts do not tell is taken from the person, or said to be missing.

mod autoconfig;
mod autodiscover;
mod choice;
mod form;
mod host;
mod json;
mod mobileconfig;
mod names;
mod spoken;
mod srv;
mod uuid;
mod xml;

pub use form::{Form, FormError};
pub use host::{own_domain, own_name};
pub use json::{ClientsJson, WithheldJson};
pub use names::{HostName, MailAddress, NameError};
pub use srv::{Record, records};

use serde::Serialize;
use thiserror::Error;

use crate::facts::{Entry, Listener, Role, Server};
use crate::question::Question;
use crate::report::merge::enumerated;

/// Seconds for which a record may be kept, when nothing is about to change.
pub const TTL: u32 = 3600;

/// What the person wants to publish, and what only the person knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The domain of the users' addresses.
    pub domain: HostName,
    /// The name by which programs find the server, where the person says it.
    pub host: Option<HostName>,
    /// What the server calls itself ([`own_name`]); taken only where nothing better is known, and said to be assumed.
    pub own_name: Option<String>,
    /// What programs are to try first.
    pub first: First,
    /// Where mail is read, where the person says it; else it is looked for among the servers.
    pub incoming: Option<Incoming>,
    /// The other servers of the machine, such as the one where mail is read.
    pub beside: Vec<Server>,
    /// The one person the settings are for; without it they are for everybody in the domain.
    pub address: Option<MailAddress>,
    /// Seconds for which name servers may keep the records: [`TTL`], or 300 while clients are moved from port to port.
    pub ttl: u32,
    /// What could not be known of the configuration: it says how a port that is not published comes to be.
    pub questions: Vec<Question>,
}

impl Wanted {
    /// The common case: everybody in a domain, TLS from the first byte first.
    #[must_use]
    pub fn for_domain(domain: HostName) -> Wanted {
        Wanted {
            domain,
            host: None,
            own_name: None,
            first: First::Implicit,
            incoming: None,
            beside: Vec::new(),
            address: None,
            ttl: TTL,
            questions: Vec::new(),
        }
    }
}

/// Which of the two ways programs are to try first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// TLS from the first byte, port 465, as RFC 8314 §4.5.2 wants it.
    Implicit,
    /// STARTTLS, port 587: against that advice, for whoever moves there.
    Starttls,
}

/// How a connection comes to be encrypted. There is no third way: nothing in clear is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// From the first byte (RFC 8314 §3).
    Implicit,
    /// After STARTTLS, which programs must insist on.
    Starttls,
}

impl Security {
    /// What most programs call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Security::Implicit => "SSL/TLS",
            Security::Starttls => "STARTTLS",
        }
    }

    fn of(entry: Entry) -> Option<Security> {
        match entry {
            Entry::Implicit => Some(Security::Implicit),
            Entry::Starttls => Some(Security::Starttls),
            Entry::None => None,
        }
    }
}

/// A port where users hand in their mail; they log in with a normal password and their full address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outgoing {
    /// The TCP port.
    pub port: u16,
    /// How its connections are encrypted: `implicit` or `starttls`.
    pub security: Security,
}

/// Where users read their mail, by IMAP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Incoming {
    /// The server's name.
    pub host: HostName,
    /// The TCP port.
    pub port: u16,
    /// How its connections are encrypted: `implicit` or `starttls`.
    pub security: Security,
}

impl Incoming {
    /// Reads `HOST` or `HOST:PORT`: port 993 where none is named, STARTTLS on port 143 and TLS from the first byte elsewhere
    /// (RFC 8314 §3.2, RFC 9051 §11.1).
    ///
    /// # Errors
    /// When the name is none; a port that is none is told as a name that is none. When the port is one where other things are
    /// spoken: programs would ask there for mail in vain.
    pub fn parse(text: &str) -> Result<Incoming, NameError> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => {
                let port = port.parse().ok().filter(|port| *port != 0);
                (host, port.ok_or_else(|| NameError::Form { text: text.to_owned() })?)
            }
            _ => (text, 993),
        };
        let spoken = match port {
            25 | 465 | 587 => Some("for sending mail"),
            110 | 995 => Some("for POP3"),
            4190 => Some("for filters (ManageSieve)"),
            80 | 443 => Some("for the web"),
            _ => None,
        };
        if let Some(spoken) = spoken {
            return Err(NameError::NotImap { port, spoken });
        }
        let security = if port == 143 {
            Security::Starttls
        } else {
            Security::Implicit
        };
        Ok(Incoming {
            host: host.parse()?,
            port,
            security,
        })
    }
}

/// How the name of the server is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum HostBy {
    /// The person says it.
    Said,
    /// The certificate is for it.
    Certificate,
    /// The server calls itself so, and nobody said that its clients do.
    Assumed,
}

/// A listener that is not published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{listener} is not published: {reason}")]
pub struct Withheld {
    /// How people speak of it: `port 587 (submission)`.
    pub listener: String,
    /// Why, in a sentence about it.
    pub reason: String,
    /// False where it might be published if more were known.
    pub is_certain: bool,
}

/// What mail programs need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// The domain of the users' addresses.
    pub domain: HostName,
    /// The name of the server that takes their mail.
    pub host: HostName,
    /// How that name is known.
    pub host_by: HostBy,
    /// Its ports, in the order in which programs are to try them; at least one.
    pub outgoing: Vec<Outgoing>,
    /// Ways that the server surely has none of for its users.
    pub absent: Vec<Security>,
    /// Where mail is read.
    pub incoming: Option<Incoming>,
    /// The one person the settings are for.
    pub address: Option<MailAddress>,
    /// Seconds for which name servers may keep the records.
    pub ttl: u32,
    /// What is not published, and why.
    pub withheld: Vec<Withheld>,
    /// What whoever publishes should know, one sentence each.
    pub remarks: Vec<String>,
}

impl ClientSettings {
    /// The way programs try first; `None` for settings that were put together without any.
    #[must_use]
    pub fn first(&self) -> Option<Outgoing> {
        self.outgoing.first().copied()
    }
}

/// Why there is nothing to publish.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientsError {
    /// Nobody said by which name programs find the server, and nothing tells it.
    #[error("by which name do mail programs find the server? {}", candidates_spoken(candidates))]
    NoHost {
        /// Names that the certificate is for.
        candidates: Vec<String>,
    },
    /// No listener may be published.
    #[error("there is no port to publish{}", withheld_spoken(withheld))]
    NoPort {
        /// What there is, and why it is not published.
        withheld: Vec<Withheld>,
    },
    /// The address is of another domain.
    #[error("{address} is no address in {domain}")]
    Elsewhere {
        /// The address.
        address: MailAddress,
        /// The domain.
        domain: HostName,
    },
}

fn candidates_spoken(candidates: &[String]) -> String {
    match candidates {
        [] => "The configuration does not say".to_owned(),
        _ => format!("Its certificate is for {}", enumerated(candidates)),
    }
}

fn withheld_spoken(withheld: &[Withheld]) -> String {
    match withheld {
        [] => ": nothing in the configuration takes mail from users".to_owned(),
        _ => withheld
            .iter()
            .map(|one| format!("\n    {}: {}", one.listener, one.reason))
            .collect(),
    }
}

/// What mail programs are told of a server.
///
/// # Errors
/// When the server's name is not known, when no port may be published, or when the address is of another domain.
pub fn settings(server: &Server, wanted: &Wanted) -> Result<ClientSettings, ClientsError> {
    if let Some(address) = &wanted.address
        && !address.as_str().ends_with(&format!("@{}", wanted.domain))
    {
        return Err(ClientsError::Elsewhere {
            address: address.clone(),
            domain: wanted.domain.clone(),
        });
    }
    let servers: Vec<&Server> = std::iter::once(server).chain(&wanted.beside).collect();
    let mut choice = choice::choose(&servers, wanted.first, &wanted.questions);
    if choice.outgoing.is_empty() {
        return Err(ClientsError::NoPort {
            withheld: choice.withheld,
        });
    }
    let (host, host_by) = host::find(server, wanted, &choice.published)?;
    let incoming = match &wanted.incoming {
        Some(incoming) => Some(incoming.clone()),
        None => {
            let reading = choice::reading(&servers, &wanted.questions);
            choice.withheld.extend(reading.withheld);
            choice.remarks.extend(reading.remarks);
            let first = reading.outgoing.first().copied();
            let at = |one: &&Listener| one.known_port() == first.map(|first| first.port);
            choice.published.extend(reading.published.into_iter().filter(at));
            first.map(|Outgoing { port, security }| Incoming {
                host: host.clone(),
                port,
                security,
            })
        }
    };
    let mut remarks = choice.remarks;
    remarks.extend(host::remarks(&host, host_by, &choice.published));
    let first = choice.outgoing.first().map(|one| one.security);
    match (wanted.first, first) {
        (First::Starttls, Some(Security::Implicit)) => {
            remarks.push("port 587 was to be first, and no port with STARTTLS can be published".to_owned());
        }
        (First::Starttls, Some(Security::Starttls)) if choice.outgoing.len() > 1 => remarks.push(
            "STARTTLS stands first because it is wanted so; RFC 8314 §4.5.2 puts TLS from the first byte first"
                .to_owned(),
        ),
        _ => {}
    }
    remarks.push(
        "that users log in with their full address is assumed: which names are known is the login service's business"
            .to_owned(),
    );
    if incoming.is_none() {
        let is_there = |one: &Listener| one.known_role() == Role::Mailbox;
        let what = if servers.iter().flat_map(|server| &server.listeners).any(is_there) {
            "no port where mail is read by IMAP can be published: `--imap HOST` names another server"
        } else {
            "where mail is read is not in this configuration: `--imap HOST` says it"
        };
        remarks.push(what.to_owned());
    }
    Ok(ClientSettings {
        domain: wanted.domain.clone(),
        host,
        host_by,
        outgoing: choice.outgoing,
        absent: choice.absent,
        incoming,
        address: wanted.address.clone(),
        ttl: wanted.ttl,
        withheld: choice.withheld,
        remarks,
    })
}

#[cfg(test)]
mod tests;
