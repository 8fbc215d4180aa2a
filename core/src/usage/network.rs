//! The networks that clients come from: coarse enough to be few, fine enough to be found again.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use memchr::memrchr;

/// Bits of an address that count.
const IPV4: u32 = 24;
const IPV6: u32 = 48;

/// A /24 of IPv4 or a /48 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// The first three bytes.
    V4([u8; 3]),
    /// The first six bytes.
    V6([u8; 6]),
}

impl Network {
    /// The network of a client, written as `name[address]` or `name[address]:port`, or as its address alone.
    #[must_use]
    pub fn of_client(client: &[u8]) -> Option<Network> {
        let address = match memrchr(b'[', client) {
            Some(open) => {
                let inside = client.get(open + 1..)?;
                inside.get(..memrchr(b']', inside)?)?
            }
            None => client,
        };
        let address: IpAddr = std::str::from_utf8(address).ok()?.parse().ok()?;
        Some(match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Network::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, ..] = address.octets();
                Network::V6([a, b, c, d, e, f])
            }
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Network::V4([a, b, c]) => write!(formatter, "{}/{IPV4}", Ipv4Addr::new(a, b, c, 0)),
            Network::V6(first) => {
                let mut octets = [0; 16];
                octets[..6].copy_from_slice(&first);
                write!(formatter, "{}/{IPV6}", Ipv6Addr::from(octets))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_put_into_networks() {
        for (client, network) in [
            ("a.example[192.0.2.77]", Some("192.0.2.0/24")),
            ("unknown[192.0.2.77]:4711", Some("192.0.2.0/24")),
            ("unknown[2001:db8:1:2::3]:4711", Some("2001:db8:1::/48")),
            ("unknown[::ffff:192.0.2.1]", Some("192.0.2.0/24")),
            ("192.0.2.77", Some("192.0.2.0/24")),
            ("2001:db8:1:2::3", Some("2001:db8:1::/48")),
            ("unknown[unknown]", None),
            ("unknown", None),
            ("]192.0.2.1[", None),
            ("", None),
        ] {
            let shown = Network::of_client(client.as_bytes()).map(|network| network.to_string());
            assert_eq!(shown.as_deref(), network, "{client}");
        }
    }
}
