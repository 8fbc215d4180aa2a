//! The probe: what a client sees at a port.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::dialogue::{ANSWER, CLIENT, Dialogue, DialogueError, Reply, Tls, s_client};
use crate::program::{OPENSSL, ProgramError};

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It does not.
    None,
    /// STARTTLS is announced, whether or not it then works: see [`Observed::versions`].
    StartTls,
    /// From the first byte.
    Implicit,
    /// There is no conversation at all: see [`Observed::cause`].
    Dead,
}

/// A version of TLS. SSLv3 is none: the client's library does not speak it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.0.
    V1_0,
    /// TLS 1.1.
    V1_1,
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

/// What a client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// How TLS begins.
    pub entry: Entry,
    /// Why the port is dead, as a client can tell.
    pub cause: Option<String>,
    /// MAIL before TLS gets 530; with implicit TLS there is no before, and it is true.
    pub required: bool,
    /// Every version a handshake was completed with.
    pub versions: BTreeSet<TlsVersion>,
    /// The mechanisms AUTH lists before TLS, as listed.
    pub auth_before: Vec<String>,
    /// The mechanisms AUTH lists within TLS; empty when there is no TLS.
    pub auth_after: Vec<String>,
    /// The reply to STARTTLS in the clear.
    pub starttls_reply: Option<Reply>,
    /// The first reply of the server.
    pub greeting: Option<Reply>,
}

impl TlsVersion {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::V1_0, Self::V1_1, Self::V1_2, Self::V1_3];

    /// `1.0` to `1.3`.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }

    /// The option of `openssl s_client` that allows only this one, and how the program then names it.
    pub(super) fn option(self) -> (&'static str, &'static str) {
        match self {
            Self::V1_0 => ("-tls1", "Protocol version: TLSv1\n"),
            Self::V1_1 => ("-tls1_1", "Protocol version: TLSv1.1\n"),
            Self::V1_2 => ("-tls1_2", "Protocol version: TLSv1.2\n"),
            Self::V1_3 => ("-tls1_3", "Protocol version: TLSv1.3\n"),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::StartTls => "starttls",
            Self::Implicit => "implicit",
            Self::Dead => "dead",
        })
    }
}

impl fmt::Display for Observed {
    /// In the notation of [`super::Prediction`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry={}", self.entry)?;
        if self.entry == Entry::Dead {
            return Ok(());
        }
        let list = |words: Vec<&str>, none: &str| {
            if words.is_empty() {
                none.to_owned()
            } else {
                words.join(",")
            }
        };
        let mechanisms = |all: &[String]| list(all.iter().map(String::as_str).collect(), "no");
        let versions = list(self.versions.iter().map(|version| version.number()).collect(), "none");
        let required = if self.required { "yes" } else { "no" };
        write!(
            f,
            " required={required} versions={versions} auth_before={}",
            mechanisms(&self.auth_before)
        )?;
        if !self.versions.is_empty() {
            write!(f, " auth_after={}", mechanisms(&self.auth_after))?;
        }
        Ok(())
    }
}

impl Observed {
    fn dead(cause: impl fmt::Display, greeting: Option<Reply>) -> Self {
        Self {
            entry: Entry::Dead,
            cause: Some(cause.to_string()),
            required: false,
            versions: BTreeSet::new(),
            auth_before: Vec::new(),
            auth_after: Vec::new(),
            starttls_reply: None,
            greeting,
        }
    }
}

/// A server that has said nothing for so long may be waiting for the client's TLS.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Looks at a port. Takes a fifth of a second, up to sixteen seconds where nobody answers.
///
/// # Errors
/// When the client cannot work: `openssl` is missing. A server that misbehaves is an observation.
pub fn observe(address: SocketAddr, source: IpAddr) -> Result<Observed, DialogueError> {
    match look(address, source) {
        Ok(observed) => Ok(observed),
        Err(error @ DialogueError::Program(_)) => Err(error),
        Err(error) => Ok(Observed::dead(error, None)),
    }
}

fn look(address: SocketAddr, source: IpAddr) -> Result<Observed, DialogueError> {
    let begin = Instant::now();
    let mut clear = Dialogue::clear(address, source)?;
    let greeting = match clear.reply(PATIENCE) {
        Err(DialogueError::Silence(_)) => {
            let versions = versions(address, source, Tls::Implicit)?;
            if !versions.is_empty() {
                return implicit(address, source, versions);
            }
            let rest = ANSWER.saturating_sub(begin.elapsed()).max(Duration::from_millis(100));
            clear.reply(rest).map_err(|error| match error {
                DialogueError::Silence(_) => DialogueError::Silence(begin.elapsed()),
                other => other,
            })?
        }
        other => other?,
    };
    if greeting.code != 220 {
        return Ok(Observed::dead(format!("greets with {greeting}"), Some(greeting)));
    }
    let hello = clear.command(&format!("EHLO {CLIENT}"))?;
    if hello.code != 250 {
        return Ok(Observed::dead(format!("answers EHLO with {hello}"), Some(greeting)));
    }
    let mail = clear.command("MAIL FROM:<probe@client.example.org>")?;
    clear.command("RSET")?;
    let reply = clear.command("STARTTLS")?;
    drop(clear);
    let announced = keyword(&hello, "STARTTLS");
    let works = reply.code == 220;
    let versions = if works {
        versions(address, source, Tls::StartTls)?
    } else {
        BTreeSet::new()
    };
    let auth_after = if versions.is_empty() {
        Vec::new()
    } else {
        within(address, source, Tls::StartTls)?.1
    };
    Ok(Observed {
        entry: if announced || works {
            Entry::StartTls
        } else {
            Entry::None
        },
        cause: None,
        // `soft_bounce` turns it into the other.
        required: matches!(mail.code, 530 | 430),
        versions,
        auth_before: mechanisms(&hello),
        auth_after,
        starttls_reply: Some(reply),
        greeting: Some(greeting),
    })
}

fn implicit(address: SocketAddr, source: IpAddr, versions: BTreeSet<TlsVersion>) -> Result<Observed, DialogueError> {
    let (greeting, auth_after) = within(address, source, Tls::Implicit)?;
    Ok(Observed {
        entry: Entry::Implicit,
        cause: None,
        required: true,
        versions,
        auth_before: Vec::new(),
        auth_after,
        starttls_reply: None,
        greeting,
    })
}

/// EHLO within TLS: the greeting, where one comes, and the mechanisms.
fn within(address: SocketAddr, source: IpAddr, tls: Tls) -> Result<(Option<Reply>, Vec<String>), DialogueError> {
    let mut dialogue = Dialogue::tls(address, source, tls)?;
    let greeting = match tls {
        Tls::Implicit => Some(dialogue.reply(ANSWER)?),
        Tls::StartTls => None,
    };
    let hello = dialogue.command(&format!("EHLO {CLIENT}"))?;
    // Whoever is turned away there is not listened to any more.
    if hello.code == 250 {
        dialogue.command("QUIT")?;
    }
    Ok((greeting, mechanisms(&hello)))
}

/// The versions a handshake can be completed with, each tried alone.
fn versions(address: SocketAddr, source: IpAddr, tls: Tls) -> Result<BTreeSet<TlsVersion>, DialogueError> {
    let mut found = BTreeSet::new();
    for version in TlsVersion::ALL {
        let (option, shown) = version.option();
        let mut command = OPENSSL.command()?;
        command.args(s_client(address, source, tls)).args(["-brief", option]);
        match OPENSSL.run(&mut command, b"", ANSWER) {
            Ok(finished) => {
                if finished.stdout.contains(shown) || finished.stderr.contains(shown) {
                    found.insert(version);
                }
            }
            // Nobody is there; the next version would wait as long. After STARTTLS was accepted, silence is no answer.
            Err(ProgramError::TimedOut { .. }) if tls == Tls::Implicit && found.is_empty() => {
                return Ok(found);
            }
            Err(ProgramError::TimedOut { limit, .. }) => return Err(DialogueError::Silence(limit)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

fn keyword(hello: &Reply, word: &str) -> bool {
    hello.lines.iter().skip(1).any(|line| line.eq_ignore_ascii_case(word))
}

/// The mechanisms of `AUTH …`; the old `AUTH=…` repeats them for broken clients.
fn mechanisms(hello: &Reply) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in hello.lines.iter().skip(1) {
        let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH")) {
            for word in words {
                if !found.iter().any(|known| known == word) {
                    found.push(word.to_owned());
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_come_once_from_both_spellings() {
        let lines = ["mail.test", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN", "SIZE 1"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(mechanisms(&Reply { code: 250, lines }), ["PLAIN", "LOGIN"]);
    }

    #[test]
    fn the_first_line_is_the_name_of_the_server() {
        let lines = ["STARTTLS".to_owned(), "SIZE 1".to_owned()].to_vec();
        assert!(!keyword(&Reply { code: 250, lines }, "STARTTLS"));
    }
}
