//! TLS at a door (doc.dovecot.org, "SSL/TLS"; what a client meets was measured on 2.3.13, 2.3.19 and 2.4.1).

use super::super::one_list::{self, OneList};
use super::{identity, releases};
use super::view::View;
use crate::facts::{
    Identity,    CertificateSource, ClientCertificate, Entry, Fact, Handshake, Members, Prime, Step, Suites, Tls, TlsVersion,
    Value, VersionList,
};
use crate::question::{in_quotes, quoted};
use crate::tls::Key;
use crate::version::Version;

/// TLS at a door: `entry` is how it begins there.
pub(super) fn of(view: &View<'_>, entry: Fact<Entry>, required: Fact<bool>) -> Tls {
    let no = || Fact::is(false, Vec::new());
    let certificate = certificate(view);
    let identity = identity::of(view, &certificate);
    let mut tls = Tls::before_its_lists(entry, required, certificate, identity, ClientCertificate { asked: no(), used: no() });
    match &tls.entry.value {
        Value::Is(Entry::None) => return tls,
        Value::Is(_) => {}
        Value::Unknown(question) => {
            tls.works = Fact::unknown(question.clone(), tls.entry.because.clone());
            tls.versions = Fact::unknown(question.clone(), tls.entry.because.clone());
            return tls;
        }
    }
    let list = oldest(view);
    tls.list = Some(Fact { value: list.value.clone().map(|oldest| written(&oldest)), because: list.because.clone() });
    let oldest = match &list.value {
        Value::Unknown(question) => {
            tls.works = Fact::unknown(question.clone(), list.because.clone());
            tls.versions = Fact::unknown(question.clone(), list.because);
            return tls;
        }
        Value::Is(oldest) => oldest.clone(),
    };
    let permitted: Vec<TlsVersion> = match oldest {
        Oldest::Is(oldest) => TlsVersion::ALL.into_iter().filter(|one| *one > TlsVersion::Ssl2 && *one >= oldest).collect(),
        Oldest::Unreadable(_) => Vec::new(),
    };
    let suites = suites(view, &permitted, keys(view, &tls.identity));
    let broken = match (&tls.certificate.value, &suites.value) {
        (Value::Is(CertificateSource::None), _) => Some(tls.certificate.because.clone()),
        // The old language wants a `<` before the path, or takes it for the certificate itself; the new one takes it for a part
        // of the name.
        _ if view.is_from_file(view.named("ssl_cert", "ssl_server_cert_file")) == Some(view.is_new()) => Some(tls.certificate.because.clone()),
        _ if tls.identity.fault.is_some() => tls.identity.fault.as_ref().map(|fault| fault.because.clone()),
        _ if permitted.is_empty() => Some(list.because.clone()),
        (_, Value::Is(read)) if read.fault().is_some() => Some(suites.because.clone()),
        _ => None,
    };
    tls.works = match (broken, &tls.certificate.value) {
        (Some(because), _) => Fact::is(false, because),
        (None, Value::Unknown(question)) => Fact::unknown(question.clone(), tls.certificate.because.clone()),
        (None, Value::Is(_)) => Fact::is(true, tls.certificate.because.clone()),
    };
    if !tls.works.surely_not() {
        let ask = |ask: &str| view.ask("openssl-sslv3", ask, "openssl s_client -ssl3 -connect localhost:993");
        let (offered, open) = one_list::offered(&permitted, &suites, ask);
        tls.open = open;
        tls.versions = Fact::is(offered, list.because);
        tls.handshake = Some(handshake(view));
    }
    tls.suites = Some(suites);
    tls
}

/// The files of the certificate. In the old language a name without `<` would be the certificate itself.
fn certificate(view: &View<'_>) -> Fact<CertificateSource> {
    view.text(view.named("ssl_cert", "ssl_server_cert_file")).map(|path| match path.as_str() {
        "" => CertificateSource::None,
        path => CertificateSource::Files(vec![path.to_owned()]),
    })
}

/// What `ssl_min_protocol` comes to.
#[derive(Clone)]
enum Oldest {
    Is(TlsVersion),
    Unreadable(String),
}

fn written(oldest: &Oldest) -> VersionList {
    match oldest {
        Oldest::Is(_) => VersionList::Leaves { by_name: false },
        Oldest::Unreadable(word) => VersionList::Unreadable { word: word.clone(), since: None },
    }
}

/// The oldest version. Releases with `ssl_min_protocol` still read `ssl_protocols`, and take from it what the oldest one is
/// (`old-set-parser.c`): names that stand there without a sign, or else whatever no sign excludes.
fn oldest(view: &View<'_>) -> Fact<Oldest> {
    if view.version < releases::MIN_PROTOCOL_SINCE {
        let question = view.ask("dovecot-protocols", "Which TLS versions does `ssl_protocols` leave in this release?", "doveconf -h ssl_protocols");
        return Fact::unknown(question, view.text("ssl_protocols").because);
    }
    let named = |text: String| match by_name(&text) {
        Some(version) => Oldest::Is(version),
        None => Oldest::Unreadable(text),
    };
    match (!view.is_new() && view.is_written("ssl_protocols"), view.is_written("ssl_min_protocol")) {
        (true, false) => {
            let list = view.text("ssl_protocols");
            let default = view.default("ssl_min_protocol");
            match list.known().map(|text| from_list(text)) {
                // A word that is not known leaves the default, with an error in the log.
                Some(None) => Fact { value: default.value.map(named), because: [list.because, default.because].concat().into() },
                _ => list.map(|text| from_list(&text).map_or(Oldest::Unreadable(text), Oldest::Is)),
            }
        }
        (true, true) => {
            let question = view.ask("dovecot-protocols", "Which of `ssl_protocols` and `ssl_min_protocol` counts?", "doveconf -h ssl_min_protocol");
            Fact::unknown(question, view.text("ssl_protocols").because)
        }
        (false, _) => view.text("ssl_min_protocol").map(named),
    }
}

/// Names that `ssl_min_protocol` knows, in these letters: `openssl_min_protocol_to_options` of `iostream-openssl-common.c`.
fn by_name(text: &str) -> Option<TlsVersion> {
    Some(match text {
        "ANY" | "SSLv3" => TlsVersion::Ssl3,
        "TLSv1" => TlsVersion::Tls10,
        "TLSv1.1" => TlsVersion::Tls11,
        "TLSv1.2" => TlsVersion::Tls12,
        "TLSv1.3" | "LATEST" => TlsVersion::Tls13,
        _ => return None,
    })
}

/// The oldest version that the old list leaves; `None` with a word in it that is not known.
fn from_list(text: &str) -> Option<TlsVersion> {
    let known = [("SSLv3", TlsVersion::Ssl3), ("TLSv1", TlsVersion::Tls10), ("TLSv1.1", TlsVersion::Tls11), ("TLSv1.2", TlsVersion::Tls12)];
    let mut excluded = Vec::new();
    let mut named = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (list, name) = match word.strip_prefix('!') {
            Some(name) => (&mut excluded, name),
            None => (&mut named, word),
        };
        list.push(known.iter().find(|(one, _)| *one == name)?.1);
    }
    let all = known.iter().map(|(_, version)| *version);
    let mut left = all.filter(|one| !excluded.contains(one) && (named.is_empty() || named.contains(one)));
    left.next()
}

/// The suites that the list leaves, as each release of the library reads it.
fn suites(view: &View<'_>, permitted: &[TlsVersion], keys: Option<Vec<Key>>) -> Fact<Suites> {
    let list = view.text("ssl_cipher_list");
    let text = match list.value {
        Value::Unknown(question) => return Fact::unknown(question, list.because),
        Value::Is(text) => text,
    };
    if is_beyond(view) {
        let ask = "What does this OpenSSL make of the cipher list? It is none of the releases that smtplint knows.";
        return Fact::unknown(view.ask("dovecot-cipher-suites", ask, format!("openssl ciphers -s -v {}", in_quotes(&text))), list.because);
    }
    // Without parameters of its own it has no finite-field Diffie-Hellman: whoever picks it fails.
    let primes = view.text(view.named("ssl_dh", "ssl_server_dh_file"));
    let has_primes = primes.known().is_some_and(|path| !path.is_empty());
    let is_stock = list.because.iter().all(|step| matches!(step, Step::Default { .. }));
    let release = view.ask("openssl-version", "Which OpenSSL does this Dovecot run with?", "openssl version");
    let ask = || view.ask("dovecot-certificate-key", "Which kind of key does the certificate have, RSA or ECDSA?", key_command(view));
    let keys = keys.map_or_else(|| Value::Unknown(ask()), Value::Is);
    let list_of_all = OneList { setting: "ssl_cipher_list", text: &text, permitted, has_primes, is_stock, release, keys };
    Fact::is(list_of_all.suites(view.target), list.because)
}

/// The kinds of key that were seen. A certificate that was given by itself may be one of several that the configuration names.
fn keys(view: &View<'_>, identity: &Identity) -> Option<Vec<Key>> {
    const NAMES: [&str; 4] = ["ssl_cert", "ssl_alt_cert", "ssl_server_cert_file", "ssl_server_alt_cert_file"];
    let chains = identity.chains.as_ref()?.known()?;
    let is_given = chains.surely.iter().any(|chain| chain.file.is_none());
    let is_name = |entry: &&super::tree::Entry| NAMES.iter().any(|name| name.ends_with(&entry.name) && entry.name.contains("cert"));
    if identity.by_name.is_some() || (is_given && view.tree.entries().filter(is_name).count() > 1) {
        return None;
    }
    identity.keys()
}

/// What tells which kind of key the certificate has.
fn key_command(view: &View<'_>) -> String {
    let file = view.text(view.named("ssl_cert", "ssl_server_cert_file"));
    let file = file.known().filter(|path| !path.is_empty()).map_or("FILE", String::as_str);
    format!("openssl x509 -noout -text -in {} | grep 'Public Key Algorithm'", quoted(file))
}

fn handshake(view: &View<'_>) -> Handshake {
    let no = || Fact::is(false, Vec::new());
    let own_order = if view.is_new() {
        view.text("ssl_server_prefer_ciphers").map(|text| text == "server")
    } else {
        view.boolean("ssl_prefer_server_ciphers")
    };
    let options = view.text("ssl_options");
    // Nothing is compressed unless it is asked for, and then only by a library that can.
    let compression = match &options.value {
        Value::Is(text) if super::view::split(text).iter().any(|word| word == "compression") => {
            let ask = "Was this OpenSSL built with compression? Hardly any is.";
            Fact::unknown(view.ask("tls-compression", ask, "openssl s_client -connect localhost:993 | grep Compression"), options.because)
        }
        Value::Is(_) => no(),
        Value::Unknown(question) => Fact::unknown(question.clone(), options.because),
    };
    let file = view.text(view.named("ssl_dh", "ssl_server_dh_file"));
    let prime = match &file.value {
        Value::Is(path) if path.is_empty() => Fact::is(Prime::Long, Vec::new()),
        _ => {
            let path = file.known().map_or("FILE", String::as_str);
            let command = format!("openssl dhparam -in {} -noout -text | head -n 1", quoted(path));
            let question = view.ask("dovecot-dh-parameters", "How long is the prime of the key exchange?", command);
            Fact::unknown(question, file.because)
        }
    };
    let curves = view.text("ssl_curve_list").map(|text| Members {
        surely: text.split([':', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        rest: None,
    });
    Handshake { own_order, compression, unsafe_renegotiation: no(), prime, curves, system_settings: Fact::is(true, Vec::new()) }
}

/// True for releases of the library of which nothing is claimed.
fn is_beyond(view: &View<'_>) -> bool {
    view.target.openssl.is_some_and(|versions| versions.last < Version::new(1, 1, 1) || versions.first >= Version::new(3, 6, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_lists_of_versions() {
        for (text, expected) in [
            ("!SSLv3", Some(TlsVersion::Tls10)),
            ("!SSLv3 !TLSv1", Some(TlsVersion::Tls11)),
            ("TLSv1.1 TLSv1.2", Some(TlsVersion::Tls11)),
            ("TLSv1.2", Some(TlsVersion::Tls12)),
            ("SSLv3 TLSv1", Some(TlsVersion::Ssl3)),
            ("", Some(TlsVersion::Ssl3)),
            // 2.3 knows no such word.
            ("!SSLv2 !SSLv3", None),
        ] {
            assert_eq!(from_list(text), expected, "{text}");
        }
    }
}
