//! Forms of a judgement that are handed on: Markdown, HTML and SARIF. Plain JSON is [`crate::json`].

pub mod html;
pub mod markdown;
pub mod sarif;

use crate::document::{Document, Excerpt};
use crate::markdown::harmless;
use crate::source::Sources;

/// More lines of one place than this are not shown.
const LINES: usize = 6;

/// Hands on what stands behind the findings, list by list: what was taken for granted, notes with their places, and questions.
/// `said` writes a sentence, `asked` a question with its command.
fn besides(
    document: &Document,
    sources: &Sources,
    said: &dyn Fn(&str) -> String,
    asked: &dyn Fn(&str, &str) -> String,
    list: &mut dyn FnMut(&str, Vec<String>),
) {
    let assumptions = document.assumptions.iter().map(|one| said(&format!("{one}.")));
    list("Taken for granted", assumptions.collect());
    let notes = document.notes.iter().map(|(at, note)| {
        let place = at.map(|span| format!("{}: ", sources.spoken(span))).unwrap_or_default();
        said(&format!("{place}{note}"))
    });
    list("Besides", notes.collect());
    let questions = document.questions.iter();
    let mut questions: Vec<String> = questions.map(|(ask, command)| asked(ask, command)).collect();
    if document.more_questions > 0 {
        questions.push(format!("and {} more", document.more_questions));
    }
    list("Open questions", questions);
}

/// The lines of a place with their numbers, and how many more there are.
fn lines(excerpt: &Excerpt, sources: &Sources) -> (Vec<(usize, String)>, usize) {
    let place = sources.place(excerpt.span);
    // A place that ends where a line begins has nothing in that line.
    let last = if place.end_column == 1 && place.end_line > place.line {
        place.end_line - 1
    } else {
        place.end_line
    };
    let source = sources.file(excerpt.span.file);
    let shown = (place.line..=last).take(LINES).map(|number| {
        let line = source.map_or("", |source| source.line(number));
        (number, harmless(line))
    });
    (shown.collect(), (last + 1 - place.line).saturating_sub(LINES))
}
