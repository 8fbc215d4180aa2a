//! Questions to the name servers, by the kind of record.

use std::net::IpAddr;

use hickory_resolver::proto::rr::{Name, RData, RecordType};
use smtplint_core::mx::{Asked, Exchange, Service, Status, Tlsa};

use super::answer::canonical;
use super::asking::Asking;
use super::{Unable, Wanted};

/// The name servers.
pub(super) struct Names(Asking);

impl Names {
    pub(super) async fn new(wanted: &Wanted) -> Result<Names, Unable> {
        Ok(Names(Asking::new(wanted).await?))
    }

    /// Why signatures are not checked although they should be.
    pub(super) fn unchecked(&self) -> Option<String> {
        self.0.unchecked.clone()
    }

    pub(super) async fn exchanges(&self, name: &str) -> Asked<Exchange> {
        let read = |data: &RData| match data {
            RData::MX(mx) => Some(Exchange {
                preference: mx.preference,
                host: plain(&mx.exchange),
            }),
            _ => None,
        };
        self.named(name, RecordType::MX, "MX", read).await
    }

    pub(super) async fn texts(&self, name: &str) -> Asked<String> {
        let read = |data: &RData| match data {
            // Parts of one text belong together as they stand.
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.named(name, RecordType::TXT, "TXT", read).await
    }

    pub(super) async fn services(&self, name: &str) -> Asked<Service> {
        let read = |data: &RData| match data {
            RData::SRV(srv) => Some(Service {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: plain(&srv.target),
            }),
            _ => None,
        };
        self.named(name, RecordType::SRV, "SRV", read).await
    }

    pub(super) async fn tlsa(&self, name: &str) -> Asked<Tlsa> {
        let read = |data: &RData| match data {
            RData::TLSA(tlsa) => Some(Tlsa {
                usage: tlsa.cert_usage.into(),
                selector: tlsa.selector.into(),
                matching: tlsa.matching.into(),
                data: tlsa.cert_data.iter().map(|byte| format!("{byte:02x}")).collect(),
            }),
            _ => None,
        };
        self.named(name, RecordType::TLSA, "TLSA", read).await
    }

    pub(super) async fn ipv4(&self, name: &str) -> Asked<IpAddr> {
        let read = |data: &RData| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        };
        self.named(name, RecordType::A, "A", read).await
    }

    pub(super) async fn ipv6(&self, name: &str) -> Asked<IpAddr> {
        let read = |data: &RData| match data {
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        };
        self.named(name, RecordType::AAAA, "AAAA", read).await
    }

    pub(super) async fn pointers(&self, address: IpAddr) -> Asked<String> {
        let read = |data: &RData| match data {
            RData::PTR(name) => Some(plain(&name.0)),
            _ => None,
        };
        self.ask(Name::from(address), RecordType::PTR, "PTR", read).await
    }

    async fn named<T: Ord>(
        &self,
        name: &str,
        kind: RecordType,
        word: &'static str,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Asked<T> {
        match Name::from_ascii(name) {
            Ok(mut parsed) => {
                parsed.set_fqdn(true);
                self.ask(parsed, kind, word, read).await
            }
            // Such as a label of more than 63 letters before the domain.
            Err(error) => Asked {
                status: Status::NoName,
                why: Some(format!("the DNS has no such names: {error}")),
                ..Asked::nobody(name, word)
            },
        }
    }

    async fn ask<T: Ord>(
        &self,
        name: Name,
        kind: RecordType,
        word: &'static str,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Asked<T> {
        let answer = self.0.answer(&name, kind).await;
        let mut records: Vec<T> = answer.records.iter().filter_map(|record| read(&record.data)).collect();
        // One order, whoever answers.
        records.sort();
        // An alias that leads to nothing has records, and none of those that were asked for.
        let is_empty = answer.status == Status::Found && records.is_empty();
        Asked {
            status: if is_empty { Status::Empty } else { answer.status },
            dnssec: answer.dnssec,
            alias: canonical(&name, &answer.records).map(|name| plain(&name)),
            records,
            why: answer.why,
            ..Asked::nobody(&plain(&name), word)
        }
    }
}

/// A name in small letters without the last dot.
pub(super) fn plain(name: &Name) -> String {
    let mut text = name.to_ascii();
    if text.ends_with('.') {
        text.pop();
    }
    text.make_ascii_lowercase();
    text
}
