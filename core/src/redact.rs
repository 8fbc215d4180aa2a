//! What never leaves: passwords and private keys.
//!
//! Masking happens once, where text comes in ([`crate::source::Source::new`]), and keeps every byte's place:
//! whatever reads or shows the text later cannot give a secret away, because it never sees one.

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
    private_keys(text, &mut secrets);
    let mut offset = 0;
    let mut password_map = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if !line.starts_with([' ', '\t']) && !trimmed.is_empty() && !trimmed.starts_with('#') {
            password_map = false;
        }
        if names_password_map(line) {
            password_map = true;
        }
        url_password(line, offset, &mut secrets);
        keyed_secret(line, offset, &mut secrets);
        if password_map {
            inline_credentials(line, offset, &mut secrets);
        }
        offset += line.len();
    }
    if secrets.is_empty() {
        return text.to_owned();
    }
    let mut bytes = text.as_bytes().to_vec();
    for (start, end) in secrets {
        for byte in bytes.get_mut(start..end).into_iter().flatten() {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = MASK;
            }
        }
    }
    // Ranges begin and end at characters, and every byte between is replaced by an ASCII one.
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

type Ranges = Vec<(usize, usize)>;

/// The lines between `-----BEGIN … PRIVATE KEY-----` and its end, or the end of the text.
fn private_keys(text: &str, secrets: &mut Ranges) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("PRIVATE KEY-----")) {
        let start = from + found + "PRIVATE KEY-----".len();
        let end = text
            .get(start..)
            .and_then(|rest| rest.find("-----END"))
            .map_or(text.len(), |length| start + length);
        let opened_here = text.get(..from + found).is_some_and(|before| {
            before
                .rfind("-----BEGIN")
                .is_some_and(|begin| !before.get(begin..).unwrap_or("").contains('\n'))
        });
        if opened_here {
            secrets.push((start, end));
            from = end.max(start);
        } else {
            from = start;
        }
    }
}

/// The password of `scheme://user:password@host`.
fn url_password(line: &str, offset: usize, secrets: &mut Ranges) {
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| rest.find("://")) {
        let start = from + found + 3;
        let rest = line.get(start..).unwrap_or("");
        let authority = rest
            .split([' ', '\t', '/', ',', '\n', '\r', '"', '\''])
            .next()
            .unwrap_or("");
        // A password may hold '/': look for the last '@' of the word as well.
        let word = rest.split([' ', '\t', ',', '\n', '\r', '"', '\'']).next().unwrap_or("");
        let scope = if authority.contains('@') { authority } else { word };
        if let (Some(colon), Some(at)) = (scope.find(':'), scope.rfind('@'))
            && colon < at
        {
            secrets.push((offset + start + colon + 1, offset + start + at));
        }
        from = start;
    }
}

/// The value of `password = …`, `--password …`, `password: …`.
fn keyed_secret(line: &str, offset: usize, secrets: &mut Ranges) {
    let lower = line.to_ascii_lowercase();
    for key in SECRET_KEYS {
        let mut from = 0;
        while let Some(found) = lower.get(from..).and_then(|rest| rest.find(key)) {
            let start = from + found;
            let end = start + key.len();
            from = end;
            let before = lower.get(..start).unwrap_or("");
            let after = lower.get(end..).unwrap_or("");
            let whole_word_end = before.ends_with(|c: char| !c.is_ascii_alphanumeric()) || before.is_empty();
            let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
            let Some(sign) = after.get(blanks..).and_then(|rest| rest.chars().next()) else {
                continue;
            };
            let written_as_option = before.ends_with("--") && blanks > 0;
            let value_at = if matches!(sign, '=' | ':') {
                // `==`, `:=` and `://` are something else.
                end + blanks + 1
            } else if written_as_option {
                end + blanks
            } else {
                continue;
            };
            let rest = line.get(value_at..).unwrap_or("");
            if !whole_word_end || rest.starts_with("//") {
                continue;
            }
            let value_start = value_at + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
            // A password may hold blanks: outside braces everything up to the line's end belongs to it.
            let value = line.get(value_start..).unwrap_or("").trim_end();
            let value = if before.contains('{') {
                value.split(['}', ',']).next().unwrap_or(value)
            } else {
                value
            };
            if !value.is_empty() {
                secrets.push((offset + value_start, offset + value_start + value.len()));
            }
        }
    }
}

/// `smtp_sasl_password_maps` and its kin, where `static:` and `inline:` tables stand in the value itself.
fn names_password_map(line: &str) -> bool {
    line.split(['=', ' ', '\t', '{'])
        .any(|word| word.ends_with("password_maps"))
}

/// What follows `static:` or `inline:` in a table of passwords.
fn inline_credentials(line: &str, offset: usize, secrets: &mut Ranges) {
    for table in ["static:", "inline:"] {
        let mut from = 0;
        while let Some(found) = line.get(from..).and_then(|rest| rest.find(table)) {
            let start = from + found + table.len();
            let value = line.get(start..).unwrap_or("").trim_end();
            if !value.is_empty() {
                secrets.push((offset + start, offset + start + value.len()));
            }
            from = start;
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
