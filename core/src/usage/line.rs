//! A line of a log in the forms of syslog: RFC 3164 as most write it, with stamps of RFC 3339 as rsyslog writes it, and
//! RFC 5424. Postfix's own `maillog_file` is in the first of them; Exim's and Dovecot's own files have forms of their own, in
//! which neither a machine nor a process is named.

use memchr::{memchr, memmem};

use super::Stamp;

/// The programs whose own files do not name them.
const DOVECOT: &[u8] = b"dovecot";
const EXIM: &[u8] = b"exim";

/// What one line, or one entry of a journal, says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'l> {
    /// When.
    pub(in crate::usage) stamp: Stamp,
    /// The machine.
    pub(in crate::usage) host: &'l [u8],
    /// The program, as it calls itself.
    pub(in crate::usage) program: &'l [u8],
    /// Its process; 0 where it is not told, as Dovecot writes.
    pub(in crate::usage) process: u32,
    /// What it says.
    pub(in crate::usage) message: &'l [u8],
}

/// What can be made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'l> {
    /// A message of a process.
    Line(Line<'l>),
    /// A line of a log that comes from no process, such as the kernel's.
    Other(Stamp),
    /// No line of a log.
    Nothing,
}

/// Reads a line without its end.
#[must_use]
pub(super) fn read(line: &[u8]) -> Found<'_> {
    let (new_form, line) = without_priority(line);
    let Some((stamp, rest)) = Stamp::read(line) else {
        return Found::Nothing;
    };
    let line = if new_form {
        of_rfc_5424(stamp, rest)
    } else {
        of_rfc_3164(stamp, rest).or_else(|| own(stamp, line, rest))
    };
    line.map_or(Found::Other(stamp), Found::Line)
}

/// The stamp of a line.
pub(super) fn stamp(line: &[u8]) -> Option<Stamp> {
    Stamp::read(without_priority(line).1).map(|(stamp, _)| stamp)
}

/// Takes `<22>` away, and the `1` of RFC 5424 with it; says whether that one was there.
fn without_priority(line: &[u8]) -> (bool, &[u8]) {
    let [b'<', rest @ ..] = line else {
        return (false, line);
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match rest.get(digits..) {
        Some([b'>', b'1', b' ', rest @ ..]) => (true, rest),
        Some([b'>', rest @ ..]) => (false, rest),
        _ => (false, line),
    }
}

/// ` host program[process]: message`.
fn of_rfc_3164(stamp: Stamp, rest: &[u8]) -> Option<Line<'_>> {
    let (host, rest) = word(rest.strip_prefix(b" ")?)?;
    let bracket = memchr(b'[', rest)?;
    let (program, rest) = (rest.get(..bracket)?, rest.get(bracket + 1..)?);
    // A bracket within the message is not the one of a process.
    if memchr(b' ', program).is_some() {
        return None;
    }
    let (process, rest) = digits(rest)?;
    let message = rest.strip_prefix(b"]: ")?;
    Some(Line {
        stamp,
        host,
        program,
        process,
        message,
    })
}

/// The forms that servers give to files of their own, and a line of syslog that tells no process.
fn own<'l>(stamp: Stamp, line: &'l [u8], rest: &'l [u8]) -> Option<Line<'l>> {
    let text = rest.strip_prefix(b" ")?;
    let (first, rest) = word(text)?;
    let of = |host, program, message| Line {
        stamp,
        host,
        program,
        process: 0,
        message,
    };
    // `imap-login: Info: Login: …`
    if first.ends_with(b":") {
        return Some(of(b"", DOVECOT, text));
    }
    // ` host dovecot: imap-login: Login: …`
    if let Some((program, message)) = word(rest)
        && let Some(program) = program.strip_suffix(b":")
        && !program.is_empty()
        && program
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_/.".contains(byte))
    {
        return Some(of(first, program, message));
    }
    // A blank in the stamp is Exim's.
    (line.get(4) == Some(&b'-') && line.get(10) == Some(&b' ')).then(|| of(b"", EXIM, text))
}

/// ` host program process id data message`.
fn of_rfc_5424(stamp: Stamp, rest: &[u8]) -> Option<Line<'_>> {
    let (host, rest) = word(rest.strip_prefix(b" ")?)?;
    let (program, rest) = word(rest)?;
    let (process, rest) = digits(rest).or_else(|| Some((0, rest.strip_prefix(b"-")?)))?;
    let (_id, rest) = word(rest.strip_prefix(b" ")?)?;
    let message = match rest {
        [b'-', rest @ ..] => rest,
        [b'[', ..] => structured(rest)?,
        _ => return None,
    };
    let message = message.strip_prefix(b" ")?;
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    Some(Line {
        stamp,
        host,
        program,
        process,
        message,
    })
}

/// What follows elements of structured data: each in brackets, with values in which a backslash protects a bracket.
fn structured(mut rest: &[u8]) -> Option<&[u8]> {
    while let [b'[', ..] = rest {
        let mut at = memmem::find(rest, b"]")?;
        while at > 0 && rest.get(at - 1) == Some(&b'\\') {
            at += 1 + memchr(b']', rest.get(at + 1..)?)?;
        }
        rest = rest.get(at + 1..)?;
    }
    Some(rest)
}

/// What stands before a blank, and what behind.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b' ', text)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// A number at the beginning, and what follows.
pub(super) fn digits(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let mut number = None;
    for digit in digits {
        number = Some(
            number
                .unwrap_or(0_u32)
                .checked_mul(10)?
                .checked_add(u32::from(digit - b'0'))?,
        );
    }
    Some((number?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Host, program, process and message.
    fn parts(line: &str) -> Option<(String, String, u32, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match read(line.as_bytes()) {
            Found::Line(line) => Some((text(line.host), text(line.program), line.process, text(line.message))),
            Found::Other(_) | Found::Nothing => None,
        }
    }

    #[test]
    fn every_form_of_syslog_says_the_same() {
        for line in [
            "Nov 27 01:02:03 mail postfix/submission/smtpd[123]: connect from a.example[192.0.2.1]",
            "<22>Nov 27 01:02:03 mail postfix/submission/smtpd[123]: connect from a.example[192.0.2.1]",
            "2026-11-27T01:02:03.123456+01:00 mail postfix/submission/smtpd[123]: connect from a.example[192.0.2.1]",
            "2026-11-27T01:02:03+0100 mail postfix/submission/smtpd[123]: connect from a.example[192.0.2.1]",
            "<22>1 2026-11-27T01:02:03.123Z mail postfix/submission/smtpd 123 - - connect from a.example[192.0.2.1]",
            "<22>1 2026-11-27T01:02:03Z mail postfix/submission/smtpd 123 ID47 [a@1 b=\"c\\]d\"][e@2] \u{feff}connect from a.example[192.0.2.1]",
        ] {
            let wanted = (
                "mail",
                "postfix/submission/smtpd",
                123,
                "connect from a.example[192.0.2.1]",
            );
            let wanted = (wanted.0.to_owned(), wanted.1.to_owned(), wanted.2, wanted.3.to_owned());
            assert_eq!(parts(line), Some(wanted), "{line}");
        }
    }

    #[test]
    fn lines_without_a_process_are_lines_all_the_same() {
        for line in [
            "Nov 27 01:02:03 mail last message repeated 3 times",
            "Nov 27 01:02:03 mail postfix/smtpd[12",
            "Nov 27 01:02:03 mail postfix/smtpd[99999999999]: x",
            "Nov 27 01:02:03 ",
            "Nov 27 01:02:03",
        ] {
            assert!(matches!(read(line.as_bytes()), Found::Other(_)), "{line}");
        }
        for (line, program, message) in [
            ("Nov 27 01:02:03 mail kernel: [1.2] x", "kernel", "[1.2] x"),
            ("<22>1 2026-11-27T01:02:03Z mail kernel - - - x", "kernel", "x"),
            (
                "Nov 27 01:02:03 mail dovecot: imap-login: Login: user=<a>",
                "dovecot",
                "imap-login: Login: user=<a>",
            ),
            (
                "2026-11-27 01:02:03 mail dovecot: imap-login: x",
                "dovecot",
                "imap-login: x",
            ),
            (
                "Nov 27 01:02:03 imap-login: Info: Login: user=<a>",
                "dovecot",
                "imap-login: Info: Login: user=<a>",
            ),
            (
                "2026-11-27 01:02:03 imap-login: Info: x",
                "dovecot",
                "imap-login: Info: x",
            ),
            ("2026-11-27 01:02:03 1a-b <= c [1]: x", "exim", "1a-b <= c [1]: x"),
            (
                "2026-11-27 01:02:03.123 +0100 [7] SMTP call from a",
                "exim",
                "[7] SMTP call from a",
            ),
        ] {
            let found = parts(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (found.1.as_str(), found.2, found.3.as_str()),
                (program, 0, message),
                "{line}"
            );
        }
        for line in ["", "<", "<22>", "hello", "-- Journal begins at --", "\0\u{1}"] {
            assert_eq!(read(line.as_bytes()), Found::Nothing, "{line}");
        }
    }
}
