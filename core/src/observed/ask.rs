//! The questions that a look from outside leaves open, each with the command that settles it.

use super::Observation;
use crate::facts::Entry;
use crate::question::{QuestionId, Questions};

/// The questions, asked once each.
pub(super) struct Asking<'a> {
    seen: &'a Observation,
    pub(super) questions: Questions,
}

impl<'a> Asking<'a> {
    pub(super) fn of(seen: &'a Observation) -> Asking<'a> {
        Asking {
            seen,
            questions: Questions::default(),
        }
    }

    fn endpoint(&self) -> String {
        format!("{}:{}", self.bracketed(), self.seen.port)
    }

    /// The host as it stands before a port.
    fn bracketed(&self) -> String {
        if self.seen.host.contains(':') {
            format!("[{}]", self.seen.host)
        } else {
            self.seen.host.clone()
        }
    }

    fn ask(&mut self, id: &str, ask: &str, command: String) -> QuestionId {
        self.questions.ask(id, ask, command)
    }

    /// What no client sees.
    pub(super) fn configuration(&mut self) -> QuestionId {
        let ask = "What does the server's configuration say? A client does not see it.";
        self.ask("configuration", ask, "smtplint check, on the server itself".to_owned())
    }

    /// What is decided at MAIL and RCPT.
    pub(super) fn relay_test(&mut self) -> QuestionId {
        let command = format!("smtplint probe --relay-test {}", self.endpoint());
        let ask = "What becomes of mail from strangers, and of mail without TLS? Nothing of that kind was tried.";
        self.ask("relay-test", ask, command)
    }

    /// What is decided at RCPT for a mailbox of the server.
    pub(super) fn own_mailbox(&mut self) -> QuestionId {
        let command = format!("smtplint probe --relay-test --mailbox ADDRESS {}", self.endpoint());
        let ask = "What becomes of mail from strangers to a mailbox of the server? None was named.";
        self.ask("own-mailbox", ask, command)
    }

    /// Whether commands cross the border into TLS.
    pub(super) fn injection(&mut self) -> QuestionId {
        let command = format!("smtplint probe --aggressive {}", self.endpoint());
        let ask = "Is a command that is sent ahead of the handshake taken for part of the encrypted session?";
        self.ask("injection-test", ask, command)
    }

    /// Handshakes that were not answered.
    pub(super) fn handshakes(&mut self) -> QuestionId {
        let starttls = self.starttls("--starttls-smtp ");
        let command = format!("sslscan {starttls}{}", self.endpoint());
        let ask = "Which handshakes does the server take? It did not answer all that were tried.";
        self.ask("handshakes", ask, command)
    }

    /// What is said inside TLS.
    pub(super) fn inside(&mut self) -> QuestionId {
        let starttls = self.starttls("-starttls smtp ");
        let endpoint = self.endpoint();
        let command =
            format!("openssl s_client -quiet -crlf {starttls}-connect {endpoint}, then EHLO client.example.org");
        self.ask(
            "inside-tls",
            "What is announced inside TLS? No session came about.",
            command,
        )
    }

    /// The answer to EHLO.
    pub(super) fn announced(&mut self) -> QuestionId {
        let begins = match self.seen.entry {
            Some(Entry::Implicit) => " --tls-on-connect",
            _ => "",
        };
        let (host, port) = (&self.seen.host, self.seen.port);
        let command = format!("swaks --server {host} --port {port}{begins} --quit-after EHLO");
        self.ask("ehlo", "What does the answer to EHLO announce? None came.", command)
    }

    /// The certificates.
    pub(super) fn certificates(&mut self) -> QuestionId {
        let starttls = self.starttls("-starttls smtp ");
        let command = format!("openssl s_client -showcerts {starttls}-connect {}", self.endpoint());
        self.ask(
            "certificates",
            "Which certificates does the server show? None was seen.",
            command,
        )
    }

    /// Whether an authority is one that clients know.
    pub(super) fn authority(&mut self) -> QuestionId {
        let starttls = self.starttls("-starttls smtp ");
        let command = format!(
            "openssl s_client -verify_return_error {starttls}-connect {}",
            self.endpoint()
        );
        let ask =
            "Do clients know the authority that issued the certificate? The server does not show the authority's own.";
        self.ask("authority", ask, command)
    }

    /// The name that clients use.
    pub(super) fn name(&mut self) -> QuestionId {
        let ask = "By which name do clients look for the server? It was asked for by its address.";
        let command = format!("smtplint probe NAME:{}", self.seen.port);
        self.ask("published-name", ask, command)
    }

    /// Whether the machine that looked is a stranger.
    pub(super) fn stranger(&mut self) -> QuestionId {
        let from = self.seen.from.map(|from| from.to_string()).unwrap_or_default();
        let ask = format!("Does the server trust {from}, where it was looked at from? Strangers may get less.");
        let tested = if self.seen.recipients.is_empty() {
            ""
        } else {
            "--relay-test "
        };
        let command = format!("smtplint probe {tested}{}, from a machine elsewhere", self.endpoint());
        self.questions.ask("stranger", ask, command)
    }

    /// What listens beside this port.
    pub(super) fn other_ports(&mut self) -> QuestionId {
        let host = self.bracketed();
        let others = [465, 587].into_iter().filter(|port| *port != self.seen.port);
        let commands: Vec<String> = others.map(|port| format!("smtplint probe {host}:{port}")).collect();
        self.ask("other-ports", "What do the other ports offer?", commands.join("; "))
    }

    /// The option that a program needs before TLS.
    fn starttls(&self, option: &'static str) -> &'static str {
        if self.seen.entry == Some(Entry::Implicit) {
            ""
        } else {
            option
        }
    }
}
