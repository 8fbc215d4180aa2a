//! How wishes are written in dovecot.conf, so that every release in question reads them.

use super::releases;
use crate::change::{Advice, Change};
use crate::facts::{Entry, Listener};
use crate::version::Point;

/// Suites with forward secrecy and AEAD alone; those of TLS 1.3 stand in no list.
const GOOD_SUITES: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

/// The lines that make a wish true; `None` where this language has none for it.
pub(super) fn advise(change: &Change, listener: Option<&Listener>, points: &[Point]) -> Option<Advice> {
    let is_new = points.iter().any(|point| point.version >= releases::NEW_LANGUAGE_SINCE);
    let hide = if is_new { "auth_allow_cleartext = no" } else { "disable_plaintext_auth = yes" };
    let door = |name: &str, port: Option<u16>, ssl: &str| {
        let service = listener.map_or("submission-login", |listener| listener.service.as_str());
        let port = port.map_or_else(String::new, |port| format!("    port = {port}\n"));
        format!("service {service} {{\n  inet_listener {name} {{\n{port}    ssl = {ssl}\n  }}\n}}")
    };
    let name = listener.map_or("", |listener| listener.name.as_str());
    let (title, text) = match change {
        Change::RequireTls if listener.is_some_and(|one| one.is_implicit_port()) => ("Begin with TLS here", door(name, None, "yes")),
        Change::RequireTls => ("Let nobody log in without TLS", "ssl = required".to_owned()),
        Change::OfferTls => ("Offer TLS", "ssl = yes".to_owned()),
        Change::HideAuthInClear => ("Take passwords inside TLS alone", hide.to_owned()),
        Change::EncryptAuth => ("Offer TLS, and take passwords inside it alone", format!("ssl = yes\n{hide}")),
        Change::ImplicitTls => ("Begin with TLS here", door(name, None, "yes")),
        Change::EndImplicitTls => ("Begin in clear here, and offer STARTTLS", door(name, None, "no")),
        Change::OldestTls(oldest) => ("Offer nothing older", format!("ssl_min_protocol = {}", oldest.name())),
        Change::RefuseSuites(_) | Change::UsualSuites => ("Name good suites alone", format!("ssl_cipher_list = {GOOD_SUITES}")),
        Change::TrustedCertificate if is_new => (
            "Show a certificate that clients can check",
            "ssl_server_cert_file = /etc/letsencrypt/live/HOST/fullchain.pem\nssl_server_key_file = /etc/letsencrypt/live/HOST/privkey.pem".to_owned(),
        ),
        Change::TrustedCertificate => (
            "Show a certificate that clients can check",
            "ssl_cert = </etc/letsencrypt/live/HOST/fullchain.pem\nssl_key = </etc/letsencrypt/live/HOST/privkey.pem".to_owned(),
        ),
        Change::RefuseAnonymous => ("Take no login without a name", "auth_mechanisms = plain login".to_owned()),
        Change::OpenForUsers { port: 465 } => ("Open port 465, where TLS begins at once", door("submissions", Some(465), "yes")),
        Change::OpenForUsers { port } => ("Open the port", door("submission", Some(*port), "no")),
        Change::Spell { words, .. } if words.iter().all(|(_, with)| with.is_empty()) => {
            let names: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
            return Some(Advice {
                title: format!("Take {} out of the list", names.join(", ")),
                file: FILE.to_owned(),
                text: "auth_mechanisms = plain login".to_owned(),
            });
        }
        _ => return None,
    };
    // What stands for one protocol goes before what stands for all.
    let is_own = listener.is_some_and(|one| one.tls.entry.known() != Some(&Entry::Implicit) && one.tls.required.because.iter().any(is_override));
    let title = if is_own { format!("{title}, in place of the line for this protocol") } else { title.to_owned() };
    Some(Advice { title, file: FILE.to_owned(), text })
}

fn is_override(step: &crate::facts::Step) -> bool {
    matches!(step, crate::facts::Step::Override { .. })
}

/// The file that takes all others together.
const FILE: &str = "dovecot.conf";
