//! Configurations whose tables of outcomes are held against live servers, written to cover what restriction lists can do.

/// A configuration.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// What is looked at.
    pub name: &'static str,
    /// Follows [`COMMON`].
    pub main_cf: &'static str,
    /// The listeners.
    pub master_cf: &'static str,
}

/// What all have in common; files of a certificate are the lab's.
pub const COMMON: &str = "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\n\
    mynetworks = 127.0.0.0/8\nsmtpd_tls_cert_file = /etc/ssl/lab/cert.pem\nsmtpd_tls_key_file = /etc/ssl/lab/key.pem\n\
    smtpd_tls_security_level = may\n";

/// The ports of a usual server.
const ALL: &str = "smtp inet n - n - - smtpd\n\
    submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n\
    submissions inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n";
/// One port that offers everything.
const ONE: &str = "smtp inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";
/// One port where TLS begins at once.
const IMPLICIT: &str = "465 inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n";

/// A program that looks at clients before smtpd does.
const POSTSCREEN: &str = "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n\
    dnsblog unix - - n - 0 dnsblog\ntlsproxy unix - - n - 0 tlsproxy\n";

const fn written(name: &'static str, main_cf: &'static str, master_cf: &'static str) -> Written {
    Written {
        name,
        main_cf,
        master_cf,
    }
}

/// All of them.
pub const ALL_WRITTEN: &[Written] = &[
    // Lists by default, and each of them with its simplest words.
    written("defaults", "", ALL),
    written(
        "nothing-for-strangers",
        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject\n",
        ALL,
    ),
    written(
        "relay-refused-for-good",
        "smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated reject_unauth_destination\n",
        ONE,
    ),
    written(
        "relay-permits-all-recipients-do-not",
        "smtpd_relay_restrictions = permit\nsmtpd_recipient_restrictions = reject_unauth_destination\n",
        ONE,
    ),
    written(
        "recipients-permit-all-relay-does-not",
        "smtpd_relay_restrictions = reject_unauth_destination\nsmtpd_recipient_restrictions = permit\n",
        ONE,
    ),
    written(
        "client-list-refuses",
        "smtpd_client_restrictions = permit_mynetworks, permit_sasl_authenticated, reject\n",
        ALL,
    ),
    written(
        "helo-list-refuses",
        "smtpd_helo_restrictions = permit_mynetworks, reject\n",
        ONE,
    ),
    written(
        "sender-list-refuses",
        "smtpd_sender_restrictions = permit_sasl_authenticated, reject\n",
        ONE,
    ),
    written(
        "recipient-list-defers",
        "smtpd_recipient_restrictions = permit_mynetworks, defer\n",
        ONE,
    ),
    written(
        "data-list-refuses",
        "smtpd_data_restrictions = permit_mynetworks, reject\n",
        ONE,
    ),
    written(
        "end-of-data-defers",
        "smtpd_end_of_data_restrictions = permit_sasl_authenticated, defer\n",
        ONE,
    ),
    written(
        "data-list-of-a-table-alone",
        "smtpd_data_restrictions = static:OK\n",
        ONE,
    ),
    written(
        "unauth-pipelining",
        "smtpd_data_restrictions = reject_unauth_pipelining\nsmtpd_client_restrictions = reject_unauth_pipelining\n",
        ONE,
    ),
    written(
        "open-relay-by-recipient-order",
        "compatibility_level = 2\nsmtpd_relay_restrictions = permit\nsmtpd_recipient_restrictions = permit_auth_destination, defer_if_permit\n",
        ONE,
    ),
    written(
        "capital-letters",
        "smtpd_relay_restrictions = PERMIT_MYNETWORKS, Reject_Unauth_Destination\n",
        ONE,
    ),
    written(
        "permit-auth-destination",
        "smtpd_relay_restrictions = permit_auth_destination, reject\n",
        ONE,
    ),
    written(
        "permit-auth-destination-in-client-list",
        "smtpd_client_restrictions = permit_auth_destination, permit_mynetworks, reject\n",
        ONE,
    ),
    written(
        "reject-unauth-in-client-list",
        "smtpd_client_restrictions = reject_unauth_destination\n",
        ONE,
    ),
    written(
        "sleep-and-go",
        "smtpd_client_restrictions = sleep 0, reject_non_fqdn_sender\n",
        ONE,
    ),
    written(
        "sleep-without-a-number",
        "smtpd_client_restrictions = sleep long\n",
        ONE,
    ),
    written(
        "unknown-word",
        "smtpd_recipient_restrictions = permit_mynetworks, permit_everything, permit\n",
        ONE,
    ),
    written(
        "unknown-word-behind-a-refusal",
        "smtpd_recipient_restrictions = reject, permit_everything\n",
        ONE,
    ),
    written(
        "words-for-well-behaved-clients",
        "smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname\nsmtpd_sender_restrictions = reject_non_fqdn_sender, reject_unlisted_sender\nsmtpd_recipient_restrictions = reject_non_fqdn_recipient, reject_multi_recipient_bounce\n",
        ONE,
    ),
    written(
        "certificates-nobody-has",
        "smtpd_relay_restrictions = permit_tls_clientcerts, permit_tls_all_clientcerts, reject_unauth_destination\nsmtpd_tls_ask_ccert = yes\nrelay_clientcerts = static:all\n",
        ONE,
    ),
    // Codes.
    written(
        "codes-of-ones-own",
        "reject_code = 521\nrelay_domains_reject_code = 551\nsmtpd_recipient_restrictions = permit_auth_destination, reject\nsmtpd_relay_restrictions = reject_unauth_destination\n",
        ONE,
    ),
    written("code-for-deferring-relay", "relay_domains_reject_code = 560\n", ONE),
    written(
        "code-that-is-none",
        "reject_code = 200\nsmtpd_recipient_restrictions = reject\n",
        ONE,
    ),
    written(
        "defer-code",
        "defer_code = 421\nsmtpd_recipient_restrictions = defer\n",
        ONE,
    ),
    written(
        "soft-bounce",
        "soft_bounce = yes\nsmtpd_relay_restrictions = reject_unauth_destination\n",
        ALL,
    ),
    written(
        "soft-bounce-before-mail",
        "soft_bounce = yes\nsmtpd_tls_security_level = encrypt\nsmtpd_relay_restrictions = reject\n",
        ONE,
    ),
    written(
        "plaintext-session",
        "smtpd_recipient_restrictions = reject_plaintext_session\n",
        ONE,
    ),
    written(
        "plaintext-session-code",
        "plaintext_reject_code = 530\nsmtpd_sender_restrictions = permit_mynetworks, reject_plaintext_session\n",
        ONE,
    ),
    // Changing one's mind.
    written(
        "warn-if-reject",
        "smtpd_recipient_restrictions = warn_if_reject reject, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "warn-for-one-word-only",
        "smtpd_recipient_restrictions = warn_if_reject, reject_unauth_destination, defer\n",
        ONE,
    ),
    written(
        "warn-for-a-class",
        "smtpd_restriction_classes = strict\nstrict = defer, reject\nsmtpd_recipient_restrictions = warn_if_reject strict, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "warn-does-not-soften-errors",
        "smtpd_recipient_restrictions = warn_if_reject nonsense, reject_unauth_destination\n",
        ONE,
    ),
    written("defer-if-permit", "smtpd_client_restrictions = defer_if_permit\n", ONE),
    written(
        "defer-if-permit-behind-permission",
        "smtpd_client_restrictions = permit_mynetworks, defer_if_permit\n",
        ONE,
    ),
    written(
        "defer-if-reject",
        "smtpd_recipient_restrictions = defer_if_reject, permit_mynetworks, reject\n",
        ONE,
    ),
    written(
        "defer-if-reject-ends-with-its-list",
        "smtpd_sender_restrictions = defer_if_reject\nsmtpd_relay_restrictions = reject_unauth_destination\n",
        ONE,
    ),
    written(
        "defer-if-reject-over-two-lists",
        "smtpd_relay_restrictions = defer_if_reject, permit_mynetworks\nsmtpd_recipient_restrictions = reject_unauth_destination\n",
        ONE,
    ),
    written(
        "both-kinds-of-deferring",
        "smtpd_recipient_restrictions = defer_if_reject, defer_if_permit, reject\n",
        ONE,
    ),
    // Classes.
    written(
        "class-that-permits",
        "smtpd_restriction_classes = ours\nours = permit_mynetworks, permit_sasl_authenticated\nsmtpd_client_restrictions = ours, reject\n",
        ONE,
    ),
    written(
        "class-that-refuses",
        "smtpd_restriction_classes = ours, theirs\nours = permit_mynetworks\ntheirs = ours, reject_unauth_destination\nsmtpd_relay_restrictions = theirs, permit\n",
        ONE,
    ),
    written(
        "class-in-other-letters",
        "smtpd_restriction_classes = ours\nours = permit_mynetworks\nsmtpd_client_restrictions = OURS, reject\n",
        ONE,
    ),
    written(
        "class-named-like-a-word",
        "smtpd_restriction_classes = reject\nreject = permit\nsmtpd_recipient_restrictions = reject\n",
        ONE,
    ),
    written(
        "dead-class-in-a-circle",
        "smtpd_restriction_classes = a, b\na = b\nb = a\nsmtpd_relay_restrictions = a, reject\n",
        ONE,
    ),
    // Without the delay.
    written(
        "at-once-client",
        "smtpd_delay_reject = no\nsmtpd_client_restrictions = permit_sasl_authenticated, reject\n",
        ALL,
    ),
    written(
        "at-once-client-defers",
        "smtpd_delay_reject = no\nsmtpd_client_restrictions = permit_mynetworks, defer\n",
        ALL,
    ),
    written(
        "at-once-plaintext",
        "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject_plaintext_session\n",
        ALL,
    ),
    written(
        "at-once-helo",
        "smtpd_delay_reject = no\nsmtpd_helo_restrictions = permit_mynetworks, reject\n",
        ALL,
    ),
    written(
        "at-once-helo-plaintext",
        "smtpd_delay_reject = no\nsmtpd_helo_restrictions = reject_plaintext_session\n",
        ALL,
    ),
    written(
        "at-once-sender",
        "smtpd_delay_reject = no\nsmtpd_sender_restrictions = permit_mynetworks, permit_sasl_authenticated, reject\n",
        ALL,
    ),
    written(
        "at-once-recipient-words-too-early",
        "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject_unauth_destination, check_sender_access static:REJECT, check_helo_access static:REJECT\n",
        ONE,
    ),
    written(
        "at-once-defer-if-permit",
        "smtpd_delay_reject = no\nsmtpd_client_restrictions = defer_if_permit\n",
        ONE,
    ),
    written(
        "at-once-discard",
        "smtpd_delay_reject = no\nsmtpd_client_restrictions = check_client_access static:DISCARD\n",
        ONE,
    ),
    written(
        "at-once-soft-bounce",
        "smtpd_delay_reject = no\nsoft_bounce = yes\nsmtpd_client_restrictions = permit_mynetworks, reject\n",
        IMPLICIT,
    ),
    // Tables.
    written(
        "static-ok",
        "smtpd_relay_restrictions = check_client_access static:OK, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "static-reject",
        "smtpd_client_restrictions = permit_mynetworks, static:REJECT\n",
        ONE,
    ),
    written(
        "static-number",
        "smtpd_client_restrictions = check_client_access static:550\nsmtpd_relay_restrictions = check_recipient_access static:20, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "static-code-with-text",
        "smtpd_client_restrictions = check_client_access static:{571 go away}\n",
        ONE,
    ),
    written(
        "static-words",
        "smtpd_client_restrictions = check_client_access static:{permit_mynetworks, reject}\n",
        ONE,
    ),
    written(
        "static-nonsense",
        "smtpd_client_restrictions = check_client_access static:maybe\n",
        ONE,
    ),
    written(
        "table-codes",
        "access_map_reject_code = 555\naccess_map_defer_code = 451\nsmtpd_helo_restrictions = permit_mynetworks, check_helo_access static:REJECT\nsmtpd_sender_restrictions = check_sender_access static:DEFER\n",
        ONE,
    ),
    written(
        "table-defers-if",
        "smtpd_sender_restrictions = check_sender_access static:{DEFER_IF_PERMIT later}\n",
        ONE,
    ),
    written(
        "table-defers-if-rejected",
        "smtpd_relay_restrictions = check_sender_access static:DEFER_IF_REJECT, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "table-discards",
        "smtpd_recipient_restrictions = check_recipient_access static:DISCARD\n",
        ONE,
    ),
    written(
        "table-discards-in-first-list",
        "smtpd_client_restrictions = check_client_access static:DISCARD\n",
        ONE,
    ),
    written(
        "table-holds-and-goes-on",
        "smtpd_client_restrictions = check_client_access static:HOLD, check_client_access static:DUNNO, check_client_access static:{PREPEND X: y}\n",
        ONE,
    ),
    written(
        "inline-recipient-domain",
        "smtpd_recipient_restrictions = check_recipient_access inline:{{example.test = REJECT not today}}\n",
        ONE,
    ),
    written(
        "inline-parent-domain",
        "mydestination = a.b.example.test\nsmtpd_recipient_restrictions = check_recipient_access inline:{example.test=DEFER}\n",
        ONE,
    ),
    written(
        "inline-parent-with-dot",
        "mydestination = a.b.example.test\nparent_domain_matches_subdomains =\nsmtpd_recipient_restrictions = check_recipient_access inline:{example.test=REJECT, .example.test=DEFER}\n",
        ONE,
    ),
    written(
        "inline-others",
        "smtpd_sender_restrictions = check_sender_access inline:{spam.example=REJECT}\nsmtpd_client_restrictions = check_client_access inline:{192.0.2.1=REJECT}\n",
        ONE,
    ),
    written(
        "inline-own-sender",
        "smtpd_sender_restrictions = permit_mynetworks, check_sender_access inline:{example.test=REJECT}\n",
        ONE,
    ),
    written(
        "inline-client-network",
        "smtpd_client_restrictions = check_client_access inline:{10=REJECT, 192.0.2=OK}, permit_mynetworks, check_client_access inline:{{172.16 = REJECT}}\n",
        ONE,
    ),
    written(
        "cidr-everybody",
        "smtpd_client_restrictions = permit_mynetworks, check_client_access cidr:{{0.0.0.0/0 REJECT nobody}}\n",
        ONE,
    ),
    written(
        "cidr-others-first",
        "smtpd_client_restrictions = check_client_access cidr:{{192.0.2.0/24 REJECT}, {! 10.0.0.0/8 OK}}, reject\n",
        ONE,
    ),
    written(
        "cidr-conditions",
        "smtpd_client_restrictions = check_client_access cidr:{{if 0.0.0.0/0} {192.0.2.0/24 OK} {0.0.0.0/0 450 4.7.1 later} {endif}}\n",
        ONE,
    ),
    written(
        "cidr-says-relay",
        "smtpd_relay_restrictions = check_client_access cidr:{{0.0.0.0/0 OK}}, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "regexp-everybody",
        "smtpd_recipient_restrictions = check_recipient_access regexp:{{/^nobody@/ OK} {/./ REJECT}}\n",
        ONE,
    ),
    written(
        "regexp-domain",
        "smtpd_recipient_restrictions = check_recipient_access regexp:{{/@example\\.test$$/ DEFER}}\n",
        ONE,
    ),
    written(
        "regexp-own-sender",
        "smtpd_sender_restrictions = check_sender_access regexp:{{/@example\\.test$$/ permit_sasl_authenticated, reject}}\n",
        ONE,
    ),
    written(
        "sasl-access",
        "smtpd_recipient_restrictions = check_sasl_access static:REJECT\n",
        ONE,
    ),
    written(
        "sasl-access-others",
        "smtpd_recipient_restrictions = check_sasl_access inline:{mallory=REJECT}\n",
        ONE,
    ),
    written(
        "ccert-access",
        "smtpd_recipient_restrictions = check_ccert_access static:REJECT\n",
        ONE,
    ),
    written(
        "etrn-access",
        "smtpd_recipient_restrictions = check_etrn_access static:REJECT\n",
        ONE,
    ),
    written(
        "table-leads-to-class",
        "smtpd_restriction_classes = greeters\ngreeters = permit_sasl_authenticated, defer\nsmtpd_sender_restrictions = check_sender_access static:greeters\n",
        ONE,
    ),
    written(
        "table-without-a-table",
        "smtpd_sender_restrictions = check_sender_access, permit\n",
        ONE,
    ),
    written(
        "table-without-a-colon",
        "smtpd_sender_restrictions = permit_mynetworks, check_sender_access somewhere\n",
        ONE,
    ),
    written(
        "reverse-name-may-not-permit",
        "smtpd_relay_restrictions = check_reverse_client_hostname_access static:OK, reject_unauth_destination\n",
        ONE,
    ),
    written(
        "policy-at-the-end",
        "smtpd_recipient_restrictions = permit_mynetworks, check_policy_service\n",
        ONE,
    ),
    written(
        "policy-nobody-answers",
        "smtpd_policy_service_default_action = DUNNO\nsmtpd_policy_service_try_limit = 1\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination, check_policy_service unix:private/nobody\n",
        ONE,
    ),
    // Owners of senders.
    written(
        "sender-login-empty-maps",
        "smtpd_sender_restrictions = reject_sender_login_mismatch\n",
        ONE,
    ),
    written(
        "sender-login-own",
        "smtpd_sender_login_maps = inline:{alice@example.test=alice@example.test}\nsmtpd_sender_restrictions = reject_sender_login_mismatch\n",
        ONE,
    ),
    written(
        "sender-login-known",
        "smtpd_sender_restrictions = reject_known_sender_login_mismatch\n",
        ONE,
    ),
    written(
        "sender-login-authenticated-only",
        "smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch\n",
        ONE,
    ),
    written(
        "sender-login-behind-permission",
        "smtpd_sender_restrictions = permit_sasl_authenticated, reject_sender_login_mismatch\n",
        ONE,
    ),
    written(
        "sender-login-everything-owned",
        "smtpd_sender_login_maps = static:somebody\nsmtpd_sender_restrictions = permit_sasl_authenticated, reject_unauthenticated_sender_login_mismatch\n",
        ONE,
    ),
    written(
        "sender-login-without-sasl",
        "smtpd_sender_restrictions = reject_sender_login_mismatch\n",
        "smtp inet n - n - - smtpd\n",
    ),
    written(
        "sender-login-at-once",
        "smtpd_delay_reject = no\nsmtpd_sender_restrictions = reject_sender_login_mismatch\n",
        ONE,
    ),
    // Networks.
    written("everybody-trusted", "mynetworks = 0.0.0.0/0\n", ALL),
    written(
        "everybody-excluded-first",
        "mynetworks = !0.0.0.0/0, 127.0.0.0/8\n",
        ONE,
    ),
    written(
        "excluded-before-trusted",
        "mynetworks = !192.0.2.0/24, 127.0.0.0/8\n",
        ONE,
    ),
    written("nobody-trusted", "mynetworks =\n", ONE),
    written("host-bits-behind", "mynetworks = 127.0.0.0/8, 10.1.2.3/8\n", ONE),
    written("host-bits-in-front", "mynetworks = 10.1.2.3/8, 127.0.0.0/8\n", ONE),
    written(
        "host-bits-of-the-other-family",
        "mynetworks = [2001:db8::1]/32, 127.0.0.0/8\n",
        ONE,
    ),
    written("shortened-network", "mynetworks = 127.0.0.0/8, 192.168.1/24\n", ONE),
    written("mask-too-long", "mynetworks = 127.0.0.0/8, 192.0.2.0/33\n", ONE),
    written(
        "ipv6-without-brackets",
        "mynetworks = 127.0.0.0/8, 2001:db8::/32\n",
        ONE,
    ),
    written(
        "names-and-shortened-addresses",
        "mynetworks = localhost, 10., .example.test, 127.0.0.0/8\n",
        ONE,
    ),
    written("static-networks", "mynetworks = static:all\n", ONE),
    written(
        "cidr-networks",
        "mynetworks = cidr:{{10.0.0.0/8 OK}}, 127.0.0.0/8\n",
        ONE,
    ),
    written(
        "networks-of-a-port",
        "",
        "smtp inet n - n - - smtpd\n2525 inet n - n - - smtpd\n  -o mynetworks=0.0.0.0/0\n",
    ),
    // Domains.
    written("relay-everywhere", "relay_domains = static:all\n", ONE),
    written("relay-star-is-a-name", "relay_domains = *\n", ONE),
    written(
        "every-domain-is-local",
        "mydestination = static:all\n",
        "smtp inet n - n - - smtpd\n",
    ),
    // Services.
    written("encrypt-in-main", "smtpd_tls_security_level = encrypt\n", ONE),
    written("no-tls-at-all", "smtpd_tls_security_level = none\n", ONE),
    written("auth-only-inside-tls", "smtpd_tls_auth_only = yes\n", ONE),
    written(
        "auth-nowhere",
        "",
        "smtp inet n - n - - smtpd\n465 inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n",
    ),
    written("starttls-discarded", "smtpd_discard_ehlo_keywords = starttls\n", ONE),
    written("auth-discarded", "smtpd_discard_ehlo_keywords = auth\n", ONE),
    written("unreadable-protocols", "smtpd_tls_protocols = >=TLSv9\n", ONE),
    written(
        "no-version-left",
        "smtpd_tls_protocols = !TLSv1, !TLSv1.1, !TLSv1.2, !TLSv1.3\n",
        ONE,
    ),
    written(
        "exclusions-with-a-sign",
        "smtpd_tls_exclude_ciphers = !aNULL, !MD5\n",
        ONE,
    ),
    written("misspelt-grade", "smtpd_tls_ciphers = mediu\n", ONE),
    written("dead-by-an-empty-cipher-list", "tls_null_cipherlist =\n", ALL),
    written(
        "helo-not-required",
        "smtpd_helo_required = no\nsmtpd_helo_restrictions = reject_non_fqdn_helo_hostname\n",
        ONE,
    ),
    written(
        "old-order-of-lists",
        "compatibility_level = 2\nsmtpd_relay_restrictions = reject_unauth_destination\nsmtpd_recipient_restrictions = defer\n",
        ONE,
    ),
    written(
        "new-order-of-lists",
        "smtpd_relay_restrictions = reject_unauth_destination\nsmtpd_recipient_restrictions = defer\n",
        ONE,
    ),
    written(
        "order-of-lists-by-hand",
        "smtpd_relay_before_recipient_restrictions = no\nsmtpd_relay_restrictions = reject_unauth_destination\nsmtpd_recipient_restrictions = defer\n",
        ONE,
    ),
    written(
        "submission-only-for-users",
        "",
        "587 inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n465 inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n",
    ),
    written(
        "undefined-mua-lists",
        "",
        "587 inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_client_restrictions=$mua_client_restrictions\n  -o smtpd_sender_restrictions=$mua_sender_restrictions\n",
    ),
    written(
        "older-words",
        "smtpd_client_restrictions = permit_naked_ip_address\nsmtpd_recipient_restrictions = permit_mynetworks, check_relay_domains\n",
        ONE,
    ),
    written(
        "greeting-by-address",
        "smtpd_relay_restrictions = permit_mynetworks, permit_naked_ip_address, reject_unauth_destination\n",
        ONE,
    ),
    // Another program answers clients that come for the first time.
    written("postscreen-hands-on", "postscreen_greet_wait = 1s\n", POSTSCREEN),
    written(
        "postscreen-newlines",
        "postscreen_greet_wait = 1s\npostscreen_bare_newline_enable = yes\npostscreen_bare_newline_action = enforce\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-tls-hidden",
        "postscreen_greet_wait = 1s\npostscreen_pipelining_enable = yes\npostscreen_tls_security_level = none\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-tls-required",
        "postscreen_greet_wait = 1s\npostscreen_non_smtp_command_enable = yes\npostscreen_tls_security_level = encrypt\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-tls-by-old-switch",
        "smtpd_tls_security_level =\nsmtpd_use_tls = yes\npostscreen_greet_wait = 1s\npostscreen_pipelining_enable = yes\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-keywords-discarded",
        "postscreen_greet_wait = 1s\npostscreen_pipelining_enable = yes\npostscreen_discard_ehlo_keywords = starttls, etrn\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-soft-bounce",
        "soft_bounce = yes\npostscreen_greet_wait = 1s\npostscreen_pipelining_enable = yes\npostscreen_tls_security_level = encrypt\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-broken-tls",
        "smtpd_tls_protocols = >=TLSv9\npostscreen_greet_wait = 1s\npostscreen_pipelining_enable = yes\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-options-of-its-own",
        "postscreen_greet_wait = 1s\n",
        "smtp inet n - n - 1 postscreen\n  -o postscreen_pipelining_enable=yes\n  -o postscreen_tls_security_level=none\n\
         smtpd pass - - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\ndnsblog unix - - n - 0 dnsblog\ntlsproxy unix - - n - 0 tlsproxy\n",
    ),
    written(
        "postscreen-lets-everybody-through",
        "postscreen_greet_wait = 1s\npostscreen_pipelining_enable = yes\npostscreen_access_list = cidr:{{192.0.2.0/24 reject} {0.0.0.0/0 permit}}\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-refuses-all-others",
        "postscreen_greet_wait = 1s\npostscreen_access_list = permit_mynetworks, reject\npostscreen_denylist_action = drop\npostscreen_blacklist_action = drop\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-refuses-at-rcpt",
        "postscreen_greet_wait = 1s\npostscreen_access_list = permit_mynetworks, cidr:{{0.0.0.0/0 reject}}\npostscreen_denylist_action = enforce\npostscreen_blacklist_action = enforce\n",
        POSTSCREEN,
    ),
    written(
        "postscreen-trusts-nobody",
        "postscreen_greet_wait = 1s\npostscreen_access_list =\npostscreen_pipelining_enable = yes\n",
        POSTSCREEN,
    ),
    // Clients by IPv6.
    written("everybody-trusted-by-ipv6", "mynetworks = 127.0.0.0/8 [::]/0\n", ONE),
    written(
        "public-addresses-trusted-by-ipv6",
        "mynetworks = 127.0.0.0/8 [2000::]/3\n",
        ALL,
    ),
    written("everybody-trusted-by-ipv4-alone", "mynetworks = 0.0.0.0/0\n", ONE),
    written(
        "networks-of-ipv6-in-a-table",
        "mynetworks = 127.0.0.0/8 cidr:{{::/0 OK}}\nsmtpd_client_restrictions = check_client_access cidr:{{0.0.0.0/0 DUNNO} {::/0 REJECT}}\n",
        ONE,
    ),
    written(
        "ipv6-excluded-before-all-of-it",
        "mynetworks = ![::]/0 127.0.0.0/8 0.0.0.0/0\nsmtpd_relay_restrictions = permit_mynetworks, reject\n",
        ONE,
    ),
    written(
        "host-bits-of-ipv6",
        "mynetworks = 127.0.0.0/8, [2001:db8::1]/32, [::]/0\n",
        ONE,
    ),
    // AUTH that not everybody is told of.
    written(
        "auth-hidden-from-everybody",
        "smtpd_sasl_exceptions_networks = 0.0.0.0/0\n",
        ALL,
    ),
    written(
        "auth-hidden-from-the-trusted",
        "smtpd_sasl_exceptions_networks = $mynetworks\n",
        ALL,
    ),
    written(
        "auth-hidden-by-a-table",
        "smtpd_sasl_exceptions_networks = !192.0.2.0/24, static:all\nsmtpd_tls_auth_only = yes\n",
        ONE,
    ),
    written(
        "starttls-discarded-by-a-table",
        "smtpd_discard_ehlo_keyword_address_maps = static:starttls\n",
        ONE,
    ),
    written(
        "auth-discarded-by-a-table",
        "smtpd_discard_ehlo_keywords = starttls\nsmtpd_discard_ehlo_keyword_address_maps = static:{auth, etrn}\n",
        ONE,
    ),
    // Certificates of clients.
    written(
        "certificate-a-must-behind-starttls",
        "smtpd_tls_req_ccert = yes\nsmtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n",
        "smtp inet n - n - - smtpd\n587 inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n",
    ),
    written(
        "certificate-a-must-at-once",
        "smtpd_tls_ask_ccert = yes\n",
        "465 inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_tls_req_ccert=yes\n25 inet n - n - - smtpd\n",
    ),
    // Ports where nobody is served.
    written(
        "dead-no-safeguard",
        "smtpd_relay_restrictions =\nsmtpd_recipient_restrictions =\n",
        ONE,
    ),
    written(
        "dead-safeguard-behind-permit",
        "smtpd_relay_restrictions = permit, reject\n",
        ONE,
    ),
    written(
        "dead-safeguard-warned",
        "smtpd_relay_restrictions = warn_if_reject reject\n",
        ONE,
    ),
    written("dead-class-without-value", "smtpd_restriction_classes = nothing\n", ONE),
    written("dead-level", "smtpd_tls_security_level = must\n", ONE),
    written("dead-word-for-yes", "smtpd_delay_reject = maybe\n", ONE),
    written("dead-number", "reject_code = many\n", ONE),
    written(
        "dead-option",
        "",
        "smtp inet n - n - - smtpd\n587 inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable = yes\n",
    ),
    written(
        "dead-encrypt-with-unreadable-protocols",
        "smtpd_tls_security_level = encrypt\nsmtpd_tls_mandatory_protocols = TLSv9\n",
        ONE,
    ),
    written("dead-tempfail-action", "unknown_address_tempfail_action = maybe\n", ONE),
    written(
        "dead-policy-without-address",
        "smtpd_etrn_restrictions = check_policy_service nowhere\n",
        ONE,
    ),
    written("dead-ipv6-without-brackets", "mynetworks = 127.0.0.0/8, ::1/128\n", ONE),
    written(
        "dead-table-without-a-name",
        "smtpd_sender_restrictions = permit_mynetworks, check_sender_access hash:$nothing\n",
        ONE,
    ),
    written("dead-bare-newline", "smtpd_forbid_bare_newline = perhaps\n", ONE),
    written(
        "dead-postscreen-level",
        "postscreen_tls_security_level = dane\n",
        POSTSCREEN,
    ),
    written(
        "dead-postscreen-action",
        "postscreen_greet_action = refuse\n",
        POSTSCREEN,
    ),
    written(
        "dead-postscreen-with-company",
        "",
        "smtp inet n - n - - postscreen\nsmtpd pass - - n - - smtpd\ntlsproxy unix - - n - 0 tlsproxy\n",
    ),
    written("dead-lonely-exclusion", "mynetworks = 127.0.0.0/8 !\n", ONE),
];
