//! `smtplint clients`: the files it writes, and what it says beside them.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fs;

use common::{argument, folder, with};

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.customer.example.com
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /etc/ssl/key.pem, /etc/ssl/chain.pem
smtpd_sasl_auth_enable = yes
smtp_sasl_password_maps = static:relay:hunter2
# password = swordfish
";

const MASTER: &str = "submissions inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
submission inet n - y - - smtpd
  -o smtpd_tls_security_level=encrypt
587x inet n - y - - smtpd
";

#[test]
fn every_form_is_written_under_its_name() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let out = folder.path().join("new/published");
    let arguments = [
        "clients",
        argument(folder.path()),
        "--domain",
        "example.org",
        "--write",
        argument(&out),
    ];
    let ran = with(&[&arguments[..], &["--imap", "imap.example.org"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (name, piece) in [
        ("example.org.txt", "mail.customer.example.com"),
        ("config-v1.1.xml", "<clientConfig"),
        ("autodiscover.xml", "<Autodiscover"),
        ("example.org.mobileconfig", "com.apple.mail.managed"),
        ("example.org.zone", "_imaps._tcp.example.org."),
    ] {
        let text = fs::read_to_string(out.join(name)).expect(name);
        assert!(text.contains(piece), "{name}: {text}");
        assert!(ran.out.contains(name), "{name} is listed: {}", ran.out);
    }
    for place in [
        "https://autoconfig.example.org/mail/config-v1.1.xml",
        "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml",
        "https://autodiscover.example.org/autodiscover/autodiscover.xml",
        "the zone of example.org",
    ] {
        assert!(ran.out.contains(place), "{place}: {}", ran.out);
    }
    // Made anew, they take the place of the old ones.
    let ran = with(&[&arguments[..], &["--imap", "other.example.org"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let text = fs::read_to_string(out.join("config-v1.1.xml")).expect("it is there");
    assert!(
        text.contains("other.example.org") && !text.contains("imap.example.org"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_filled_in_is_not_written_and_is_named() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let out = folder.path().join("out");
    let ran = with(&[
        "clients",
        argument(folder.path()),
        "--domain",
        "example.org",
        "--write",
        argument(&out),
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut names: Vec<String> = fs::read_dir(&out)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["example.org.txt", "example.org.zone"]);
    assert_eq!(ran.out.matches("is not written").count(), 3, "{}", ran.out);
    assert!(ran.out.contains("--imap HOST"), "{}", ran.out);
}

#[test]
fn a_folder_that_is_a_file_is_told() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER), ("taken", "x")]);
    let taken = folder.path().join("taken");
    let ran = with(&[
        "clients",
        argument(folder.path()),
        "--domain",
        "example.org",
        "--write",
        argument(&taken),
    ]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("taken` cannot be written"), "{}", ran.err);
}

#[test]
fn no_secret_and_with_redact_no_name_is_in_any_form() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    let path = argument(folder.path());
    let common = [
        "clients",
        path,
        "--domain",
        "shop.customer.com",
        "--imap",
        "imap.customer.com",
        "--form",
    ];
    for form in ["text", "autoconfig", "autodiscover", "mobileconfig", "srv", "json"] {
        let ran = with(&[&common[..], &[form]].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let all = format!("{}{}", ran.out, ran.err);
        assert!(all.contains("customer"), "{form}: {all}");
        assert!(!all.contains("hunter2") && !all.contains("swordfish"), "{form}: {all}");
        let ran = with(&[&common[..], &[form, "--redact"]].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let all = format!("{}{}", ran.out, ran.err).replace(path, "");
        for name in ["shop.customer.com", "imap.customer.com", "customer.com", "com.customer"] {
            assert!(!all.contains(name), "{form}: {name} in {all}");
        }
    }
    let ran = with(
        &[
            &common[..],
            &["mobileconfig", "--redact", "--address", "a.b@shop.customer.com"],
        ]
        .concat(),
    );
    assert!(ran.out.contains("user-1@host-"), "{ran:?}");
    let ran = with(&[&common[..], &["srv", "--write", "x"]].concat());
    assert_eq!(ran.code, Some(2), "one form is printed, or all are written: {ran:?}");
}
