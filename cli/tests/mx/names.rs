//! A name server on loopback that says what a test tells it to.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, CNAME, MX, PTR, SRV, TLSA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// What becomes of questions about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// No answer.
    Silent,
    /// This code, and nothing else.
    Code(ResponseCode),
    /// SERVFAIL, unless the client says that it does not check signatures.
    Forged,
    /// Bytes that are no message.
    Garbage,
    /// Over UDP only that there is more.
    Long,
}

/// What is told of names.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    records: HashMap<(Name, RecordType), Vec<RData>>,
    manners: HashMap<Name, Manner>,
}

/// A name from text.
pub(crate) fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).expect("a name");
    name.set_fqdn(true);
    name
}

impl Zone {
    fn with(mut self, owner: &str, data: RData) -> Zone {
        let key = (name(owner), data.record_type());
        self.records.entry(key).or_default().push(data);
        self
    }

    pub(crate) fn mx(self, owner: &str, preference: u16, host: &str) -> Zone {
        self.with(owner, RData::MX(MX::new(preference, name(host))))
    }

    pub(crate) fn a(self, owner: &str, address: [u8; 4]) -> Zone {
        self.with(owner, RData::A(A(Ipv4Addr::from(address))))
    }

    pub(crate) fn cname(self, owner: &str, target: &str) -> Zone {
        self.with(owner, RData::CNAME(CNAME(name(target))))
    }

    pub(crate) fn ptr(self, owner: &str, target: &str) -> Zone {
        self.with(owner, RData::PTR(PTR(name(target))))
    }

    /// In as many parts as are given.
    pub(crate) fn txt(self, owner: &str, parts: &[&str]) -> Zone {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        self.with(owner, RData::TXT(TXT::new(parts)))
    }

    pub(crate) fn srv(self, owner: &str, priority: u16, port: u16, target: &str) -> Zone {
        self.with(owner, RData::SRV(SRV::new(priority, 1, port, name(target))))
    }

    pub(crate) fn tlsa(self, owner: &str, usage: u8, data: &[u8]) -> Zone {
        let tlsa = TLSA::new(usage.into(), 1.into(), 1.into(), data.to_vec());
        self.with(owner, RData::TLSA(tlsa))
    }

    pub(crate) fn manner(mut self, owner: &str, manner: Manner) -> Zone {
        self.manners.insert(name(owner), manner);
        self
    }

    /// The answer to a message, over TCP or not; `None` is silence.
    fn answer(&self, bytes: &[u8], is_tcp: bool) -> Option<Vec<u8>> {
        let asked = Message::from_vec(bytes).ok()?;
        let query = asked.queries.first()?.clone();
        let owner = query.name().to_lowercase();
        let mut answer = Message::response(asked.metadata.id, OpCode::Query);
        answer.metadata.recursion_desired = true;
        answer.metadata.recursion_available = true;
        answer.add_query(query.clone());
        match self.manners.get(&owner) {
            Some(Manner::Silent) => return None,
            Some(Manner::Garbage) => return Some(b"\x00\x01no message".to_vec()),
            Some(Manner::Code(code)) => {
                answer.metadata.response_code = *code;
                return answer.to_vec().ok();
            }
            Some(Manner::Forged) if !asked.metadata.checking_disabled => {
                answer.metadata.response_code = ResponseCode::ServFail;
                return answer.to_vec().ok();
            }
            Some(Manner::Long) if !is_tcp => {
                answer.metadata.truncation = true;
                return answer.to_vec().ok();
            }
            Some(Manner::Forged | Manner::Long) | None => {}
        }
        let mut at = owner;
        for _ in 0..4 {
            if let Some(all) = self.records.get(&(at.clone(), query.query_type())) {
                answer.add_answers(all.iter().map(|data| Record::from_rdata(at.clone(), 60, data.clone())));
                break;
            }
            let Some([RData::CNAME(alias)]) = self.records.get(&(at.clone(), RecordType::CNAME)).map(Vec::as_slice)
            else {
                break;
            };
            let target = alias.0.clone();
            answer.add_answer(Record::from_rdata(at, 60, RData::CNAME(CNAME(target.clone()))));
            at = target;
        }
        let is_there = |known: &Name| known == &at || at.zone_of(known);
        if answer.answers.is_empty() && !self.records.keys().any(|(known, _)| is_there(known)) {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
        answer.to_vec().ok()
    }
}

/// Serves a zone until the test ends, and says where; the names that were asked about are kept.
pub(crate) fn serve(zone: Zone) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let (udp, tcp) = both();
    let address = udp.local_addr().expect("it has an address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let zone = Arc::new(zone);
    let (kept, told) = (Arc::clone(&asked), Arc::clone(&zone));
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut buffer) {
            let bytes = &buffer[..length];
            if let Some(query) = Message::from_vec(bytes)
                .ok()
                .and_then(|one| one.queries.into_iter().next())
            {
                let line = format!(
                    "{} {}",
                    query.name().to_ascii().trim_end_matches('.'),
                    query.query_type()
                );
                kept.lock().expect("nobody fails inside").push(line);
            }
            if let Some(answer) = told.answer(bytes, false) {
                // Who does not wait any more need not be told.
                let _ = udp.send_to(&answer, from);
            }
        }
    });
    thread::spawn(move || {
        while let Ok((stream, _)) = tcp.accept() {
            let zone = Arc::clone(&zone);
            thread::spawn(move || over_tcp(stream, &zone));
        }
    });
    (address, asked)
}

/// Two sockets of one number.
fn both() -> (UdpSocket, TcpListener) {
    for _ in 0..20 {
        let udp = UdpSocket::bind("127.0.0.1:0").expect("loopback is there");
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("it has an address")) {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both");
}

fn over_tcp(mut stream: TcpStream, zone: &Zone) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut bytes).is_err() {
            return;
        }
        if let Some(answer) = zone.answer(&bytes, true) {
            let length = u16::try_from(answer.len())
                .expect("answers of tests are short")
                .to_be_bytes();
            if stream.write_all(&[&length[..], &answer].concat()).is_err() {
                return;
            }
        }
    }
}
