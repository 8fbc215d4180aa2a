//! Names that may stand in what is published: nothing else comes into a zone file or a mail program.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// The name of a host or a domain in the letters of the DNS: labels of letters, digits and hyphens, at least two of them
/// (RFC 952, RFC 1123 §2.1), in small letters and without the dot at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostName(String);

/// An address of a mailbox whose local part needs no quotes (RFC 5321 §4.1.2, `Dot-string`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MailAddress(String);

/// Why a text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// It has no dot inside.
    #[error("`{text}` is no full name: write one such as mail.example.org")]
    NotFull {
        /// What was given.
        text: String,
    },
    /// It has letters beyond those of the DNS.
    #[error("`{text}` has letters that the DNS does not: write it in its ASCII form, which begins with xn--")]
    NotAscii {
        /// What was given.
        text: String,
    },
    /// It is none for another reason.
    #[error(
        "`{text}` is no name of a host: letters, digits and hyphens between dots, 63 at most in each part and 253 in all"
    )]
    Form {
        /// What was given.
        text: String,
    },
    /// It is an IP address.
    #[error("`{text}` is an address, and certificates and settings want a name such as mail.example.org")]
    Address {
        /// What was given.
        text: String,
    },
    /// The port is known to be another service's.
    #[error("port {port} is {spoken}: mail is read by IMAP on port 993, or on 143 with STARTTLS")]
    NotImap {
        /// The port.
        port: u16,
        /// What it is for.
        spoken: &'static str,
    },
    /// It is no address of a mailbox.
    #[error("`{text}` is no mail address: write one such as anna@example.org")]
    Mailbox {
        /// What was given.
        text: String,
    },
}

impl HostName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for this domain itself and for every name below it.
    #[must_use]
    pub fn is_within(&self, domain: &HostName) -> bool {
        self.0
            .strip_suffix(domain.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl MailAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<HostName, NameError> {
        let given = || text.to_owned();
        if text.parse::<std::net::IpAddr>().is_ok() {
            return Err(NameError::Address { text: given() });
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if !name.is_ascii() {
            return Err(NameError::NotAscii { text: given() });
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(NameError::Form { text: given() });
        }
        match name.rsplit_once('.') {
            None => Err(NameError::NotFull { text: given() }),
            // No domain of the root is a number; what ends with one is taken for an address (RFC 1123 §2.1).
            Some((_, last)) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(NameError::Address { text: given() })
            }
            Some(_) => Ok(HostName(name.to_ascii_lowercase())),
        }
    }
}

impl FromStr for MailAddress {
    type Err = NameError;

    fn from_str(text: &str) -> Result<MailAddress, NameError> {
        let bad = || NameError::Mailbox { text: text.to_owned() };
        let (local, domain) = text.rsplit_once('@').ok_or_else(bad)?;
        let domain: HostName = domain.parse()?;
        let is_atom = |atom: &str| {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
            !atom.is_empty() && atom.bytes().all(is_letter)
        };
        if local.len() > 64 || !local.split('.').all(is_atom) {
            return Err(bad());
        }
        Ok(MailAddress(format!("{local}@{domain}")))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_are_full_and_plain() {
        for (text, name) in [
            ("Mail.Example.org.", "mail.example.org"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("3com.example", "3com.example"),
        ] {
            assert_eq!(text.parse::<HostName>().expect("a name").as_str(), name);
        }
        let long = format!("{}.example", "a".repeat(64));
        for (text, error) in [
            ("mail", "no full name"),
            ("bücher.example", "xn--"),
            ("192.0.2.1", "is an address"),
            ("2001:db8::1", "is an address"),
            ("1.2.3", "is an address"),
            ("a..example", "no name of a host"),
            ("-a.example", "no name of a host"),
            ("a.example\n@ IN TXT x", "no name of a host"),
            ("a_b.example", "no name of a host"),
            (".", "no name of a host"),
            ("", "no name of a host"),
            (long.as_str(), "no name of a host"),
        ] {
            let said = text.parse::<HostName>().expect_err(text).to_string();
            assert!(said.contains(error), "{text}: {said}");
        }
    }

    #[test]
    fn a_domain_is_not_the_end_of_a_word() {
        let name = |text: &str| text.parse::<HostName>().expect("a name");
        assert!(name("mail.example.org").is_within(&name("example.org")));
        assert!(name("example.org").is_within(&name("example.org")));
        assert!(!name("badexample.org").is_within(&name("example.org")));
    }

    #[test]
    fn addresses_may_hold_the_signs_of_xml() {
        let address: MailAddress = "r&d'o@Example.org".parse().expect("an address");
        assert_eq!(address.as_str(), "r&d'o@example.org");
        for text in [
            "anna",
            "@example.org",
            "a b@example.org",
            "a..b@example.org",
            "a@b",
            "<x>@example.org",
        ] {
            assert!(text.parse::<MailAddress>().is_err(), "{text}");
        }
    }
}
