//! What was seen at a live port, and what it comes to.

use std::fmt::Write;

use smtplint_core::certificate::{self, Certificate, KeyKind};
use smtplint_core::document::Document;
use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::observed::drift::Drift;
use smtplint_core::observed::{Announced, Observation, Spoken};
use smtplint_core::report::Report;
use smtplint_core::source::Sources;
use smtplint_core::tls::Suite;

use super::{WIDEST, document, harmless, row, wrapped};

/// What was seen, what the rules make of it, and how to see it with other programs.
pub(crate) fn render(seen: &Observation, report: &Report, drift: Option<&[Drift]>, commands: &[String]) -> String {
    let mut text = format!("{} port {}", seen.host, seen.port);
    if seen.address.to_string() != seen.host {
        let _ = write!(text, ", at {}", seen.address);
    }
    if let Some(from) = seen.from {
        let _ = write!(text, ", looked at from {from}");
    }
    text.push_str("\n\n");
    for (name, value) in rows(seen) {
        text.push_str(&row(name, &value));
    }
    text.push('\n');
    if let Some(drift) = drift {
        text.push_str(&against(drift));
        text.push('\n');
    }
    // What the server says of itself may hold anything.
    let mut text = harmless(&text);
    text.push_str(&document::render(&Document::of(report), &Sources::new()));
    text.push_str("\nTo see for yourself:\n");
    for command in commands {
        let _ = writeln!(text, "    {command}");
    }
    text
}

/// What the configuration says of the same.
fn against(drift: &[Drift]) -> String {
    let counts = |is_same: Option<bool>| drift.iter().filter(|one| one.is_same == is_same).count();
    let mut text = match counts(Some(false)) {
        0 => "The port does what the configuration says".to_owned(),
        1 => "In one thing the port does not do what the configuration says".to_owned(),
        several => format!("In {several} things the port does not do what the configuration says"),
    };
    let _ = writeln!(
        text,
        ", as far as both are known ({} compared, {} not):",
        counts(Some(true)) + counts(Some(false)),
        counts(None)
    );
    for one in drift.iter().filter(|one| one.is_same == Some(false)) {
        let side = |value: &Option<String>| value.clone().unwrap_or_default();
        let words = format!(
            "{}: configured {}; seen {}",
            one.fact,
            side(&one.configured),
            side(&one.seen)
        );
        text.push_str(&wrapped(&words, "  ", WIDEST));
    }
    let open: Vec<&str> = drift
        .iter()
        .filter(|one| one.is_same.is_none())
        .map(|one| one.fact.as_str())
        .collect();
    if !open.is_empty() {
        text.push_str(&wrapped(&format!("not compared: {}", open.join(", ")), "  ", WIDEST));
    }
    text
}

fn rows(seen: &Observation) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(why) = &seen.dead {
        rows.push(("serves nobody", why.clone()));
        return rows;
    }
    rows.extend(seen.greeting.clone().map(|greeting| ("greeting", greeting)));
    let begins = match (seen.entry, seen.required) {
        (Some(Entry::Implicit), _) => "at once (implicit TLS)",
        (Some(Entry::Starttls), Some(true)) => "with STARTTLS, required",
        (Some(Entry::Starttls), Some(false)) => "with STARTTLS, not required",
        (Some(Entry::Starttls), None) => "with STARTTLS; whether it is required was not tried",
        (Some(Entry::None), _) => "never: STARTTLS is not announced",
        (None, _) => "not known",
    };
    rows.push(("TLS begins", begins.to_owned()));
    if !seen.versions.is_empty() {
        rows.push(("versions", versions(&seen.versions)));
    }
    for one in seen.versions.iter().rev().filter(|one| !one.suites.is_empty()) {
        rows.push((label(one.version), suites(one)));
    }
    if let Some(groups) = seen.groups.as_ref().filter(|groups| !groups.is_empty()) {
        rows.push(("groups", groups.join(", ")));
    }
    rows.extend(seen.prime_bits.map(|bits| ("prime", format!("{bits} bits"))));
    for chain in seen.chains.iter().flatten() {
        for (place, one) in chain.iter().enumerate() {
            rows.push((if place == 0 { "certificate" } else { "issued by" }, certificate(one)));
        }
    }
    if seen.entry != Some(Entry::Implicit) {
        rows.push(("AUTH before TLS", auth(seen.clear.as_ref())));
    }
    if seen.entry != Some(Entry::None) {
        rows.push(("AUTH inside TLS", auth(seen.inside.as_ref())));
    }
    if let Some(takes) = seen.takes_injected {
        let words = if takes {
            "taken for part of the encrypted session"
        } else {
            "not taken"
        };
        rows.push(("commands ahead", words.to_owned()));
    }
    rows
}

fn label(version: TlsVersion) -> &'static str {
    match version {
        TlsVersion::Ssl2 => "  SSL 2.0",
        TlsVersion::Ssl3 => "  SSL 3.0",
        TlsVersion::Tls10 => "  TLS 1.0",
        TlsVersion::Tls11 => "  TLS 1.1",
        TlsVersion::Tls12 => "  TLS 1.2",
        TlsVersion::Tls13 => "  TLS 1.3",
    }
}

fn versions(all: &[Spoken]) -> String {
    let named = |offered: Option<bool>| {
        let of = all.iter().filter(|one| one.offered == offered);
        of.map(|one| one.version.to_string()).collect::<Vec<_>>().join(", ")
    };
    let mut words = match named(Some(true)) {
        none if none.is_empty() => "none".to_owned(),
        some => some,
    };
    for (offered, said) in [(Some(false), "refused"), (None, "left without an answer")] {
        let named = named(offered);
        if !named.is_empty() {
            let _ = write!(words, "; {said}: {named}");
        }
    }
    words
}

fn suites(one: &Spoken) -> String {
    let count = one.suites.len();
    let order = match one.own_order {
        Some(true) => ", the server's order counts",
        Some(false) => ", the client's order counts",
        None => "",
    };
    let part = if one.is_whole { "" } else { " at least" };
    let names: Vec<&str> = one
        .suites
        .iter()
        .map(|suite: &&Suite| suite.openssl.unwrap_or(suite.name))
        .collect();
    format!("{count}{part}{order}: {}", names.join(" "))
}

pub(super) fn certificate(one: &Certificate) -> String {
    let names = if one.dns_names.is_empty() {
        one.subject.clone()
    } else {
        one.dns_names.join(", ")
    };
    let kind = match one.key {
        KeyKind::Rsa => "RSA",
        KeyKind::Ec => "ECDSA",
        KeyKind::Dsa => "DSA",
        KeyKind::Edwards => "EdDSA",
        KeyKind::Other => "of another kind",
    };
    let bits = if one.bits > 0 {
        format!(" {} bits", one.bits)
    } else {
        String::new()
    };
    let (from, to) = (certificate::day(one.not_before), certificate::day(one.not_after));
    format!(
        "for {names}, from {from} to {to}, key {kind}{bits}, issued by {}",
        one.issuer
    )
}

fn auth(announced: Option<&Announced>) -> String {
    match announced {
        None => "not known".to_owned(),
        Some(announced) if announced.mechanisms.is_empty() => "not offered".to_owned(),
        Some(announced) => announced.mechanisms.join(", "),
    }
}

/// Commands of other programs that show the same.
pub(crate) fn commands(seen: &Observation) -> Vec<String> {
    // Where nothing was seen the number of the port tells.
    let is_implicit = seen
        .entry
        .as_ref()
        .map_or(seen.port == 465, |entry| *entry == Entry::Implicit);
    let (host, port) = (&seen.host, seen.port);
    let endpoint = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let starttls = |option: &'static str| if is_implicit { "" } else { option };
    let mut commands = vec![
        format!("testssl.sh {}{endpoint}", starttls("--starttls smtp ")),
        format!(
            "openssl s_client -showcerts {}-connect {endpoint}{}",
            starttls("-starttls smtp "),
            if host.parse::<std::net::IpAddr>().is_err() {
                format!(" -servername {host}")
            } else {
                String::new()
            }
        ),
        format!(
            "swaks --server {host} --port {port} {} --quit-after EHLO",
            if is_implicit {
                "--tls-on-connect"
            } else {
                "--tls-optional-strict"
            }
        ),
    ];
    let named = if host.contains(':') {
        format!("inet:[{host}]:{port}")
    } else {
        format!("[{host}]:{port}")
    };
    let wrapper = if is_implicit { "-w " } else { "" };
    commands.push(format!("posttls-finger -c {wrapper}-l may \"{named}\""));
    commands
}
