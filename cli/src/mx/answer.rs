//! What came of a question, whatever was asked.

use hickory_resolver::proto::dnssec::Proof;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use smtplint_core::mx::{Dnssec, Status};

/// Aliases of aliases that are followed.
const ALIASES: usize = 16;

/// An answer, whatever was asked.
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) dnssec: Dnssec,
    pub(super) records: Vec<Record>,
    pub(super) why: Option<String>,
}

impl Answer {
    pub(super) fn of(records: Vec<Record>) -> Answer {
        Answer {
            status: Status::Found,
            dnssec: proven(&records),
            records,
            why: None,
        }
    }

    pub(super) fn none(code: ResponseCode, dnssec: Dnssec) -> Answer {
        Answer {
            status: if code == ResponseCode::NXDomain {
                Status::NoName
            } else {
                Status::Empty
            },
            dnssec,
            records: Vec::new(),
            why: None,
        }
    }

    pub(super) fn failed(why: String) -> Answer {
        Answer {
            status: Status::Failed,
            dnssec: Dnssec::Unknown,
            records: Vec::new(),
            why: Some(why),
        }
    }
}

pub(super) fn word(proof: Proof) -> Dnssec {
    match proof {
        Proof::Secure => Dnssec::Secure,
        Proof::Insecure => Dnssec::Insecure,
        Proof::Bogus => Dnssec::Bogus,
        Proof::Indeterminate => Dnssec::Unknown,
    }
}

/// An answer is as good as the worst of its records; signatures have none of their own.
pub(super) fn proven<'r>(records: impl IntoIterator<Item = &'r Record>) -> Dnssec {
    let all = records
        .into_iter()
        .filter(|record| record.record_type() != RecordType::RRSIG);
    let all: Vec<Dnssec> = all.map(|record| word(record.proof)).collect();
    let worst = [Dnssec::Bogus, Dnssec::Unknown, Dnssec::Insecure, Dnssec::Secure];
    worst
        .into_iter()
        .find(|one| all.contains(one))
        .unwrap_or(Dnssec::Unknown)
}

/// Where aliases lead from a name; `None` where it is none.
pub(super) fn canonical(name: &Name, records: &[Record]) -> Option<Name> {
    let mut at = None;
    for _ in 0..ALIASES {
        let from = at.as_ref().unwrap_or(name);
        let next = records.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *from => Some(target.0.clone()),
            _ => None,
        });
        match next {
            Some(next) => at = Some(next),
            None => break,
        }
    }
    at
}
