//! Looking at the ports that a domain's records lead to, over so many connections at a time and no more, whatever is asked about.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use smtplint_core::facts::Entry;
use smtplint_core::mx::port::{Port, Purpose, Reached};
use smtplint_core::mx::{Asked, Domain, Host, Service};
use tokio::sync::{OnceCell, Semaphore};

use super::trust::Trust;
use crate::probe::{self, Begins, Extent, Seen};

/// Exchangers of a domain that are looked at.
const EXCHANGERS: usize = 6;
/// Ports in its SRV records that are looked at.
const SERVERS: usize = 6;
/// So many ports are remembered: many domains share their exchangers.
const KEPT: usize = 1024;

/// A port, and how it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    host: String,
    number: u16,
    purpose: Purpose,
    addresses: Vec<IpAddr>,
}

/// What was seen of a port, or why it could not be looked at.
type Look = Arc<Result<Seen, String>>;

/// Looks at ports.
pub(super) struct Ports {
    pub(super) trust: Trust,
    /// How long one connection may take; all of a port together may take six times as long.
    pub(super) patience: Duration,
    /// The port of exchangers.
    pub(super) smtp: u16,
    connections: Semaphore,
    known: Mutex<HashMap<Place, Arc<OnceCell<Look>>>>,
}

impl Ports {
    pub(super) fn new(trust: Trust, patience: Duration, smtp: u16, connections: usize) -> Ports {
        Ports {
            trust,
            patience,
            smtp,
            connections: Semaphore::new(connections),
            known: Mutex::default(),
        }
    }

    /// What the ports of a domain show, and what is to be said of how it was to look.
    pub(super) async fn look(&self, domain: &Domain) -> (Vec<Port>, Vec<String>) {
        let mut notes = Vec::new();
        let mut first = |what: &str, most: usize, mut wanted: Vec<Place>| {
            if wanted.len() > most {
                notes.push(format!("of {} {what} {most} were looked at", wanted.len()));
                wanted.truncate(most);
            }
            wanted
        };
        let mut wanted = first("ports of exchangers", EXCHANGERS, self.exchangers(domain));
        wanted.extend(first("ports in the SRV records", SERVERS, servers(domain)));
        let looks = join_all(wanted.iter().map(|place| self.at(place))).await;
        let ports = wanted.iter().zip(looks);
        let ports = ports.map(|(place, look)| self.port(place, &look, &domain.name));
        (ports.collect(), notes)
    }

    fn exchangers(&self, domain: &Domain) -> Vec<Place> {
        let hosts = domain.hosts.iter().filter(|_| domain.takes_mail());
        hosts.filter_map(|host| place(host, self.smtp, Purpose::Mx)).collect()
    }

    /// Looks, but for what is known, or being looked at.
    async fn at(&self, place: &Place) -> Look {
        let cell = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= KEPT && !known.contains_key(place) {
                known.clear();
            }
            Arc::clone(known.entry(place.clone()).or_default())
        };
        let look = async || {
            let wanted = self.wanted(place);
            // One at a time within: a port takes one of the connections, and gives it back when it is done. It is never closed.
            let _permit = self.connections.acquire().await;
            let looked = tokio::task::spawn_blocking(move || probe::look(&wanted)).await;
            Arc::new(looked.unwrap_or_else(|error| Err(error.to_string())))
        };
        Arc::clone(cell.get_or_init(look).await)
    }

    fn wanted(&self, place: &Place) -> probe::Wanted {
        probe::Wanted {
            host: place.host.clone(),
            port: place.number,
            addresses: place.addresses.clone(),
            begins: match place.purpose {
                // Whoever speaks before the greeting is turned away by some.
                Purpose::Mx => Begins::InClear,
                Purpose::Submission => Begins::Untold,
                Purpose::Submissions => Begins::WithTls,
            },
            extent: Extent::Certificates,
            patience: self.patience,
            connections: 1,
            role: None,
            relay_test: None,
            aggressive: false,
        }
    }

    fn port(&self, place: &Place, look: &Look, domain: &str) -> Port {
        let mut port = Port {
            host: place.host.clone(),
            number: place.number,
            purpose: place.purpose,
            address: None,
            reached: Reached::Failed,
            why: None,
            entry: None,
            refused_tls: None,
            chains: Vec::new(),
        };
        let seen = match look.as_ref() {
            Ok(seen) => seen,
            Err(why) => {
                port.why = Some(why.clone());
                return port;
            }
        };
        port.address = Some(seen.observation.address);
        port.reached = seen.reached;
        port.why = seen.observation.dead.clone().or_else(|| seen.notes.first().cloned());
        // What is not announced where somebody writes over it may be there.
        let is_hidden = seen.is_overwritten && seen.observation.entry == Some(Entry::None);
        port.entry = seen.observation.entry.filter(|_| !is_hidden);
        port.refused_tls.clone_from(&seen.refused_tls);
        let chains = seen.chains.iter();
        port.chains = chains
            .map(|chain| self.trust.shown(chain.clone(), &place.host, domain))
            .collect();
        port
    }
}

/// A port of a host that has an address.
fn place(host: &Host, number: u16, purpose: Purpose) -> Option<Place> {
    let addresses: Vec<IpAddr> = host.ipv4.records.iter().chain(&host.ipv6.records).copied().collect();
    let place = Place {
        host: host.name.clone(),
        number,
        purpose,
        addresses,
    };
    Some(place).filter(|place| !place.addresses.is_empty())
}

/// The ports in the SRV records, each once for each kind of record.
fn servers(domain: &Domain) -> Vec<Place> {
    let mut wanted: Vec<Place> = Vec::new();
    let mut add = |asked: &Asked<Service>, purpose| {
        for service in Domain::offered(asked) {
            let host = domain.servers.iter().find(|host| host.name == service.target);
            let found = host.and_then(|host| place(host, service.port, purpose));
            wanted.extend(found.filter(|one| !wanted.contains(one)));
        }
    };
    add(&domain.submissions, Purpose::Submissions);
    add(&domain.submission, Purpose::Submission);
    wanted
}
