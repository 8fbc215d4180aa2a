//! Who mends which branch: a dated table, because the core has no clock.

use super::config::View;
use crate::facts::{Care, Fact, Because, Step};
use crate::texts::{Text, text_file};
use crate::version::Version;

/// The table; its head says what the columns are.
pub(super) static TABLE: Text = text_file!("postfix-support", "support.tsv");
/// The day the table was made.
const AS_OF: &str = "2026-11-25";
/// The first word of the makers' own lines.
const MAKERS: &str = "makers";

/// One line: who, which branch, and until when; nothing for as long as the branch is one of the newest.
type Line = (&'static str, Version, &'static str);

fn lines() -> impl DoubleEndedIterator<Item = Line> {
    TABLE.read().lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (who, rest) = line.split_once('\t')?;
        let (branch, until) = rest.split_once('\t')?;
        Some((who, branch.parse().ok()?, until))
    })
}

/// Who mends the release of this view, which somebody named: the distribution, where that was named as well.
pub(super) fn care(view: &View<'_>, because: Because) -> Fact<Care> {
    // The words that were given tell more than that some were.
    let words = &view.configuration.target.words;
    let told = |step| match step {
        Step::Assumed { flag } if flag == "--target" => Step::Assumed { flag: format!("{flag} {}", words.join(" ")) },
        step => step,
    };
    let because: Because = because.into_iter().map(told).collect();
    let distribution = view.configuration.target.words.iter().rev().find_map(|word| lines().find(|line| line.0 == word));
    if let Some((who, _, until)) = distribution {
        return Fact::is(if until < AS_OF { Care::Nobody } else { Care::Distribution(who.replace('=', " ")) }, because);
    }
    let oldest = lines().find(|line| line.0 == MAKERS);
    if oldest.is_some_and(|(_, branch, _)| view.since(branch)) {
        return Fact::is(Care::Makers, because);
    }
    let is_of = |branch: Version| view.since(branch) && !view.since(Version::new(branch.major, branch.minor + 1, 0));
    if lines().any(|(who, branch, until)| who != MAKERS && until >= AS_OF && is_of(branch)) {
        let ask = "Which release of which distribution is this Postfix part of? Some still mend it.";
        return Fact::unknown(view.ask("distribution", ask, "cat /etc/os-release"), because);
    }
    Fact::is(Care::Nobody, because)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Target;

    #[test]
    fn every_line_is_read() {
        let written = TABLE.read().lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lines().count(), written);
        assert!(TABLE.read().lines().next().is_some_and(|head| head.ends_with("as of 25 November 2026")));
    }

    #[test]
    fn the_makers_mend_the_four_newest_branches() {
        let own: Vec<Version> = lines().filter(|line| line.0 == MAKERS).map(|line| line.1).collect();
        assert_eq!(own.len(), 4);
        assert!(own.is_sorted() && own.last().is_some_and(|newest| newest.same_branch(super::super::releases::NEWEST)));
    }

    #[test]
    fn distributions_are_those_that_a_target_can_name() {
        for (who, branch, until) in lines().filter(|line| line.0.contains('=')) {
            let mut target = Target::default();
            target.add(who).unwrap();
            assert!(target.postfix.is_some_and(|versions| versions.contains(branch)), "{who}");
            assert!(until.len() == AS_OF.len(), "{who}: {until}");
        }
    }
}
