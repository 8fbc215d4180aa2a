//! Certificates: what is read from a file, and what is said of a server that shows it.

#![allow(clippy::panic, clippy::expect_used, reason = "helpers of tests fail as tests do")]

#[path = "common/certificates.rs"]
mod files;

use files::{NOW, certificates};
use smtplint_core::certificate::{self, Certificate, Content, Digest, KeyKind, Object, SeenFile};
use smtplint_core::finding::{Confidence, Severity};
use smtplint_core::report::{Options, Report};
use smtplint_core::source::{Source, SourceKind, Sources};

const CERTIFICATE: &str = "/etc/ssl/mail.pem";
const KEY: &str = "/etc/ssl/mail.key";

/// Names [`CERTIFICATE`] and [`KEY`].
const MAIN: &str = "smtpd_tls_cert_file = /etc/ssl/mail.pem\nsmtpd_tls_key_file = /etc/ssl/mail.key\n";

/// A careful server but for its certificate.
const REST: &str = "compatibility_level = 3.6\nmyhostname = mail.example.org\ndisable_vrfy_command = yes\n\
    smtpd_data_restrictions = reject_unauth_pipelining\nsmtpd_forbid_bare_newline = yes\nsmtpd_discard_ehlo_keywords = chunking\nsmtpd_tls_loglevel = 1\n\
    smtpd_tls_mandatory_exclude_ciphers = aNULL, kRSA, kDHE, SHA1, SHA256, SHA384\n\
    smtpd_tls_mandatory_protocols = >=TLSv1.2\nsmtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_security_level = may\nmynetworks = 127.0.0.0/8\n";

const SUBMISSION: &str = "submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n  \
    -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n";

const MX: &str = "smtp inet n - y - - smtpd\n";

fn own(name: &str) -> Certificate {
    match certificate::read(&certificates(name)).into_iter().next() {
        Some(Object::Certificate(one)) => one,
        other => panic!("{name}: {other:?}"),
    }
}

fn holding(names: &[&str]) -> SeenFile {
    let objects = names.iter().flat_map(|name| match *name {
        "key" => vec![Object::Key],
        name => certificate::read(&certificates(name)),
    });
    SeenFile {
        content: Content::Holds(objects.collect()),
        everyone_reads: Some(false),
    }
}

fn with(content: Content) -> SeenFile {
    SeenFile {
        content,
        everyone_reads: None,
    }
}

fn judge(main: &str, master: &str, files: Vec<(&str, SeenFile)>) -> Report {
    judge_with(main, master, |options| {
        options.target.seen.files = files.into_iter().map(|(path, file)| (path.to_owned(), file)).collect();
    })
}

fn judge_with(main: &str, master: &str, options_of: impl FnOnce(&mut Options)) -> Report {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", &format!("{REST}{main}"), SourceKind::Authored));
    sources.add(Source::new("master.cf", master, SourceKind::Authored));
    let mut options = Options::default();
    options.target.seen.now = Some(NOW);
    options_of(&mut options);
    let dialect = smtplint_core::recognise(&sources).expect("it is Postfix");
    smtplint_core::check(&sources, dialect, &options)
}

/// Rules that speak, each with its severity; those about certificates, and what is worse than information.
fn found(report: &Report) -> Vec<(&str, Severity)> {
    let shown = report
        .findings
        .iter()
        .filter(|one| one.group == "certificates" || one.severity > Severity::Info);
    shown.map(|one| (one.rule, one.severity)).collect()
}

/// Questions that hold up a rule.
fn open(report: &Report) -> Vec<&str> {
    report
        .questions
        .iter()
        .filter(|one| !one.unlocks.is_empty())
        .map(|one| one.id.0.as_str())
        .collect()
}

/// What is said of a certificate in the usual place.
fn shows(master: &str, names: &[&str]) -> Report {
    judge(MAIN, master, vec![(CERTIFICATE, holding(names))])
}

#[test]
fn fields_are_read() {
    let one = own("fine");
    assert_eq!(one.subject, "CN=mail.example.org");
    assert_eq!(one.issuer, "CN=Example Intermediate, O=Example Trust, C=XX");
    assert_eq!(one.dns_names, ["mail.example.org", "smtp.example.org"]);
    assert_eq!(one.common_name.as_deref(), Some("mail.example.org"));
    assert_eq!(
        [one.not_before, one.not_after].map(certificate::day),
        ["2020-01-01", "2125-12-31"]
    );
    assert!(one.is_public && !one.is_authority && !one.is_self_issued());
    for (name, key, bits, digest) in [
        ("fine", KeyKind::Ec, 256, Digest::Newer),
        ("rsa-1024", KeyKind::Rsa, 1024, Digest::Newer),
        ("rsa-2048", KeyKind::Rsa, 2048, Digest::Newer),
        ("ed25519", KeyKind::Edwards, 0, Digest::Newer),
        ("sha-1", KeyKind::Ec, 256, Digest::Sha1),
    ] {
        let one = own(name);
        assert_eq!((one.key, one.bits, one.digest), (key, bits, digest), "{name}");
    }
    let root = own("root");
    assert!(root.is_authority && root.is_self_issued() && !root.is_public);
    assert!(own("intermediate").is_authority && !own("private-authority").is_public);
}

#[test]
fn each_fault_is_one_finding() {
    for (names, on_submission) in [
        (&["fine"][..], None),
        (&["rsa-2048"], None),
        (&["ed25519"], None),
        (&["expired"], Some(("expired-or-expiring", Severity::High))),
        (&["expiring"], Some(("expired-or-expiring", Severity::Medium))),
        (&["early"], Some(("expired-or-expiring", Severity::High))),
        (&["week"], None),
        (&["other-host"], Some(("hostname-mismatch", Severity::High))),
        (&["leaf-alone"], Some(("incomplete-chain", Severity::Medium))),
        (&["leaf-alone", "root"], Some(("incomplete-chain", Severity::Medium))),
        (&["leaf-alone", "root", "intermediate"], None),
        (&["sha-1"], Some(("weak-key-or-signature", Severity::High))),
        (&["rsa-1024"], Some(("weak-key-or-signature", Severity::High))),
        (&["self-signed"], Some(("self-signed-or-snakeoil", Severity::High))),
    ] {
        let report = shows(SUBMISSION, names);
        assert_eq!(found(&report), Vec::from_iter(on_submission), "{names:?}");
        let on_mx = on_submission.map(|(rule, _)| (rule, Severity::Info));
        assert_eq!(found(&shows(MX, names)), Vec::from_iter(on_mx), "{names:?} on an mx");
    }
}

#[test]
fn a_self_made_certificate_explains_the_rest() {
    let main = MAIN.replace("mail.pem", "ssl-cert-snakeoil.pem") + "myhostname = other.example.org\n";
    let report = judge(
        &main,
        SUBMISSION,
        vec![("/etc/ssl/ssl-cert-snakeoil.pem", holding(&["self-signed"]))],
    );
    assert_eq!(
        found(&report),
        [
            ("self-signed-or-snakeoil", Severity::High),
            ("shadowed-setting", Severity::Low)
        ]
    );
    // A name that misleads counts for nothing once the file was looked at.
    let report = judge(
        &main,
        SUBMISSION,
        vec![("/etc/ssl/ssl-cert-snakeoil.pem", holding(&["other-host"]))],
    );
    assert!(
        found(&report)
            .iter()
            .all(|(rule, _)| *rule != "self-signed-or-snakeoil")
    );
    let report = judge(
        &main,
        SUBMISSION,
        vec![(
            "/etc/ssl/ssl-cert-snakeoil.pem",
            with(Content::Unseen("cannot be read")),
        )],
    );
    assert!(found(&report).contains(&("self-signed-or-snakeoil", Severity::High)));
}

#[test]
fn a_name_that_nobody_said_may_be_another_one() {
    let certain = |report: &Report| {
        report
            .findings
            .iter()
            .find(|one| one.rule == "hostname-mismatch")
            .map(|one| one.confidence)
    };
    assert_eq!(certain(&shows(SUBMISSION, &["other-host"])), Some(Confidence::Depends));
    let said = |name: &str, file: &str| {
        judge_with(MAIN, SUBMISSION, |options| {
            options.target.published_name = Some(name.to_owned());
            options
                .target
                .seen
                .files
                .insert(CERTIFICATE.to_owned(), holding(&[file]));
        })
    };
    assert_eq!(
        certain(&said("mail.example.org", "other-host")),
        Some(Confidence::Certain)
    );
    assert_eq!(certain(&said("imap.example.com", "other-host")), None);
    assert_eq!(certain(&said("example.com", "other-host")), Some(Confidence::Certain));
    assert_eq!(certain(&said("SMTP.example.org", "fine")), None);
    // Clients that ask for a name may get another certificate.
    let report = judge(
        &format!("{MAIN}tls_server_sni_maps = hash:/etc/x\n"),
        SUBMISSION,
        vec![(CERTIFICATE, holding(&["other-host"]))],
    );
    assert_eq!((found(&report), open(&report)), (vec![], vec!["certificate-by-name"]));
}

#[test]
fn what_was_not_seen_is_asked_and_what_is_not_there_is_said() {
    let report = judge(
        MAIN,
        SUBMISSION,
        vec![(CERTIFICATE, with(Content::Unseen("cannot be read")))],
    );
    assert_eq!(found(&report), []);
    assert_eq!(open(&report), ["certificate-/etc/ssl/mail.pem"]);
    let gone = judge(MAIN, SUBMISSION, vec![(CERTIFICATE, with(Content::Missing))]);
    assert_eq!(found(&gone), [("service-cannot-start", Severity::High)]);
    assert!(
        gone.findings[0]
            .message
            .ends_with("no handshake succeeds: `/etc/ssl/mail.pem` is not there"),
        "{}",
        gone.findings[0].message
    );
    let key_gone = judge(
        MAIN,
        SUBMISSION,
        vec![(CERTIFICATE, holding(&["fine"])), (KEY, with(Content::Missing))],
    );
    assert_eq!(found(&key_gone), [("service-cannot-start", Severity::High)]);
    let may = SUBMISSION.replace("=encrypt", "=may");
    let gone = judge(MAIN, &may, vec![(CERTIFICATE, holding(&["key"]))]);
    assert_eq!(found(&gone), [("no-tls-on-submission", Severity::Critical)]);
    assert!(
        gone.findings[0]
            .message
            .ends_with("`/etc/ssl/mail.pem` holds no certificate"),
        "{}",
        gone.findings[0].message
    );
    // Nobody looked at all: the rules have no subject, and nothing is asked.
    let nobody = judge(MAIN, SUBMISSION, Vec::new());
    assert_eq!((found(&nobody), open(&nobody)), (vec![], vec![]));
    assert!(
        nobody
            .not_applicable
            .iter()
            .any(|one| one.rule == "expired-or-expiring")
    );
}

#[test]
fn chains_are_read_as_postfix_reads_them() {
    let chain = |paths: &str, files| judge(&format!("smtpd_tls_chain_files = {paths}\n"), SUBMISSION, files);
    let fine = chain("/a, /b", vec![("/a", holding(&["key"])), ("/b", holding(&["fine"]))]);
    assert_eq!((found(&fine), open(&fine)), (vec![], vec![]));
    let wrong_order = chain("/b, /a", vec![("/a", holding(&["key"])), ("/b", holding(&["fine"]))]);
    assert_eq!(found(&wrong_order), [("service-cannot-start", Severity::High)]);
    let two_keys = chain("/a", vec![("/a", holding(&["key", "fine", "key", "expired"]))]);
    assert_eq!(found(&two_keys), [("expired-or-expiring", Severity::High)]);
    // smtpd goes on without what is missing, and has nothing to show.
    let missing = judge(
        "smtpd_tls_chain_files = /a /b\n",
        &format!("{SUBMISSION}  -o smtpd_tls_mandatory_exclude_ciphers=\n"),
        vec![("/a", holding(&["key", "fine"])), ("/b", with(Content::Missing))],
    );
    assert_eq!(found(&missing), [("no-certificate-configured", Severity::High)]);
    // A key that only root can read hides nothing, and a file behind the last certificate may.
    let hidden = || with(Content::Unseen("cannot be read"));
    let key_first = chain("/a /b", vec![("/a", hidden()), ("/b", holding(&["fine"]))]);
    assert_eq!((found(&key_first), open(&key_first)), (vec![], vec![]));
    let behind = chain("/a /b", vec![("/a", holding(&["key", "leaf-alone"])), ("/b", hidden())]);
    assert_eq!((found(&behind), open(&behind)), (vec![], vec!["certificate-/b"]));
}

#[test]
fn what_is_missing_in_a_chain_may_come_from_elsewhere() {
    let with_authorities = |authorities: SeenFile| {
        let files = vec![(CERTIFICATE, holding(&["leaf-alone"])), ("/ca", authorities)];
        judge(&format!("{MAIN}smtpd_tls_CAfile = /ca\n"), SUBMISSION, files)
    };
    assert_eq!(found(&with_authorities(holding(&["root", "intermediate"]))), []);
    assert_eq!(
        found(&with_authorities(holding(&["root"]))),
        [("incomplete-chain", Severity::Medium)]
    );
    let hidden = with_authorities(with(Content::Unseen("cannot be read")));
    assert_eq!((found(&hidden), open(&hidden)), (vec![], vec!["certificate-/ca"]));
    let folder = judge(
        &format!("{MAIN}smtpd_tls_CApath = /ca\n"),
        SUBMISSION,
        vec![(CERTIFICATE, holding(&["leaf-alone"]))],
    );
    assert_eq!((found(&folder), open(&folder)), (vec![], vec!["certificate-chain"]));
    // An authority of one's own may issue by the very certificate that clients have.
    let private = shows(SUBMISSION, &["private-authority"]);
    assert_eq!((found(&private), open(&private)), (vec![], vec!["certificate-issuer"]));
}

#[test]
fn keys_are_for_few() {
    let everyone = |content| SeenFile {
        content,
        everyone_reads: Some(true),
    };
    let key = || everyone(Content::Unseen("is a private key, and is not opened"));
    let fine = || holding(&["fine"]);
    let both = MAIN.replace("mail.key", "mail.pem");
    for (main, files, speaks) in [
        (MAIN, vec![(CERTIFICATE, fine()), (KEY, key())], true),
        (
            MAIN,
            vec![(CERTIFICATE, everyone(fine().content)), (KEY, fine())],
            false,
        ),
        (
            both.as_str(),
            vec![(CERTIFICATE, everyone(holding(&["fine", "key"]).content))],
            true,
        ),
        (both.as_str(), vec![(CERTIFICATE, holding(&["fine", "key"]))], false),
    ] {
        let report = judge(main, &format!("{MX}{SUBMISSION}"), files);
        let expected: &[_] = if speaks {
            &[("key-file-permissions", Severity::Medium)]
        } else {
            &[]
        };
        assert_eq!(found(&report), expected, "{main}");
    }
}

#[test]
fn what_was_pasted_is_the_servers_whatever_its_name() {
    let given = |text: &str| {
        judge_with(MAIN, SUBMISSION, |options| {
            options.target.seen.given = certificate::given(text)
        })
    };
    assert_eq!(
        found(&given(&certificates("expired"))),
        [("expired-or-expiring", Severity::High)]
    );
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let alone = given(key);
    assert_eq!((found(&alone), open(&alone)), (vec![], vec![]));
    let damaged = given(&certificates("expired").replace("MII", "MIA"));
    assert_eq!((found(&damaged), open(&damaged)), (vec![], vec!["certificate-given"]));
    // Two certificates for two keys.
    let two = given(&(certificates("fine") + &certificates("expired")));
    assert_eq!(found(&two), [("expired-or-expiring", Severity::High)]);
}
