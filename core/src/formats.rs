//! Forms of a judgement that are handed on: Markdown, HTML and SARIF. Plain JSON is [`crate::json`].

pub mod html;
pub mod markdown;
pub mod sarif;

use crate::document::Excerpt;
use crate::markdown::harmless;
use crate::source::Sources;

/// More lines of one place than this are not shown.
const LINES: usize = 6;

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
