//! Small changes to the text of a main.cf.

use std::collections::BTreeSet;

/// The name a line of main.cf sets, when a logical line starts there.
pub(super) fn name_of(line: &str) -> Option<&str> {
    if line.starts_with(|first: char| first.is_whitespace() || first == '#') {
        return None;
    }
    line.split_once('=').map(|(name, _)| name.trim())
}

/// The text with those settings made comments that no longer count, because a later line or the lab replaces them.
///
/// Not for beauty: every process warns of each second definition, through a socket that holds ten messages and is
/// read by a process the master starts last. Enough warnings, and the master waits for itself for ever.
pub(super) fn without_shadowed(text: &str, replaced: &BTreeSet<&str>) -> String {
    let mut later = replaced.clone();
    let mut silent = BTreeSet::new();
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate().rev() {
        if name_of(line).is_some_and(|name| !later.insert(name)) {
            silent.insert(index);
        }
    }
    let (mut written, mut within) = (String::new(), false);
    for (index, line) in lines.iter().enumerate() {
        // Blank lines and comments end nothing; a line that starts in the first column starts another setting.
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            within = if line.starts_with(char::is_whitespace) {
                within
            } else {
                silent.contains(&index)
            };
        }
        if within {
            written.push('#');
        }
        written.push_str(line);
        written.push('\n');
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_longer_counts_becomes_a_comment_with_its_continuations() {
        let text = "a = 1\n  2\n\n # note\n  3\nb=1\na = 4\n  5\nc = 6\n  7\n";
        let expected = "#a = 1\n#  2\n#\n# # note\n#  3\nb=1\na = 4\n  5\n#c = 6\n#  7\n";
        assert_eq!(without_shadowed(text, &BTreeSet::from(["c"])), expected);
    }
}
