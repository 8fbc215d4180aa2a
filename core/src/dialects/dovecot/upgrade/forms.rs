//! How what is written in 2.4 looks: sections, names and sentences that are said of many settings.

use super::variables::{self, Use};

/// Lines in a section of their own.
pub(super) fn within(section: &str, lines: &[String]) -> Vec<String> {
    let mut all = vec![format!("{section} {{")];
    all.extend(lines.iter().map(|line| format!("  {line}")));
    all.push("}".to_owned());
    all
}

/// The name of a section, in quotes where it has blanks.
pub(super) fn named(name: &str) -> String {
    if name.contains([' ', '#', '{']) { format!("\"{name}\"") } else { name.to_owned() }
}

/// A switch: `name = yes`.
pub(super) fn switch(name: &str, is_on: bool) -> String {
    format!("{name} = {}", if is_on { "yes" } else { "no" })
}

/// The path of a script of Sieve that lies in a file; `None` where it is elsewhere, or more is said of it.
pub(super) fn script_path(value: &str) -> Option<String> {
    let path = value.strip_prefix("file:").unwrap_or(value);
    let is_plain = path.starts_with(['/', '~']) && !path.contains(';');
    variables::converted(path, Use::Mail).ok().filter(|_| is_plain)
}

/// That something cannot be said in 2.4 in the same way.
pub(super) fn no_counterpart(what: &str) -> String {
    format!("2.4 has no plain counterpart for `{what}`")
}
