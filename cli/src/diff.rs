//! What changes, as `patch` reads it. A line that holds a password is never printed: where one stands near a change, less is
//! shown around it.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

/// Lines shown around a change.
const AROUND: usize = 3;

/// A text before and after, as it is and as it may be shown.
pub(crate) struct Changed<'a> {
    /// The name in the heading, such as `etc/postfix/main.cf`.
    pub(crate) label: &'a str,
    pub(crate) before: &'a str,
    pub(crate) after: &'a str,
    /// The same with every secret masked.
    pub(crate) shown_before: &'a str,
    pub(crate) shown_after: &'a str,
}

/// The change as `patch -p1` takes it; `None` when a line that changes holds a password.
pub(crate) fn unified(changed: &Changed<'_>) -> Option<String> {
    if changed.before == changed.after {
        return Some(String::new());
    }
    (0..=AROUND).rev().find_map(|around| with(changed, around))
}

fn with(changed: &Changed<'_>, around: usize) -> Option<String> {
    let before: Vec<&str> = changed.before.split_inclusive('\n').collect();
    let after: Vec<&str> = changed.after.split_inclusive('\n').collect();
    let shown_before: Vec<&str> = changed.shown_before.split_inclusive('\n').collect();
    let shown_after: Vec<&str> = changed.shown_after.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut text = format!("--- a/{0}\n+++ b/{0}\n", changed.label);
    for hunk in diff.unified_diff().context_radius(around).iter_hunks() {
        let _ = writeln!(text, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, shown) = match change.tag() {
                ChangeTag::Equal => (' ', change.old_index().and_then(|at| shown_before.get(at))),
                ChangeTag::Delete => ('-', change.old_index().and_then(|at| shown_before.get(at))),
                ChangeTag::Insert => ('+', change.new_index().and_then(|at| shown_after.get(at))),
            };
            let line = change.value();
            if shown != Some(&line) {
                return None;
            }
            let _ = write!(text, "{sign}{line}");
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{Changed, unified};

    #[test]
    fn a_password_nearby_is_not_shown() {
        let before = "a = 1\npassword = hunter2\nb = 2\nc = 3\n";
        let masked = "a = 1\npassword = *******\nb = 2\nc = 3\n";
        let changed = |word: &str, by: &str| {
            let text = |text: &str| text.replace(word, by);
            let (after, shown_after) = (text(before), text(masked));
            unified(&Changed {
                label: "x",
                before,
                after: &after,
                shown_before: masked,
                shown_after: &shown_after,
            })
        };
        let shown = changed("c = 3", "c = 4").unwrap();
        assert!(
            shown.contains("-c = 3\n+c = 4\n") && shown.contains(" b = 2\n") && !shown.contains("password"),
            "{shown}"
        );
        assert_eq!(changed("password", "secret"), None);
    }
}
