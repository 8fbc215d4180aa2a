//! Whose word a listener takes, beside that of clients who log in.

use super::{Fact, Members};
use crate::question::QuestionId;

/// What keeps users who have logged in from sending under the addresses of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderCheck {
    /// Nothing.
    None,
    /// A check with a table of owners.
    Enforced,
    /// A check that stands where nobody who has logged in arrives.
    Unreached {
        /// True when it still keeps strangers from using the addresses of users.
        stops_strangers: bool,
    },
    /// A check without a table, which lets everybody pass.
    Toothless,
    /// A check without a table, which refuses everybody who has logged in.
    RefusesAll,
}

/// Whose word a listener takes, and what that opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Networks whose machines may name another client, and its user, in place of themselves: the patterns.
    pub may_name_client: Fact<Members<String>>,
    /// Networks whose machines may name another client for the log alone: the patterns.
    pub may_name_for_log: Fact<Members<String>>,
    /// Whether connections begin with a line that names another client, and whoever writes it is believed.
    pub preamble: Fact<bool>,
    /// Whether nobody but such a proxy can connect; asked for where it matters.
    pub proxy_alone: Fact<bool>,
    /// Whether clients arrive under the address of a container engine that is trusted; unknown when one is.
    pub behind_container: Fact<bool>,
    /// Whether clients can pass for their certificate.
    pub by_certificate: Fact<bool>,
    /// Whether certificates that anybody can get let their holders send to anywhere.
    pub any_certificate_relays: Fact<bool>,
    /// Domains under which strangers can send to every name; `.` is all there are.
    pub relays_below: Fact<Members<String>>,
    /// Whether something unseen may let strangers send to anywhere, because no list made for relaying stands behind it.
    pub relay_unguarded: Fact<bool>,
    /// What users who have logged in may write as their address.
    pub senders: Fact<SenderCheck>,
    /// Whether the configuration, in so many words or by saying nothing, asks for the defaults of older releases.
    pub old_defaults: Fact<bool>,
}

impl Access {
    /// Nobody is believed, and nothing is opened by it; `senders` is what is checked of users.
    pub(crate) fn of_nobody(senders: Fact<SenderCheck>) -> Access {
        let no = || Fact::is(false, Vec::new());
        let none = || {
            let nobody = Members {
                surely: Vec::new(),
                rest: None,
            };
            Fact::is(nobody, Vec::new())
        };
        Access {
            may_name_client: none(),
            may_name_for_log: none(),
            preamble: no(),
            proxy_alone: no(),
            behind_container: no(),
            by_certificate: no(),
            any_certificate_relays: no(),
            relays_below: none(),
            relay_unguarded: no(),
            senders,
            old_defaults: no(),
        }
    }

    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Access, question: &QuestionId) {
        self.may_name_client.agree_members(&other.may_name_client, question);
        self.may_name_for_log.agree_members(&other.may_name_for_log, question);
        self.preamble.agree(&other.preamble, question);
        self.proxy_alone.agree(&other.proxy_alone, question);
        self.behind_container.agree(&other.behind_container, question);
        self.by_certificate.agree(&other.by_certificate, question);
        self.any_certificate_relays
            .agree(&other.any_certificate_relays, question);
        self.relays_below.agree_members(&other.relays_below, question);
        self.relay_unguarded.agree(&other.relay_unguarded, question);
        self.senders.agree(&other.senders, question);
        self.old_defaults.agree(&other.old_defaults, question);
    }
}

/// True for a network that container engines use unless they are told otherwise, and for the engine's own address in it: 172.17
/// to 172.30. Cloud providers use 172.31 for their own machines.
#[must_use]
pub fn is_container_network(pattern: &str) -> bool {
    let (address, prefix) = pattern.split_once('/').unwrap_or((pattern, "32"));
    let (Ok(address), Ok(prefix)) = (address.parse::<std::net::Ipv4Addr>(), prefix.parse::<u8>()) else {
        return false;
    };
    let [first, second, _, last] = address.octets();
    first == 172 && (17..31).contains(&second) && prefix >= 12 && (prefix < 32 || last == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_containers() {
        for pattern in ["172.17.0.0/16", "172.18.0.1", "172.19.0.1/32", "172.30.4.0/24"] {
            assert!(is_container_network(pattern), "{pattern}");
        }
        for pattern in [
            "172.16.0.0/12",
            "10.0.0.0/8",
            "192.168.0.0/16",
            "[::1]/128",
            "!172.17.0.0/16",
            "172.31.0.0/16",
            "172.18.0.7",
            "hash:/x",
        ] {
            assert!(!is_container_network(pattern), "{pattern}");
        }
    }
}
