//! `smtplint probe`.

use std::net::Ipv6Addr;
use std::process::ExitCode;
use std::time::Duration;

use smtplint_core::facts::{Listener, Role};
use smtplint_core::finding::Severity;
use smtplint_core::observed::json::{self, Beside};
use smtplint_core::observed::{self, drift};
use smtplint_core::report::Note;
use smtplint_core::{Inspection, Options, policy};

use crate::args::{Format, Input, ProbeOptions};
use crate::error::Error;
use crate::probe::{self, Begins, Extent, Recipients, Wanted};
use crate::{input, output, text};

/// The port for users that begin with STARTTLS (RFC 6409 §3.1).
const PORT: u16 = 587;

/// Looks, judges, prints, and answers with the exit code of the interface.
pub(crate) fn run(options: &ProbeOptions) -> Result<ExitCode, Error> {
    let fail_on = Severity::from_word(&options.fail_on).ok_or_else(|| Error::Severity {
        text: options.fail_on.clone(),
    })?;
    let wanted = wanted(options)?;
    // Whoever named the wrong file hears of it before anybody is looked at.
    let configured = configured(options)?;
    let meant = match &configured {
        Some(inspection) => Some(listener(inspection, options, wanted.port)?),
        None => None,
    };
    let seen = probe::look(&wanted).map_err(|why| Error::Look { why })?;
    let chosen = Options {
        policy: options.policy.as_deref().and_then(policy::by_id).unwrap_or_default(),
        ..Options::default()
    };
    let mut report = observed::judge(&seen.observation, &chosen);
    let drift = meant.map(|meant| drift::drift(meant, &seen.observation));
    let drifts = drift.iter().flatten().any(|one| one.is_same == Some(false));
    let commands = text::probe::commands(&seen.observation);
    match options.format {
        Format::Json => {
            let beside = Beside {
                drift,
                notes: seen.notes,
                commands,
            };
            output::print_json(&json::probe(&seen.observation, &report, beside))?;
        }
        Format::Text => {
            report.notes.extend(seen.notes.into_iter().map(|text| Note {
                topic: "look",
                text,
                at: None,
            }));
            let shown = text::probe::render(&seen.observation, &report, drift.as_deref(), &commands);
            output::print(&shown)?;
        }
    }
    let fails = drifts || report.fails(fail_on, options.strict);
    Ok(if fails { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// The configuration to hold against what is seen. Nothing is run, and no path in it is followed unless a folder is named.
fn configured(options: &ProbeOptions) -> Result<Option<Inspection>, Error> {
    if options.against.is_empty() {
        return Ok(None);
    }
    let input = Input {
        paths: options.against.clone(),
        dialect: None,
        target: options.target.clone(),
        role: Vec::new(),
        host_name: None,
        interface: Vec::new(),
        root: options.root.clone(),
        no_exec: true,
        config: None,
        redact: false,
        quiet: true,
    };
    let given = input::read(&input, false)?;
    Ok(Some(smtplint_core::inspect(
        &given.sources,
        given.dialect,
        &given.target,
    )))
}

/// The listener that is meant.
fn listener<'a>(inspection: &'a Inspection, options: &ProbeOptions, port: u16) -> Result<&'a Listener, Error> {
    let name = options.listener.as_deref();
    drift::listener(inspection.listeners(), port, name).map_err(|known| Error::NoListener {
        asked: name.map_or_else(|| format!("port {port}"), |name| format!("the name `{name}`")),
        known: if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        },
    })
}

fn wanted(options: &ProbeOptions) -> Result<Wanted, Error> {
    let (host, port) = endpoint(&options.endpoint).ok_or_else(|| Error::Endpoint {
        text: options.endpoint.clone(),
    })?;
    let role = match &options.role {
        Some(word) => Some(Role::from_word(word).ok_or_else(|| Error::PortRole { text: word.clone() })?),
        None => None,
    };
    let addresses = [
        ("recipient", Some(&options.recipient)),
        ("mailbox", options.mailbox.as_ref()),
    ];
    for (flag, address) in addresses {
        if let Some(text) = address.filter(|address| !is_address(address)) {
            let text = text.clone();
            return Err(Error::Recipient { flag, text });
        }
    }
    Ok(Wanted {
        host,
        port,
        addresses: options.address.into_iter().collect(),
        begins: Begins::Untold,
        extent: Extent::Whole,
        patience: Duration::from_secs(options.timeout.into()),
        connections: options.connections.into(),
        role,
        relay_test: options.relay_test.then(|| Recipients {
            foreign: options.recipient.clone(),
            mailbox: options.mailbox.clone(),
        }),
        aggressive: options.aggressive,
    })
}

/// Reads `HOST`, `HOST:PORT`, `[ADDRESS]` and `[ADDRESS]:PORT`; an address of IPv6 alone needs no brackets.
fn endpoint(text: &str) -> Option<(String, u16)> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text.to_owned(), PORT));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(inner) => {
            let (address, rest) = inner.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            let port = if rest.is_empty() {
                None
            } else {
                Some(rest.strip_prefix(':')?)
            };
            (address, port)
        }
        None => text
            .split_once(':')
            .map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        None => PORT,
    };
    let is_plain = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') || (letter == ':' && text.starts_with('['))
    };
    (!host.is_empty() && host.len() < 254 && !host.starts_with('-') && host.chars().all(is_plain))
        .then(|| (host.to_owned(), port))
}

/// True for what can stand between the angle brackets of RCPT and ends no line.
fn is_address(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '<' | '>');
    text.split_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
        && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let told = |text: &str| endpoint(text).map(|(host, port)| format!("{host} {port}"));
        for (text, expected) in [
            ("mail.example.org", Some("mail.example.org 587")),
            ("mail.example.org:465", Some("mail.example.org 465")),
            ("192.0.2.1:25", Some("192.0.2.1 25")),
            ("2001:db8::1", Some("2001:db8::1 587")),
            ("[2001:db8::1]", Some("2001:db8::1 587")),
            ("[2001:db8::1]:465", Some("2001:db8::1 465")),
            ("", None),
            (":25", None),
            ("mail.example.org:", None),
            ("mail.example.org:0", None),
            ("mail.example.org:70000", None),
            ("[mail.example.org]:25", None),
            ("-oops:25", None),
            ("mail example.org", None),
            ("$(id):25", None),
        ] {
            assert_eq!(told(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn addresses_end_no_line() {
        assert!(is_address("nobody@example.net") && is_address("a%b@[192.0.2.1]"));
        for text in ["nobody", "@example.net", "a@", "a@b>", "a@b\r\nDATA", "a b@c"] {
            assert!(!is_address(text), "{text}");
        }
    }
}
