//! What was seen at the ports that a domain's records lead to.

use std::net::IpAddr;

use serde::Serialize;

use crate::certificate::{self, Certificate};
use crate::facts::Entry;

/// What a port is for, by the record that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Mail from other servers: MX.
    Mx,
    /// Users, with STARTTLS: `_submission._tcp`.
    Submission,
    /// Users, inside TLS: `_submissions._tcp`.
    Submissions,
}

/// Whether anybody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Reached {
    /// A connection comes about.
    Answers,
    /// It is refused at every address that was tried.
    Refused,
    /// None comes about, and nobody says why: the host may be down, or something on the way keeps it from here.
    Failed,
}

/// What can be said of a certificate, or of a record that is to prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Yes,
    /// It does not, for this reason: words that follow a colon.
    No(String),
    /// Nobody can tell, for this reason.
    Unknown(String),
}

/// A chain of certificates as a port shows it, its own first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// In DER.
    pub der: Vec<Vec<u8>>,
    /// Whether authorities that are trusted where it was looked at stand behind it, now and for the host's name.
    pub trusted: Verdict,
    /// For each certificate behind the own one: whether the chain holds, now and for the host's name or the domain's, when that
    /// certificate is trusted and no other.
    pub anchored: Vec<Verdict>,
}

impl Shown {
    /// The server's own certificate, where it can be read.
    #[must_use]
    pub fn own(&self) -> Option<Certificate> {
        self.der.first().and_then(|der| certificate::of_der(der))
    }

    /// True when it was made for one of these hosts, or for one of these services of a domain (RFC 7817 §3); `None` where it cannot
    /// be read.
    #[must_use]
    pub fn is_for(&self, hosts: &[&str], services: &[String]) -> Option<bool> {
        let der = self.der.first()?;
        let own = certificate::of_der(der)?;
        let of_service = || {
            let shown = certificate::services_of_der(der);
            services
                .iter()
                .any(|service| shown.iter().any(|one| one.eq_ignore_ascii_case(service)))
        };
        Some(hosts.iter().any(|host| own.is_for(host)) || of_service())
    }
}

/// What was seen at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The host, by the name in the record.
    pub host: String,
    /// The TCP port.
    pub number: u16,
    /// What it is for.
    pub purpose: Purpose,
    /// The address that answered, or the last that was tried.
    pub address: Option<IpAddr>,
    /// Whether anybody answers.
    pub reached: Reached,
    /// Why there is nothing to see, or not all: words that follow a colon.
    pub why: Option<String>,
    /// How TLS begins; `None` where that was not to be seen.
    pub entry: Option<Entry>,
    /// What is answered to STARTTLS, where it is announced and then not done.
    pub refused_tls: Option<String>,
    /// The chains that are shown: one for each kind of key.
    pub chains: Vec<Shown>,
}

impl Port {
    /// The name at which its TLSA records stand (RFC 6698 §3).
    #[must_use]
    pub fn tlsa_name(&self) -> String {
        format!("_{}._tcp.{}", self.number, self.host)
    }

    /// The host and the number, in words.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{} port {}", self.host, self.number)
    }

    /// True when mail, or a password, can go there inside TLS, as far as it was seen; `None` where it was not.
    #[must_use]
    pub fn begins_as_told(&self) -> Option<bool> {
        let wanted = match self.purpose {
            Purpose::Mx | Purpose::Submission => Entry::Starttls,
            Purpose::Submissions => Entry::Implicit,
        };
        self.entry.map(|entry| entry == wanted && self.refused_tls.is_none())
    }

    /// The command that shows the same.
    #[must_use]
    pub fn command(&self) -> String {
        let starttls = match (self.entry, self.purpose) {
            (Some(Entry::Implicit), _) | (None, Purpose::Submissions) => "",
            _ => "-starttls smtp ",
        };
        let (host, number) = (&self.host, self.number);
        format!("openssl s_client {starttls}-connect {host}:{number} -servername {host} -showcerts")
    }
}
