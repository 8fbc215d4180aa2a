//! Exim: `mainlog`, in a file of its own or by syslog. The messages are those of `receive.c`, `smtp_in.c`, `tls.c` and `daemon.c`,
//! releases 4.80 to 4.98; of those, lines of a live 4.96 are read in the lab.
//!
//! A line tells a message with everything about its session; that nobody sent anything, a line tells with
//! `log_selector = +smtp_no_mail` alone. Through syslog a refusal may come twice (`syslog_duplication`).

use memchr::{memchr, memmem, memrchr};

use crate::facts::{Entry, TlsVersion};
use crate::usage::event::{Channel, Door, Event, Heard, Key, Login, Mechanisms, Named, Server, Told};
use crate::usage::line::digits;
use crate::usage::{Service, Stamp};

/// Exim.
#[derive(Debug)]
pub(super) struct Exim;

/// The name of all its services: the port tells them apart, where the log has it.
const NAME: &[u8] = b"exim";

impl Server for Exim {
    fn name(&self) -> &'static str {
        "Exim"
    }

    fn hear<'l>(&self, program: &'l [u8], message: &'l [u8]) -> Heard<'l> {
        if program != NAME && program != b"exim4" {
            return Heard::NotMine;
        }
        let message = bare(message);
        // What a message says itself may be in its line: a line is what its beginning tells.
        if message.starts_with(b"exim ")
            && let Some(at) = memmem::find(message, b" daemon started: ")
        {
            let ports = opened(message.get(at..).unwrap_or_default());
            return match ports.is_empty() {
                true => Heard::Nothing,
                false => Heard::Opened(NAME, ports),
            };
        }
        heard(message).map_or(Heard::Nothing, |(port, event)| {
            Heard::Event(Door { name: NAME, port }, event)
        })
    }

    fn port(&self, _service: &str) -> Named {
        Named::Shared(None)
    }

    fn mechanisms(&self) -> Mechanisms {
        Mechanisms::Configured
    }

    fn lacks(&self, service: &Service) -> Vec<String> {
        let name = &service.name;
        let mut lacks = Vec::new();
        if service.shared {
            lacks.push(format!(
                "`{name}`: the log does not tell ports. To see them: `log_selector = +incoming_interface`; where one port alone is \
                 open, `--service {name}=PORT` says it"
            ));
        }
        if service.tells_no_version() {
            lacks.push(format!(
                "`{name}`: the log does not tell versions of TLS. To see them: `log_selector = +tls_cipher`"
            ));
        }
        lacks
    }
}

/// A message without what the server may write in front of it: a stamp also by syslog, a process, and the number of a part.
fn bare(message: &[u8]) -> &[u8] {
    let mut message = message;
    if let Some((_, rest)) = Stamp::read(message) {
        message = rest.strip_prefix(b" ").unwrap_or(rest);
    }
    while let Some(rest) = message.strip_prefix(b"[")
        && let Some((_, rest)) = digits(rest)
    {
        let part = match rest {
            [b'/' | b'\\', rest @ ..] => digits(rest).map(|(_, rest)| rest),
            _ => Some(rest),
        };
        let Some(rest) = part.and_then(|rest| rest.strip_prefix(b"] ")) else {
            break;
        };
        message = rest;
    }
    message
}

/// What a line says of a session, and at which port.
fn heard(message: &[u8]) -> Option<(Option<u16>, Event<'_>)> {
    if let Some(rest) = message.strip_prefix(b"no MAIL in SMTP connection from ") {
        return silent(rest);
    }
    if let Some(rest) = message.strip_prefix(b"TLS error on connection from ") {
        return Some((port(rest), Event::HandshakeFailed));
    }
    let (first, rest) = message.split_at_checked(memchr(b' ', message)?)?;
    // The name of an authenticator has no blank.
    if rest.starts_with(b" authenticator failed for ") {
        return Some((port(message), Event::LoginFailed));
    }
    if let Some(process) = process(first) {
        if let Some(rest) = rest.strip_prefix(b" <= ") {
            return accepted(process, rest);
        }
        return is_refusal(rest.strip_prefix(b" ")?).then(|| (port(rest), Event::Refused));
    }
    is_refusal(message).then(|| (port(message), Event::Refused))
}

/// `H=host (name) [address]:1234 I=[address]:25 … rejected RCPT …`, and the like.
fn is_refusal(message: &[u8]) -> bool {
    message.starts_with(b"H=") && memmem::find(message, b" rejected ").is_some()
        || message.starts_with(b"rejected EHLO from ")
        || message.starts_with(b"rejected HELO from ")
}

/// The process in the name of a message: `1abcDE-0000Xy-2F`, since release 4.97 `1abcDE-00000000Xy0-2FGH`.
fn process(id: &[u8]) -> Option<u32> {
    let (6, [b'-', rest @ ..]) = (memchr(b'-', id)?, id.get(6..)?) else {
        return None;
    };
    let (process, rest) = rest.split_at_checked(memchr(b'-', rest)?)?;
    if !matches!((process.len(), rest.len()), (6, 3) | (11, 5)) {
        return None;
    }
    process.iter().try_fold(0_u32, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(u32::from(digit))
    })
}

/// The client of a line, as `[address]`, and what follows it: its port, that of the server, and other fields.
///
/// In front stands the name that the client gives itself, in round brackets: an address in it is followed by one.
fn client(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let open = from + memchr(b'[', line.get(from..)?)?;
        let close = open + memchr(b']', line.get(open..)?)?;
        let (client, rest) = (line.get(open..=close)?, line.get(close + 1..)?);
        if matches!(rest.first(), None | Some(b' ' | b':')) {
            return Some((client, rest));
        }
        from = open + 1;
    }
}

/// The port in `I=[address]:port`.
fn port(line: &[u8]) -> Option<u16> {
    let (_, rest) = client(line)?;
    let at = memmem::find(rest, b" I=[")?;
    // Between the client and it there is the client's port alone.
    if !rest
        .get(..at)?
        .iter()
        .all(|byte| *byte == b':' || byte.is_ascii_digit())
    {
        return None;
    }
    let rest = rest.get(at..)?;
    let rest = rest.get(memmem::find(rest, b"]:")? + 2..)?;
    digits(rest)
        .and_then(|(port, _)| u16::try_from(port).ok())
        .filter(|port| *port > 0)
}

/// `sender H=host (name) [address]:1234 I=[address]:587 P=esmtpsa X=TLS1.3:suite:256 CV=no A=plain:user S=123 id=… T="…"`.
fn accepted(process: u32, rest: &[u8]) -> Option<(Option<u16>, Event<'_>)> {
    let rest = after_sender(rest)?;
    let host = rest.get(memmem::find(rest, b" H=")?..)?;
    let (client, fields) = client(host)?;
    let fields = fields.get(memmem::find(fields, b" P=")?..)?;
    // Behind the size stand the names and words of the message.
    let fields = fields.get(..memmem::find(fields, b" S=").unwrap_or(fields.len()))?;
    let protocol = value(fields, b" P=")?;
    let protocol = protocol.strip_prefix(b"utf8").unwrap_or(protocol);
    let protocol = protocol.strip_prefix(b"e").unwrap_or(protocol).strip_prefix(b"smtp")?;
    if !matches!(protocol, b"" | b"s" | b"a" | b"sa") {
        return None;
    }
    let encrypted = protocol.starts_with(b"s");
    let version = value(fields, b" X=").and_then(version);
    let told = Told {
        key: Some(Key::Process(process)),
        client,
        login: login(fields),
        channel: if encrypted {
            Channel::Tls(None, version)
        } else {
            Channel::Clear
        },
        messages: 1,
        failed_logins: 0,
    };
    Some((port(host), Event::Told(told)))
}

/// What follows the sender, in whose quoted part there may be blanks.
fn after_sender(rest: &[u8]) -> Option<&[u8]> {
    let mut end = 0;
    if rest.first() == Some(&b'"') {
        end = 1;
        while *rest.get(end)? != b'"' {
            end += if rest.get(end) == Some(&b'\\') { 2 } else { 1 };
        }
    }
    end += memchr(b' ', rest.get(end..)?)?;
    rest.get(end..)
}

/// The value of a field, up to the next blank.
fn value<'l>(fields: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let value = fields.get(memmem::find(fields, name)? + name.len()..)?;
    value.get(..memchr(b' ', value).unwrap_or(value.len()))
}

/// `TLS1.3:suite:256` of GnuTLS, `TLSv1.3:suite:256` of OpenSSL.
fn version(cipher: &[u8]) -> Option<TlsVersion> {
    let name = std::str::from_utf8(cipher.get(..memchr(b':', cipher)?)?).ok()?;
    let number = name.strip_prefix("TLS").filter(|number| !number.starts_with('v'));
    match number {
        Some("1.0") => Some(TlsVersion::Tls10),
        Some(number) => TlsVersion::from_name(&format!("TLSv{number}")),
        None => TlsVersion::from_name(name),
    }
}

/// `A=authenticator:user:sender`; the user and the sender that it vouches for need not be there.
fn login(fields: &[u8]) -> Option<Login<'_>> {
    let value = fields.get(memmem::find(fields, b" A=")? + 3..)?;
    let mut end = value.len();
    // What may stand behind it before the size.
    for more in [" PRDR", " PRX=", " K", " X=", " CV=", " C="] {
        let at = memmem::find(value, more.as_bytes());
        let is_whole = |at: &usize| more.ends_with('=') || matches!(value.get(at + more.len()), None | Some(b' '));
        end = end.min(at.filter(is_whole).unwrap_or(end));
    }
    let value = value.get(..end)?;
    let Some(colon) = memchr(b':', value) else {
        return Some(Login {
            mechanism: Some(value),
            user: None,
        });
    };
    let (mechanism, mut user) = (value.get(..colon)?, value.get(colon + 1..)?);
    if let Some(colon) = memrchr(b':', user)
        && user
            .get(colon..)
            .is_some_and(|sender| memchr(b'@', sender).is_some() || sender == b":<>")
    {
        user = user.get(..colon)?;
    }
    Some(Login {
        mechanism: Some(mechanism),
        user: (!user.is_empty()).then_some(user),
    })
}

/// `(name) [address]:1234 I=[address]:587 D=0.1s A=plain:user X=TLS1.3:suite:256 CV=no C=EHLO,STARTTLS,EHLO,AUTH,QUIT`.
fn silent(rest: &[u8]) -> Option<(Option<u16>, Event<'_>)> {
    let (client, fields) = client(rest)?;
    let version = value(fields, b" X=").map(version);
    let commands = value(fields, b" C=").unwrap_or_default();
    let channel = match version {
        None => Channel::Clear,
        Some(version) => {
            let entry = if memmem::find(commands, b"STARTTLS").is_some() {
                Some(Entry::Starttls)
            } else if commands.is_empty() || commands.starts_with(b"...") {
                // The first of many commands are left out.
                None
            } else {
                Some(Entry::Implicit)
            };
            Channel::Tls(entry, version)
        }
    };
    // The handshake that failed has a line of its own, and nothing was said in clear.
    if channel == Channel::Clear && commands.ends_with(b"STARTTLS") {
        return None;
    }
    let told = Told {
        key: None,
        client,
        login: login(fields),
        channel,
        messages: 0,
        failed_logins: 0,
    };
    Some((port(rest), Event::Told(told)))
}

/// `… listening for SMTP on port 25 (IPv6 and IPv4) [192.0.2.1]:{26,587} and for SMTPS on port 465 (IPv4)`.
fn opened(started: &[u8]) -> Vec<(u16, Entry)> {
    let Some(at) = memmem::find(started, b"listening for ") else {
        return Vec::new();
    };
    let text = started.get(at..).unwrap_or_default();
    let implicit = memmem::find(text, b"for SMTPS on ").unwrap_or(text.len());
    let (clear, implicit) = text.split_at(implicit);
    let mut all: Vec<(u16, Entry)> = ports(clear).map(|port| (port, Entry::None)).collect();
    all.extend(ports(implicit).map(|port| (port, Entry::Implicit)));
    all
}

/// The numbers behind `port ` and `]:`, several of them in braces.
fn ports(text: &[u8]) -> impl Iterator<Item = u16> {
    let words = text.split(|byte| *byte == b' ');
    let words = words.filter_map(|word| match memmem::rfind(word, b"]:") {
        Some(at) => word.get(at + 2..),
        None => word.first().is_some_and(u8::is_ascii_digit).then_some(word),
    });
    words
        .flat_map(|word| word.split(|byte| b"{,}".contains(byte)))
        .filter_map(|number| std::str::from_utf8(number).ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is heard of a line: the port, and what happened.
    fn told(message: &str) -> Option<(Option<u16>, Event<'_>)> {
        match Exim.hear(b"exim", message.as_bytes()) {
            Heard::Event(door, event) => {
                assert_eq!(door.name, NAME);
                Some((door.port, event))
            }
            Heard::Nothing => None,
            Heard::NotMine | Heard::Opened(..) => panic!("{message}"),
        }
    }

    /// Port, client, how it was encrypted, mechanism and user.
    fn session(message: &str) -> (Option<u16>, String, Channel, String) {
        let Some((port, Event::Told(told))) = told(message) else {
            panic!("{message}");
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let login = told.login.map_or_else(
            || "-".to_owned(),
            |login| {
                format!(
                    "{} {}",
                    login.mechanism.map_or_else(String::new, text),
                    login.user.map_or_else(|| "?".to_owned(), text)
                )
            },
        );
        (port, text(told.client), told.channel, login)
    }

    #[test]
    fn a_line_tells_a_message_and_its_session() {
        let tls = |version| Channel::Tls(None, Some(version));
        for (message, port, client, channel, login) in [
            (
                "1xX4Cq-0005bn-2l <= alice@example.test H=(client.example) [127.0.0.5] P=esmtp S=461 id=x@vm",
                None,
                "[127.0.0.5]",
                Channel::Clear,
                "-",
            ),
            (
                "1xX4Cq-0005bn-2l <= a@b H=(c) [127.0.0.5] P=esmtp S=1 T=\"x daemon started: authenticator failed for y\"",
                None,
                "[127.0.0.5]",
                Channel::Clear,
                "-",
            ),
            (
                "1xX4D3-000688-0Q <= alice@example.test H=(client.example) [127.0.0.5]:54863 I=[127.0.9.1]:465 P=esmtpsa \
                 X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no A=plain_server:alice S=527 T=\"A=x:mallory P=smtp\"",
                Some(465),
                "[127.0.0.5]",
                tls(TlsVersion::Tls13),
                "plain_server alice",
            ),
            (
                "1rPxGs-00000000nNK-0ABC <= a@b H=mail.x (y) [2001:db8::1] I=[2001:db8::2]:587 P=esmtpsa \
                 X=TLSv1:AES256-SHA:256 CV=no SNI=mail.x A=login:a user@x:sender@y PRDR K S=1 A=z:m",
                Some(587),
                "[2001:db8::1]",
                tls(TlsVersion::Tls10),
                "login a user@x",
            ),
            (
                "[24180] 1xX4Cs-0005hI-32 <= \"a H=x [9.9.9.9] P=esmtpsa A=b:c\"@example.test H=([10.0.0.9]) [127.0.0.1] U=root P=utf8esmtpa \
                 L.- A=noid S=2",
                None,
                "[127.0.0.1]",
                Channel::Clear,
                "noid ?",
            ),
            (
                "2026-11-27 22:14:22.260 +0100 [43] [1/2] 1xX4Cs-0005hI-32 <= <> H=(old) [192.0.2.1]:1 I=[192.0.2.2]:25 P=smtps S=2",
                Some(25),
                "[192.0.2.1]",
                Channel::Tls(None, None),
                "-",
            ),
            (
                "no MAIL in SMTP connection from (client.example) [127.0.0.5]:57763 I=[127.0.9.1]:587 D=0.126s A=plain_server:alice \
                 X=TLS1.0:ECDHE_X25519:256 CV=no C=EHLO,STARTTLS,EHLO,AUTH,QUIT",
                Some(587),
                "[127.0.0.5]",
                Channel::Tls(Some(Entry::Starttls), Some(TlsVersion::Tls10)),
                "plain_server alice",
            ),
            (
                "no MAIL in SMTP connection from (client.example) [127.0.0.5] I=[127.0.9.1]:465 D=0.065s A=plain_server:alice \
                 X=TLS1.3:ECDHE_X25519:256 CV=no C=EHLO,AUTH,QUIT",
                Some(465),
                "[127.0.0.5]",
                Channel::Tls(Some(Entry::Implicit), Some(TlsVersion::Tls13)),
                "plain_server alice",
            ),
            (
                "no MAIL in SMTP connection from [127.0.0.5] D=2s X=TLS1.3:ECDHE_X25519:256 CV=no C=...,RSET,RSET,QUIT",
                None,
                "[127.0.0.5]",
                tls(TlsVersion::Tls13),
                "-",
            ),
        ] {
            let wanted = (port, client.to_owned(), channel, login.to_owned());
            assert_eq!(session(message), wanted, "{message}");
        }
    }

    #[test]
    fn what_is_no_session_of_a_network_is_left_out() {
        for message in [
            "1xX4Cq-0005bn-2l <= root@example.test U=root P=local S=461",
            "1xX4Cq-0005bn-2l <= <> R=1xX4Cq-0005bn-2k U=Debian-exim P=local S=461",
            "1xX4Cq-0005bn-2l <= a@b H=x [192.0.2.1] P=spam-scanned S=1",
            "1xX4Cq-0005bn-2l => a@b R=dns T=smtp H=x [192.0.2.1] X=TLS1.3:Y:256 A=plain",
            "1xX4Cq-0005bn-2l Completed",
            "SMTP connection from (client.example) [127.0.0.5]:55809 I=[127.0.9.1]:25 closed by QUIT",
            "no MAIL in SMTP connection from ([127.0.0.1]) [127.0.0.1] I=[127.0.9.1]:587 D=0s C=EHLO,STARTTLS",
            "no host name found for IP address 192.0.2.1",
            "1xX4Cq-0005bn-2l <= \"a",
            "1xX4Cq-0005bn-2l <=",
            "Start queue run: pid=1",
            "[",
            "",
        ] {
            assert_eq!(told(message), None, "{message}");
        }
        assert_eq!(
            Exim.hear(b"postfix/smtpd", b"TLS error on connection from [192.0.2.1]"),
            Heard::NotMine
        );
    }

    #[test]
    fn failures_have_their_port() {
        for (message, port, event) in [
            (
                "plain_server authenticator failed for (client.example) [127.0.0.5]:51735 I=[127.0.9.1]:587: 535 Incorrect \
                 authentication data (set_id=alice)",
                Some(587),
                Event::LoginFailed,
            ),
            (
                "TLS error on connection from (x) [127.0.0.1] I=[127.0.9.1]:465 (gnutls_handshake): An unexpected TLS packet was received.",
                Some(465),
                Event::HandshakeFailed,
            ),
            (
                "TLS error on connection from [127.0.0.1]:1 (SSL_accept): error:1408A0C1",
                None,
                Event::HandshakeFailed,
            ),
            (
                "H=(client.example) [127.0.0.5]:53605 I=[127.0.9.1]:25 F=<a@b> rejected RCPT <x@y>: relay not permitted",
                Some(25),
                Event::Refused,
            ),
            (
                "1xX4Cq-0005bn-2l H=(x) [127.0.0.5] F=<a@b> rejected after DATA: I=[1.2.3.4]:99",
                None,
                Event::Refused,
            ),
            (
                "rejected EHLO from [127.0.0.1]:56526 I=[127.0.9.1]:25: syntactically invalid argument(s): a b",
                Some(25),
                Event::Refused,
            ),
        ] {
            assert_eq!(told(message), Some((port, event)), "{message}");
        }
    }

    #[test]
    fn the_server_says_where_it_listens() {
        let opened =
            |what: &str| match Exim.hear(b"exim", format!("exim 4.96 daemon started: pid=1, {what}").as_bytes()) {
                Heard::Opened(name, ports) => {
                    assert_eq!(name, NAME);
                    ports
                }
                other => panic!("{what}: {other:?}"),
            };
        let (clear, implicit) = (Entry::None, Entry::Implicit);
        for (what, ports) in [
            (
                "no queue runs, listening for SMTP on [127.0.9.1]:{25,587} and for SMTPS on [127.0.9.1]:465",
                vec![(25, clear), (587, clear), (465, implicit)],
            ),
            (
                "-q30m, listening for SMTP on port 25 (IPv6 and IPv4) port 587 (IPv4) and for SMTPS on port 465 (IPv6 and IPv4)",
                vec![(25, clear), (587, clear), (465, implicit)],
            ),
            (
                "no queue runs, listening for SMTPS on port 2525 (IPv4)",
                vec![(2525, implicit)],
            ),
            (
                "no queue runs, listening for SMTP on [127.0.0.1]:25 [::1]:587 and for SMTPS on [::1]:465 [127.0.0.2]:465",
                vec![(25, clear), (587, clear), (465, implicit), (465, implicit)],
            ),
            ("-q30m, not listening for SMTP", vec![]),
        ] {
            if ports.is_empty() {
                assert_eq!(
                    Exim.hear(b"exim4", format!("exim 4.96 daemon started: pid=1, {what}").as_bytes()),
                    Heard::Nothing
                );
            } else {
                assert_eq!(opened(what), ports, "{what}");
            }
        }
    }
}
