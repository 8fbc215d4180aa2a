//! Configurations of Dovecot, and what a stranger finds at their doors. Every row is of a server
//! whose key is an RSA one; the lab starts it.

use smtplint_core::facts::{Entry, Listener, TlsVersion};

/// Certificate and key, in the language of 2.3.
pub const CERTIFICATE: &str = "ssl_cert = </t/cert.pem\nssl_key = </t/key.pem\n";

/// The same in that of 2.4, with the lines that it begins with.
pub const NEW_CERTIFICATE: &str = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n\
    ssl_server_cert_file = /t/cert.pem\nssl_server_key_file = /t/key.pem\n";

/// A configuration, the releases that it is for, and what is found at its doors.
pub struct Case {
    /// Beside `protocols = imap submission`.
    pub text: &'static str,
    /// Certificate and key, or nothing.
    pub certificate: &'static str,
    /// The releases of Dovecot and OpenSSL.
    pub target: &'static str,
    /// See [`told`].
    pub doors: &'static [(&'static str, &'static str)],
}

const OLD: &str = "dovecot=2.3.19 openssl=3.0";
const OLDER: &str = "dovecot=2.3.13 openssl=1.1.1";
const NEW: &str = "dovecot=2.4.1 openssl=3.5";

const USUAL: &[(&str, &str)] = &[
    ("imap", "starttls clear=- tls=PLAIN TLSv1.2 TLSv1.3"),
    ("imaps", "implicit clear=- tls=PLAIN TLSv1.2 TLSv1.3"),
    ("submission", "starttls clear=- tls=PLAIN TLSv1.2 TLSv1.3"),
];
const CLEAR: &[(&str, &str)] = &[
    ("imap", "starttls clear=PLAIN tls=PLAIN TLSv1.2 TLSv1.3"),
    ("imaps", "implicit clear=- tls=PLAIN TLSv1.2 TLSv1.3"),
    ("submission", "starttls clear=PLAIN tls=PLAIN TLSv1.2 TLSv1.3"),
];
const CHALLENGE: &[(&str, &str)] = &[
    ("imap", "starttls clear=CRAM-MD5 tls=PLAIN,CRAM-MD5 TLSv1.2 TLSv1.3"),
    (
        "submission",
        "starttls clear=CRAM-MD5 tls=PLAIN,CRAM-MD5 TLSv1.2 TLSv1.3",
    ),
];
const WITHOUT: &[(&str, &str)] = &[
    ("imap", "none clear=- tls=-"),
    ("imaps", "nothing"),
    ("submission", "none clear=- tls=-"),
];
const ALL_IN_CLEAR: &[(&str, &str)] = &[
    ("imap", "none clear=PLAIN tls=-"),
    ("imaps", "nothing"),
    ("submission", "none clear=PLAIN tls=-"),
];
const BROKEN: &[(&str, &str)] = &[("imap", "dead"), ("imaps", "dead"), ("submission", "dead")];
const ALL_VERSIONS: &[(&str, &str)] = &[
    ("imap", "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
    ("imaps", "implicit clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
];

const fn case(text: &'static str, target: &'static str, doors: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        text,
        certificate: CERTIFICATE,
        target,
        doors,
    }
}

const fn new(text: &'static str, doors: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        text,
        certificate: NEW_CERTIFICATE,
        target: NEW,
        doors,
    }
}

/// All rows.
pub const CASES: &[Case] = &[
    case("", OLD, USUAL),
    case("ssl = no\n", OLD, WITHOUT),
    case("ssl = no\ndisable_plaintext_auth = no\n", OLD, ALL_IN_CLEAR),
    case("ssl = required\ndisable_plaintext_auth = no\n", OLD, USUAL),
    case("disable_plaintext_auth = no\n", OLD, CLEAR),
    case("auth_mechanisms = plain cram-md5\n", OLD, CHALLENGE),
    case("login_trusted_networks = 0.0.0.0/0\n", OLD, CLEAR),
    // 2.3 trusts them even where TLS is a must, and 2.4 does not.
    case("login_trusted_networks = 0.0.0.0/0\nssl = required\n", OLD, CLEAR),
    case(
        "ssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0\n",
        OLD,
        ALL_VERSIONS,
    ),
    case("ssl_min_protocol = TLSv1\n", OLD, USUAL),
    case("ssl_min_protocol = TLSv9\n", OLD, BROKEN),
    case("ssl_min_protocol =\n", OLD, BROKEN),
    case("ssl_cipher_list = BOGUS\n", OLD, BROKEN),
    case("ssl_cipher_list =\n", OLD, BROKEN),
    case(
        "ssl_cipher_list = kDHE:@SECLEVEL=0\n",
        OLD,
        &[("imaps", "implicit clear=- tls=PLAIN TLSv1.3")],
    ),
    case("ssl_protocols = !SSLv2 !SSLv3\n", OLD, USUAL),
    // TLS at once where clients begin in clear.
    case(
        "service imap-login {\n  inet_listener imap {\n    ssl = yes\n  }\n}\n",
        OLD,
        &[
            ("imap", "implicit clear=- tls=PLAIN TLSv1.2 TLSv1.3"),
            ("imaps", "implicit clear=- tls=PLAIN TLSv1.2 TLSv1.3"),
        ],
    ),
    case(
        "service imap-login {\n  inet_listener imaps {\n    ssl = no\n  }\n}\n",
        OLD,
        &[("imaps", "starttls clear=- tls=PLAIN TLSv1.2 TLSv1.3")],
    ),
    Case {
        text: "ssl_cert = /t/cert.pem\nssl_key = </t/key.pem\n",
        certificate: "",
        target: OLD,
        doors: BROKEN,
    },
    Case {
        text: "",
        certificate: "",
        target: OLD,
        doors: BROKEN,
    },
    case("", OLDER, ALL_VERSIONS),
    new("ssl_server_cert_file = </t/cert.pem\n", BROKEN),
    new("", USUAL),
    new("ssl = no\n", WITHOUT),
    new("auth_allow_cleartext = yes\n", CLEAR),
    new("auth_mechanisms = plain cram-md5\n", CHALLENGE),
    new("login_trusted_networks = 0.0.0.0/0\nssl = required\n", USUAL),
    new(
        "ssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0\n",
        ALL_VERSIONS,
    ),
];

/// How TLS begins at a door, what AUTH is offered in clear and under TLS, and the versions; `dead` where nobody can log in, and
/// `nothing` where nothing listens.
#[must_use]
pub fn told(listener: Option<&Listener>) -> String {
    let Some(listener) = listener else {
        return "nothing".to_owned();
    };
    if !listener.is_alive() {
        return "dead".to_owned();
    }
    let entry = listener.tls.entry.known().map_or("?", |entry| Entry::word(*entry));
    let names = listener.auth.mechanisms.names.known();
    let offered = |is_offered: Option<&bool>, shows_passwords: Option<&bool>| match (is_offered, names) {
        (Some(false), _) => "-".to_owned(),
        (Some(true), Some(names)) => {
            let is_told =
                |name: &&String| shows_passwords == Some(&true) || !matches!(name.as_str(), "PLAIN" | "LOGIN");
            names
                .surely
                .iter()
                .filter(is_told)
                .cloned()
                .collect::<Vec<_>>()
                .join(",")
        }
        _ => "?".to_owned(),
    };
    let clear = offered(
        listener.auth.before_tls.known(),
        listener.auth.mechanisms.plaintext_before_tls.known(),
    );
    let tls = offered(
        listener.auth.after_tls.known(),
        listener.auth.mechanisms.plaintext_after_tls.known(),
    );
    let mut versions = listener
        .tls
        .versions
        .known()
        .map_or_else(Vec::new, |versions| versions.surely.clone());
    // Those that depend on the kind of key are offered with the one that is used here.
    let with_rsa = listener
        .tls
        .open
        .iter()
        .filter(|(_, question)| question.0.ends_with("-certificate-key"));
    versions.extend(with_rsa.map(|(version, _)| *version));
    versions.sort();
    let versions: Vec<&str> = versions.into_iter().map(TlsVersion::name).collect();
    format!("{entry} clear={clear} tls={tls} {}", versions.join(" "))
        .trim_end()
        .to_owned()
}
