//! Placeholders for users, hosts and addresses, for whoever wants to show a judgement to others.
//!
//! What looks like an identity is learnt from the input alone, so that our own words stay as they are: names with a dot, the
//! domains they lie in, and single words where a setting holds host names. The same identity always gets the same placeholder.
//! Kept is what identifies nobody: names and networks reserved for documentation, loopback, and the private networks as such.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::document::Document;
use crate::rules::RULES;
use crate::source::{Source, Sources, Span};

/// Last parts of names of files.
const FILES: &[&str] = &[
    "asc", "backup", "bak", "cer", "cfg", "cidr", "cnf", "conf", "crl", "crt", "csr", "db", "default", "dist", "gz",
    "html", "ini", "json", "key", "lmdb", "log", "map", "maps", "old", "orig", "p12", "pcre", "pem", "pfx", "php",
    "pid", "proto", "regexp", "sample", "sarif", "sock", "socket", "sql", "sqlite", "template", "toml", "txt", "xml",
    "yaml", "yml",
];

/// Last parts of names of files that are countries as well: files where they end a path.
const FILES_OR_COUNTRIES: &[&str] = &["cf", "in", "md", "pl", "pm", "ps", "py", "rs", "sh", "so"];

/// Files that are called by their names alone.
const OWN_FILES: &[&str] = &["main.cf", "master.cf", "dynamicmaps.cf"];

/// Hosts of the documents that smtplint cites.
const OURS: &[&str] = &["postfix.org", "rfc-editor.org", "cve.org", "mozilla.org", "ncsc.nl"];

/// Domains that belong to nobody (RFC 2606, RFC 6761).
const NOBODYS: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "example",
    "invalid",
    "localhost",
    "test",
];

/// Settings whose values are names of hosts and domains.
const HOST_SETTINGS: &[&str] = &[
    "mydestination",
    "mydomain",
    "myhostname",
    "myorigin",
    "relay_domains",
    "relayhost",
    "smtp_helo_name",
    "virtual_alias_domains",
    "virtual_mailbox_domains",
];

/// Words that such settings hold besides.
const NO_HOSTS: &[&str] = &["localdomain", "localhost"];

/// Replaces identities.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Host names and domains in small letters, with their numbers.
    hosts: BTreeMap<String, usize>,
    /// Names within these domains that the input does not hold, such as a value that was expanded.
    derived: RefCell<BTreeMap<String, usize>>,
    users: RefCell<BTreeMap<String, usize>>,
    addresses: RefCell<BTreeMap<String, usize>>,
}

/// A piece of a text that was replaced: where it was, and where its placeholder is.
struct Moved {
    before: (usize, usize),
    after: (usize, usize),
}

impl Redactor {
    /// Learns the identities of an input; `names` are further host names, as flags give them.
    #[must_use]
    pub fn new(sources: &Sources, names: &[String]) -> Redactor {
        let mut redactor = Redactor::default();
        let mut words = BTreeSet::new();
        for (_, rule) in RULES {
            words.extend(
                rule.text()
                    .split(|letter: char| !letter.is_alphanumeric())
                    .map(str::to_ascii_lowercase),
            );
        }
        for (_, source) in sources.iter() {
            redactor.learn(&source.path);
            for line in source.text().lines() {
                redactor.learn(line);
                let Some((name, value)) = line.split_once('=') else {
                    continue;
                };
                if HOST_SETTINGS.contains(&name.rsplit(['/', ' ']).find(|word| !word.is_empty()).unwrap_or("")) {
                    redactor.learn_single(value, &words);
                }
            }
        }
        for name in names {
            redactor.learn(name);
            redactor.learn_single(name, &words);
        }
        redactor
    }

    fn learn(&mut self, text: &str) {
        let mut at = 0;
        for run in runs(text) {
            let ends_a_path = text.get(..at).is_some_and(|before| before.ends_with('/'));
            at += run.len();
            let ends_a_path = ends_a_path && !text.get(at..).is_some_and(|behind| behind.starts_with('/'));
            for atom in run.split(['@', ':']).filter(|_| is_token(run)) {
                let atom = trimmed(atom).1.to_lowercase();
                if is_host_name(&atom, ends_a_path) {
                    self.learn_with_parents(&atom);
                }
            }
        }
    }

    fn learn_with_parents(&mut self, host: &str) {
        let mut rest = Some(host);
        while let Some(name) = rest.filter(|name| name.contains('.')) {
            let number = self.hosts.len() + 1;
            self.hosts.entry(name.to_owned()).or_insert(number);
            rest = name.split_once('.').map(|(_, parent)| parent);
        }
    }

    /// Words without a dot, where only hosts stand. Words that smtplint itself uses would make its sentences unreadable, and
    /// tell little.
    fn learn_single(&mut self, value: &str, words: &BTreeSet<String>) {
        for word in value.split([' ', '\t', ',', '[', ']']) {
            let plain = word.len() > 2 && word.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
            let word = word.to_lowercase();
            if plain && !NO_HOSTS.contains(&word.as_str()) && !words.contains(&word) {
                let number = self.hosts.len() + 1;
                self.hosts.entry(word).or_insert(number);
            }
        }
    }

    /// A text with placeholders.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.replaced(text).0
    }

    /// The same, with what was replaced.
    fn replaced(&self, text: &str) -> (String, Vec<Moved>) {
        let mut out = String::with_capacity(text.len());
        let mut moved = Vec::new();
        let mut at = 0;
        for run in runs(text) {
            if is_token(run) {
                let behind = text.get(at + run.len()..).unwrap_or("");
                self.token(run, at, behind, &mut out, &mut moved);
            } else {
                out.push_str(run);
            }
            at += run.len();
        }
        (out, moved)
    }

    /// A run of letters, digits and what stands between them in addresses.
    fn token(&self, run: &str, at: usize, next: &str, out: &mut String, moved: &mut Vec<Moved>) {
        let mut put = |before: &str, offset: usize, placeholder: Option<String>| {
            let start = out.len();
            match placeholder {
                Some(placeholder) => {
                    out.push_str(&placeholder);
                    moved.push(Moved {
                        before: (at + offset, at + offset + before.len()),
                        after: (start, out.len()),
                    });
                }
                None => out.push_str(before),
            }
        };
        // An address of IPv6 holds the sign that parts everything else.
        let head = if run.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("ipv6:")) {
            5
        } else {
            0
        };
        let (tag, address) = run.split_at(head);
        let (address, zone) = address.split_at(address.find('%').unwrap_or(address.len()));
        if let Ok(parsed) = address.parse::<Ipv6Addr>() {
            put(tag, 0, None);
            put(address, head, self.address_v6(parsed));
            return put(zone, head + address.len(), None);
        }
        let mut offset = 0;
        for piece in run.split_inclusive(['@', ':']) {
            let atom = piece.trim_end_matches(['@', ':']);
            let sign = piece.get(atom.len()..).unwrap_or("");
            let behind = run.get(offset + piece.len()..).unwrap_or("");
            let (before, core, after) = trimmed(atom);
            // What follows may be a reference, or an address in brackets.
            let domain = if behind.is_empty() {
                next.starts_with(['$', '['])
            } else {
                behind.starts_with(char::is_alphanumeric)
            };
            let is_user = sign == "@" && domain;
            let placeholder = if is_user { self.user(core) } else { self.host(core) };
            put(before, offset, None);
            put(core, offset + before.len(), placeholder);
            put(after, 0, None);
            put(sign, 0, None);
            offset += piece.len();
        }
    }

    fn user(&self, user: &str) -> Option<String> {
        (!user.is_empty()).then(|| format!("user-{}", numbered(&self.users, user)))
    }

    fn host(&self, name: &str) -> Option<String> {
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return self.address_v4(address);
        }
        let lower = name.to_lowercase();
        if let Some(number) = self.hosts.get(&lower) {
            return Some(format!("host-{number}.example"));
        }
        let mut rest = lower.as_str();
        while let Some((_, parent)) = rest.split_once('.') {
            if parent.contains('.') && self.hosts.contains_key(parent) {
                return Some(format!(
                    "host-{}.example",
                    self.hosts.len() + numbered(&self.derived, &lower)
                ));
            }
            rest = parent;
        }
        None
    }

    fn address_v4(&self, address: Ipv4Addr) -> Option<String> {
        let networks = [
            [10, 0, 0, 0],
            [172, 16, 0, 0],
            [192, 168, 0, 0],
            [100, 64, 0, 0],
            [169, 254, 0, 0],
        ];
        let is_nobodys = address.is_loopback()
            || address.is_unspecified()
            || address.is_broadcast()
            || address.is_documentation()
            || networks.contains(&address.octets());
        (!is_nobodys).then(|| format!("address-{}", numbered(&self.addresses, &address.to_string())))
    }

    fn address_v6(&self, address: Ipv6Addr) -> Option<String> {
        let [first, second, rest @ ..] = address.segments();
        let documentation = first == 0x2001 && second == 0xdb8;
        let network = matches!(first, 0xfe80 | 0xfc00 | 0xfd00) && second == 0 && rest.iter().all(|part| *part == 0);
        let is_nobodys = address.is_loopback() || address.is_unspecified() || documentation || network;
        (!is_nobodys).then(|| format!("address-{}", numbered(&self.addresses, &address.to_string())))
    }

    /// Replaces in everything there is to read, and gives the sources that its places are of from then on.
    #[must_use]
    pub fn document(&self, document: &mut Document, sources: &Sources) -> Sources {
        let mut all = Vec::new();
        let shown = sources.map(|_, source| {
            let (text, moved) = self.replaced(source.text());
            let mut new = Source::new(self.text(&source.path), &text, source.kind.clone());
            new.lines_before = source.lines_before;
            all.push(moved);
            new
        });
        let place = |span: Span| {
            let moved = all.get(span.file.0 as usize).map_or(&[][..], Vec::as_slice);
            Span {
                file: span.file,
                start: new_place(moved, span.start, false),
                end: new_place(moved, span.end, true),
            }
        };
        for answer in &mut document.answers {
            answer.says = self.text(&answer.says);
        }
        for card in &mut document.cards {
            card.title = self.text(&card.title);
            for excerpt in &mut card.excerpts {
                excerpt.span = place(excerpt.span);
                excerpt.label = self.text(&excerpt.label);
            }
            for (_, note) in &mut card.notes {
                *note = self.text(note);
            }
        }
        for (ask, command) in &mut document.questions {
            (*ask, *command) = (self.text(ask), self.text(command));
        }
        document.summary = self.text(&document.summary);
        for assumption in &mut document.assumptions {
            *assumption = self.text(assumption);
        }
        for (at, note) in &mut document.notes {
            (*at, *note) = (at.map(place), self.text(note));
        }
        shown
    }
}

/// Where a byte has come to lie.
fn new_place(moved: &[Moved], at: usize, is_end: bool) -> usize {
    let behind = moved.partition_point(|one| one.before.0 < at);
    match behind.checked_sub(1).and_then(|index| moved.get(index)) {
        None => at,
        Some(one) if at >= one.before.1 => at - one.before.1 + one.after.1,
        Some(one) if is_end => one.after.1,
        Some(one) => one.after.0,
    }
}

/// The number of an identity, a new one for a new identity.
fn numbered(known: &RefCell<BTreeMap<String, usize>>, name: &str) -> usize {
    let mut known = known.borrow_mut();
    let next = known.len() + 1;
    *known.entry(name.to_lowercase()).or_insert(next)
}

/// What names and addresses are made of.
fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@' | ':' | '+' | '%')
}

fn is_token(run: &str) -> bool {
    run.starts_with(is_part)
}

/// A text in runs that names and addresses can be made of, and what lies between.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_token = rest.chars().next().map(is_part)?;
        let length = rest.find(|letter| is_part(letter) != is_token).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(length);
        rest = behind;
        Some(run)
    })
}

/// What belongs to the sentence before and behind a name, and the name.
fn trimmed(atom: &str) -> (&str, &str, &str) {
    let sign = |letter| matches!(letter, '.' | '-' | '+' | '%' | '_');
    let core = atom.trim_start_matches(sign);
    let before = atom.get(..atom.len() - core.len()).unwrap_or("");
    let name = core.trim_end_matches(sign);
    (before, name, core.get(name.len()..).unwrap_or(""))
}

/// A name with a dot that is neither a file's nor a number, and somebody's.
fn is_host_name(name: &str, ends_a_path: bool) -> bool {
    let mut labels = name.split('.');
    let whole = labels.all(|label| {
        !label.is_empty()
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    });
    let Some((_, last)) = name.rsplit_once('.') else {
        return false;
    };
    let top = last.chars().count() >= 2 && (last.starts_with("xn--") || last.chars().all(char::is_alphabetic));
    let file =
        FILES.contains(&last) || OWN_FILES.contains(&name) || (ends_a_path && FILES_OR_COUNTRIES.contains(&last));
    let within = |domains: &[&str]| {
        domains.iter().any(|domain| {
            name.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    whole && top && !file && !within(OURS) && !within(NOBODYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;

    fn redactor(text: &str) -> Redactor {
        let mut sources = Sources::new();
        sources.add(Source::new("main.cf", text, SourceKind::Authored));
        Redactor::new(&sources, &[])
    }

    #[test]
    fn identities_are_replaced_and_words_are_not() {
        let redactor = redactor(
            "myhostname = mx7.firm.de\nmydestination = kestrel, localhost, mail\nx = b.firm.de, 10.3.4.5\ny = mail.firma.pl hash:/etc/postfix/own.cf /opt/policy.pl\n",
        );
        for (given, shown) in [
            ("mx7.firm.de", "host-1.example"),
            ("MX7.Firm.de.", "host-1.example."),
            ("firm.de", "host-2.example"),
            ("/live/mx7.firm.de/fullchain.pem", "/live/host-1.example/fullchain.pem"),
            ("see kestrel: there", "see host-3.example: there"),
            ("mail is mail", "mail is mail"),
            ("anna.b+x@firm.de", "user-1@host-2.example"),
            ("[10.3.4.5]:587", "[address-1]:587"),
            (
                "10.0.0.0/8 127.0.0.1 0.0.0.0/0 192.0.2.7",
                "10.0.0.0/8 127.0.0.1 0.0.0.0/0 192.0.2.7",
            ),
            (
                "[2a01:4f8::17]:25 [::1] 2001:db8::1",
                "[address-2]:25 [::1] 2001:db8::1",
            ),
            ("IPv6:2a01:4f8::17 fe80::1%eth0", "IPv6:address-2 address-3%eth0"),
            (
                "main.cf:12: TLSv1.2, 3.7.11, www.postfix.org",
                "main.cf:12: TLSv1.2, 3.7.11, www.postfix.org",
            ),
            ("mail.example.org other.test", "mail.example.org other.test"),
            ("smtp:mx7.firm.de:465", "smtp:host-1.example:465"),
            ("anna.b+x@$mydomain", "user-1@$mydomain"),
            (
                "/etc/postfix/own.cf /opt/policy.pl mail.firma.pl",
                "/etc/postfix/own.cf /opt/policy.pl host-5.example",
            ),
        ] {
            assert_eq!(redactor.text(given), shown, "{given}");
        }
        assert!(redactor.text("new.sub.firm.de").starts_with("host-"));
        assert_eq!(
            redactor.text("someone.else.se"),
            "someone.else.se",
            "nothing of the input"
        );
    }

    #[test]
    fn places_follow_their_text() {
        let text = "a = mx7.firm.de b.firm.de\nc = d\n";
        let (shown, moved) = redactor(text).replaced(text);
        assert_eq!(shown, "a = host-1.example host-3.example\nc = d\n");
        for (before, after) in [
            ("a", "a"),
            ("c = d", "c = d"),
            ("mx7.firm.de", "host-1.example"),
            ("b.firm.de\n", "host-3.example\n"),
        ] {
            let at = text.find(before).expect("it is there");
            let (start, end) = (new_place(&moved, at, false), new_place(&moved, at + before.len(), true));
            assert_eq!(&shown[start..end], after);
        }
        // A place inside a name grows to the whole placeholder.
        assert_eq!(
            &shown[new_place(&moved, 8, false)..new_place(&moved, 12, true)],
            "host-1.example"
        );
    }
}
