//! The few expansions by which people tie things to TLS and to ports. Whatever else stands in one leaves it open.
//!
//! Source: the specification, "String expansions".

/// What a string comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    Is(String),
    /// Something that is not nothing.
    Something,
    Unknown,
}

/// What variables hold.
pub(super) type Variables<'a> = &'a dyn Fn(&str) -> Text;

/// How deep braces are followed.
const DEEPEST: usize = 24;

impl Text {
    pub(super) fn of(text: &str) -> Text {
        Text::Is(text.to_owned())
    }

    fn is_empty(&self) -> Option<bool> {
        match self {
            Text::Is(text) => Some(text.is_empty()),
            Text::Something => Some(false),
            Text::Unknown => None,
        }
    }

    fn add(self, other: Text) -> Text {
        match (self, other) {
            (Text::Is(one), Text::Is(other)) => Text::Is(one + &other),
            (one, other) if one.is_empty() == Some(false) || other.is_empty() == Some(false) => Text::Something,
            _ => Text::Unknown,
        }
    }

    /// As options take it that are a condition: nothing, `0`, `no` and `false` are no (`expand_check_condition`).
    pub(super) fn holds(&self) -> Option<bool> {
        match self {
            Text::Is(text) => Some(is_anything(text)),
            _ => None,
        }
    }

    /// As `condition` in a list takes it (`acl.c`): `None` as well for words that Exim does not take for one.
    pub(super) fn is_condition(&self) -> Option<bool> {
        match self {
            Text::Is(text) => is_true(text),
            _ => None,
        }
    }
}

/// What options and `bool_lax` take for yes: all that is not nothing, `0`, `no` or `false`.
fn is_anything(text: &str) -> bool {
    !(text.is_empty() || text == "0" || text.eq_ignore_ascii_case("no") || text.eq_ignore_ascii_case("false"))
}

/// What conditions and `bool` take for yes and for no: numbers and four words. Everything else is an error.
fn is_true(text: &str) -> Option<bool> {
    if is_number(text) {
        return if text.trim_matches(['-', '0']).is_empty() { Some(false) } else { text.parse().ok().map(|number: i32| number != 0) };
    }
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("no") || is("false") { Some(false) } else { (is("yes") || is("true")).then_some(true) }
}

/// Digits, with a sign before them or not; nothing is a number too.
fn is_number(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit())
}

/// What a string comes to.
pub(super) fn expand(text: &str, variables: Variables<'_>) -> Text {
    expanded(text, variables, DEEPEST).unwrap_or(Text::Unknown)
}

/// True for a string that surely fails to expand, because a condition in it does not hold and has `fail` for that.
pub(super) fn fails(text: &str, variables: Variables<'_>) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('$') {
        rest = behind;
        let Some((inside, after)) = braced(behind) else { continue };
        rest = after;
        let (word, condition_there) = name(inside.trim());
        if word == "if"
            && let Some((Some(false), then)) = condition(condition_there, variables, DEEPEST)
            && let Some((_, otherwise)) = braced(then.trim())
            && otherwise.trim() == "fail"
        {
            return true;
        }
    }
    false
}

/// `None` for what is not understood.
fn expanded(text: &str, variables: Variables<'_>, deep: usize) -> Option<Text> {
    let deep = deep.checked_sub(1)?;
    let mut out = Text::of("");
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let behind = rest.get(sign.len_utf8()..)?;
        match sign {
            '\\' => {
                if let Some(raw) = behind.strip_prefix('N') {
                    let end = raw.find("\\N").unwrap_or(raw.len());
                    out = out.add(Text::of(raw.get(..end)?));
                    rest = raw.get(end + 2..).unwrap_or("");
                    continue;
                }
                let next = behind.chars().next()?;
                out = out.add(match next {
                    'n' => Text::of("\n"),
                    't' => Text::of("\t"),
                    'r' => Text::of("\r"),
                    '0'..='9' | 'x' => Text::Something,
                    other => Text::Is(other.to_string()),
                });
                rest = behind.get(next.len_utf8()..)?;
            }
            '$' if behind.starts_with('{') => {
                let (inside, after) = braced(behind)?;
                // Where an item fails, the whole does.
                out = out.add(item(inside, variables, deep)?);
                rest = after;
            }
            '$' => {
                let (name, after) = name(behind);
                if name.is_empty() {
                    return None;
                }
                out = out.add(variables(name));
                rest = after;
            }
            // Inside braces that belong to an item it would end that; here it belongs to nothing.
            other => {
                out = out.add(Text::Is(other.to_string()));
                rest = behind;
            }
        }
    }
    Some(out)
}

/// A variable's name. A header's may hold all signs but blanks, and takes the colon at its end along (`read_header_name`).
fn name(text: &str) -> (&str, &str) {
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let kind = name.strip_prefix(['r', 'b', 'l']).unwrap_or(name);
    if !kind.starts_with("h_") && !kind.starts_with("header_") {
        return (name, rest);
    }
    let more = rest.find(|sign: char| !sign.is_ascii_graphic() || sign == ':').unwrap_or(rest.len());
    let (name, rest) = text.split_at(end + more);
    (name, rest.strip_prefix(':').unwrap_or(rest))
}

/// What stands in the braces that a text begins with, and what follows them.
fn braced(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with('{') {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((text.get(1..at)?, text.get(at + 1..)?));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// `${…}`.
fn item(inside: &str, variables: Variables<'_>, deep: usize) -> Option<Text> {
    let inside = inside.trim();
    let (word, rest) = name(inside);
    if rest.is_empty() {
        return Some(variables(word));
    }
    match word {
        "if" => {
            let (holds, rest) = condition(rest, variables, deep)?;
            let rest = rest.trim();
            if rest.is_empty() {
                return Some(holds.map_or(Text::Unknown, |holds| Text::of(if holds { "true" } else { "" })));
            }
            let (yes, rest) = braced(rest)?;
            let rest = rest.trim();
            let no = if rest.is_empty() {
                ""
            } else if rest.starts_with('{') {
                braced(rest)?.0
            } else {
                // `fail` ends the whole expansion.
                return if holds == Some(true) { expanded(yes, variables, deep) } else { None };
            };
            match holds {
                Some(true) => expanded(yes, variables, deep),
                Some(false) => expanded(no, variables, deep),
                None => {
                    let (yes, no) = (expanded(yes, variables, deep)?, expanded(no, variables, deep)?);
                    Some(if yes == no {
                        yes
                    } else if yes.is_empty() == Some(false) && no.is_empty() == Some(false) {
                        Text::Something
                    } else {
                        Text::Unknown
                    })
                }
            }
        }
        "lc" | "uc" if rest.starts_with(':') => match expanded(rest.get(1..)?, variables, deep)? {
            Text::Is(text) => Some(Text::Is(if word == "lc" { text.to_ascii_lowercase() } else { text.to_ascii_uppercase() })),
            other => Some(other),
        },
        _ => None,
    }
}

/// A condition, and what follows it.
fn condition<'t>(text: &'t str, variables: Variables<'_>, deep: usize) -> Option<(Option<bool>, &'t str)> {
    let deep = deep.checked_sub(1)?;
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('!') {
        let (holds, rest) = condition(rest, variables, deep)?;
        return Some((holds.map(|holds| !holds), rest));
    }
    if let Some(rest) = text.strip_prefix("def:") {
        let (name, rest) = name(rest);
        return Some((variables(name).is_empty().map(|empty| !empty), rest));
    }
    let end = text.find(|sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '_' | '<' | '>' | '='))).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim_start();
    match word {
        "and" | "or" => {
            let (inside, after) = braced(rest)?;
            let wanted = word == "or";
            let mut value = Some(!wanted);
            let mut inside = inside.trim();
            while !inside.is_empty() {
                let (one, behind) = braced(inside)?;
                // What is not understood in one of them is understood in the others.
                let holds = condition(one, variables, deep).and_then(|(holds, _)| holds);
                value = match (value, holds) {
                    (_, Some(holds)) if holds == wanted => return Some((Some(wanted), after)),
                    (Some(before), Some(_)) => Some(before),
                    _ => None,
                };
                inside = behind.trim_start();
            }
            Some((value, after))
        }
        "bool" | "bool_lax" => {
            let (inside, after) = braced(rest)?;
            let holds = match expanded(inside, variables, deep)? {
                Text::Is(text) if word == "bool" => is_true(text.trim()),
                Text::Is(text) => Some(is_anything(text.trim())),
                _ => None,
            };
            Some((holds, after))
        }
        "eq" | "eqi" | "ne" | "nei" | "=" | "==" | "<" | "<=" | ">" | ">=" | "inlist" | "inlisti" => {
            let (one, after) = braced(rest)?;
            let (other, after) = braced(after.trim_start())?;
            let (one, other) = (expanded(one, variables, deep)?, expanded(other, variables, deep)?);
            Some((compared(word, &one, &other), after))
        }
        _ => None,
    }
}

fn compared(word: &str, one: &Text, other: &Text) -> Option<bool> {
    let (Text::Is(one), Text::Is(other)) = (one, other) else {
        // Something is not nothing.
        let differ = matches!((one.is_empty(), other.is_empty()), (Some(false), Some(true)) | (Some(true), Some(false)));
        return match word {
            "eq" | "eqi" if differ => Some(false),
            "ne" | "nei" if differ => Some(true),
            _ => None,
        };
    };
    let numbers = || Some((one.trim().parse::<i64>().ok()?, other.trim().parse::<i64>().ok()?));
    match word {
        "eq" => Some(one == other),
        "ne" => Some(one != other),
        "eqi" => Some(one.eq_ignore_ascii_case(other)),
        "nei" => Some(!one.eq_ignore_ascii_case(other)),
        "inlist" => Some(super::list::items(other).iter().any(|item| item == one)),
        "inlisti" => Some(super::list::items(other).iter().any(|item| item.eq_ignore_ascii_case(one))),
        "=" | "==" => numbers().map(|(one, other)| one == other),
        "<" => numbers().map(|(one, other)| one < other),
        "<=" => numbers().map(|(one, other)| one <= other),
        ">" => numbers().map(|(one, other)| one > other),
        ">=" => numbers().map(|(one, other)| one >= other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, tls: bool, port: &str) -> Text {
        expand(text, &|name| match name {
            "tls_in_cipher" | "tls_cipher" => if tls { Text::Something } else { Text::of("") },
            "received_port" | "interface_port" => Text::of(port),
            _ => Text::Unknown,
        })
    }

    #[test]
    fn idioms_for_tls_and_ports() {
        for (text, clear, tls) in [
            ("${if def:tls_in_cipher }", Text::of(""), Text::of("true")),
            ("${if def:tls_in_cipher {yes}{no}}", Text::of("no"), Text::of("yes")),
            ("${if eq{$tls_in_cipher}{}{}{*}}", Text::of(""), Text::of("*")),
            ("${if eq {$tls_cipher}{}{no}{yes}}", Text::of("no"), Text::of("yes")),
            ("localhost : ${if eq{$tls_in_cipher}{}{}{*}}", Text::of("localhost : "), Text::of("localhost : *")),
            ("${if and{{def:tls_in_cipher}{eq{$received_port}{587}}}}", Text::of(""), Text::of("true")),
            ("${if or{{!def:tls_in_cipher}{eq{$x}{y}}}{a}{b}}", Text::of("a"), Text::Something),
            ("${if exists{/x}{a}{a}}", Text::Unknown, Text::Unknown),
            ("${if ={$interface_port}{587}{*}{}}", Text::of("*"), Text::of("*")),
            ("\\$x ${lc:ABC}", Text::of("$x abc"), Text::of("$x abc")),
        ] {
            assert_eq!((at(text, false, "587"), at(text, true, "587")), (clear, tls), "{text}");
        }
    }

    #[test]
    fn headers_take_their_colon_along() {
        for (text, expected) in [
            ("${if eq{$h_x:}{}{a}{b}}", Text::Something),
            ("${if eq{$h_x-spam:}{}{a}{}}", Text::Unknown),
            ("${if eq{$rheader_x:}{}{a}{}}", Text::Unknown),
            ("${if def:h_x-spam: {a}{}}", Text::Unknown),
            ("${if eq{a$h_x: b}{}{a}{c}}", Text::of("c")),
            ("$local_part:", Text::Something),
        ] {
            assert_eq!(at(text, false, "25"), expected, "{text}");
        }
    }

    #[test]
    fn what_is_true_for_conditions() {
        for (text, option, condition) in [
            ("", false, Some(false)),
            ("0", false, Some(false)),
            ("00", true, Some(false)),
            ("-0", true, Some(false)),
            ("7", true, Some(true)),
            ("-7", true, Some(true)),
            ("No", false, Some(false)),
            ("FALSE", false, Some(false)),
            ("yes", true, Some(true)),
            ("abc", true, None),
        ] {
            let both = (Text::of(text).holds(), Text::of(text).is_condition());
            assert_eq!(both, (Some(option), condition), "{text}");
            let of = |word: &str| match at(&format!("${{if {word}{{ {text} }}{{y}}{{n}}}}"), false, "25") {
                Text::Is(said) => Some(said == "y"),
                _ => None,
            };
            assert_eq!((of("bool_lax"), of("bool")), (Some(option), condition), "{text}");
        }
    }

    #[test]
    fn what_is_in_no_braces_is_not_understood() {
        for text in ["${if eq a}{b}{c}{d}}", "${if bool x{1}}"] {
            assert_eq!(at(text, false, "25"), Text::Unknown, "{text}");
        }
    }

    #[test]
    fn what_fails_without_tls() {
        let in_clear = |name: &str| if name == "tls_out_cipher" { Text::of("") } else { Text::Unknown };
        // The second one is how Debian's LOGIN begins.
        for (text, expected) in [
            ("${if !eq{$tls_out_cipher}{}{^alice^secret}fail}", true),
            ("<; ${if and{{!eq{$tls_out_cipher}{}}{!eq{${lookup{$host}nwildlsearch{/f}{$value}}}{}}}{}fail} ; ${extract{1}{:}{x}}", true),
            ("${if eq{$tls_out_cipher}{}{^alice^secret}fail}", false),
            ("${if !eq{$tls_out_cipher}{}{^alice^secret}{^a^b}}", false),
            ("${if exists{/f}{^alice^secret}fail}", false),
            ("^alice^secret", false),
            ("${if !eq{$tls_out_cipher", false),
        ] {
            assert_eq!(fails(text, &in_clear), expected, "{text}");
        }
    }

    #[test]
    fn braces_without_end() {
        for text in ["${if", "${if {", "$", "${", "\\", "${if and{{", &"${if ".repeat(500), &"${lc:".repeat(500)] {
            let _ = expand(text, &|_| Text::Unknown);
        }
    }
}
