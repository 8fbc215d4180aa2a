//! Commands that show whether a stage worked, and records for the zone file.

use super::ports::at;
use super::{Check, Course, SHORT_TTL};
use crate::facts::{Actor, Channel, Fact, Listener, Outcome, Recipient, Server, Stage, TlsVersion};
use crate::gather::ordered;
use crate::report::merge::enumerated;

fn check(command: String, shows: impl Into<String>) -> Check {
    Check {
        command,
        shows: shows.into(),
    }
}

/// The name under which RFC 6186 and RFC 8314 §5.1 look a port up.
pub(super) fn service(port: u16) -> &'static str {
    if port == 465 {
        "_submissions._tcp"
    } else {
        "_submission._tcp"
    }
}

/// How programs call what is to be chosen for a port.
pub(super) fn security(port: u16) -> &'static str {
    if port == 465 { "SSL/TLS" } else { "STARTTLS" }
}

impl Course<'_> {
    /// A record, relative to the zone.
    fn record(&self, port: u16, priority: u8) -> String {
        format!(
            "{:<18} {SHORT_TTL} IN SRV {priority} 1 {port} {}.",
            service(port),
            self.host
        )
    }

    /// The two ports, the first one to be tried first.
    pub(super) fn records(&self, first: u16, second: u16) -> Vec<String> {
        vec![self.record(first, 0), self.record(second, 10)]
    }

    /// One port, and that the other is not there (RFC 2782).
    pub(super) fn records_without(&self, kept: u16, gone: u16) -> Vec<String> {
        vec![
            self.record(kept, 0),
            format!("{:<18} {SHORT_TTL} IN SRV 0 0 0 .", service(gone)),
        ]
    }

    /// What name servers answer for both ports.
    pub(super) fn look_up(&self, shows: &str) -> Vec<Check> {
        let look = |port| check(format!("dig +noall +answer SRV {}.DOMAIN", service(port)), shows);
        vec![look(587), look(465)]
    }

    /// That a port does what its users need, seen from outside, and refuses what it must: as the facts of the server have it
    /// once the stage is done.
    pub(super) fn try_port(&self, port: u16, server: &Server) -> Vec<Check> {
        let host = &self.host;
        let (starttls, wrapped, begin) = if port == 465 {
            ("", " -w", "--tls-on-connect")
        } else {
            (" -starttls smtp", "", "--tls")
        };
        let mut checks = vec![
            check(
                format!(
                    "openssl s_client -connect {host}:{port}{starttls} -verify_hostname {host} -verify_return_error -brief </dev/null"
                ),
                "`Verification: OK`, with TLSv1.2 or TLSv1.3",
            ),
            check(
                format!(
                    "swaks --server {host} --port {port} {begin} --tls-verify --auth --auth-user USER --from USER --to USER"
                ),
                "`235` after AUTH, and `250` after the message: it arrives",
            ),
        ];
        if port == 587 {
            checks.push(check(
                format!("swaks --server {host} --port 587 --from USER --to USER --quit-after RCPT"),
                format!(
                    "{}, and no line with AUTH: nothing is taken in clear",
                    refusal(at(server, port), Actor::Stranger, Channel::Clear, Recipient::Local)
                ),
            ));
        }
        checks.push(check(
            format!(
                "swaks --server {host} --port {port} {begin} --from USER --to someone@example.net --quit-after RCPT"
            ),
            format!(
                "{}: nobody sends without a login",
                refusal(at(server, port), Actor::Stranger, Channel::Tls, Recipient::Foreign)
            ),
        ));
        checks.push(check(
            format!("posttls-finger -c{wrapped} -l secure -P /etc/ssl/certs '[{host}]:{port}'"),
            "`Verified TLS connection established`",
        ));
        let starttls = if port == 465 { "" } else { "--starttls smtp " };
        checks.push(check(
            format!("testssl.sh {starttls}--protocols --server-defaults {host}:{port}"),
            format!(
                "{}; the chain of trust Ok. On Debian the program is called testssl",
                versions(at(server, port))
            ),
        ));
        checks
    }

    /// That a port puts users off for now, behind the login.
    pub(super) fn try_brown_out(&self, port: u16, server: &Server) -> Check {
        let host = &self.host;
        let begin = if port == 465 { "--tls-on-connect" } else { "--tls" };
        check(
            format!(
                "swaks --server {host} --port {port} {begin} --auth --auth-user USER --from USER --to USER --quit-after RCPT"
            ),
            format!(
                "`235` after AUTH, and {}: the mail stays in the outbox",
                refusal(at(server, port), Actor::Authenticated, Channel::Tls, Recipient::Local)
            ),
        )
    }

    /// That no password is asked for without TLS; `None` where the port is not known.
    pub(super) fn try_no_login_in_clear(&self, listener: &Listener) -> Option<Check> {
        let port = listener.known_port()?;
        Some(check(
            format!("swaks --server {} --port {port} --quit-after EHLO", self.host),
            "no line with AUTH after EHLO: no password travels in clear",
        ))
    }

    /// That nobody listens any more, and that clients are told at once.
    pub(super) fn try_closed(&self, port: u16) -> Check {
        check(
            format!("openssl s_client -connect {}:{port} </dev/null", self.host),
            "`Connection refused` at once; when it hangs, a firewall drops where it is to reject",
        )
    }

    /// Who used which port. `names` are those of the services in the log, each with its port: what the names do not tell by
    /// themselves is said, but for a name that several ports share.
    pub(super) fn count(names: &[(&str, u16)], shows: impl Into<String>) -> Check {
        let tells = |name: &str, port: u16| {
            let is_registered = matches!(name, "postfix/submission" | "postfix/submissions" | "postfix/smtps");
            is_registered
                || name
                    .rsplit_once('/')
                    .is_some_and(|(_, number)| *number == port.to_string())
        };
        let is_shared = |name: &str| names.iter().filter(|(other, _)| *other == name).count() > 1;
        let said: String = names
            .iter()
            .filter(|(name, port)| !tells(name, *port) && !is_shared(name))
            .map(|(name, port)| format!(" --service {name}={port}"))
            .collect();
        check(format!("smtplint usage{said}"), shows)
    }
}

/// How a client is refused, by its facts; of several answers each is named.
fn refusal<'s>(
    listeners: impl Iterator<Item = &'s Listener>,
    actor: Actor,
    channel: Channel,
    recipient: Recipient,
) -> String {
    let mut answers: Vec<String> = Vec::new();
    for listener in listeners {
        let outcome = listener.outcomes.at(actor, channel, recipient).map(Fact::outcome);
        let answer = match outcome {
            Some(Outcome::Refused { stage, code } | Outcome::Deferred { stage, code }) if code > 0 => {
                format!("`{code}` {}", behind(stage))
            }
            Some(Outcome::Refused { stage, .. } | Outcome::Deferred { stage, .. }) => {
                format!("the end of the connection or a `5xx`, {} at the latest", behind(stage))
            }
            _ => "a `5xx` or `4xx` after RCPT at the latest".to_owned(),
        };
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    answers.join(" or ")
}

fn behind(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "in the place of a greeting",
        Stage::Ehlo => "after EHLO",
        Stage::Starttls => "after STARTTLS",
        Stage::Auth => "after AUTH",
        Stage::Mail => "after MAIL",
        Stage::Rcpt => "after RCPT",
        Stage::Data => "after DATA",
    }
}

/// What is offered at a port, by its facts.
fn versions<'s>(listeners: impl Iterator<Item = &'s Listener>) -> String {
    let (mut surely, mut perhaps): (Vec<TlsVersion>, Vec<TlsVersion>) = (Vec::new(), Vec::new());
    for listener in listeners {
        let tls = &listener.tls;
        surely.extend(tls.versions.known().into_iter().flat_map(|offered| &offered.surely));
        perhaps.extend(tls.open.iter().map(|(version, _)| *version));
    }
    let named = |versions: Vec<TlsVersion>| {
        let mut versions = ordered(versions, |version| *version as u64);
        versions.dedup();
        enumerated(&versions.iter().map(TlsVersion::to_string).collect::<Vec<_>>())
    };
    perhaps.retain(|version| !surely.contains(version));
    let is_old = |version: &TlsVersion| *version < TlsVersion::Tls12;
    let older = if surely.iter().chain(&perhaps).any(is_old) {
        ""
    } else {
        ", nothing older"
    };
    match (surely.is_empty(), perhaps.is_empty()) {
        (true, true) => "the versions that are offered, which these files do not tell".to_owned(),
        (true, false) => format!("{} perhaps offered{older}", named(perhaps)),
        (false, true) => format!("{} offered{older}", named(surely)),
        (false, false) => format!("{} offered, and perhaps {}{older}", named(surely), named(perhaps)),
    }
}
