//! The Markdown of what is written for tickets and plans, and texts of strangers as something that nothing obeys.

/// True when there is nothing in a text but letters, signs and line ends: nothing that a terminal obeys.
#[must_use]
pub fn is_harmless(text: &str) -> bool {
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
#[must_use]
pub fn harmless(text: &str) -> String {
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

/// A sentence with a capital letter.
#[must_use]
pub(crate) fn capital(mut sentence: String) -> String {
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// A sentence in pieces: true for what stands between backquotes, without them. A backquote that nothing closes quotes nothing.
#[must_use]
pub fn pieces(sentence: &str) -> Vec<(bool, &str)> {
    let parts: Vec<&str> = sentence.split('`').collect();
    let closed = parts.len() % 2 == 1;
    let pieces = parts.iter().enumerate().map(|(index, part)| {
        let is_last = index + 1 == parts.len();
        (index % 2 == 1 && (closed || !is_last), *part)
    });
    pieces.filter(|(_, part)| !part.is_empty()).collect()
}

/// A sentence in which nothing but our own backquotes means anything to Markdown.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = harmless(text).replace('\n', " ");
    let shown = pieces(&text)
        .into_iter()
        .map(|(is_code, piece)| if is_code { code(piece) } else { escaped(piece) });
    shown.collect()
}

/// What Markdown or HTML would take for a sign.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(
            letter,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '@'
        ) {
            shown.push('\\');
        }
        shown.push(letter);
    }
    shown
}

/// Text as code within a line: between more backquotes than it holds in a row.
#[must_use]
pub fn code(text: &str) -> String {
    let text = harmless(text).replace('\n', " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{edge}{text}{edge}{fence}")
}

/// Lines as code, between longer fences than they hold.
#[must_use]
pub fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_told_apart() {
        assert_eq!(pieces("a `b` c"), [(false, "a "), (true, "b"), (false, " c")]);
        assert_eq!(pieces("`b`"), [(true, "b")]);
        assert_eq!(pieces("a `b"), [(false, "a "), (false, "b")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn nothing_from_outside_is_a_sign() {
        assert_eq!(
            sentence("a `b*c` <i>*d*</i>\n[e](f)"),
            "a `b*c` \\<i\\>\\*d\\*\\</i\\> \\[e\\](f)"
        );
        assert_eq!(sentence("a\u{202e}b"), "a\u{fffd}b");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(block("x\n```\ny"), "````\nx\n```\ny\n````\n");
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
