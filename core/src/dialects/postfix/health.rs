//! What keeps a service from serving anybody: a line, an option or a value that makes the program stop as it starts.

use std::borrow::Cow;

use super::config::View;
use super::parameters::Kind;
use super::syntax::{Assignment, OF_EVERY_SERVICE};
use crate::facts::{Cause, Fact, Step};
use crate::version::Version;

/// What keeps the whole server from starting.
pub(super) fn server_fault(view: &View<'_>) -> Option<Fact<Cause>> {
    let fault = view.configuration.files.stopped_by?;
    let why = format!("Postfix does not start while this stands there: {}", fault.why);
    Some(dead(why, "", fault.span, false))
}

/// The first thing that stops `program` when it starts as this service; `None` when nothing in the files does.
pub(super) fn cause_of_death(view: &View<'_>, program: &str) -> Option<Fact<Cause>> {
    cause_in_service(view, program).or_else(|| cause_in_main(view, program))
}

/// The same in what stands on the service itself.
pub(super) fn cause_in_service(view: &View<'_>, program: &str) -> Option<Fact<Cause>> {
    let service = view.service;
    if service.is_some() {
        view.configuration.note_options(OF_EVERY_SERVICE);
    }
    if let Some(fault) = service.and_then(|service| service.faults.iter().find(|fault| !fault.stops_all)) {
        return Some(dead(fault.why.clone(), "", fault.span, true));
    }
    if let Some(service) = service
        && service.uses_braces
        && !view.since(Version::new(3, 0, 0))
    {
        let why = "`-o { name = value }` is read since Postfix 3.0; older releases stop there".to_owned();
        return Some(dead(why, "", service.written, true));
    }
    let own = service.map(|service| service.overrides.as_slice()).unwrap_or_default();
    let mut own = own.iter().filter(|one| view.overriding(&one.name).is_some_and(|last| last.written == one.written));
    own.find_map(|one| Some(dead(unreadable(view, one, program)?, &one.name, one.written, true)))
}

/// The same in what the service sees of main.cf.
pub(super) fn cause_in_main(view: &View<'_>, program: &str) -> Option<Fact<Cause>> {
    let mut main = view.configuration.files.doubtful.iter().filter(|one| view.overriding(&one.name).is_none());
    main.find_map(|one| Some(dead(unreadable(view, one, program)?, &one.name, one.written, false)))
}

fn dead(why: String, setting: &str, span: crate::source::Span, is_override: bool) -> Fact<Cause> {
    let setting = setting.into();
    let step = if is_override { Step::Override { setting, span } } else { Step::Set { setting, span } };
    Fact::is(Cause(why), vec![step])
}

/// True when a look at the value alone does not settle that every program of every release can read it. Sorting the others
/// out once spares each listener the look at all of main.cf.
pub(super) fn is_doubtful(assignment: &Assignment) -> bool {
    let value = assignment.value.as_str();
    assignment.lines.iter().any(|parameter| {
        has_words(&assignment.name) || value.contains('$') || wanted(parameter.nature.kind, value).is_some()
    })
}

/// What a value of a kind must be, when it is not.
fn wanted(kind: Kind, value: &str) -> Option<&'static str> {
    match kind {
        Kind::Boolean if !value.eq_ignore_ascii_case("yes") && !value.eq_ignore_ascii_case("no") => Some("yes or no"),
        Kind::Integer if !is_integer(value) => Some("a number"),
        Kind::Time if !is_time(value) => Some("a number with s, m, h, d or w behind it"),
        _ => None,
    }
}

/// Parameters of which the programs that listen know a few words only.
const LEVEL: &str = "smtpd_tls_security_level";
const POSTSCREEN_LEVEL: &str = "postscreen_tls_security_level";

/// True for what postscreen does with a client that fails a test.
fn is_action(name: &str) -> bool {
    name.starts_with("postscreen_") && name.ends_with("_action")
}

/// Why the program cannot read a value, when it reads that parameter at all.
fn unreadable(view: &View<'_>, assignment: &Assignment, program: &str) -> Option<String> {
    let nature = view.configuration.nature(&assignment.name)?;
    if !nature.is_read_by(program) || assignment.conditional || nature.kind == Kind::Raw {
        return None;
    }
    let expansion = view.lookup(&assignment.name)?;
    if let Some(error) = &expansion.error {
        return Some(format!("{program} stops at `{}`: {error}", assignment.name));
    }
    if expansion.question.is_some() {
        return None;
    }
    // Shown as postconf shows it: a continued line leaves blanks and line ends of its own inside.
    let is_one_word = expansion.text.bytes().all(|byte| byte.is_ascii_graphic());
    let joined = || expansion.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = if is_one_word { Cow::Borrowed(expansion.text.as_str()) } else { Cow::Owned(joined()) };
    let value = shown.as_ref();
    // No number and no yes begins like this: an installer puts something in its place.
    if value.starts_with('%') && matches!(nature.kind, Kind::Boolean | Kind::Integer | Kind::Time) {
        view.configuration.template_question(value);
        return None;
    }
    if assignment.name == COMPATIBILITY && is_newer_level(value) && reads_newer_levels(view) {
        return None;
    }
    let wanted = wanted(nature.kind, value).or_else(|| unknown_word(view, &assignment.name, value))?;
    Some(format!("{program} stops at `{} = {value}`: it must be {wanted}", assignment.name))
}

/// The parameter that became a level with a point in it in 3.6.
const COMPATIBILITY: &str = "compatibility_level";

/// Patch levels of older branches from which on they read the first number of such a level, and leave the rest alone.
pub(super) const LEVELS_READ: [(Version, Version); 3] = [
    (Version::new(3, 3, 18), Version::new(3, 4, 0)),
    (Version::new(3, 4, 21), Version::new(3, 5, 0)),
    (Version::new(3, 5, 11), Version::new(3, 6, 0)),
];

/// True for a level such as 3.6.
pub(super) fn is_newer_level(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_digit()) && value.contains('.')
}

fn reads_newer_levels(view: &View<'_>) -> bool {
    LEVELS_READ.iter().any(|(since, before)| view.since(*since) && !view.since(*before))
}

/// True for a parameter of which the programs know a few words only.
fn has_words(name: &str) -> bool {
    matches!(name, LEVEL | POSTSCREEN_LEVEL) || is_action(name)
}

/// The words that a program knows, where the value is none of them; in wrapper mode the level is not looked at.
fn unknown_word(view: &View<'_>, name: &str, value: &str) -> Option<&'static str> {
    let (known, words): (&[&str], _) = if is_action(name) {
        (&["ignore", "enforce", "drop", "continue"], "ignore, enforce or drop")
    } else if !has_words(name) || value.is_empty() || (name == LEVEL && view.boolean("smtpd_tls_wrappermode").surely()) {
        return None;
    } else {
        (&["none", "may", "encrypt", "verify", "secure", "fingerprint"], "none, may or encrypt")
    };
    (!known.iter().any(|word| value.eq_ignore_ascii_case(word))).then_some(words)
}

fn is_integer(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_time(value: &str) -> bool {
    let number = value.strip_suffix(['s', 'm', 'h', 'd', 'w', 'S', 'M', 'H', 'D', 'W']).unwrap_or(value);
    is_integer(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        assert!(is_integer("10") && is_integer("-1") && !is_integer("") && !is_integer("1k"));
        assert!(is_time("10s") && is_time("1w") && is_time("5") && !is_time("s") && !is_time("1 h"));
    }
}
