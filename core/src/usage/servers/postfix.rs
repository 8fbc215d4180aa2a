//! Postfix: smtpd(8) and postscreen(8). The messages are those of `smtpd.c`, `smtpd_sasl_glue.c`, `tls_misc.c` and
//! `postscreen.c`, releases 2.3 to 3.11.

use memchr::{memchr, memmem, memrchr};

use crate::facts::{Entry, TlsVersion};
use crate::usage::event::{Commands, Door, Event, Heard, Login, Named, Server};
use crate::usage::{PortSource, Service};

/// Postfix.
#[derive(Debug)]
pub(super) struct Postfix;

impl Server for Postfix {
    fn name(&self) -> &'static str {
        "Postfix"
    }

    fn hear<'l>(&self, program: &'l [u8], message: &'l [u8]) -> Heard<'l> {
        let (event, daemon) = if let Some(service) = program.strip_suffix(b"/smtpd") {
            (smtpd(message), service)
        } else if let Some(service) = program.strip_suffix(b"/postscreen") {
            (postscreen(message), service)
        } else {
            return Heard::NotMine;
        };
        let door = Door {
            name: daemon,
            port: None,
        };
        event.map_or(Heard::Nothing, |event| Heard::Event(door, event))
    }

    /// `syslog_name` is `postfix`, or the name of the instance, unless `-o syslog_name=postfix/submissions` in master.cf or
    /// the like gives a service its own.
    fn port(&self, service: &str) -> Named {
        match service.rsplit_once('/') {
            None => Named::Shared(Some(25)),
            Some((_, name)) => match name {
                "smtp" => Named::Port(25),
                "submission" => Named::Port(587),
                "submissions" | "smtps" | "ssmtp" | "urd" => Named::Port(465),
                _ => match name.parse() {
                    Ok(port @ 1..) => Named::Port(port),
                    _ => Named::Unknown,
                },
            },
        }
    }

    fn lacks(&self, service: &Service) -> Vec<String> {
        let name = &service.name;
        let mut lacks = Vec::new();
        let has_tls = service.logins > 0 || service.encryption.iter().any(|one| one.entry == Some(Entry::Starttls));
        if !service.tls_logged && has_tls {
            lacks.push(format!(
                "`{name}`: the log does not tell TLS versions. To see them: `smtpd_tls_loglevel = 1`"
            ));
        }
        if service.shared && (service.logins > 0 || service.port.is_none()) {
            lacks.push(format!(
                "`{name}`: all services without a name of their own write under this one. To tell ports apart, in master.cf: \
                 `-o syslog_name={name}/submissions` below the service of port 465, `-o syslog_name={name}/submission` below \
                 that of 587"
            ));
        }
        if service.port_from == Some(PortSource::Guess) {
            lacks.push(format!(
                "`{name}`: its port is taken to be 25, because that is the usual one. To say it: `--service {name}=25`"
            ));
        } else if service.port.is_none() && !service.shared {
            lacks.push(format!(
                "`{name}`: its port is not known. To say it: `--service {name}=PORT`"
            ));
        }
        if service.commands_untold {
            lacks.push(format!(
                "`{name}`: the ends of sessions do not tell whether STARTTLS was used. Postfix does since release 3.0"
            ));
        }
        lacks
    }
}

fn smtpd(message: &[u8]) -> Option<Event<'_>> {
    // Most messages are told by how they begin.
    match message.first()? {
        b'c' if message.starts_with(b"connect from ") => return Some(Event::Began),
        b'd' if message.starts_with(b"disconnect from ") => return Some(ended(&message[16..])),
        b'S' if message.starts_with(b"SSL_accept error from ") => return Some(Event::HandshakeFailed),
        b'l' if message.starts_with(b"lost connection ") => return None,
        b'w' if message.starts_with(b"warning: ") => {
            // The name of a client stands in front, and what the library said behind.
            let sasl = memmem::find(message, b": SASL ")?;
            let failed = memmem::find(message.get(sasl..)?, b" authentication failed").is_some();
            return failed.then_some(Event::LoginFailed);
        }
        b'A' | b'T' | b'U' | b'V' => {
            // Releases before 2.6 say nothing of the certificate in front.
            for trust in ["", "Anonymous ", "Trusted ", "Untrusted ", "Verified "] {
                let rest = message.strip_prefix(trust.as_bytes());
                if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(b"TLS connection established from ")) {
                    return Some(Event::Encrypted(version(rest)));
                }
            }
        }
        _ => {}
    }
    let colon = memchr(b':', message)?;
    let (queue, rest) = (message.get(..colon)?, message.get(colon..)?);
    if !queue.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    if let Some(rest) = rest.strip_prefix(b": client=") {
        return Some(accepted(rest));
    }
    rest.starts_with(b": reject: ").then_some(Event::Refused)
}

/// `name[address]: TLSv1.2 with cipher …`, with ` to NAME` behind the client when it asked for a name.
fn version(rest: &[u8]) -> Option<TlsVersion> {
    let end = memmem::find(rest, b" with cipher ")?;
    let before = rest.get(..end)?;
    let name = before.get(memrchr(b' ', before)? + 1..)?;
    TlsVersion::from_name(std::str::from_utf8(name).ok()?)
}

/// `name[address], sasl_method=PLAIN, sasl_username=user, sasl_sender=…, orig_queue_id=…, orig_client=…`.
fn accepted(rest: &[u8]) -> Event<'_> {
    let method: &[u8] = b", sasl_method=";
    // Only a client that has logged in has a method; what another server hands on about its own client comes later.
    let end = memchr(b',', rest).unwrap_or(rest.len());
    let (client, rest) = rest.split_at(end);
    let login = rest.strip_prefix(method).map(|rest| {
        let end = memchr(b',', rest).unwrap_or(rest.len());
        let (mechanism, rest) = rest.split_at(end);
        Login {
            mechanism: Some(mechanism),
            user: rest.strip_prefix(b", sasl_username=").map(without_more),
        }
    });
    Event::Message { client, login }
}

/// A name may hold everything; what Postfix itself writes behind it ends it.
fn without_more(name: &[u8]) -> &[u8] {
    let mut name = name;
    for more in [", sasl_sender=", ", orig_queue_id=", ", orig_client="] {
        if let Some(at) = memmem::rfind(name, more.as_bytes()) {
            name = name.get(..at).unwrap_or(name);
        }
    }
    name
}

/// `name[address] ehlo=2 starttls=1 auth=0/1 … commands=5`; before release 3.0 the client alone.
fn ended(rest: &[u8]) -> Event<'_> {
    let (client, counts) = rest.split_at(memchr(b' ', rest).unwrap_or(rest.len()));
    let succeeded = |command: &[u8]| {
        let at = memmem::find(counts, command)?;
        // One command that succeeded is enough.
        counts.get(at + command.len()).map(|digit| *digit != b'0')
    };
    let commands = succeeded(b" commands=").map(|_| {
        let auth = succeeded(b" auth=") == Some(true);
        let starttls = succeeded(b" starttls=");
        Commands {
            starttls: starttls == Some(true),
            auth,
            fruitless: starttls == Some(false) && !auth && succeeded(b" mail=") != Some(true),
        }
    });
    Event::Ended { client, commands }
}

/// `CONNECT from [192.0.2.1]:1234 to [192.0.2.2]:25`.
fn postscreen(message: &[u8]) -> Option<Event<'_>> {
    let rest = message.strip_prefix(b"CONNECT from ")?;
    let port = rest.get(memrchr(b':', rest)? + 1..)?;
    std::str::from_utf8(port).ok()?.parse().ok().map(Event::Screened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(message: &str) -> Option<Event<'_>> {
        match Postfix.hear(b"postfix/submission/smtpd", message.as_bytes()) {
            Heard::Event(service, event) => {
                assert_eq!((service.name, service.port), (&b"postfix/submission"[..], None));
                Some(event)
            }
            Heard::Nothing => None,
            Heard::NotMine | Heard::Opened(..) => panic!("smtpd is Postfix's"),
        }
    }

    #[test]
    fn sessions_begin_and_end() {
        assert_eq!(heard("connect from unknown[2001:db8::1]"), Some(Event::Began));
        fn ended(message: &str) -> (String, Option<Commands>) {
            match heard(message) {
                Some(Event::Ended { client, commands }) => (String::from_utf8_lossy(client).into_owned(), commands),
                other => panic!("{message}: {other:?}"),
            }
        }
        let commands = |starttls, auth| {
            Some(Commands {
                starttls,
                auth,
                fruitless: false,
            })
        };
        let fruitless = Some(Commands {
            starttls: false,
            auth: false,
            fruitless: true,
        });
        for (message, commands) in [
            (
                "ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8",
                commands(true, true),
            ),
            ("ehlo=1 auth=0/1 commands=1/2", commands(false, false)),
            ("ehlo=1 starttls=0/1 commands=1/2", fruitless),
            (
                "ehlo=2 starttls=0/1 mail=1 rcpt=1 data=1 commands=5/6",
                commands(false, false),
            ),
            ("ehlo=1 auth=10/12 commands=11/13", commands(false, true)),
            ("commands=0/0", commands(false, false)),
        ] {
            let message = format!("disconnect from a.example[192.0.2.1]:4711 {message}");
            assert_eq!(
                ended(&message),
                ("a.example[192.0.2.1]:4711".to_owned(), commands),
                "{message}"
            );
        }
        assert_eq!(
            ended("disconnect from a.example[192.0.2.1]"),
            ("a.example[192.0.2.1]".to_owned(), None)
        );
    }

    #[test]
    fn versions_are_told_by_every_release() {
        for (message, version) in [
            (
                "TLS connection established from a[192.0.2.1]: TLSv1 with cipher DHE-RSA-AES256-SHA (256/256 bits)",
                TlsVersion::Tls10,
            ),
            (
                "Anonymous TLS connection established from a[192.0.2.1]: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
                TlsVersion::Tls12,
            ),
            (
                "Untrusted TLS connection established from a[192.0.2.1]:25: TLSv1.1 with cipher AES256-SHA (256/256 bits)",
                TlsVersion::Tls11,
            ),
            (
                "Trusted TLS connection established from a[2001:db8::1] to mail.example: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256",
                TlsVersion::Tls13,
            ),
            (
                "Verified TLS connection established from a[192.0.2.1]: SSLv3 with cipher RC4-SHA (128/128 bits)",
                TlsVersion::Ssl3,
            ),
        ] {
            assert_eq!(heard(message), Some(Event::Encrypted(Some(version))), "{message}");
        }
        let unknown = "Anonymous TLS connection established from a[192.0.2.1]: TLSv9 with cipher X (1/1 bits)";
        assert_eq!(heard(unknown), Some(Event::Encrypted(None)));
    }

    #[test]
    fn messages_tell_who_sends_them() {
        fn login(message: &str) -> (String, Option<(String, Option<String>)>) {
            match heard(message) {
                Some(Event::Message { client, login }) => {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    let login =
                        login.map(|login| (login.mechanism.map_or_else(String::new, text), login.user.map(text)));
                    (text(client), login)
                }
                other => panic!("{message}: {other:?}"),
            }
        }
        let with = |user: Option<&str>| {
            (
                "a.example[192.0.2.1]".to_owned(),
                Some(("PLAIN".to_owned(), user.map(str::to_owned))),
            )
        };
        let client = "client=a.example[192.0.2.1]";
        assert_eq!(
            login(&format!("4XyZ12: {client}")),
            ("a.example[192.0.2.1]".to_owned(), None)
        );
        for (more, user) in [
            (", sasl_username=anna", Some("anna")),
            (", sasl_username=anna, b@c, sasl_sender=d", Some("anna, b@c")),
            (
                ", sasl_username=anna, orig_queue_id=1, orig_client=x[192.0.2.9]",
                Some("anna"),
            ),
            ("", None),
        ] {
            assert_eq!(
                login(&format!("A1B2C3: {client}, sasl_method=PLAIN{more}")),
                with(user),
                "{more}"
            );
        }
        assert_eq!(
            login(&format!("NOQUEUE: {client}, orig_client=b, sasl_method=PLAIN")).1,
            None
        );
    }

    #[test]
    fn failures_are_told_apart() {
        for (message, event) in [
            (
                "SSL_accept error from unknown[192.0.2.1]: lost connection",
                Some(Event::HandshakeFailed),
            ),
            (
                "warning: a[192.0.2.1]: SASL PLAIN authentication failed: generic failure",
                Some(Event::LoginFailed),
            ),
            (
                "warning: a[192.0.2.1]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=x",
                Some(Event::LoginFailed),
            ),
            ("warning: hostname a does not resolve to address 192.0.2.1", None),
            ("warning: TLS library problem: error:1417118C:SSL routines", None),
            (
                "NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 <x>: Relay access denied",
                Some(Event::Refused),
            ),
            ("4XyZ12: reject: DATA from a[192.0.2.1]: 554", Some(Event::Refused)),
            ("lost connection after AUTH from a[192.0.2.1]", None),
            ("timeout after DATA (0 bytes) from a[192.0.2.1]", None),
            ("Anonymous thing", None),
            ("", None),
        ] {
            assert_eq!(heard(message), event, "{message}");
        }
    }

    #[test]
    fn other_programs_are_not_listened_to() {
        for program in [
            "postfix/smtp",
            "postfix/qmgr",
            "smtpd",
            "dovecot",
            "postfix/smtpd/x",
            "",
        ] {
            assert_eq!(
                Postfix.hear(program.as_bytes(), b"connect from a[192.0.2.1]"),
                Heard::NotMine,
                "{program}"
            );
        }
        let screened = Postfix.hear(
            b"postfix/postscreen",
            b"CONNECT from [2001:db8::1]:4711 to [192.0.2.2]:25",
        );
        let door = Door {
            name: b"postfix",
            port: None,
        };
        assert_eq!(screened, Heard::Event(door, Event::Screened(25)));
        assert_eq!(
            Postfix.hear(b"postfix/postscreen", b"PASS OLD [192.0.2.1]:4711"),
            Heard::Nothing
        );
    }

    #[test]
    fn names_stand_for_ports() {
        for (service, named) in [
            ("postfix", Named::Shared(Some(25))),
            ("postfix-out", Named::Shared(Some(25))),
            ("postfix/submission", Named::Port(587)),
            ("postfix-out/submissions", Named::Port(465)),
            ("postfix/smtps", Named::Port(465)),
            ("postfix/2525", Named::Port(2525)),
            ("postfix/0", Named::Unknown),
            ("postfix/internal", Named::Unknown),
        ] {
            assert_eq!(Postfix.port(service), named, "{service}");
        }
    }
}
