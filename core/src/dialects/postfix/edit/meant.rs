//! What was meant where Postfix stops: the slips that leave no doubt.

use crate::dialects::postfix::lines::is_space;
use crate::dialects::postfix::parameters::Kind;
use crate::dialects::postfix::syntax::{Assignment, Syntax};
use crate::source::Span;

/// Words that people write for `yes` and `no`; Postfix reads these two alone (postconf(5), "The general format").
const YES: &[&str] = &["1", "true", "on", "enable", "enabled"];
const NO: &[&str] = &["0", "false", "off", "disable", "disabled"];

/// What goes at a place, and what comes.
pub(in crate::dialects::postfix) fn at(syntax: &Syntax, place: Span) -> Option<(Span, String)> {
    let faults = syntax.services.iter().flat_map(|service| &service.faults).chain(&syntax.faults);
    if let Some(meant) = faults.into_iter().find(|fault| fault.span == place).and_then(|fault| fault.meant.clone()) {
        return Some((place, meant));
    }
    let options = syntax.services.iter().flat_map(|service| &service.overrides);
    let standing = syntax.assignments.iter().chain(options).find(|one| one.written == place)?;
    Some((standing.value_span, value(standing)?))
}

/// A value as it was meant.
fn value(standing: &Assignment) -> Option<String> {
    let written = standing.value.as_str();
    let quote = |mark: char| written.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    // Nothing ends a value but the end of its line: what was meant as a comment belongs to it.
    let before_comment = written.split_once('#').map(|(value, _)| value.trim_end_matches(is_space));
    let bare = quote('"').or_else(|| quote('\'')).or(before_comment).unwrap_or(written);
    let is_switch = standing.lines.iter().any(|line| line.nature.kind == Kind::Boolean);
    let among = |words: &[&str]| is_switch && words.iter().any(|word| bare.eq_ignore_ascii_case(word));
    let meant = match (among(YES), among(NO)) {
        (true, _) => "yes",
        (_, true) => "no",
        _ => bare,
    };
    (meant != written && !meant.is_empty()).then(|| meant.to_owned())
}
