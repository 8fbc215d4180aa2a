//! What a session shows and tolerates, predicted and then seen at a live Postfix: the greeting, VRFY, and whether a second
//! message can be smuggled in behind the false end of a first one.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use smtplint_core::facts::{Fact, MessageEnd};
use smtplint_tests::lab::{Lab, LabConfiguration};
use smtplint_tests::predict;

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.test
mydestination = example.test
mynetworks = 192.0.2.1/32
local_recipient_maps =
local_transport = discard
disable_vrfy_command = yes
";

/// A service each, with what its session differs in.
const SERVICES: &[(&str, &str)] = &[
    ("2001", ""),
    ("2002", "-o disable_vrfy_command=no"),
    (
        "2003",
        "-o { smtpd_banner = $myhostname ESMTP $mail_name ($mail_version) }",
    ),
    ("2004", "-o smtpd_forbidden_commands=VRFY -o disable_vrfy_command=no"),
    ("2005", "-o smtpd_forbid_bare_newline=yes"),
    ("2006", "-o smtpd_forbid_bare_newline=normalize"),
    (
        "2007",
        "-o smtpd_forbid_bare_newline=yes -o smtpd_forbid_bare_newline_exclusions=0.0.0.0/0",
    ),
    ("2008", "-o smtpd_data_restrictions=reject_unauth_pipelining"),
    (
        "2009",
        "-o smtpd_data_restrictions=reject_unauth_pipelining -o smtpd_discard_ehlo_keywords=chunking",
    ),
    (
        "2010",
        "-o smtpd_forbid_unauth_pipelining=yes -o smtpd_discard_ehlo_keywords=chunking",
    ),
    (
        "2011",
        "-o smtpd_recipient_restrictions=reject_unauth_pipelining -o smtpd_discard_ehlo_keywords=chunking",
    ),
];

/// A client that sends bytes as they are.
struct Raw(TcpStream);

impl Raw {
    fn greeted(address: SocketAddr) -> (Raw, String) {
        let stream = TcpStream::connect(address).expect("the port is open");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        let mut raw = Raw(stream);
        let greeting = raw.heard(ends_a_reply);
        (raw, greeting)
    }

    fn said(&mut self, text: &str) -> String {
        self.0.write_all(text.as_bytes()).expect("the server listens");
        self.heard(ends_a_reply)
    }

    /// What the server says up to an end, or until it closes the connection.
    fn heard(&mut self, is_end: impl Fn(&str) -> bool) -> String {
        let mut all = String::new();
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = self.0.read(&mut part) {
            all.push_str(&String::from_utf8_lossy(&part[..length]));
            if is_end(&all) {
                break;
            }
        }
        all
    }
}

/// True when the last line is a whole one and no other follows it (RFC 5321 §4.2.1).
fn ends_a_reply(text: &str) -> bool {
    let last = text.strip_suffix("\r\n").and_then(|text| text.lines().next_back());
    last.is_some_and(|line| line.as_bytes().get(3) == Some(&b' '))
}

/// True when the server takes two messages where the client has sent one.
fn smuggles(address: SocketAddr, hidden: &str) -> bool {
    let (mut client, _) = Raw::greeted(address);
    for command in [
        "EHLO client.example.test",
        "MAIL FROM:<a@example.test>",
        "RCPT TO:<b@example.test>",
        "DATA",
    ] {
        client.said(&format!("{command}\r\n"));
    }
    let envelope = "MAIL FROM:<c@example.test>\r\nRCPT TO:<b@example.test>\r\n";
    let text = format!("Subject: one\r\n\r\ntext\n.\r\n{envelope}{hidden}\r\n.\r\nQUIT\r\n");
    client.0.write_all(text.as_bytes()).expect("the server listens");
    client.heard(|_| false).matches("queued as").count() > 1
}

#[test]
fn sessions_are_as_predicted() {
    let master: String = SERVICES
        .iter()
        .map(|(name, options)| format!("{name} inet n - n - - smtpd {options}\n"))
        .collect();
    let lab = Lab::new().expect("the lab works");
    let server = lab
        .start(&LabConfiguration::new("sessions", MAIN, &master))
        .expect("Postfix starts");
    let report = predict::judge_texts(MAIN, &master, "3.7.11");
    assert_eq!(report.server.listeners.len(), SERVICES.len());
    for listener in &report.server.listeners {
        let name = listener.name.as_str();
        let address = server.address(name).expect("it listens");
        let session = &listener.session;
        let (mut client, greeting) = Raw::greeted(address);
        assert_eq!(
            session.tells_release.known(),
            Some(&greeting.contains("3.7")),
            "{name}: {greeting}"
        );
        client.said("EHLO client.example.test\r\n");
        let answer = client.said("VRFY b@example.test\r\n");
        assert_eq!(
            session.answers_vrfy.known(),
            Some(&answer.starts_with("252")),
            "{name}: {answer}"
        );
        let by_data = smuggles(address, "DATA\r\nSubject: two\r\n\r\ntext");
        let by_bdat = smuggles(address, "BDAT 20 LAST\r\nSubject: two\r\n\r\ntext");
        let open = Fact::known(&listener.dialogue().message_end) == Some(&MessageEnd::Any);
        assert_eq!(
            by_data || by_bdat,
            open,
            "{name}: {:?}",
            listener.dialogue().message_end.value
        );
    }
    server.stop().expect("Postfix stops");
}
