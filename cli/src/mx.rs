//! Asking the name servers, and the web servers they lead to, what a domain says of its mail. What was seen is handed to the core,
//! which judges it.

mod answer;
mod asking;
mod gather;
mod list;
mod names;
mod ports;
mod servers;
mod trust;
mod web;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use thiserror::Error;

use gather::Gatherer;
use names::Names;
use ports::Ports;
use trust::Trust;
use web::Web;

pub(crate) use gather::canonical;
pub(crate) use list::{Done, Entry, entries};
pub(crate) use servers::server;

/// What is wanted of a look.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The name server to ask, where it is not the system's.
    pub(crate) server: Option<SocketAddr>,
    /// How long one question may take.
    pub(crate) patience: Duration,
    /// The keys to trust instead of the root's.
    pub(crate) trust_anchor: Option<PathBuf>,
    /// Which addresses count.
    pub(crate) family: Family,
    /// Whether signatures are checked.
    pub(crate) dnssec: bool,
    /// Whether web servers are asked as well.
    pub(crate) web: bool,
    /// The authorities to trust instead of the system's.
    pub(crate) roots: Option<PathBuf>,
    /// The port of HTTPS.
    pub(crate) https_port: u16,
    /// How many connections there may be at a time to the ports that the records lead to; `None` where nobody looks at them.
    pub(crate) connections: Option<u8>,
    /// The port of exchangers.
    pub(crate) smtp_port: u16,
}

/// Which addresses count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Both,
    Ipv4,
    Ipv6,
}

/// Why nobody can be asked.
#[derive(Debug, Error)]
pub(crate) enum Unable {
    #[error("--trust-anchor: `{}` {why}", path.display())]
    Anchor { path: PathBuf, why: String },
    #[error("--root-certificates: `{}` {why}", path.display())]
    Roots { path: PathBuf, why: String },
    #[error("the system names no name server: {0}")]
    System(String),
    #[error("no question can be put: {0}")]
    Resolver(String),
}

/// Whoever asks.
pub(crate) struct Looker(Gatherer);

impl Looker {
    /// Gets ready, and asks whether the name server hands on signatures.
    pub(crate) async fn new(wanted: &Wanted) -> Result<Looker, Unable> {
        let names = Names::new(wanted).await?;
        // Without either nobody is to be trusted.
        let trusts = wanted.web || wanted.connections.is_some();
        let roots = Arc::new(if trusts {
            web::roots(wanted)?
        } else {
            RootCertStore::empty()
        });
        let web = match wanted.web {
            true => Some(Web::new(wanted, Arc::clone(&roots))?),
            false => None,
        };
        let ports = wanted
            .connections
            .map(|connections| Ports::new(Trust::new(roots), wanted.patience, wanted.smtp_port, connections.into()));
        Ok(Looker(Gatherer {
            names,
            web,
            ports,
            family: wanted.family,
            server: wanted.server,
        }))
    }

    /// What is to be said once, whatever is asked.
    pub(crate) fn remarks(&self) -> Vec<String> {
        self.0.names.unchecked().into_iter().collect()
    }

    /// Asks about a domain in canonical form.
    pub(crate) async fn look(&self, domain: &str) -> smtplint_core::mx::Domain {
        self.0.domain(domain).await
    }
}
