//! What never leaves: passwords and private keys.
//!
//! Masking happens once, where text comes in ([`crate::source::Source::new`]), and keeps every byte's place:
//! whatever reads or shows the text later cannot give a secret away, because it never sees one.

pub mod placeholders;

use memchr::arch::all::memchr::{Three, Two};

use crate::{gather, source};

/// The sign that stands for each masked byte.
const MASK: u8 = b'*';

/// Names whose value is a secret, as the last part of a key such as `bind_pw` or `password`.
const SECRET_KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pass",
    "secret",
    "token",
    "bindpw",
    "bind_pw",
    "dnpass",
    "api_key",
    "apikey",
];

/// The same text with every secret masked, byte for byte: same length, same lines.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut secrets = Vec::new();
    // A look for eight bytes is a fast one.
    if text.contains("PRIVATE ") {
        private_keys(text, &mut secrets);
    }
    if text.contains("word_map") {
        password_maps(text, &mut secrets);
    }
    let mut signs = Signs::new();
    for (offset, line) in Telling::new(text) {
        signs.find(line);
        if signs.has_scheme(line) {
            url_passwords(line, offset, &mut secrets);
        }
        keyed_secrets(line, offset, &signs, &mut secrets);
    }
    if secrets.is_empty() {
        return text.to_owned();
    }
    // In order, so that each byte is masked once, however many secrets overlap there.
    let secrets = gather::ordered(secrets, |(start, _)| *start as u64);
    let mut bytes = text.as_bytes().to_vec();
    let mut done = 0;
    for (start, end) in secrets {
        for byte in bytes.get_mut(start.max(done)..end).into_iter().flatten() {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = MASK;
            }
        }
        done = done.max(end);
    }
    // Ranges begin and end at characters, and every byte between is replaced by an ASCII one.
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The lines in which a secret may stand for what is written before it, each with its place in the text. In nearly all lines
/// of a configuration none does, so a line is looked at from a sign that tells.
struct Telling<'a> {
    text: &'a str,
    /// How far the text was looked through.
    from: usize,
    search: Three,
}

impl<'a> Telling<'a> {
    fn new(text: &'a str) -> Telling<'a> {
        // Where no option is written, `-` need not be looked for.
        let third = if text.contains("--") { b'-' } else { b'=' };
        Telling {
            text,
            from: 0,
            search: Three::new(b':', b'=', third),
        }
    }

    /// True when the sign at a place may stand between a secret and what tells that it is one.
    fn tells(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or("");
        if rest.starts_with('-') {
            return rest.starts_with("--");
        }
        rest.starts_with("://") || key_before(self.text.get(..at).unwrap_or("")).is_some()
    }
}

impl<'a> Iterator for Telling<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.from..)?;
        let found = self
            .search
            .iter(rest.as_bytes())
            .find(|at| self.tells(self.from + at))?;
        let start = self.from + rest.get(..found)?.rfind('\n').map_or(0, |end| end + 1);
        let end = rest
            .get(found..)?
            .find('\n')
            .map_or(self.text.len(), |end| self.from + found + end + 1);
        self.from = end;
        Some((start, self.text.get(start..end)?))
    }
}

/// Where `:` and `=` stand in a line: few secrets stand behind anything else.
struct Signs {
    places: Vec<usize>,
    search: Two,
}

impl Signs {
    fn new() -> Signs {
        Signs {
            places: Vec::new(),
            search: Two::new(b':', b'='),
        }
    }

    /// Looks at a line, in place of the one before.
    fn find(&mut self, line: &str) {
        self.places.clear();
        self.places.extend(self.search.iter(line.as_bytes()));
    }

    /// True when `://` stands in the line.
    fn has_scheme(&self, line: &str) -> bool {
        let mut behind = self.places.iter().filter_map(|at| line.get(*at..));
        behind.any(|rest| rest.starts_with("://"))
    }
}

type Ranges = Vec<(usize, usize)>;

/// True for a line that ends what stands before it: no continuation, no comment, and not empty.
fn begins_anew(line: &str) -> bool {
    let trimmed = line.trim_start();
    !line.starts_with([' ', '\t']) && !trimmed.is_empty() && !trimmed.starts_with('#')
}

/// The lines between `-----BEGIN … PRIVATE KEY-----` and its end, or the end of the text.
fn private_keys(text: &str, secrets: &mut Ranges) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("PRIVATE KEY-----")) {
        let start = from + found + "PRIVATE KEY-----".len();
        // Only what stands since the last find: a heading opens one key.
        let before = text.get(from..from + found).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        if line.contains("-----BEGIN") {
            let length = text.get(start..).and_then(|rest| rest.find("-----END"));
            let end = length.map_or(text.len(), |length| start + length);
            secrets.push((start, end));
            from = end;
        } else {
            from = start;
        }
    }
}

/// What parts words in which an address may stand.
const AROUND_ADDRESSES: [char; 7] = [' ', '\t', ',', '\n', '\r', '"', '\''];

/// The passwords of `scheme://user:password@host`.
fn url_passwords(line: &str, offset: usize, secrets: &mut Ranges) {
    let mut word_at = 0;
    for word in line.split_inclusive(AROUND_ADDRESSES) {
        // A password may hold '/': the last '@' of the word ends it when none ends it before the first '/'.
        let last = word.rfind('@');
        for (found, _) in word
            .match_indices("://")
            .take_while(|(found, _)| last.is_some_and(|last| *found < last))
        {
            let start = found + 3;
            let rest = word.get(start..).unwrap_or("");
            let authority = rest.split('/').next().unwrap_or("");
            let at = authority.rfind('@').map(|at| start + at).or(last);
            if let (Some(colon), Some(at)) = (rest.find(':').map(|colon| start + colon), at)
                && colon < at
            {
                secrets.push((offset + word_at + colon + 1, offset + word_at + at));
            }
        }
        word_at += word.len();
    }
}

/// The values of `password = …`, `--password …`, `password: …`.
fn keyed_secrets(line: &str, offset: usize, signs: &Signs, secrets: &mut Ranges) {
    let brace = || line.find('{').unwrap_or(line.len());
    let mut from = 0;
    for &sign in &signs.places {
        if sign < from {
            continue;
        }
        let Some(key_at) = key_before(line.get(..sign).unwrap_or("")) else {
            continue;
        };
        from = value_at(line, sign + 1, key_at > brace(), offset, secrets);
    }
    let mut from = 0;
    for (found, _) in line.match_indices("--") {
        let option = line.get(found + 2..).unwrap_or("");
        let Some(key) = SECRET_KEYS.iter().find(|key| starts_with_key(option, key)) else {
            continue;
        };
        if found < from {
            continue;
        }
        from = value_at(line, found + 2 + key.len(), found > brace(), offset, secrets);
    }
}

/// Where the key begins that stands at the end of a text, blanks aside, as a word of its own or as the last part of one.
fn key_before(text: &str) -> Option<usize> {
    let text = text.trim_end_matches([' ', '\t']);
    let last = text.as_bytes().last()?.to_ascii_lowercase();
    let of_that_end = SECRET_KEYS.iter().filter(|key| key.as_bytes().last() == Some(&last));
    of_that_end
        .filter_map(|key| text.len().checked_sub(key.len()).map(|at| (key, at)))
        .find_map(|(key, at)| {
            let is_key = text.as_bytes().get(at..)?.eq_ignore_ascii_case(key.as_bytes());
            let word = text.get(..at)?;
            (is_key && !word.ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(at)
        })
}

/// True for a key with a blank behind it.
fn starts_with_key(text: &str, key: &str) -> bool {
    text.as_bytes()
        .get(..key.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(key.as_bytes()))
        && text
            .as_bytes()
            .get(key.len())
            .is_some_and(|byte| matches!(byte, b' ' | b'\t'))
}

/// Notes the value that stands behind `from`, and gives its end.
fn value_at(line: &str, from: usize, in_braces: bool, offset: usize, secrets: &mut Ranges) -> usize {
    let rest = line.get(from..).unwrap_or("");
    let start = from + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    // A password may hold blanks: outside braces everything up to the line's end belongs to it.
    let value = line.get(start..).unwrap_or("").trim_end();
    let value = if in_braces {
        value.split(['}', ',']).next().unwrap_or(value)
    } else {
        value
    };
    if !value.is_empty() {
        secrets.push((offset + start, offset + start + value.len()));
    }
    start + value.len()
}

/// `smtp_sasl_password_maps` and its kin, where `static:` and `inline:` tables stand in the value itself.
fn names_password_map(line: &str) -> bool {
    line.contains("password_maps")
        && line
            .split(['=', ' ', '\t', '{'])
            .any(|word| word.ends_with("password_maps"))
}

/// The passwords in the values of such settings, over all lines that continue them.
fn password_maps(text: &str, secrets: &mut Ranges) {
    let mut offset = 0;
    let mut is_inside = false;
    for line in source::lines(text) {
        is_inside = (is_inside && !begins_anew(line)) || names_password_map(line);
        if is_inside {
            inline_credentials(line, offset, secrets);
        }
        offset += line.len();
    }
}

/// What follows `static:` or `inline:` in a table of passwords.
fn inline_credentials(line: &str, offset: usize, secrets: &mut Ranges) {
    for table in ["static:", "inline:"] {
        if let Some(found) = line.find(table) {
            let start = found + table.len();
            let value = line.get(start..).unwrap_or("").trim_end();
            if !value.is_empty() {
                secrets.push((offset + start, offset + start + value.len()));
            }
        }
    }
    let continuation = line.starts_with([' ', '\t']) && !line.trim_start().starts_with('#');
    if continuation && !line.trim_start().starts_with("-o") {
        let value = line.trim();
        // A continued value of a password map: `{ [host]:587 = user:password }` or the tail of `static:`.
        if let Some(colon) = value.find(':') {
            let lead = line.len() - line.trim_start().len();
            let table_name = [
                "hash", "btree", "lmdb", "texthash", "cdb", "mysql", "pgsql", "ldap", "proxy", "static", "inline",
            ];
            let names_file = table_name.iter().any(|name| value.starts_with(&format!("{name}:")));
            if !names_file {
                secrets.push((offset + lead + colon + 1, offset + lead + value.len()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn secrets_are_masked_in_place() {
        for (given, shown) in [
            ("a = ldap://cn:hunter2@h/x", "a = ldap://cn:*******@h/x"),
            ("password = two words", "password = *********"),
            ("bind_pw=abc", "bind_pw=***"),
            (
                "{ user = u, Password = p q, x = y }",
                "{ user = u, Password = ***, x = y }",
            ),
            ("curl --password  pw x", "curl --password  ****"),
            ("curl --token pw password=x", "curl --token *************"),
            ("mysql://u:p/q@h/x,pgsql://v:w@h", "mysql://u:***@h/x,pgsql://v:*@h"),
            (
                "smtp_sasl_password_maps = static:me:pw",
                "smtp_sasl_password_maps = static:*****",
            ),
            (
                "x\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
                "x\n-----BEGIN PRIVATE KEY-----\n****\n-----END PRIVATE KEY-----\n",
            ),
        ] {
            assert_eq!(mask(given), shown);
            assert_eq!(mask(given).len(), given.len());
        }
    }

    #[test]
    fn paths_and_names_are_left_alone() {
        for text in [
            "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd",
            "smtpd_tls_key_file = /etc/ssl/private/key.pem",
            "smtpd_sasl_path = private/auth",
            "# compass: north",
            "virtual_mailbox_maps = mysql:/etc/postfix/virtual.cf",
            "smtpd_recipient_restrictions = permit_sasl_authenticated, reject",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
