//! The part of the page's address behind `#`: what is looked at, and for whom a link is made the text as well, without what is secret.
//! No browser sends that part to a server.

use smtplint_core::migrate::To;

use crate::check::Checked;
use crate::settings::Settings;

/// The form of links. Another one would mean something else by the same names.
const FORM: &str = "1";

/// The longest text of a link, in bytes: `smtplintOpen` of `start.js` reads no more.
pub(crate) const LONGEST: usize = 1_000_000;

/// What a link asks for. Everything in it may have been written by a stranger: only known words are taken, and a text is a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Link {
    /// What is said beside the text.
    pub(crate) settings: Settings,
    /// The rule that is explained, by id.
    pub(crate) rule: Option<&'static str>,
    /// Where users are to be.
    pub(crate) plan: Option<To>,
    /// The text, as [`crate::outside::packed`] makes it.
    pub(crate) text: Option<String>,
    /// It is of another form than this page knows.
    pub(crate) is_foreign: bool,
}

impl Link {
    /// Reads what stands behind `#`.
    pub(crate) fn read(fragment: &str) -> Link {
        let mut link = Link::default();
        for (name, value) in fragment.split('&').filter_map(|part| part.split_once('=')) {
            match name {
                "v" => link.is_foreign = value != FORM,
                "rule" => link.rule = smtplint_core::rule_by_id(value).map(|(_, rule)| rule.id),
                "move" => link.plan = To::from_word(value),
                "text" => link.text = Some(value.to_owned()),
                name => {
                    let plain = |text| decoded(text).unwrap_or_default();
                    link.settings.set(&plain(name), &plain(value));
                }
            }
        }
        if link.is_foreign {
            return Link {
                is_foreign: true,
                ..Link::default()
            };
        }
        link
    }

    /// What stands behind `#` for this.
    pub(crate) fn spoken(&self) -> String {
        let mut parts = vec![format!("v={FORM}")];
        parts.extend(said(&self.settings));
        parts.extend(self.rule.map(|rule| format!("rule={rule}")));
        parts.extend(self.plan.map(|to| format!("move={}", to.word())));
        parts.extend(self.text.as_ref().map(|text| format!("text={text}")));
        parts.join("&")
    }
}

/// Settings as parts of a link.
fn said(settings: &Settings) -> Vec<String> {
    let said = settings.said().into_iter();
    said.map(|(name, value)| format!("{}={}", encoded(&name), encoded(value)))
        .collect()
}

/// Letters, digits and a few signs as they are, all other bytes by their numbers (RFC 3986, section 2.1).
fn encoded(text: &str) -> String {
    let mut shown = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            shown.push(char::from(byte));
        } else {
            shown.push_str(&format!("%{byte:02X}"));
        }
    }
    shown
}

/// The text that was encoded so; `None` where it was not.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The text for a link: the files as they were read, passwords and keys masked. What stands between files is left out.
pub(crate) fn text(checked: &Checked) -> String {
    let mut text = String::new();
    for (_, source) in checked.sources.iter() {
        if source.path != crate::check::PASTE {
            text.push_str(&format!("==> {} <==\n", source.path));
        }
        text.push_str(source.text().trim_end_matches('\n'));
        text.push_str("\n\n");
    }
    text.trim_end_matches('\n').to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_says_comes_back() {
        let mut link = Link::default();
        link.settings.set("release", "postfix=3.7");
        link.settings.set("role-[::1]:587", "internal");
        link.rule = Link::read("rule=open-relay").rule;
        link.plan = Some(To::Starttls);
        link.text = Some("H4sI-_x".to_owned());
        let spoken = link.spoken();
        assert_eq!(
            spoken,
            "v=1&release=postfix%3D3.7&role-%5B%3A%3A1%5D%3A587=internal&rule=open-relay&move=587&text=H4sI-_x"
        );
        assert_eq!(Link::read(&spoken), link);
    }

    #[test]
    fn nothing_but_known_words_is_taken() {
        for fragment in [
            "",
            "x",
            "rule=<script>",
            "move=1",
            "release=postfix%3D9&server=x&policy=y&prefer=z",
            "%=%",
            "role-=%zz",
        ] {
            assert_eq!(Link::read(fragment), Link::default(), "{fragment}");
        }
        let foreign = Link::read("v=2&rule=open-relay&text=abc");
        assert!(foreign.is_foreign && foreign.rule.is_none() && foreign.text.is_none());
    }

    #[test]
    fn no_secret_is_in_a_link() {
        let key = "-----BEGIN PRIVATE KEY-----\nTUlJ\n-----END PRIVATE KEY-----\n";
        let whole = format!(
            "==> main.cf <==\nmyhostname = a.example\nbind_pw = hunter2\n{key}\n==> master.cf <==\nsmtp inet n - y - - smtpd\n"
        );
        let checked = Checked::new(1, whole.into(), Settings::default(), None);
        let text = text(&checked);
        assert!(
            text.starts_with("==> main.cf <==\nmyhostname = a.example\n") && text.contains("==> master.cf <==\nsmtp"),
            "{text}"
        );
        assert!(!text.contains("hunter2") && !text.contains("TUlJ"), "{text}");
    }
}
