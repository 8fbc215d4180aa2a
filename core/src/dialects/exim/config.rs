//! The sections of a configuration: options of the server, named lists, access control lists, drivers (`readconf.c`, `acl.c`).

use super::lines::{Line, Lines, Open};
use super::names;
use crate::gather::Index;
use crate::source::{FileId, Span};

/// An option with what it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// The name, without `no_`.
    pub(super) name_span: Span,
    /// Without quotes. What stands alone is `true`, and with `no_` before it `false`.
    pub(super) value: String,
    /// `name = value`.
    pub(super) written: Span,
    /// The value alone; the whole where there is none.
    pub(super) value_span: Span,
    /// Set when it is not sure that the line is read.
    pub(super) open: Option<Open>,
    /// Where macros in it are defined.
    pub(super) macros: Vec<(String, Span)>,
}

impl Entry {
    /// The option that was meant, where the line is surely read and no release has its option.
    fn meant(&self, of: fn(&str) -> Option<&'static str>) -> Option<&'static str> {
        of(&self.name).filter(|_| self.open.is_none())
    }
}

/// A condition or a modifier of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) negated: bool,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) open: Option<Open>,
}

/// A statement of an access control list: a verb with its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) verb: String,
    pub(super) conditions: Vec<Condition>,
    pub(super) written: Span,
    pub(super) open: Option<Open>,
}

/// An access control list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Acl {
    pub(super) name: String,
    pub(super) named: Span,
    /// A file that was not given may stand for statements: `Err`.
    pub(super) statements: Vec<Result<Statement, Open>>,
    pub(super) open: Option<Open>,
}

/// A router, transport or authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Driver {
    /// The section it stands in, in small letters.
    pub(super) section: String,
    pub(super) name: String,
    pub(super) options: Vec<Entry>,
    pub(super) open: Option<Open>,
}

/// What a named list is of.
const LISTS: [&str; 4] = ["domainlist", "hostlist", "addresslist", "localpartlist"];

/// Words that begin a statement.
const VERBS: [&str; 7] = ["accept", "defer", "deny", "discard", "drop", "require", "warn"];

/// A configuration as its sections say it.
#[derive(Default)]
pub(super) struct Config {
    pub(super) options: Vec<Entry>,
    /// Named lists: `hostlist relay_from_hosts` is the name.
    pub(super) lists: Vec<Entry>,
    pub(super) acls: Vec<Acl>,
    pub(super) drivers: Vec<Driver>,
    /// What may stand where options of the server stand and was not given, with where.
    pub(super) unseen: Vec<(Open, Span)>,
    /// The same where drivers and access control lists stand.
    pub(super) unseen_behind: Vec<Open>,
    pub(super) faults: Vec<(Span, String)>,
    pub(super) unread: Vec<FileId>,
    /// The names of the files.
    pub(super) names: Vec<(FileId, String)>,
    /// Sections that begin somewhere.
    pub(super) sections: Vec<String>,
    /// Where the first line stands that sets an option, or a named list, among those of its kind: a list's name has a blank in it.
    first: Index,
    /// The same for lines that are surely read.
    sure: Index,
    /// Where the first access control list of a name stands.
    named_acls: Index,
}

impl Config {
    /// The name of a file, without its folder.
    pub(super) fn name(&self, file: FileId) -> &str {
        self.names.iter().find(|(known, _)| *known == file).map_or("exim.conf", |(_, name)| name)
    }

    /// A list by its kind and name.
    pub(super) fn list(&self, kind: &str, name: &str) -> Option<&Entry> {
        self.first.get(&format!("{kind} {name}")).and_then(|place| self.lists.get(place))
    }

    /// The line that sets an option of the server, or may.
    pub(super) fn option(&self, name: &str) -> Option<&Entry> {
        self.first.get(name).and_then(|place| self.options.get(place))
    }

    /// The line that surely sets an option of the server.
    pub(super) fn sure_option(&self, name: &str) -> Option<&Entry> {
        self.sure.get(name).and_then(|place| self.options.get(place))
    }

    /// The options of the server that are misspelt, each with the one that was meant.
    pub(super) fn slips(&self) -> impl Iterator<Item = (&Entry, &'static str)> {
        self.options.iter().filter_map(|entry| Some((entry, entry.meant(names::meant_of_server)?)))
    }

    /// One more line that sets an option, or a named list.
    pub(super) fn put(&mut self, entry: Entry) {
        let known = if entry.name.contains(' ') { &mut self.lists } else { &mut self.options };
        let place = known.len();
        self.first.get_or_put(&entry.name, place);
        if entry.open.is_none() && *self.sure.get_or_put(&entry.name, place) != place {
            self.faults.push((entry.written, format!("`{}` is set for the second time", entry.name)));
        }
        known.push(entry);
    }

    /// One more access control list, with what decides over each part of its statements.
    pub(super) fn put_acl(&mut self, name: &str, named: Span, parts: &[(&str, Span)]) {
        self.named_acls.get_or_put(name, self.acls.len());
        let statements = parts.iter().filter_map(|(text, written)| statements(text, *written)).flatten().collect();
        self.acls.push(Acl { name: name.to_owned(), named, statements, open: None });
    }

    pub(super) fn acl(&self, name: &str) -> Option<&Acl> {
        self.named_acls.get(name).and_then(|place| self.acls.get(place))
    }

    /// A transport by its name.
    pub(super) fn transport(&self, name: &str) -> Option<&Driver> {
        self.drivers.iter().find(|driver| driver.section == "transports" && driver.name == name)
    }

    pub(super) fn authenticators(&self) -> impl Iterator<Item = &Driver> {
        self.drivers.iter().filter(|driver| driver.section == "authenticators")
    }
}

impl Driver {
    /// What an option of it is set to, where that is sure.
    pub(super) fn option(&self, name: &str) -> Option<&Entry> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Option<Span> {
        self.option("driver").map(|driver| driver.written)
    }
}

/// Takes lines apart.
pub(super) fn read(lines: Lines) -> Config {
    let mut config = Config { faults: lines.faults, unread: lines.unread, ..Config::default() };
    let mut section = String::new();
    for line in lines.lines {
        if line.is_unseen() {
            if let Some(open) = &line.open {
                unseen(&mut config, &section, open, &line);
            }
            continue;
        }
        if line.text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("begin ")) {
            section = line.text.get(6..).unwrap_or("").trim().to_ascii_lowercase();
            // Exim takes the singular as well.
            if !section.is_empty() && !section.ends_with('s') && !matches!(section.as_str(), "acl" | "retry" | "rewrite" | "local_scan") {
                section.push('s');
            }
            config.sections.push(section.clone());
            continue;
        }
        match section.as_str() {
            "" => main(&mut config, line),
            "acl" => acl(&mut config, &line),
            "retry" | "rewrite" | "local_scan" => {}
            _ => driver(&mut config, &section, line),
        }
    }
    let nameless = nameless(&config);
    config.faults.extend(nameless);
    config
}

/// Drivers that give their mechanism no name, where none was given (`auths_init` of `readconf.c`).
const NAMELESS: [&str; 4] = ["cram_md5", "cyrus_sasl", "gsasl", "heimdal_gssapi"];

/// Authenticators without a name, at which Exim stops.
fn nameless(config: &Config) -> Vec<(Span, String)> {
    let is_whole = config.unseen_behind.is_empty();
    let found = config.authenticators().filter(|driver| is_whole && driver.open.is_none()).filter_map(|authenticator| {
        let driver = authenticator.option("driver").filter(|driver| driver.open.is_none() && NAMELESS.contains(&driver.value.as_str()))?;
        let shown: String = authenticator.name.chars().take(64).collect();
        let why = || (driver.written, format!("the authenticator `{shown}` has no `public_name`, and its driver `{}` has none to give", driver.value));
        authenticator.option("public_name").is_none().then(why)
    });
    found.collect()
}

fn unseen(config: &mut Config, section: &str, open: &Open, line: &Line) {
    match section {
        "" => {
            config.unseen.push((open.clone(), line.whole()));
            config.unseen_behind.push(open.clone());
        }
        "acl" => match config.acls.last_mut() {
            Some(acl) => {
                acl.statements.push(Err(open.clone()));
                config.unseen_behind.push(open.clone());
            }
            None => config.unseen_behind.push(open.clone()),
        },
        _ => config.unseen_behind.push(open.clone()),
    }
}

/// A name and what stands behind it.
fn named(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let end = if text.starts_with(|sign: char| sign.is_ascii_alphabetic()) { text.find(|sign| !is_name(sign)).unwrap_or(text.len()) } else { 0 };
    let (name, rest) = text.split_at(end);
    (name, rest.trim_start())
}

fn main(config: &mut Config, line: Line) {
    let (mut name, mut rest) = named(&line.text);
    if name == "hide" {
        (name, rest) = named(rest);
    }
    let list = LISTS.iter().find(|list| name.strip_suffix("_cache").unwrap_or(name) == **list);
    let entry = match list {
        Some(list) => {
            let (own, rest) = named(rest);
            let own = format!("{list} {own}");
            assigned(&line, &own, rest)
        }
        None => assigned(&line, name, rest),
    };
    let entry = match entry {
        Ok(entry) => entry,
        Err(why) => return config.faults.push((line.whole(), why)),
    };
    if list.is_none() {
        config.faults.extend(misspelt(&entry, entry.meant(names::meant_of_server)));
    }
    config.put(entry);
}

/// A slip of the pen, at which Exim stops.
fn misspelt(entry: &Entry, meant: Option<&str>) -> Option<(Span, String)> {
    meant.map(|meant| (entry.written, format!("it has no option `{}`; `{meant}` is one", entry.name)))
}

/// `name = value`, `name` or `no_name`.
fn assigned(line: &Line, name: &str, rest: &str) -> Result<Entry, String> {
    let shown = || line.text.chars().take(60).collect::<String>();
    if name.is_empty() {
        return Err(format!("`{}` is no option", shown()));
    }
    let written = line.whole();
    let name_end = line.text.get(..line.text.len() - rest.len()).map_or(0, |before| before.trim_end().len());
    let (name, value, value_span) = match rest.strip_prefix('=') {
        Some(value) => {
            let value = value.trim_start();
            let at = line.text.len() - value.len();
            let span = line.span(at, line.text.len());
            (name, dequoted(value).ok_or_else(|| format!("the quote in what `{name}` is set to is never closed, or something follows it"))?, span)
        }
        None if rest.is_empty() => match name.strip_prefix("no_").or_else(|| name.strip_prefix("not_")) {
            Some(name) => (name, "false".to_owned(), written),
            None => (name, "true".to_owned(), written),
        },
        None => return Err(format!("`=` is missing behind `{name}`")),
    };
    let name_span = line.span(name_end.saturating_sub(name.len()), name_end);
    Ok(Entry { name: name.to_owned(), name_span, value, written, value_span, open: line.open.clone(), macros: line.macros.clone() })
}

/// A value without its quotes; `None` where the second one is missing, or something stands behind it.
fn dequoted(text: &str) -> Option<String> {
    let Some(inside) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut out = String::with_capacity(inside.len());
    let mut signs = inside.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => return signs.peek().is_none().then_some(out),
            '\\' => {
                let next = signs.next()?;
                out.push(match next {
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    '0'..='7' | 'x' => {
                        let (radix, most) = if next == 'x' { (16, 2) } else { (8, 3) };
                        let mut number = if next == 'x' { 0 } else { next.to_digit(8).unwrap_or(0) };
                        let mut count = usize::from(next != 'x');
                        while let Some(digit) = signs.peek().and_then(|sign| sign.to_digit(radix)).filter(|_| count < most) {
                            number = number * radix + digit;
                            count += 1;
                            signs.next();
                        }
                        char::from_u32(number & 0xff).unwrap_or(' ')
                    }
                    other => other,
                });
            }
            other => out.push(other),
        }
    }
    None
}

fn acl(config: &mut Config, line: &Line) {
    let (name, rest) = named(&line.text);
    if !name.is_empty() && rest.starts_with(':') {
        config.named_acls.get_or_put(name, config.acls.len());
        config.acls.push(Acl { name: name.to_owned(), named: line.whole(), statements: Vec::new(), open: line.open.clone() });
        return;
    }
    let whole = line.whole();
    let Some(acl) = config.acls.last_mut() else {
        return config.faults.push((whole, "a statement stands before the name of any access control list".to_owned()));
    };
    if let Err(why) = statement(&mut acl.statements, &line.text, whole, line.open.as_ref()) {
        config.faults.push((whole, why));
    }
}

/// Adds a line to statements: a new one, or one more condition of the last.
fn statement(statements: &mut Vec<Result<Statement, Open>>, text: &str, written: Span, open: Option<&Open>) -> Result<(), String> {
    let text = text.trim_start();
    let (negated, rest) = negation(text);
    let (name, behind) = named(rest);
    let mut rest = rest;
    let mut negated = negated;
    let open = open.cloned();
    if VERBS.contains(&name) {
        if negated {
            return Err(format!("`!` stands before `{name}`"));
        }
        statements.push(Ok(Statement { verb: name.to_owned(), conditions: Vec::new(), written, open: open.clone() }));
        if behind.is_empty() {
            return Ok(());
        }
        (negated, rest) = negation(behind);
    }
    let (name, value) = named(rest);
    if name.is_empty() {
        return Err(format!("`{}` is neither a verb nor a condition", text.chars().take(60).collect::<String>()));
    }
    if let Some(meant) = names::meant_of_list(name).filter(|_| open.is_none()) {
        return Err(format!("it has no condition `{name}`; `{meant}` is one"));
    }
    let value = value.strip_prefix('=').unwrap_or(value).trim();
    let value = dequoted(value).unwrap_or_else(|| value.to_owned());
    let condition = Condition { negated, name: name.to_owned(), value, open };
    match statements.iter_mut().rev().find_map(|one| one.as_mut().ok()) {
        Some(last) => {
            if last.written.file == written.file {
                last.written.end = written.end;
            }
            last.conditions.push(condition);
            Ok(())
        }
        None => Err(format!("`{name}` is no verb")),
    }
}

fn negation(text: &str) -> (bool, &str) {
    match text.strip_prefix('!') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

/// Statements that are written in place of a list's name: an option may hold them itself.
pub(super) fn statements(text: &str, written: Span) -> Option<Vec<Result<Statement, Open>>> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        statement(&mut found, line, written, None).ok()?;
    }
    Some(found)
}

fn driver(config: &mut Config, section: &str, line: Line) {
    let (name, rest) = named(&line.text);
    if !name.is_empty() && rest == ":" {
        config.drivers.push(Driver { section: section.to_owned(), name: name.to_owned(), options: Vec::new(), open: line.open });
        return;
    }
    let (name, rest) = if name == "hide" { named(rest) } else { (name, rest) };
    match (assigned(&line, name, rest), config.drivers.last_mut().filter(|driver| driver.section == section)) {
        (Ok(entry), Some(driver)) => {
            let hint = entry.meant(names::meant_of_driver);
            let why = |hint| format!("it has no option `{}`; perhaps `{hint}` was meant", entry.name);
            config.faults.extend(hint.map(|hint| (entry.written, why(hint))));
            driver.options.push(entry);
        }
        (Ok(_), None) => config.faults.push((line.whole(), format!("an option stands before the name of any of the {section}"))),
        (Err(why), _) => config.faults.push((line.whole(), why)),
    }
}
