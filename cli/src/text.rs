//! Results for people, on a terminal.

pub(crate) mod ciphers;
pub(crate) mod document;
pub(crate) mod excerpt;
pub(crate) mod explanation;
pub(crate) mod fixes;
pub(crate) mod inspection;
pub(crate) mod lines;
pub(crate) mod outcomes;
pub(crate) mod plan;
pub(crate) mod problem;
pub(crate) mod usage;

use std::sync::OnceLock;

/// How open questions are answered: the end of their list.
const ANSWERED_BY: &str = "Answer by a flag such as `--target debian=12` (see --help), or in smtplint.toml.";

/// Breaks a paragraph into lines of at most `width` characters, each behind `indent`. What stands between backticks is
/// there to be copied, and stays in one piece where a line can hold it.
fn wrapped(paragraph: &str, indent: &str, width: usize) -> String {
    // Most words are longer than three letters.
    let mut words: Vec<&str> = Vec::with_capacity(paragraph.len() / 4);
    if paragraph.is_ascii() {
        words.extend(paragraph.split_ascii_whitespace());
    } else {
        words.extend(paragraph.split_whitespace());
    }
    let mut text = String::with_capacity(indent.len() + paragraph.len() + 1);
    text.push_str(indent);
    // Characters in the line behind the indent.
    let mut wide = 0;
    let longest = width.saturating_sub(indent.len());
    let pieces = if paragraph.as_bytes().contains(&b'`') {
        pieces(&words, longest)
    } else {
        words.chunks(1).collect()
    };
    for piece in pieces {
        let length = length(piece);
        if wide > 0 && indent.len() + wide + 1 + length > width {
            text.push('\n');
            text.push_str(indent);
            wide = 0;
        }
        for (index, word) in piece.iter().enumerate() {
            if wide > 0 || index > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
        wide += length + usize::from(wide > 0);
    }
    text.push('\n');
    text
}

/// The characters of words with a blank between them.
fn length(words: &[&str]) -> usize {
    let letters: usize = words
        .iter()
        .map(|word| {
            if word.is_ascii() {
                word.len()
            } else {
                word.chars().count()
            }
        })
        .sum();
    letters + words.len().saturating_sub(1)
}

/// What stays together: one word, or a quotation in backticks, unless it is longer than `longest` characters.
fn pieces<'w, 't>(words: &'w [&'t str], longest: usize) -> Vec<&'w [&'t str]> {
    let mut pieces = Vec::with_capacity(words.len());
    let mut quotation = None;
    for (at, word) in words.iter().enumerate() {
        let turns = word.bytes().filter(|byte| *byte == b'`').count() % 2 == 1;
        match (turns, quotation) {
            (false, None) => pieces.extend(words.get(at..=at)),
            (true, None) => quotation = Some(at),
            (true, Some(from)) => {
                let whole = words.get(from..=at).unwrap_or_default();
                pieces.extend(whole.chunks(if length(whole) <= longest {
                    whole.len().max(1)
                } else {
                    1
                }));
                quotation = None;
            }
            (false, Some(_)) => {}
        }
    }
    // A backtick that nothing closes quotes nothing.
    let rest = quotation.and_then(|from| words.get(from..)).unwrap_or_default();
    pieces.extend(rest.chunks(1));
    pieces
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

/// True when there is nothing in a text but letters, signs and line ends: nothing that a terminal obeys.
pub(crate) fn is_harmless(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_harmless = |(at, byte): (usize, &u8)| match byte {
        b'\n' | b' '..=b'~' => true,
        // Control characters above 128.
        0xc2 => bytes.get(at + 1).is_some_and(|next| *next >= 0xa0),
        // Marks that turn the direction of writing.
        0xe2 => !matches!(
            bytes.get(at + 1..at + 3),
            Some([0x80, 0xaa..=0xae] | [0x81, 0xa6..=0xa9])
        ),
        0x80.. => true,
        _ => false,
    };
    // Nearly every part is plain: its bytes are looked at in one go, because no look waits for the one before.
    let is_plain = |part: &[u8]| {
        part.iter()
            .fold(true, |plain, byte| plain & matches!(byte, b'\n' | b' '..=b'~'))
    };
    let mut parts = bytes.chunks(32).zip((0..).step_by(32));
    parts.all(|(part, start)| is_plain(part) || (start..).zip(part).all(is_harmless))
}

/// What the terminal might obey is made visible: names and values come from files of strangers.
pub(crate) fn harmless(text: &str) -> String {
    // Nearly every text is.
    if is_harmless(text) {
        return text.to_owned();
    }
    let shown = |letter: char| match letter {
        '\n' => '\n',
        '\t' => ' ',
        // Marks that turn the direction of writing hide what is written.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(shown).collect()
}

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

    #[test]
    fn what_a_terminal_obeys_is_shown_and_not_sent() {
        assert_eq!(harmless("a\x1b[31m\tb\r\n"), "a\u{fffd}[31m b\u{fffd}\n");
        assert_eq!(harmless("\u{85}\u{202e}\u{2069}\u{7f}"), "\u{fffd}".repeat(4));
        for text in ["§ 4 … é → 日本\n", "", "\u{a0}\u{2029}"] {
            assert!(is_harmless(text) && harmless(text) == text, "{text}");
        }
    }
}
