//! What the properties share: judging a text in every way there is, and writing configurations.

#![expect(clippy::expect_used, reason = "a helper stops the test that it serves")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use smtplint_core::document::Document;
use smtplint_core::source::{Place, Source, SourceKind, Sources};
use smtplint_core::version::Target;
use smtplint_core::{Options, Report, dialect, intake, json};

/// So many cases, the same ones each time. `SMTPLINT_SEED` asks for others: a test that everybody waits for must not depend
/// on luck.
#[expect(clippy::disallowed_methods, reason = "the core reads no environment, its tests may")]
pub(crate) fn settings(cases: u32) -> ProptestConfig {
    let seed = std::env::var("SMTPLINT_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(465);
    ProptestConfig {
        failure_persistence: None,
        cases,
        rng_seed: RngSeed::Fixed(seed),
        ..ProptestConfig::default()
    }
}

/// Everything that is ever said of a configuration.
pub(crate) struct Said {
    pub(crate) sources: Sources,
    pub(crate) report: Report,
    /// All output as text, one after the other.
    pub(crate) everything: String,
}

/// Judges and shows sources in every way.
pub(crate) fn say(sources: Sources) -> Said {
    let dialect = smtplint_core::recognise(&sources)
        .or(dialect::by_id("postfix"))
        .expect("there is Postfix");
    let report = smtplint_core::check(&sources, dialect, &Options::default());
    let inspection = smtplint_core::inspect(&sources, dialect, &Target::default());
    let inputs = || json::inputs(&sources, &[]);
    let everything = [
        format!("{:?}", Document::of(&report)),
        format!("{report:?}"),
        serde_json::to_string(&json::report(&report, &sources, inputs())).expect("a report is JSON"),
        serde_json::to_string(&inspection.to_json(&sources, inputs(), true)).expect("an inspection is JSON"),
    ]
    .concat();
    Said {
        sources,
        report,
        everything,
    }
}

/// A paste.
pub(crate) fn paste(text: &str) -> Sources {
    intake::split("paste", text)
}

/// Two files as they lie in a folder.
pub(crate) fn files(main: &str, master: &str) -> Sources {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", main, SourceKind::Authored));
    sources.add(Source::new("master.cf", master, SourceKind::Authored));
    sources
}

/// True when a place lies in its file and its end is not before its start.
pub(crate) fn lies_within(place: &Place, sources: &Sources) -> bool {
    let in_order = (place.line, place.column) <= (place.end_line, place.end_column);
    let fits = |source: &Source, line: usize, column: usize| {
        let lines = source.text().split('\n').count();
        // The line end itself is a place: a carriage return is no part of `line`.
        (1..=lines).contains(&line) && (1..=source.line(line).chars().count() + 2).contains(&column)
    };
    let known = |source: &Source| {
        source.path == place.file
            && fits(source, place.line, place.column)
            && fits(source, place.end_line, place.end_column)
    };
    in_order && sources.iter().any(|(_, source)| known(source))
}

/// Values that mean something, references nested in each other, and what only looks like a value.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "yes",
        "no",
        "may",
        "encrypt",
        "none",
        "",
        "all",
        "loopback-only",
        "0.0.0.0/0",
        "127.0.0.0/8 [::1]/128",
        "!SSLv2, !SSLv3",
        ">=TLSv1.2",
        "<=TLSv1.1",
        "TLSv1.9",
        "permit_mynetworks, reject",
        "permit_sasl_authenticated,reject_unauth_destination",
        "hash:/etc/x",
        "static:all",
        "ldap:own",
        "noanonymous, noplaintext",
        "/etc/ssl/certs/ssl-cert-snakeoil.pem",
        "3.6",
        "2",
        "10s",
        "$",
        "$$",
        "{",
        "}",
        "# remark",
        "{{ jinja }}",
        "@NAME@",
        "é",
        "\u{fffc}",
        "465",
        "smtp=25,own=587",
    ]);
    let leaf = prop_oneof![3 => word.prop_map(str::to_owned), 2 => name().prop_map(|name| format!("${name}"))];
    leaf.prop_recursive(6, 24, 3, |inner| {
        prop_oneof![
            (name(), inner.clone()).prop_map(|(name, yes)| format!("${{{name}?{{{yes}}}}}")),
            (name(), inner.clone(), inner.clone())
                .prop_map(|(name, yes, no)| format!("${{{name}?{{{yes}}}:{{{no}}}}}")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(left, right, yes)| format!("${{{{{left}}} == {{{right}}} ? {{{yes}}}}}")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("{left} {right}")),
        ]
    })
}

/// Names that decide something, names of nothing, and some in between.
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "smtpd_tls_security_level",
        "smtpd_tls_wrappermode",
        "smtpd_tls_auth_only",
        "smtpd_sasl_auth_enable",
        "smtpd_use_tls",
        "smtpd_enforce_tls",
        "smtpd_tls_protocols",
        "smtpd_tls_mandatory_protocols",
        "smtpd_tls_cert_file",
        "smtpd_tls_chain_files",
        "mynetworks",
        "mynetworks_style",
        "myhostname",
        "mydomain",
        "inet_interfaces",
        "inet_protocols",
        "compatibility_level",
        "smtpd_relay_restrictions",
        "smtpd_recipient_restrictions",
        "smtpd_client_restrictions",
        "smtpd_restriction_classes",
        "smtpd_delay_reject",
        "smtpd_sasl_security_options",
        "smtpd_discard_ehlo_keywords",
        "smtpd_forbid_bare_newline",
        "smtpd_tls_ciphers",
        "known_tcp_ports",
        "mail_version",
        "default_rbl_reply",
        "smtp_destination_recipient_limit",
        "own_name",
        "other_name",
        "mua_client_restrictions",
        "own_bind_pw",
        "2x",
        "process_name",
    ])
    .prop_map(str::to_owned)
}

/// A line of main.cf.
pub(crate) fn setting() -> impl Strategy<Value = String> {
    (
        name(),
        value(),
        prop::sample::select(vec!["", "\n  more", "\n# remark\n  $own_name", " # behind"]),
    )
        .prop_map(|(name, value, tail)| format!("{name} = {value}{tail}\n"))
}

/// An entry of master.cf.
pub(crate) fn service() -> impl Strategy<Value = String> {
    let head = (
        prop::sample::select(vec![
            "smtp",
            "submission",
            "465",
            "smtps",
            "127.0.0.1:10025",
            "[::1]:587",
            "own",
            ":25",
            "{{ port }}",
        ]),
        prop::sample::select(vec!["inet  n", "inet  y", "unix  n", "pass  -"]),
        prop::sample::select(vec!["smtpd", "smtpd -v", "postscreen", "smtp", "pipe argv=x", ""]),
    );
    let option = (name(), value(), prop::sample::select(vec![0, 1, 2])).prop_map(|(name, value, form)| match form {
        0 => format!("  -o {name}={}\n", value.replace(' ', ",")),
        1 => format!("  -o {{ {name} = {value} }}\n"),
        _ => format!("  -o {name} = {value}\n"),
    });
    (head, prop::collection::vec(option, 0..5))
        .prop_map(|((name, kind, program), options)| format!("{name} {kind} - y - - {program}\n{}", options.concat()))
}

/// A whole configuration: main.cf and master.cf.
pub(crate) fn configuration() -> impl Strategy<Value = (String, String)> {
    (
        prop::collection::vec(setting(), 0..12),
        prop::collection::vec(service(), 0..5),
    )
        .prop_map(|(main, master)| (main.concat(), master.concat()))
}
