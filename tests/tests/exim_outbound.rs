//! What is said of the ways on which mail leaves Exim.

#![allow(clippy::panic, clippy::expect_used, reason = "helpers of tests fail as tests do")]

use smtplint_core::dialects::exim::Exim;
use smtplint_core::finding::Confidence;
use smtplint_core::{Options, check, intake};

const CLIENT: &str = "plain:\n  driver = plaintext\n  public_name = PLAIN\n  client_send = ^alice^secret\n";

/// What the rule says of a transport that all mail goes by, to the hosts of a `route_list`, with an authenticator.
fn said(hosts: &str, transport: &str, client: &str) -> Vec<String> {
    let router = match hosts {
        "" => "  driver = dnslookup\n".to_owned(),
        hosts => format!("  driver = manualroute\n  route_list = * {hosts}\n"),
    };
    let text = format!(
        "acl_smtp_rcpt = check\ndomainlist local_domains = example.org\nbegin acl\ncheck:\n  accept domains = +local_domains\n\
         begin routers\nway:\n{router}  domains = !+local_domains\n  transport = out\n\
         begin transports\nout:\n  driver = smtp\n{transport}begin authenticators\n{client}"
    );
    let sources = intake::split("exim.conf", &text);
    let report = check(&sources, &Exim, &Options::default());
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.rule == "outbound-smarthost-tls-not-required");
    let shown = found.map(|finding| {
        let depends = match (finding.confidence, &finding.question) {
            (Confidence::Depends, Some(question)) => format!(", if {}", question.0),
            _ => String::new(),
        };
        format!("{} {}{depends}", finding.severity.word(), finding.message)
    });
    shown.collect()
}

#[test]
fn a_password_needs_a_must_for_tls() {
    let may = |host: &str, what: &str| format!("TLS to {host} may be left out: {what} can travel in clear");
    let both = |host: &str| vec![format!("high {}", may(host, "the password and the mail"))];
    let login = "  hosts_require_auth = smtp.example.net\n";
    let hidden = CLIENT.replace(
        "  client_send",
        "  client_condition = ${if def:tls_out_cipher}\n  client_send",
    );
    for (hosts, transport, client, expected) in [
        (
            "smtp.example.net::587 byname",
            login.to_owned(),
            CLIENT,
            both("smtp.example.net, port 587"),
        ),
        // Otherwise DNS may have keys for it, and then there is a must.
        (
            "smtp.example.net::587",
            login.to_owned(),
            CLIENT,
            vec![format!("{}, if next-hop-dane", both("smtp.example.net, port 587")[0])],
        ),
        (
            "smtp.example.net::587",
            format!("{login}  hosts_try_dane =\n"),
            CLIENT,
            both("smtp.example.net, port 587"),
        ),
        (
            "smtp.example.net byname",
            format!("{login}  hosts_require_tls = *\n"),
            CLIENT,
            vec![],
        ),
        (
            "smtp.example.net byname",
            format!("{login}  hosts_require_tls = smtp.example.net\n"),
            CLIENT,
            vec![],
        ),
        // Another name may be the same host.
        (
            "smtp.example.net byname",
            format!("{login}  hosts_require_tls = mail.example.net\n"),
            CLIENT,
            vec![],
        ),
        (
            "smtp.example.net byname",
            format!("{login}  protocol = smtps\n"),
            CLIENT,
            vec![],
        ),
        // Up to 4.98 this is plain SMTP.
        (
            "smtp.example.net byname",
            format!("{login}  protocol = submissions\n"),
            CLIENT,
            both("smtp.example.net, port 25"),
        ),
        ("smtp.example.net byname", String::new(), CLIENT, vec![]),
        ("smtp.example.net byname", login.to_owned(), "", vec![]),
        // Without a login nothing leaves, and in clear there is none.
        ("smtp.example.net byname", login.to_owned(), hidden.as_str(), vec![]),
        (
            "smtp.example.net byname",
            login.replace("require", "try"),
            hidden.as_str(),
            vec![format!("medium {}", may("smtp.example.net, port 25", "the mail"))],
        ),
        // A library that shows the password all the same.
        (
            "smtp.example.net byname",
            login.to_owned(),
            "g:\n  driver = gsasl\n  public_name = PLAIN\n  client_username = alice\n  client_password = secret\n",
            both("smtp.example.net, port 25"),
        ),
        // Whoever blocks the first host is given what goes to the second.
        (
            "192.0.2.1:192.0.2.2",
            "  hosts_require_auth = *\n  hosts_require_tls = 192.0.2.1\n".to_owned(),
            CLIENT,
            both("192.0.2.2, port 25"),
        ),
        (
            "a.example byname",
            "  fallback_hosts = b.example\n  hosts_try_auth = b.example\n".to_owned(),
            CLIENT,
            vec![format!("{}, if next-hop-dane", both("b.example, port 25")[0])],
        ),
    ] {
        assert_eq!(
            said(hosts, &transport, client),
            expected,
            "{hosts}\n{transport}{client}"
        );
    }
}

#[test]
fn a_password_for_everybody_is_told() {
    let everybody = "  hosts_try_auth = *\n";
    assert_eq!(
        said("", everybody, CLIENT),
        ["high the password goes to every server that mail is sent to"]
    );
    assert_eq!(said("", "  hosts_try_auth = smtp.example.net\n", CLIENT), [""; 0]);
    assert_eq!(said("", everybody, ""), [""; 0]);
}

#[test]
fn what_stays_in_the_queue_is_told() {
    for (hosts, transport, why) in [
        (
            "smtp.example.net::465",
            "",
            "mail for smtp.example.net, port 465 stays in the queue: port 465 begins with TLS, and without `protocol = smtps` Exim waits there for a greeting",
        ),
        (
            "smtp.example.net::587",
            "  protocol = smtps\n",
            "mail for smtp.example.net, port 587 stays in the queue: port 587 begins in clear, and `protocol = smtps` begins with TLS",
        ),
        (
            "smtp.example.net",
            "  hosts_require_tls = *\n  hosts_avoid_tls = *\n",
            "mail for smtp.example.net, port 25 stays in the queue: `hosts_avoid_tls` keeps TLS away where `hosts_require_tls` insists on it",
        ),
    ] {
        assert_eq!(said(hosts, transport, ""), [format!("high {why}")], "{transport}");
    }
    // The other end of a tunnel.
    assert_eq!(said("127.0.0.1::465", "", ""), [""; 0]);
}
