//! What changes, as `patch` reads it. A line that holds a password is never printed: where one stands near a change, less is
//! shown around it.

use std::fmt::Write;
use std::ops::Range;

/// Lines shown around a change.
const AROUND: usize = 3;

/// A text before and after, as it is and as it may be shown.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// The name in the heading, such as `etc/postfix/main.cf`.
    pub label: &'a str,
    /// As it was.
    pub before: &'a str,
    /// As it is.
    pub after: &'a str,
    /// As it was, with every secret masked.
    pub shown_before: &'a str,
    /// As it is, with every secret masked.
    pub shown_after: &'a str,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays; shown because something changes near it.
    Stays,
    /// It goes.
    Goes,
    /// It comes.
    Comes,
}

impl Fate {
    /// The sign in front of the line.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Fate::Stays => ' ',
            Fate::Goes => '-',
            Fate::Comes => '+',
        }
    }
}

/// Lines that change together, with some that stay around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// The first line before, from 1, and how many there are; then the same after. Where there are none, the line before them.
    pub place: [(usize, usize); 2],
    /// Each with its end.
    pub lines: Vec<(Fate, &'a str)>,
}

/// The change as `patch -p1` takes it; `None` when a line that changes holds a password.
#[must_use]
pub fn unified(changed: &Changed<'_>) -> Option<String> {
    let hunks = hunks(changed)?;
    if hunks.is_empty() {
        return Some(String::new());
    }
    let mut text = format!("--- a/{0}\n+++ b/{0}\n", changed.label);
    for hunk in &hunks {
        let [before, after] = hunk.place.map(|(first, count)| match count {
            1 => first.to_string(),
            _ => format!("{first},{count}"),
        });
        // Formatting into a string cannot fail.
        let _ = writeln!(text, "@@ -{before} +{after} @@");
        for (fate, line) in &hunk.lines {
            text.push(fate.sign());
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    Some(text)
}

/// The change in hunks; `None` when a line that changes holds a password.
#[must_use]
pub fn hunks<'a>(changed: &Changed<'a>) -> Option<Vec<Hunk<'a>>> {
    let [before, after, shown_before, shown_after] =
        [changed.before, changed.after, changed.shown_before, changed.shown_after].map(lines);
    let runs = runs(&before, &after);
    (0..=AROUND).rev().find_map(|around| {
        let groups = grouped(&runs, around).into_iter();
        groups
            .map(|group| hunk(&group, around, (&before, &after), (&shown_before, &shown_after)))
            .collect()
    })
}

/// Each with its end.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Lines that go and lines that come in their place, by their numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    goes: Range<usize>,
    comes: Range<usize>,
}

/// More lines than this that differ are not told apart: everything between the first and the last of them goes and comes.
const MOST: usize = 1000;

/// What differs, in order; between the runs, and around them, the lines are the same.
///
/// By Myers, An O(ND) Difference Algorithm and Its Variations (1986): as few lines as possible.
fn runs(before: &[&str], after: &[&str]) -> Vec<Run> {
    let is_same = |(one, other): &(&&str, &&str)| one == other;
    let start = before.iter().zip(after).take_while(is_same).count();
    let ends = before[start..].iter().rev().zip(after[start..].iter().rev());
    let end = ends.take_while(is_same).count();
    let (old, new) = (&before[start..before.len() - end], &after[start..after.len() - end]);
    let mut runs = Vec::new();
    let (mut goes, mut comes) = (0, 0);
    let last = (old.len(), new.len());
    for (same_old, same_new) in same(old, new).into_iter().chain([last]) {
        if (same_old, same_new) != (goes, comes) {
            runs.push(Run {
                goes: start + goes..start + same_old,
                comes: start + comes..start + same_new,
            });
        }
        (goes, comes) = (same_old + 1, same_new + 1);
    }
    runs
}

/// Pairs of lines that are the same in both, rising; as many as possible, unless too much differs.
fn same(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    // How far one comes in the old lines with so many differences, for each difference between the two places; the one with no
    // difference stands in the middle.
    let middle = MOST.min(old.len() + new.len()) + 1;
    let mut reach = vec![0_usize; 2 * middle + 1];
    let mut traces: Vec<Vec<usize>> = Vec::new();
    for differences in 0..middle {
        traces.push(reach[middle - differences..=middle + differences].to_vec());
        for diagonal in (middle - differences..=middle + differences).step_by(2) {
            let comes = comes(
                &reach[diagonal - 1..=diagonal + 1],
                diagonal + differences == middle,
                diagonal == middle + differences,
            );
            let mut at = if comes {
                reach[diagonal + 1]
            } else {
                reach[diagonal - 1] + 1
            };
            let mut other = at + middle - diagonal;
            while at < old.len() && other < new.len() && old[at] == new[other] {
                (at, other) = (at + 1, other + 1);
            }
            reach[diagonal] = at;
            if at >= old.len() && other >= new.len() {
                return walked_back(&traces, (old.len(), new.len()));
            }
        }
    }
    Vec::new()
}

/// True when the step onto a diagonal is a line that comes, and not one that goes; `around` is how far its neighbours reach.
fn comes(around: &[usize], is_lowest: bool, is_highest: bool) -> bool {
    is_lowest || (!is_highest && around[0] < around[2])
}

/// The pairs along the way that was found.
fn walked_back(traces: &[Vec<usize>], end: (usize, usize)) -> Vec<(usize, usize)> {
    let (mut at, mut other) = end;
    let mut pairs = Vec::new();
    for (differences, reach) in traces.iter().enumerate().rev() {
        // The trace has the reach before this difference, its middle at `differences`.
        let from = |diagonal: Option<usize>| diagonal.and_then(|diagonal| reach.get(diagonal)).copied();
        let diagonal = at + differences - other;
        let (before, behind) = (from(diagonal.checked_sub(1)), from(Some(diagonal + 1)));
        let comes = comes(
            &[before.unwrap_or(0), 0, behind.unwrap_or(0)],
            diagonal == 0,
            diagonal == 2 * differences,
        );
        let (start, other_start) = match (differences, comes) {
            (0, _) => (0, 0),
            (_, true) => {
                let start = behind.unwrap_or(0);
                (start, start + differences - diagonal)
            }
            (_, false) => {
                let start = before.unwrap_or(0) + 1;
                (start, start + differences - diagonal)
            }
        };
        while at > start && other > other_start {
            (at, other) = (at - 1, other - 1);
            pairs.push((at, other));
        }
        if differences > 0 {
            (at, other) = if comes { (at, other - 1) } else { (at - 1, other) };
        }
    }
    pairs.reverse();
    pairs
}

/// The runs that stand so near to each other that the lines shown around them touch.
fn grouped(runs: &[Run], around: usize) -> Vec<Vec<Run>> {
    let mut groups: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        match groups.last_mut() {
            Some(group)
                if group
                    .last()
                    .is_some_and(|last| run.goes.start - last.goes.end <= 2 * around) =>
            {
                group.push(run.clone());
            }
            _ => groups.push(vec![run.clone()]),
        }
    }
    groups
}

/// One hunk; `None` when one of its lines is not shown as it is.
fn hunk<'a>(
    runs: &[Run],
    around: usize,
    real: (&[&str], &[&str]),
    shown: (&[&'a str], &[&'a str]),
) -> Option<Hunk<'a>> {
    let (first, last) = (runs.first()?, runs.last()?);
    let lead = around.min(first.goes.start);
    let trail = around.min(real.0.len() - last.goes.end);
    let place = |from: usize, to: usize| (from + usize::from(to > from), to - from);
    let mut hunk = Hunk {
        place: [
            place(first.goes.start - lead, last.goes.end + trail),
            place(first.comes.start - lead, last.comes.end + trail),
        ],
        lines: Vec::new(),
    };
    let mut add = |fate: Fate, range: Range<usize>| {
        let (real, shown) = match fate {
            Fate::Comes => (real.1, shown.1),
            Fate::Stays | Fate::Goes => (real.0, shown.0),
        };
        for at in range {
            let line = shown.get(at).filter(|line| real.get(at) == Some(*line))?;
            hunk.lines.push((fate, *line));
        }
        Some(())
    };
    let mut from = first.goes.start - lead;
    for run in runs {
        add(Fate::Stays, from..run.goes.start)?;
        add(Fate::Goes, run.goes.clone())?;
        add(Fate::Comes, run.comes.clone())?;
        from = run.goes.end;
    }
    add(Fate::Stays, from..from + trail)?;
    Some(hunk)
}

#[cfg(test)]
mod tests {
    use super::{Changed, MOST, Run, runs, unified};

    /// The lines after, made of the lines before; and how many go and come.
    fn followed<'a>(before: &[&'a str], after: &[&'a str], runs: &[Run]) -> (Vec<&'a str>, usize) {
        let (mut made, mut count, mut from) = (Vec::new(), 0, 0);
        for run in runs {
            made.extend_from_slice(&before[from..run.goes.start]);
            assert_eq!(made.len(), run.comes.start);
            made.extend_from_slice(&after[run.comes.clone()]);
            count += run.goes.len() + run.comes.len();
            from = run.goes.end;
        }
        made.extend_from_slice(&before[from..]);
        (made, count)
    }

    /// How many lines have to go and come, by the table of all beginnings.
    fn fewest(before: &[&str], after: &[&str]) -> usize {
        let mut above: Vec<usize> = (0..=after.len()).collect();
        for (row, line) in before.iter().enumerate() {
            let mut now = vec![row + 1];
            for (column, other) in after.iter().enumerate() {
                now.push(if line == other {
                    above[column]
                } else {
                    1 + above[column + 1].min(now[column])
                });
            }
            above = now;
        }
        above[after.len()]
    }

    #[test]
    fn runs_lead_from_one_text_to_the_other_by_as_few_lines_as_can_be() {
        let texts: Vec<Vec<&str>> = (0..=6_u32)
            .flat_map(|length| (0..1_u32 << length).map(move |bits| (length, bits)))
            .map(|(length, bits)| {
                (0..length)
                    .map(|at| if bits >> at & 1 == 1 { "b" } else { "a" })
                    .collect()
            })
            .collect();
        for before in &texts {
            for after in &texts {
                let found = runs(before, after);
                let (made, count) = followed(before, after, &found);
                assert_eq!((&made, count), (after, fewest(before, after)), "{before:?}: {found:?}");
            }
        }
    }

    #[test]
    fn texts_without_a_common_line_go_and_come_as_a_whole() {
        let many = |word: &'static str| vec![word; 2 * MOST];
        let (before, after) = (many("a"), many("b"));
        let (made, count) = followed(&before, &after, &runs(&before, &after));
        assert_eq!((made, count), (after, 4 * MOST));
    }

    #[test]
    fn a_patch_says_where_it_belongs() {
        let change = |before, after| {
            let shown = unified(&Changed {
                label: "x",
                before,
                after,
                shown_before: before,
                shown_after: after,
            });
            shown.expect("nothing is masked")
        };
        let head = "--- a/x\n+++ b/x\n";
        assert_eq!(change("a\n", "a\n"), "");
        assert_eq!(change("", "a\n"), format!("{head}@@ -0,0 +1 @@\n+a\n"));
        assert_eq!(
            change("a\nb", "a\n"),
            format!("{head}@@ -1,2 +1 @@\n a\n-b\n\\ No newline at end of file\n")
        );
        assert_eq!(
            change("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nsix\n"),
            format!("{head}@@ -3,4 +3,4 @@\n 3\n 4\n 5\n-6\n+six\n")
        );
    }

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
