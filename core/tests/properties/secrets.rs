//! A secret that stands where secrets stand is in no output.

use proptest::prelude::*;
use smtplint_core::redact;

use super::common::{files, paste, say, settings};

/// Lines that hold a secret, in every form that is known to hold one.
const HOLDERS: &[&str] = &[
    "virtual_alias_maps = ldap://cn=admin:@@@@@h/x\n",
    "smtpd_tls_cert_file = pgsql://user:@@@@@db.example.org/x?y\n",
    "own_bind_pw = @@@@\n",
    "accounts_password = @@@@ and more\n",
    "smtp_sasl_password_maps = static:user:@@@@\n",
    "smtp_sasl_password_maps = inline:{ [h]:587=user:@@@@ }\n",
    "smtp_sasl_password_maps =\n   inline:{\n     [h]:587 = user:@@@@ }\n",
    "# password: @@@@\n",
    "# smtplint: ignore[tls10-enabled] password: @@@@\n",
    "# smtplint: ignore[own, token=@@@@] so\n",
    "# curl --token @@@@ https://example.org\n",
    "own = { api_key = @@@@, x = y }\n",
    "-----BEGIN RSA PRIVATE KEY-----\n@@@@\n@@@@\n-----END RSA PRIVATE KEY-----\n",
    "smtpd_tls_security_level = @@@@  password=@@@@\n",
];

/// The same in master.cf.
const IN_OPTIONS: &[&str] = &[
    "smtp inet n - y - - smtpd -o own_password=@@@@\n",
    "465 inet n - y - - smtpd\n  -o { bind_pw = @@@@ }\n  -o smtpd_tls_wrappermode=yes\n",
    "587 inet n - y - - smtpd\n  -o virtual_alias_maps=mysql://u:@@@@@h/db\n",
    "own unix - n n - - pipe flags=R argv=/bin/x --password @@@@\n",
];

proptest! {
    #![proptest_config(settings(96))]

    #[test]
    fn secrets_are_never_shown(
        secret in "[Zz][A-Za-z0-9$+/!]{6,12}[Qq]",
        main in prop::sample::subsequence(HOLDERS, 1..6),
        master in prop::sample::subsequence(IN_OPTIONS, 0..3),
    ) {
        // A `$` inside a URL ends nothing, a blank or a comma would.
        let fill = |lines: Vec<&str>| lines.concat().replace("@@@@", &secret);
        // In the level's own value the word is no secret: there it only must not hinder.
        let main = fill(main).replace(&format!("level = {secret}"), "level = may");
        let master = fill(master);
        for said in [say(files(&main, &master)), say(paste(&format!("{main}{master}")))] {
            prop_assert!(!said.everything.contains(&secret), "`{secret}` of\n{main}{master}");
            for (_, source) in said.sources.iter() {
                prop_assert!(!source.text().contains(&secret), "{}", source.text());
                prop_assert_eq!(redact::mask(source.text()), source.text(), "masked once is masked for good");
            }
        }
    }
}
