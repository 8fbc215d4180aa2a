//! What holds for every text whatsoever.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod properties {
    mod certificates;
    pub(crate) mod common;
    mod growth;
    mod invariance;
    mod secrets;
}

use std::collections::BTreeSet;

use proptest::prelude::*;
use smtplint_core::dialects::{dovecot::Dovecot, exim::Exim};
use smtplint_core::fix::{self, Choice};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, redact};

use properties::common::{Said, configuration, files, lies_within, paste, say, settings};

/// Lines as Dovecot's files have them, whole and broken.
const DOVECOT: &str = "(protocols = imap pop3 submission\n|ssl = (yes|no|required|%\\{env:A\\})\n|ssl_cert = </c.pem\nssl_key = </k.pem\n|disable_plaintext_auth ?=(no|yes)\n|auth_allow_cleartext = yes\n|auth_mechanisms = (plain|\\$auth_mechanisms|\\$SET:a|\"anonymous\"| |login){0,3}\n|ssl_min_protocol = (TLSv1|TLSv1.2|ANY|x)\n|ssl_protocols = !SSLv3\n|ssl_cipher_list = (ALL|:|@SECLEVEL=0|!aNULL){0,4}\n|service (imap|submission)-login \\{\n|inet_listener (imaps|imap|x) \\{\n|port = (0|465|993)\n|protocol (imap|!pop3) \\{\n|local 192.0.2.1 \\{\n|ssl_server \\{\n|cert_file = /c\n|group @a b \\{\n|@a = b\n|dovecot_config_version = 2.4.0\n|\\}\n|\\}|#|\\\\\n|\n|!include(_try)? (a|b).conf\n|[a-zé]{1,4}|\"|login_trusted_networks = 0.0.0.0/0\n){0,14}";

/// Lines as Exim's files have them, whole and broken.
const EXIM: &str = "(daemon_smtp_ports = (25|465|x)( : 587)?\n|tls_on_connect_ports = 465\n|local_interfaces = (<; ::0 ; 1.2.3.4|127.0.0.1.25|é)\n|tls_advertise_hosts =( \\*| !10.0.0.0/8| \\+a)?\n|tls_require_ciphers = (NORMAL|HIGH|\\$\\{x|M)\n|openssl_options = (\\+no_tlsv1|-no_sslv3| )*\n|auth_advertise_hosts = \\$\\{if (def:tls_in_cipher|eq\\{\\$tls_cipher\\}\\{\\}|and\\{\\{)\\{\\*\\}\\{\\}\\}\n|hostlist (a|b) = (\\+a|\\+b|\\*|10.0.0.0/8)( : \\+b)?\n|domainlist local_domains = (@|\\+x|lsearch;/x)\n|(M|MM|N) ==? (\\+a|M M|N|)\n|.(ifdef|ifndef|elifdef|else|endif)( M| _HAVE_X)?\n|.include(_if_exists)? /?a.conf\n|begin (acl|authenticators|routers)\n|(c|r|p):\n| +(accept|deny|warn|require|drop|defer|discard)( !?(hosts = \\+a|domains = !?\\+local_domains|acl = (c|r)|encrypted = \\*|authenticated = \\*|condition = \\$acl_m_x|set acl_m_x = M|message = 5\\d0 x))?\n| +endpass\n|acl_smtp_(rcpt|mail|connect|auth) = (c|r|accept|/x|\\$\\{x\\})\n| driver = (plaintext|gsasl)\n| public_name = PLAIN\n| server_condition = 1\n|#|\\\\\n|\n|\"|[a-zé=:{}$]{1,4}){0,24}";

/// Whatever is said is said of places that are there, and each finding has a name of its own.
fn holds_together(said: &Said) -> Result<(), TestCaseError> {
    let mut fingerprints = BTreeSet::new();
    for finding in &said.report.findings {
        prop_assert!(
            fingerprints.insert(&finding.fingerprint),
            "{} twice",
            finding.fingerprint
        );
        for span in finding
            .at
            .iter()
            .chain(&finding.context)
            .copied()
            .chain(finding.because.iter().filter_map(|step| step.span()))
        {
            let text = said.sources.file(span.file).map_or("", Source::text);
            prop_assert!(
                text.get(span.start..span.end).is_some(),
                "{span:?} cuts a character or leaves its file"
            );
            let place = said.sources.place(span);
            prop_assert!(lies_within(&place, &said.sources), "{place:?} is not there");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings(96))]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600), path in prop::sample::select(vec!["main.cf", "master.cf", "paste"])) {
        let text = String::from_utf8_lossy(&bytes);
        let mut sources = Sources::new();
        sources.add(Source::new(path, &text, SourceKind::Authored));
        holds_together(&say(sources))?;
        holds_together(&say(paste(&text)))?;
    }

    #[test]
    fn any_letters_of_the_language_are_read(text in "([a-z_]{1,9} ?= ?|[ \t\r\n]|\\$|\\$?\\{+|\\}|\\?|:|==|-o |inet|unix|smtpd|#|,|!|==> x <==\n|[0-9.]{1,3}|é|\"){0,80}") {
        holds_together(&say(paste(&text)))?;
        holds_together(&say(files(&text, &text)))?;
    }

    #[test]
    fn any_lines_of_dovecot_are_read_and_mended(text in DOVECOT, included in DOVECOT, version in prop::sample::select(vec!["2.2", "2.3.13", "2.3.19", "2.4.1"])) {
        let whole = format!("==> dovecot.conf <==\n{text}!include a.conf\n==> a.conf <==\n{included}");
        for text in [&text, &whole] {
            let sources = paste(text).of_one_program();
            let mut options = Options::default();
            options.target.add(&format!("dovecot={version}")).expect("a target");
            let check = |sources: &Sources| smtplint_core::check(sources, &Dovecot, &options);
            let report = check(&sources);
            holds_together(&Said { sources: sources.clone(), report, everything: String::new() })?;
            let choice = Choice { check: &check, wants: &|_| true, weigh: &|impact| impact, bears: &|_| true };
            let fixes = fix::fix(&sources, &Dovecot, &options, &choice);
            let again = fix::fix(&fixes.after, &Dovecot, &options, &choice);
            prop_assert!(again.done.is_empty(), "mended twice: {:?}", again.done);
        }
        holds_together(&say(paste(&whole)))?;
    }

    #[test]
    fn any_lines_of_exim_are_read(text in EXIM, included in EXIM, target in prop::sample::select(vec!["exim=4.86", "exim=4.96", "gnutls=3.8", "openssl=3.0"])) {
        let whole = format!("==> exim.conf <==\n{text}\n.include /a.conf\n==> /a.conf <==\n{included}");
        for text in [&text, &whole] {
            let sources = paste(text).of_one_program();
            let mut options = Options::default();
            options.target.add(target).expect("a target");
            let report = smtplint_core::check(&sources, &Exim, &options);
            holds_together(&Said { sources: sources.clone(), report, everything: String::new() })?;
        }
        holds_together(&say(paste(&whole)))?;
    }

    #[test]
    fn any_configuration_is_judged((main, master) in configuration()) {
        holds_together(&say(files(&main, &master)))?;
        holds_together(&say(paste(&format!("{main}{master}"))))?;
    }

    #[test]
    fn masking_keeps_every_line_and_only_masks(text in "(pass(word|wd)?|bind_pw|--token|://|@|=|:|[ \t\r\n]|smtp_sasl_password_maps|static:|inline:|-----(BEGIN|END) (RSA )?PRIVATE KEY-----|\\{|\\}|,|[a-zé]{1,5}){0,60}") {
        let masked = redact::mask(&text);
        prop_assert_eq!(masked.len(), text.len());
        prop_assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
        let other = text.bytes().zip(masked.bytes()).find(|(before, after)| before != after && *after != b'*');
        prop_assert_eq!(other, None);
    }
}
