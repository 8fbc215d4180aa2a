//! What a domain says of its mail in the DNS and over HTTPS, as data, and the rules that judge it.
//!
//! Whoever calls the core has asked; here nothing is connected to. What was not answered is not guessed: it stays a question, with
//! the command that settles it.

pub mod autoconfig;
pub mod dane;
pub mod json;
mod judge;
pub mod port;
mod record;
pub mod reports;
pub mod rules;
pub mod strict;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

use port::Port;

pub use judge::{Finding, Judgement, Open, judge};

/// Whether the signatures of an answer hold (RFC 4035 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dnssec {
    /// A chain of signatures leads from a key that is trusted to the answer.
    Secure,
    /// It is proved that the domain is not signed.
    Insecure,
    /// It should be signed, and no signature holds.
    Bogus,
    /// Not asked for, or not to be told.
    Unknown,
}

impl Dnssec {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Dnssec::Secure => "secure",
            Dnssec::Insecure => "insecure",
            Dnssec::Bogus => "bogus",
            Dnssec::Unknown => "unknown",
        }
    }
}

/// What came of a question to the name servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// There are records.
    Found,
    /// The name is there, and has no records of this kind.
    Empty,
    /// There is no such name (NXDOMAIN).
    NoName,
    /// There was no answer, or one that says nothing; why is said.
    Failed,
    /// Nobody asked.
    NotAsked,
}

/// A question to the name servers, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked<T> {
    /// The name that was asked about, without the last dot.
    pub name: String,
    /// The type of the records, such as `MX`.
    pub kind: &'static str,
    /// What came of it.
    pub status: Status,
    /// Whether the signatures hold.
    pub dnssec: Dnssec,
    /// The canonical name, where the name is an alias (RFC 1034 §3.6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The records.
    pub records: Vec<T>,
    /// For `failed`, and where it is unknown whether signatures hold although one was seen not to: a sentence without its full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl<T> Asked<T> {
    /// A question that nobody put.
    #[must_use]
    pub fn nobody(name: &str, kind: &'static str) -> Asked<T> {
        Asked {
            name: name.to_owned(),
            kind,
            status: Status::NotAsked,
            dnssec: Dnssec::Unknown,
            alias: None,
            records: Vec::new(),
            why: None,
        }
    }

    /// True when it is certain that there are none.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.status, Status::Empty | Status::NoName) && self.dnssec != Dnssec::Bogus
    }

    /// The command that asks the same, of this name server where one was named.
    #[must_use]
    pub fn command(&self, server: Option<SocketAddr>) -> String {
        format!("dig +dnssec{} {} {}", of(server), self.name, self.kind)
    }
}

/// How `dig` and `delv` are told which name server to ask.
fn of(server: Option<SocketAddr>) -> String {
    const PORT: u16 = 53;
    match server {
        Some(server) if server.port() == PORT => format!(" @{}", server.ip()),
        Some(server) => format!(" @{} -p {}", server.ip(), server.port()),
        None => String::new(),
    }
}

/// A mail exchanger (RFC 5321 §5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// The lower, the earlier it is tried.
    pub preference: u16,
    /// The host without the last dot; empty where the record says that there is none (RFC 7505).
    pub host: String,
}

/// A record of TLSA (RFC 6698 §2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tlsa {
    /// 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
    pub usage: u8,
    /// 0 the whole certificate, 1 its key.
    pub selector: u8,
    /// 0 as it is, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// What is compared, in hexadecimal digits.
    pub data: String,
}

/// A record of SRV (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// The lower, the earlier it is tried.
    pub priority: u16,
    /// Among those of one priority, how often.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host without the last dot; empty where the record says that there is none.
    pub target: String,
}

/// An address, with the names that lead back to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// The names that it says it has.
    pub pointers: Asked<String>,
    /// Whether one of these names has this address in turn; null where there is none, or nobody could tell.
    pub confirmed: Option<bool>,
}

/// A host that mail goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its addresses of IPv4.
    pub ipv4: Asked<IpAddr>,
    /// Its addresses of IPv6.
    pub ipv6: Asked<IpAddr>,
    /// The first of both, with the names that lead back.
    pub addresses: Vec<Address>,
    /// What proves its certificate, one a port.
    pub tlsa: Vec<Asked<Tlsa>>,
}

impl Host {
    /// True when it is certain that it has no address. One kind that nobody asked for leaves that open.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.ipv4.is_absent() && self.ipv6.is_absent()
    }

    /// The canonical name, where it is an alias.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.ipv4.alias.as_deref().or(self.ipv6.alias.as_deref())
    }

    /// True when every address that there is is signed.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        let found = [&self.ipv4, &self.ipv6];
        let mut found = found.iter().filter(|asked| asked.status == Status::Found).peekable();
        found.peek().is_some() && found.all(|asked| asked.dnssec == Dnssec::Secure)
    }
}

/// What came of fetching a file over HTTPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fetch {
    /// It is there.
    Got,
    /// The server answers with something else than 200.
    Refused,
    /// The server sends elsewhere.
    Redirected,
    /// It is larger than anybody has to read.
    TooLarge,
    /// The certificate is not good for the host.
    Untrusted,
    /// The host has no address.
    NoHost,
    /// Nobody answered, from here; why is said.
    Failed,
    /// Nobody asked.
    NotAsked,
}

/// A file that was to be fetched over HTTPS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fetched {
    /// Where.
    pub url: String,
    /// What came of it.
    pub outcome: Fetch,
    /// The status of HTTP, where there was one.
    pub code: Option<u16>,
    /// What kind of file the server says it is, in small letters and without parameters.
    pub media_type: Option<String>,
    /// For what is not there: a sentence without its full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The file.
    #[serde(skip)]
    pub body: Option<String>,
}

impl Fetched {
    /// A file that nobody asked for.
    #[must_use]
    pub fn nobody(url: String) -> Fetched {
        Fetched {
            url,
            outcome: Fetch::NotAsked,
            code: None,
            media_type: None,
            why: None,
            body: None,
        }
    }

    /// True when it is certain that there is no such file.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.outcome == Fetch::NoHost || (self.outcome == Fetch::Refused && matches!(self.code, Some(404 | 410)))
    }

    /// The command that asks the same.
    #[must_use]
    pub fn command(&self) -> String {
        format!("curl -sSi {}", self.url)
    }
}

/// Everything that was seen of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// The domain in small letters, in the form of the DNS.
    pub name: String,
    /// The name server that was asked, where it is not the system's.
    pub server: Option<SocketAddr>,
    /// Its exchangers, those first that are tried first.
    pub mx: Asked<Exchange>,
    /// The hosts that mail goes to, each once, in the order of the exchangers; without exchangers the domain itself.
    pub hosts: Vec<Host>,
    /// The texts at `_mta-sts`.
    pub sts: Asked<String>,
    /// The policy that they announce.
    pub policy: Fetched,
    /// The texts at `_smtp._tls`.
    pub reports: Asked<String>,
    /// Where users hand in mail, with STARTTLS (RFC 6186 §3.1).
    pub submission: Asked<Service>,
    /// Where users hand in mail, inside TLS (RFC 8314 §5.1).
    pub submissions: Asked<Service>,
    /// The hosts that these name, each once.
    pub servers: Vec<Host>,
    /// What mail programs fetch, in the order in which they do.
    pub autoconfig: Vec<Fetched>,
    /// What was seen at the ports that these records lead to; `None` when nobody looked.
    pub ports: Option<Vec<Port>>,
    /// How it was to look, one sentence each without a full stop.
    pub notes: Vec<String>,
}

impl Domain {
    /// True when it says that it takes no mail (RFC 7505 §3).
    #[must_use]
    pub fn refuses_mail(&self) -> bool {
        self.mx.records.len() == 1 && self.mx.records.iter().all(|one| one.host.is_empty())
    }

    /// True when there is somewhere for mail to go.
    #[must_use]
    pub fn takes_mail(&self) -> bool {
        !self.refuses_mail()
            && (self.mx.status == Status::Found || self.hosts.iter().any(|host| !host.addresses.is_empty()))
    }

    /// True when nothing can be said of it: nobody told its exchangers. Signatures that do not hold are something to say.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.mx.status == Status::Failed && self.mx.dnssec != Dnssec::Bogus
    }

    /// The services that are offered: a target that is the root says that there is none.
    pub fn offered(services: &Asked<Service>) -> impl Iterator<Item = &Service> {
        services.records.iter().filter(|one| !one.target.is_empty())
    }
}
