//! A judgement as Markdown, for tickets and merge requests.

use std::fmt::Write;

use smtplint_core::document::{Card, Document, NoteKind};
use smtplint_core::source::Sources;

use super::{lines, pieces};
use crate::text::harmless;

/// The whole document.
pub(crate) fn render(document: &Document, sources: &Sources) -> String {
    let mut text = format!("# smtplint\n\n{}\n", sentence(&document.summary));
    for card in &document.cards {
        text.push_str(&finding(card, sources));
    }
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            let _ = write!(text, "\n## {title}\n\n");
            for item in items {
                let _ = writeln!(text, "- {item}");
            }
        }
    };
    let assumptions = document.assumptions.iter().map(|said| sentence(&format!("{said}.")));
    list("Taken for granted", assumptions.collect());
    let notes = document.notes.iter().map(|(at, said)| {
        let place = at.map(|span| format!("{}: ", sources.spoken(span))).unwrap_or_default();
        sentence(&format!("{place}{said}"))
    });
    list("Besides", notes.collect());
    let questions = document.questions.iter();
    let mut questions: Vec<String> = questions
        .map(|(ask, command)| format!("{} {}", sentence(ask), code(command)))
        .collect();
    if document.more_questions > 0 {
        questions.push(format!("and {} more", document.more_questions));
    }
    list("Open questions", questions);
    text
}

fn finding(card: &Card, sources: &Sources) -> String {
    let mut text = format!(
        "\n## {}: {}\n\n{}\n",
        card.weight(),
        sentence(&card.title),
        code(card.rule)
    );
    for excerpt in &card.excerpts {
        let place = sources.spoken(excerpt.span);
        let label = if excerpt.label.is_empty() {
            String::new()
        } else {
            format!(", {}", sentence(&excerpt.label))
        };
        let (lines, more) = lines(excerpt, sources);
        let shown: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        let more = if more > 0 {
            format!("and {more} more lines\n")
        } else {
            String::new()
        };
        let _ = write!(text, "\n{}{label}\n\n{}{more}", code(&place), block(&shown.join("\n")));
    }
    for (kind, note) in &card.notes {
        match (kind, note.split_once('\n')) {
            (NoteKind::Write, Some((title, lines))) => {
                let _ = write!(
                    text,
                    "\n**{}:** {}\n\n{}",
                    kind.word(),
                    sentence(title),
                    block(&harmless(lines))
                );
            }
            _ => {
                let _ = writeln!(text, "\n**{}:** {}", kind.word(), sentence(note));
            }
        }
    }
    text
}

/// A sentence in which nothing but our own backquotes means anything to Markdown.
pub(super) fn sentence(text: &str) -> String {
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
pub(super) fn code(text: &str) -> String {
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
pub(super) fn block(text: &str) -> String {
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
}
