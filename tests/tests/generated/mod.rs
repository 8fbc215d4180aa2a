//! Configurations nobody would write, from a seed: every form of the language next to every other.

use std::fmt::Write;

/// `SMTPLINT_SEED`, or the same one each time: what everybody waits for must not depend on luck.
pub(crate) fn seed() -> u64 {
    std::env::var("SMTPLINT_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(587)
}

/// xorshift64*: enough to shuffle words, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or(0) % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.roll(words.len())).copied().unwrap_or("")
    }
}

const NAMES: &[&str] = &[
    "myhostname",
    "mydomain",
    "mynetworks",
    "smtpd_banner",
    "smtpd_client_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_tls_protocols",
    "smtpd_restriction_classes",
    "relay_domains",
    "virtual_alias_maps",
    "my_own",
    "another_own",
    "mua_restrictions",
    "greylist",
    "smtpd_tls_dh2048_param_file",
    "compatibility_level",
    "relay_destination_concurrency_limit",
    "dovecot_destination_recipient_limit",
    "accounts_server_host",
    "smtpd_reject_footer",
    "default_privs",
];

const WORDS: &[&str] = &[
    "permit_mynetworks",
    "reject",
    "hash:/etc/postfix/access",
    "ldap:accounts",
    "greylist",
    "a,b",
    "#hash",
    "x=y",
    "$$5",
    "-",
    "yes",
];

/// A reference, mostly to a name that stands before `name` in the list: so values seldom refer to themselves.
fn reference(dice: &mut Dice, name: &str, depth: usize) -> String {
    let of = name;
    let earlier = NAMES.iter().position(|one| *one == of).unwrap_or(NAMES.len());
    let names = if dice.roll(40) == 0 {
        NAMES
    } else {
        NAMES.get(..earlier).unwrap_or(NAMES)
    };
    let name = if names.is_empty() { "stress" } else { dice.pick(names) };
    let inner = |dice: &mut Dice| {
        if depth == 0 {
            dice.pick(WORDS).replace('$', "")
        } else {
            reference(dice, of, depth - 1)
        }
    };
    match dice.roll(9) {
        0 => format!("${name}"),
        1 => format!("${{{name}}}"),
        2 => format!("$({name})"),
        3 => format!("${{{name}?{}}}", inner(dice)),
        4 => format!("${{{name}:{}}}", inner(dice)),
        5 => format!("${{{name}?{{{}}}:{{{}}}}}", inner(dice), inner(dice)),
        6 => format!("${{ {name} ? {{{}}} : {{{}}} }}", inner(dice), inner(dice)),
        7 => {
            let operator = dice.pick(&["==", "!=", "<", "<=", ">", ">="]);
            let (left, right) = (inner(dice), inner(dice));
            format!(
                "${{{{{left}}} {operator} {{{right}}} ? {{{}}} : {{{}}}}}",
                inner(dice),
                inner(dice)
            )
        }
        _ => {
            let operator = dice.pick(&["==level", "<level", "<=level", ">=level"]);
            let level = dice.pick(&["0", "2", "3.6", "3.10"]);
            format!("${{{{$compatibility_level}} {operator} {{{level}}} ? {{new}} : {{old}}}}")
        }
    }
}

fn value(dice: &mut Dice, name: &str) -> String {
    let mut text = String::new();
    for part in 0..dice.roll(4) {
        if part > 0 {
            text.push_str(dice.pick(&[" ", ", ", "  ", "\n    ", "\n\t# a comment\n  ", "\n\n "]));
        }
        if dice.roll(3) == 0 {
            text.push_str(&reference(dice, name, 1))
        } else {
            text.push_str(dice.pick(WORDS))
        }
    }
    text
}

fn main_cf(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..12 {
        match dice.roll(8) {
            0 => text.push_str("# a comment\n"),
            1 => text.push('\n'),
            _ => {
                let name = dice.pick(NAMES);
                let level = dice.pick(&["0", "2", "3.6"]);
                // Of the host's own names postconf expands the value before it knows any default, the level included.
                let plain = matches!(name, "compatibility_level" | "myhostname" | "mydomain");
                let value = if plain { level.to_owned() } else { value(dice, name) };
                let sign = dice.pick(&[" = ", "=", " =", "= "]);
                let _ = writeln!(text, "{name}{sign}{value}");
            }
        }
    }
    text
}

fn master_cf(dice: &mut Dice) -> String {
    let mut text = String::new();
    let services = [
        ("smtp", "inet", "smtpd"),
        ("submission", "inet", "smtpd"),
        ("relay", "unix", "smtp"),
        ("dovecot", "unix", "pipe"),
    ];
    for (name, kind, program) in services {
        let _ = write!(text, "{name} {kind} n - y - - {program}");
        for _ in 0..dice.roll(4) {
            // smtpd uses a footer as it stands, while postconf expands it here: it is no oracle for that one.
            let option = match dice.pick(NAMES) {
                // A level that is none makes every value that asks for it unreadable.
                "smtpd_reject_footer" | "compatibility_level" => "smtpd_banner",
                name => name,
            };
            // One line: a continued option would end the service's line.
            let value = value(dice, option).replace("\n\t# a comment\n", " ").replace('\n', " ");
            let (bare, braced) = (value.replace([' ', '\t'], ","), value.trim());
            let balanced = braced.matches('{').count() == braced.matches('}').count();
            // `-oname=value` is left out: postconf cuts it again at every further `o`.
            // Only braces keep an expression together.
            let roll = if value.contains('{') { 0 } else { dice.roll(3) };
            match roll {
                0 if balanced => {
                    let _ = write!(text, "\n  -o {{ {option} = {braced} }}");
                }
                1 => {
                    let _ = write!(text, "\n  # note\n  -o {option}={bare}");
                }
                _ => {
                    let _ = write!(text, "\n  -o {option}={bare}");
                }
            }
        }
        text.push('\n');
    }
    text
}

/// The texts of main.cf and master.cf of one number under a seed.
pub(crate) fn configuration(seed: u64, number: u64) -> (String, String) {
    let mut dice =
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (number + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1);
    (main_cf(&mut dice), master_cf(&mut dice))
}
