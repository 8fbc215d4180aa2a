//! The little Markdown that rule texts and messages are written in: paragraphs, lists, `code`, **strong**, links.
//!
//! It becomes elements of the page, never markup taken from a text.

use yew::{Html, html};

/// A paragraph or a list.
#[derive(Debug, PartialEq, Eq)]
enum Block<'a> {
    Paragraph(String),
    List(Vec<String>),
    Code(&'a str),
}

/// A stretch within a line.
#[derive(Debug, PartialEq, Eq)]
enum Inline<'a> {
    Text(&'a str),
    Code(&'a str),
    Strong(Vec<Inline<'a>>),
    Link { text: &'a str, url: &'a str },
}

/// Several paragraphs and lists.
pub(crate) fn blocks(text: &str) -> Html {
    parse(text)
        .into_iter()
        .map(|block| match block {
            Block::Paragraph(text) => html! { <p>{ inline(&text) }</p> },
            Block::List(items) => {
                html! { <ul>{ for items.iter().map(|item| html! { <li>{ inline(item) }</li> }) }</ul> }
            }
            Block::Code(text) => html! { <pre tabindex="0"><code>{ text.to_owned() }</code></pre> },
        })
        .collect()
}

/// One line of text.
pub(crate) fn inline(text: &str) -> Html {
    inlines(text).into_iter().map(show).collect()
}

/// One line of text that begins with a capital letter, unless it begins with something written in code.
pub(crate) fn sentence(text: &str) -> Html {
    let mut text = text.to_owned();
    // Messages are English: the tables of all alphabets would be a large part of the page.
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    inline(&text)
}

fn show(inline: Inline<'_>) -> Html {
    match inline {
        Inline::Text(text) => html! { { text.to_owned() } },
        Inline::Code(text) => html! { <code>{ text.to_owned() }</code> },
        Inline::Strong(inner) => html! { <strong>{ for inner.into_iter().map(show) }</strong> },
        Inline::Link { text, url } => {
            html! { <a href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ text.to_owned() }</a> }
        }
    }
}

fn parse(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut open = false;
    let mut fence: Option<usize> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let words = line.trim();
        if let Some(from) = fence {
            if words == "```" {
                blocks.push(Block::Code(&text[from..start]));
                fence = None;
            }
            continue;
        }
        if words.starts_with("```") {
            fence = Some(offset);
            open = false;
            continue;
        }
        if words.is_empty() {
            open = false;
            continue;
        }
        let item = line.strip_prefix("- ").map(str::trim);
        match (blocks.last_mut(), item) {
            (Some(Block::List(items)), Some(item)) => items.push(item.to_owned()),
            (_, Some(item)) => blocks.push(Block::List(vec![item.to_owned()])),
            (Some(Block::Paragraph(paragraph)), None) if open => {
                paragraph.push(' ');
                paragraph.push_str(words);
            }
            (Some(Block::List(items)), None) if open => {
                if let Some(item) = items.last_mut() {
                    item.push(' ');
                    item.push_str(words);
                }
            }
            _ => blocks.push(Block::Paragraph(words.to_owned())),
        }
        open = true;
    }
    blocks
}

fn inlines(text: &str) -> Vec<Inline<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut plain = 0;
    while let Some(at) = rest[plain..].find(['`', '*', '[', '<']).map(|at| plain + at) {
        if let Some((inline, length)) = special(&rest[at..]) {
            if at > 0 {
                found.push(Inline::Text(&rest[..at]));
            }
            found.push(inline);
            rest = &rest[at + length..];
            plain = 0;
        } else {
            plain = at + 1;
        }
    }
    if !rest.is_empty() {
        found.push(Inline::Text(rest));
    }
    found
}

/// What begins at the start of the text, with its length, when it is complete.
fn special(text: &str) -> Option<(Inline<'_>, usize)> {
    if let Some(inner) = text.strip_prefix('`') {
        let end = inner.find('`').filter(|end| *end > 0)?;
        return Some((Inline::Code(&inner[..end]), end + 2));
    }
    if let Some(inner) = text.strip_prefix("**") {
        let end = inner.find("**").filter(|end| *end > 0)?;
        return Some((Inline::Strong(inlines(&inner[..end])), end + 4));
    }
    if let Some(inner) = text.strip_prefix('<') {
        let end = inner.find('>')?;
        let url = address(&inner[..end])?;
        return Some((Inline::Link { text: url, url }, end + 2));
    }
    let inner = text.strip_prefix('[')?;
    let (label, after) = inner.split_once("](")?;
    let end = after.find(')')?;
    let url = address(&after[..end])?;
    let length = 1 + label.len() + 2 + end + 1;
    Some((Inline::Link { text: label, url }, length))
}

/// Only addresses of the web: nothing that could run.
fn address(url: &str) -> Option<&str> {
    (url.starts_with("https://") && !url.contains(char::is_whitespace)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lists() {
        let text = "One\ntwo.\n\n- a\n- b\n  c\n\nThree.\n```\nx = 1\n```\n";
        assert_eq!(
            parse(text),
            [
                Block::Paragraph("One two.".to_owned()),
                Block::List(vec!["a".to_owned(), "b c".to_owned()]),
                Block::Paragraph("Three.".to_owned()),
                Block::Code("x = 1\n"),
            ]
        );
        assert!(parse("").is_empty());
    }

    #[test]
    fn code_strong_and_links() {
        assert_eq!(
            inlines("Set `a = *` to **yes, `b`** [here](https://example.org/x)."),
            [
                Inline::Text("Set "),
                Inline::Code("a = *"),
                Inline::Text(" to "),
                Inline::Strong(vec![Inline::Text("yes, "), Inline::Code("b")]),
                Inline::Text(" "),
                Inline::Link {
                    text: "here",
                    url: "https://example.org/x"
                },
                Inline::Text("."),
            ]
        );
    }

    #[test]
    fn what_is_not_complete_or_not_of_the_web_stays_text() {
        for text in [
            "`",
            "a * b",
            "``",
            "[x](javascript:alert(1))",
            "[x]",
            "**",
            "ü [",
            "<b>x</b>",
            "[::1]:587",
            "<script>",
        ] {
            assert_eq!(inlines(text), [Inline::Text(text)], "{text}");
        }
        assert!(inlines("").is_empty());
    }
}
