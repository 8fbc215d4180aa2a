//! Who uses which port, TLS version and mechanism, counted from a mail server's log: the evidence that a move between the
//! ports for users needs.
//!
//! A log comes in as bytes and is counted line by line; nothing of it is kept but counts, names of users and networks.
//! Files are to be read in the order of time, because stamps without a year cannot be compared: what was seen last is
//! what was read last, also over the end of a year. [`reading_order`] puts files into that order.

mod breaks;
mod event;
mod heavy;
mod journal;
mod line;
mod names;
mod network;
mod reader;
mod report;
mod servers;
mod stamp;
mod tally;

pub(crate) use breaks::logins;
pub use breaks::{Breaks, Change, Harmed};
pub use network::Network;
pub use reader::Reader;
pub use report::{EncryptionCount, Lines, MechanismCount, NetworkUse, PortSource, Service, Usage, Use, User};
pub use stamp::{Stamp, first_stamp, reading_order};

/// What the person knows better than the log.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The ports of services, by their names in the log, without `/smtpd`.
    pub ports: std::collections::BTreeMap<String, u16>,
}

/// How much is kept, so that memory has a bound whatever the log holds.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Users with names: where there are more, those who log in most.
    users: usize,
    /// Networks.
    networks: usize,
    /// Mechanisms.
    mechanisms: usize,
    /// Sessions that have not ended.
    sessions: usize,
}

impl Limits {
    /// Services; their names come from the server's own configuration.
    const SERVICES: usize = 1000;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            users: 200_000,
            networks: 200_000,
            mechanisms: 100,
            // Postfix runs 100 processes a service unless it is told otherwise (default_process_limit).
            sessions: 20_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_limits() {
        let limits = Limits {
            users: 2,
            networks: 2,
            mechanisms: 1,
            sessions: 3,
        };
        let mut reader = Reader::with_limits(Options::default(), limits);
        for number in 0..4 {
            let who = format!("host[192.0.{number}.1]");
            for message in [
                format!("connect from {who}"),
                format!("A{number}: client={who}, sasl_method=M{number}, sasl_username=user{number}"),
                format!("disconnect from {who} auth=1 commands=1"),
            ] {
                reader.read(format!("Nov 27 01:02:03 mail postfix/submission/smtpd[{number}]: {message}\n").as_bytes());
            }
        }
        // Sessions that never end are given up before they fill the memory.
        for process in 100..110 {
            let line = format!("Nov 27 01:02:03 mail postfix/submission/smtpd[{process}]: connect from a[192.0.2.1]\n");
            reader.read(line.as_bytes());
        }
        let usage = reader.finish();
        assert_eq!(usage.users.len(), 2);
        assert_eq!(usage.logins_beyond_users, 2);
        assert_eq!(
            (usage.users_beyond_at_least, usage.logins_of_one_beyond_at_most),
            (2, 2)
        );
        assert_eq!(usage.networks.len(), 2);
        assert_eq!(usage.logins_beyond_networks, 2);
        let [service] = usage.services.as_slice() else {
            panic!("one service");
        };
        assert_eq!(
            (service.sessions, service.logins, service.partial_sessions),
            (14, 4, 10)
        );
        assert_eq!(usage.breaks_without(587).nameless, 2);
        let mechanisms: Vec<_> = service.mechanisms.iter().map(|one| one.logins).collect();
        assert_eq!(mechanisms, [3, 1], "those beyond the limit have no name");
    }

    #[test]
    fn who_logs_in_most_is_kept_however_late() {
        let limits = Limits {
            users: 3,
            ..Limits::default()
        };
        let mut reader = Reader::with_limits(Options::default(), limits);
        let users = (0..50).map(|number| format!("once{number}"));
        let users = users.flat_map(|once| [once, "often".to_owned()]);
        for (number, user) in users.enumerate() {
            for message in [
                "connect from host[192.0.2.1]".to_owned(),
                format!("A{number}: client=host[192.0.2.1], sasl_method=PLAIN, sasl_username={user}"),
                // A second message in the same session is no second login.
                format!("B{number}: client=host[192.0.2.1], sasl_method=PLAIN, sasl_username={user}"),
                "disconnect from host[192.0.2.1] auth=1 commands=1".to_owned(),
            ] {
                reader.read(format!("Nov 27 01:02:03 mail postfix/submission/smtpd[7]: {message}\n").as_bytes());
            }
        }
        let usage = reader.finish();
        let often = &usage.users[0];
        assert_eq!((often.user.as_str(), often.logins, often.messages), ("often", 50, 100));
        assert_eq!(often.logins_missed_at_most, 0);
        assert!(usage.users[1].logins_missed_at_most > 0, "{:?}", usage.users);
        assert_eq!(usage.users_beyond_at_least, 48);
        let kept: u64 = usage.users.iter().map(|user| user.logins).sum();
        assert_eq!(kept + usage.logins_beyond_users, 100);
        assert_eq!(usage.breaks_without(587).nameless, usage.logins_beyond_users);
    }
}
