//! Results for people, on a terminal.

pub(crate) mod document;
pub(crate) mod excerpt;
pub(crate) mod explanation;
pub(crate) mod inspection;
pub(crate) mod outcomes;
pub(crate) mod problem;

use std::sync::OnceLock;

/// Breaks a paragraph into lines of at most `width` characters, each behind `indent`. What stands between backticks is
/// there to be copied, and stays in one piece where a line can hold it.
fn wrapped(paragraph: &str, indent: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in pieces(paragraph, width.saturating_sub(indent.len())) {
        if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

/// The words of a paragraph; a quotation in backticks is one word, unless it is longer than `longest` characters.
fn pieces(paragraph: &str, longest: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut quotation: Vec<&str> = Vec::new();
    for word in paragraph.split_whitespace() {
        let turns = word.matches('`').count() % 2 == 1;
        match (turns, quotation.is_empty()) {
            (false, true) => pieces.push(word.to_owned()),
            (true, false) => {
                quotation.push(word);
                let whole = quotation.join(" ");
                if whole.chars().count() <= longest {
                    pieces.push(whole);
                } else {
                    pieces.extend(quotation.iter().map(ToString::to_string));
                }
                quotation.clear();
            }
            (true, true) | (false, false) => quotation.push(word),
        }
    }
    // A backtick that nothing closes quotes nothing.
    pieces.extend(quotation.iter().map(ToString::to_string));
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

/// What the terminal might obey is made visible: names and values come from files of strangers.
pub(crate) fn harmless(text: &str) -> String {
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
    }
}
