//! The lines of a finding without styles, as the renderer would show them.
//!
//! The renderer paints letter by letter, for whatever is marked. Nearly every finding marks short lines of plain letters, each of
//! them once: those are written as they are, and everything else is left to the renderer.

use std::fmt::Write;

use smtplint_core::document::{Card, Excerpt};
use smtplint_core::source::{FileId, Source, Sources};

/// Columns of blanks at the beginning of a line that the renderer shows as they are.
const MOST_BLANKS: usize = 20;
/// As many as the renderer shows for a tab.
const TAB: &str = "    ";

/// A line with what is marked in it.
struct Marked<'a> {
    number: usize,
    /// Where it begins in the file.
    from: usize,
    text: &'a str,
    /// What stands before the mark, and the mark, in bytes.
    start: usize,
    end: usize,
    excerpt: &'a Excerpt,
}

/// The marked lines of a finding under the names of their files; `None` where that takes more than plain lines. Lines of more than
/// `width` letters do.
pub(crate) fn plain(card: &Card, sources: &Sources, width: usize) -> Option<String> {
    let mut files: Vec<(FileId, Vec<Marked<'_>>)> = Vec::new();
    for excerpt in &card.excerpts {
        let id = excerpt.span.file;
        let line = marked(excerpt, sources.file(id)?, width)?;
        match files.iter_mut().find(|(known, _)| *known == id) {
            Some((_, lines)) => lines.push(line),
            None => files.push((id, vec![line])),
        }
    }
    for (_, lines) in &mut files {
        lines.sort_by_key(|line| line.number);
        if lines
            .windows(2)
            .any(|pair| matches!(pair, [one, next] if one.number == next.number))
        {
            return None;
        }
    }
    let last = files
        .iter()
        .filter_map(|(_, lines)| lines.last())
        .map(|line| line.number)
        .max()
        .unwrap_or(0);
    let margin = last.to_string().len();
    let mut text = String::with_capacity(160 * card.excerpts.len());
    for (at, (id, lines)) in files.iter().enumerate() {
        let source = sources.file(*id)?;
        file(&mut text, source, lines, margin, at == 0, width)?;
    }
    text.pop();
    Some(text)
}

/// A line that is marked from one letter of it to another.
fn marked<'a>(excerpt: &'a Excerpt, source: &'a Source, width: usize) -> Option<Marked<'a>> {
    let (number, column) = source.line_and_column(excerpt.span.start);
    let text = source.line(number);
    let start = column - 1;
    let end = start + excerpt.span.end.checked_sub(excerpt.span.start)?;
    let from = excerpt.span.start.checked_sub(start)?;
    let behind = source.text().get(from + text.len()..)?;
    let ends_here = behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n");
    let is_within = start < end && end <= text.len();
    let blanks = text.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    let indent: usize = blanks.map(|byte| if byte == b'\t' { TAB.len() } else { 1 }).sum();
    let is_plain = is_plain(text, width) && is_plain(&excerpt.label, usize::MAX) && !excerpt.label.contains('\t');
    (ends_here && is_within && is_plain && indent <= MOST_BLANKS).then_some(Marked {
        number,
        from,
        text,
        start,
        end,
        excerpt,
    })
}

/// True for a line that is shown as it stands, tabs aside.
fn is_plain(line: &str, width: usize) -> bool {
    line.len() <= width && line.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}

/// The lines of one file. Between them stands what was left out, unless that is one line.
fn file(
    text: &mut String,
    source: &Source,
    lines: &[Marked<'_>],
    margin: usize,
    is_first: bool,
    width: usize,
) -> Option<()> {
    // The place that is named is the first that decides; in other files than the first, just the first.
    let deciding = lines.iter().find(|line| line.excerpt.decides && is_first);
    let named = deciding.or(lines.first())?;
    if !is_plain(&source.path, usize::MAX) || source.path.contains('\t') {
        return None;
    }
    let blank = format!("{:margin$} |", "");
    if !is_first {
        let _ = writeln!(text, "{blank}");
    }
    let arrow = if is_first { "-->" } else { ":::" };
    let _ = writeln!(
        text,
        "{:margin$}{arrow} {}:{}:{}",
        "",
        source.path,
        named.number,
        named.start + 1
    );
    let _ = writeln!(text, "{blank}");
    let mut before: Option<&Marked<'_>> = None;
    for line in lines {
        if let Some(before) = before.replace(line) {
            match line.number - before.number {
                2 => {
                    let between = source.text().get(before.from + before.text.len()..line.from)?;
                    let between = between
                        .strip_prefix('\r')
                        .unwrap_or(between)
                        .strip_prefix('\n')?
                        .strip_suffix('\n')?;
                    let between = between.strip_suffix('\r').unwrap_or(between);
                    if !is_plain(between, width) {
                        return None;
                    }
                    code(text, line.number - 1, between, margin);
                }
                3.. => text.push_str("...\n"),
                _ => {}
            }
        }
        code(text, line.number, line.text, margin);
        let wide = |part: &str| part.len() + part.bytes().filter(|byte| *byte == b'\t').count() * (TAB.len() - 1);
        let left = wide(line.text.get(..line.start)?);
        let length = wide(line.text.get(line.start..line.end)?);
        let sign = if line.excerpt.decides { "^" } else { "-" };
        text.push_str(&blank);
        let _ = write!(text, " {:left$}", "");
        text.extend(std::iter::repeat_n(sign, length));
        if !line.excerpt.label.is_empty() {
            text.push(' ');
            text.push_str(&line.excerpt.label);
        }
        text.push('\n');
    }
    Some(())
}

/// A line with its number.
fn code(text: &mut String, number: usize, line: &str, margin: usize) {
    let _ = write!(text, "{number:margin$} |");
    if !line.is_empty() {
        text.push(' ');
    }
    for (at, part) in line.split('\t').enumerate() {
        if at > 0 {
            text.push_str(TAB);
        }
        text.push_str(part);
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use annotate_snippets::renderer::DecorStyle;
    use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
    use smtplint_core::finding::{Confidence, Severity};
    use smtplint_core::source::{SourceKind, Span};

    use super::*;

    const MAIN: &str = "# a\nmyhostname = b.example\n\nbiff = no\n\tindented =\tyes  \n # c\nlast = 1\nlonger = of many words, and more";
    const MASTER: &str =
        "smtp inet n - - - - smtpd\r\n  -o a=b\r\n\r\n  -o c=d\r\n\r\n\r\n\r\n\r\n\r\n587\tinet n - - - - smtpd\r\n";

    /// A finding that marks words, of the first file or the second; with a label where one is given.
    fn card(sources: &Sources, marks: &[(usize, &str, bool, &str)]) -> Card {
        let files: Vec<_> = sources.iter().collect();
        let excerpt = |(file, word, decides, label): &(usize, &str, bool, &str)| {
            let (id, source) = files[*file];
            let start = source.text().find(word).expect("the word is there");
            let span = Span {
                file: id,
                start,
                end: start + word.len(),
            };
            Excerpt {
                span,
                label: (*label).to_owned(),
                decides: *decides,
            }
        };
        Card {
            severity: Severity::High,
            confidence: Confidence::Certain,
            rule: "rule",
            title: String::new(),
            excerpts: marks.iter().map(excerpt).collect(),
            notes: Vec::new(),
        }
    }

    /// What the renderer makes of it.
    fn rendered(card: &Card, sources: &Sources) -> String {
        let mut snippets = Vec::new();
        for (id, source) in sources.iter() {
            let here = card.excerpts.iter().filter(|one| one.span.file == id);
            let annotation = |one: &Excerpt| {
                let kind = if one.decides {
                    AnnotationKind::Primary
                } else {
                    AnnotationKind::Context
                };
                let annotation = kind.span(one.span.start..one.span.end);
                if one.label.is_empty() {
                    annotation
                } else {
                    annotation.label(one.label.clone())
                }
            };
            let annotations: Vec<_> = here.map(annotation).collect();
            if !annotations.is_empty() {
                snippets.push(
                    Snippet::source(source.text())
                        .path(source.path.as_str())
                        .annotations(annotations),
                );
            }
        }
        let renderer = Renderer::plain().decor_style(DecorStyle::Ascii).term_width(2000);
        renderer.render(&[Group::with_level(Level::ERROR).elements(snippets)])
    }

    #[test]
    fn plain_lines_look_as_the_renderer_shows_them() {
        let mut sources = Sources::new();
        for (path, text) in [("etc/main.cf", MAIN), ("etc/master.cf", MASTER)] {
            sources.add(Source::new(path, text, SourceKind::Authored));
        }
        let marks = [
            (0, "myhostname = b.example", true, "decided here"),
            (0, "no", false, ""),
            (0, "indented =\tyes", true, "with tabs"),
            (0, "last", false, "x"),
            (0, "longer", true, ""),
            (1, "inet", false, "port 25"),
            (1, "-o a=b", true, "an option"),
            (1, "c=d", false, ""),
            (1, "587\tinet n", false, "port 587"),
        ];
        for chosen in 1_u32..1 << marks.len() {
            let some: Vec<_> = (0..marks.len())
                .filter(|at| chosen >> at & 1 == 1)
                .map(|at| marks[at])
                .collect();
            let card = card(&sources, &some);
            assert_eq!(plain(&card, &sources, 100), Some(rendered(&card, &sources)), "{some:?}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_renderer() {
        let text = "a = 1\nb = \u{fc}\nc = 1,\n  2\nd = 1\r\r\n";
        let mut sources = Sources::new();
        sources.add(Source::new("main.cf", text, SourceKind::Authored));
        let shown = |marks: &[(usize, &str, bool, &str)], width| plain(&card(&sources, marks), &sources, width);
        assert!(shown(&[(0, "a = 1", true, "")], 5).is_some());
        assert_eq!(shown(&[(0, "a = 1", true, "")], 4), None, "a long line");
        assert_eq!(shown(&[(0, "b", true, "")], 50), None, "letters of several bytes");
        assert_eq!(
            shown(&[(0, "c = 1,\n  2", true, "")], 50),
            None,
            "a mark over two lines"
        );
        assert_eq!(
            shown(&[(0, "a", true, ""), (0, "1", false, "")], 50),
            None,
            "two marks in a line"
        );
        assert_eq!(shown(&[(0, "d", true, "")], 50), None, "an odd end of a line");
        assert_eq!(shown(&[(0, "a", true, "\u{fc}")], 50), None, "a label of other letters");
        assert_eq!(shown(&[], 50).as_deref(), Some(""), "nothing to show");
    }
}
