//! Which bytes of the text are marked, and how that looks line by line.

use std::ops::Range;

use smtplint_core::document::Document;
use smtplint_core::finding::Severity;
use smtplint_core::intake;

use crate::position::{Edit, Parts};

/// A place in the text that decides a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Bytes of the whole text.
    pub(crate) range: Range<usize>,
    /// How bad.
    pub(crate) severity: Severity,
    /// Index of the finding's card.
    pub(crate) card: usize,
    /// What the finding says.
    pub(crate) title: String,
}

/// The marks of every card, in the order of the cards: the worst first.
pub(crate) fn of(document: &Document, parts: &Parts, text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (index, card) in document.cards.iter().enumerate() {
        for excerpt in card.excerpts.iter().filter(|excerpt| excerpt.decides) {
            let range = parts.range(excerpt.span);
            let written = text.get(range.clone()).unwrap_or("").trim_end().len();
            if written > 0 {
                marks.push(Mark {
                    range: range.start..range.start + written,
                    severity: card.severity,
                    card: index,
                    title: card.title.clone(),
                });
            }
        }
    }
    marks
}

/// The marks of `old` that still hold in `new`, at their new places.
pub(crate) fn carry(marks: &[Mark], old: &str, new: &str) -> Vec<Mark> {
    let edit = Edit::between(old, new);
    let carried = |mark: &Mark| edit.carry(&mark.range).map(|range| Mark { range, ..mark.clone() });
    marks.iter().filter_map(carried).collect()
}

/// A stretch of text that looks the same throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Bytes of the whole text.
    pub(crate) range: Range<usize>,
    /// How bad the worst mark here is.
    pub(crate) severity: Option<Severity>,
    /// Belongs to the chosen finding.
    pub(crate) chosen: bool,
}

/// The whole text in pieces, without gaps.
pub(crate) fn pieces(text: &str, marks: &[Mark], chosen: Option<usize>) -> Vec<Piece> {
    // Where a mark begins or ends, in order; over these it is one pass.
    let mut edges: Vec<(usize, bool, &Mark)> = Vec::with_capacity(marks.len() * 2);
    for mark in marks {
        let Range { start, end } = mark.range;
        put(&mut edges, (text.floor_char_boundary(start), true, mark), |(at, ..)| {
            *at
        });
        put(&mut edges, (text.floor_char_boundary(end), false, mark), |(at, ..)| *at);
    }
    let (mut pieces, mut from) = (Vec::with_capacity(edges.len() + 1), 0);
    let mut here: Vec<&Mark> = Vec::new();
    let mut edges = edges.into_iter().peekable();
    loop {
        let to = edges.peek().map_or(text.len(), |(at, ..)| *at);
        if to > from {
            pieces.push(Piece {
                range: from..to,
                severity: here.iter().map(|mark| mark.severity).max(),
                chosen: here.iter().any(|mark| Some(mark.card) == chosen),
            });
            from = to;
        }
        let Some((_, begins, mark)) = edges.next() else {
            return pieces;
        };
        if begins {
            here.push(mark);
        } else {
            here.retain(|one| !std::ptr::eq(*one, mark));
        }
    }
}

/// Puts something behind what comes before it or at the same place. The standard library's sorting would be a hundredth of the page.
fn put<T>(all: &mut Vec<T>, one: T, place: impl Fn(&T) -> usize) {
    let at = place(&one);
    all.insert(all.partition_point(|other| place(other) <= at), one);
}

/// One line as the gutter shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    /// The line's number in its own file; none for the heading between two files.
    pub(crate) number: Option<usize>,
    /// The worst mark that begins here.
    pub(crate) mark: Option<&'a Mark>,
    /// How many findings are marked here.
    pub(crate) findings: usize,
}

/// The lines of the text. Numbers begin anew under every heading, so that they are those of the files.
pub(crate) fn rows<'a>(text: &str, marks: &'a [Mark]) -> Vec<Row<'a>> {
    let mut offset = 0;
    let mut number = 0;
    let mut begin: Vec<&Mark> = Vec::with_capacity(marks.len());
    for mark in marks {
        put(&mut begin, mark, |mark| mark.range.start);
    }
    let mut begin = begin.as_slice();
    text.split('\n')
        .map(|line| {
            offset += line.len() + 1;
            let (here, later) = begin.split_at(begin.partition_point(|mark| mark.range.start < offset));
            begin = later;
            let is_heading = intake::heading(line).is_some();
            number = if is_heading { 0 } else { number + 1 };
            Row {
                number: (!is_heading).then_some(number),
                mark: here
                    .iter()
                    .copied()
                    .max_by_key(|mark| (mark.severity, std::cmp::Reverse(mark.card))),
                findings: here.len(),
            }
        })
        .collect()
}

/// The worst mark around a byte.
pub(crate) fn at(marks: &[Mark], byte: usize) -> Option<&Mark> {
    marks
        .iter()
        .filter(|mark| mark.range.contains(&byte))
        .max_by_key(|mark| (mark.severity, std::cmp::Reverse(mark.card)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(range: Range<usize>, severity: Severity, card: usize) -> Mark {
        Mark {
            range,
            severity,
            card,
            title: String::new(),
        }
    }

    #[test]
    fn pieces_have_no_gaps_and_the_worst_wins() {
        let marks = [mark(2..6, Severity::High, 0), mark(4..8, Severity::Low, 1)];
        let seen: Vec<_> = pieces("0123456789", &marks, Some(1))
            .into_iter()
            .map(|piece| (piece.range, piece.severity, piece.chosen))
            .collect();
        assert_eq!(
            seen,
            [
                (0..2, None, false),
                (2..4, Some(Severity::High), false),
                (4..6, Some(Severity::High), true),
                (6..8, Some(Severity::Low), true),
                (8..10, None, false),
            ]
        );
        assert!(pieces("", &[], None).is_empty());
    }

    #[test]
    fn lines_are_numbered_within_their_file() {
        let text = "==> a <==\nx\ny\n==> b <==\nz\n";
        let marks = [mark(12..13, Severity::Low, 1), mark(12..13, Severity::High, 0)];
        let rows = rows(text, &marks);
        let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [None, Some(1), Some(2), None, Some(1), Some(2)]);
        assert_eq!(rows[2].mark.map(|mark| mark.card), Some(0));
        assert_eq!(rows[2].findings, 2);
        assert!(
            rows.iter()
                .enumerate()
                .all(|(index, row)| index == 2 || row.mark.is_none())
        );
    }

    #[test]
    fn a_click_finds_the_worst_mark() {
        let marks = [mark(2..6, Severity::Low, 0), mark(4..8, Severity::High, 1)];
        assert_eq!(at(&marks, 5).map(|mark| mark.card), Some(1));
        assert_eq!(at(&marks, 2).map(|mark| mark.card), Some(0));
        assert_eq!(at(&marks, 8), None);
    }
}
