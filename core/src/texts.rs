//! The long texts: what each rule has to say, the table of Postfix's parameters, and the tables of TLS.
//!
//! A program carries them inside (feature `embedded`, on unless it is turned off). The page does not: a browser compiles every
//! byte of a program before it runs, and texts need no compiling. They travel beside it as one packed text, which whoever
//! starts the page hands over before anything is judged.

/// What stands between two of the texts.
const BETWEEN: char = '\u{1e}';

/// The name of the table of parameters among them; those of TLS begin with `tls-`, the others are called as their rules are.
pub(crate) const PARAMETERS: &str = "postfix-parameters";

/// All texts as one, to travel beside a program that does not carry them.
#[cfg(feature = "embedded")]
#[must_use]
pub fn pack() -> String {
    let rules = crate::rules::RULES.iter().map(|(_, rule)| (rule.id, rule.text()));
    let all = std::iter::once((PARAMETERS, crate::dialects::postfix::table::text()));
    let all = all.chain(crate::tls::table::all()).chain(rules);
    all.map(|(name, text)| format!("{name}\n{text}{BETWEEN}")).collect()
}

#[cfg(not(feature = "embedded"))]
pub(crate) use unpacked::text;
#[cfg(not(feature = "embedded"))]
pub use unpacked::unpack;

#[cfg(not(feature = "embedded"))]
mod unpacked {
    use std::sync::OnceLock;

    static PACKED: OnceLock<Vec<(String, String)>> = OnceLock::new();

    /// Takes the packed texts, once; a second call changes nothing.
    pub fn unpack(packed: &str) {
        let parts = packed.split(super::BETWEEN).filter_map(|part| part.split_once('\n'));
        PACKED.get_or_init(|| parts.map(|(name, text)| (name.to_owned(), text.to_owned())).collect());
    }

    /// One of the texts; empty when they were not handed over.
    pub(crate) fn text(name: &str) -> &'static str {
        let all = PACKED.get().map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, text)| text.as_str())
    }
}
