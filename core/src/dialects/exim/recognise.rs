//! Whether a text is Exim's.

use super::debian;
use crate::dialect::Likelihood;

/// The most lines that are looked at.
const LOOKED_AT: usize = 4000;

/// Beginnings of lines that nobody else has.
const OWN: &[&str] = &[
    "acl_smtp_", "acl_not_smtp", "auth_advertise_hosts", "begin acl", "begin authenticators", "begin retry", "begin rewrite",
    "begin routers", "begin transports", "daemon_smtp_port", "domainlist ", "hostlist ", "localpartlist ", "addresslist ",
    "host_reject_connection", "local_interfaces", "openssl_options", "server_advertise_condition", "server_condition",
    "server_set_id", "tls_advertise_hosts", "tls_on_connect_ports", "tls_require_ciphers", "tls_try_verify_hosts", "never_users",
    "rfc1413_hosts", ".include_if_exists ", "no_local_from_check", "keep_environment", "qualify_domain",
];

/// Looks at the path first, then at what stands in the text.
pub(super) fn recognise(path: &str, text: &str) -> Likelihood {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    // The name alone says it, before any of a long file is read.
    if matches!(file, "main.cf" | "master.cf" | "dovecot.conf") {
        return Likelihood::No;
    }
    let is_named = matches!(file, "exim.conf" | "exim4.conf" | "exim4.conf.template" | "exim4.conf.localmacros");
    if is_named || debian::is_answers(path, text) || debian::is_part(path) || super::releases::printed(text).is_some() {
        return Likelihood::Certain;
    }
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')).take(LOOKED_AT);
    let (mut own, mut all) = (0_usize, 0_usize);
    for line in lines {
        all += 1;
        let line = line.strip_prefix("hide ").unwrap_or(line);
        own += usize::from(OWN.iter().any(|one| line.starts_with(one)));
    }
    match own {
        0 => Likelihood::No,
        1 if all > 6 => Likelihood::Possible,
        3.. => Likelihood::Certain,
        _ => Likelihood::Likely,
    }
}
