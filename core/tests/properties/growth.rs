//! Texts that grow in one direction: each is judged to its end, however large or odd. A shape whose cost explodes shows here
//! as a test that does not end.

use smtplint_core::source::Sources;

use super::common::{files, paste, say};

/// Something that grows with a number: its name, how large it is, and how it is written.
type Shape = (&'static str, usize, fn(usize) -> Sources);

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

const MASTER: &str = "smtp inet n - y - - smtpd\n587 inet n - y - - smtpd\n  -o smtpd_tls_security_level=may\n";

const SHAPES: &[Shape] = &[
    ("assignments of one name", 500, |n| {
        files(&lines(n, |i| format!("mynetworks = 10.0.0.{i}\n")), MASTER)
    }),
    ("assignments of many names", 200, |n| {
        files(&lines(n, |i| format!("own_{i} = $own_{}\n", i + 1)), MASTER)
    }),
    ("services", 100, |n| {
        files("", &lines(n, |i| format!("{} inet n - y - - smtpd\n", 1000 + i)))
    }),
    ("services and settings", 100, |n| {
        let main = lines(n * 4, |i| format!("own_{i} = $own_{}\n", i % 10));
        files(
            &main,
            &lines(n, |i| format!("{} inet n - y - - smtpd -o x=$own_{i}\n", 1000 + i)),
        )
    }),
    ("services with dead options", 100, |n| {
        files("", &lines(n, |i| format!("s{i} inet n - y - - smtpd -o a = b\n")))
    }),
    ("options of one service", 1000, |n| {
        files(
            "",
            &format!(
                "25 inet n - y - - smtpd\n{}",
                lines(n, |i| format!("  -o own_{i}=$x\n"))
            ),
        )
    }),
    ("options by service name", 150, |n| {
        paste(&lines(n, |i| format!("s{i}/inet/smtpd_tls_wrappermode = yes\n")))
    }),
    ("comments that ignore", 2_000, |n| {
        let comments = "# smtplint: ignore[tls10-enabled, own] so\n".repeat(n);
        files(
            &format!("{comments}mynetworks = 10.0.0.0/8\n{}", "# x\n  more\n".repeat(n)),
            MASTER,
        )
    }),
    ("rules of one comment", 5_000, |n| {
        let rules = "tls10-enabled,port-465-status,own-rule,".repeat(n);
        files(
            &format!(
                "# smtplint: ignore[{rules}] so\nmynetworks = {}\n",
                "10.0.0.0/8\n  ".repeat(n)
            ),
            MASTER,
        )
    }),
    ("references in one value", 500, |n| {
        files(
            &format!("mynetworks = {}\n", lines(n, |i| format!("$own_{i} "))),
            MASTER,
        )
    }),
    ("a long chain", 5_000, |n| {
        let chain = lines(n, |i| format!("own_{i} = $own_{}\n", i + 1));
        files(&format!("{chain}mynetworks = $own_0\n"), MASTER)
    }),
    ("braces", 20_000, |n| {
        files(
            &format!("mynetworks = ${}\nx = {}\n", "{".repeat(n), "${a?".repeat(n)),
            MASTER,
        )
    }),
    ("closed braces", 5000, |n| {
        files(&format!("x = {}y{}\n", "${a?{".repeat(n), "}}".repeat(n)), MASTER)
    }),
    ("a value that doubles", 20, |n| {
        files(&lines(n, |i| format!("d{i} = $d{0}$d{0}\n", i + 1)), MASTER)
    }),
    ("a circle", 200, |n| {
        files(
            &format!(
                "{}own_{n} = $own_0\n",
                lines(n, |i| format!("own_{i} = $own_{}\n", i + 1))
            ),
            MASTER,
        )
    }),
    ("names of the machine in each other", 10, |n| {
        let value = |other: &str| format!("{other} ").repeat(n);
        let (host, domain) = (
            value("${mydomain?{$mydomain}} $mynetworks"),
            value("$mynetworks ${x?{$myhostname}}"),
        );
        files(
            &format!("x = {host}\nmynetworks_style = {host}\ninet_interfaces = {domain}\nmydomain = {domain}\n"),
            MASTER,
        )
    }),
    ("continued lines", 5000, |n| {
        files(
            &format!("mynetworks =\n{}", lines(n, |i| format!("  10.0.{i}.0/24\n"))),
            MASTER,
        )
    }),
    ("one long line", 100_000, |n| paste(&"x".repeat(n))),
    ("marks of templates", 20_000, |n| {
        files(&format!("x = {}\ny = {}\n", "_".repeat(n), "@A".repeat(n)), MASTER)
    }),
    ("addresses in one word", 20_000, |n| paste(&"://".repeat(n))),
    ("keys", 4000, |n| {
        paste(&format!("{}\n{}", "password=".repeat(n), "{ --pass x".repeat(n)))
    }),
    ("headings of private keys", 10_000, |n| {
        paste(&"PRIVATE KEY----- ".repeat(n))
    }),
    ("headings", 1000, |n| {
        paste(&lines(n, |i| format!("==> f{i} <==\na = 1\n")))
    }),
    ("classes in classes", 30, |n| {
        let list = |i: usize| format!("c{i} = {}\n", format!("c{} ", i + 1).repeat(n));
        let names = lines(12, |i| format!("c{i} "));
        files(
            &format!(
                "smtpd_restriction_classes = {names}\nsmtpd_relay_restrictions = c0\n{}",
                lines(12, list)
            ),
            MASTER,
        )
    }),
    ("tables", 500, |n| {
        files(
            &lines(n, |i| format!("virtual_alias_maps = ldap:t{i}, $x\nt{i}_bind = yes\n")),
            MASTER,
        )
    }),
];

#[test]
fn shapes_that_grow_are_judged_to_their_end() {
    for (name, size, shape) in SHAPES {
        for size in [*size, size * 2] {
            let said = say(shape(size));
            assert!(!said.everything.is_empty(), "{name} of {size}");
        }
    }
}
