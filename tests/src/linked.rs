//! Postfix that asks Dovecot whether a password is right: configurations of both, and what a client is told. The lab starts each.

/// What stands for the folder of a configuration in a table's texts; Postfix's queue is `spool` in it.
pub const FOLDER: &str = "/D";

/// A socket that Postfix may use, where Postfix looks for it.
const OPEN: &str = "service auth {\n  unix_listener /D/spool/private/auth {\n    mode = 0660\n    user = postfix\n    group = postfix\n  }\n}\n";
/// The same, for root alone.
const CLOSED: &str = "service auth {\n  unix_listener /D/spool/private/auth {\n    mode = 0600\n  }\n}\n";
/// A port.
const PORT: &str = "service auth {\n  inet_listener {\n    port = 30999\n  }\n}\n";

/// One pair of configurations.
pub struct Pair {
    /// Beside what every Dovecot has.
    pub dovecot: [&'static str; 2],
    /// `smtpd_sasl_path`.
    pub path: &'static str,
    /// Whether smtpd is in a jail.
    pub chroot: char,
    /// Beside what every Postfix has.
    pub postfix: &'static str,
    /// The mechanisms in clear and under TLS; `dead` where smtpd stops.
    pub told: &'static str,
}

const fn pair(
    dovecot: [&'static str; 2],
    path: &'static str,
    chroot: char,
    postfix: &'static str,
    told: &'static str,
) -> Pair {
    Pair {
        dovecot,
        path,
        chroot,
        postfix,
        told,
    }
}

/// All pairs.
pub const PAIRS: &[Pair] = &[
    pair(["", OPEN], "private/auth", 'n', "", "clear=PLAIN tls=PLAIN"),
    // What Dovecot does about passwords in clear is for its own doors.
    pair(
        [
            "disable_plaintext_auth = yes\nssl = required\nauth_mechanisms = plain login cram-md5\n",
            OPEN,
        ],
        "private/auth",
        'y',
        "",
        "clear=PLAIN LOGIN CRAM-MD5 tls=PLAIN LOGIN CRAM-MD5",
    ),
    pair(
        ["auth_mechanisms = cram-md5 anonymous plain\n", OPEN],
        "private/auth",
        'n',
        "smtpd_sasl_security_options = noplaintext, noanonymous\n",
        "clear=CRAM-MD5 tls=CRAM-MD5",
    ),
    pair(
        ["auth_mechanisms = cram-md5 anonymous\n", OPEN],
        "private/auth",
        'n',
        "smtpd_sasl_security_options =\n",
        "clear=CRAM-MD5 ANONYMOUS tls=CRAM-MD5 ANONYMOUS",
    ),
    pair(
        ["", PORT],
        "inet:127.0.0.1:30999",
        'y',
        "smtpd_tls_auth_only = yes\n",
        "clear=- tls=PLAIN",
    ),
    pair(
        ["auth_mechanisms = cram-md5\n", OPEN],
        "/D/spool/private/auth",
        'n',
        "",
        "clear=CRAM-MD5 tls=CRAM-MD5",
    ),
    // In a jail the path begins at the queue.
    pair(
        ["auth_mechanisms = cram-md5\n", OPEN],
        "/D/spool/private/auth",
        'y',
        "",
        "dead",
    ),
    pair(["", OPEN], "private/other", 'n', "", "dead"),
    pair(["", CLOSED], "private/auth", 'n', "", "dead"),
];
