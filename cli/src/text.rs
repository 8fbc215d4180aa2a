//! Results for people, on a terminal.

pub(crate) mod document;
pub(crate) mod explanation;
pub(crate) mod inspection;

/// Breaks a paragraph into lines of at most `width` characters, each behind `indent`.
fn wrapped(paragraph: &str, indent: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in paragraph.split_whitespace() {
        if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

/// The width that text is broken to.
const WIDTH: usize = 100;
