//! What look-up tables say, as far as their content was given (access(5), cidr_table(5), regexp_table(5), DATABASE_README).

use std::net::IpAddr;

use super::super::config::{View, split_list};
use super::networks::{Network, Origin};
use crate::version::Version;

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
    /// What would tell cannot be seen.
    Perhaps,
}

impl From<bool> for Known {
    fn from(yes: bool) -> Known {
        if yes { Known::Yes } else { Known::No }
    }
}

/// What is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A client by its address. Its name is nothing that a table knows.
    Client(Origin),
    /// The name in EHLO: some machine's.
    Helo,
    /// Some mailbox of a domain elsewhere.
    Elsewhere,
    /// Some mailbox of this server, in this domain when it is known which.
    Here(Option<String>),
    /// A user's name for AUTH.
    User,
}

/// A line of a table that applies, or may apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// True when it surely applies.
    pub(super) sure: bool,
    /// What stands behind the key.
    pub(super) value: String,
}

/// What a look-up gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The lines that may apply, in their order; a sure one is the last. `chosen` holds what others get who call themselves by a
    /// name that the table knows.
    Hits { hits: Vec<Hit>, chosen: Vec<String> },
    /// The table's content was not given.
    Unseen,
}

/// Whether the table knows the subject, whatever it says of it. What was not given is `Perhaps` for somebody in particular; a
/// stranger is nobody whom a table was written for.
pub(super) fn holds(view: &View<'_>, table: &str, subject: &Subject) -> Known {
    match look_up(view, table, subject) {
        Answer::Unseen if matches!(subject, Subject::Client(Origin::Ipv4 | Origin::Ipv6)) => Known::No,
        Answer::Unseen => Known::Perhaps,
        Answer::Hits { hits, .. } => match hits.as_slice() {
            [] => Known::No,
            [first, ..] if first.sure => Known::Yes,
            _ => Known::Perhaps,
        },
    }
}

/// Whether the table gives every name to a user whom hardly anybody is: by a fixed name, or by having no line.
pub(super) fn owns_nothing(view: &View<'_>, table: &str) -> Known {
    match content(view, table) {
        Content::Unseen => Known::Perhaps,
        Content::Static(_) => Known::Yes,
        Content::Keys(lines) | Content::Networks(lines) | Content::Expressions(lines) => Known::from(lines.is_empty()),
    }
}

/// What the table says of the subject.
pub(super) fn look_up(view: &View<'_>, table: &str, subject: &Subject) -> Answer {
    let (hits, chosen) = match content(view, table) {
        Content::Unseen => return Answer::Unseen,
        Content::Static(value) => (vec![Hit { sure: true, value }], Vec::new()),
        Content::Keys(lines) => by_key(view, &lines, subject),
        Content::Networks(lines) => (in_order(&lines, |pattern| network_matches(pattern, subject)), Vec::new()),
        Content::Expressions(lines) => {
            (in_order(&lines, |pattern| Some(expression_matches(pattern, subject))), choosable(&lines, subject))
        }
    };
    Answer::Hits { hits, chosen }
}

/// Keys and values, in the order of the table.
type Lines = Vec<(String, String)>;

enum Content {
    Unseen,
    Static(String),
    Keys(Lines),
    Networks(Lines),
    Expressions(Lines),
}

fn content(view: &View<'_>, table: &str) -> Content {
    let table = table.strip_prefix("proxy:").unwrap_or(table);
    let Some((kind, name)) = table.split_once(':') else { return Content::Unseen };
    let inline = || name.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
    let kind = kind.to_ascii_lowercase();
    match kind.as_str() {
        "static" => Content::Static(inline().unwrap_or(name).trim().to_owned()),
        "inline" => inline().map_or(Content::Unseen, |inner| Content::Keys(pairs(inner))),
        "cidr" | "pcre" | "regexp" => {
            let lines = match inline() {
                // One rule in each pair of braces.
                Some(inner) if view.since(Version::new(3, 7, 0)) => split_list(inner)
                    .iter()
                    .filter_map(|rule| rule.strip_prefix('{')?.strip_suffix('}'))
                    .map(|rule| rule.trim().to_owned())
                    .collect(),
                Some(_) => return Content::Unseen,
                None => match view.configuration.syntax.table(name) {
                    Some(text) => logical_lines(text),
                    None => return Content::Unseen,
                },
            };
            let pairs = lines.iter().filter_map(|line| split_rule(line, kind == "cidr")).collect();
            if kind == "cidr" { Content::Networks(pairs) } else { Content::Expressions(pairs) }
        }
        "hash" | "btree" | "lmdb" | "cdb" | "dbm" | "texthash" => match view.configuration.syntax.table(name) {
            Some(text) => Content::Keys(logical_lines(text).iter().filter_map(|line| split_line(line)).collect()),
            None => Content::Unseen,
        },
        _ => Content::Unseen,
    }
}

/// `{ {key = value}, key=value }`
fn pairs(inner: &str) -> Lines {
    let words = split_list(inner);
    let pair = |word: &String| {
        let plain = word.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(word);
        let (key, value) = plain.split_once('=')?;
        Some((key.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    words.iter().filter_map(pair).collect()
}

/// Lines with what continues them; comments and empty lines left out.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => lines.push(line.trim_end().to_owned()),
        }
    }
    lines
}

/// A line of a table of keys: the key, blanks, the value.
fn split_line(line: &str) -> Option<(String, String)> {
    let (key, value) = line.trim().split_once([' ', '\t'])?;
    Some((key.trim_matches('"').to_ascii_lowercase(), value.trim().to_owned()))
}

/// A line of a table of patterns: the pattern, blanks, the value. Blanks belong to an expression as long as it is not ended.
fn split_rule(line: &str, networks: bool) -> Option<(String, String)> {
    let line = line.trim();
    let word = line.split_whitespace().next()?.to_ascii_lowercase();
    if word == "endif" {
        return Some((word, String::new()));
    }
    let (prefix, rest) = match word.strip_prefix("if") {
        Some("" | "!") => ("if ", line.get(2..).unwrap_or("").trim_start()),
        _ => ("", line),
    };
    let negated = rest.starts_with('!');
    let rest = rest.trim_start_matches(['!', ' ', '\t']);
    let end = if networks {
        rest.find([' ', '\t']).unwrap_or(rest.len())
    } else {
        let delimiter = rest.chars().next()?;
        let mut escaped = false;
        let close = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = !escaped && *c == delimiter;
            escaped = !escaped && *c == '\\';
            ends
        });
        let close = close.map(|(at, c)| at + c.len_utf8())?;
        // Flags stand at the delimiter.
        rest.get(close..)?.find([' ', '\t']).map_or(rest.len(), |more| close + more)
    };
    let pattern = format!("{prefix}{}{}", if negated { "!" } else { "" }, rest.get(..end)?);
    Some((pattern, rest.get(end..)?.trim().to_owned()))
}

/// The lines that match in order, up to the first that surely does. A pattern that gives `None` is not asked, negated or not.
fn in_order(lines: &Lines, matches: impl Fn(&str) -> Option<Known>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    // What the conditions say that a line stands in.
    let mut conditions: Vec<Known> = Vec::new();
    for (pattern, value) in lines {
        if pattern == "endif" {
            conditions.pop();
            continue;
        }
        let (condition, pattern) = match pattern.strip_prefix("if ") {
            Some(pattern) => (true, pattern),
            None => (false, pattern.as_str()),
        };
        let plain = pattern.strip_prefix('!');
        let matched = match (matches(plain.unwrap_or(pattern)), plain) {
            (Some(Known::Yes), Some(_)) | (None, _) => Known::No,
            (Some(Known::No), Some(_)) => Known::Yes,
            (Some(matched), _) => matched,
        };
        if condition {
            conditions.push(matched);
            continue;
        }
        if matched == Known::No || conditions.contains(&Known::No) {
            continue;
        }
        let sure = matched == Known::Yes && !conditions.contains(&Known::Perhaps);
        // Behind one that may match nothing is sure.
        let certain = sure && hits.is_empty();
        hits.push(Hit { sure: certain, value: value.clone() });
        if sure {
            break;
        }
    }
    hits
}

/// Networks know addresses alone, each family its own.
fn network_matches(pattern: &str, subject: &Subject) -> Option<Known> {
    let (Subject::Client(origin), Some(network)) = (subject, Network::of_table(pattern)) else { return None };
    network.is_for(*origin).then(|| network.holds_one(*origin))
}

/// A table of keys: the full name first, then the domain, then the domains above it; addresses by their leading parts.
fn by_key(view: &View<'_>, lines: &Lines, subject: &Subject) -> (Vec<Hit>, Vec<String>) {
    let value_of = |key: &str| lines.iter().find(|(one, _)| one == key).map(|(_, value)| value.clone());
    let sure = |value: Option<String>| value.map(|value| Hit { sure: true, value }).into_iter().collect();
    let every = |wanted: &dyn Fn(&str) -> bool| -> Vec<Hit> {
        let may = lines.iter().filter(|(key, _)| wanted(key));
        may.map(|(_, value)| Hit { sure: false, value: value.clone() }).collect()
    };
    match subject {
        Subject::Client(Origin::At(IpAddr::V4(address))) => {
            let text = address.to_string();
            let heads = (1..=4).rev().map(|count| text.split('.').take(count).collect::<Vec<_>>().join("."));
            (sure(heads.into_iter().find_map(|head| value_of(&head))), Vec::new())
        }
        Subject::Client(Origin::At(IpAddr::V6(address))) => (sure(value_of(&address.to_string())), Vec::new()),
        Subject::Client(_) | Subject::User => (Vec::new(), Vec::new()),
        Subject::Here(Some(domain)) => {
            let dotted = !parents_without_dot(view);
            let above = domain.match_indices('.').map(|(at, _)| domain.get(at + usize::from(!dotted)..).unwrap_or(""));
            let mut names = std::iter::once(domain.as_str()).chain(above);
            (sure(names.find_map(value_of)), Vec::new())
        }
        // Which domain it is cannot be seen.
        Subject::Here(None) => (every(&|key| !key.contains('@')), Vec::new()),
        Subject::Helo | Subject::Elsewhere => (Vec::new(), choosable(lines, subject)),
    }
}

/// What is said of names that the client gives itself: it may choose any of them.
fn choosable(lines: &Lines, subject: &Subject) -> Vec<String> {
    match subject {
        Subject::Helo | Subject::Elsewhere => lines.iter().map(|(_, value)| value.clone()).collect(),
        _ => Vec::new(),
    }
}

/// `parent_domain_matches_subdomains` decides whether domains above are looked up as they are, or with a dot in front.
fn parents_without_dot(view: &View<'_>) -> bool {
    view.members("parent_domain_matches_subdomains").surely.iter().any(|one| one == "smtpd_access_maps")
}

/// Whether an expression matches, as far as its form tells.
fn expression_matches(pattern: &str, subject: &Subject) -> Known {
    let mut letters = pattern.chars();
    let delimiter = letters.next().unwrap_or('/');
    let body = letters.as_str().rsplit_once(delimiter).map_or("", |(body, _)| body);
    if matches!(body, "" | "." | ".*" | "^" | "$" | ".+" | "^.*" | "^.*$" | ".*$" | "^.+$" | "^." | "^.+" | ".+$") {
        return Known::Yes;
    }
    let (start, rest) = body.strip_prefix('^').map_or((false, body), |rest| (true, rest));
    let (end, rest) = rest.strip_suffix('$').map_or((false, rest), |rest| (true, rest));
    let Some(literal) = literal(rest) else { return Known::Perhaps };
    match subject {
        Subject::Elsewhere | Subject::Here(_) if literal == "@" && !start && !end => Known::Yes,
        Subject::Client(Origin::At(address)) => {
            let text = address.to_string();
            Known::from(match (start, end) {
                (true, true) => text == literal,
                (true, false) => text.starts_with(&literal),
                (false, true) => text.ends_with(&literal),
                (false, false) => text.contains(&literal),
            })
        }
        // A few letters stand in many names.
        _ if literal.len() < 3 => Known::Perhaps,
        Subject::Here(Some(domain)) => {
            let text = format!("@{domain}");
            match (start, end) {
                _ if !literal.contains(['@', '.']) => Known::No,
                (true, _) => Known::No,
                (false, true) => Known::from(text.ends_with(&literal)),
                (false, false) => Known::from(text.contains(&literal)),
            }
        }
        Subject::Here(None) => Known::Perhaps,
        // Names for AUTH come with a domain at some servers, and without one at others.
        Subject::User if literal.contains(['@', '.']) => Known::Perhaps,
        Subject::Client(_) | Subject::Helo | Subject::Elsewhere | Subject::User => Known::No,
    }
}

/// The text that an expression stands for when it has no signs in it; in small letters.
fn literal(body: &str) -> Option<String> {
    let mut text = String::new();
    let mut letters = body.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.push(letters.next().filter(char::is_ascii_punctuation)?),
            letter if letter.is_ascii_alphanumeric() || "-_@:=".contains(letter) => text.push(letter.to_ascii_lowercase()),
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_tables_split_into_pattern_and_value() {
        let split = |line, networks| split_rule(line, networks).map(|(pattern, value)| format!("{pattern}|{value}"));
        assert_eq!(split("10.0.0.0/8  REJECT no more", true).as_deref(), Some("10.0.0.0/8|REJECT no more"));
        assert_eq!(split("! 10.0.0.0/8 OK", true).as_deref(), Some("!10.0.0.0/8|OK"));
        assert_eq!(split("if 10.0.0.0/8", true).as_deref(), Some("if 10.0.0.0/8|"));
        assert_eq!(split("ENDIF", true).as_deref(), Some("endif|"));
        assert_eq!(split("/a b\\/c/i OK then", false).as_deref(), Some("/a b\\/c/i|OK then"));
        assert_eq!(split("if !/x/", false).as_deref(), Some("if !/x/|"));
    }

    #[test]
    fn conditions_and_negations_of_patterns() {
        let lines = |rules: &[&str]| rules.iter().filter_map(|rule| split_rule(rule, true)).collect::<Lines>();
        let said = |rules: &[&str], address: Option<&str>| {
            let at = |address: &str| Origin::At(address.parse().expect("an address"));
            let subject = Subject::Client(address.map_or(Origin::Ipv4, at));
            let hits = in_order(&lines(rules), |pattern| network_matches(pattern, &subject));
            hits.iter().map(|hit| format!("{}{}", hit.value, if hit.sure { "" } else { "?" })).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(said(&["10.0.0.0/8 A", "0.0.0.0/0 B"], Some("10.1.1.1")), "A");
        assert_eq!(said(&["10.0.0.0/8 A", "0.0.0.0/0 B"], None), "B");
        assert_eq!(said(&["64.0.0.0/2 A", "0.0.0.0/0 B"], None), "A? B?");
        assert_eq!(said(&["!10.0.0.0/8 A", "0.0.0.0/0 B"], None), "A");
        assert_eq!(said(&["if 10.0.0.0/8", "0.0.0.0/0 A", "endif", "0.0.0.0/0 B"], None), "B");
        assert_eq!(said(&["[::]/0 A", "![::]/0 B"], None), "");
    }

    #[test]
    fn expressions_by_their_form() {
        let here = Subject::Here(Some("example.test".to_owned()));
        for (pattern, subject, expected) in [
            ("/./", Subject::Elsewhere, Known::Yes),
            ("/@/", Subject::Elsewhere, Known::Yes),
            ("/@spam\\.test$/", Subject::Elsewhere, Known::No),
            ("/@example\\.test$/i", here.clone(), Known::Yes),
            ("/example\\.test/", here.clone(), Known::Yes),
            ("/^postmaster@/", here.clone(), Known::No),
            ("/^[0-9.]+$/", Subject::Helo, Known::Perhaps),
            ("/^mallory/", Subject::User, Known::No),
            ("/@example\\.test$/", Subject::User, Known::Perhaps),
            ("/^127\\./", Subject::Client(Origin::Ipv4), Known::No),
            ("/^127\\./", Subject::Client(Origin::At(std::net::Ipv4Addr::new(127, 0, 0, 2).into())), Known::Yes),
        ] {
            assert_eq!(expression_matches(pattern, &subject), expected, "{pattern} {subject:?}");
        }
    }
}
