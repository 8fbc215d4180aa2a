//! The oracle against the installed Postfix.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use super::*;

fn ask(main_cf: &str, master_cf: &str, arguments: &[&str]) -> Printed {
    let prepared = Configuration::new(main_cf, Some(master_cf.as_bytes()))
        .prepare()
        .expect("prepare");
    prepared.values(arguments).expect("postconf")
}

#[test]
fn settings_are_expanded_and_warnings_read_once() {
    let printed = ask(
        "myhostname = a.test\nsmtpd_banner = one\nsmtpd_banner = $myhostname $nope\nalias_maps =\nodd = 1\n",
        "submission inet n - n - - smtpd\n -o { smtpd_banner = x  y } -o smtpd_tls_security_level=encrypt\n",
        &["-nx"],
    );
    assert_eq!(printed.values["smtpd_banner"], "a.test");
    assert_eq!(printed.values["alias_maps"], "");
    assert_eq!(printed.fatal, None);
    let overriding = Warning::OverridingEarlierEntry {
        file: "main.cf".into(),
        line: 3,
        name: "smtpd_banner".into(),
        old: "one".into(),
    };
    assert_eq!(
        printed
            .warnings
            .iter()
            .filter(|warning| **warning == overriding)
            .count(),
        1
    );
    for expected in [
        Warning::UndefinedParameter {
            file: "main.cf".into(),
            name: "nope".into(),
        },
        Warning::UnusedParameter {
            file: "main.cf".into(),
            assignment: "odd=1".into(),
        },
    ] {
        assert!(
            printed.warnings.contains(&expected),
            "{expected:?} in {:?}",
            printed.warnings
        );
    }
}

#[test]
fn services_are_named_with_their_type() {
    let master = "[::1]:587 inet n - n - - smtpd\n -o { smtpd_banner = x  y } -o smtpd_tls_security_level=encrypt\n";
    let printed = ask("", master, &["-Px"]);
    let expected = [
        ("[::1]:587/inet/smtpd_banner", "x y"),
        ("[::1]:587/inet/smtpd_tls_security_level", "encrypt"),
    ];
    let expected: BTreeMap<_, _> = expected
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    assert_eq!(printed.values, expected);
}

#[test]
fn a_line_without_equals_sign_is_fatal() {
    let printed = ask("a = 1\nbb\n", "", &["-nx"]);
    assert_eq!(
        printed.fatal.as_deref(),
        Some("main.cf, line 2: missing '=' after attribute name: \"bb\"")
    );
}

#[test]
fn the_host_is_pinned() {
    let facts = HostFacts {
        host_name: "mx.example.test".into(),
        interfaces: [
            "127.0.0.1/8",
            "192.0.2.9/28",
            "[2001:db8::1]/56",
            "[2001:db8:1::1]/64",
            "[::1]/128",
        ]
        .iter()
        .map(|written| host_interface(written))
        .collect(),
    };
    let host = Host::Pinned(facts.clone());
    assert_eq!(HostFacts::of(&host).expect("facts"), facts);
    let names = DefaultNames::of(&host).expect("names");
    assert_eq!(
        names,
        DefaultNames {
            myhostname: "mx.example.test".into(),
            mydomain: "example.test".into()
        }
    );
    let configuration = Configuration {
        host,
        ..Configuration::new("mynetworks_style = subnet\n", Some(b""))
    };
    let printed = configuration
        .prepare()
        .expect("prepare")
        .values(&["-x", "mynetworks"])
        .expect("postconf");
    assert_eq!(
        printed.values["mynetworks"],
        "127.0.0.0/8 192.0.2.0/28 [2001:db8::]/56 [2001:db8:1::]/64 [::1]/128"
    );
}

#[test]
fn this_machine_agrees_with_the_kernel() {
    let facts = HostFacts::of(&Host::ThisMachine).expect("facts");
    let kernel = fs::read_to_string("/proc/net/if_inet6").expect("if_inet6");
    let mut expected: Vec<Interface> = kernel
        .lines()
        .map(|line| {
            let mut fields = line.split_whitespace();
            let bits = u128::from_str_radix(fields.next().expect("address"), 16).expect("hexadecimal");
            let length = u8::from_str_radix(fields.nth(1).expect("length"), 16).expect("hexadecimal");
            Interface {
                address: std::net::Ipv6Addr::from_bits(bits).into(),
                prefix_len: length,
            }
        })
        .collect();
    let mut seen: Vec<Interface> = facts
        .interfaces
        .iter()
        .filter(|one| one.address.is_ipv6())
        .copied()
        .collect();
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
    let loopback = HostFacts::loopback("x").interfaces[0];
    assert!(facts.interfaces.contains(&loopback), "{facts:?}");
}

fn host_interface(written: &str) -> Interface {
    host::interface(written).expect("an address")
}
