//! What was seen at a live port, as data: it becomes the same facts as a configuration, and the same rules judge it.
//!
//! Whoever calls the core has looked; here nothing is connected to. What a client cannot see is not guessed: it waits for the
//! answer to a question, and most often that is what the server's own configuration says.

mod ask;
pub mod drift;
pub mod json;
mod lower;
mod reading;

use std::net::IpAddr;

use crate::Inspection;
use crate::certificate::Certificate;
use crate::facts::{Channel, Entry, Outcome, Recipient, Role, TlsVersion};
use crate::report::{self, NotApplicable, Options, Report};
use crate::source::Sources;
use crate::tls::Suite;

/// What stands for the dialect where no configuration was read.
pub const LIVE: &str = "live";

/// Everything that was seen at one port. `None` is what was not seen.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The server as it was asked for: a name of a host, or an address.
    pub host: String,
    /// The address that was connected to.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// The address that the connections came from, where one was made.
    pub from: Option<IpAddr>,
    /// What the port is for, where the person says it.
    pub role: Option<Role>,
    /// When it was looked at, in seconds since 1970.
    pub now: Option<i64>,
    /// Why nobody is served, in words that follow a colon.
    pub dead: Option<String>,
    /// The text of the greeting, without its code.
    pub greeting: Option<String>,
    /// How TLS begins.
    pub entry: Option<Entry>,
    /// Whether a handshake succeeds, or begins to.
    pub works: Option<bool>,
    /// Whether mail is refused without TLS.
    pub required: Option<bool>,
    /// What is announced before TLS.
    pub clear: Option<Announced>,
    /// What is announced inside TLS.
    pub inside: Option<Announced>,
    /// What became of each version that was asked for, oldest first.
    pub versions: Vec<Spoken>,
    /// Groups for the agreement on a key, by the registry's names; `None` when nobody asked, or not all of it was answered.
    pub groups: Option<Vec<&'static str>>,
    /// Bits of the prime of a key exchange over finite fields.
    pub prime_bits: Option<u16>,
    /// Whether TLS compresses.
    pub compression: Option<bool>,
    /// Whether the client is asked for a certificate.
    pub asks_certificate: Option<bool>,
    /// The chains that were shown, each with the server's own certificate first: one a kind of key.
    pub chains: Option<Vec<Vec<Certificate>>>,
    /// What became of a recipient, by channel: none without a test of relaying.
    pub recipients: Vec<(Channel, Recipient, Outcome)>,
    /// Whether a command that was sent ahead of the handshake was taken for part of the encrypted session.
    pub takes_injected: Option<bool>,
}

impl Observation {
    /// A port of which nothing was seen yet.
    #[must_use]
    pub fn of(host: &str, address: IpAddr, port: u16) -> Observation {
        Observation {
            host: host.to_owned(),
            address,
            port,
            from: None,
            role: None,
            now: None,
            dead: None,
            greeting: None,
            entry: None,
            works: None,
            required: None,
            clear: None,
            inside: None,
            versions: Vec::new(),
            groups: None,
            prime_bits: None,
            compression: None,
            asks_certificate: None,
            chains: None,
            recipients: Vec::new(),
            takes_injected: None,
        }
    }
}

/// What the answer to EHLO announces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// The mechanisms of AUTH (RFC 4954 §3), in capitals.
    pub mechanisms: Vec<String>,
    /// They are announced in the form that is older than the standard as well: `AUTH=`.
    pub old_form: bool,
    /// True where clients may name another client in place of themselves.
    pub xclient: bool,
}

/// What became of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The version.
    pub version: TlsVersion,
    /// Whether a handshake with it begins; `None` when the server did not answer.
    pub offered: Option<bool>,
    /// The suites that were chosen, in the order in which the server chose them.
    pub suites: Vec<&'static Suite>,
    /// True when the server was asked for every suite that is known, and answered each time.
    pub is_whole: bool,
    /// Whether the server's order counts; `None` when there was nothing to choose from, or no answer.
    pub own_order: Option<bool>,
}

/// The rules that have something to look at at a live port; the others need a configuration, and say nothing without one.
const OBSERVABLE: &[&str] = &[
    "alternate-submission-port",
    "anonymous-cipher-on-submission",
    "anonymous-sasl-allowed",
    "auth-missing-on-submission",
    "auth-not-required-on-submission",
    "auth-offered-in-clear",
    "banner-discloses-version",
    "broken-sasl-auth-clients",
    "cbc-ciphers-enabled",
    "compression-enabled",
    "des-3des-enabled",
    "expired-or-expiring",
    "export-cipher",
    "finite-field-dhe",
    "hostname-mismatch",
    "implicit-port-without-wrapper",
    "incomplete-chain",
    "no-aead",
    "no-certificate-configured",
    "no-forward-secrecy",
    "no-opportunistic-tls-on-mx",
    "no-tls-on-submission",
    "null-cipher",
    "open-relay",
    "opportunistic-client-guidance",
    "plaintext-password-rotation-advised",
    "port-25-used-for-submission",
    "port-465-status",
    "rc4-enabled",
    "self-signed-or-snakeoil",
    "server-to-server-on-465",
    "service-cannot-start",
    "sslv2-enabled",
    "sslv3-enabled",
    "starttls-injection-exposed-version",
    "static-rsa-key-exchange",
    "tls-not-required-on-submission",
    "tls-required-on-mx",
    "tls10-enabled",
    "tls11-enabled",
    "tls12-disabled",
    "tls13-disabled",
    "weak-dh-parameters",
    "weak-key-or-signature",
    "weak-or-obsolete-mechanisms",
    "wrapper-on-starttls-port",
];

/// Judges what was seen by the rules that judge configurations.
#[must_use]
pub fn judge(observation: &Observation, options: &Options) -> Report {
    let (mut report, _) = report::check(&Sources::new(), &reading::Live(observation), options);
    let (passed, blind): (Vec<&str>, Vec<&str>) = std::mem::take(&mut report.passed)
        .into_iter()
        .partition(|rule| OBSERVABLE.contains(rule));
    report.passed = passed;
    report
        .not_applicable
        .extend(blind.into_iter().map(|rule| NotApplicable {
            rule,
            why: "only the server's configuration shows it",
        }));
    report
}

/// The facts of what was seen.
#[must_use]
pub fn inspect(observation: &Observation) -> Inspection {
    let lowered = lower::lowered(observation);
    Inspection {
        server: (*lowered.server).clone(),
        settings: Vec::new(),
        stray: Vec::new(),
        faults: Vec::new(),
        questions: lowered.questions.into_sorted(),
        beside: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
