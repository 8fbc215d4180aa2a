//! Everything that is asked about one domain, at a time as far as one answer does not lead to the next question.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;
use futures_util::join;
use hickory_resolver::proto::rr::Name;
use smtplint_core::mx::port::Port;
use smtplint_core::mx::{Address, Asked, Domain, Fetch, Fetched, Host, Status, strict};

use super::Family;
use super::names::{Names, plain};
use super::ports::Ports;
use super::web::Web;

/// Ports of one host in the SRV records that are looked at: two are usual.
const PORTS: usize = 4;
/// Hosts that are looked at, of exchangers and of servers for users.
const HOSTS: usize = 20;
/// Addresses of a host that are looked at.
const ADDRESSES: usize = 8;
/// Names of an address that are looked at.
const POINTERS: usize = 4;

/// Asks.
pub(super) struct Gatherer {
    pub(super) names: Names,
    pub(super) web: Option<Web>,
    pub(super) ports: Option<Ports>,
    pub(super) family: Family,
    /// The name server that is asked, where it is not the system's.
    pub(super) server: Option<SocketAddr>,
}

impl Gatherer {
    /// Everything about a domain in canonical form.
    pub(super) async fn domain(&self, name: &str) -> Domain {
        let mut domain = nothing(name, self.server);
        domain.notes.extend(self.names.unchecked());
        domain.mx = self.names.exchanges(name).await;
        if matches!(domain.mx.status, Status::NoName | Status::Failed) {
            // Where there is no domain there is nothing in it; and where one question is not answered others are not, either.
            return domain;
        }
        let (sts, reports, submission, submissions) = join!(
            self.names.texts(&domain.sts.name),
            self.names.texts(&domain.reports.name),
            self.names.services(&domain.submission.name),
            self.names.services(&domain.submissions.name),
        );
        (domain.sts, domain.reports) = (sts, reports);
        (domain.submission, domain.submissions) = (submission, submissions);
        let exchangers = exchangers(&mut domain);
        domain.hosts = join_all(exchangers.iter().map(|host| self.exchanger(host))).await;
        domain.servers = self.servers(&mut domain).await;
        let (policy, autoconfig, ports) = join!(self.policy(&domain), self.autoconfig(&domain), self.ports(&domain));
        (domain.policy, domain.autoconfig) = (policy, autoconfig);
        if let Some((ports, notes)) = ports {
            domain.ports = Some(ports);
            domain.notes.extend(notes);
        }
        domain
    }

    async fn addresses(&self, name: &str) -> (Asked<IpAddr>, Asked<IpAddr>) {
        match self.family {
            Family::Both => join!(self.names.ipv4(name), self.names.ipv6(name)),
            Family::Ipv4 => (self.names.ipv4(name).await, Asked::nobody(name, "AAAA")),
            Family::Ipv6 => (Asked::nobody(name, "A"), self.names.ipv6(name).await),
        }
    }

    async fn exchanger(&self, name: &str) -> Host {
        if name.parse::<IpAddr>().is_ok() {
            return unasked(name);
        }
        let at = format!("_25._tcp.{name}");
        let ((ipv4, ipv6), tlsa) = join!(self.addresses(name), self.names.tlsa(&at));
        let found = ipv4.records.iter().chain(&ipv6.records).take(ADDRESSES);
        let addresses = join_all(found.map(|address| self.address(name, *address))).await;
        Host {
            name: name.to_owned(),
            ipv4,
            ipv6,
            addresses,
            tlsa: vec![tlsa],
        }
    }

    /// Where an address leads back to.
    async fn address(&self, host: &str, address: IpAddr) -> Address {
        let pointers = self.names.pointers(address).await;
        let confirmed = self.leads_back(host, address, &pointers.records).await;
        Address {
            address,
            pointers,
            confirmed,
        }
    }

    /// Whether one of its names has the address; `None` where there is none, or one that was not answered may have it.
    async fn leads_back(&self, host: &str, address: IpAddr, names: &[String]) -> Option<bool> {
        if names.iter().any(|name| name == host) {
            return Some(true);
        }
        let mut known = (!names.is_empty() && names.len() <= POINTERS).then_some(false);
        for name in names.iter().take(POINTERS) {
            let back = match address {
                IpAddr::V4(_) => self.names.ipv4(name).await,
                IpAddr::V6(_) => self.names.ipv6(name).await,
            };
            if back.records.contains(&address) {
                return Some(true);
            }
            if back.status == Status::Failed {
                known = None;
            }
        }
        known
    }

    /// The hosts of the services for users, each once, with what proves the certificate at its port.
    async fn servers(&self, domain: &mut Domain) -> Vec<Host> {
        let mut wanted: Vec<(String, Vec<u16>)> = Vec::new();
        for service in Domain::offered(&domain.submission).chain(Domain::offered(&domain.submissions)) {
            match wanted.iter_mut().find(|(host, _)| *host == service.target) {
                Some((_, ports)) if ports.contains(&service.port) || ports.len() == PORTS => {}
                Some((_, ports)) => ports.push(service.port),
                None => wanted.push((service.target.clone(), vec![service.port])),
            }
        }
        if wanted.len() > HOSTS {
            domain.notes.push(format!(
                "of {} hosts in the SRV records {HOSTS} were looked at",
                wanted.len()
            ));
            wanted.truncate(HOSTS);
        }
        let host = async |(name, ports): &(String, Vec<u16>)| {
            let places: Vec<String> = ports.iter().map(|port| format!("_{port}._tcp.{name}")).collect();
            let tlsa = join_all(places.iter().map(|place| self.names.tlsa(place)));
            let ((ipv4, ipv6), tlsa) = join!(self.addresses(name), tlsa);
            Host {
                name: name.clone(),
                ipv4,
                ipv6,
                addresses: Vec::new(),
                tlsa,
            }
        };
        join_all(wanted.iter().map(host)).await
    }

    async fn ports(&self, domain: &Domain) -> Option<(Vec<Port>, Vec<String>)> {
        match &self.ports {
            Some(ports) => Some(ports.look(domain).await),
            None => None,
        }
    }

    async fn policy(&self, domain: &Domain) -> Fetched {
        let nobody = Fetched::nobody(domain.policy.url.clone());
        let is_announced = matches!(strict::announced(&domain.sts.records), Ok(Some(_)));
        match &self.web {
            Some(web) if is_announced && domain.takes_mail() => {
                self.fetch(web, &format!("mta-sts.{}", domain.name), "/.well-known/mta-sts.txt")
                    .await
            }
            _ => nobody,
        }
    }

    /// The first of the files that is there, with those before it.
    async fn autoconfig(&self, domain: &Domain) -> Vec<Fetched> {
        let mut tried = Vec::new();
        let Some(web) = self.web.as_ref().filter(|_| domain.takes_mail()) else {
            return tried;
        };
        let name = &domain.name;
        for (host, path) in [
            (format!("autoconfig.{name}"), "/mail/config-v1.1.xml"),
            (name.clone(), "/.well-known/autoconfig/mail/config-v1.1.xml"),
        ] {
            let fetched = self.fetch(web, &host, path).await;
            let is_there = fetched.outcome == Fetch::Got;
            tried.push(fetched);
            if is_there {
                break;
            }
        }
        tried
    }

    async fn fetch(&self, web: &Web, host: &str, path: &str) -> Fetched {
        let (ipv4, ipv6) = self.addresses(host).await;
        let addresses: Vec<IpAddr> = ipv4.records.iter().chain(&ipv6.records).copied().collect();
        if !addresses.is_empty() {
            return web.fetch(host, path, &addresses).await;
        }
        let mut fetched = Fetched::nobody(format!("https://{host}{path}"));
        let failed = [&ipv4, &ipv6].into_iter().find(|asked| asked.status == Status::Failed);
        (fetched.outcome, fetched.why) = match failed {
            Some(asked) => (Fetch::Failed, asked.why.clone()),
            // Nobody looked for one of the other kind.
            None if [&ipv4, &ipv6].into_iter().any(|asked| asked.status == Status::NotAsked) => (
                Fetch::Failed,
                Some("the host has no address of the kind that was asked for".to_owned()),
            ),
            None => (Fetch::NoHost, Some("the host has no address".to_owned())),
        };
        fetched
    }
}

/// Before anything was asked.
fn nothing(name: &str, server: Option<SocketAddr>) -> Domain {
    Domain {
        name: name.to_owned(),
        server,
        mx: Asked::nobody(name, "MX"),
        hosts: Vec::new(),
        sts: Asked::nobody(&format!("_mta-sts.{name}"), "TXT"),
        policy: Fetched::nobody(format!("https://mta-sts.{name}/.well-known/mta-sts.txt")),
        reports: Asked::nobody(&format!("_smtp._tls.{name}"), "TXT"),
        submission: Asked::nobody(&format!("_submission._tcp.{name}"), "SRV"),
        submissions: Asked::nobody(&format!("_submissions._tcp.{name}"), "SRV"),
        servers: Vec::new(),
        autoconfig: Vec::new(),
        ports: None,
        notes: Vec::new(),
    }
}

fn unasked(name: &str) -> Host {
    Host {
        name: name.to_owned(),
        ipv4: Asked::nobody(name, "A"),
        ipv6: Asked::nobody(name, "AAAA"),
        addresses: Vec::new(),
        tlsa: Vec::new(),
    }
}

/// The hosts that mail goes to, each once: those of the records, or the domain itself where there is none (RFC 5321 §5.1).
fn exchangers(domain: &mut Domain) -> Vec<String> {
    if domain.mx.status != Status::Found {
        return vec![domain.name.clone()];
    }
    let mut hosts: Vec<String> = Vec::new();
    for one in domain.mx.records.iter().filter(|one| !one.host.is_empty()) {
        if !hosts.contains(&one.host) {
            hosts.push(one.host.clone());
        }
    }
    if hosts.len() > HOSTS {
        domain.notes.push(format!(
            "of {} hosts in the MX records {HOSTS} were looked at",
            hosts.len()
        ));
        hosts.truncate(HOSTS);
    }
    hosts
}

/// A domain as the DNS has it, in small letters and without the last dot.
///
/// # Errors
/// Why it is none, in words.
pub(crate) fn canonical(given: &str) -> Result<String, String> {
    let given = given.trim();
    if let Some((_, domain)) = given.split_once('@') {
        return Err(format!("`{given}` is an address, and its domain is `{domain}`"));
    }
    if given.parse::<IpAddr>().is_ok() {
        return Err(format!("`{given}` is an address of a machine, and no domain"));
    }
    let read = if given.is_ascii() {
        Name::from_ascii
    } else {
        Name::from_utf8
    };
    let name = read(given).map_err(|_| format!("`{given}` is no domain"))?;
    let name = plain(&name);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() < 64
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.is_empty() || name.len() > 253 || !name.split('.').all(is_label) {
        return Err(format!("`{given}` is no domain"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        for (given, expected) in [
            ("example.org", Some("example.org")),
            ("Example.ORG.", Some("example.org")),
            (" example.org\r", Some("example.org")),
            ("b\u{fc}cher.example", Some("xn--bcher-kva.example")),
            ("a_b.example", Some("a_b.example")),
            ("user@example.org", None),
            ("192.0.2.1", None),
            ("2001:db8::1", None),
            ("https://example.org/", None),
            ("", None),
            (".", None),
            ("a..b", None),
            ("-a.example", None),
            ("a b.example", None),
            ("a\\.b.example", None),
        ] {
            assert_eq!(canonical(given).ok().as_deref(), expected, "{given:?}");
        }
        assert!(canonical(&"a.".repeat(130)).is_err());
        assert!(canonical("user@example.org").is_err_and(|why| why.contains("its domain is `example.org`")));
    }
}
