//! Marks that a template engine would replace before a server ever reads the file.
//!
//! What stands there is unknown to us, and must never be taken for a value.

/// The bytes that a mark can begin with.
static FIRST: [bool; 256] = {
    let (signs, mut first, mut at) = (b"{%<#_@P", [false; 256], 0);
    while at < signs.len() {
        first[signs[at] as usize] = true;
        at += 1;
    }
    first
};

/// The first template mark in `text`, as it stands there.
///
/// Known are Jinja and its kin (`{{ … }}`, `{% … %}`), Hiera and Puppet (`%{…}`), ERB (`<% … %>`), `##NAME##`, `@NAME@`,
/// `@@NAME@@`, `__NAME__` and `PH_NAME`. Postfix's own `${…}` is none of them.
#[must_use]
pub fn first_mark(text: &str) -> Option<&str> {
    // Nearly every value passes here: one look for what a mark can begin with.
    let bytes = text.as_bytes();
    let begins = |(at, first): (usize, &u8)| {
        let next = || bytes.get(at + 1).copied().unwrap_or_default();
        FIRST[usize::from(*first)]
            && match first {
                b'{' => matches!(next(), b'{' | b'%'),
                b'%' => next() == b'{',
                b'<' => next() == b'%',
                b'P' => next() == b'H',
                b'#' | b'_' => next() == *first,
                _ => true,
            }
    };
    if !bytes.iter().enumerate().any(begins) {
        return None;
    }
    enclosed(text, "{{", "}}")
        .filter(|mark| !is_own_brace(text, mark))
        .or_else(|| enclosed(text, "{%", "%}"))
        .or_else(|| enclosed(text, "%{", "}"))
        .or_else(|| enclosed(text, "<%", "%>"))
        .or_else(|| named(text, "##"))
        .or_else(|| named(text, "@@"))
        .or_else(|| named(text, "@"))
        .or_else(|| named(text, "__"))
        .or_else(|| placeholder(text))
}

/// True for a name such as `MAIL_DOMAIN`: all capitals, as the variables are that a container puts in before the server starts.
/// No parameter is called like that, so where nothing defines it, the finished file may well say something else.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_uppercase).count();
    letters >= 2
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `PH_NAME`, as installers write it.
fn placeholder(text: &str) -> Option<&str> {
    let start = text.match_indices("PH_").map(|(at, _)| at).find(|at| {
        !text
            .get(..*at)
            .unwrap_or("")
            .ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    })?;
    let rest = text.get(start..)?;
    let length = rest
        .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .unwrap_or(rest.len());
    rest.get(..length).filter(|mark| mark.len() > 4)
}

/// True when the line is nothing but template control, such as `{% if tls %}`.
#[must_use]
pub fn is_control_line(line: &str) -> bool {
    let line = line.trim();
    (line.starts_with("{%") && line.ends_with("%}"))
        || (line.starts_with("<%") && line.ends_with("%>"))
        || (line.starts_with("{{") && line.ends_with("}}"))
        || (line.starts_with("{#") && line.ends_with("#}"))
}

/// Postfix writes `${{a} == {b} ? {x} : {y}}` and `inline:{{key = value}}`: two braces that are its own.
fn is_own_brace(text: &str, mark: &str) -> bool {
    let at = mark.as_ptr() as usize - text.as_ptr() as usize;
    text.get(..at).is_some_and(|before| before.ends_with(['$', ':']))
}

fn enclosed<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let start = text.find(open)?;
    let inner = text.get(start + open.len()..)?;
    let end = start + open.len() + inner.find(close)? + close.len();
    text.get(start..end)
}

/// `##NAME##` and the like: the same sign on both sides of upper case letters, digits and `_`.
fn named<'a>(text: &'a str, sign: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(sign) {
        let start = from + found;
        let inner = text.get(start + sign.len()..)?;
        let length = inner.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        // A name of `__NAME__` takes its closing sign along: give it back.
        let name = inner.get(..length.unwrap_or(inner.len()))?;
        let (name, rest) = match name.strip_suffix(sign) {
            Some(shorter) if sign == "__" => (shorter, sign),
            _ => (name, inner.get(name.len()..)?),
        };
        let standing_alone = !text
            .get(..start)?
            .ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        if name.len() >= 2 && rest.starts_with(sign) && standing_alone {
            return text.get(start..start + sign.len() + name.len() + sign.len());
        }
        from = start + sign.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{first_mark, is_variable};

    #[test]
    fn variables_are_all_capitals() {
        assert!(["MAIL_DOMAIN", "HOST2", "PF_MYDOMAIN"].into_iter().all(is_variable));
        assert!(
            !["mail_domain", "Mail_Domain", "X", "_", "42", ""]
                .into_iter()
                .any(is_variable)
        );
    }

    #[test]
    fn marks_are_seen_and_postfix_expressions_are_not() {
        for (text, mark) in [
            ("{{ host }}", Some("{{ host }}")),
            ("a %{hiera('x')} b", Some("%{hiera('x')}")),
            ("##DOMAIN##", Some("##DOMAIN##")),
            ("@HOSTNAME@", Some("@HOSTNAME@")),
            ("__NAME__", Some("__NAME__")),
            ("<%= @x %>", Some("<%= @x %>")),
            ("${{$compatibility_level} < {1} ? {yes} : {no}}", None),
            ("${stress?{a}:{b}}", None),
            ("user@example.org", None),
            ("$myhostname ESMTP", None),
            ("permit # comment", None),
            ("static:{451 4.7.1 later}", None),
            ("inline:{{a = b}}", None),
            ("PH_HOSTNAME", Some("PH_HOSTNAME")),
            ("ECDHE-RSA-AES256-GCM-SHA384", None),
        ] {
            assert_eq!(first_mark(text), mark, "{text}");
        }
    }
}
