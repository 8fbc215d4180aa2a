//! A judgement as one HTML file: no script, nothing from elsewhere, light or dark as the reader likes it.

use std::fmt::Write;

use crate::document::{Card, Document, NoteKind};
use crate::source::Sources;

use crate::markdown::{harmless, pieces};

use super::{besides, lines};

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>smtplint</title>
<style>
";

const STYLE: &str = include_str!("report.css");

/// The whole file.
#[must_use]
pub fn render(document: &Document, sources: &Sources) -> String {
    let mut text = format!("{HEAD}{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>smtplint</h1>\n");
    text.push_str("<ul class=\"answers\">\n");
    for answer in &document.answers {
        let _ = writeln!(
            text,
            "<li>{} <b>{}</b>: {}</li>",
            answer.label,
            answer.word,
            sentence(&answer.says)
        );
    }
    text.push_str("</ul>\n");
    let _ = writeln!(text, "<p class=\"summary\">{}</p>", sentence(&document.summary));
    for card in &document.cards {
        text.push_str(&finding(card, sources));
    }
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            let _ = writeln!(text, "<section>\n<h2>{title}</h2>\n<ul>");
            for item in items {
                let _ = writeln!(text, "<li>{item}</li>");
            }
            text.push_str("</ul>\n</section>\n");
        }
    };
    let asked = |ask: &str, command: &str| format!("{} <code>{}</code>", sentence(ask), escaped(command));
    besides(document, sources, &sentence, &asked, &mut list);
    text.push_str("</main>\n</body>\n</html>\n");
    text
}

fn finding(card: &Card, sources: &Sources) -> String {
    let severity = card.severity.word();
    let mut text = format!(
        "<article class=\"{severity}\">\n<h2><span>{}</span> {}</h2>\n<p class=\"rule\"><code>{}</code></p>\n",
        card.weight(),
        sentence(&card.title),
        escaped(card.rule)
    );
    for excerpt in &card.excerpts {
        let place = sources.spoken(excerpt.span);
        let label = if excerpt.label.is_empty() {
            String::new()
        } else {
            format!(" <em>{}</em>", sentence(&excerpt.label))
        };
        let (lines, more) = lines(excerpt, sources);
        let _ = write!(
            text,
            "<figure>\n<figcaption>{}{label}</figcaption>\n<pre>",
            escaped(&place)
        );
        for (number, line) in lines {
            let _ = writeln!(text, "<b>{number}</b> {}", escaped(&line));
        }
        text.push_str("</pre>\n");
        if more > 0 {
            let _ = writeln!(text, "<p>and {more} more lines</p>");
        }
        text.push_str("</figure>\n");
    }
    text.push_str("<dl>\n");
    for (kind, note) in &card.notes {
        let shown = match (kind, note.split_once('\n')) {
            (NoteKind::Write, Some((title, lines))) => format!("{}<pre>{}</pre>", sentence(title), escaped(lines)),
            _ => sentence(note),
        };
        let _ = writeln!(text, "<dt>{}</dt><dd>{shown}</dd>", kind.word());
    }
    text.push_str("</dl>\n</article>\n");
    text
}

/// A sentence; what stands between backquotes is code.
fn sentence(text: &str) -> String {
    let shown = pieces(text).into_iter().map(|(is_code, piece)| {
        if is_code {
            format!("<code>{}</code>", escaped(piece))
        } else {
            escaped(piece)
        }
    });
    shown.collect()
}

/// Text in which nothing means anything to HTML.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in harmless(text).chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_a_sign() {
        assert_eq!(
            sentence("a `<b>` & \"c\" 'd'"),
            "a <code>&lt;b&gt;</code> &amp; &quot;c&quot; &#39;d&#39;"
        );
        assert_eq!(escaped("\u{202e}\u{1b}[1m"), "\u{fffd}\u{fffd}[1m");
    }
}
