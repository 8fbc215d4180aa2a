//! Commands that show whether a stage worked, and records for the zone file.

use super::{Check, Course, SHORT_TTL};

fn check(command: String, shows: impl Into<String>) -> Check {
    Check {
        command,
        shows: shows.into(),
    }
}

/// The name under which RFC 6186 and RFC 8314 §5.1 look a port up.
pub(super) fn service(port: u16) -> &'static str {
    if port == 465 {
        "_submissions._tcp"
    } else {
        "_submission._tcp"
    }
}

/// How programs call what is to be chosen for a port.
pub(super) fn security(port: u16) -> &'static str {
    if port == 465 { "SSL/TLS" } else { "STARTTLS" }
}

impl Course<'_> {
    /// A record, relative to the zone.
    fn record(&self, port: u16, priority: u8) -> String {
        format!(
            "{:<18} {SHORT_TTL} IN SRV {priority} 1 {port} {}.",
            service(port),
            self.host
        )
    }

    /// The two ports, the first one to be tried first.
    pub(super) fn records(&self, first: u16, second: u16) -> Vec<String> {
        vec![self.record(first, 0), self.record(second, 10)]
    }

    /// One port, and that the other is not there (RFC 2782).
    pub(super) fn records_without(&self, kept: u16, gone: u16) -> Vec<String> {
        vec![
            self.record(kept, 0),
            format!("{:<18} {SHORT_TTL} IN SRV 0 0 0 .", service(gone)),
        ]
    }

    /// What name servers answer for both ports.
    pub(super) fn look_up(&self, shows: &str) -> Vec<Check> {
        let look = |port| check(format!("dig +noall +answer SRV {}.DOMAIN", service(port)), shows);
        vec![look(587), look(465)]
    }

    /// That a port does what its users need, seen from outside, and refuses what it must.
    pub(super) fn try_port(&self, port: u16) -> Vec<Check> {
        let host = &self.host;
        let (starttls, wrapped, begin) = if port == 465 {
            ("", " -w", "--tls-on-connect")
        } else {
            (" -starttls smtp", "", "--tls")
        };
        let mut checks = vec![
            check(
                format!(
                    "openssl s_client -connect {host}:{port}{starttls} -verify_hostname {host} -verify_return_error -brief </dev/null"
                ),
                "`Verification: OK`, with TLSv1.2 or TLSv1.3",
            ),
            check(
                format!(
                    "swaks --server {host} --port {port} {begin} --tls-verify --auth --auth-user USER --from USER --to USER"
                ),
                "`235` after AUTH, and `250` after the message: it arrives",
            ),
        ];
        if port == 587 {
            checks.push(check(
                format!("swaks --server {host} --port 587 --from USER --to USER --quit-after MAIL"),
                "`530` after MAIL, and no line with AUTH: nothing is taken in clear",
            ));
        }
        checks.push(check(
            format!(
                "swaks --server {host} --port {port} {begin} --from USER --to someone@example.net --quit-after RCPT"
            ),
            "`554` or another `5xx` after RCPT: nobody sends without a login",
        ));
        checks.push(check(
            format!("posttls-finger -c{wrapped} -l secure -P /etc/ssl/certs '[{host}]:{port}'"),
            "`Verified TLS connection established`",
        ));
        let starttls = if port == 465 { "" } else { "--starttls smtp " };
        checks.push(check(
            format!("testssl.sh {starttls}--protocols --server-defaults {host}:{port}"),
            "TLS 1.2 and 1.3 offered, nothing older; the chain of trust Ok",
        ));
        checks
    }

    /// That a port puts users off for now, behind the login.
    pub(super) fn try_brown_out(&self, port: u16) -> Check {
        let host = &self.host;
        let begin = if port == 465 { "--tls-on-connect" } else { "--tls" };
        check(
            format!(
                "swaks --server {host} --port {port} {begin} --auth --auth-user USER --from USER --to USER --quit-after RCPT"
            ),
            "`235` after AUTH, and a `4xx` after RCPT: the mail stays in the outbox",
        )
    }

    /// That nobody listens any more, and that clients are told at once.
    pub(super) fn try_closed(&self, port: u16) -> Check {
        check(
            format!("openssl s_client -connect {}:{port} </dev/null", self.host),
            "`Connection refused` at once; when it hangs, a firewall drops where it is to reject",
        )
    }

    /// Who used which port. `names` are those of the services in the log, each with its port: what the names do not tell by
    /// themselves is said.
    pub(super) fn count(names: &[(&str, u16)], shows: impl Into<String>) -> Check {
        let tells = |name: &str| matches!(name, "postfix/submission" | "postfix/submissions" | "postfix/smtps");
        let said: String = names
            .iter()
            .filter(|(name, _)| !tells(name))
            .map(|(name, port)| format!(" --service {name}={port}"))
            .collect();
        check(format!("smtplint usage{said} /var/log/mail.log*"), shows)
    }
}
