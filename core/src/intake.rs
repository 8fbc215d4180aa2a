//! From one paste to files: headings such as `==> /etc/postfix/main.cf <==` part them, and print-outs are recognised.

mod joined;
mod owners;
mod printed;

use crate::certificate;
use crate::dialects::{dovecot, exim};
use crate::source::{Source, SourceKind, Sources};
#[cfg(feature = "embedded")]
pub(crate) use owners::OWNERS;

/// Splits a paste at its headings, and where the print-out of another program begins. Otherwise it is one part, in which every line
/// tells by itself what it is.
/// Certificates and keys between it are no part of a configuration and are left out; [`certificate::read`] reads them.
#[must_use]
pub fn split(name: &str, text: &str) -> Sources {
    let mut sources = Sources::new();
    let mut path = name.to_owned();
    let mut start = 0;
    let mut offset = 0;
    let mut first_line = 0;
    let mut add_one = |path: &str, part: &str, lines_before: usize| {
        if !part.trim().is_empty() {
            let mut source = Source::new(path, part, kind(part));
            source.lines_before = lines_before;
            sources.add(source);
        }
    };
    let mut add = |path: &str, part: &str, lines_before: usize| {
        let mut start = 0;
        for end in joined::boundaries(part).into_iter().chain([part.len()]) {
            let one = part.get(start..end).unwrap_or("");
            let more = part.get(..start).unwrap_or("").split_inclusive('\n').count();
            add_one(path, one, lines_before + more);
            start = end;
        }
    };
    let mut blocks = certificate::ranges(text).peekable();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        blocks.next_if(|block| block.end <= offset);
        if blocks.peek().is_some_and(|block| block.contains(&offset)) {
            add(&path, text.get(start..offset).unwrap_or(""), first_line);
            start = offset + line.len();
            first_line = number + 1;
        } else if let Some(heading) = heading(line) {
            add(&path, text.get(start..offset).unwrap_or(""), first_line);
            path = heading.to_owned();
            start = offset + line.len();
            first_line = number + 1;
        }
        offset += line.len();
    }
    add(&path, text.get(start..).unwrap_or(""), first_line);
    sources
}

/// The path in `==> path <==`, as `head` and `tail` print it; `None` for every other line.
#[must_use]
pub fn heading(line: &str) -> Option<&str> {
    let path = line.trim().strip_prefix("==>")?.strip_suffix("<==")?.trim();
    (!path.is_empty() && !path.contains(char::is_whitespace)).then_some(path)
}

/// How a text came to be, as far as the text tells.
#[must_use]
pub fn kind(text: &str) -> SourceKind {
    if let Some((owner, place)) = owners::of(text) {
        return SourceKind::Generated { owner, place };
    }
    if let Some(by) = dovecot::printed_by(text).or_else(|| exim::printed_by(text)) {
        return SourceKind::Printed { by: by.to_owned() };
    }
    match printed::by(text) {
        Some(by) => SourceKind::Printed { by },
        None => SourceKind::Authored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_part_a_paste() {
        let sources = split(
            "paste",
            "==> /etc/postfix/main.cf <==\na = 1\n\n==> /etc/postfix/master.cf <==\nsmtp inet\n",
        );
        let parts: Vec<(String, usize)> = sources
            .iter()
            .map(|(_, source)| (source.file_name().to_owned(), source.lines_before))
            .collect();
        assert_eq!(parts, [("main.cf".to_owned(), 1), ("master.cf".to_owned(), 4)]);
    }

    #[test]
    fn certificates_are_no_configuration() {
        let block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let text =
            format!("a = 1\n{block}{block}b = 2\n==> x.pem <==\n{block}==> y <==\n-----BEGIN CERTIFICATE-----\n");
        let sources = split("paste", &text);
        let parts: Vec<(&str, &str, usize)> = sources
            .iter()
            .map(|(_, source)| (source.path.as_str(), source.text(), source.lines_before))
            .collect();
        assert_eq!(
            parts,
            [
                ("paste", "a = 1\n", 0),
                ("paste", "b = 2\n", 7),
                ("y", "-----BEGIN CERTIFICATE-----\n", 13),
            ]
        );
    }

    #[test]
    fn print_outs_and_generated_files_are_recognised() {
        let printed = "a = 1\nb = 2\nc =\nd = 4\ne = 5\nf = 6\n";
        assert_eq!(
            kind(printed),
            SourceKind::Printed {
                by: "postconf -n".into()
            }
        );
        assert_eq!(kind("b = 1\na = 2\nc = 3\nd = 1\ne = 1\nf = 1\n"), SourceKind::Authored);
        assert_eq!(
            kind("# This file is managed by Ansible.\na = 1\n"),
            SourceKind::Generated {
                owner: "Ansible".into(),
                place: Some("the template or the variables of the role that writes it")
            }
        );
        let overridden =
            kind("# ----\n# Please create a file \"extra.cf\" for persistent overrides to main.cf\nb = 1\n");
        assert!(
            matches!(&overridden, SourceKind::Generated { owner, place: Some(place) } if owner == "mailcow" && place.contains("extra.cf")),
            "{overridden:?}"
        );
        assert_eq!(
            kind("# Generated by our own script\na = 1\n"),
            SourceKind::Generated {
                owner: "our".into(),
                place: None
            }
        );
    }
}
