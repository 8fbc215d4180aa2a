//! The sentences of the page that do not come from the core, in the language that is chosen. They stand in `words/`, a file a
//! language; here is which of them is said when.

mod said {
    //! What `build.rs` makes of the files: a function a word.

    use std::fmt::Display;

    use super::{Said, fill, said};

    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

use std::cell::Cell;
use std::fmt::Display;

use smtplint_core::facts::{Circumstance, Role};
use smtplint_core::finding::Severity;
use smtplint_core::gain::Gain;
use smtplint_core::migrate::To;
use smtplint_core::policy::Prefer;

pub(crate) use said::*;

/// All words of a language.
pub(crate) type Said = &'static [&'static str];

thread_local! {
    static NOW: Cell<Option<Said>> = const { Cell::new(None) };
}

/// From now on the words are these; none for the page's own language.
pub(crate) fn speak(words: Option<Said>) {
    NOW.set(words);
}

/// The word of a place, which is `own` in the page's own language. Written into every place that says something, it would be a
/// hundredth of the page.
#[inline(never)]
fn said(place: usize, own: &'static str) -> &'static str {
    NOW.get().and_then(|words| words.get(place).copied()).unwrap_or(own)
}

/// A text with what is put in for the numbers in braces.
fn fill(text: &'static str, with: &[&dyn Display]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // One digit and the brace behind it: `build.rs` writes nothing else.
        let digit = part
            .bytes()
            .next()
            .map_or(usize::MAX, |digit| usize::from(digit.wrapping_sub(b'0')));
        if let Some(one) = with.get(digit) {
            filled.push_str(&one.to_string());
        }
        filled.push_str(part.get(2..).unwrap_or_default());
    }
    filled
}

/// Where something is not known.
pub(crate) const UNKNOWN: &str = "?";
/// What the file with all changes is called.
pub(crate) const PATCH_NAME: &str = "smtplint.patch";

/// A release, as `--target` takes it.
pub(crate) fn release(release: &str) -> String {
    let Some((name, number)) = release.split_once('=') else {
        return release_unknown().to_owned();
    };
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{name} {number}")
}

/// The head over what is said beside the text.
pub(crate) fn judged_as(servers: &str, policy: &str, prefer: Prefer) -> String {
    let judged = said::judged_as(servers, policy);
    if prefer == Prefer::Both {
        return judged;
    }
    judged_as_wanted(judged, prefer.word())
}

/// Which of the two ports is wanted.
pub(crate) fn prefer(prefer: Prefer) -> &'static str {
    match prefer {
        Prefer::Both => ports_both(),
        Prefer::Implicit => ports_implicit(),
        Prefer::Starttls => ports_starttls(),
    }
}

/// Where users are to be.
pub(crate) fn target(to: To) -> &'static str {
    prefer(match to {
        To::Both => Prefer::Both,
        To::Implicit => Prefer::Implicit,
        To::Starttls => Prefer::Starttls,
    })
}

/// How bad something is.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => critical(),
        Severity::High => high(),
        Severity::Medium => medium(),
        Severity::Low => low(),
        Severity::Info => info(),
    }
}

/// As bad as this, or worse.
pub(crate) fn or_worse(one: Severity) -> String {
    match one {
        Severity::Critical => critical().to_owned(),
        _ => said::or_worse(severity(one)),
    }
}

/// What a stranger could do.
pub(crate) fn gain(gain: Gain) -> &'static str {
    match gain {
        Gain::Relay => gain_relay(),
        Gain::Password => gain_password(),
        Gain::Mail => gain_mail(),
        Gain::Impersonation => gain_impersonation(),
        Gain::Forgery => gain_forgery(),
        Gain::Knowledge => gain_knowledge(),
        Gain::KeptOut => gain_kept_out(),
        Gain::Nothing => gain_nothing(),
    }
}

/// How many rules have what is looked for.
pub(crate) fn rules_found(found: usize, all: usize) -> String {
    match found {
        0 => no_rule_found().to_owned(),
        found if found == all => all_rules(all),
        found => said::rules_found(found, all),
    }
}

/// What was left in a folder.
pub(crate) fn left_out(left_out: usize, all: usize) -> String {
    said::left_out(all, all - left_out)
}

/// A log that was counted.
pub(crate) fn evidence(name: &str, count: usize) -> String {
    match count {
        1 => one_user(name),
        count => users(name, count),
    }
}

/// The button that makes every change which costs nobody anything.
pub(crate) fn apply_all(count: usize) -> String {
    match count {
        1 => apply_the_one().to_owned(),
        count => said::apply_all(count),
    }
}

/// What that change is called.
pub(crate) fn mended(count: usize) -> String {
    match count {
        1 => the_one_change().to_owned(),
        count => all_changes(count),
    }
}

/// How the patch is used.
pub(crate) fn how_to_patch(command: &str) -> String {
    said::how_to_patch(command, PATCH_NAME)
}

/// How many suites a listener offers, from the fewest to the most.
pub(crate) fn suites((fewest, most): (usize, usize)) -> String {
    match (fewest, most) {
        (0, 0) => no_suite().to_owned(),
        (1, 1) => one_suite().to_owned(),
        _ if fewest == most => said::suites(most),
        _ => suites_between(fewest, most),
    }
}

/// A security level of OpenSSL, with whoever sets it.
pub(crate) fn level(level: u8) -> String {
    match level {
        0 => level_of_postfix(level),
        2 => level_of_debian(level),
        _ => level.to_string(),
    }
}

/// When clients get something else than they usually do.
pub(crate) fn circumstance(when: Circumstance) -> &'static str {
    match when {
        Circumstance::FirstContact => first_contact(),
        Circumstance::Ipv6 => by_ipv6(),
    }
}

/// For whom a listener is.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Mx => role_mx(),
        Role::Submission => role_users(),
        Role::Mailbox => role_mailboxes(),
        Role::Internal => role_machine(),
        Role::Unknown => role_unknown(),
    }
}

/// What a mark in the margin says to those who do not see it.
pub(crate) fn mark(line: usize, how_bad: Severity, findings: usize, title: &str) -> String {
    let mark = said::mark(line, severity(how_bad), title);
    match findings {
        0 | 1 => mark,
        2 => mark_one_more(mark),
        more => mark_more(mark, more - 1),
    }
}

/// How many rules are content.
pub(crate) fn passed(count: usize) -> String {
    match count {
        1 => one_passed().to_owned(),
        count => said::passed(count),
    }
}

/// How many questions are left out above.
pub(crate) fn more_questions(count: usize) -> String {
    match count {
        1 => one_more_question().to_owned(),
        count => said::more_questions(count),
    }
}

#[cfg(test)]
#[path = "../build.rs"]
#[allow(
    dead_code,
    clippy::print_stdout,
    reason = "the build begins, and speaks to cargo, where a test does not"
)]
mod build;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_in_where_they_are_wanted() {
        assert_eq!(fill("{1} of {0}", &[&1, &"x"]), "x of 1");
        assert_eq!(shown(2, 3), "2 of 3 shown");
        assert_eq!(mended(1), "1 change that costs nobody anything");
    }

    #[test]
    fn a_language_lacks_no_word_and_puts_in_what_the_own_one_does() {
        let language = |code: &str, words: &[(&str, &str)]| build::Language {
            code: code.to_owned(),
            words: words
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        };
        let own = language("en", &[("shown", "{shown} of {all}"), ("close", "Close")]);
        let other = |words: &[(&str, &str)]| build::ordered(&language("de", words), &own);
        // In the order of the own one, with the numbers of the own one.
        let whole = [("close", "Zu"), ("shown", "von {all} {shown}")];
        assert_eq!(other(&whole), Ok(vec!["von {1} {0}".to_owned(), "Zu".to_owned()]));
        for (words, why) in [
            (&whole[..1], "words/de.txt: `shown` is missing"),
            (
                &[whole[0], whole[1], ("open", "Auf")],
                "words/de.txt: `open` is no word of the page",
            ),
            (
                &[whole[0], ("shown", "{shown}")],
                "words/de.txt: `shown` has {\"shown\"} in braces, where {\"all\", \"shown\"} is wanted",
            ),
        ] {
            assert_eq!(other(words), Err(why.to_owned()));
        }
    }

    #[test]
    fn every_language_has_words_of_its_own() {
        for (code, name) in LANGUAGES {
            speak(of_language(code));
            assert_eq!(said(0, LANGUAGES[0].1), name);
            assert!(code == "en" || clear() != "Clear", "{code}");
        }
    }
}
