//! Files become one text: each under a heading, so that the text is always the whole state.

use smtplint_core::intake;
use smtplint_core::samples::SAMPLES;

/// Adds files, by name and content, to the text. A file of the same name is replaced; an untouched sample makes way.
pub(crate) fn gather(text: &str, files: &[(String, String)]) -> String {
    let mut parts = if text.trim().is_empty() || SAMPLES.iter().any(|sample| sample.text() == text) {
        Vec::new()
    } else {
        parts(text)
    };
    let known = parts.len();
    for (name, content) in files {
        let part = part(name, content);
        let same = |path: &Option<String>| path.as_deref().is_some_and(|path| last(path) == last(name));
        // Two files of one name dropped together both stay.
        match parts.iter_mut().take(known).find(|(path, _)| same(path)) {
            Some(old) => old.1 = part,
            None => parts.push((Some(name.clone()), part)),
        }
    }
    let texts: Vec<&str> = parts.iter().map(|(_, part)| part.trim_end_matches('\n')).collect();
    texts.join("\n\n") + "\n"
}

/// Line ends as a text field keeps them.
pub(crate) fn plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn part(name: &str, content: &str) -> String {
    let content = plain_line_ends(content);
    // A print-out with headings of its own is several files already.
    if content.lines().any(|line| intake::heading(line).is_some()) {
        return content;
    }
    // A heading ends at white space.
    let name: String = name
        .chars()
        .map(|character| if character.is_whitespace() { '_' } else { character })
        .collect();
    format!("==> {name} <==\n{content}")
}

fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The text at its headings, each heading with what follows it.
fn parts(text: &str) -> Vec<(Option<String>, String)> {
    let mut parts: Vec<(Option<String>, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match (intake::heading(line), parts.last_mut()) {
            (None, Some(part)) => part.1.push_str(line),
            (heading, _) => parts.push((heading.map(str::to_owned), line.to_owned())),
        }
    }
    parts.retain(|(_, part)| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &str) -> (String, String) {
        (name.to_owned(), content.to_owned())
    }

    #[test]
    fn files_come_under_headings() {
        let text = gather("", &[file("main.cf", "a = 1\r\n"), file("my master.cf", "smtp inet")]);
        assert_eq!(text, "==> main.cf <==\na = 1\n\n==> my_master.cf <==\nsmtp inet\n");
    }

    #[test]
    fn a_file_replaces_its_older_self_and_joins_the_rest() {
        let text = "==> /etc/postfix/main.cf <==\na = 1\n\n==> x <==\ny\n";
        let more = gather(text, &[file("main.cf", "a = 2\n"), file("master.cf", "smtp inet\n")]);
        assert_eq!(
            more,
            "==> main.cf <==\na = 2\n\n==> x <==\ny\n\n==> master.cf <==\nsmtp inet\n"
        );
        assert_eq!(gather("b = 1\n", &[file("m", "c")]), "b = 1\n\n==> m <==\nc\n");
    }

    #[test]
    fn a_sample_makes_way() {
        let text = gather(SAMPLES[0].text(), &[file("main.cf", "a = 1\n")]);
        assert_eq!(text, "==> main.cf <==\na = 1\n");
    }

    #[test]
    fn what_has_headings_keeps_them() {
        let printed = "==> main.cf <==\na = 1\n\n==> master.cf <==\nsmtp inet\n";
        assert_eq!(gather("", &[file("all.txt", printed)]), printed);
    }
}
