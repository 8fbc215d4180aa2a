//! The long texts: what each rule has to say and what it rests on, the tables about Postfix and TLS, and the samples.
//!
//! A program carries them inside (feature `embedded`, on unless it is turned off). The page does not: a browser compiles every
//! byte of a program before it runs, and texts need no compiling. They travel beside it as one packed text, which whoever
//! starts the page hands over before anything is judged.

/// What stands between two of the texts.
const BETWEEN: char = '\u{1e}';

/// What stands behind the name of a rule, where the text is what it rests on.
const SOURCES: &str = " rests on";

/// The name of the table of parameters among them; the others are called as their rules are, or by their [`Text`].
pub(crate) const PARAMETERS: &str = "postfix-parameters";

/// A text that is inside the program or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) name: &'static str,
    #[cfg(feature = "embedded")]
    pub(crate) inside: &'static str,
}

/// A text by its name among all of them, and by its file.
macro_rules! text_file {
    ($name:literal, $file:literal) => {
        $crate::texts::Text {
            name: $name,
            #[cfg(feature = "embedded")]
            inside: include_str!($file),
        }
    };
}
pub(crate) use text_file;

impl Text {
    /// The text.
    pub(crate) fn read(&self) -> &'static str {
        #[cfg(feature = "embedded")]
        return self.inside;
        #[cfg(not(feature = "embedded"))]
        text(self.name)
    }
}

/// All texts as one, to travel beside a program that does not carry them. Of the rules' texts it has what findings tell; whoever is
/// asked for a whole one hands them over by `hand_over_rule_texts`.
#[cfg(feature = "embedded")]
#[must_use]
pub fn pack() -> String {
    use crate::dialects::postfix;
    use crate::rule_text::RuleText;
    let rules = crate::rules::RULES.iter();
    let rules = rules.map(|(_, rule)| (rule.id.to_owned(), RuleText::brief(rule.text())));
    let sources = crate::rules::RULES
        .iter()
        .map(|(_, rule)| (format!("{}{SOURCES}", rule.id), crate::rule::write_down(rule.sources)));
    let tables = postfix::TABLES.iter().copied();
    let samples = crate::samples::SAMPLES.iter().map(|sample| &sample.text);
    let others = tables.chain(samples).chain([&crate::intake::OWNERS]);
    let others = others.map(|text| (text.name, text.read()));
    let all = std::iter::once((PARAMETERS, postfix::table::text()))
        .chain(crate::tls::table::all())
        .chain(others);
    let all = all.map(|(name, text)| format!("{name}\n{text}{BETWEEN}"));
    let made = crate::tls::table::made().into_iter();
    let made = made.map(|(name, text)| (name.to_owned(), text));
    all.chain(
        rules
            .chain(sources)
            .chain(made)
            .map(|(name, text)| format!("{name}\n{text}{BETWEEN}")),
    )
    .collect()
}

#[cfg(not(feature = "embedded"))]
pub use unpacked::{hand_over_rule_texts, unpack};
#[cfg(not(feature = "embedded"))]
pub(crate) use unpacked::{sources, text};

#[cfg(not(feature = "embedded"))]
mod unpacked {
    use std::sync::OnceLock;

    use crate::rule::{Citation, Rule, read_back};

    /// What travelled beside the program.
    struct Unpacked {
        texts: Vec<(&'static str, &'static str)>,
        /// What each rule rests on.
        sources: Vec<(&'static str, Vec<Citation>)>,
    }

    static UNPACKED: OnceLock<Unpacked> = OnceLock::new();

    /// The whole texts of rules, once somebody has asked for one.
    static WHOLE: OnceLock<&[(&Rule, &str)]> = OnceLock::new();

    /// Hands over the whole texts of the rules: whoever calls this carries them.
    pub fn hand_over_rule_texts() {
        WHOLE.get_or_init(crate::rules::whole);
    }

    /// Takes the packed texts, once; a second call changes nothing.
    pub fn unpack(packed: String) {
        UNPACKED.get_or_init(|| {
            let (mut texts, mut sources) = (Vec::new(), Vec::new());
            let parts = packed.leak().split(super::BETWEEN);
            for (name, text) in parts.filter_map(|part| part.split_once('\n')) {
                match name.strip_suffix(super::SOURCES) {
                    Some(rule) => sources.push((rule, read_back(text))),
                    None => texts.push((name, text)),
                }
            }
            Unpacked { texts, sources }
        });
    }

    /// What a rule rests on; nothing when the texts were not handed over.
    pub(crate) fn sources(rule: &str) -> &'static [Citation] {
        let all = UNPACKED.get().map(|all| all.sources.as_slice()).unwrap_or_default();
        all.iter()
            .find(|(known, _)| *known == rule)
            .map_or(&[], |(_, sources)| sources)
    }

    /// One of the texts; empty when they were not handed over.
    pub(crate) fn text(name: &str) -> &'static str {
        let mut whole = WHOLE.get().into_iter().copied().flatten();
        if let Some((_, text)) = whole.find(|(rule, _)| rule.id == name) {
            return text;
        }
        let all = UNPACKED.get().map(|all| all.texts.as_slice()).unwrap_or_default();
        all.iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use crate::rule::{read_back, write_down};
    use crate::rules::RULES;

    #[test]
    fn what_rules_rest_on_comes_back_as_it_was_written_down() {
        for (_, rule) in RULES {
            let written = write_down(rule.sources());
            assert!(!written.contains(super::BETWEEN), "{}", rule.id);
            assert_eq!(read_back(written.leak()), rule.sources(), "{}", rule.id);
        }
    }
}
