//! Dovecot: the login services of IMAP, POP3, ManageSieve and submission, in a file of its own or by syslog. The lines are those of
//! `client-common.c` in the forms that `login_log_format_elements` has by default, with or without what it may show besides; lines
//! of a live 2.3.19 and 2.4.1 are read in the lab.

use std::hash::{DefaultHasher, Hash, Hasher};

use memchr::{memmem, memrchr};

use crate::facts::TlsVersion;
use crate::usage::Service;
use crate::usage::event::{Channel, Door, Event, Heard, Key, Login, Named, Server, Told};
use crate::usage::line::digits;

/// Dovecot.
#[derive(Debug)]
pub(super) struct Dovecot;

/// The service whose sessions have messages.
const SUBMISSION: &[u8] = b"submission-login";

impl Server for Dovecot {
    fn name(&self) -> &'static str {
        "Dovecot"
    }

    fn hear<'l>(&self, program: &'l [u8], message: &'l [u8]) -> Heard<'l> {
        if program != b"dovecot" {
            return Heard::NotMine;
        }
        heard(message).map_or(Heard::Nothing, |(name, port, event)| {
            Heard::Event(Door { name, port }, event)
        })
    }

    fn port(&self, _service: &str) -> Named {
        Named::Shared(None)
    }

    fn reads(&self, service: &str) -> bool {
        !service.starts_with("submission-")
    }

    fn lacks(&self, service: &Service) -> Vec<String> {
        let name = &service.name;
        let mut what = Vec::new();
        if service.shared {
            what.push("ports");
        }
        if service.tells_no_version() {
            what.push("versions of TLS");
        }
        if what.is_empty() {
            return Vec::new();
        }
        let only = if service.shared {
            format!(". Where one port alone is open, `--service {name}=PORT` says it")
        } else {
            String::new()
        };
        vec![format!(
            "`{name}`: the log does not tell {}. To see them, behind what `login_log_format_elements` has: `%k lport=%a`, and in \
             Dovecot 2.4 `%{{ssl_security}} lport=%{{local_port}}`{only}",
            what.join(" and ")
        )]
    }
}

/// `imap-login: Login: …`; in a file of its own the importance stands between.
fn heard(message: &[u8]) -> Option<(&[u8], Option<u16>, Event<'_>)> {
    let colon = memmem::find(message, b": ")?;
    let (name, rest) = (message.get(..colon)?, message.get(colon + 2..)?);
    let rest = rest.strip_prefix(b"Info: ").unwrap_or(rest);
    if let Some(session) = name.strip_prefix(b"submission(") {
        return sent(session, rest).map(|event| (SUBMISSION, None, event));
    }
    if !name.ends_with(b"-login") {
        return None;
    }
    let (port, event) = told(name, rest)?;
    Some((name, port, event))
}

/// `submission(user)<process><session>: Successfully relayed message: …`.
fn sent<'l>(session: &[u8], rest: &[u8]) -> Option<Event<'l>> {
    let end = session.strip_suffix(b">")?;
    let key = key(end.get(memrchr(b'<', end)? + 1..)?);
    let rest = rest.strip_prefix(b"relay: ").unwrap_or(rest);
    if rest.starts_with(b"Successfully relayed message: ") {
        Some(Event::Sent(key))
    } else {
        // `Disconnect from address: …` until 2.3.13.
        rest.starts_with(b"Disconnect").then_some(Event::Over(key))
    }
}

/// The name of a session, as a number.
fn key(session: &[u8]) -> Key {
    let mut hasher = DefaultHasher::new();
    session.hash(&mut hasher);
    Key::Name(hasher.finish())
}

/// `Login: user=<name>, method=PLAIN, rip=address, lip=address, mpid=1, TLS, session=<name>`, or why there was no login in front.
fn told<'l>(service: &[u8], line: &'l [u8]) -> Option<(Option<u16>, Event<'l>)> {
    let at = memmem::find(line, b": user=<")?;
    let (what, rest) = (line.get(..at)?, line.get(at + 8..)?);
    // A name may hold everything but what ends it.
    let end = memmem::find(rest, b">, ").or_else(|| rest.len().checked_sub(1))?;
    let (user, elements) = (rest.get(..end)?, rest.get(end + 1..)?);
    let mut found = Elements::default();
    let mut elements = elements;
    while let Some(rest) = elements.strip_prefix(b", ") {
        let end = memmem::find(rest, b", ").unwrap_or(rest.len());
        found.take(rest.get(..end)?);
        elements = rest.get(end..)?;
    }
    if found.failed {
        return Some((found.port, Event::HandshakeFailed));
    }
    let is_login = matches!(what, b"Login" | b"Logged in");
    let login = Login {
        mechanism: found.mechanism,
        user: (!user.is_empty()).then_some(user),
    };
    let session = found.session.filter(|_| is_login && service == SUBMISSION);
    let told = Told {
        key: session.map(key),
        client: found.client.unwrap_or_default(),
        login: is_login.then_some(login),
        channel: match (found.encrypted || found.version.is_some(), found.secured) {
            (true, _) => Channel::Tls(None, found.version),
            // Whether by its address or by a proxy in front.
            (false, true) => Channel::Untold,
            (false, false) => Channel::Unmarked,
        },
        messages: 0,
        failed_logins: if is_login { 0 } else { failures(what) },
    };
    Some((found.port, Event::Told(told)))
}

/// `… (auth failed, 2 attempts in 7 secs)`.
fn failures(what: &[u8]) -> u32 {
    let sign = b"(auth failed, ";
    let number = memmem::find(what, sign).and_then(|at| what.get(at + sign.len()..));
    number.and_then(digits).map_or(0, |(number, _)| number)
}

/// What stands behind the user.
#[derive(Debug, Default)]
struct Elements<'l> {
    mechanism: Option<&'l [u8]>,
    /// The client's address.
    client: Option<&'l [u8]>,
    port: Option<u16>,
    session: Option<&'l [u8]>,
    encrypted: bool,
    secured: bool,
    /// The handshake did.
    failed: bool,
    version: Option<TlsVersion>,
}

impl<'l> Elements<'l> {
    fn take(&mut self, element: &'l [u8]) {
        if let Some(mechanism) = element.strip_prefix(b"method=") {
            self.mechanism = Some(mechanism);
        } else if let Some(address) = element.strip_prefix(b"rip=") {
            self.client = Some(address);
        } else if let Some(port) = element.strip_prefix(b"lport=") {
            let port = std::str::from_utf8(port).ok().and_then(|port| port.parse().ok());
            self.port = port.filter(|port| *port > 0);
        } else if let Some(session) = element.strip_prefix(b"session=<") {
            self.session = session.strip_suffix(b">");
        } else if element.starts_with(b"TLS handshaking") {
            self.failed = true;
        } else if element == b"TLS" || element.starts_with(b"TLS: ") {
            self.encrypted = true;
        } else if element == b"secured" {
            self.secured = true;
        } else if let Some(end) = memmem::find(element, b" with cipher ") {
            let name = element.get(..end).and_then(|name| std::str::from_utf8(name).ok());
            self.version = name.and_then(TlsVersion::from_name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Service, port and event.
    fn said(message: &str) -> Option<(String, Option<u16>, Event<'_>)> {
        match Dovecot.hear(b"dovecot", message.as_bytes()) {
            Heard::Event(door, event) => Some((String::from_utf8_lossy(door.name).into_owned(), door.port, event)),
            Heard::Nothing => None,
            Heard::NotMine | Heard::Opened(..) => panic!("{message}"),
        }
    }

    #[test]
    fn both_releases_tell_logins() {
        let tls = Channel::Tls(None, None);
        let new = Channel::Tls(None, Some(TlsVersion::Tls13));
        for (message, service, port, channel, has_key) in [
            (
                "imap-login: Info: Login: user=<alice>, method=PLAIN, rip=127.0.0.2, lip=127.0.0.1, mpid=1643, session=<wG/hC>",
                "imap-login",
                None,
                Channel::Unmarked,
                false,
            ),
            (
                "imap-login: Login: user=<alice>, method=PLAIN, rip=127.0.0.2, lip=127.0.0.1, mpid=1, secured, session=<wG/hC>",
                "imap-login",
                None,
                Channel::Untold,
                false,
            ),
            (
                "submission-login: Info: Logged in: user=<alice>, method=PLAIN, rip=127.0.0.2, lip=127.0.0.1, mpid=4361, TLS, \
                 session=<t3rC>",
                "submission-login",
                None,
                tls,
                true,
            ),
            (
                "submission-login: Info: Login: user=<alice>, method=PLAIN, rip=127.0.0.2, lip=127.0.0.1, mpid=3688, TLS, TLSv1.3 \
                 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits), lport=465, session=<epsH>",
                "submission-login",
                Some(465),
                new,
                true,
            ),
            (
                "pop3-login: Login: user=<alice>, method=PLAIN, rip=127.0.0.2, TLS",
                "pop3-login",
                None,
                tls,
                false,
            ),
        ] {
            let Some((name, told_port, Event::Told(told))) = said(message) else {
                panic!("{message}");
            };
            assert_eq!(
                (name.as_str(), told_port, told.channel, told.key.is_some()),
                (service, port, channel, has_key),
                "{message}"
            );
            let login = told.login.unwrap_or_else(|| panic!("{message}"));
            assert_eq!(
                (login.mechanism, login.user),
                (Some(&b"PLAIN"[..]), Some(&b"alice"[..])),
                "{message}"
            );
            assert_eq!(told.client, b"127.0.0.2");
        }
    }

    #[test]
    fn a_name_ends_where_the_server_ends_it() {
        let message = "imap-login: Login: user=<a, method=X>, rip=<, TLS>, method=PLAIN, rip=192.0.2.1, session=<x>";
        let Some((_, _, Event::Told(told))) = said(message) else {
            panic!("{message}");
        };
        assert_eq!(told.login.and_then(|login| login.user), Some(&b"a, method=X"[..]));
        assert_eq!(said("imap-login: Login: user=<"), None);
    }

    #[test]
    fn what_is_no_login_is_told_apart() {
        for (message, failed) in [
            (
                "imap-login: Info: Disconnected: Connection closed (auth failed, 3 attempts in 2 secs): user=<alice>, method=PLAIN, \
                 rip=127.0.0.2, lip=127.0.0.1, TLS: Connection closed, session=<Bmo2>",
                3,
            ),
            (
                "imap-login: Info: Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): user=<alice>, \
                 method=PLAIN, rip=127.0.0.2, lip=127.0.0.1, TLS, session=<Bci>",
                1,
            ),
            (
                "imap-login: Info: Login aborted: Logged out (no auth attempts in 0 secs) (no_auth_attempts): user=<>, rip=127.0.0.2, \
                 lip=127.0.0.1, TLS, session=<kz>",
                0,
            ),
        ] {
            let Some((_, None, Event::Told(told))) = said(message) else {
                panic!("{message}");
            };
            assert_eq!(
                (told.login, told.failed_logins, told.channel),
                (None, failed, Channel::Tls(None, None)),
                "{message}"
            );
        }
        let message = "imap-login: Info: Disconnected: Connection closed: SSL_accept() failed: error:0A000102 (no auth attempts in 0 \
                       secs): user=<>, rip=127.0.0.2, lip=127.0.0.1, TLS handshaking: SSL_accept() failed: error:0A000102, lport=993, \
                       session=<DTM>";
        assert_eq!(
            said(message),
            Some(("imap-login".to_owned(), Some(993), Event::HandshakeFailed))
        );
    }

    #[test]
    fn messages_are_of_the_session_in_front() {
        let name = || "submission-login".to_owned();
        let told = "submission-login: Info: Login: user=<a>, method=PLAIN, rip=127.0.0.2, TLS, session=<R6+x>";
        let Some((_, _, Event::Told(Told { key: Some(key), .. }))) = said(told) else {
            panic!("a session with a name");
        };
        for (message, event) in [
            (
                "Info: Successfully relayed message: from=<a@b>, size=17",
                Some(Event::Sent(key)),
            ),
            (
                "relay: Successfully relayed message: from=<a@b>, size=17",
                Some(Event::Sent(key)),
            ),
            (
                "Info: Disconnected: Logged out (state=READY) in=194 out=151",
                Some(Event::Over(key)),
            ),
            (
                "Info: Disconnect from 127.0.0.5: Client has quit the connection in=97 out=93 (state=READY)",
                Some(Event::Over(key)),
            ),
            ("Info: something", None),
        ] {
            let line = format!("submission(a)<1762><R6+x>: {message}");
            assert_eq!(said(&line), event.map(|event| (name(), None, event)), "{message}");
        }
        for message in [
            "imap(a)<1><x>: Info: Disconnected: Logged out",
            "auth: Info: x",
            "master: Info: Dovecot v2.3.19.1",
            "",
        ] {
            assert_eq!(said(message), None, "{message}");
        }
    }
}
