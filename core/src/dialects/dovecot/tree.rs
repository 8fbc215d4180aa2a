//! All files in the order in which Dovecot reads them: sections opened and closed, files included.

use super::lines::{self, Line, Logical, Word};
use super::names;
use super::view::OLD_NAMES;
use crate::source::{FileId, Source, Sources, Span};
use crate::template;

/// A section that is open: `service imap-login {`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) kind: String,
    /// Empty where it has none.
    pub(super) name: String,
    /// The line that opens it.
    pub(super) opened: Span,
}

/// True for the same sections, opened here or there.
pub(super) fn are_same(one: &[Section], other: &[Section]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.kind == other.kind && one.name == other.name)
}

/// A setting, with the sections around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) sections: Vec<Section>,
    pub(super) name: String,
    /// The name, without the sections that may stand before it.
    pub(super) name_span: Span,
    pub(super) value: String,
    /// `name = value`.
    pub(super) written: Span,
    /// The value alone.
    pub(super) value_span: Span,
    /// The value is the content of the file that it names.
    pub(super) from_file: bool,
    /// `$name` in it stands for another value.
    pub(super) is_expanded: bool,
}

impl Entry {
    /// True when a place is the whole of it, its name, or its value.
    pub(super) fn is_at(&self, place: Span) -> bool {
        [self.written, self.name_span, self.value_span].contains(&place)
    }

    /// True where a template puts something in place of a part of the value; `%{…}` are Dovecot's own variables.
    pub(super) fn is_filled_in(&self) -> bool {
        template::first_mark(&self.value).is_some_and(|mark| !mark.starts_with("%{"))
    }

    /// The setting of 2.3 that was meant, where no release before 2.4 has this one.
    fn meant(&self) -> Option<&'static str> {
        names::meant(&self.name, self.sections.iter().map(|section| section.kind.as_str()))
    }

    /// What releases before 2.4 call what this sets; `None` where they have it too.
    pub(super) fn before_2_4(&self) -> Option<&'static str> {
        let (old, _) = OLD_NAMES.iter().find(|(_, new)| *new == self.name && self.sections.is_empty())?;
        Some(old)
    }

    /// True where the value, or a part of it, does not stand here: in a file, in another setting, or in what a template puts in.
    pub(super) fn comes_from_elsewhere(&self) -> bool {
        self.from_file || self.is_expanded || self.is_filled_in()
    }
}

/// Something on the way through the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A setting.
    Entry(Entry),
    /// A section that is opened, whatever stands in it.
    Opened(Vec<Section>),
    /// `@name = value` of the new language: what the group of this name sets holds here as well.
    Grouped(String),
    /// What was not given: here anything may be set.
    Unseen {
        /// The pattern, as it is written.
        pattern: String,
        /// Files that only tell where users are found, by their name.
        is_database: bool,
        /// It need not be there at all.
        may_be_missing: bool,
    },
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) items: Vec<Item>,
    /// What stops Dovecot.
    pub(super) faults: Vec<(Span, String)>,
    /// Settings that are misspelt where the language is that of 2.3, each with the one that was meant. Of a template it is not known
    /// what is left of its lines.
    pub(super) slips: Vec<(Entry, &'static str)>,
    /// Lines that a template engine takes out or fills in; what they leave is not known.
    pub(super) templates: Vec<Span>,
    /// The last part of each file's path.
    pub(super) names: Vec<(FileId, String)>,
    /// Files that were given and that no other includes, where one takes all together.
    pub(super) unread: Vec<FileId>,
    /// Parts of a configuration were given, and the file that takes them together was not.
    pub(super) is_fragment: bool,
}

impl Tree {
    /// The settings, in the order in which they are read.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().filter_map(|item| match item {
            Item::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// The last part of a file's path, where the file has a name of its own.
    pub(super) fn file_name(&self, file: FileId) -> &str {
        let name = self.names.iter().find(|(id, _)| *id == file).map_or("", |(_, name)| name);
        if name.contains('.') { name } else { "dovecot.conf" }
    }

    /// Whether a group may set something: as far as it was given, or anything.
    pub(super) fn may_set(&self, group: &str, name: &str) -> bool {
        let mut is_given = false;
        let sets = self.items.iter().any(|item| match item {
            Item::Entry(entry) if is_in(&entry.sections, group) => {
                is_given = true;
                let last = entry.sections.last().filter(|last| last.name.is_empty());
                entry.name == name || last.is_some_and(|last| format!("{}_{}", last.kind, entry.name) == name || last.kind == name)
            }
            Item::Opened(sections) if is_in(sections, group) => {
                is_given = true;
                false
            }
            _ => false,
        });
        sets || !is_given
    }
}

fn is_in(sections: &[Section], group: &str) -> bool {
    sections.first().is_some_and(|first| first.kind == "group" && first.name == group)
}

/// Files within files within files: more are a circle.
const DEEPEST: usize = 12;

/// The most that is read, in bytes, each file as often as others include it: in circles a few lines stand for millions. A file
/// counts for four kilobytes at least.
const MOST_READ: usize = 8_000_000;

/// The most sections within each other.
const MOST_SECTIONS: usize = 32;

struct Walk<'a> {
    files: Vec<(FileId, &'a Source)>,
    was_read: Vec<bool>,
    /// How much was read so far.
    read: usize,
    tree: Tree,
    sections: Vec<Section>,
}

/// Reads all files.
pub(super) fn read(sources: &Sources) -> Tree {
    let files: Vec<(FileId, &Source)> = sources.iter().collect();
    let was_read = vec![false; files.len()];
    let mut walk = Walk { files, was_read, read: 0, tree: Tree::default(), sections: Vec::new() };
    let is_main = |(_, source): &(FileId, &Source)| source.file_name() == "dovecot.conf";
    match walk.files.iter().position(is_main) {
        Some(main) => {
            walk.file(main, 0);
            let unread = walk.files.iter().zip(&walk.was_read).filter(|(_, was_read)| !**was_read);
            walk.tree.unread = unread.map(|((file, _), _)| *file).collect();
        }
        None => {
            // Without the file that takes them together, files that others include are read there.
            let included = walk.included();
            let is_part = walk.files.iter().any(|(_, source)| is_part(source));
            let is_circle = included.iter().all(|included| *included);
            for (one, included) in included.into_iter().enumerate() {
                if !included || (is_circle && one == 0) {
                    walk.file(one, 0);
                }
            }
            // The whole of one in the new language begins with its release.
            let is_head = |entry: &Entry| entry.sections.is_empty() && entry.name == "dovecot_config_version";
            let is_of_new = walk.tree.entries().any(|entry| entry.before_2_4().is_some()) && !walk.tree.entries().any(is_head);
            walk.tree.is_fragment = is_part || is_of_new;
        }
    }
    walk.tree.names = walk.files.iter().map(|(file, source)| (*file, source.file_name().to_owned())).collect();
    // What a template leaves of sections may well be whole.
    if !walk.tree.templates.is_empty() {
        walk.tree.faults.clear();
        return walk.tree;
    }
    // Files that tell where users are found have another language, and nothing includes them.
    let is_read = |entry: &&Entry| !is_database(walk.tree.file_name(entry.written.file));
    let slips = walk.tree.entries().filter(is_read).filter_map(|entry| Some((entry.clone(), entry.meant()?)));
    walk.tree.slips = slips.collect();
    walk.tree
}

/// True for what stands for a line, or for nothing, once a template is filled in. No setting begins with these signs.
fn is_of_template(text: &str) -> bool {
    text.starts_with('%') || template::first_mark(text).is_some() || template::is_control_line(text)
}

/// True for `dovecot-sql.conf.ext` and its kin.
fn is_database(name: &str) -> bool {
    name.starts_with("dovecot-") && name.ends_with(".ext")
}

/// True for a file that is named as parts of a configuration are.
fn is_part(source: &Source) -> bool {
    source.path.contains("conf.d/") || source.file_name().ends_with(".ext") || source.file_name().starts_with(|sign: char| sign.is_ascii_digit())
}

impl Walk<'_> {
    /// For each file, whether another one names it.
    fn included(&self) -> Vec<bool> {
        let mut included = vec![false; self.files.len()];
        for (from, (_, source)) in self.files.iter().enumerate() {
            for pattern in super::includes(source.text()) {
                for which in self.matching(from, &pattern) {
                    included[which] = true;
                }
            }
        }
        included
    }

    /// The files that a pattern in one of them stands for, in the order of their names.
    fn matching(&self, from: usize, pattern: &str) -> Vec<usize> {
        let folder = self.files.get(from).and_then(|(_, source)| source.path.rsplit_once('/')).map(|(folder, _)| folder);
        let whole = match folder {
            Some(folder) if !pattern.starts_with('/') => format!("{folder}/{pattern}"),
            _ => pattern.to_owned(),
        };
        // A folder may stand below another root, and in a paste the folders are often left out.
        let fits = |path: &str| {
            let mut parts = path.rsplit('/').zip(whole.rsplit('/'));
            parts.all(|(part, pattern)| part.is_empty() || pattern.is_empty() || part == ".." || pattern == ".." || is_like(part.as_bytes(), pattern.as_bytes()))
        };
        let mut found: Vec<usize> = Vec::new();
        for (one, (_, source)) in self.files.iter().enumerate() {
            // A file of no folder may be of any, but for the one that takes all together.
            if one == from || source.file_name() == "dovecot.conf" || !fits(&source.path) {
                continue;
            }
            let before = |known: &usize| self.files.get(*known).is_some_and(|(_, known)| known.path <= source.path);
            let place = found.iter().take_while(|known| before(known)).count();
            found.insert(place, one);
        }
        found
    }

    fn file(&mut self, which: usize, depth: usize) {
        let Some((file, source)) = self.files.get(which).copied() else { return };
        self.read += source.text().len().max(4096);
        if let Some(was_read) = self.was_read.get_mut(which) {
            *was_read = true;
        }
        let open = self.sections.len();
        for one in lines::read(file, source.text()) {
            self.line(which, one, open, depth);
        }
        // What a file opens it has to close.
        if let Some(section) = self.sections.get(open) {
            self.tree.faults.push((section.opened, "the section is never closed: `}` is missing".to_owned()));
            self.sections.truncate(open);
        }
    }

    fn line(&mut self, which: usize, one: Logical, open: usize, depth: usize) {
        let span = one.span;
        match one.line {
            Line::Fault(_) if is_of_template(self.text(span)) => {
                self.tree.templates.push(span);
                let pattern = self.text(span).chars().take(40).collect();
                self.tree.items.push(Item::Unseen { pattern, is_database: false, may_be_missing: false });
            }
            Line::Fault(why) => self.tree.faults.push((span, why.to_owned())),
            Line::End if self.sections.len() > open => {
                self.sections.pop();
            }
            Line::End => self.tree.faults.push((span, "no section is open that `}` could close".to_owned())),
            Line::Begin { kind, name } => {
                if self.sections.len() < MOST_SECTIONS {
                    self.sections.push(Section { kind: kind.text, name: name.text, opened: span });
                    self.tree.items.push(Item::Opened(self.sections.clone()));
                }
            }
            Line::Include { pattern, may_be_missing } => self.include(which, &pattern, may_be_missing, depth),
            Line::Assignment { key, value, from_file, is_expanded } => self.setting(key, value, span, from_file, is_expanded),
        }
    }

    fn text(&self, span: Span) -> &str {
        let file = self.files.iter().find(|(file, _)| *file == span.file);
        file.and_then(|(_, source)| source.text().get(span.start..span.end)).unwrap_or("")
    }

    fn include(&mut self, which: usize, pattern: &Word, may_be_missing: bool, depth: usize) {
        let found = self.matching(which, &pattern.text);
        if found.is_empty() || depth >= DEEPEST || self.read >= MOST_READ {
            let file = pattern.text.rsplit('/').next().unwrap_or("");
            let is_database = file.starts_with("auth-") && file.ends_with(".conf.ext");
            self.tree.items.push(Item::Unseen { pattern: pattern.text.clone(), is_database, may_be_missing });
            return;
        }
        for one in found {
            self.file(one, depth + 1);
        }
    }

    /// `a/b/c/d = e` stands for sections as well: `a b { c { d = e } }`.
    fn setting(&mut self, key: Word, value: Word, written: Span, from_file: bool, is_expanded: bool) {
        let mut sections = self.sections.clone();
        let mut name = key.text.as_str();
        if let Some((path, last)) = key.text.rsplit_once('/').filter(|_| !key.text.starts_with('@')) {
            let mut parts = path.split('/');
            while let Some(kind) = parts.next() {
                let name = parts.next().unwrap_or("").to_owned();
                sections.push(Section { kind: kind.to_owned(), name, opened: key.span });
            }
            name = last;
        }
        if name.starts_with('@') {
            self.tree.items.push(Item::Grouped(format!("{name} {}", value.text)));
            return;
        }
        let name_span = Span { start: key.span.end.saturating_sub(name.len()), ..key.span };
        let name = name.to_owned();
        let entry = Entry { sections, name, name_span, value: value.text, written, value_span: value.span, from_file, is_expanded };
        self.tree.items.push(Item::Entry(entry));
    }
}

/// `*` stands for any signs and `?` for one, as in names of files.
pub(super) fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut in_pattern, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(sign) if *sign == b'?' || Some(sign) == text.get(at) => {
                in_pattern += 1;
                at += 1;
            }
            _ => match star {
                Some((place, from)) => {
                    star = Some((place, from + 1));
                    in_pattern = place + 1;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(in_pattern).all(|sign| *sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut sources = Sources::new();
        for (path, text) in files {
            sources.add(Source::new(*path, text, SourceKind::Authored));
        }
        read(&sources)
    }

    fn names(tree: &Tree) -> Vec<String> {
        let told = |item: &Item| match item {
            Item::Grouped(group) => Some(group.clone()),
            Item::Entry(entry) => {
                let mut path: Vec<String> = entry.sections.iter().map(|one| format!("{} {}", one.kind, one.name).trim().to_owned()).collect();
                path.push(format!("{}={}", entry.name, entry.value));
                Some(path.join("/"))
            }
            Item::Unseen { pattern, .. } => Some(format!("?{pattern}")),
            Item::Opened(_) => None,
        };
        tree.items.iter().filter_map(told).collect()
    }

    #[test]
    fn files_are_read_where_they_are_included() {
        let read = tree(&[
            ("/etc/dovecot/conf.d/20-b.conf", "b = 1\n!include auth-system.conf.ext\n"),
            ("/etc/dovecot/conf.d/10-a.conf", "a = 1\n"),
            ("/etc/dovecot/dovecot.conf", "x = 1\n!include conf.d/*.conf\n!include_try local.conf\ny = 1\n"),
        ]);
        assert_eq!(names(&read), ["x=1", "a=1", "b=1", "?auth-system.conf.ext", "?local.conf", "y=1"]);
        assert!(!read.is_fragment && read.faults.is_empty());
        let read = tree(&[("/root/usr/share/dovecot/p.d/a.protocol", "a = 1\n"), ("dovecot.conf", "!include_try /usr/share/dovecot/p.d/*.protocol\n")]);
        assert_eq!(names(&read), ["a=1"]);
        // In a paste paths are often left out.
        let read = tree(&[("10-a.conf", "a = 1\n"), ("dovecot.conf", "!include /etc/dovecot/conf.d/*.conf\n")]);
        assert_eq!(names(&read), ["a=1"]);
        assert!(tree(&[("conf.d/10-a.conf", "a = 1\n")]).is_fragment);
    }

    #[test]
    fn circles_end() {
        let read = tree(&[("dovecot.conf", "!include a.conf\n"), ("a.conf", "!include b.conf\n"), ("b.conf", "!include a.conf\nb = 1\n")]);
        assert!(names(&read).contains(&"b=1".to_owned()));
        assert_eq!(names(&tree(&[("a.conf", "!include a.conf\na = 1\n")])), ["?a.conf", "a=1"]);
        // Twelve times each other, six times over: two thousand millions, if each were followed.
        let (a, b) = ("!include b.conf\n".repeat(6), "!include a.conf\n".repeat(6));
        let read = tree(&[("dovecot.conf", "!include a.conf\n"), ("a.conf", &a), ("b.conf", &b)]);
        assert!((1..20_000).contains(&read.items.len()), "{}", read.items.len());
    }

    #[test]
    fn sections_and_names_with_paths() {
        let read = tree(&[("paste", "service imap-login {\n  inet_listener imap {\n    port = 0\n  }\n}\nservice/pop3-login/inet_listener/pop3/port=1\n")]);
        let expected = ["service imap-login/inet_listener imap/port=0", "service pop3-login/inet_listener pop3/port=1"];
        assert_eq!(names(&read), expected);
    }

    #[test]
    fn what_is_not_closed_is_told() {
        let fault = |text: &str| tree(&[("paste", text)]).faults.len();
        assert_eq!((fault("a {\n b = 1\n}\n"), fault("a {\n"), fault("}\n"), fault("a { b = 1 }\n")), (0, 1, 1, 1));
    }

    #[test]
    fn templates_are_no_faults() {
        for text in ["{% if TLS %}\nssl = required\n{% endif %}\n", "%tls_enabled service x {\n%tls_enabled }\n", "a {\n{{ rest }}\n"] {
            let read = tree(&[("paste", text)]);
            assert!(read.faults.is_empty() && !read.templates.is_empty(), "{text}: {:?}", read.faults);
        }
    }

    #[test]
    fn patterns_of_names() {
        for (text, pattern, expected) in [("10-a.conf", "*.conf", true), ("a.conf.ext", "*.conf", false), ("a", "a", true), ("ab", "a?", true), ("abc", "a*c*", true), ("", "*", true), ("a", "", false)] {
            assert_eq!(is_like(text.as_bytes(), pattern.as_bytes()), expected, "{text} {pattern}");
        }
    }
}
