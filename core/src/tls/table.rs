//! The tables as text, inside the program or beside it. Those of the suites and of OpenSSL's words are constants inside it, and
//! beside it what was made of them.

#[cfg(feature = "embedded")]
use super::suite;
use crate::texts::text_file;

macro_rules! tables {
    ($($(#[$doc:meta])* $door:ident, $name:literal, $file:literal;)*) => {
        $(
            $(#[$doc])*
            pub(super) fn $door() -> &'static str {
                text_file!($name, $file).read()
            }
        )*

        /// Every table with its name, to travel with the other texts.
        #[cfg(feature = "embedded")]
        pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
            [$(($name, $door()),)*].into_iter()
        }
    };
}

tables! {
    /// Words of GnuTLS's priority strings.
    gnutls_words, "tls-gnutls-words", "gnutls/words.tsv";
    /// Groups.
    groups, "tls-groups", "groups.tsv";
    /// Signature schemes.
    signatures, "tls-signatures", "signatures.tsv";
    /// Attacks.
    attacks, "tls-attacks", "attacks.tsv";
}

/// The lines of a table, its head left out.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    super::rows::rows(table).map(|(_, line)| line)
}

/// The constants, written down to travel with the other texts.
#[cfg(feature = "embedded")]
pub(crate) fn made() -> [(&'static str, String); 3] {
    use super::openssl::book;
    [
        (suite::WRITTEN, suite::write_down()),
        (book::BOOKS_WRITTEN, book::write_down()),
        (book::WORDS_WRITTEN, book::write_words_down()),
    ]
}
