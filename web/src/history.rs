//! The changes that were made, and the way back. What a person has written since stays.

use smtplint_core::diff::{self, Changed, Fate};
use yew::AttrValue;

use crate::position::Edit;

/// One change that was made.
#[derive(Debug)]
pub(crate) struct Made {
    /// What it did, in a few words.
    pub(crate) title: AttrValue,
    /// The whole text before it.
    pub(crate) before: AttrValue,
    /// The whole text after it.
    pub(crate) after: AttrValue,
}

impl Made {
    /// The text of now without this change; `None` when a line of it, or one around it, was changed since.
    pub(crate) fn undone(&self, now: &str) -> Option<String> {
        let since = Edit::between(&self.after, now);
        let hunks = diff::hunks(&Changed {
            label: "",
            before: &self.after,
            after: &self.before,
            shown_before: &self.after,
            shown_after: &self.before,
        })?;
        let starts: Vec<usize> = std::iter::once(0)
            .chain(self.after.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let start = |line: usize| starts.get(line).copied().unwrap_or(self.after.len());
        let mut text = now.to_owned();
        // From the end, so that the places before it stay.
        for hunk in hunks.iter().rev() {
            let [(first, count), _] = hunk.place;
            let first = if count > 0 { first - 1 } else { first };
            let range = since.carry(&(start(first)..start(first + count)))?;
            let back = hunk.lines.iter().filter(|(fate, _)| *fate != Fate::Goes);
            let back: String = back.map(|(_, line)| *line).collect();
            text.replace_range(range, &back);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n";

    fn undone(now: &str) -> Option<String> {
        let made = Made {
            title: AttrValue::default(),
            before: LINES.into(),
            after: LINES.replace("\n2\n", "\ntwo\n2.5\n").replace("\n14\n", "\n").into(),
        };
        assert_eq!(made.undone(&made.after).as_deref(), Some(LINES));
        made.undone(&now.replace("AFTER", &made.after))
    }

    #[test]
    fn what_was_written_elsewhere_stays() {
        let between = |text: &str| text.replace("\n8\n", "\neight\n");
        let now = between("1\ntwo\n2.5\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n15\n");
        assert_eq!(undone(&now), Some(between(LINES)));
        assert_eq!(undone("AFTER# more\n"), Some(format!("{LINES}# more\n")));
        assert_eq!(undone("# more\nAFTER"), Some(format!("# more\n{LINES}")));
    }

    #[test]
    fn what_was_written_into_the_change_is_not_lost() {
        assert_eq!(undone("1\nTWO\n2.5\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n15\n"), None);
        assert_eq!(undone(""), None);
    }
}
