//! The host as Postfix sees it: its name and its interfaces, of this machine or pinned.

use std::fs;
use std::net::IpAddr;
use std::process::Command;

use super::{Configuration, PostconfError};
use crate::program::{Program, UNSHARE};

/// An address of the host and the length of its network's prefix, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interface {
    /// The address.
    pub address: IpAddr,
    /// 0 to 32, or 0 to 128.
    pub prefix_len: u8,
}

/// What Postfix asks the operating system about the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFacts {
    /// The kernel's host name (`uname -n`), possibly without a domain.
    pub host_name: String,
    /// In the order in which Postfix sees them, which is the order within `mynetworks`.
    pub interfaces: Vec<Interface>,
}

/// What the host's name makes of two parameters when nothing sets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultNames {
    /// The default of `myhostname`: the host name, with `.localdomain` when it has no dot.
    pub myhostname: String,
    /// The default of `mydomain`: what follows the first dot.
    pub mydomain: String,
}

/// The host a program is run on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Host {
    /// As this machine is.
    #[default]
    ThisMachine,
    /// With a host name and interfaces of its own, in Linux namespaces. Needs root and iproute2. The kernel lists
    /// IPv4 before IPv6, loopback IPv4 first and loopback IPv6 last, whatever the order here; give them in that order.
    Pinned(HostFacts),
}

/// Arguments: host name, addresses as `a/24 b/64`, then the program. Addresses sit on `lo`, which needs no privileges
/// outside the namespace; without any address Postfix is fatal, so the loopback ones are only there when asked for.
const PIN: &str = "set -e; hostname \"$1\"; ip link set lo up; ip addr flush dev lo; \
    for a in $2; do case $a in *:*) ip addr add $a dev lo nodad;; *) ip addr add $a dev lo;; esac; done; \
    shift 2; exec \"$@\"";

impl HostFacts {
    /// A host with this name and nothing but loopback.
    #[must_use]
    pub fn loopback(host_name: &str) -> Self {
        let interface = |address, prefix_len| Interface { address, prefix_len };
        Self {
            host_name: host_name.to_owned(),
            interfaces: vec![
                interface(std::net::Ipv4Addr::LOCALHOST.into(), 8),
                interface(std::net::Ipv6Addr::LOCALHOST.into(), 128),
            ],
        }
    }

    /// What Postfix sees on a host, asked of Postfix itself: the default of `mynetworks` in host style lists the
    /// addresses, in subnet style their networks.
    ///
    /// Two networks of different length on one address's path cannot be told apart this way; the longer is taken.
    ///
    /// # Errors
    /// When postconf cannot run or prints what is no address.
    pub fn of(host: &Host) -> Result<Self, PostconfError> {
        let styled = |style: &str| -> Result<Vec<Interface>, PostconfError> {
            let overrides = [
                ("mynetworks_style", style),
                ("inet_interfaces", "all"),
                ("inet_protocols", "all"),
            ];
            let configuration = Configuration {
                main_cf: Some(Vec::new()),
                master_cf: Some(Vec::new()),
                overrides: overrides
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .to_vec(),
                host: host.clone(),
            };
            let printed = configuration.prepare()?.values(&["-x", "mynetworks"])?;
            let list = printed.values.get("mynetworks").cloned().unwrap_or_default();
            list.split_whitespace().map(interface).collect()
        };
        let networks = styled("subnet")?;
        let mut interfaces = Vec::new();
        for address in styled("host")?.into_iter().map(|one| one.address) {
            let network = networks
                .iter()
                .filter(|network| network.contains(address))
                .max_by_key(|network| network.prefix_len)
                .ok_or_else(|| PostconfError::Host(format!("{address} is in none of {networks:?}")))?;
            interfaces.push(Interface {
                address,
                prefix_len: network.prefix_len,
            });
        }
        let host_name = match host {
            Host::Pinned(facts) => facts.host_name.clone(),
            Host::ThisMachine => fs::read_to_string("/proc/sys/kernel/hostname")
                .map_err(|source| PostconfError::Io {
                    path: "/proc/sys/kernel/hostname".into(),
                    source,
                })?
                .trim()
                .to_owned(),
        };
        Ok(Self { host_name, interfaces })
    }
}

impl DefaultNames {
    /// Asks `postconf -d myhostname mydomain` on a host.
    ///
    /// # Errors
    /// When postconf cannot run.
    pub fn of(host: &Host) -> Result<Self, PostconfError> {
        let configuration = Configuration {
            host: host.clone(),
            ..Configuration::new("", Some(b""))
        };
        let mut values = configuration
            .prepare()?
            .values(&["-d", "myhostname", "mydomain"])?
            .values;
        let mut take = |name: &str| {
            values
                .remove(name)
                .ok_or_else(|| PostconfError::Host(format!("postconf -d says nothing of {name}")))
        };
        Ok(Self {
            myhostname: take("myhostname")?,
            mydomain: take("mydomain")?,
        })
    }
}

impl Host {
    /// A command that runs `program` on this host; further arguments go to the program. Also gives the program that
    /// is really started, which is what can be missing.
    pub(super) fn command(&self, program: Program) -> Result<(Program, Command), PostconfError> {
        program.present()?;
        match self {
            Self::ThisMachine => Ok((program, program.command()?)),
            Self::Pinned(facts) => {
                let mut command = UNSHARE.command()?;
                // The kernel puts a new IPv6 address before those of the same scope.
                let (v4, v6): (Vec<Interface>, Vec<Interface>) =
                    facts.interfaces.iter().copied().partition(|one| one.address.is_ipv4());
                let addresses: Vec<String> = v4
                    .into_iter()
                    .chain(v6.into_iter().rev())
                    .map(|one| format!("{}/{}", one.address, one.prefix_len))
                    .collect();
                command.args(["--uts", "--net", "--", "/bin/sh", "-c", PIN, "sh", &facts.host_name]);
                command.arg(addresses.join(" ")).arg(program.path);
                Ok((UNSHARE, command))
            }
        }
    }
}

impl Interface {
    /// Whether `address` is in this interface's network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let cut = |bits: u128, width: u32| bits.checked_shr(width - u32::from(self.prefix_len)).unwrap_or(0);
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                cut(u128::from(own.to_bits()), 32) == cut(u128::from(other.to_bits()), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => cut(own.to_bits(), 128) == cut(other.to_bits(), 128),
            _ => false,
        }
    }
}

pub(super) fn interface(written: &str) -> Result<Interface, PostconfError> {
    let unreadable = || PostconfError::Host(format!("no address/length: {written:?}"));
    let (address, length) = written.split_once('/').ok_or_else(unreadable)?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    Ok(Interface {
        address: address.parse().map_err(|_| unreadable())?,
        prefix_len: length.parse().map_err(|_| unreadable())?,
    })
}
