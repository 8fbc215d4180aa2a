//! The long texts: what each rule has to say, the tables about Postfix and TLS, and the samples.
//!
//! A program carries them inside (feature `embedded`, on unless it is turned off). The page does not: a browser compiles every
//! byte of a program before it runs, and texts need no compiling. They travel beside it as one packed text, which whoever
//! starts the page hands over before anything is judged.

/// What stands between two of the texts.
const BETWEEN: char = '\u{1e}';

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

/// All texts as one, to travel beside a program that does not carry them.
#[cfg(feature = "embedded")]
#[must_use]
pub fn pack() -> String {
    use crate::dialects::postfix;
    let rules = crate::rules::RULES.iter().map(|(_, rule)| (rule.id, rule.text()));
    let tables = postfix::TABLES.iter().copied();
    let samples = crate::samples::SAMPLES.iter().map(|sample| &sample.text);
    let others = tables.chain(samples).map(|text| (text.name, text.read()));
    let all = std::iter::once((PARAMETERS, postfix::table::text()))
        .chain(crate::tls::table::all())
        .chain(rules)
        .chain(others);
    all.map(|(name, text)| format!("{name}\n{text}{BETWEEN}")).collect()
}

#[cfg(not(feature = "embedded"))]
pub(crate) use unpacked::text;
#[cfg(not(feature = "embedded"))]
pub use unpacked::unpack;

#[cfg(not(feature = "embedded"))]
mod unpacked {
    use std::sync::OnceLock;

    static PACKED: OnceLock<Vec<(&str, &str)>> = OnceLock::new();

    /// Takes the packed texts, once; a second call changes nothing.
    pub fn unpack(packed: String) {
        PACKED.get_or_init(|| {
            packed
                .leak()
                .split(super::BETWEEN)
                .filter_map(|part| part.split_once('\n'))
                .collect()
        });
    }

    /// One of the texts; empty when they were not handed over.
    pub(crate) fn text(name: &str) -> &'static str {
        let all = PACKED.get().map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, text)| text)
    }
}
