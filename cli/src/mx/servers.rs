//! Which name servers are asked, and which keys are trusted.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::proto::dnssec::TrustAnchors;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::serialize::txt::trust_anchor::{Entry, Parser};
use hickory_resolver::system_conf;

use super::{Unable, Wanted};

/// The servers to ask.
pub(super) fn servers(wanted: &Wanted) -> Result<(ResolverConfig, ResolverOpts), Unable> {
    let Some(server) = wanted.server else {
        return system_conf::read_system_conf().map_err(|error| Unable::System(error.to_string()));
    };
    let on = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let connections = vec![on(ConnectionConfig::udp()), on(ConnectionConfig::tcp())];
    let server = NameServerConfig::new(server.ip(), true, connections);
    Ok((
        ResolverConfig::from_parts(None, Vec::new(), vec![server]),
        ResolverOpts::default(),
    ))
}

/// The keys to begin with, and of whom they are.
pub(super) fn anchors(wanted: &Wanted) -> Result<(Arc<TrustAnchors>, Vec<Name>), Unable> {
    let Some(path) = &wanted.trust_anchor else {
        return Ok((Arc::new(TrustAnchors::default()), vec![Name::root()]));
    };
    let wrong = |why: String| Unable::Anchor {
        path: path.clone(),
        why,
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {}", error.kind())))?;
    let entries = Parser::new(text.as_str())
        .parse()
        .map_err(|error| wrong(format!("holds something else than DNSKEY records: {error}")))?;
    let mut keys = TrustAnchors::empty();
    let mut zones = Vec::new();
    for entry in &entries {
        let Entry::DNSKEY(record) = entry else { continue };
        let mut zone = record.name().clone();
        zone.set_fqdn(true);
        keys.insert_with_name(record.data().public_key(), (&zone).into());
        zones.push(zone);
    }
    if zones.is_empty() {
        return Err(wrong("holds no DNSKEY record".to_owned()));
    }
    Ok((Arc::new(keys), zones))
}

/// `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`.
pub(crate) fn server(text: &str) -> Option<SocketAddr> {
    const PORT: u16 = 53;
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare.parse().map(|address: IpAddr| SocketAddr::new(address, PORT));
    address
        .ok()
        .or_else(|| text.parse().ok())
        .filter(|server| server.port() > 0)
}
