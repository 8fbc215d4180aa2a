//! SRV records (RFC 2782): `_submission` (RFC 6186 §3.1), `_submissions` (RFC 8314 §5.1), `_imap` and `_imaps` (RFC 6186 §3.2).

use std::fmt;
use std::fmt::Write;

use serde::Serialize;

use super::{ClientSettings, HostName, Security};

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Srv"))]
pub struct Record {
    /// Its full name, without the dot at the end.
    pub name: String,
    /// Seconds for which it may be kept.
    pub ttl: u32,
    /// Programs try the lowest first.
    pub priority: u16,
    /// The weight between records of one priority; there never are two.
    pub weight: u16,
    /// The port; 0 where the service is not offered.
    pub port: u16,
    /// The host; null, a lone dot in the record, where the service is not offered (RFC 6186 §3.4).
    pub target: Option<HostName>,
}

impl fmt::Display for Record {
    /// As a line of a zone file, which means the same in every zone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record {
            name,
            ttl,
            priority,
            weight,
            port,
            target,
        } = self;
        let target = target.as_ref().map_or("", HostName::as_str);
        write!(f, "{name}. {ttl} IN SRV {priority} {weight} {port} {target}.")
    }
}

/// The records of all services that are known of. Priorities count through both services for sending: programs that look for
/// both compare them (RFC 8314 §4.5.2).
#[must_use]
pub fn records(settings: &ClientSettings) -> Vec<Record> {
    let record = |service: &str, priority, port, target: Option<&HostName>| Record {
        name: format!("{service}._tcp.{}", settings.domain),
        ttl: settings.ttl,
        priority,
        weight: u16::from(target.is_some()),
        port,
        target: target.cloned(),
    };
    let mut records = Vec::new();
    for (outgoing, priority) in settings.outgoing.iter().zip((0..).step_by(10)) {
        let service = sending(outgoing.security);
        records.push(record(service, priority, outgoing.port, Some(&settings.host)));
    }
    for security in &settings.absent {
        records.push(record(sending(*security), 0, 0, None));
    }
    if let Some(incoming) = &settings.incoming {
        let service = match incoming.security {
            Security::Implicit => "_imaps",
            Security::Starttls => "_imap",
        };
        records.push(record(service, 0, incoming.port, Some(&incoming.host)));
    }
    records
}

fn sending(security: Security) -> &'static str {
    match security {
        Security::Implicit => "_submissions",
        Security::Starttls => "_submission",
    }
}

/// The records as lines of a zone file, with what is to be known in comments.
pub(super) fn zone(settings: &ClientSettings) -> String {
    let mut text = format!("; How mail programs of {} find its servers.\n", settings.domain);
    text.push_str("; The names behind the ports need addresses of their own, and may not be aliases (RFC 2782).\n");
    if !settings.absent.is_empty() {
        text.push_str("; A lone dot says that there is no such service (RFC 6186 section 3.4).\n");
    }
    for record in records(settings) {
        // Formatting into a string cannot fail.
        let _ = writeln!(text, "{record}");
    }
    text
}
