//! Lines of logs and messages of clients are recognised as programs print them, and nothing else is.

use smtplint_core::explain::{PROBLEMS, recognise};
use smtplint_core::facts::Step;
use smtplint_core::rules::RULES;
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::version::{Version, Versions};
use smtplint_core::{Options, check, recognise as recognise_dialect};

/// Each as a program prints it, with names and addresses reserved for examples.
const LINES: &[(&str, &[&str])] = &[
    (
        "protocol-list-unreadable",
        &[
            r#"Sep 18 10:44:45 mail postfix/smtpd[311]: warning: Invalid TLS protocol list "!SSLv2, !SSLv3 #, !TLSv1": disabling TLS support"#,
            "postfix/smtps/smtpd[4711]: warning: Wrapper-mode request dropped from unknown[192.0.2.7] for service smtps. TLS context initialization failed.",
            "454 4.7.0 TLS not available due to local problem",
            "postfix/smtpd[311]: warning: cannot get RSA private key from file \"/etc/ssl/private/mail.key\": disabling TLS support",
            "postfix/smtpd[99]: warning: cannot get RSA private key from file \"/etc/ssl/mail/privkey.pem\": disabling TLS support",
            "postfix/smtpd[5034]: warning: No server certs available. TLS won't be enabled",
        ],
    ),
    (
        "dovecot-protocol-setting",
        &[
            "doveconf: Error: Could not find a minimum ssl_min_protocol setting from ssl_protocols = !SSLv2 !SSLv3: Unrecognized protocol 'SSLv2'",
            "May  3 20:58:31 mail dovecot: doveconf: Warning: Obsolete setting in /etc/dovecot/conf.d/10-ssl.conf:45: ssl_protocols has been replaced by ssl_min_protocol",
            "dovecot: imap-login: Error: Failed to initialize SSL server context: Unknown ssl_min_protocol setting 'TLSv1.3'",
        ],
    ),
    (
        "password-service-down",
        &[
            "postfix/smtps/smtpd[24431]: warning: SASL: Connect to private/auth failed: No such file or directory",
            "mail postfix/smtpd[1332]: fatal: no SASL authentication mechanisms",
            "systemd[1]: dovecot.service: Main process exited, code=exited, status=89/n/a",
            "doveconf: Fatal: Error in configuration file /etc/dovecot/dovecot.conf: The first setting must be dovecot_config_version instead of protocols",
            "doveconf: Fatal: Error in configuration file /etc/dovecot/dovecot.conf line 12: Unknown setting: ssl_min_protocol",
        ],
    ),
    (
        "starttls-first",
        &[
            "530 5.7.0 Must issue a STARTTLS command first",
            "<** 530 Must issue a STARTTLS command first",
            "SMTP ERROR: MAIL FROM command failed: 530 5.7.0 Must issue a STARTTLS command first",
            "postfix/smtp[812]: 4WzPS3: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, dsn=5.7.0, status=bounced (host mx.example.org[192.0.2.1] said: 530 5.7.0 Must issue a STARTTLS command first (in reply to MAIL FROM command))",
        ],
    ),
    (
        "starttls-missing",
        &[
            "javax.mail.MessagingException: STARTTLS is required but host does not support STARTTLS",
            "250-XXXXXXXA",
            "status=deferred (TLS is required, but was not offered by host mail.example.org[192.0.2.1])",
            "smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.",
            "Didn't find STARTTLS in server response, trying anyway...",
            "*** STARTTLS attempted but not supported\n*** Host did not advertise STARTTLS",
            "smtp: server doesn't support STARTTLS",
            "StartTLS is not offered on server \"mail.example.org\"",
        ],
    ),
    (
        "one-side-in-clear",
        &[
            "error:0A0000C6:SSL routines:tls_get_more_records:packet length too long:../ssl/record/methods/tls_common.c:655:",
            "Error: 140632260122560:error:1408F10B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:332:",
            "error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../ssl/record/methods/tlsany_meth.c:82",
            "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)",
            "tls: first record does not look like a TLS handshake",
            "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
            "gnutls: An unexpected TLS packet was received.",
            "SSL_ERROR_RX_RECORD_TOO_LONG",
            r"postfix/smtpd[476]: improper command pipelining after CONNECT from unknown[192.0.2.76]: \026\003\001\002\000\001\000\001\374\003\003",
            r"postfix/submission/smtpd[476]: improper command pipelining after CONNECT from pc.example.org[192.0.2.76]: \x16\x03\x01\x02",
            r#"SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.1] input="\026\003\001\002""#,
            r#"SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.1] input="\x16\x03\x01\x02""#,
        ],
    ),
    (
        "waiting-for-each-other",
        &[
            "postfix/smtps/smtpd[1423]: lost connection after CONNECT from unknown[192.0.2.5]",
            "postfix/smtps/smtpd[1423]: SSL_accept error from unknown[192.0.2.5]: lost connection",
            "postfix/smtps/smtpd[1423]: SSL_accept error from unknown[192.0.2.5]: Connection timed out",
            "postfix/smtpd[77]: timeout after CONNECT from client.example.org[192.0.2.9]",
            "dsn=4.7.5, status=deferred (Cannot start TLS: handshake failure)",
        ],
    ),
    (
        "other-server-is-silent",
        &[
            "postfix/smtp[417]: 4WzPS3: to=<a@example.net>, relay=smtp.example.org[192.0.2.3]:465, dsn=4.4.2, status=deferred (lost connection with smtp.example.org[192.0.2.3] while receiving the initial server greeting)",
            "conversation with smtp.example.org[192.0.2.3] timed out while receiving the initial server greeting",
            r#"postfix/smtp[417]: SMTPS wrappermode (TCP port 465) requires setting "smtp_tls_wrappermode = yes", and "smtp_tls_security_level = encrypt" (or stronger)"#,
        ],
    ),
    (
        "auth-not-offered",
        &[
            "msmtp: the server does not support authentication",
            "503 5.5.1 Error: authentication not enabled",
            "503 AUTH command used when not advertised",
            "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.",
            "*** Host did not advertise authentication",
            "smtp: server doesn't support AUTH",
        ],
    ),
    (
        "login-wanted-first",
        &[
            "554 5.7.1 <pc.example.org[192.0.2.5]>: Client host rejected: Access denied",
            "NOQUEUE: reject: RCPT from unknown[192.0.2.5]: 554 5.7.1 <a@example.net>: Recipient address rejected: Access denied; from=<b@example.org> to=<a@example.net> proto=ESMTP helo=<pc>",
            "554 5.7.1 <b@example.org>: Sender address rejected: Access denied",
        ],
    ),
    (
        "clear-password-refused",
        &[
            "a1 NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.",
            "* BAD [ALERT] Plaintext authentication not allowed without SSL/TLS, but your client did it anyway.\na1 NO [PRIVACYREQUIRED] Cleartext authentication disallowed on non-secure (SSL/TLS) connections.",
            "dovecot: imap-login: Disconnected: Aborted login by logging out (tried to use disallowed plaintext auth): user=<>, rip=192.0.2.5, lip=192.0.2.1",
            "dovecot: imap-login: Login aborted: Connection closed (tried to use disallowed cleartext auth) (cleartext_auth_disabled): user=<>, rip=192.0.2.5, lip=192.0.2.1",
        ],
    ),
    (
        "relay-denied",
        &[
            "554 5.7.1 <bob@example.net>: Relay access denied",
            "postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.5]: 454 4.7.1 <bob@example.net>: Relay access denied; from=<a@example.org> to=<bob@example.net> proto=ESMTP helo=<pc>",
            "550 5.7.1 <bob@example.net>... Relaying denied",
            "550 relay not permitted",
            "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        ],
    ),
    (
        "port-being-closed",
        &[
            "451 4.7.1 Port 465 is about to close: set your mail program to port 587 with STARTTLS",
            "451 4.7.1 <pc[192.0.2.5]>: Client host rejected: Port 587 is about to close: set your mail program to port 465 with SSL/TLS",
            "NOQUEUE: reject: RCPT from pc[192.0.2.5]: 451 4.7.1 <pc[192.0.2.5]>: Client host rejected: Port 465 is about to close: set your mail program to port 587 with STARTTLS; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<pc>",
        ],
    ),
    (
        "sender-not-owned",
        &[
            "553 5.7.1 <joe@example.org>: Sender address rejected: not owned by user joe",
            "postfix/submission/smtpd[8]: NOQUEUE: reject: RCPT from pc.example.org[192.0.2.2]: 553 5.7.1 <info@example.org>: Sender address rejected: not owned by user alice@example.org; from=<info@example.org> to=<bob@example.net> proto=ESMTP helo=<pc>",
            "553 5.7.1 <joe@example.org>: Sender address rejected: not logged in",
        ],
    ),
    (
        "restriction-not-known",
        &[
            "451 4.3.5 Server configuration error",
            "451 4.3.5 Server configuration problem",
            r#"postfix/smtpd[8]: warning: unknown smtpd restriction: "rejct""#,
            "postfix/smtpd[8]: NOQUEUE: reject: RCPT from unknown[192.0.2.5]: 451 4.3.5 Server configuration error; from=<a@example.org> to=<bob@example.net> proto=ESMTP helo=<pc>",
        ],
    ),
    (
        "relaying-not-guarded",
        &[
            "postfix/smtpd[8]: fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working instance of: reject_unauth_destination, defer_unauth_destination, reject, defer, defer_if_permit or check_relay_domains",
            "fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working instance of: reject_unauth_destination, defer_unauth_destination, reject, defer, defer_if_permit or check_relay_domains",
            "mail postfix/submission/smtpd[4711]: fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working instance of: reject_unauth_destination, defer_unauth_destination, reject, defer, defer_if_permit or check_relay_domains",
        ],
    ),
    (
        "network-with-host-bits",
        &[
            r#"postfix/smtpd[8]: warning: non-null host address bits in "192.168.1.1/24", perhaps you should use "192.168.1.0/24" instead"#,
            r#"postfix/postscreen[8]: warning: non-null host address bits in "10.1.2.3/8", perhaps you should use "10.0.0.0/8" instead"#,
            r#"warning: mynetworks: non-null host address bits in "[2001:db8::1]/64", perhaps you should use "[2001:db8::]/64" instead"#,
        ],
    ),
    (
        "guessed-passwords",
        &[
            "postfix/smtpd[5551]: warning: unknown[192.0.2.202]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
            "postfix/submission/smtpd[5551]: warning: pc.example.org[192.0.2.2]: SASL PLAIN authentication failed: authentication failure, sasl_username=alice",
            "postfix/smtpd[5551]: warning: SASL authentication failure: no secret in database",
            "postfix/smtpd[5551]: warning: unknown[192.0.2.2]: SASL CRAM-MD5 authentication failed: Invalid authentication mechanism",
        ],
    ),
    (
        "password-refused",
        &[
            "535 5.7.8 Error: authentication failed:",
            "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
            "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed: authentication failure')",
            "535 Incorrect authentication data",
            "535-5.7.8 Username and Password not accepted. For more information, go to the help pages",
            "535 5.7.8 Authentication credentials invalid",
            "dovecot: imap-login: Disconnected: Connection closed (auth failed, 3 attempts in 12 secs): user=<alice>, method=PLAIN, rip=192.0.2.5, lip=192.0.2.1, TLS",
        ],
    ),
    (
        "relays-for-strangers",
        &[
            "host mx.example.net[192.0.2.99] said: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org (in reply to RCPT TO command)",
            "421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
            "554 5.7.1 The IP address 192.0.2.1 is listed by Spamhaus, see https://check.spamhaus.org/",
            "550 Your server is an open relay",
        ],
    ),
    (
        "key-too-short",
        &[
            "postfix/smtp[812]: warning: TLS library problem: error:141A318A:SSL routines:tls_process_ske_dhe:dh key too small:../ssl/statem/statem_clnt.c:2157:",
            "ssl.SSLError: [SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1123)",
            "error:0A00018F:SSL routines::ee key too small",
            "[SSL: EE_KEY_TOO_SMALL] ee key too small",
            "error:0A00018E:SSL routines::ca md too weak",
            "[SSL: CA_MD_TOO_WEAK] ca md too weak",
        ],
    ),
    (
        "client-too-old",
        &[
            "SSL_ERROR_UNSUPPORTED_VERSION",
            "SSL_ERROR_NO_CYPHER_OVERLAP",
            "postfix/smtpd[1162142]: warning: TLS library problem: error:14209102:SSL routines:tls_early_post_process_client_hello:unsupported protocol:ssl/statem/statem_srvr.c:1686:",
            "postfix/submission/smtpd[7447]: warning: TLS library problem: error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher:../ssl/statem/statem_srvr.c:1419:",
            "SSL_accept() failed: error:0A00018C:SSL routines::version too low",
            "error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:s3_pkt.c:1493:SSL alert number 70",
            "ssl.SSLError: [SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1131)",
            "Your server does not support the connection encryption type you have specified.",
        ],
    ),
    (
        "certificate-refused",
        &[
            "SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown:../ssl/record/rec_layer_s3.c:1543:SSL alert number 46",
            "verify error:num=18:self signed certificate",
            "verify error:num=20:unable to get local issuer certificate",
            "verify error:num=10:certificate has expired",
            "warning: TLS library problem: error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../ssl/record/rec_layer_s3.c:1543:SSL alert number 48:",
            "error:0A000412:SSL routines::sslv3 alert bad certificate:../ssl/record/rec_layer_s3.c:1584:SSL alert number 42",
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'smtp.example.org'. (_ssl.c:1129)",
            "Error: self-signed certificate in certificate chain",
            "x509: certificate signed by unknown authority",
            "Hostname/IP does not match certificate's altnames: Host: mail.example.org. is not in the cert's altnames: DNS:example.org",
        ],
    ),
    (
        "out-of-turn",
        &[
            "554 5.5.0 Error: SMTP protocol synchronization",
            "521 5.5.2 mail.example.org Error: bare <LF> received",
            r"postfix/submission/smtpd[15008]: improper command pipelining after HELO from pc.example.org[192.0.2.1]: ehlo pc.example.org\r\nAUTH LOGIN\r\n",
            "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining",
            "reject: BDAT from unknown[192.0.2.1]: 521 5.5.2 bare <LF> received",
        ],
    ),
    (
        "is-465-obsolete",
        &[
            "465 deprecated, use 587",
            "port 465 is obsolete, says the scanner",
            "the obsolete SMTPS port, port 465",
            "port 465 has been deprecated for years",
            "Is port 465 deprecated?",
            "port 465 is a legacy port, should I move to 587",
            "Note: the deprecated port 465 was detected",
            "465 is deprecated in favour of 587",
            "SMTPS was deprecated in 1998",
        ],
    ),
    (
        "client-without-a-name",
        &[
            "NOQUEUE: reject: RCPT from unknown[192.0.2.66]: 450 4.7.25 Client host rejected: cannot find your hostname",
            "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.66]",
            "550 5.7.25 Client host rejected: cannot find your hostname, [192.0.2.66]",
        ],
    ),
    (
        "handshake-failed",
        &[
            "postfix/smtpd[1]: SSL_accept error from a[192.0.2.1]: -1",
            "TLS error on connection from [192.0.2.5] (gnutls_handshake): The TLS connection was non-properly terminated.",
            "dovecot: imap-login: Disconnected: Connection closed: SSL_accept() failed: error:0A000126:SSL routines::unexpected eof while reading: user=<>, rip=192.0.2.5, lip=192.0.2.1",
            "dovecot: pop3-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=192.0.2.5, lip=192.0.2.1, TLS handshaking: Connection closed",
        ],
    ),
];

/// What stands in every log, in configurations and in other people's troubles.
const OTHERS: &[&str] = &[
    "",
    "postfix/smtpd[77]: connect from mail.example.org[192.0.2.1]",
    "postfix/smtpd[77]: disconnect from mail.example.org[192.0.2.1] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7",
    "postfix/smtpd[77]: Anonymous TLS connection established from mail.example.org[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
    "postfix/submission/smtpd[4655]: 3r4C9S: client=pc.example.org[192.0.2.1], sasl_method=LOGIN, sasl_username=alice",
    "postfix/smtp[465]: 3r4C9S: to=<a@example.net>, relay=mx.example.net[192.0.2.2]:25, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F1)",
    "postfix/smtpd[77]: lost connection after AUTH from unknown[192.0.2.1]",
    "postfix/smtpd[77]: lost connection after STARTTLS from unknown[192.0.2.1]",
    "postfix/smtpd[77]: warning: hostname pc.example.org does not resolve to address 192.0.2.1",
    "postfix/smtp[99]: certificate verification failed for mx.example.net[192.0.2.2]:25: untrusted issuer /C=XX/CN=Example",
    "postfix/smtp[99]: SASL authentication failed; server smtp.example.org[192.0.2.3] said: 535 5.7.8 Error: authentication failed",
    "NOQUEUE: reject: RCPT from unknown[192.0.2.66]: 554 5.7.1 Service unavailable; Client host [192.0.2.66] blocked using zen.spamhaus.org; from=<x@example.com>",
    "postfix/postscreen[1]: NOQUEUE: reject: RCPT from [192.0.2.66]:4711: 550 5.7.1 Service unavailable; client [192.0.2.66] blocked using zen.spamhaus.org",
    "550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown in local recipient table",
    "250-STARTTLS",
    "250-AUTH PLAIN LOGIN",
    "220 mail.example.org ESMTP Postfix",
    "unsupported protocol scheme \"smtp\"",
    "dovecot_config_version = 2.4.1",
    "ssl_min_protocol = TLSv1.2",
    "dovecot: imap-login: Login: user=<alice>, method=PLAIN, rip=192.0.2.1, TLS",
    "systemd[1]: nginx.service: Main process exited, code=exited, status=89/n/a",
    "smtpd_tls_wrappermode = yes",
    "# port 465 for clients, 587 for the others",
    "Dear Sir or Madam,",
];

#[test]
fn every_problem_is_recognised_as_programs_print_it() {
    let mut wrong = Vec::new();
    for (id, lines) in LINES {
        assert!(lines.len() >= 3, "`{id}` needs three real lines");
        for line in *lines {
            let found = recognise(line).map(|problem| problem.id);
            if found != Some(*id) {
                wrong.push(format!("{line}\n    is {found:?}, not {id}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let told: Vec<&str> = LINES.iter().map(|(id, _)| *id).collect();
    let all: Vec<&str> = PROBLEMS.iter().map(|problem| problem.id).collect();
    assert_eq!(told, all, "every problem has its lines, in the same order");
}

fn stands_in_order(line: &str, parts: &[&str]) -> bool {
    let end = parts
        .iter()
        .try_fold(0, |from, part| line[from..].find(part).map(|at| from + at + part.len()));
    end.is_some()
}

#[test]
fn every_sign_is_seen_in_a_real_line() {
    let lines: Vec<String> = LINES
        .iter()
        .flat_map(|(_, lines)| *lines)
        .map(|line| line.to_ascii_lowercase())
        .collect();
    let mut unseen = Vec::new();
    for problem in PROBLEMS {
        let seen = |sign: &&[&str]| lines.iter().any(|line| stands_in_order(line, sign));
        unseen.extend(
            problem
                .signs
                .iter()
                .copied()
                .filter(|sign| !seen(sign))
                .map(|sign| (problem.id, sign)),
        );
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
}

#[test]
fn texts_are_whole_sentences() {
    for problem in PROBLEMS {
        assert!(
            !problem.headline.ends_with('.'),
            "{}: the headline is a sentence without full stop",
            problem.id
        );
        assert!(
            problem.means.ends_with('.') && problem.cause.ends_with('.'),
            "{}",
            problem.id
        );
        assert!(!problem.command.is_empty(), "{}: no command tells", problem.id);
    }
}

#[test]
fn nothing_else_is_taken_for_a_problem() {
    for line in OTHERS {
        assert_eq!(recognise(line).map(|problem| problem.id), None, "{line}");
    }
}

#[test]
fn the_first_line_that_is_known_decides() {
    let log = "postfix/smtpd[1]: connect from a[192.0.2.1]\npostfix/smtpd[1]: SSL_accept error from a[192.0.2.1]: -1\n\
        postfix/smtpd[1]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/x.c:1657:\n\
        postfix/smtpd[1]: lost connection after STARTTLS from a[192.0.2.1]\n";
    assert_eq!(recognise(log).map(|problem| problem.id), Some("client-too-old"));
}

#[test]
fn a_line_that_tells_little_waits_for_one_that_tells_more() {
    let vague =
        "NOQUEUE: reject: RCPT from unknown[192.0.2.66]: 450 4.7.25 Client host rejected: cannot find your hostname";
    let plain = "postfix/smtpd[311]: warning: Invalid TLS protocol list \"x\": disabling TLS support";
    let both = format!("{vague}\n{plain}\n");
    assert_eq!(
        recognise(&both).map(|problem| problem.id),
        Some("protocol-list-unreadable")
    );
}

#[test]
fn long_and_odd_texts_are_no_trouble() {
    assert_eq!(recognise(&"ä".repeat(100_000)), None);
    assert_eq!(recognise(&"\u{0}\u{7f}\r\n".repeat(10_000)), None);
    let hidden = format!("{}\n554 5.7.1 <a@example.org>: Relay access denied", "x".repeat(30_000));
    assert_eq!(recognise(&hidden), None, "what stands behind the end is not looked at");
}

/// Rules of the same release that come with other parts of it.
const TO_COME: &[&str] = &[
    "min-version-syntax-too-new",
    "contradictory-protocol-range",
    "no-certificate-configured",
    "starttls-advertised-without-certificate",
    "key-file-permissions",
    "unencrypted-sasl-backend",
    "starttls-suppressed",
    "no-opportunistic-tls-on-mx",
    "outbound-smarthost-tls-not-required",
    "auth-missing-on-submission",
    "plaintext-forbidden-under-tls",
    "delay-reject-locks-out",
    "no-submission-service",
    "sasl-enabled-globally",
    "open-relay",
    "container-nat-trusted",
    "proxy-protocol-unrestricted",
    "tls-clientcerts-all-relay",
    "relay-domains-catchall",
    "permit-mx-backup",
    "mynetworks-bypasses-auth",
    "tls12-disabled",
    "inclusion-list-protocols",
    "incomplete-chain",
    "hostname-mismatch",
    "expired-or-expiring",
    "smtp-smuggling",
    "unauth-pipelining-allowed",
    "implicit-tls-not-offered",
];

#[test]
fn problems_name_rules_that_exist() {
    for problem in PROBLEMS {
        for rule in problem.rules {
            let there = RULES.iter().any(|(_, known)| known.id == *rule);
            assert!(
                there || TO_COME.contains(rule),
                "`{}` names `{rule}`, which is no rule",
                problem.id
            );
        }
    }
}

const PLAIN_25: &str = "smtp inet n - y - - smtpd\n";

/// The findings of a configuration that explain a line: the rule of each, and the settings that it rests on. `None` when
/// the line is not known.
fn explained(line: &str, main: &str, master: &str) -> Option<Vec<(&'static str, Vec<String>)>> {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", main, SourceKind::Authored));
    sources.add(Source::new("master.cf", master, SourceKind::Authored));
    let mut options = Options::default();
    options.target.postfix = Some(Versions::exactly(Version::new(3, 7, 11)));
    let report = check(&sources, recognise_dialect(&sources)?, &options);
    let settings = |steps: &[Step]| steps.iter().filter_map(Step::setting).map(str::to_owned).collect();
    let found = recognise(line)?.explained_by(line, &report);
    Some(found.iter().map(|one| (one.rule, settings(&one.because))).collect())
}

fn rules_for(line: &str, main: &str) -> Option<Vec<&'static str>> {
    let found = explained(line, main, PLAIN_25)?;
    Some(found.into_iter().map(|(rule, _)| rule).collect())
}

const NO_TLS: &str = "454 4.7.0 TLS not available due to local problem";
const UNGUARDED: &str = "fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one \
    working instance of: reject_unauth_destination";

#[test]
fn a_service_that_dies_of_something_else_explains_nothing() {
    let unguarded = "smtpd_relay_restrictions =\nsmtpd_recipient_restrictions =\n";
    assert_eq!(rules_for(UNGUARDED, unguarded), Some(vec!["service-cannot-start"]));
    assert_eq!(rules_for(NO_TLS, unguarded), Some(Vec::new()));
    let bare = "smtpd_tls_security_level = encrypt\nsmtpd_relay_restrictions = reject_unauth_destination\n";
    assert!(
        rules_for(NO_TLS, bare)
            .expect("it is known")
            .contains(&"service-cannot-start"),
        "TLS is required, and there is no certificate"
    );
    assert_eq!(rules_for(UNGUARDED, bare), Some(Vec::new()));
}

#[test]
fn of_slips_those_explain_a_refusal_that_the_server_stumbles_over() {
    let main = "smtpd_relay_restrictions = rejct, reject_unauth_destination\nsmtpd_helo_restrictons = reject\n";
    for line in [
        "451 4.3.5 Server configuration error",
        r#"warning: unknown smtpd restriction: "rejct""#,
    ] {
        let found = explained(line, main, PLAIN_25).expect("it is known");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].0 == "parameter-typo-or-unused" && found[0].1.contains(&"smtpd_relay_restrictions".to_owned()),
            "{found:?}"
        );
    }
}

#[test]
fn a_network_with_host_bits_is_found_where_it_stands() {
    let main = "mynetworks = 127.0.0.0/8, 192.168.1.1/24\ncompatibility_level = 3.6\nsmtpd_helo_restrictons = reject\n";
    let warning = r#"non-null host address bits in "192.168.1.1/24", perhaps you should use "192.168.1.0/24" instead"#;
    for line in [warning, "451 4.3.5 Server configuration error"] {
        let found = explained(line, main, PLAIN_25).expect("it is known");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains(&"mynetworks".to_owned()), "{found:?}");
    }
}

#[test]
fn a_server_that_checks_no_senders_refuses_none() {
    let line = "553 5.7.1 <joe@example.org>: Sender address rejected: not owned by user joe";
    let users = "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_tls_security_level=encrypt\n\
        \x20 -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n";
    let certificate = "smtpd_tls_chain_files = /etc/ssl/mail.pem\n";
    assert_eq!(explained(line, certificate, users), Some(Vec::new()));
    let checked = format!("{users}  -o smtpd_sender_restrictions=reject_sender_login_mismatch\n");
    let found = explained(line, certificate, &checked).expect("it is known");
    assert!(
        matches!(found.as_slice(), [("sender-spoofing-by-authenticated-users", _)]),
        "{found:?}"
    );
}
