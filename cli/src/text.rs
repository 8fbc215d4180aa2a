//! Results for people, on a terminal.

pub(crate) mod ciphers;
pub(crate) mod document;
pub(crate) mod excerpt;
pub(crate) mod explanation;
pub(crate) mod fixes;
pub(crate) mod inspection;
pub(crate) mod lines;
pub(crate) mod mx;
pub(crate) mod outcomes;
pub(crate) mod plan;
pub(crate) mod probe;
pub(crate) mod problem;
pub(crate) mod upgrade;
pub(crate) mod usage;

use std::sync::OnceLock;

pub(crate) use smtplint_core::markdown::{harmless, is_harmless};

/// How open questions are answered: the end of their list.
const ANSWERED_BY: &str = "Answer by a flag such as `--target debian=12` (see --help), or in smtplint.toml.";

/// Breaks a paragraph into lines of at most `width` characters, each behind `indent`. What stands between backticks is
/// there to be copied, and stays in one piece where a line can hold it.
fn wrapped(paragraph: &str, indent: &str, width: usize) -> String {
    let mut lines = Lines {
        text: String::with_capacity(indent.len() + paragraph.len() + paragraph.len() / 8 + 1),
        indent,
        width,
        wide: 0,
        is_ascii: paragraph.is_ascii(),
    };
    lines.text.push_str(indent);
    let has_quotations = paragraph.as_bytes().contains(&b'`');
    let turns = |word: &str| has_quotations && word.bytes().filter(|byte| *byte == b'`').count() % 2 == 1;
    let mut quotation: Vec<&str> = Vec::new();
    for word in paragraph.split_ascii_whitespace() {
        let turns = turns(word);
        if quotation.is_empty() && !turns {
            lines.add(&[word]);
            continue;
        }
        let is_whole = turns && !quotation.is_empty();
        quotation.push(word);
        if is_whole {
            lines.add_quotation(&quotation);
            quotation.clear();
        }
    }
    // A backtick that nothing closes quotes nothing.
    quotation.chunks(1).for_each(|word| lines.add(word));
    lines.text.push('\n');
    lines.text
}

/// A line of a table: what it is, and behind that its value, over as many lines as it takes.
fn row(name: &str, value: &str) -> String {
    /// Where values begin.
    const COLUMN: usize = 18;
    let value = wrapped(value, &" ".repeat(COLUMN), WIDEST);
    format!("  {name:<width$}{}", value.trim_start(), width = COLUMN - 2)
}

/// A paragraph as it is broken into lines.
struct Lines<'a> {
    text: String,
    indent: &'a str,
    width: usize,
    /// Characters in the last line behind the indent.
    wide: usize,
    /// Each character is one byte.
    is_ascii: bool,
}

impl Lines<'_> {
    /// Adds words that stay together.
    fn add(&mut self, words: &[&str]) {
        let length = self.length(words);
        if self.wide > 0 && self.indent.len() + self.wide + 1 + length > self.width {
            self.text.push('\n');
            self.text.push_str(self.indent);
            self.wide = 0;
        }
        self.wide += length + usize::from(self.wide > 0);
        for (index, word) in words.iter().enumerate() {
            if index > 0 || self.wide > length {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
    }

    /// Adds a quotation, word by word where it is longer than any line.
    fn add_quotation(&mut self, words: &[&str]) {
        if self.length(words) <= self.width.saturating_sub(self.indent.len()) {
            self.add(words);
        } else {
            words.chunks(1).for_each(|word| self.add(word));
        }
    }

    /// The characters of words with a blank between them.
    fn length(&self, words: &[&str]) -> usize {
        let of_word = |word: &&str| {
            if self.is_ascii {
                word.len()
            } else {
                word.chars().count()
            }
        };
        words.iter().map(of_word).sum::<usize>() + words.len().saturating_sub(1)
    }
}

/// The width that text is broken to: the terminal's where that is narrow, else what is good to read. A pipe has none.
fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let terminal = terminal_size::terminal_size_of(std::io::stdout());
        terminal.map_or(WIDEST, |(columns, _)| usize::from(columns.0).clamp(NARROWEST, WIDEST))
    })
}

const NARROWEST: usize = 60;
const WIDEST: usize = 100;

/// The same for text with lines that another program is to read, such as patches: their tabs stay.
pub(crate) fn harmless_lines(text: &str) -> String {
    text.split('\t').map(harmless).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_not_broken() {
        assert_eq!(
            wrapped("to know, `getent services x` tells", "", 20),
            "to know,\n`getent services x`\ntells\n"
        );
        assert_eq!(
            wrapped("`longer than the line is` so", "> ", 10),
            "> `longer\n> than the\n> line is`\n> so\n"
        );
    }
}
