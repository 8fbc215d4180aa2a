//! A mail log of any size, the same for the same seed: users with habits, servers that deliver, strangers who guess
//! passwords, and all that Postfix's other programs write meanwhile.

use std::io::{self, Write};

/// So many users log in.
const USERS: u64 = 100_000;

/// Processes that have a session at the same time.
const PROCESSES: usize = 40;

/// Seconds of the log's first moment, from the beginning of November.
const BEGIN: u64 = 1_000;

/// A service: its name, how TLS begins, and the versions its clients speak.
type Service = (&'static str, &'static str, [&'static str; 4]);

const SERVICES: [Service; 3] = [
    (
        "postfix/submissions",
        "implicit",
        ["TLSv1.3", "TLSv1.3", "TLSv1.2", "TLSv1.2"],
    ),
    (
        "postfix/submission",
        "starttls",
        ["TLSv1.3", "TLSv1.2", "TLSv1.2", "TLSv1"],
    ),
    ("postfix", "starttls", ["TLSv1.3", "TLSv1.3", "TLSv1.2", "TLSv1.1"]),
];

/// A generator of numbers (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit.max(1)
    }
}

/// A session on its way.
struct Session {
    service: usize,
    process: u64,
    client: String,
    user: Option<u64>,
    version: Option<&'static str>,
    /// A stranger who guesses.
    guesses: bool,
    step: u8,
}

/// Writes at least so many bytes of log; sessions that have begun come to their end. Gives the lines.
///
/// # Errors
///
/// What the writer says.
pub(super) fn write(out: &mut impl Write, seed: u64, bytes: u64) -> io::Result<u64> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut written, mut lines, mut second, mut queue) = (0, 0, BEGIN, 0_u64);
    let mut open: Vec<Option<Session>> = (0..PROCESSES).map(|_| None).collect();
    let mut text = String::new();
    while written < bytes || open.iter().any(Option::is_some) {
        let place = usize::try_from(chance.below(PROCESSES as u64)).unwrap_or(0);
        second += u64::from(chance.below(8) == 0);
        text.clear();
        match open[place].take() {
            Some(session) => open[place] = next(session, &mut chance, &mut queue, second, &mut text),
            None if written < bytes => open[place] = Some(begin(place, &mut chance, second, &mut text)),
            None => {}
        }
        written += text.len() as u64;
        lines += text.lines().count() as u64;
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    Ok(lines)
}

fn begin(place: usize, chance: &mut Chance, second: u64, text: &mut String) -> Session {
    let mut user = None;
    let service = if chance.below(3) == 0 {
        2
    } else {
        // Few users send much, and everybody has a habit.
        let number = chance.below(USERS).min(chance.below(USERS));
        user = Some(number);
        usize::from(if chance.below(20) == 0 {
            chance.below(2) == 0
        } else {
            number.is_multiple_of(3)
        })
    };
    let guesses = service == 1 && chance.below(10) == 0;
    let number = user.unwrap_or_else(|| chance.below(1 << 24));
    let client = if number.is_multiple_of(7) {
        format!(
            "host-{number}.example.net[2001:db8:{:x}::{:x}]",
            number & 0xfff,
            number >> 12
        )
    } else {
        format!(
            "host-{number}.example.net[10.{}.{}.{}]",
            number >> 16 & 0xff,
            number >> 8 & 0xff,
            number & 0xff
        )
    };
    let habit = if chance.below(10) == 0 {
        chance.below(4)
    } else {
        number / 3 % 4
    };
    let version = SERVICES[service].2.get(usize::try_from(habit).unwrap_or(0)).copied();
    let session = Session {
        service,
        process: 2_000 + place as u64,
        // Some servers deliver in clear.
        version: version.filter(|_| !guesses && (service != 2 || chance.below(8) > 0)),
        user: user.filter(|_| !guesses),
        client,
        guesses,
        step: 0,
    };
    say(text, second, &session, &format!("connect from {}", session.client));
    session
}

/// The next lines of a session; `None` when it is over.
fn next(mut session: Session, chance: &mut Chance, queue: &mut u64, second: u64, text: &mut String) -> Option<Session> {
    let client = session.client.clone();
    let starttls = if SERVICES[session.service].1 == "starttls" && session.version.is_some() {
        "ehlo=2 starttls=1"
    } else {
        "ehlo=1"
    };
    session.step += 1;
    match session.step {
        1 => {
            if let Some(version) = session.version {
                let cipher = "with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS \
                              (2048 bits) server-digest SHA256";
                say(
                    text,
                    second,
                    &session,
                    &format!("Anonymous TLS connection established from {client}: {version} {cipher}"),
                );
            }
        }
        2 if session.guesses => {
            say(
                text,
                second,
                &session,
                &format!("warning: {client}: SASL LOGIN authentication failed: UGFzc3dvcmQ6"),
            );
            say(
                text,
                second,
                &session,
                &format!("lost connection after AUTH from {client}"),
            );
            say(
                text,
                second,
                &session,
                &format!("disconnect from {client} {starttls} auth=0/1 commands=2/3"),
            );
            return None;
        }
        2 => {
            *queue += 1;
            let id = format!("{:X}", 0x4_0000_0000 + *queue);
            let mechanism = if chance.below(4) == 0 { "LOGIN" } else { "PLAIN" };
            let login = session.user.map_or(String::new(), |user| {
                format!(", sasl_method={mechanism}, sasl_username=user-{user}@example.org")
            });
            say(text, second, &session, &format!("{id}: client={client}{login}"));
            let mut other = |program: &str, message: &str| {
                let stamp = stamp(second);
                text.push_str(&format!("{stamp} mail postfix/{program}: {id}: {message}\n"));
            };
            other("cleanup[1100]", &format!("message-id=<{id}.{second}@host.example.net>"));
            other(
                "qmgr[1000]",
                "from=<sender@example.org>, size=48213, nrcpt=1 (queue active)",
            );
            other(
                "lmtp[1200]",
                "to=<recipient@example.org>, relay=mail.example.org[private/dovecot-lmtp], delay=0.42, delays=0.3/0.01/0.01/0.1, \
                 dsn=2.0.0, status=sent (250 2.0.0 <recipient@example.org> 1aBcDeFgHiJkLm Saved)",
            );
            other("qmgr[1000]", "removed");
            // Some send more than once in a session.
            if chance.below(5) == 0 {
                session.step = 1;
            }
        }
        _ => {
            let auth = if session.user.is_some() { " auth=1" } else { "" };
            say(
                text,
                second,
                &session,
                &format!("disconnect from {client} {starttls}{auth} mail=1 rcpt=1 data=1 quit=1 commands=7"),
            );
            return None;
        }
    }
    Some(session)
}

fn say(text: &mut String, second: u64, session: &Session, message: &str) {
    let (service, ..) = SERVICES[session.service];
    let (stamp, process) = (stamp(second), session.process);
    text.push_str(&format!("{stamp} mail {service}/smtpd[{process}]: {message}\n"));
}

/// The stamp of a second, from November on and into the next years.
fn stamp(second: u64) -> String {
    const MONTHS: [(&str, u64); 12] = [
        ("Nov", 30),
        ("Dec", 31),
        ("Jan", 31),
        ("Feb", 28),
        ("Mar", 31),
        ("Apr", 30),
        ("May", 31),
        ("Jun", 30),
        ("Jul", 31),
        ("Aug", 31),
        ("Sep", 30),
        ("Oct", 31),
    ];
    let (mut day, of_day) = (second / 86_400 % 365, second % 86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    for (name, days) in MONTHS {
        if day < days {
            return format!("{name} {:2} {hour:02}:{minute:02}:{second:02}", day + 1);
        }
        day -= days;
    }
    unreachable!("the months of a year have 365 days")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_log() {
        let log = |seed| {
            let mut log = Vec::new();
            let lines = write(&mut log, seed, 100_000).expect("memory takes every byte");
            assert_eq!(lines, log.iter().filter(|byte| **byte == b'\n').count() as u64);
            log
        };
        assert_eq!(log(1), log(1));
        assert_ne!(log(1), log(2));
        let text = String::from_utf8(log(1)).expect("text");
        for (service, ..) in SERVICES {
            for message in [
                "connect from",
                "TLS connection established",
                "client=",
                "disconnect from",
            ] {
                let is_it = |line: &str| line.contains(&format!(" {service}/smtpd[")) && line.contains(message);
                assert!(text.lines().any(is_it), "{service}: {message}");
            }
        }
        assert_eq!(
            text.matches(": connect from").count(),
            text.matches(": disconnect from").count()
        );
    }

    #[test]
    fn years_go_round() {
        assert_eq!(stamp(0), "Nov  1 00:00:00");
        assert_eq!(stamp(61 * 86_400 - 1), "Dec 31 23:59:59");
        assert_eq!(stamp(61 * 86_400), "Jan  1 00:00:00");
        assert_eq!(stamp(365 * 86_400), stamp(0));
    }
}
