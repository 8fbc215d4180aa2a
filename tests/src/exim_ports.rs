//! Configurations of Exim, and what clients find at their ports: how TLS begins, AUTH, versions, and the table of outcomes. The
//! lab starts Exim with each of them.

use smtplint_core::facts::{Listener, Outcome, Stage};

/// Certificate and key; the lab puts its folder in place of `/t/`.
pub const CERTIFICATE: &str = "tls_certificate = /t/cert.pem\ntls_privatekey = /t/key.pem\n";

/// Whom the lab's clients are, and where they send.
const WHO: &str = "primary_hostname = mail.example.test\ndomainlist local_domains = example.test\nhostlist relay_from_hosts = 127.0.0.2\n";

/// The three usual ports.
const PORTS: &str = "daemon_smtp_ports = 25 : 465 : 587\ntls_on_connect_ports = 465\n";

/// The usual lists.
const LISTS: &str = "acl_smtp_rcpt = check_rcpt\nacl_smtp_data = check_data\nbegin acl\ncheck_rcpt:\n  accept hosts = :\n  \
    deny domains = +local_domains\n       local_parts = ^[.] : ^.*[@%!/|]\n  accept hosts = +relay_from_hosts\n         control = submission\n  \
    accept authenticated = *\n         control = submission/domain=\n  require message = relay not permitted\n          \
    domains = +local_domains\n  require verify = recipient\n  accept\ncheck_data:\n  deny condition = ${if > {$max_received_linelength}{998}}\n  accept\n";

/// PLAIN and LOGIN for everybody who is told of AUTH, and CRAM-MD5.
const LOGINS: &str = "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n  \
    server_condition = ${if and{{eq{$auth2}{alice}}{eq{$auth3}{secret}}}}\n  server_set_id = $auth2\nlogin:\n  driver = plaintext\n  \
    public_name = LOGIN\n  server_prompts = Username:: : Password::\n  server_condition = ${if and{{eq{$auth1}{alice}}{eq{$auth2}{secret}}}}\n  \
    server_set_id = $auth1\n";

/// The same for those who have begun TLS, by the idiom of the sample that comes with Exim.
const LOGINS_UNDER_TLS: &str = "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n  \
    server_condition = ${if and{{eq{$auth2}{alice}}{eq{$auth3}{secret}}}}\n  server_set_id = $auth2\n  \
    server_advertise_condition = ${if def:tls_in_cipher }\n";

/// Where mail goes: nowhere.
pub const ROUTERS: &str = "begin routers\nnowhere:\n  driver = redirect\n  data = :blackhole:\n";

/// A configuration, and what is found at its ports.
pub struct Case {
    /// Options of the server.
    pub main: &'static str,
    /// Access control lists and authenticators; the usual ones where nothing stands.
    pub lists: &'static str,
    /// Authenticators.
    pub logins: &'static str,
    /// Each port: what a client meets there, as `doors::told` says it, and what becomes of its mail, as [`ends`] says it.
    pub doors: &'static [(u16, &'static str, &'static str)],
}

impl Case {
    /// The whole configuration.
    #[must_use]
    pub fn text(&self) -> String {
        let certificate = if self.main.contains("tls_certificate") {
            ""
        } else {
            CERTIFICATE
        };
        let ports = if self.main.contains("daemon_smtp_ports") {
            ""
        } else {
            PORTS
        };
        format!(
            "keep_environment =\n{WHO}{ports}{certificate}{}{}{ROUTERS}{}",
            self.main, self.lists, self.logins
        )
    }
}

const fn case(main: &'static str, logins: &'static str, doors: &'static [(u16, &'static str, &'static str)]) -> Case {
    Case {
        main,
        lists: LISTS,
        logins,
        doors,
    }
}

const fn lists(lists: &'static str, logins: &'static str, doors: &'static [(u16, &'static str, &'static str)]) -> Case {
    Case {
        main: "",
        lists,
        logins,
        doors,
    }
}

/// The releases that the lab has.
pub const TARGET: &str = "exim=4.96.0 gnutls=3.7";

/// What is found at the three usual ports with the usual lists, and [`LOGINS`].
const USUAL: &[(u16, &str, &str)] = &[
    (
        25,
        "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        "+r+r++++++++",
    ),
    (
        465,
        "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        "cc+rcc++cc++",
    ),
    (
        587,
        "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        "+r+r++++++++",
    ),
];

/// All rows.
pub const CASES: &[Case] = &[
    case("", LOGINS, USUAL),
    case(
        "",
        LOGINS_UNDER_TLS,
        &[
            (
                25,
                "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (
                587,
                "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
        ],
    ),
    case(
        "auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (
                587,
                "starttls clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
        ],
    ),
    case(
        "auth_advertise_hosts = ${if eq {$tls_cipher}{}{}{*}}\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (
                587,
                "starttls clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
        ],
    ),
    case(
        "auth_advertise_hosts = ${if eq{$received_port}{25}{}{*}}\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=- tls=- TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aaaa",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++++++",
            ),
        ],
    ),
    case(
        "tls_advertise_hosts =\n",
        LOGINS,
        &[
            (25, "none clear=PLAIN,LOGIN tls=-", "+rss++ss++ss"),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (587, "none clear=PLAIN,LOGIN tls=-", "+rss++ss++ss"),
        ],
    ),
    case(
        "tls_advertise_hosts = 10.0.0.0/8\n",
        LOGINS_UNDER_TLS,
        &[
            (25, "none clear=- tls=-", "+rss++ssaass"),
            (
                465,
                "implicit clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (587, "none clear=- tls=-", "+rss++ssaass"),
        ],
    ),
    case(
        "tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1.2 TLSv1.3",
                "+r+r++++++++",
            ),
            (465, "implicit clear=- tls=PLAIN,LOGIN TLSv1.2 TLSv1.3", "cc+rcc++cc++"),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1.2 TLSv1.3",
                "+r+r++++++++",
            ),
        ],
    ),
    case(
        "tls_require_ciphers = SECURE256:-VERS-ALL:+VERS-TLS1.3\n",
        LOGINS_UNDER_TLS,
        &[
            (25, "starttls clear=- tls=PLAIN TLSv1.3", "+r+r++++aa++"),
            (465, "implicit clear=- tls=PLAIN TLSv1.3", "cc+rcc++cc++"),
            (587, "starttls clear=- tls=PLAIN TLSv1.3", "+r+r++++aa++"),
        ],
    ),
    case(
        "tls_require_ciphers = HIGH:!aNULL\n",
        LOGINS,
        &[
            (25, "dead", "xxxxxxxxxxxx"),
            (465, "dead", "xxxxxxxxxxxx"),
            (587, "dead", "xxxxxxxxxxxx"),
        ],
    ),
    case(
        "tls_certificate =\n",
        LOGINS_UNDER_TLS,
        &[
            (
                25,
                "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (
                587,
                "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
        ],
    ),
    case(
        "daemon_smtp_ports = smtp : submission\ntls_on_connect_ports = smtp\n",
        LOGINS,
        &[
            (
                25,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc++cc++",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++++++",
            ),
        ],
    ),
    case(
        "host_reject_connection = !127.0.0.2\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cccc++++cccc",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cccccc++cccc",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cccc++++cccc",
            ),
        ],
    ),
    // Whoever would send has to log in, or to encrypt, at the ports for users.
    lists(
        "acl_smtp_mail = check_mail\nacl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_mail:\n  deny message = TLS first\n       !encrypted = *\n       \
         condition = ${if eq{$received_port}{587}}\n  accept\ncheck_rcpt:\n  accept authenticated = *\n  deny message = 530 log in first\n       \
         condition = ${if or{{eq{$received_port}{465}}{eq{$received_port}{587}}}}\n  accept hosts = +relay_from_hosts\n  \
         require domains = +local_domains\n  accept\n",
        LOGINS_UNDER_TLS,
        &[
            (
                25,
                "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r++++aa++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "ccrrccrrcc++",
            ),
            (
                587,
                "starttls clear=- tls=PLAIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "mmrrmmrraa++",
            ),
        ],
    ),
    lists(
        "acl_smtp_auth = check_auth\nacl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_auth:\n  accept encrypted = *\n  deny message = no\ncheck_rcpt:\n  \
         accept authenticated = *\n         encrypted = *\n  accept domains = +local_domains\n         endpass\n         verify = recipient\n  deny\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r+r+raa++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+rcc+rcc++",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+r+r+r+raa++",
            ),
        ],
    ),
    // Open to all.
    lists(
        "acl_smtp_rcpt = accept\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "++++++++++++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc++cc++cc++",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "++++++++++++",
            ),
        ],
    ),
    lists(
        "acl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_rcpt:\n  accept hosts = 0.0.0.0/0\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "++++++++++++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc++cc++cc++",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "++++++++++++",
            ),
        ],
    ),
    lists(
        "acl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_rcpt:\n  accept acl = is_known\n  accept domains = +local_domains\nis_known:\n  accept authenticated = *\n  accept hosts = +relay_from_hosts\n",
        LOGINS,
        USUAL,
    ),
    lists(
        "begin acl\nunused:\n  accept\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "rrrrrrrrrrrr",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "ccrrccrrccrr",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "rrrrrrrrrrrr",
            ),
        ],
    ),
    lists(
        "acl_smtp_connect = check_connect\nacl_smtp_helo = check_helo\nacl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_connect:\n  warn set acl_c_user = ${if eq{$received_port}{587}{yes}{no}}\n  \
         accept\ncheck_helo:\n  drop condition = $acl_c_user\n       hosts = !+relay_from_hosts\n  accept\ncheck_rcpt:\n  accept hosts = +relay_from_hosts\n  defer sender_domains = *\n        !domains = +local_domains\n  accept\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "+R+R+++++R+R",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "cc+Rcc++cc+R",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "eeee++++eeee",
            ),
        ],
    ),
    lists(
        "acl_smtp_starttls = deny\nacl_smtp_rcpt = check_rcpt\nacl_smtp_predata = check_predata\nbegin acl\ncheck_rcpt:\n  deny dnslists = dnsbl.example.test\n  deny domains = ! +local_domains\n       !authenticated = *\n  \
         accept\ncheck_predata:\n  deny !authenticated = *\n       message = 451 later\n  accept\n",
        LOGINS,
        &[
            (25, "starttls clear=PLAIN,LOGIN tls=-", "drssdrss++ss"),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "ccdrccdrcc++",
            ),
            (587, "starttls clear=PLAIN,LOGIN tls=-", "drssdrss++ss"),
        ],
    ),
    // What may refuse somebody does not matter to whom all that follows refuses: tables, of which one holds nobody.
    lists(
        "acl_smtp_connect = check_connect\nacl_smtp_mail = check_mail\nacl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_connect:\n  \
         deny condition = ${lookup{nobody}lsearch{/t/cert.pem}{yes}{no}}\n  accept\ncheck_mail:\n  require !authenticated = *\n  \
         drop condition = ${lookup{nobody}lsearch{/t/cert.pem}{yes}{no}}\n  accept\ncheck_rcpt:\n  defer condition = ${lookup{nobody}lsearch{/t/cert.pem}{yes}{no}}\n  \
         deny message = 553 no\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "rrrrrrrrmmmm",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "ccrrccrrccmm",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "rrrrrrrrmmmm",
            ),
        ],
    ),
    // The other one holds everybody.
    lists(
        "acl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_rcpt:\n  defer condition = ${lookup{-----BEGIN}lsearch{/t/cert.pem}{yes}{no}}\n        \
         !authenticated = *\n  require acl = is_known\n  accept\nis_known:\n  deny condition = ${lookup{-----BEGIN}lsearch{/t/cert.pem}{yes}{no}}\n       \
         !authenticated = *\n  accept authenticated = *\n",
        LOGINS,
        &[
            (
                25,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "rrrrrrrr++++",
            ),
            (
                465,
                "implicit clear=- tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "ccrrccrrcc++",
            ),
            (
                587,
                "starttls clear=PLAIN,LOGIN tls=PLAIN,LOGIN TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
                "rrrrrrrr++++",
            ),
        ],
    ),
    // What a client calls itself, it chooses; before it has done so there is nothing.
    lists(
        "acl_smtp_connect = check_connect\nacl_smtp_helo = check_helo\nacl_smtp_mail = check_mail\nacl_smtp_rcpt = check_rcpt\nbegin acl\n\
         check_connect:\n  deny condition = ${if def:sender_helo_name}\n  accept\n\
         check_helo:\n  drop condition = ${if isip{$sender_helo_name}}\n  accept\n\
         check_mail:\n  deny condition = ${if eq{$sender_helo_name}{}}\n  drop !condition = ${if match{$sender_helo_name}{[.]}{yes}{no}}\n  accept\n\
         check_rcpt:\n  deny local_parts = ^.*[@%!/|] : ^\\\\.\n  deny condition = ${if eq{$sender_host_address}{}}\n  \
         deny condition = ${if match_domain{$sender_address_domain}{+local_domains}}\n  \
         accept hosts = +relay_from_hosts\n  accept authenticated = *\n  require domains = +local_domains\n  accept\n",
        LOGINS,
        USUAL,
    ),
    // What is looked up to turn somebody away holds others.
    lists(
        "acl_smtp_connect = check_connect\nacl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_connect:\n  drop hosts = net-lsearch;/t/cert.pem\n  accept\n\
         check_rcpt:\n  deny senders = ${if exists{/t/none}{/t/none}{}}\n  deny condition = ${if and {{>{$rcpt_count}{10}}{<{$recipients_count}{${eval:$rcpt_count/2}}}}}\n  \
         accept hosts = +relay_from_hosts\n  accept authenticated = *\n  require domains = +local_domains\n  accept\n",
        LOGINS,
        USUAL,
    ),
];

/// Where each kind of client ends, twelve letters: strangers in clear (to here, to elsewhere) and under TLS, then trusted clients,
/// then those who have logged in. `+` is taken in; else the command that is refused, in capitals for now alone.
#[must_use]
pub fn ends(listener: &Listener) -> String {
    let letter = |stage: Stage| match stage {
        Stage::Connect => 'c',
        Stage::Ehlo => 'e',
        Stage::Starttls => 's',
        Stage::Auth => 'a',
        Stage::Mail => 'm',
        Stage::Rcpt => 'r',
        Stage::Data => 'd',
    };
    let cells = listener
        .outcomes
        .cells()
        .iter()
        .map(|cell| match cell.outcome.outcome() {
            Outcome::Accepted => '+',
            Outcome::Refused { stage, .. } => letter(stage),
            Outcome::Deferred { stage, .. } => letter(stage).to_ascii_uppercase(),
            Outcome::Dead(_) => 'x',
            Outcome::Unknown(_) => '?',
        });
    cells.collect()
}
