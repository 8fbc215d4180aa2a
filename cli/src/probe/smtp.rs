//! A conversation in SMTP (RFC 5321): one command, then its whole reply, and never two commands at once.

use std::fmt;
use std::io::{Read, Write};
use std::time::Duration;

use smtplint_core::observed::Announced;

use super::connection::{Failure, shown};

/// Longer lines are none (RFC 5321 §4.5.3.1.5 allows 512).
const LONGEST_LINE: usize = 4096;
/// A reply with more lines is none.
const MOST_LINES: usize = 100;

/// The name that is given at EHLO: one that is nobody's (RFC 2606 §3).
pub(super) const CLIENT: &str = "client.example.org";

/// Both directions of a connection, in clear or inside TLS.
pub(crate) trait Wire: Read + Write {}

impl<T: Read + Write> Wire for T {}

/// A reply, perhaps of several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The three digits.
    pub(crate) code: u16,
    /// What follows them, line by line.
    pub(crate) lines: Vec<String>,
}

impl Reply {
    /// True for what was granted.
    pub(crate) fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// True when a keyword of EHLO is announced, whatever its letters' case.
    pub(super) fn announces(&self, keyword: &str) -> bool {
        self.keywords()
            .any(|line| first_word(line).eq_ignore_ascii_case(keyword))
    }

    /// True when something on the way wrote over a keyword: inspection of ESMTP by a firewall leaves the letter X in place of each.
    pub(super) fn is_overwritten(&self) -> bool {
        self.keywords().any(|line| {
            let word = first_word(line);
            word.len() > 3 && word.bytes().take(word.len() - 1).all(|byte| byte == b'X')
        })
    }

    /// What is announced, as far as anybody asks.
    pub(super) fn announced(&self) -> Announced {
        let mut announced = Announced::default();
        for line in self.keywords() {
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some(word) if word.eq_ignore_ascii_case("AUTH") => {
                    announced.old_form |= line.as_bytes().get(4) == Some(&b'=');
                    for word in words.map(str::to_ascii_uppercase) {
                        if !announced.mechanisms.contains(&word) {
                            announced.mechanisms.push(word);
                        }
                    }
                }
                Some(word) if word.eq_ignore_ascii_case("XCLIENT") => announced.xclient = true,
                _ => {}
            }
        }
        announced
    }

    /// The first line of an answer to EHLO is the server's name.
    fn keywords(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().skip(1).map(String::as_str)
    }
}

fn first_word(line: &str) -> &str {
    line.split([' ', '=']).next().unwrap_or(line)
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.lines.join(" ");
        let text: String = text.chars().take(160).filter(|letter| !letter.is_control()).collect();
        write!(f, "{} {}", self.code, text.replace('`', "'"))
    }
}

/// A conversation. What came and was not read yet stays with it.
pub(crate) struct Dialogue<'w> {
    wire: &'w mut dyn Wire,
    patience: Duration,
    come: Vec<u8>,
}

impl<'w> Dialogue<'w> {
    pub(super) fn on(wire: &'w mut dyn Wire, patience: Duration) -> Dialogue<'w> {
        Dialogue {
            wire,
            patience,
            come: Vec::new(),
        }
    }

    /// Sends a command and waits for the whole reply.
    pub(super) fn command(&mut self, command: &str) -> Result<Reply, Failure> {
        let line = format!("{command}\r\n");
        let patience = self.patience;
        let failed = |error| Failure::of(error, patience);
        self.wire.write_all(line.as_bytes()).map_err(failed)?;
        self.wire.flush().map_err(failed)?;
        self.reply()
    }

    /// The greeting, which has to be a welcome.
    pub(super) fn welcome(&mut self) -> Result<Reply, Failure> {
        let greeting = self.reply()?;
        if greeting.code == 220 {
            Ok(greeting)
        } else {
            Err(Failure::Refused(greeting))
        }
    }

    /// The answer to EHLO, which has to be a positive one.
    pub(super) fn hello(&mut self) -> Result<Reply, Failure> {
        let hello = self.command(&format!("EHLO {CLIENT}"))?;
        if hello.is_positive() {
            Ok(hello)
        } else {
            Err(Failure::Refused(hello))
        }
    }

    /// Says goodbye; whether it is heard matters to nobody.
    pub(super) fn quit(&mut self) {
        let _ = self.wire.write_all(b"QUIT\r\n").and_then(|()| self.wire.flush());
    }

    /// The next reply (RFC 5321 §4.2.1).
    pub(super) fn reply(&mut self) -> Result<Reply, Failure> {
        let mut lines = Vec::new();
        let mut first = None;
        while lines.len() < MOST_LINES {
            let line = self.line()?;
            let code = line
                .get(..3)
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            let code: Option<u16> = code
                .and_then(|digits| digits.parse().ok())
                .filter(|code| (200..600).contains(code));
            let goes_on = match line.as_bytes().get(3) {
                None | Some(b' ') => false,
                Some(b'-') => true,
                Some(_) => return Err(Failure::NotSmtp(shown(line.as_bytes()))),
            };
            let Some(code) = code.filter(|code| first.is_none_or(|first| first == *code)) else {
                return Err(Failure::NotSmtp(shown(line.as_bytes())));
            };
            first = Some(code);
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if !goes_on {
                return Ok(Reply { code, lines });
            }
        }
        Err(Failure::Endless)
    }

    fn line(&mut self) -> Result<String, Failure> {
        loop {
            if let Some(end) = self.come.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.come.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.come.len() > LONGEST_LINE {
                // Of what is no text the first bytes tell more than its length.
                let digits = self.come.iter().take(3).all(u8::is_ascii_digit);
                return Err(if digits {
                    Failure::Endless
                } else {
                    Failure::NotSmtp(shown(&self.come))
                });
            }
            let mut buffer = [0; 2048];
            match self.wire.read(&mut buffer) {
                Ok(0) if self.come.is_empty() => return Err(Failure::Closed),
                Ok(0) => return Err(Failure::NotSmtp(shown(&self.come))),
                Ok(count) => self.come.extend(buffer.iter().take(count)),
                Err(error) => return Err(Failure::of(error, self.patience)),
            }
        }
    }
}
