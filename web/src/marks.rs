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
    let mut edges = vec![0];
    let places = marks.iter().flat_map(|mark| [mark.range.start, mark.range.end]);
    for edge in places.map(|edge| text.floor_char_boundary(edge)).chain([text.len()]) {
        if let Err(at) = edges.binary_search(&edge) {
            edges.insert(at, edge);
        }
    }
    edges
        .windows(2)
        .map(|pair| {
            let here = || {
                marks
                    .iter()
                    .filter(|mark| mark.range.start <= pair[0] && pair[1] <= mark.range.end)
            };
            Piece {
                range: pair[0]..pair[1],
                severity: here().map(|mark| mark.severity).max(),
                chosen: here().any(|mark| Some(mark.card) == chosen),
            }
        })
        .collect()
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
    text.split('\n')
        .map(|line| {
            let lines = offset..offset + line.len() + 1;
            offset = lines.end;
            let here = || marks.iter().filter(|mark| lines.contains(&mark.range.start));
            let is_heading = intake::heading(line).is_some();
            number = if is_heading { 0 } else { number + 1 };
            Row {
                number: (!is_heading).then_some(number),
                mark: here().max_by_key(|mark| (mark.severity, std::cmp::Reverse(mark.card))),
                findings: here().count(),
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
