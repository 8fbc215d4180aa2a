//! Making constants of the tables of cipher suites and of OpenSSL's words.
//!
//! Only the build script has this inside, and the tests of the core: the program has what comes out.

mod columns;
mod order;
mod suites;
mod words;

use super::openssl::Release;
use super::openssl::list::Member;
use super::traits::STRENGTH;
pub(crate) use columns::Wrong;
use suites::Suite;

/// The tables.
pub(crate) struct Texts<'a> {
    /// Cipher suites.
    pub(crate) suites: &'a str,
    /// OpenSSL's words.
    pub(crate) aliases: &'a str,
}

/// The constants: the name of a file for each, and the expression that goes there.
pub(crate) fn constants(texts: &Texts<'_>) -> Result<[(&'static str, String); 3], Wrong> {
    let suites = suites::read(texts.suites)?;
    let words = words::read(texts.aliases, &suites)?;
    let books = Release::ALL.map(|release| book(&suites, release));
    Ok([
        ("suites.rs", list(suites.iter().map(Suite::expression))),
        ("words.rs", list(words.iter().map(words::Word::expression))),
        ("books.rs", list(books)),
    ])
}

/// The expression of a book.
fn book(suites: &[Suite<'_>], release: Release) -> String {
    let members = members(suites, release);
    let order = order::preference(&members);
    format!("Book {{ release: Release::{release:?}, members: &{members:?}, order: &{order:?} }}")
}

/// The suites of a release, by number. Those of TLS 1.3 stand apart.
fn members(suites: &[Suite<'_>], release: Release) -> Vec<Member> {
    let numbered = (0_u8..=u8::MAX).zip(suites);
    let own = numbered.filter(|(_, suite)| suite.releases & release.bit() != 0 && !suite.is_newest());
    own.map(|(place, suite)| member(place, suite, release)).collect()
}

/// A suite as a release counts it.
fn member(place: u8, suite: &Suite<'_>, release: Release) -> Member {
    let strength = release.strength(suite.traits, suite.counted);
    let traits = if strength == suite.counted.strength {
        suite.traits
    } else {
        suite.traits & !STRENGTH.mask() | STRENGTH.of(&["HIGH"])
    };
    Member {
        suite: place,
        traits,
        strength,
    }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let lines: String = items.into_iter().map(|item| format!("    {item},\n")).collect();
    format!("[\n{lines}]\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::traits::CIPHER;

    const SUITES: &str = "\
# a head
0005\tTLS_A\tA\t-\tRSA\tRSA\tRC4\tMD5\t128\tSSLv3\tMEDIUM\t80\textra\t1.1.1
C0AE\tTLS_B\tB\tGNU_B\tECDHE\tECDSA\tAES128CCM8\tAEAD\t128\tTLSv1.2\tMEDIUM\t64\t-\t1.1.1,3.5
C0AF\tTLS_C\t-\tGNU_C\tDHE\tRSA\tAES256GCM\tAEAD\t256\tTLSv1.2\tHIGH\t256\t-\t-
";
    const ALIASES: &str = "\
# a head
#
SECRET\t-\t-\t~NULL\t-\t-\tHIGH,fips\t3.0,3.5
";

    fn made(suites: &str, aliases: &str) -> Result<[String; 3], String> {
        let made = constants(&Texts { suites, aliases });
        made.map(|all| all.map(|(_, expression)| expression))
            .map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn the_constants_are_of_these_tables() {
        let made = made(include_str!("suites.tsv"), include_str!("openssl/aliases.tsv"));
        assert_eq!(
            made.unwrap(),
            [
                include_str!(concat!(env!("OUT_DIR"), "/suites.rs")),
                include_str!(concat!(env!("OUT_DIR"), "/words.rs")),
                include_str!(concat!(env!("OUT_DIR"), "/books.rs")),
            ]
        );
    }

    #[test]
    fn small_tables() {
        let [suites, words, books] = made(SUITES, ALIASES).unwrap();
        let lines: Vec<&str> = suites.lines().collect();
        assert_eq!(lines.len(), 5);
        let begin = "    Suite { id: 0xc0ae, name: \"TLS_B\", openssl: Some(\"B\"), gnutls: Some(\"GNU_B\"), bits: 128, \
                     strength: 64, traits: 0x";
        assert!(
            lines[2].starts_with(begin) && lines[2].ends_with(", releases: 5 },"),
            "{suites}"
        );
        // Sorted; TLS_A and TLS_C are names of the registry that no release reads.
        let all = CIPHER.mask() & !CIPHER.of(&["NULL"]) | STRENGTH.of(&["HIGH", "fips"]);
        let word = |name: &str, releases: u8, what: &str| {
            format!("    Word {{ name: {name:?}, releases: {releases}, stands_for: StandsFor::{what} }},")
        };
        assert_eq!(
            words.lines().collect::<Vec<_>>(),
            [
                "[",
                &word("A", 1, "Suite(0)"),
                &word("B", 5, "Suite(1)"),
                &word("SECRET", 6, &format!("Group({all:#x})")),
                &word("TLS_B", 4, "Suite(1)"),
                "]"
            ]
        );
        // A short tag costs strength in the newest release alone, and RC4 comes last.
        let books: Vec<&str> = books.lines().collect();
        assert!(
            books[1].contains("strength: 128 }]") && books[1].ends_with("order: &[1, 0] },"),
            "{books:?}"
        );
        assert_eq!(
            books[2],
            "    Book { release: Release::V3_0, members: &[], order: &[] },"
        );
        assert!(
            books[3].contains("suite: 1, ") && books[3].contains("strength: 64 }]"),
            "{books:?}"
        );
    }

    #[test]
    fn a_wrong_row_is_refused_with_file_and_line() {
        for (right, wrong, what) in [
            ("0005", "0x05", "2: `0x05` is no hexadecimal number"),
            ("C0AE", "0005", "3: 0005 does not come after the number before it"),
            ("TLS_B", "TLS_A", "3: `TLS_A` is another suite's name"),
            ("\tB\t", "\tA\t", "3: `A` is another suite's name"),
            ("RC4", "RC5", "2: `RC5` is not a word of this column"),
            (
                "TLSv1.2\tHIGH",
                "TLSv1.1\tHIGH",
                "4: `TLSv1.1` is not a word of this column",
            ),
            ("\t80\t", "\tfew\t", "2: `few` is no number"),
            ("\t80\t", "\t65536\t", "2: `65536` is no number"),
            ("extra", "extra,more", "2: `more` is not a word of this column"),
            ("1.1.1,3.5", "1.1.1,3.4", "3: `3.4` is no release of OpenSSL"),
            ("extra\t1.1.1", "extra", "2: a column is missing"),
            ("extra\t1.1.1", "extra\t1.1.1\t-", "2: `-` is one column too many"),
            ("GNU_B", "", "3: a column is empty"),
        ] {
            let suites = SUITES.replacen(right, wrong, 1);
            assert_ne!(suites, SUITES, "{right}");
            assert_eq!(made(&suites, ALIASES), Err(format!("core/src/tls/suites.tsv:{what}")));
        }
        for (right, wrong, what) in [
            ("SECRET", "B", "3: `B` is a word already"),
            ("SECRET", "TLS_B", "3: `TLS_B` is a word already"),
            ("~NULL", "~NOTHING", "3: `NOTHING` is not a word of this column"),
            ("HIGH,fips", "HIGH,", "3: `` is not a word of this column"),
            ("\t3.0,3.5", "", "3: a column is missing"),
        ] {
            let aliases = ALIASES.replacen(right, wrong, 1);
            assert_ne!(aliases, ALIASES, "{right}");
            assert_eq!(
                made(SUITES, &aliases),
                Err(format!("core/src/tls/openssl/aliases.tsv:{what}"))
            );
        }
    }

    #[test]
    fn there_is_room_for_so_many_suites() {
        let rest = "-\t-\tRSA\tRSA\tRC4\tMD5\t128\tSSLv3\tMEDIUM\t80\t-\t1.1.1";
        let rows = |count: u16| -> String {
            let row = |id| format!("{id:04X}\tTLS_{id}\t{rest}\n");
            (0..count).map(row).collect()
        };
        assert!(made(&rows(256), ALIASES).is_ok());
        assert_eq!(
            made(&rows(257), ALIASES),
            Err("core/src/tls/suites.tsv:257: there is room for 256 suites".to_owned())
        );
    }
}
