//! Who is in `mynetworks` (`match_list.c`, `match_ops.c`): the patterns in their order, and the first that matches decides.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::config::View;
use super::tables::{self, Known, Subject};
use crate::gather;

/// Whether a client is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// In it.
    Yes,
    /// Not in it.
    No,
    /// Something unseen decides, or where the client comes from.
    Perhaps,
    /// Postfix gives the list up at a pattern that it cannot read, and puts the client off.
    Fails,
}

/// Where a client comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This address.
    At(IpAddr),
    /// Nowhere in particular, by IPv4.
    Ipv4,
    /// Nowhere in particular, by IPv6.
    Ipv6,
}

impl Origin {
    fn is_ipv4(self) -> bool {
        match self {
            Origin::At(address) => address.is_ipv4(),
            Origin::Ipv4 => true,
            Origin::Ipv6 => false,
        }
    }
}

/// A client, and whether the list trusts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) origin: Origin,
    pub(super) trust: Trust,
}

/// So many addresses are tried to find one that is trusted.
const TRIES: usize = 12;

/// A pattern that is as wide as this, or wider, may hold anybody.
const WIDE: u32 = 7;

/// The same for IPv6, whose public addresses are [`PUBLIC`].
const WIDE_IPV6: u32 = PUBLIC.1 + WIDE;

/// Where all public addresses of IPv6 begin, and how many bits they have in common (RFC 4291 §2.4).
const PUBLIC: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// A client from somewhere, whom only a pattern for everybody can mean. What stands in an unseen table is not meant for him.
pub(super) fn stranger(view: &View<'_>, list: &str, origin: Origin) -> Placed {
    let patterns = view.match_list(list);
    let members = patterns.known().map(|members| members.surely.as_slice()).unwrap_or_default();
    Placed { origin, trust: judge(view, members, origin) }
}

/// A client that the list surely trusts. Where nobody beyond the machine is trusted it is the machine itself, and so it is where
/// nobody is trusted at all.
pub(super) fn trusted(view: &View<'_>) -> Placed {
    let list = view.match_list("mynetworks");
    let Some(members) = list.known() else { return Placed { origin: Origin::Ipv4, trust: Trust::Yes } };
    let patterns: Vec<&String> = members.surely.iter().filter(|pattern| !pattern.starts_with('!')).collect();
    let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let beyond = patterns.iter().filter_map(|pattern| Network::read(pattern).ok().flatten());
    // The machine itself comes last.
    let networks = gather::ordered(beyond.collect(), |network: &Network| u64::from(network.address.is_loopback()));
    let candidates = networks.iter().flat_map(Network::samples).take(TRIES).chain([own]);
    let mut failed = None;
    for address in candidates {
        let origin = Origin::At(address);
        match judge(view, &members.surely, origin) {
            Trust::Yes => return Placed { origin, trust: Trust::Yes },
            Trust::Fails => failed = Some(Placed { origin, trust: Trust::Fails }),
            Trust::No | Trust::Perhaps => {}
        }
    }
    if let Some(failed) = failed {
        return failed;
    }
    // Somebody is named whose address cannot be seen: by a table, a name, a template.
    let unseen = members.rest.is_some() || patterns.iter().any(|pattern| !matches!(Network::read(pattern), Ok(Some(_))));
    if unseen { Placed { origin: Origin::Ipv4, trust: Trust::Yes } } else { Placed { origin: Origin::At(own), trust: Trust::No } }
}

/// The first pattern of the list at which Postfix gives up, with the network that it was meant to be where only bits behind its
/// prefix are wrong.
pub(super) fn unreadable(view: &View<'_>, list: &str) -> Option<(String, Option<String>)> {
    let members = view.members(list);
    let mut patterns = members.surely.iter().map(|pattern| pattern.trim_start_matches('!'));
    let pattern = patterns.find(|pattern| is_bare_ipv6(pattern) || Network::read(pattern).is_err())?;
    Some((pattern.to_owned(), meant(pattern)))
}

/// `10.0.0.0/8` for `10.1.2.3/8`, and an address of IPv6 with the brackets that it needs.
fn meant(pattern: &str) -> Option<String> {
    let (address, prefix) = pattern.split_once('/').map(|(address, prefix)| (address, Some(prefix))).unwrap_or((pattern, None));
    let address = address.trim_matches(['[', ']']).parse::<IpAddr>().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix: u32 = prefix.map_or(Ok(longest), str::parse).ok().filter(|prefix| *prefix <= longest)?;
    Some(match address {
        IpAddr::V4(address) => {
            let kept = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            format!("{}/{prefix}", Ipv4Addr::from(u32::from(address) & kept))
        }
        IpAddr::V6(address) => {
            let kept = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            format!("[{}]/{prefix}", Ipv6Addr::from(u128::from(address) & kept))
        }
    })
}

/// IPv6 without brackets is taken for a table, of a kind that does not exist.
fn is_bare_ipv6(pattern: &str) -> bool {
    pattern.split('/').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// What the patterns say of a client.
fn judge(view: &View<'_>, patterns: &[String], origin: Origin) -> Trust {
    let mut doubt = false;
    for written in patterns {
        let pattern = written.trim_start_matches('!');
        let excluded = (written.len() - pattern.len()) % 2 == 1;
        let matches = match matches(view, pattern, origin) {
            Ok(matches) => matches,
            Err(Unreadable) => return if doubt { Trust::Perhaps } else { Trust::Fails },
        };
        match matches {
            Known::Yes if doubt => return Trust::Perhaps,
            Known::Yes if excluded => return Trust::No,
            Known::Yes => return Trust::Yes,
            Known::Perhaps => doubt = true,
            Known::No => {}
        }
    }
    if doubt { Trust::Perhaps } else { Trust::No }
}

/// Postfix cannot read a pattern.
struct Unreadable;

fn matches(view: &View<'_>, pattern: &str, origin: Origin) -> Result<Known, Unreadable> {
    if !pattern.starts_with('[') && pattern.contains(':') {
        if is_bare_ipv6(pattern) {
            return Err(Unreadable);
        }
        return Ok(tables::holds(view, pattern, &Subject::Client(origin)));
    }
    if pattern.starts_with('/') {
        return Ok(if matches!(origin, Origin::At(_)) { Known::Perhaps } else { Known::No });
    }
    // Patterns of the other family are not looked at.
    if pattern.contains(':') == origin.is_ipv4() {
        return Ok(Known::No);
    }
    let Some(network) = Network::read(pattern)? else { return Ok(Known::No) };
    Ok(network.holds_one(origin))
}

/// A network, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// A pattern such as `10.0.0.0/8`, `[::1]/128` or `192.0.2.1`; `None` for a name, and an error for what Postfix gives up at.
    fn read(pattern: &str) -> Result<Option<Network>, Unreadable> {
        let of_address = pattern.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:[]/".contains(&byte));
        let (written, prefix) = match pattern.split_once('/') {
            Some((written, prefix)) => (written, Some(prefix)),
            None => (pattern, None),
        };
        let address = written.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(written).parse::<IpAddr>();
        match (address, prefix) {
            (Ok(address), None) => {
                let prefix = if address.is_ipv4() { 32 } else { 128 };
                Ok(Some(Network { address, prefix }))
            }
            (Ok(address), Some(prefix)) if of_address => {
                let longest = if address.is_ipv4() { 32 } else { 128 };
                match prefix.parse::<u32>() {
                    Ok(prefix) if prefix <= longest && prefix_fits(address, prefix) => Ok(Some(Network { address, prefix })),
                    _ => Err(Unreadable),
                }
            }
            (Err(_), Some(_)) if of_address => Err(Unreadable),
            _ => Ok(None),
        }
    }

    /// The same as a line of a table of the type cidr has it.
    pub(super) fn of_table(pattern: &str) -> Option<Network> {
        Network::read(pattern).ok().flatten()
    }

    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (u32::from(network) ^ u32::from(address)).checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (u128::from(network) ^ u128::from(address)).checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    /// Whether it holds a client; one from nowhere in particular is in it when all are, or a large part of them.
    pub(super) fn holds_one(&self, origin: Origin) -> Known {
        match (self.address, origin) {
            (_, Origin::At(address)) => Known::from(self.holds(address)),
            (IpAddr::V4(_), Origin::Ipv4) if self.prefix == 0 => Known::Yes,
            (IpAddr::V4(_), Origin::Ipv4) if self.prefix <= WIDE => Known::Perhaps,
            (IpAddr::V6(address), Origin::Ipv6) => {
                let public = Network { address: PUBLIC.0.into(), prefix: PUBLIC.1 };
                match self.prefix {
                    prefix if prefix <= PUBLIC.1 && self.holds(public.address) => Known::Yes,
                    prefix if prefix <= WIDE_IPV6 && public.holds(address.into()) => Known::Perhaps,
                    _ => Known::No,
                }
            }
            _ => Known::No,
        }
    }

    /// Whether a client of that family is asked for at all.
    pub(super) fn is_for(&self, origin: Origin) -> bool {
        self.address.is_ipv4() == origin.is_ipv4()
    }

    /// A few addresses in it.
    fn samples(&self) -> Vec<IpAddr> {
        let later = |by: u8| match self.address {
            IpAddr::V4(first) => IpAddr::V4(Ipv4Addr::from(u32::from(first).saturating_add(by.into()))),
            IpAddr::V6(first) => IpAddr::V6((u128::from(first).saturating_add(by.into())).into()),
        };
        let all = [1, 0, 2, 3].map(later).into_iter();
        all.filter(|address| self.holds(*address)).collect()
    }
}

/// False for a pattern such as `10.1.2.3/8`, whose address has bits behind the prefix.
fn prefix_fits(address: IpAddr, prefix: u32) -> bool {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_shl(prefix).unwrap_or(0) == 0,
        IpAddr::V6(address) => u128::from(address).checked_shl(prefix).unwrap_or(0) == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_postfix_reads_skips_or_gives_up_at() {
        let read = |pattern| match Network::read(pattern) {
            Ok(Some(network)) => format!("{}/{}", network.address, network.prefix),
            Ok(None) => "skipped".to_owned(),
            Err(Unreadable) => "given up".to_owned(),
        };
        for (pattern, expected) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.1", "192.0.2.1/32"),
            ("[::1]/128", "::1/128"),
            ("[127.0.0.0]/8", "127.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("example.test", "skipped"),
            ("10.", "skipped"),
            ("10.1.2.3/8", "given up"),
            ("10/8", "given up"),
            ("10.0.0.0/33", "given up"),
            ("[2001:db8::1]/32", "given up"),
        ] {
            assert_eq!(read(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn what_was_meant_by_patterns_that_postfix_gives_up_at() {
        for (pattern, expected) in [
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("192.168.1.1/24", Some("192.168.1.0/24")),
            ("2001:db8::/32", Some("[2001:db8::]/32")),
            ("[2001:db8::1]/32", Some("[2001:db8::]/32")),
            ("::1", Some("[::1]/128")),
            ("0.0.0.1/0", Some("0.0.0.0/0")),
            ("10.0.0.0/33", None),
            ("10/8", None),
        ] {
            assert_eq!(meant(pattern).as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn clients_from_anywhere_are_in_what_holds_all_of_their_family() {
        let holds = |pattern, origin| Network::of_table(pattern).map(|network| network.holds_one(origin));
        for (pattern, by_ipv4, by_ipv6) in [
            ("0.0.0.0/0", Known::Yes, Known::No),
            ("64.0.0.0/2", Known::Perhaps, Known::No),
            ("10.0.0.0/8", Known::No, Known::No),
            ("[::]/0", Known::No, Known::Yes),
            ("[2000::]/3", Known::No, Known::Yes),
            ("[2a00::]/7", Known::No, Known::Perhaps),
            ("[2a00::]/12", Known::No, Known::No),
            ("[fc00::]/7", Known::No, Known::No),
            ("[8000::]/1", Known::No, Known::No),
            ("[2001:db8::]/32", Known::No, Known::No),
        ] {
            assert_eq!(holds(pattern, Origin::Ipv4), Some(by_ipv4), "{pattern}");
            assert_eq!(holds(pattern, Origin::Ipv6), Some(by_ipv6), "{pattern}");
        }
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        let holds = |pattern, address: &str| {
            Network::of_table(pattern).is_some_and(|network| network.holds(address.parse().expect("an address")))
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "192.0.2.1") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("[2001:db8::]/32", "2001:db8::7") && holds("[::]/0", "::1"));
    }
}
