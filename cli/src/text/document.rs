//! A report, with the person's own lines, in the manner of rustc.

use std::fmt::Write;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use smtplint_core::document::{Card, Document, NoteKind};
use smtplint_core::finding::Severity;
use smtplint_core::source::{FileId, Sources};

use super::{WIDTH, wrapped};

/// The whole report.
pub(crate) fn render(document: &Document, sources: &Sources) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(140);
    let mut text = String::new();
    for card in &document.cards {
        text.push_str(&renderer.render(&[group(card, sources)]));
        text.push_str("\n\n");
    }
    for assumption in &document.assumptions {
        text.push_str(&wrapped(&format!("Taken for granted: {assumption}."), "", WIDTH));
    }
    if !document.questions.is_empty() {
        text.push_str("\nOpen questions:\n");
        for (ask, command) in &document.questions {
            text.push_str(&wrapped(&format!("- {ask}"), "  ", WIDTH));
            let _ = writeln!(text, "      {command}");
        }
        if document.more_questions > 0 {
            let _ = writeln!(
                text,
                "  and {} more; --format json lists them all",
                document.more_questions
            );
        }
    }
    if !document.assumptions.is_empty() || !document.questions.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", document.summary);
    text
}

/// Severities look like what compilers show, under their own names.
fn level(severity: Severity) -> Level<'static> {
    let level = match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::INFO,
        Severity::Info => Level::NOTE,
    };
    level.with_name(severity.word())
}

fn group<'a>(card: &'a Card, sources: &'a Sources) -> Group<'a> {
    let title = level(card.severity).primary_title(card.title.as_str()).id(card.rule);
    let mut elements: Vec<Element<'a>> = snippets(card, sources).into_iter().map(Element::from).collect();
    for (kind, note) in &card.notes {
        let level = match kind {
            NoteKind::Write => Level::HELP,
            _ => Level::NOTE,
        };
        elements.push(level.with_name(kind.word()).message(broken(note)).into());
    }
    title.elements(elements)
}

/// One snippet a file, the file of the first place first.
fn snippets<'a>(card: &'a Card, sources: &'a Sources) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<FileId> = Vec::new();
    for excerpt in &card.excerpts {
        if !files.contains(&excerpt.span.file) {
            files.push(excerpt.span.file);
        }
    }
    let mut snippets = Vec::new();
    for id in files {
        let Some(source) = sources.file(id) else { continue };
        let annotations = card
            .excerpts
            .iter()
            .filter(|excerpt| excerpt.span.file == id)
            .map(|excerpt| {
                let kind = if excerpt.decides {
                    AnnotationKind::Primary
                } else {
                    AnnotationKind::Context
                };
                let annotation = kind.span(excerpt.span.start..excerpt.span.end);
                if excerpt.label.is_empty() {
                    annotation
                } else {
                    annotation.label(excerpt.label.as_str())
                }
            });
        let first_line = 1 + if source.path.ends_with(".cf") {
            0
        } else {
            source.lines_before
        };
        snippets.push(
            Snippet::source(source.text())
                .path(source.path.as_str())
                .line_start(first_line)
                .annotations(annotations),
        );
    }
    snippets
}

/// Long sentences are broken; lines to write are left as they are.
fn broken(note: &str) -> String {
    let mut lines = note.split('\n');
    let first = wrapped(lines.next().unwrap_or(""), "", WIDTH - 12);
    let mut text = first.trim_end().to_owned();
    for line in lines {
        text.push_str("\n    ");
        text.push_str(line);
    }
    text
}
