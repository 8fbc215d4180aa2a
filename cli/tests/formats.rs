//! What no form of output may do: run, load, hide or give away what a configuration holds.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Ran, argument, folder, with};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const FORMATS: [&str; 5] = ["text", "json", "sarif", "markdown", "html"];

/// What judging a configuration prints, in each format, and what looking at it prints.
fn printed(main: &str, master: &str, more: &[&str]) -> Vec<(String, Ran)> {
    let folder = folder(&[("main.cf", main), ("master.cf", master)]);
    let path = argument(folder.path()).to_owned();
    let mut all = Vec::new();
    for format in FORMATS {
        let arguments = [&["check", &path, "--no-exec", "--format", format], more].concat();
        all.push((format!("check as {format}"), with(&arguments)));
    }
    for format in ["text", "json"] {
        let arguments = [&["inspect", &path, "--no-exec", "--settings", "--format", format], more].concat();
        all.push((format!("inspect as {format}"), with(&arguments)));
    }
    for (name, ran) in &all {
        assert!(matches!(ran.code, Some(0 | 1)), "{name}: {}", ran.err);
    }
    all
}

const MAIN: &str = "compatibility_level = 3.6\nmynetworks = 0.0.0.0/0\nsmtpd_tls_security_level = may\n\
    smtpd_tls_chain_files = /etc/ssl/<b>snakeoil</b>.pem\n";
const MASTER: &str = "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";

#[test]
fn html_runs_nothing_and_loads_nothing() {
    let dead = format!("{MAIN}smtpd_recipient_restrictions = $<script>alert(1)</script>, $own\"onclick=x\n");
    for (main, shown) in [
        (MAIN, "&lt;b&gt;snakeoil&lt;/b&gt;"),
        (&dead, "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ] {
        let all = printed(main, MASTER, &[]);
        let (_, html) = all.iter().find(|(name, _)| name == "check as html").expect("HTML");
        let lower = html.out.to_lowercase();
        for sign in [
            "<script",
            "<link",
            "<img",
            "<iframe",
            "src=",
            "@import",
            "url(",
            "onclick=x\"",
            "javascript:",
            "<b>snake",
        ] {
            assert!(!lower.contains(sign), "{sign}");
        }
        assert!(html.out.contains(shown), "it is shown, as text: {}", html.out);
        assert!(html.out.contains("default-src 'none'") && html.out.contains("prefers-color-scheme: dark"));
        for tag in [
            "article", "section", "figure", "dl", "ul", "main", "body", "html", "pre", "h2",
        ] {
            let opened = html.out.matches(&format!("<{tag}>")).count() + html.out.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.out.matches(&format!("</{tag}>")).count(), "<{tag}>");
        }
        let (_, markdown) = all
            .iter()
            .find(|(name, _)| name == "check as markdown")
            .expect("Markdown");
        let prose: String = markdown
            .out
            .split("```")
            .step_by(2)
            .flat_map(|text| text.split('`').step_by(2))
            .collect();
        assert!(!prose.contains("<b>") && !prose.contains("<script"), "{prose}");
    }
}

#[test]
fn what_a_reader_might_obey_is_shown_and_not_sent() {
    let main = format!(
        "{MAIN}smtpd_recipient_restrictions = $own\u{202e}ed\u{1b}[31m\u{9b}x\n# smtplint: ignore[\u{202e}\u{1b}]\n"
    );
    for (name, ran) in printed(&main, MASTER, &["--color", "never"]) {
        // JSON escapes what is below 128; programs get everything else as it is.
        let harmful = |letter: char| match letter {
            '\u{1b}' | '\u{7f}' => true,
            '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => !name.ends_with("json"),
            _ => false,
        };
        let found: Vec<char> = ran.out.chars().filter(|letter| harmful(*letter)).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn placeholders_stand_for_users_hosts_and_addresses() {
    let main = "compatibility_level = 3.6\nmyhostname = mx7.firma.pl\nmydestination = kestrel\n\
        # ask Anna <anna.nowak@firma.pl> before you change this\nmynetworks = 198.18.7.1/8 [2a01:4f8:17::5]/32\n\
        smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /etc/live/mx7.firma.pl/snakeoil.pem\n\
        smtpd_recipient_restrictions = $gone, check_recipient_access inline:{anna.nowak@firma.pl=REJECT}\n\
        relayhost = [smtp.hoster.de]:587\n";
    let master = "198.51.100.9:587 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o myhostname=mua.firma.pl\n\
        45.9.148.3:465 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\nsmtp inet n - y - - smtpd\n";
    let hidden = [
        "firma", "anna", "nowak", "kestrel", "198.18.7", "2a01", "hoster", "45.9.148", "zebra",
    ];
    let flags = ["--host-name", "zebra.firma.pl", "--target", "postfix=3.7"];
    let plain = printed(main, master, &flags);
    for word in hidden.iter().filter(|word| !["kestrel", "zebra"].contains(word)) {
        assert!(
            plain.iter().any(|(_, ran)| ran.out.contains(word)),
            "{word} would be shown"
        );
    }
    for (name, ran) in printed(main, master, &[&flags[..], &["--redact"]].concat()) {
        for word in hidden {
            assert!(
                !ran.out.contains(word) && !ran.err.contains(word),
                "{name} shows {word}:\n{}",
                ran.out
            );
        }
        assert!(
            ran.out.contains("address-") && ran.out.contains("main.cf"),
            "{name}:\n{}",
            ran.out
        );
    }
}

/// Lines that hold a secret, in every form that is known to hold one.
const HOLDERS: &[&str] = &[
    "virtual_alias_maps = ldap://cn=admin:@@@@@h/x\n",
    "own_bind_pw = @@@@\n",
    "smtp_sasl_password_maps = inline:{ [h]:587=user:@@@@ }\n",
    "# smtplint: ignore[tls10-enabled] the token: @@@@\n",
    "# smtplint: ignore[own, password=@@@@] so\n",
    "# curl --token @@@@ https://example.org\n",
    "smtpd_recipient_restrictions = $gone, check_client_access pgsql://user:@@@@@db/x\n",
    "mynetworks = 0.0.0.0/0 mysql://u:@@@@@h/db\n",
    "-----BEGIN RSA PRIVATE KEY-----\n@@@@\n-----END RSA PRIVATE KEY-----\n",
];

proptest! {
    // Each case starts the command fourteen times; `SMTPLINT_SEED` asks for other cases.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 12,
        rng_seed: RngSeed::Fixed(std::env::var("SMTPLINT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(465)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn secrets_are_in_no_format(
        secret in "[Zz][A-Za-z0-9$+/!]{6,12}[Qq]",
        lines in prop::sample::subsequence(HOLDERS, 1..6),
        redact in any::<bool>(),
    ) {
        let main = format!("{MAIN}{}", lines.concat().replace("@@@@", &secret));
        let master = format!("{MASTER}  -o {{ own_password = {secret} }}\n  -o virtual_alias_maps=mysql://u:{secret}@h/db\n");
        let flags: &[&str] = if redact { &["--redact"] } else { &[] };
        for (name, ran) in printed(&main, &master, flags) {
            prop_assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret), "{} shows `{}` of\n{}", name, secret, main);
        }
    }
}
