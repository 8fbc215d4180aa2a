//! A report, with the person's own lines, in the manner of rustc.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use smtplint_core::document::{Card, Document, Excerpt, NoteKind, Short};
use smtplint_core::finding::{Confidence, Severity};
use smtplint_core::source::{FileId, Sources, Span};

use super::excerpt::shortened;
use super::{ANSWERED_BY, harmless, lines, width, wrapped};
use crate::output;

/// Lines that are this much wider than text are shortened; the renderer is never asked to.
const MORE_THAN_TEXT: usize = 10;
const NEVER_CUT: usize = 2000;

/// The whole report.
pub(crate) fn render(document: &Document, sources: &Sources) -> String {
    rendered(document, sources, output::shows_styles())
}

fn rendered(document: &Document, sources: &Sources, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(NEVER_CUT);
    let mut said = Said::new();
    let mut text = answers(&document.answers);
    text.push('\n');
    for card in &document.cards {
        let title = harmless(&card.title);
        let notes = notes(card, &mut said);
        let lines = if styled {
            None
        } else {
            lines::plain(card, sources, width() + MORE_THAN_TEXT)
        };
        if let Some(shown) = lines
            && title.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        {
            let end = if shown.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{}[{}]: {title}{end}", card.weight(), card.rule);
            text.push_str(&with_notes(shown, &notes));
        } else {
            text.push_str(&painted(card, title, notes, sources, &renderer, styled));
        }
        text.push_str("\n\n");
    }
    for assumption in &document.assumptions {
        text.push_str(&wrapped(
            &harmless(&format!("Taken for granted: {assumption}.")),
            "",
            width(),
        ));
    }
    if !document.notes.is_empty() {
        if !document.assumptions.is_empty() {
            text.push('\n');
        }
        text.push_str("Besides:\n");
        for (at, note) in &document.notes {
            let place = at.map(|span| format!("{}: ", sources.spoken(span))).unwrap_or_default();
            text.push_str(&wrapped(&harmless(&format!("- {place}{note}")), "  ", width()));
        }
    }
    if !document.questions.is_empty() {
        if !document.notes.is_empty() || !document.assumptions.is_empty() {
            text.push('\n');
        }
        text.push_str("Open questions:\n");
        for (ask, command) in &document.questions {
            text.push_str(&wrapped(&harmless(&format!("- {ask}")), "  ", width()));
            let _ = writeln!(text, "      {}", harmless(command));
        }
        if document.more_questions > 0 {
            let _ = writeln!(
                text,
                "  and {} more; --format json lists them all",
                document.more_questions
            );
        }
        // Of a port that was looked at, the command is the answer.
        if !sources.is_empty() {
            text.push_str(&wrapped(ANSWERED_BY, "  ", width()));
        }
    }
    if !document.assumptions.is_empty() || !document.notes.is_empty() || !document.questions.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", document.summary);
    text
}

/// A finding as the renderer paints it.
fn painted(card: &Card, title: String, notes: Notes, sources: &Sources, renderer: &Renderer, styled: bool) -> String {
    let mut moved = Moved::default();
    let mut elements = snippets(card, sources, &mut moved);
    let title = level(card).primary_title(title).id(card.rule);
    if styled {
        let notes = notes.into_iter();
        elements.extend(notes.map(|(level, kind, note)| level.with_name(kind).message(note).into()));
        return moved.put_right(renderer.render(&[title.elements(elements)]));
    }
    // What has no style need not be painted letter by letter: the notes are put below as they are.
    let shown = renderer.render(&[Group::with_title(title).elements(elements)]);
    with_notes(moved.put_right(shown), &notes)
}

/// The short answers, a row each; one under the other where the terminal is too narrow for that.
fn answers(answers: &[Short]) -> String {
    const SIDE_BY_SIDE: usize = 90;
    let longest = |of: fn(&Short) -> &str| answers.iter().map(|one| of(one).len()).max().unwrap_or(0);
    let (labels, words) = (longest(|one| one.label), longest(|one| one.word));
    let mut text = String::new();
    for answer in answers {
        let says = harmless(&answer.says);
        if width() < SIDE_BY_SIDE {
            let _ = writeln!(text, "{} {}", answer.label, answer.word);
            text.push_str(&wrapped(&says, "  ", width()));
            continue;
        }
        let indent = " ".repeat(labels + words + 4);
        let lines = wrapped(&says, &indent, width());
        let head = format!("{:labels$}  {:words$}  ", answer.label, answer.word);
        text.push_str(&head);
        text.push_str(lines.get(head.len()..).unwrap_or(&lines));
    }
    text
}

/// Rules, with the reasons and sources given for them so far.
type Said<'a> = BTreeSet<(&'a str, &'a str)>;

/// Places whose column the renderer cannot know, because their line is shown shortened: as it writes them, and as they are.
#[derive(Default)]
struct Moved(Vec<(String, String)>);

impl Moved {
    fn note(&mut self, span: Span, shown: usize, sources: &Sources) {
        let place = sources.place(span);
        if place.column != shown {
            let head = format!("{}:{}:", place.file, place.line);
            self.0
                .push((format!("{head}{shown}\n"), format!("{head}{}\n", place.column)));
        }
    }

    fn put_right(&self, mut shown: String) -> String {
        for (wrong, right) in &self.0 {
            shown = shown.replacen(wrong, right, 1);
        }
        shown
    }
}

/// The column, from 1, of a byte.
fn column(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or("");
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    before.get(line..).unwrap_or("").chars().count() + 1
}

/// Severities look like what compilers show, under their own names. What depends on an open question looks less bad.
fn level(card: &Card) -> Level<'static> {
    let level = match (card.severity, card.confidence) {
        (Severity::Critical | Severity::High, Confidence::Certain) => Level::ERROR,
        (Severity::Critical | Severity::High, Confidence::Depends) | (Severity::Medium, Confidence::Certain) => {
            Level::WARNING
        }
        (Severity::Medium, Confidence::Depends) | (Severity::Low, _) => Level::INFO,
        (Severity::Info, _) => Level::NOTE,
    };
    level.with_name(card.weight())
}

/// What is said below the lines of a finding, each with its look and its word.
type Notes = Vec<(Level<'static>, &'static str, String)>;

/// `said` holds the reasons and sources given so far, which are not given in full again.
fn notes<'a>(card: &'a Card, said: &mut Said<'a>) -> Notes {
    let mut notes = Notes::new();
    for (kind, note) in &card.notes {
        let level = match kind {
            NoteKind::Write => Level::HELP,
            _ => Level::NOTE,
        };
        let again = !said.insert((card.rule, note.as_str()));
        let message = match kind {
            NoteKind::Why if again => "as above".to_owned(),
            NoteKind::Source if again => continue,
            _ => broken(&harmless(note)),
        };
        notes.push((level, kind.word(), message));
    }
    notes
}

/// The notes below what the renderer shows, as it writes them itself.
fn with_notes(mut shown: String, notes: &Notes) -> String {
    // The numbers of the lines, where there are any, end in this column.
    let arrow = shown.lines().find_map(|line| line.split_once("--> "));
    let margin = " ".repeat(arrow.map_or(0, |(margin, _)| margin.len()) + 1);
    if !notes.is_empty() {
        let _ = write!(shown, "\n{margin}|");
    }
    for (_, kind, note) in notes {
        let indent = margin.len() + "= : ".len() + kind.len();
        let mut lines = note.split('\n');
        let _ = write!(shown, "\n{margin}= {kind}: {}", lines.next().unwrap_or(""));
        for line in lines {
            let _ = write!(shown, "\n{:indent$}{line}", "");
        }
    }
    shown
}

/// One snippet a file, the file of the first place first.
fn snippets<'a>(card: &'a Card, sources: &'a Sources, moved: &mut Moved) -> Vec<Element<'a>> {
    let mut files: Vec<FileId> = Vec::new();
    for excerpt in &card.excerpts {
        if !files.contains(&excerpt.span.file) {
            files.push(excerpt.span.file);
        }
    }
    let mut elements = Vec::new();
    for id in files {
        let Some(source) = sources.file(id) else { continue };
        let excerpts: Vec<&Excerpt> = card.excerpts.iter().filter(|one| one.span.file == id).collect();
        let marked: Vec<_> = excerpts.iter().map(|one| one.span.start..one.span.end).collect();
        // What lies before the first mark and behind the last one is never shown.
        let (before, part) = part_with(source.text(), &marked);
        let marked: Vec<_> = marked
            .iter()
            .map(|one| one.start - before.len()..one.end - before.len())
            .collect();
        let shown = shortened(&without_high_controls(part), &marked, width() + MORE_THAN_TEXT);
        for (excerpt, range) in excerpts.iter().zip(&shown.marked) {
            moved.note(excerpt.span, column(&shown.text, range.start), sources);
        }
        let annotations = excerpts.iter().zip(shown.marked).map(|(excerpt, range)| {
            let kind = if excerpt.decides {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(range);
            if excerpt.label.is_empty() {
                annotation
            } else {
                annotation.label(harmless(&excerpt.label))
            }
        });
        let (first, _) = source.line_and_column(before.len());
        let snippet = Snippet::source(shown.text).line_start(first).path(source.path.as_str());
        elements.push(snippet.annotations(annotations.collect::<Vec<_>>()).into());
    }
    elements
}

/// What stands before the lines of the marks, and these lines.
fn part_with<'t>(text: &'t str, marked: &[Range<usize>]) -> (&'t str, &'t str) {
    let start = marked.iter().map(|one| one.start).min().unwrap_or(0).min(text.len());
    let end = marked.iter().map(|one| one.end).max().unwrap_or(0).min(text.len());
    let line = text
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let behind = text
        .get(end..)
        .and_then(|behind| behind.find('\n'))
        .map_or(text.len(), |at| end + at + 1);
    (text.get(..line).unwrap_or(""), text.get(line..behind).unwrap_or(""))
}

/// The renderer shows control characters below 128 itself. Those above some terminals obey too; what comes in their place
/// is as long as they are, so that every span stays true.
fn without_high_controls(text: &str) -> Cow<'_, str> {
    // All of them begin with this byte.
    if !text.as_bytes().contains(&0xc2) {
        return Cow::Borrowed(text);
    }
    let shown = |letter: char| match letter {
        '\u{80}'..='\u{9f}' => '\u{b7}',
        letter => letter,
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Long sentences are broken; lines to write are left as they are.
fn broken(note: &str) -> String {
    let mut lines = note.split('\n');
    let first = wrapped(lines.next().unwrap_or(""), "", width() - 12);
    let mut text = first.trim_end().to_owned();
    for line in lines {
        text.push_str("\n    ");
        text.push_str(line);
    }
    text
}

#[cfg(test)]
mod tests {
    use smtplint_core::{Options, intake, samples};

    use super::*;

    #[test]
    fn without_styles_it_reads_as_with_them() {
        for sample in samples::SAMPLES {
            let sources = intake::split("paste", sample.text());
            let dialect = smtplint_core::recognise(&sources).expect("samples are recognised");
            let report = smtplint_core::check(&sources, dialect, &Options::default());
            let document = Document::of(&report);
            let styled = rendered(&document, &sources, true);
            let stripped = anstream::adapter::strip_str(&styled).to_string();
            assert_ne!(styled, stripped, "{}", sample.name);
            assert_eq!(rendered(&document, &sources, false), stripped, "{}", sample.name);
        }
    }
}
