//! How wishes about cipher suites are written: words that are excluded beside those that are already, and lists taken out
//! that are past mending (postconf(5), smtpd_tls_mandatory_exclude_ciphers and its kin).

use super::advise::{Assign, is_override, is_submission};
use crate::facts::{Fact, Listener, Step, SuiteKind, Suites, TlsVersion};
use crate::gather::ordered;
use crate::tls::{Key, Suite, openssl};

/// The title, the assignments, and whether they belong to the listener alone.
type Plan<'a> = (String, Vec<Assign<'a>>, bool);

/// The words of all kinds that Postfix's own lists have, for a list that is put back to them.
const OF_STOCK: [SuiteKind; 4] = [SuiteKind::Anonymous, SuiteKind::StaticRsa, SuiteKind::FiniteField, SuiteKind::Cbc];

/// Excludes the suites of these kinds, and takes the list out where that would leave too little.
pub(super) fn refuse<'a>(listener: Option<&Listener>, kinds: &[SuiteKind]) -> Plan<'a> {
    let title = "Offer no weak suites".to_owned();
    let Some(Scene { listener, fact, suites }) = scene(listener) else { return (title, Vec::new(), false) };
    let excludes = exclusions(listener);
    let words = words(kinds, suites);
    let is_lacking = kinds.iter().any(|kind| kind.is_absence());
    if !is_lacking && leaves_enough(suites, &words) {
        let assigns = vec![Assign::new(excludes, beside_known(suites, excludes, &words))];
        return (title, assigns, belongs_here(listener, fact, excludes));
    }
    let (mut assigns, mut here) = back_to_stock(fact, suites);
    // On an mx the weaker suites of Postfix's own lists are better than none.
    let of_users = kinds.iter().any(|kind| OF_STOCK.contains(kind)) || is_submission(Some(listener));
    // Where it was the exclusions that left too little, they do not stay.
    let is_exclusion = assigns.iter().any(|one| EXCLUSIONS.contains(&one.name));
    let is_replaced = assigns.iter().any(|one| one.name == excludes);
    let belongs_here = belongs_here(listener, fact, excludes);
    let mut title = "Go back to Postfix's own list of suites".to_owned();
    if of_users && (is_replaced || here == belongs_here) && suites.permitted.contains(&TlsVersion::Tls12) {
        let words = self::words(&OF_STOCK, suites);
        let value = if is_exclusion { words.join(", ") } else { beside_known(suites, excludes, &words) };
        assigns.retain(|one| one.name != excludes);
        assigns.push(Assign::new(excludes, value));
        title.push_str(", without the weak ones");
        here = belongs_here;
    }
    (title, assigns, here)
}

/// Takes out what leaves no suite.
pub(super) fn usual<'a>(listener: Option<&Listener>) -> Plan<'a> {
    let title = "Go back to Postfix's own list of suites".to_owned();
    let Some(Scene { fact, suites, .. }) = scene(listener) else { return (title, Vec::new(), false) };
    // A word with a sign among the exclusions: they stay, without it.
    for name in EXCLUSIONS {
        let excluded = excluded(suites, name);
        let signs = ['!', '+', '-', '@'];
        if excluded.iter().any(|word| word.starts_with(signs)) {
            let meant = excluded.iter().filter(|word| !word.starts_with(['+', '@'])).map(|word| word.trim_start_matches(signs));
            let value = meant.collect::<Vec<_>>().join(", ");
            let title = "Name what is excluded without a sign".to_owned();
            return (title, vec![Assign::new(name, value)], is_set_by_option(fact, name));
        }
    }
    let (assigns, here) = back_to_stock(fact, suites);
    (title, assigns, here)
}

/// A listener with what is known of its suites.
struct Scene<'a> {
    listener: &'a Listener,
    fact: &'a Fact<Suites>,
    suites: &'a Suites,
}

fn scene(listener: Option<&Listener>) -> Option<Scene<'_>> {
    let listener = listener?;
    let fact = listener.tls.suites.as_ref()?;
    Some(Scene { listener, fact, suites: fact.known()? })
}

/// The settings with what is excluded.
const EXCLUSIONS: [&str; 2] = ["smtpd_tls_mandatory_exclude_ciphers", "smtpd_tls_exclude_ciphers"];

/// The setting to exclude more in.
fn exclusions(listener: &Listener) -> &'static str {
    let [mandatory, all] = EXCLUSIONS;
    if listener.tls.required.surely() { mandatory } else { all }
}

/// True when main.cf is not the place: an option of the service decides, or the line would reach other servers' mail.
fn belongs_here(listener: &Listener, fact: &Fact<Suites>, excludes: &str) -> bool {
    let reaches_others = !listener.tls.required.surely() && is_submission(Some(listener));
    reaches_others || is_set_by_option(fact, excludes)
}

fn is_set_by_option(fact: &Fact<Suites>, name: &str) -> bool {
    fact.because.iter().any(|step| is_override(step) && step.setting() == Some(name))
}

/// The words that stand in an exclusion already.
fn excluded<'a>(suites: &'a Suites, name: &str) -> Vec<&'a str> {
    suites.part(name).split(":!").filter(|word| !word.is_empty()).collect()
}

/// What is excluded already, and the words behind it.
fn beside_known(suites: &Suites, name: &str, words: &[&'static str]) -> String {
    let mut all = excluded(suites, name);
    for word in words {
        if !all.contains(word) {
            all.push(word);
        }
    }
    all.join(", ")
}

/// The words that exclude kinds of suites: of the old ciphers only those that are there or are asked for.
fn words(kinds: &[SuiteKind], suites: &Suites) -> Vec<&'static str> {
    let mut words = Vec::new();
    for kind in kinds {
        words.extend_from_slice(match kind {
            SuiteKind::Null => &["eNULL"],
            SuiteKind::Export => &["EXPORT"],
            SuiteKind::Rc4 => &["RC4"],
            SuiteKind::ShortBlocks => &["3DES", "DES", "IDEA", "RC2"],
            SuiteKind::StaticRsa => &["kRSA"],
            SuiteKind::Anonymous => &["aNULL"],
            SuiteKind::FiniteField => &["kDHE"],
            SuiteKind::Cbc => &["SHA1", "SHA256", "SHA384"],
            SuiteKind::NoForwardSecrecy | SuiteKind::NoAead => &[],
        });
    }
    // In the order in which people read them: who proves nothing, key exchange, the rest.
    const ORDER: [&str; 12] =
        ["eNULL", "aNULL", "kRSA", "kDHE", "EXPORT", "RC4", "3DES", "DES", "IDEA", "RC2", "SHA1", "SHA256"];
    let mut words = ordered(words, |word| ORDER.iter().take_while(|known| *known != word).count() as u64);
    let asked = openssl::asked(&suites.string);
    let is_there = |word: &str| {
        asked.iter().flat_map(|(_, suites)| suites).chain(&suites.which(|_| true)).any(|suite| suite.cipher() == word)
    };
    words.retain(|word| !matches!(*word, "3DES" | "DES" | "IDEA" | "RC2") || is_there(word));
    words
}

/// True when enough is left once the words are excluded: with every key and at every release a suite of the newest version
/// before 1.3 that is permitted, by which the server proves who it is.
fn leaves_enough(suites: &Suites, words: &[&'static str]) -> bool {
    let newest = suites.permitted.iter().copied().filter(|version| *version < TlsVersion::Tls13).max();
    let Some(newest) = newest.filter(|version| *version >= TlsVersion::Tls10) else { return true };
    let keeps = |suite: &Suite| !suite.is_anonymous() && !words.iter().any(|word| takes_away(word, suite));
    suites.readings.iter().all(|reading| {
        let usable = |keys: &Vec<Key>, suite: &Suite| suite.needs().is_some_and(|key| keys.contains(&key));
        let has = |keys: &Vec<Key>| {
            let mut offered = reading.offered.iter().flatten();
            offered.any(|one| one.versions.contains(newest) && usable(keys, one.suite) && keeps(one.suite))
        };
        suites.keys.iter().all(|keys| has(keys) || !suites_with(suites, keys, newest))
    })
}

/// True when a word among the exclusions takes a suite away; the words are those of [`words`].
fn takes_away(word: &str, suite: &Suite) -> bool {
    match word {
        "eNULL" => suite.is_null(),
        "aNULL" => suite.is_anonymous(),
        "kRSA" => suite.key_exchange() == "RSA",
        "kDHE" => suite.key_exchange() == "DHE",
        "EXPORT" => suite.is_export(),
        "SHA1" | "SHA256" | "SHA384" => suite.mac() == word,
        cipher => suite.cipher() == cipher,
    }
}

/// True when a version has a suite now, with these keys.
fn suites_with(suites: &Suites, keys: &[Key], version: TlsVersion) -> bool {
    let usable = |suite: &Suite| suite.needs().is_some_and(|key| keys.contains(&key));
    let mut all = suites.readings.iter().flat_map(|reading| reading.offered.iter().flatten());
    all.any(|one| one.versions.contains(version) && usable(one.suite))
}

/// Takes out what was written of list and grade; and whether it stands at the service.
fn back_to_stock<'a>(fact: &Fact<Suites>, suites: &Suites) -> (Vec<Assign<'a>>, bool) {
    let written = |name: &str| fact.because.iter().find(|step| step.span().is_some() && step.setting() == Some(name));
    let grades = ["smtpd_tls_mandatory_ciphers", "smtpd_tls_ciphers"];
    let list = suites.list().and_then(|list| Some((list, written(list)?)));
    if let Some((list, step)) = list {
        return (vec![Assign::out(list)], is_override(step));
    }
    let grade = grades.into_iter().find_map(|grade| Some((grade, written(grade)?)));
    let is_weak_grade = !matches!(suites.list(), Some("tls_medium_cipherlist" | "tls_high_cipherlist"));
    if let Some((grade, step)) = grade.filter(|_| is_weak_grade) {
        return (vec![Assign::new(grade, "medium".to_owned())], is_override(step));
    }
    // What is left is that too much is excluded.
    let exclusion = EXCLUSIONS.into_iter().find_map(|name| Some((name, written(name)?)));
    exclusion.map_or_else(|| (Vec::new(), false), |(name, step): (_, &Step)| (vec![Assign::out(name)], is_override(step)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::openssl::Release;

    #[test]
    fn words_take_away_what_openssl_takes_away() {
        let words = ["eNULL", "aNULL", "kRSA", "kDHE", "RC4", "3DES", "DES", "IDEA", "RC2", "SHA1", "SHA256", "SHA384"];
        for release in Release::ALL {
            let all = openssl::read("ALL:COMPLEMENTOFALL", release, 0).expect("every suite");
            for word in words {
                let list = openssl::read(&format!("ALL:COMPLEMENTOFALL:!{word}"), release, 0).expect("most suites");
                let kept: Vec<_> = all.suites.iter().copied().filter(|suite| !takes_away(word, suite)).collect();
                assert_eq!(list.suites, kept, "{word} in {release}");
            }
        }
    }
}
