//! What is measured: a case of the project's own, a server as people run it, and far more than anybody has.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::run::root;

/// The cases, in the order in which they are measured.
pub(super) const NAMES: [&str; 3] = ["case", "server", "megabyte"];

/// Settings of a server that has users, receives mail and filters it.
const SETTINGS: &str = "\
compatibility_level = 2
smtpd_banner = $myhostname ESMTP
biff = no
append_dot_mydomain = no
readme_directory = no
myhostname = mail.example.org
mydomain = example.org
myorigin = $mydomain
mydestination = $myhostname, localhost.$mydomain, localhost
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
relayhost =
inet_interfaces = all
inet_protocols = all
recipient_delimiter = +
mailbox_size_limit = 0
message_size_limit = 52428800
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
virtual_transport = lmtp:unix:private/dovecot-lmtp
virtual_mailbox_domains = mysql:/etc/postfix/sql/domains.cf
virtual_mailbox_maps = mysql:/etc/postfix/sql/mailboxes.cf
virtual_alias_maps = mysql:/etc/postfix/sql/aliases.cf
smtpd_tls_cert_file = /etc/letsencrypt/live/mail.example.org/fullchain.pem
smtpd_tls_key_file = /etc/letsencrypt/live/mail.example.org/privkey.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_tls_session_cache_database = btree:${data_directory}/smtpd_scache
smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1
smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1
smtpd_tls_mandatory_ciphers = medium
smtp_tls_security_level = may
smtp_tls_CApath = /etc/ssl/certs
smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_sasl_local_domain = $myhostname
smtpd_helo_required = yes
disable_vrfy_command = yes
strict_rfc821_envelopes = yes
smtpd_client_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unknown_reverse_client_hostname
smtpd_helo_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_invalid_helo_hostname
smtpd_sender_restrictions = permit_mynetworks, reject_non_fqdn_sender, reject_unknown_sender_domain
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, check_policy_service unix:private/policyd
smtpd_milters = inet:127.0.0.1:11332
non_smtpd_milters = $smtpd_milters
milter_default_action = accept
milter_protocol = 6
";

/// Its services.
const SERVICES: &str = "\
smtp      inet  n       -       y       -       1       postscreen
smtpd     pass  -       -       y       -       -       smtpd
dnsblog   unix  -       -       y       -       0       dnsblog
tlsproxy  unix  -       -       y       -       0       tlsproxy
submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o milter_macro_daemon_name=ORIGINATING
smtps     inet  n       -       y       -       -       smtpd
  -o syslog_name=postfix/smtps
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:10025 inet n  -       y       -       -       smtpd
  -o content_filter=
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
rewrite   unix  -       -       y       -       -       trivial-rewrite
bounce    unix  -       -       y       -       0       bounce
defer     unix  -       -       y       -       0       bounce
trace     unix  -       -       y       -       0       bounce
verify    unix  -       -       y       -       1       verify
flush     unix  n       -       y       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp
showq     unix  n       -       y       -       -       showq
error     unix  -       -       y       -       -       error
discard   unix  -       -       y       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       y       -       -       lmtp
anvil     unix  -       -       y       -       1       anvil
scache    unix  -       -       y       -       1       scache
dovecot   unix  -       n       n       -       -       pipe
  flags=DRhu user=vmail:vmail argv=/usr/lib/dovecot/deliver -f ${sender} -d ${recipient}
";

/// Writes what is not in the project as a file, and names each case with its folder.
pub(super) fn write(below: &Path) -> Result<Vec<(&'static str, PathBuf)>, Error> {
    let [case, server, megabyte] = NAMES;
    let (main, master) = (of_a_server(), SERVICES.to_owned());
    let (large_main, large_master) = of_a_megabyte();
    Ok(vec![
        (case, root().join("tests/cases/modern-submission-server")),
        (server, folder(&below.join(server), &main, &master)?),
        (megabyte, folder(&below.join(megabyte), &large_main, &large_master)?),
    ])
}

fn folder(path: &Path, main: &str, master: &str) -> Result<PathBuf, Error> {
    fs::create_dir_all(path).map_err(Error::file("create", path))?;
    for (name, text) in [("main.cf", main), ("master.cf", master)] {
        let file = path.join(name);
        fs::write(&file, text).map_err(Error::file("write", &file))?;
    }
    Ok(path.to_path_buf())
}

/// About ten kilobytes with its services: as in real files, half of it are comments.
fn of_a_server() -> String {
    SETTINGS.lines().fold(String::new(), |mut text, line| {
        let name = line.split(' ').next().unwrap_or("");
        let _ = writeln!(text, "# See postconf(5) for what {name} means here.\n#{line}\n{line}\n");
        text
    })
}

/// Names, references, comments and services, a megabyte of them.
fn of_a_megabyte() -> (String, String) {
    let mut main = String::from(SETTINGS);
    for number in 0..9600 {
        let _ = writeln!(
            main,
            "# number {number}\nown_{number} = ${} of $myhostname, {number}",
            if number < 100 {
                "mydomain".to_owned()
            } else {
                format!("own_{}", number % 100)
            }
        );
    }
    let mut master = String::from(SERVICES);
    for number in 0..2500 {
        let port = 20_000 + number;
        let _ = writeln!(
            master,
            "{port}     inet  n       -       y       -       -       smtpd\n  -o smtpd_tls_security_level=encrypt\n  \
             -o smtpd_sasl_auth_enable=yes\n  -o smtpd_tls_auth_only=${{own_{number}?{{yes}}:{{no}}}}"
        );
    }
    (main, master)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_they_are_said_to_be() {
        let server = of_a_server().len() + SERVICES.len();
        assert!((9_000..16_000).contains(&server), "{server}");
        let (main, master) = of_a_megabyte();
        let large = main.len() + master.len();
        assert!((950_000..1_100_000).contains(&large), "{large}");
    }
}
