//! TLS at a port (the specification, "Encrypted SMTP connections using TLS/SSL"; what a client meets was measured on 4.96 with
//! GnuTLS).

use std::cell::OnceCell;

use super::super::one_list::{self, LEVEL, OneList};
use super::config;
use super::hosts;
use super::releases;
use super::view::{Library, Moment, View};
use crate::facts::{
    Step,
    Because, Cause, CertificateSource, ClientCertificate, Entry, Fact, Handshake, Members, Prime, Suites, Tls, TlsVersion,
    Value, VersionList,
};
use crate::question::{QuestionId, in_quotes, quoted};
use crate::tls::{Key, gnutls, openssl};

/// How TLS begins at a port that is not one of implicit TLS.
pub(super) fn starttls(view: &View<'_>, port: u16) -> Fact<Entry> {
    let hosts = view.text("tls_advertise_hosts");
    let moment = Moment { tls: false, port, authenticated: false };
    match &hosts.value {
        Value::Unknown(question) => Fact::unknown(question.clone(), hosts.because),
        Value::Is(text) => match hosts::has(view, text, &|name| moment.variable(name), hosts::STRANGER) {
            Some(true) => Fact::is(Entry::Starttls, hosts.because),
            Some(false) => Fact::is(Entry::None, hosts.because),
            None => Fact::unknown(view.ask_expansion("tls_advertise_hosts"), hosts.because),
        },
    }
}

/// TLS at every port: only how it begins is a port's own.
pub(super) struct Everywhere<'a> {
    view: &'a View<'a>,
    /// As it is where it does not begin.
    bare: Tls,
    /// As it is where it begins; looked for once, and only where it does.
    begun: OnceCell<Tls>,
}

impl<'a> Everywhere<'a> {
    pub(super) fn new(view: &'a View<'a>) -> Everywhere<'a> {
        let certificate = certificate(view);
        let identity = super::identity::of(view, &certificate);
        let no = || Fact::is(false, Vec::new());
        let bare = Tls::before_its_lists(Fact::is(Entry::None, Vec::new()), no(), certificate, identity, client_certificate(view));
        Everywhere { view, bare, begun: OnceCell::new() }
    }

    /// TLS at a port where it begins like this. Whether it is a must the lists tell.
    pub(super) fn at(&self, entry: Fact<Entry>) -> Tls {
        match &entry.value {
            Value::Is(Entry::None) => Tls { entry, ..self.bare.clone() },
            Value::Is(_) => Tls { entry, ..self.begun.get_or_init(|| begun(self.view, self.bare.clone())).clone() },
            Value::Unknown(question) => {
                let works = Fact::unknown(question.clone(), entry.because.clone());
                let versions = Fact::unknown(question.clone(), entry.because.clone());
                Tls { entry, works, versions, ..self.bare.clone() }
            }
        }
    }
}

/// What clients meet who begin TLS.
fn begun(view: &View<'_>, mut tls: Tls) -> Tls {
    // What an expansion comes to is a file, or Exim says so in its log.
    let works = tls.certificate.known() != Some(&CertificateSource::None);
    tls.works = Fact::is(works, tls.certificate.because.clone());
    if !works {
        return tls;
    }
    let library = view.library();
    match &library.value {
        Value::Is(Library::GnuTls) => by_gnutls(view, &mut tls),
        Value::Is(Library::OpenSsl) => by_openssl(view, &mut tls),
        Value::Unknown(question) => {
            // Today's builds with either speak these, unless a list says otherwise.
            let (list, options) = (view.text("tls_require_ciphers"), view.text("openssl_options"));
            if list.known().is_some_and(String::is_empty) && options.known().is_some() && !view.is_written("openssl_options") {
                let surely = vec![TlsVersion::Tls12, TlsVersion::Tls13];
                let open = [TlsVersion::Tls10, TlsVersion::Tls11];
                tls.open.extend(open.map(|version| (version, question.clone())));
                tls.versions = Fact::is(Members { surely, rest: None }, list.because);
            } else {
                tls.versions = Fact::unknown(question.clone(), list.because);
            }
            tls.suites = Some(Fact::unknown(question.clone(), Vec::new()));
        }
    }
    tls.handshake = Some(handshake(view, library.known().copied()));
    tls
}

/// The priority string that GnuTLS gets.
fn by_gnutls(view: &View<'_>, tls: &mut Tls) {
    let list = priorities(view);
    let text = match &list.value {
        Value::Is(text) => text.clone(),
        Value::Unknown(question) => {
            tls.versions = Fact::unknown(question.clone(), list.because.clone());
            tls.suites = Some(Fact::unknown(question.clone(), list.because));
            return;
        }
    };
    tls.list = Some(Fact::is(VersionList::Leaves { by_name: text.contains("-VERS-ALL") || text.contains("-VERS-TLS-ALL") }, list.because.clone()));
    let releases = view.target.gnutls.and_then(gnutls::Release::of_all).map_or(gnutls::Release::ALL.to_vec(), |one| vec![one]);
    let readings: Vec<Vec<TlsVersion>> =
        releases.into_iter().filter_map(|release| Some(gnutls::read(&text, release).ok()?.spoken_versions())).collect();
    let mut offered = Members { surely: Vec::new(), rest: None };
    for version in TlsVersion::ALL.into_iter().filter(|version| *version > TlsVersion::Ssl3) {
        let count = readings.iter().filter(|reading| reading.contains(&version)).count();
        if count == readings.len() && count > 0 {
            offered.surely.push(version);
        } else if count > 0 {
            tls.open.push((version, ask_gnutls(view, &text)));
        }
    }
    // Exim does not start with a string that nobody can read: what clients meet once it is mended, it does not tell.
    tls.versions = match readings.is_empty() {
        true => Fact::unknown(ask_gnutls(view, &text), list.because.clone()),
        false => Fact::is(offered, list.because.clone()),
    };
    tls.suites = Some(Fact::unknown(ask_gnutls(view, &text), list.because));
}

fn ask_gnutls(view: &View<'_>, text: &str) -> QuestionId {
    let command = format!("gnutls-cli --list --priority {}", in_quotes(text));
    view.ask("exim-priorities", "Which suites and versions does GnuTLS leave of the priority string?", command)
}

/// `tls_require_ciphers` as GnuTLS gets it.
fn priorities(view: &View<'_>) -> Fact<String> {
    view.fixed("tls_require_ciphers").map(|text| if text.is_empty() { "NORMAL".to_owned() } else { text })
}

/// Why the library refuses the list, so that Exim does not start.
pub(super) fn refused(view: &View<'_>) -> Option<Fact<Cause>> {
    let library = view.library();
    let library = library.known()?;
    if let (Library::GnuTls, Some(entry)) = (library, view.entry("openssl_options").filter(|entry| entry.open.is_none())) {
        let step = Step::Set { setting: "openssl_options".into(), span: entry.written };
        let why = "Exim does not start, because `openssl_options` is set, and this one is built with GnuTLS";
        return Some(Fact::is(Cause(why.to_owned()), vec![step]));
    }
    let list = view.fixed("tls_require_ciphers");
    let text = list.known().filter(|text| !text.is_empty())?;
    let refused = match library {
        Library::GnuTls => {
            let release = view.target.gnutls.and_then(gnutls::Release::of_all);
            let releases = release.map_or(gnutls::Release::ALL.to_vec(), |one| vec![one]);
            releases.into_iter().all(|release| gnutls::read(text, release).is_err())
        }
        Library::OpenSsl => one_list::releases(view.target).into_iter().all(|release| openssl::read(text, release, LEVEL).is_err()),
    };
    let why = "Exim does not start, because its TLS library cannot read `tls_require_ciphers`";
    refused.then(|| Fact::is(Cause(why.to_owned()), list.because.clone()))
}

/// What `openssl_options` leaves of the versions, and its words.
struct Switches {
    versions: Vec<TlsVersion>,
    words: Vec<(bool, String)>,
}

impl Switches {
    /// Whether a word is in force, given what holds without it.
    fn is_on(&self, word: &str, otherwise: bool) -> bool {
        self.words.iter().rev().find(|(_, one)| one == word).map_or(otherwise, |(on, _)| *on)
    }
}

fn switches(view: &View<'_>) -> Fact<Switches> {
    view.fixed("openssl_options").map(|text| {
        let words: Vec<(bool, String)> = text
            .split_ascii_whitespace()
            .map(|word| (word.starts_with('+'), word.trim_start_matches(['+', '-']).to_ascii_lowercase()))
            .collect();
        let switches = Switches { versions: Vec::new(), words };
        let off = [
            ("no_sslv3", TlsVersion::Ssl3, view.version >= releases::NO_SSL3_SINCE),
            ("no_tlsv1", TlsVersion::Tls10, false),
            ("no_tlsv1_1", TlsVersion::Tls11, false),
            ("no_tlsv1_2", TlsVersion::Tls12, false),
            ("no_tlsv1_3", TlsVersion::Tls13, false),
        ];
        let left = off.into_iter().filter(|(word, _, otherwise)| !switches.is_on(word, *otherwise));
        Switches { versions: left.map(|(_, version, _)| version).collect(), ..switches }
    })
}

fn by_openssl(view: &View<'_>, tls: &mut Tls) {
    let options = switches(view);
    let permitted = match &options.value {
        Value::Is(switches) => switches.versions.clone(),
        Value::Unknown(question) => {
            tls.versions = Fact::unknown(question.clone(), options.because.clone());
            tls.suites = Some(Fact::unknown(question.clone(), options.because));
            return;
        }
    };
    let leaves = if permitted.is_empty() { VersionList::Nothing } else { VersionList::Leaves { by_name: false } };
    tls.list = Some(Fact::is(leaves, options.because.clone()));
    let keys = tls.identity.keys().filter(|_| tls.identity.by_name.is_none());
    let suites = suites(view, &permitted, keys);
    let refused = matches!(&suites.value, Value::Is(read) if read.fault().is_some());
    if permitted.is_empty() {
        tls.works = Fact::is(false, options.because.clone());
    }
    let ask = |ask: &str| view.ask("openssl-sslv3", ask, "openssl s_client -ssl3 -starttls smtp -connect localhost:587");
    // With a list that cannot be read Exim does not start: see `refused`.
    let permitted = if refused { Vec::new() } else { permitted };
    let (offered, open) = one_list::offered(&permitted, &suites, ask);
    tls.open = open;
    tls.versions = Fact::is(offered, options.because);
    tls.suites = Some(suites);
}

/// The suites that the list leaves, as each release of the library reads it.
fn suites(view: &View<'_>, permitted: &[TlsVersion], keys: Option<Vec<Key>>) -> Fact<Suites> {
    let list = view.fixed("tls_require_ciphers");
    let text = match list.value {
        Value::Unknown(question) => return Fact::unknown(question, list.because),
        // Without a list Exim sets none, and the library's own default holds.
        Value::Is(text) if text.is_empty() => "DEFAULT".to_owned(),
        Value::Is(text) => text,
    };
    let ask = || view.ask("exim-certificate-key", "Which kind of key does the certificate have, RSA or ECDSA?", key_command(view));
    let keys = keys.map_or_else(|| Value::Unknown(ask()), Value::Is);
    let one = OneList {
        setting: "tls_require_ciphers",
        text: &text,
        permitted,
        has_primes: view.text("tls_dhparam").known().is_none_or(|name| name != NO_PRIME),
        is_stock: !view.is_written("tls_require_ciphers"),
        release: view.ask("openssl-version", "Which OpenSSL does this Exim run with?", "exim -d -bV 2>&1 | grep -i openssl"),
        keys,
    };
    Fact::is(one.suites(view.target), list.because)
}

/// What tells which kind of key the certificate has.
fn key_command(view: &View<'_>) -> String {
    let file = view.text("tls_certificate");
    let file = file.known().filter(|path| !path.is_empty()).map_or("FILE", String::as_str);
    format!("openssl x509 -noout -text -in {} | grep 'Public Key Algorithm'", quoted(file))
}

/// The files of the certificate, or the one that Exim makes by itself.
fn certificate(view: &View<'_>) -> Fact<CertificateSource> {
    let written = view.text("tls_certificate");
    match written.known() {
        Some(path) if path.is_empty() => {
            let own = view.version >= releases::OWN_CERTIFICATE_SINCE;
            Fact::is(if own { CertificateSource::OwnMaking } else { CertificateSource::None }, written.because)
        }
        _ => view.fixed("tls_certificate").map(|paths| CertificateSource::Files(super::list::items(&paths))),
    }
}

fn client_certificate(view: &View<'_>) -> ClientCertificate {
    let moment = Moment { tls: true, port: 0, authenticated: false };
    let asks = |name: &str| {
        let hosts = view.text(name);
        let text = match hosts.value {
            Value::Unknown(question) => return Fact::unknown(question, hosts.because),
            Value::Is(text) => text,
        };
        match hosts::has(view, &text, &|name| moment.variable(name), hosts::STRANGER) {
            Some(has) => Fact::is(has, hosts.because),
            None => Fact::unknown(view.ask_expansion(name), hosts.because),
        }
    };
    let (must, may) = (asks("tls_verify_hosts"), asks("tls_try_verify_hosts"));
    let used = if must.surely() {
        must.clone()
    } else if view.is_whole() && !mentions_client_certificate(view) {
        Fact::is(false, may.because.clone())
    } else {
        let ask = "Does a rule of the access control lists ask for a certificate of the client?";
        Fact::unknown(view.ask("exim-client-certificate", ask, "exim -bP config | grep -n 'verify *= *certificate'"), may.because.clone())
    };
    ClientCertificate { asked: if must.surely() { must } else { may }, used }
}

/// True where a rule asks for a certificate of the client, or a text is made of what it says. What is only logged does not count.
fn mentions_client_certificate(view: &View<'_>) -> bool {
    let config = view.config;
    let made_of = |text: &str| ["peerdn", "peercert", "certificate_verified"].iter().any(|part| text.contains(part));
    let of_entry = |entry: &config::Entry| entry.name != "log_selector" && made_of(&entry.value);
    let conditions = config.acls.iter().flat_map(|acl| acl.statements.iter().flatten()).flat_map(|statement| &statement.conditions);
    let in_rules = conditions.into_iter().any(|one| (one.name == "verify" && one.value.starts_with("certificate")) || made_of(&one.value));
    let mut drivers = config.drivers.iter().flat_map(|driver| &driver.options);
    in_rules
        || config.options.iter().chain(&config.lists).any(of_entry)
        || drivers.any(|option| of_entry(option) || (option.name == "driver" && option.value == "tls"))
}

/// The primes that Exim has itself (`std-crypto.c`), and the words for what it does without a file.
fn own_prime(name: &str) -> Option<Prime> {
    Some(match name {
        "ike1" => Prime::Bits(768),
        "ike2" | "ike22" => Prime::Bits(1024),
        "ike5" => Prime::Bits(1536),
        "" | "default" | "historic" | "ike14" | "ike15" | "ike16" | "ike17" | "ike18" | "ike23" | "ike24" => Prime::Long,
        // Without a prime there is no exchange of that kind.
        NO_PRIME => Prime::Long,
        _ if name.starts_with("ffdhe") || name.starts_with("exim.dev.20160529.") => Prime::Long,
        _ => return None,
    })
}

/// What `tls_dhparam` says where there is to be no Diffie-Hellman over finite fields.
const NO_PRIME: &str = "none";

fn handshake(view: &View<'_>, library: Option<Library>) -> Handshake {
    let no = || Fact::is(false, Vec::new());
    let open = |because: Because| Fact::unknown(view.ask_library(), because);
    let list = priorities(view);
    let switches = switches(view);
    let switch = |word: &str, otherwise: bool| match &switches.value {
        Value::Is(found) => Fact::is(found.is_on(word, otherwise), switches.because.clone()),
        Value::Unknown(question) => Fact::unknown(question.clone(), switches.because.clone()),
    };
    let (own_order, unsafe_renegotiation, system_settings) = match library {
        Some(Library::GnuTls) => (list.map(|text| text.contains("%SERVER_PRECEDENCE")), no(), Fact::is(true, Vec::new())),
        Some(Library::OpenSsl) => {
            (switch("cipher_server_preference", false), switch("allow_unsafe_legacy_renegotiation", false), Fact::is(true, Vec::new()))
        }
        None => (open(list.because), no(), open(Because::default())),
    };
    let file = view.text("tls_dhparam");
    let name = file.known().map(String::as_str);
    let prime = match name.and_then(own_prime) {
        Some(prime) => Fact::is(prime, file.because),
        None => {
            let path = name.unwrap_or("FILE");
            let command = format!("openssl dhparam -in {} -noout -text | head -n 1", quoted(path));
            Fact::unknown(view.ask("exim-dh-parameters", "How long is the prime of the key exchange?", command), file.because)
        }
    };
    let curves = view.text("tls_eccurve").map(|text| Members {
        surely: super::list::items(&text).into_iter().filter(|word| word != "auto").collect(),
        rest: None,
    });
    Handshake { own_order, compression: no(), unsafe_renegotiation, prime, curves, system_settings }
}
