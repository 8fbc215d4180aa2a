//! References in values: `$name`, `${name?yes:no}`, `${{a} == {b} ? {c} : {d}}` (postconf(5), "The general format of the
//! main.cf file").
//!
//! What a value refers to may be unknown. A hole then stands in the result, and nothing near it is guessed.

use std::cmp::Ordering;

use super::lines::is_space;
use crate::question::QuestionId;
use crate::template;

/// Stands in an expanded text for what is unknown.
pub(super) const HOLE: char = '\u{fffc}';

/// What a name refers to.
#[derive(Debug, Clone)]
pub(super) enum Lookup {
    /// The unexpanded text.
    Text(String),
    /// Hidden.
    Unknown(QuestionId),
    /// Nothing defines it: it expands to nothing.
    Undefined,
}

/// An expanded value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expansion {
    /// The text, with a [`HOLE`] for each unknown part.
    pub(super) text: String,
    /// The question behind the first hole.
    pub(super) question: Option<QuestionId>,
    /// Postfix's reason to stop; the text is worthless then.
    pub(super) error: Option<String>,
}

/// Which operators a release knows; asked only where a value has one that not all of them know.
pub(super) trait Grammar {
    /// `${{a} == {b} ? …}` and `{text}` operands, since 3.0.
    fn expressions(&self) -> bool;
    /// `<level` and its kin, since 3.6.
    fn levels(&self) -> bool;
}

/// How long a value may become, in bytes: Postfix would go on until the machine's memory ends.
const LONGEST: usize = 4_000_000;

/// How deep references may nest before Postfix gives up.
pub(super) const DEEPEST: usize = 100;

/// True for a text that is the same when it is expanded, as nearly all are: nothing in it refers to anything, and nothing is
/// hidden.
pub(super) fn stands_for_itself(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii() && byte != b'$';
    text.len() <= LONGEST && text.bytes().all(is_plain) && template::first_mark(text).is_none()
}

/// Replaces every reference in `text`. A text with template marks is unknown as a whole, by the question `template`.
pub(super) fn expand(
    text: &str,
    grammar: &dyn Grammar,
    template: &dyn Fn(&str) -> QuestionId,
    lookup: &dyn Fn(&str) -> Lookup,
) -> Expansion {
    let mut expander = Expander { grammar, template, lookup, result: Expansion::default(), level: 0, steps: 0 };
    if let Err(reason) = expander.parse(text) {
        // Shown on one line, with blanks as postconf shows them, wherever the lines of the value broke.
        expander.result.error = Some(reason.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    expander.result
}

struct Expander<'a> {
    grammar: &'a dyn Grammar,
    template: &'a dyn Fn(&str) -> QuestionId,
    lookup: &'a dyn Fn(&str) -> Lookup,
    result: Expansion,
    level: usize,
    /// References followed so far: values that double themselves at each level would never end.
    steps: usize,
}

/// The outcome of a test that decides between two texts.
enum Test {
    Yes,
    No,
    Hidden(QuestionId),
}

impl Expander<'_> {
    fn parse(&mut self, text: &str) -> Result<(), String> {
        if let Some(mark) = template::first_mark(text) {
            let question = (self.template)(mark);
            let at = mark.as_ptr() as usize - text.as_ptr() as usize;
            let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + mark.len()..).unwrap_or(""));
            // Inside a reference the mark may stand for anything, the reference included.
            let in_reference = before.rfind('$').is_some_and(|sign| {
                let open = before.get(sign..).unwrap_or("");
                open.matches(['{', '(']).count() > open.matches(['}', ')']).count()
            });
            if in_reference {
                self.hole(question);
                return Ok(());
            }
            self.parse(before)?;
            self.hole(question);
            return self.parse(after);
        }
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            self.literal(rest.get(..at).unwrap_or(""))?;
            let after = rest.get(at + 1..).unwrap_or("");
            rest = match after.chars().next() {
                Some('$') => {
                    self.result.text.push('$');
                    after.get(1..).unwrap_or("")
                }
                Some('{') => self.enclosed(after, '{', '}')?,
                Some('(') => self.enclosed(after, '(', ')')?,
                _ => {
                    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                    let (name, rest) = after.split_at(end);
                    if name.is_empty() {
                        return Err(format!("a `$` without a name stands in `{}`", shortened(text)));
                    }
                    self.reference(name)?;
                    rest
                }
            };
        }
        self.literal(rest)
    }

    /// `${…}` or `$(…)`; gives what follows it.
    fn enclosed<'t>(&mut self, after: &'t str, open: char, close: char) -> Result<&'t str, String> {
        let length = balanced(after, open, close)
            .ok_or_else(|| format!("the closing `{close}` is missing in `${}`", shortened(after)))?;
        let inner = after.get(1..length - 1).unwrap_or("");
        if inner.is_empty() {
            return Err("an empty name stands in `${}`".to_owned());
        }
        self.reference(inner)?;
        Ok(after.get(length..).unwrap_or(""))
    }

    fn literal(&mut self, text: &str) -> Result<(), String> {
        if self.result.text.len() + text.len() > LONGEST {
            return Err(format!("what it refers to makes the value longer than {LONGEST} bytes"));
        }
        if text.contains(HOLE) {
            // The sign we use for holes stands in the file itself: it was unreadable there already.
            let question = (self.template)(text);
            self.result.question.get_or_insert(question);
        }
        self.result.text.push_str(text);
        Ok(())
    }

    fn hole(&mut self, question: QuestionId) {
        self.result.text.push(HOLE);
        self.result.question.get_or_insert(question);
    }

    /// A name, a name with a choice, or an expression.
    fn reference(&mut self, inner: &str) -> Result<(), String> {
        self.level += 1;
        self.steps += 1;
        if self.level > DEEPEST || self.steps > 10_000 {
            return Err(format!("the value refers to itself: `${}`", shortened(inner)));
        }
        let trimmed = inner.trim_start_matches(is_space);
        if trimmed.starts_with('{') && self.grammar.expressions() {
            self.expression(trimmed)?;
        } else {
            self.named(trimmed)?;
        }
        self.level -= 1;
        Ok(())
    }

    fn named(&mut self, inner: &str) -> Result<(), String> {
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, after) = inner.split_at(end);
        let operator = after.trim_start_matches(is_space);
        if operator.is_empty() {
            return match (self.lookup)(name) {
                Lookup::Text(text) => self.nested(&text),
                Lookup::Unknown(question) => {
                    self.hole(question);
                    Ok(())
                }
                Lookup::Undefined => Ok(()),
            };
        }
        if !operator.starts_with(['?', ':']) {
            return Err(format!("`{}` is no name of a parameter", shortened(inner)));
        }
        let test = match (self.lookup)(name) {
            Lookup::Text(text) if text.is_empty() => Test::No,
            Lookup::Text(text) => match template::first_mark(&text) {
                Some(mark) => Test::Hidden((self.template)(mark)),
                None => Test::Yes,
            },
            Lookup::Unknown(question) => Test::Hidden(question),
            Lookup::Undefined => {
                // A test asks whether something is defined; the answer no is no mistake.
                Test::No
            }
        };
        self.choose(test, operator)
    }

    /// The text of a looked up value, one level down.
    fn nested(&mut self, text: &str) -> Result<(), String> {
        self.level += 1;
        if self.level > DEEPEST {
            return Err(format!("the value refers to itself: `{}`", shortened(text)));
        }
        self.parse(text)?;
        self.level -= 1;
        Ok(())
    }

    /// `{left} op {right}`, alone or with a choice behind it.
    fn expression(&mut self, inner: &str) -> Result<(), String> {
        let (left, rest) = payload(inner)?;
        let end = rest.find(|c: char| !"<>!=?+-*/~&|%".contains(c)).unwrap_or(rest.len());
        let (operator, after) = rest.split_at(end);
        if !matches!(operator, "==" | "!=" | "<" | "<=" | ">=" | ">") {
            return Err(format!("a comparison is expected at `{}`", shortened(rest)));
        }
        let suffix_end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (suffix, after) = after.split_at(suffix_end);
        let by_level = match suffix {
            "" => false,
            "level" if self.grammar.levels() => true,
            _ => return Err(format!("the comparison `{operator}{suffix}` is not known")),
        };
        let after = after.trim_start_matches(is_space);
        if !after.starts_with('{') {
            return Err(format!("`{{expression}}` is expected at `{}`", shortened(after)));
        }
        let (right, rest) = payload(after)?;
        let left = self.operand(left)?;
        let right = self.operand(right)?;
        let test = match left.question.or(right.question) {
            Some(question) => Test::Hidden(question),
            None if compare(&left.text, &right.text, by_level)?.is_some_and(|order| accepts(operator, order)) => Test::Yes,
            None => Test::No,
        };
        if rest.is_empty() {
            match test {
                Test::Yes => self.result.text.push_str("true"),
                Test::No => {}
                Test::Hidden(question) => self.hole(question),
            }
            return Ok(());
        }
        if !rest.starts_with(['?', ':']) {
            return Err(format!("`?` or `:` is expected at `{}`", shortened(rest)));
        }
        self.choose(test, rest)
    }

    /// An operand of a comparison, expanded by itself.
    fn operand(&mut self, text: &str) -> Result<Expansion, String> {
        let mut inner = Expander {
            grammar: self.grammar,
            template: self.template,
            lookup: self.lookup,
            result: Expansion::default(),
            level: self.level + 1,
            steps: self.steps,
        };
        if inner.level > DEEPEST {
            return Err(format!("the value refers to itself: `{}`", shortened(text)));
        }
        inner.parse(text)?;
        self.steps = inner.steps;
        Ok(inner.result)
    }

    /// `?yes`, `:no`, `?{yes}:{no}`; `operator` begins with the sign.
    fn choose(&mut self, test: Test, operator: &str) -> Result<(), String> {
        let mut when_yes = None;
        let mut rest = operator;
        if let Some(after) = rest.strip_prefix('?') {
            let (text, left_over) = self.choice(after)?;
            when_yes = Some(text);
            rest = left_over;
            if !rest.is_empty() && !rest.starts_with(':') {
                return Err(format!("`:` is expected at `{}`", shortened(rest)));
            }
        }
        let mut when_no = None;
        if let Some(after) = rest.strip_prefix(':') {
            let (text, left_over) = self.choice(after)?;
            when_no = Some(text);
            if !left_over.is_empty() {
                return Err(format!("nothing is expected at `{}`", shortened(left_over)));
            }
        }
        let chosen = match test {
            Test::Yes => when_yes,
            Test::No => when_no,
            Test::Hidden(question) => {
                self.hole(question);
                return Ok(());
            }
        };
        match chosen {
            Some(text) => self.nested(text),
            None => Ok(()),
        }
    }

    /// A text in braces, or, as before 3.0, everything that follows.
    fn choice<'t>(&self, after: &'t str) -> Result<(&'t str, &'t str), String> {
        let trimmed = after.trim_start_matches(is_space);
        if trimmed.starts_with('{') && self.grammar.expressions() { payload(trimmed) } else { Ok((after, "")) }
    }
}

/// The length of what stands in balanced brackets at the start of `text`, brackets included.
pub(super) fn balanced(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at + c.len_utf8());
            }
        }
    }
    None
}

/// What stands in braces at the start of `text`, and what follows it, blanks skipped.
fn payload(text: &str) -> Result<(&str, &str), String> {
    let length = balanced(text, '{', '}').ok_or_else(|| format!("the braces do not match in `{}`", shortened(text)))?;
    Ok((
        text.get(1..length - 1).unwrap_or(""),
        text.get(length..).unwrap_or("").trim_start_matches(is_space),
    ))
}

fn accepts(operator: &str, order: Ordering) -> bool {
    match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        _ => order.is_gt(),
    }
}

/// Numbers compare as numbers, everything else as text, levels part by part.
fn compare(left: &str, right: &str, by_level: bool) -> Result<Option<Ordering>, String> {
    if by_level {
        let level = |text: &str| parse_level(text).ok_or_else(|| format!("`{text}` is no compatibility level"));
        return Ok(Some(level(left)?.cmp(&level(right)?)));
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(left) && is_number(right) {
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("the number `{text}` is too large"));
        return Ok(Some(number(left)?.cmp(&number(right)?)));
    }
    Ok(Some(left.cmp(right)))
}

/// A compatibility level: `major`, `major.minor` or `major.minor.patch` (COMPATIBILITY_README).
pub(super) fn parse_level(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse::<u32>().ok() } else { None }
    });
    let level = (parts.next()??, parts.next().unwrap_or(Some(0))?, parts.next().unwrap_or(Some(0))?);
    parts.next().is_none().then_some(level)
}

/// The beginning of a text, on one line and with its blanks as postconf shows them.
fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = text.chars().take(30).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A release with all operators.
    struct All;

    impl Grammar for All {
        fn expressions(&self) -> bool {
            true
        }

        fn levels(&self) -> bool {
            true
        }
    }

    fn run(text: &str) -> Expansion {
        expand(text, &All, &|_| QuestionId("template".into()), &|name| match name {
            "x" => Lookup::Text("X".into()),
            "y" => Lookup::Text("<$x>".into()),
            "empty" => Lookup::Text(String::new()),
            "level" => Lookup::Text("3.6".into()),
            "self" => Lookup::Text("a $self".into()),
            "hidden" => Lookup::Unknown(QuestionId("q".into())),
            "jinja" => Lookup::Text("{{ v }}".into()),
            _ => Lookup::Undefined,
        })
    }

    #[test]
    fn values_are_those_of_postconf() {
        for (text, value) in [
            ("$x ${x} $(x)", "X X X"),
            ("$y", "<X>"),
            ("a$$b", "a$b"),
            ("${x?yes}${x:no}", "yes"),
            ("${empty?yes}${empty:no}", "no"),
            ("${none?yes}${none:no}", "no"),
            ("${x?{a}:{b}}", "a"),
            ("${none?{a}:{b}}", "b"),
            ("${ x ? {a} : {b} }", "a"),
            ("${{$level} <level {2} ? {old} : {new}}", "new"),
            ("${{$level} >=level {3.6} ? {new} : {old}}", "new"),
            ("${{10} < {9} ? {a} : {b}}", "b"),
            ("${{10} < {9x} ? {a} : {b}}", "a"),
            ("${{a} == {a}}", "true"),
            ("${{a} != {a}}", ""),
            ("${x??a:b}", "?a:b"),
            ("permit # comment", "permit # comment"),
        ] {
            let result = run(text);
            assert_eq!((result.text.as_str(), &result.error), (value, &None), "{text}");
        }
    }

    #[test]
    fn mistakes_stop_postfix() {
        for text in ["$", "a $ b", "${x", "${}", "${x y}", "$self", "${{a} = {b}}", "${{a} <levels {b}}", "${{a} == {a} ! }"] {
            assert!(run(text).error.is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_hidden_leaves_a_hole() {
        let result = run("a $hidden b");
        assert_eq!(result.text, format!("a {HOLE} b"));
        assert_eq!(result.question, Some(QuestionId("q".into())));
        assert_eq!(run("${hidden?a}").text, HOLE.to_string());
        assert_eq!(run("0/0 $jinja").text, format!("0/0 {HOLE}"));
        assert_eq!(run("${{$hidden} == {a} ? {b} : {c}}").text, HOLE.to_string());
    }

    #[test]
    fn undefined_names_are_empty() {
        assert_eq!(run("a $nope$nope b").text, "a  b");
    }

    #[test]
    fn values_that_double_end() {
        let result = expand("$a", &All, &|_| QuestionId("t".into()), &|_| Lookup::Text("$a$a".into()));
        assert!(result.error.is_some());
        let long = |name: &str| Lookup::Text(if name == "a" { "$b".repeat(1000) } else { "x".repeat(10_000) });
        let result = expand("$a", &All, &|_| QuestionId("t".into()), &long);
        assert!(result.error.is_some_and(|why| why.contains("longer")) && result.text.len() <= LONGEST);
    }
}
