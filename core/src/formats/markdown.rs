//! A judgement as Markdown, for tickets and merge requests.

use std::fmt::Write;

use crate::document::{Card, Document, NoteKind};
use crate::markdown::{block, code, harmless, sentence};

use crate::source::Sources;

use super::{besides, lines};

/// The whole document.
#[must_use]
pub fn render(document: &Document, sources: &Sources) -> String {
    let mut text = "# smtplint\n\n".to_owned();
    for answer in &document.answers {
        let _ = writeln!(
            text,
            "- {} **{}**: {}",
            answer.label,
            answer.word,
            sentence(&answer.says)
        );
    }
    let _ = writeln!(text, "\n{}", sentence(&document.summary));
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
    let asked = |ask: &str, command: &str| format!("{} {}", sentence(ask), code(command));
    besides(document, sources, &|said| sentence(said), &asked, &mut list);
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
