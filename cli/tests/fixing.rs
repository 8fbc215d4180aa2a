//! `fix` on files: what it writes, what it keeps, and what it refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use std::path::Path;
use std::process::Output;

use common::{fed, smtplint};

const MAIN: &str = "compatibility_level = 3.6\nmyhostname = mail.example.org\n# who speaks\nsmtpd_banner = $myhostname ESMTP $mail_name $mail_version\n\
    smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /etc/ssl/mail.pem\n";
const MASTER: &str = "smtp inet n - y - - smtpd\n";

/// A folder with a configuration that is careful, but for its greeting.
fn folder() -> tempfile::TempDir {
    common::folder(&[("main.cf", MAIN), ("master.cf", MASTER)])
}

/// A folder where port 587 takes passwords in clear.
fn folder_in_clear() -> tempfile::TempDir {
    common::folder(&[("main.cf", common::MAIN), ("master.cf", common::MASTER)])
}

/// Puts beside a configuration what `usage` says of a log.
fn with_evidence(folder: &Path, clear: bool) -> String {
    let usage = fed(&["usage", "-", "--format", "json"], log(clear).as_bytes());
    common::write(folder, "usage.json", usage.out.as_bytes());
    folder.join("usage.json").display().to_string()
}

fn fix(folder: &Path, flags: &[&str]) -> Output {
    smtplint(&["fix", "--target", "postfix=3.7"])
        .arg(folder)
        .args(flags)
        .output()
        .unwrap()
}

fn main_cf(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("main.cf")).unwrap()
}

#[test]
fn a_patch_changes_no_file() {
    let folder = folder();
    let output = fix(folder.path(), &["--rule", "banner-discloses-version"]);
    let patch = String::from_utf8(output.stdout).unwrap();
    assert!(patch.contains("\n-smtpd_banner = $myhostname ESMTP $mail_name $mail_version\n+smtpd_banner = $myhostname ESMTP $mail_name\n"), "{patch}");
    assert_eq!(main_cf(folder.path()), MAIN);
    assert!(output.status.success());
}

#[test]
fn what_is_written_keeps_a_copy_and_all_else() {
    let folder = folder();
    let output = fix(folder.path(), &["--rule", "banner-discloses-version", "--write"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(main_cf(folder.path()), MAIN.replace(" $mail_version", ""));
    let copy = folder.path().join("main.cf.before-fix-1");
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), MAIN);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("master.cf")).unwrap(),
        MASTER
    );
    // A second run has nothing to do, and keeps no second copy.
    let again = fix(folder.path(), &["--rule", "banner-discloses-version", "--write"]);
    assert!(again.status.success() && again.stdout.is_empty(), "{again:?}");
    assert!(!folder.path().join("main.cf.before-fix-2").exists());
}

#[test]
fn what_shuts_somebody_out_is_left_until_it_is_allowed() {
    let folder = folder_in_clear();
    let left = fix(folder.path(), &["--rule", "auth-offered-in-clear"]);
    let told = String::from_utf8_lossy(&left.stderr).into_owned();
    assert_eq!((left.status.code(), left.stdout.is_empty()), (Some(1), true), "{told}");
    assert!(
        told.contains("--allow-impact") && told.contains("users whose clients send or log in without TLS"),
        "{told}"
    );
    let allowed = fix(folder.path(), &["--rule", "auth-offered-in-clear", "--allow-impact"]);
    assert!(allowed.status.success() && !allowed.stdout.is_empty(), "{allowed:?}");
}

/// Two sessions on 587 with a login, as Postfix logs them.
fn log(clear: bool) -> String {
    let tls = "postfix/submission/smtpd[7]: Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)";
    let (tls, starttls) = if clear { ("", "") } else { (tls, " starttls=1") };
    let line = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("Nov 27 01:02:03 mail {text}\n")
        }
    };
    line("postfix/submission/smtpd[7]: connect from unknown[192.0.2.7]")
        + &line(tls)
        + &line(
            "postfix/submission/smtpd[7]: 4F1: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=anna@example.org",
        )
        + &line(&format!(
            "postfix/submission/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=2{starttls} auth=1 mail=1 rcpt=1 data=1 quit=1 commands=7"
        ))
}

#[test]
fn a_log_names_who_would_be_shut_out_or_shows_that_nobody_is() {
    let folder = folder_in_clear();
    let with_log = |clear: bool| {
        let evidence = with_evidence(folder.path(), clear);
        fix(
            folder.path(),
            &["--rule", "auth-offered-in-clear", "--evidence", &evidence],
        )
    };
    let named = with_log(true);
    let told = String::from_utf8_lossy(&named.stderr).into_owned();
    assert_eq!(named.status.code(), Some(1), "{told}");
    assert!(told.contains("1 login in the log, of anna@example.org"), "{told}");
    let cleared = with_log(false);
    let told = String::from_utf8_lossy(&cleared.stderr).into_owned();
    assert!(cleared.status.success() && !cleared.stdout.is_empty(), "{told}");
    assert!(told.contains("nobody by the log: port 587"), "{told}");
}

#[test]
fn machines_that_lose_trust_are_a_cost() {
    let folder = folder();
    std::fs::write(
        folder.path().join("main.cf"),
        format!("{MAIN}mynetworks = 127.0.0.0/8, 0.0.0.0/0\n"),
    )
    .unwrap();
    let left = fix(folder.path(), &["--rule", "trusted-networks-too-wide"]);
    let told = String::from_utf8_lossy(&left.stderr).into_owned();
    assert_eq!((left.status.code(), left.stdout.is_empty()), (Some(1), true), "{told}");
    assert!(
        told.contains("machines in 0.0.0.0/0 are not trusted any more"),
        "{told}"
    );
    // A rule that another finding explains is mended with that one.
    let explained = fix(folder.path(), &["--rule", "open-relay", "--allow-impact"]);
    assert!(
        !String::from_utf8_lossy(&explained.stderr).contains("nothing to mend"),
        "{explained:?}"
    );
}

#[test]
fn a_plan_names_those_who_have_to_move() {
    let folder = folder();
    let master = "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n  -o syslog_name=postfix/submission\n  \
        -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n";
    std::fs::write(folder.path().join("master.cf"), master).unwrap();
    let evidence = with_evidence(folder.path(), false);
    let plan = |flags: &[&str]| {
        let arguments = [
            "migrate",
            "--to",
            "465",
            "--target",
            "postfix=3.7",
            "--evidence",
            &evidence,
        ];
        let output = smtplint(&arguments).args(flags).arg(folder.path()).output().unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let named = plan(&[]);
    assert!(
        named.contains("By the log these log in at port 587: anna@example.org (1 login, the last"),
        "{named}"
    );
    assert!(!plan(&["--redact"]).contains("anna"));
}

/// What `(postconf mail_version; postconf -n; postconf -M)` prints, as the README has it.
const PRINTED: &str = "mail_version = 3.7.11\ncompatibility_level = 3.6\nmyhostname = mail.example.org\n\
    smtpd_tls_chain_files = /etc/ssl/mail.pem\nsmtpd_tls_security_level = may\n\
    smtp       inet  n       -       y       -       -       smtpd\n\
    submission inet  n       -       y       -       -       smtpd -o smtpd_sasl_auth_enable=yes\n\
    pickup     unix  n       -       y       60      1       pickup\n";

#[test]
fn what_the_server_printed_gets_commands_and_no_patch() {
    let ran = fed(&["fix", "-", "--allow-impact"], PRINTED.as_bytes());
    assert!(
        ran.out
            .contains("postconf -P 'submission/inet/smtpd_tls_security_level=encrypt'\n"),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("postconf -e 'smtpd_forbid_bare_newline = yes'\n"),
        "{ran:?}"
    );
    assert!(ran.out.lines().all(|line| line.starts_with("postconf -")), "{ran:?}");
    assert!(ran.err.contains("run these commands on the server"), "{ran:?}");
    // Without the settings nothing is told of main.cf; the services are a print-out all the same.
    let services = "smtp       inet  n       -       y       -       -       smtpd\n\
        smtps      inet  n       -       y       -       -       smtpd -o smtpd_tls_wrappermode=yes\n";
    let flags = ["fix", "-", "--target", "postfix=3.7", "--rule", "service-named-smtps"];
    let ran = fed(&flags, services.as_bytes());
    assert_eq!(ran.out, "postconf -F 'smtps/inet/service=submissions'\n", "{ran:?}");
}

#[test]
fn a_password_in_a_paste_is_no_context_of_a_patch() {
    let main = MAIN.replace(
        "# who speaks\n",
        "# who speaks\nsmtp_sasl_password_maps = inline:{[relay.example.org]=anna:hunter2}\n",
    );
    let flags = [
        "fix",
        "-",
        "--target",
        "postfix=3.7",
        "--rule",
        "banner-discloses-version",
    ];
    let ran = fed(&flags, format!("{main}{MASTER}").as_bytes());
    assert!(ran.out.contains("\n-smtpd_banner"), "{ran:?}");
    assert!(!ran.out.contains("hunter2") && !ran.out.contains("***"), "{ran:?}");
}

#[test]
fn a_new_service_fits_every_release_that_it_may_be() {
    let main = "myhostname = mail.example.org\nsmtpd_tls_security_level = may\n\
        smtpd_tls_cert_file = /etc/ssl/mail.pem\nsmtpd_sasl_auth_enable = yes\nsmtpd_tls_auth_only = yes\n\
        smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination\n";
    let master = "smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n";
    for (target, head) in [
        (&[][..], "+465 inet"),
        (&["--target", "postfix=3.4"][..], "+smtps inet"),
        (&["--target", "postfix=3.7"][..], "+submissions inet"),
    ] {
        let flags = [&["fix", "-", "--rule", "implicit-tls-not-offered"][..], target].concat();
        let ran = fed(&flags, format!("{main}{master}").as_bytes());
        assert!(ran.out.contains(head), "{target:?}: {ran:?}");
    }
}

#[test]
fn a_plan_names_the_domain_that_was_told() {
    let folder = common::folder(&[
        ("main.cf", common::MAIN),
        (
            "master.cf",
            "smtp inet n - y - - smtpd\nsubmissions inet n - y - - smtpd\n  \
        -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n",
        ),
    ]);
    let plan = folder.path().join("plan");
    let output = smtplint(&[
        "migrate",
        "--to",
        "both",
        "--target",
        "postfix=3.7",
        "--domain",
        "example.org",
        "--host-name",
        "mail.example.org",
        "--no-exec",
        "--write",
    ])
    .arg(&plan)
    .arg(folder.path())
    .output()
    .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(plan.join("plan.md")).unwrap();
    assert!(
        text.contains("_submission._tcp.example.org") && !text.contains("DOMAIN"),
        "{text}"
    );
}

#[test]
fn a_paste_has_no_file_to_write_to() {
    let arguments = [
        "fix",
        "-",
        "--rule",
        "banner-discloses-version",
        "--write",
        "--target",
        "postfix=3.7",
    ];
    let ran = fed(&arguments, format!("{MAIN}{MASTER}").as_bytes());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("no file to write to"), "{ran:?}");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::Duration;

    use super::*;

    #[test]
    fn permissions_stay_and_a_link_stays_one() {
        let folder = folder();
        let real = folder.path().join("real.cf");
        std::fs::rename(folder.path().join("main.cf"), &real).unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, folder.path().join("main.cf")).unwrap();
        let output = fix(folder.path(), &["--rule", "banner-discloses-version", "--write"]);
        assert!(output.status.success(), "{output:?}");
        assert!(folder.path().join("main.cf").symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(
            std::fs::read_to_string(&real).unwrap(),
            MAIN.replace(" $mail_version", "")
        );
    }

    #[test]
    fn no_link_leads_out_of_the_root() {
        let (outside, root) = (folder(), tempfile::tempdir().unwrap());
        let inside = root.path().join("etc/postfix");
        std::fs::create_dir_all(&inside).unwrap();
        symlink(outside.path().join("main.cf"), inside.join("main.cf")).unwrap();
        let output = smtplint(&["fix", "--write", "--root"])
            .arg(root.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(main_cf(outside.path()), MAIN);
    }

    #[test]
    fn a_killed_run_leaves_the_old_file_or_the_new_one() {
        let new = MAIN.replace(" $mail_version", "");
        let (mut old_ones, mut new_ones) = (0, 0);
        for turn in 0..120_u64 {
            let folder = folder();
            let flags = [
                "fix",
                "--target",
                "postfix=3.7",
                "--rule",
                "banner-discloses-version",
                "--write",
                "--quiet",
            ];
            let mut child = smtplint(&flags)
                .arg(folder.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            // From before anything is read to after all is written, in steps that share no rhythm with what the program does.
            std::thread::sleep(Duration::from_micros(turn * 797 % 120_000));
            let _ = child.kill();
            let _ = child.wait();
            let text = main_cf(folder.path());
            match text.as_str() {
                text if text == MAIN => old_ones += 1,
                text if text == new => new_ones += 1,
                other => panic!("half a file: {other}"),
            }
        }
        assert_eq!(old_ones + new_ones, 120);
    }
}

/// A server of another kind, and a log of it in which anna logs in at port 587, in clear or by TLS.
struct Other {
    file: &'static str,
    text: &'static str,
    targets: [&'static str; 2],
    log: fn(bool) -> String,
}

const OTHERS: [Other; 2] = [
    Other {
        file: "exim.conf",
        text: "primary_hostname = mail.example.org\ndaemon_smtp_ports = 25 : 465 : 587\ntls_on_connect_ports = 465\n\
            tls_advertise_hosts = *\ntls_certificate = /etc/ssl/cert.pem\ntls_privatekey = /etc/ssl/key.pem\n\
            log_selector = +incoming_interface\nacl_smtp_rcpt = recipients\nbegin acl\nrecipients:\n  accept authenticated = *\n  \
            require domains = example.org\n  accept\nbegin authenticators\nplain_server:\n  driver = plaintext\n  public_name = PLAIN\n  \
            server_prompts = :\n  server_condition = ${if eq{$auth3}{secret}}\n  server_set_id = $auth2\n",
        targets: ["exim=4.96", "gnutls=3.7"],
        log: |clear| {
            let how = if clear {
                "P=esmtpa"
            } else {
                "P=esmtpsa X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no"
            };
            format!(
                "2026-11-27 01:02:03 1xX4Cq-0005bn-2l <= anna@example.org H=(c) [192.0.2.5] I=[192.0.2.1]:587 {how} \
                 A=plain_server:anna@example.org S=461\n"
            )
        },
    },
    Other {
        file: "dovecot.conf",
        text: "protocols = imap submission\nlisten = *\nhostname = mail.example.org\nssl = yes\ndisable_plaintext_auth = no\n\
            ssl_cert = </etc/ssl/cert.pem\nssl_key = </etc/ssl/key.pem\nauth_mechanisms = plain login\n\
            submission_relay_host = 192.0.2.25\nservice submission-login {\n  inet_listener submission {\n    port = 587\n  }\n  \
            inet_listener submissions {\n    port = 465\n    ssl = yes\n  }\n}\n\
            login_log_format_elements = user=<%u> method=%m rip=%r lip=%l %c session=<%{session}> %k lport=%a\n",
        targets: ["dovecot=2.3.19", "openssl=3.0"],
        log: |clear| {
            let line = |service: &str, user: &str, port: u16, clear: bool| {
                let how = if clear {
                    ""
                } else {
                    ", TLS, TLSv1.3 with cipher X (1/1 bits)"
                };
                format!(
                    "Nov 27 01:02:03 mail dovecot: {service}-login: Login: user=<{user}>, method=PLAIN, rip=192.0.2.5, \
                     lip=192.0.2.1{how}, session=<a>, lport={port}\n"
                )
            };
            line("submission", "anna@example.org", 587, clear) + &line("imap", "bert@example.org", 143, false)
        },
    },
];

/// Runs a command on such a server, with what its log says.
fn told_of(other: &Other, log: &str, command: &[&str]) -> (Option<i32>, String) {
    let folder = common::folder(&[(other.file, other.text)]);
    let usage = fed(&["usage", "-", "--format", "json"], log.as_bytes());
    common::write(folder.path(), "usage.json", usage.out.as_bytes());
    let output = smtplint(command)
        .args(other.targets.iter().flat_map(|target| ["--target", target]))
        .arg("--evidence")
        .arg(folder.path().join("usage.json"))
        .arg(folder.path().join(other.file))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code(), said)
}

#[test]
fn logs_of_other_servers_name_who_would_be_shut_out() {
    for other in &OTHERS {
        let fix = ["fix", "--rule", "auth-offered-in-clear"];
        let (_, named) = told_of(other, &(other.log)(true), &fix);
        assert!(named.contains("1 login in the log, of anna@example.org"), "{named}");
        let (_, cleared) = told_of(other, &(other.log)(false), &fix);
        assert!(!cleared.contains("in the log, of"), "{cleared}");
    }
}

/// Whoever turns on what tells ports has a log that told none before.
#[test]
fn logins_whose_port_is_not_told_are_not_taken_for_nobody() {
    let exim = &OTHERS[0];
    let fix = ["fix", "--rule", "auth-offered-in-clear"];
    let told = (exim.log)(false);
    let in_clear = "port 587: users whose clients send or log in without TLS";
    let (_, cleared) = told_of(exim, &told, &fix);
    assert!(!cleared.contains(in_clear), "{cleared}");
    let before = (exim.log)(true).replace(" I=[192.0.2.1]:587", "");
    let (_, left) = told_of(exim, &(before + &told), &fix);
    assert!(left.contains(in_clear), "{left}");
}

#[test]
fn a_plan_for_exim_names_those_who_have_to_move() {
    let (_, plan) = told_of(&OTHERS[0], &(OTHERS[0].log)(false), &["migrate", "--to", "465"]);
    assert!(plan.contains("anna@example.org (1 login, the last"), "{plan}");
    assert!(!plan.contains("--service"), "the log tells ports by itself: {plan}");
}

/// Both files in one paste: a line for main.cf belongs before the services.
#[test]
fn a_new_line_stands_among_its_own() {
    let folder = common::folder(&[("paste.cf", &format!("{MAIN}{MASTER}"))]);
    let output = fix(
        &folder.path().join("paste.cf"),
        &["--rule", "vrfy-expn-enabled", "--write"],
    );
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(folder.path().join("paste.cf")).unwrap();
    assert!(
        text.ends_with(&format!("disable_vrfy_command = yes\n{MASTER}")),
        "{text}"
    );
}

#[test]
fn an_option_of_a_service_is_mended_where_it_stands() {
    let master = format!("{MASTER}  -o mynetworks=0.0.0.0/0\n");
    let folder = common::folder(&[("main.cf", MAIN), ("master.cf", &master)]);
    let flags = ["--rule", "trusted-networks-too-wide", "--allow-impact", "--write"];
    let output = fix(folder.path(), &flags);
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(folder.path().join("master.cf")).unwrap();
    assert_eq!(text, master.replace("0.0.0.0/0", "127.0.0.0/8,[::1]/128"));
    assert_eq!(main_cf(folder.path()), MAIN);
}

#[test]
fn of_a_template_no_plan_says_that_it_lasts() {
    let main = MAIN.replace("mail.example.org", "{{ fqdn }}");
    let folder = common::folder(&[("main.cf", &main), ("master.cf", common::MASTER)]);
    let ran = common::run(smtplint(&["migrate", "--to", "465", "--target", "postfix=3.7"]).arg(folder.path()));
    assert!(ran.out.contains("a template is among them"), "{}", ran.out);
}
