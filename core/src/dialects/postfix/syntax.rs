//! What stands in main.cf and master.cf: assignments and services, each with its place.

use std::ops::Range;

use super::lines::{LogicalLine, Word, is_space, logical_lines, words};
use super::parameters::{self, Parameter};
use crate::gather::Index;
use crate::source::{FileId, Source, Span};
use crate::template;

/// `name = value`, of main.cf or of a `-o` option.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub(super) name: String,
    /// As written, blanks around it left out.
    pub(super) value: String,
    /// Name to value.
    pub(super) written: Span,
    pub(super) value_span: Span,
    /// The table's lines for the name, oldest first; none for a name that is no parameter.
    pub(super) lines: &'static [Parameter],
    /// A template decides whether the line is there at all.
    pub(super) conditional: bool,
}

/// One line of master.cf.
#[derive(Debug, Clone)]
pub(super) struct Service {
    /// First column: a name, a port, or `host:port`.
    pub(super) name: String,
    /// Second column: `inet`, `unix`, `pass`, …
    pub(super) kind: String,
    /// Last part of the eighth column: `smtpd`.
    pub(super) program: String,
    /// Fifth column: whether it is shut into the folder of the queue.
    pub(super) chroot: String,
    /// The whole entry.
    pub(super) written: Span,
    /// The eight columns.
    pub(super) head: Span,
    pub(super) overrides: Vec<Assignment>,
    /// Options that a print-out names with their service; those that stand on the service itself are there twice.
    named: Vec<Assignment>,
    /// Where the overrides that win stand among them, by name.
    winners: Index,
    /// A bit for each of them, and the one of every service: see [`Syntax::option`].
    pub(super) options: u64,
    /// True when it is known by lines such as `submission/inet/name = value` alone.
    pub(super) is_named: bool,
    /// What makes the program stop when it starts.
    pub(super) faults: Vec<Fault>,
    /// True when an option is written `{ name = value }`, which Postfix reads since 3.0.
    pub(super) uses_braces: bool,
    pub(super) conditional: bool,
}

impl Service {
    /// The name that `postconf -P` uses: `submission/inet`.
    pub(super) fn scope_name(&self) -> String {
        [self.name.as_str(), "/", self.kind.as_str()].concat()
    }

    /// How many of its overrides win.
    pub(super) fn in_force(&self) -> usize {
        self.winners.len()
    }

    /// True when the other entry runs the same program with the same options.
    pub(super) fn says_the_same(&self, other: &Service) -> bool {
        let options = |service: &Service| -> Vec<(String, String)> {
            service.overrides.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
        };
        self.program == other.program && options(self) == options(other)
    }

    /// The option in force for a name: the last one wins.
    pub(super) fn overriding(&self, name: &str) -> Option<&Assignment> {
        self.winners.get(name).and_then(|at| self.overrides.get(at))
    }

    /// Sorts out which overrides win, when all are read.
    fn settle(&mut self) {
        if !self.named.is_empty() {
            let pair = |one: &Assignment| format!("{}={}", one.name, one.value);
            let mut known = Index::default();
            for one in &self.overrides {
                known.add(&pair(one));
            }
            self.overrides.extend(self.named.drain(..).filter(|one| known.add(&pair(one))));
        }
        for (at, one) in self.overrides.iter().enumerate() {
            self.winners.put(&one.name, at);
        }
    }
}

/// A mistake that Postfix does not forgive.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) why: String,
    /// True when not only one service but all of Postfix stops there.
    pub(super) stops_all: bool,
    /// What was meant there, when that is plain.
    pub(super) meant: Option<String>,
}

impl Fault {
    fn of_all(span: Span, why: impl Into<String>) -> Fault {
        Fault { span, why: why.into(), stops_all: true, meant: None }
    }

    fn of_service(span: Span, why: impl Into<String>) -> Fault {
        Fault { span, why: why.into(), stops_all: false, meant: None }
    }

    fn meaning(self, meant: impl Into<String>) -> Fault {
        Fault { meant: Some(meant.into()), ..self }
    }
}

/// Everything that the given files say.
#[derive(Debug, Clone, Default)]
pub(super) struct Syntax {
    pub(super) assignments: Vec<Assignment>,
    pub(super) services: Vec<Service>,
    /// Where the first service of a name stands among them.
    places: Index,
    /// The names that options of services set, numbered.
    options: Index,
    /// Lines that stop every Postfix program or command that reads them.
    pub(super) faults: Vec<Fault>,
    /// Lines that Postfix skips with a warning: a continuation of nothing.
    pub(super) stray: Vec<Span>,
    pub(super) has_main: bool,
    pub(super) has_master: bool,
    /// True when everything given was printed by a program: what it tells to edit lies elsewhere.
    pub(super) is_printed: bool,
    /// Where the texts of look-up tables stand in the list, by the path that the configuration names them by.
    table_paths: Index,
    tables: Vec<String>,
}

/// Which of the two languages a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Main,
    Master,
    /// A paste: each line tells by itself.
    Either,
}

/// The bit for what each service has of its own, such as its name.
pub(super) const OF_EVERY_SERVICE: u64 = 1 << 63;

fn bit(number: usize) -> u64 {
    1 << (number % 63)
}

const SERVICE_KINDS: &[&str] = &["inet", "unix", "fifo", "pass", "unix-dgram"];

impl Syntax {
    /// Reads one file after the other.
    pub(super) fn read<'a>(files: impl Iterator<Item = (FileId, &'a Source)>) -> Syntax {
        let mut syntax = Syntax::default();
        let files: Vec<(FileId, &Source)> = files.collect();
        for (id, source) in &files {
            let language = match source.file_name() {
                "main.cf" | "main.cf.proto" => Language::Main,
                "master.cf" | "master.cf.proto" => Language::Master,
                _ if is_table(source, &files) => {
                    syntax.table_paths.put(&source.path, syntax.tables.len());
                    syntax.tables.push(source.text().to_owned());
                    continue;
                }
                _ => Language::Either,
            };
            syntax.read_file(*id, source, language);
        }
        syntax.is_printed = !files.is_empty() && files.iter().all(|(_, source)| source.is_printed());
        syntax.services.iter_mut().for_each(Service::settle);
        for service in &mut syntax.services {
            service.options = OF_EVERY_SERVICE;
            for one in &service.overrides {
                let next = syntax.options.len();
                service.options |= bit(*syntax.options.get_or_put(&one.name, next));
            }
        }
        syntax
    }

    /// The names that options of services set.
    pub(super) fn options(&self) -> impl Iterator<Item = &str> {
        self.options.names()
    }

    /// The bit of a name that options of services set; none where no service sets it. Where there are very many names, some share
    /// a bit.
    pub(super) fn option(&self, name: &str) -> u64 {
        self.options.get(name).map_or(0, bit)
    }

    /// The text of a look-up table, when it was given with the configuration.
    pub(super) fn table(&self, path: &str) -> Option<&str> {
        self.table_paths.get(path).and_then(|at| self.tables.get(at)).map(String::as_str)
    }

    fn read_file(&mut self, id: FileId, source: &Source, language: Language) {
        match language {
            Language::Main => self.has_main = true,
            Language::Master => self.has_master = true,
            Language::Either => {}
        }
        let mut template_depth = 0_usize;
        for line in logical_lines(id, source.text()) {
            if template::is_control_line(&line.text) {
                template_depth = depth_after(&line.text, template_depth);
                continue;
            }
            if line.stray {
                self.stray.push(line.whole());
                continue;
            }
            // A mark in front of a line decides whether the line is there at all; in master.cf Postfix expands nothing but
            // the values of options, so a reference among the columns is a template's.
            let marked = template::first_mark(&line.text).is_some();
            let conditional = template_depth > 0 || marks_the_front(&line.text);
            if language != Language::Main && looks_like_service(&line.text) {
                self.has_master = true;
                let mut service = read_service(&line, conditional);
                let refers = line.text.contains("${") && words(&line.text).iter().take(8).any(|column| column.text.contains("${"));
                if refers || marked {
                    service.faults.retain(|fault| !fault.stops_all);
                }
                self.places.get_or_put(&service.scope_name(), self.services.len());
                self.services.push(service);
            } else if language == Language::Either && self.read_override_line(&line, conditional) {
                self.has_master = true;
            } else if language != Language::Master {
                self.read_assignment(&line, language, conditional);
            } else if !marked {
                self.faults.push(Fault::of_all(line.whole(), master_fault(&line.text)));
            }
        }
    }

    fn read_assignment(&mut self, line: &LogicalLine, language: Language, conditional: bool) {
        match split_assignment(&line.text, 0) {
            Ok(parts) => {
                self.has_main = true;
                self.assignments.push(Assignment::new(line, parts, conditional));
            }
            // In a paste, a line that is no setting is talk: a prompt, a sentence, a warning.
            Err(_) if language == Language::Either => {}
            Err(_) if template::first_mark(&line.text).is_some() => {}
            Err(why) => self.faults.push(Fault::of_all(line.whole(), why)),
        }
    }

    /// `submission/inet/name = value`, as `postconf -P` prints it and override fragments write it.
    fn read_override_line(&mut self, line: &LogicalLine, conditional: bool) -> bool {
        let Ok(parts) = split_assignment(&line.text, 0) else { return false };
        let Some(name) = line.text.get(parts.name.clone()) else { return false };
        let Some((scope, parameter)) = name.rsplit_once('/') else { return false };
        let Some((service, kind)) = scope.rsplit_once('/') else { return false };
        if !SERVICE_KINDS.contains(&kind) {
            return false;
        }
        let mut assignment = Assignment::new(line, parts, conditional);
        assignment.name = parameter.to_owned();
        assignment.lines = parameters::lines_of(parameter);
        let index = *self.places.get_or_put(&format!("{service}/{kind}"), self.services.len());
        match self.services.get_mut(index) {
            Some(known) => known.named.push(assignment),
            None => self.services.push(Service {
                name: service.to_owned(),
                kind: kind.to_owned(),
                program: "smtpd".to_owned(),
                chroot: "n".to_owned(),
                written: line.whole(),
                head: line.whole(),
                overrides: vec![assignment],
                named: Vec::new(),
                winners: Index::default(),
                options: 0,
                faults: Vec::new(),
                is_named: true,
                uses_braces: false,
                conditional,
            }),
        }
        true
    }
}

/// True for a file that another one names as a table, such as `hash:/etc/postfix/access`.
fn is_table(source: &Source, files: &[(FileId, &Source)]) -> bool {
    let named = format!(":{}", source.path);
    source.path.starts_with('/') && files.iter().any(|(_, other)| other.path != source.path && other.text().contains(&named))
}

/// True when the first word holds a template mark: it decides about the line, as in `%{tls}smtps inet …`.
fn marks_the_front(text: &str) -> bool {
    let first = text.split(|c: char| is_space(c) || c == '=').next().unwrap_or("");
    template::first_mark(first).is_some()
}

/// How deep in template blocks the next line is.
fn depth_after(line: &str, depth: usize) -> usize {
    let inner = line.trim_matches(|c: char| "{}%<>-=# \t\r".contains(c));
    match inner.split_whitespace().next().unwrap_or("") {
        "if" | "for" | "unless" | "with" | "macro" | "block" => depth + 1,
        word if word.starts_with("end") => depth.saturating_sub(1),
        _ if inner.ends_with(" do") || inner.contains(" do |") => depth + 1,
        _ => depth,
    }
}

/// Where name and value stand in the text that was split.
struct Parts {
    name: Range<usize>,
    value: Range<usize>,
}

impl Assignment {
    fn new(line: &LogicalLine, parts: Parts, conditional: bool) -> Assignment {
        let text = |range: &Range<usize>| line.text.get(range.clone()).unwrap_or("").to_owned();
        Assignment {
            lines: parameters::lines_of(line.text.get(parts.name.clone()).unwrap_or("")),
            name: text(&parts.name),
            value: text(&parts.value),
            written: line.span(parts.name.start..parts.value.end),
            value_span: line.span(parts.value),
            conditional,
        }
    }
}

/// Splits `name = value`; `shift` is where `text` begins in its line. The errors are Postfix's own reasons.
fn split_assignment(text: &str, shift: usize) -> Result<Parts, &'static str> {
    let start = text.len() - text.trim_start_matches(is_space).len();
    let rest = text.get(start..).unwrap_or("");
    if rest.is_empty() || rest.starts_with('=') {
        return Err("missing attribute name");
    }
    let name_length = rest.find(|c: char| is_space(c) || c == '=').unwrap_or(rest.len());
    let after = rest.get(name_length..).unwrap_or("");
    let Some(value) = after.trim_start_matches(is_space).strip_prefix('=') else {
        return Err("missing '=' after attribute name");
    };
    let value_start = text.len() - value.trim_start_matches(is_space).len();
    let value_end = text.trim_end_matches(is_space).len().max(value_start);
    Ok(Parts {
        name: shift + start..shift + start + name_length,
        value: shift + value_start..shift + value_end,
    })
}

/// Eight columns with a service type in the second, or fewer when the second one leaves no doubt.
fn looks_like_service(text: &str) -> bool {
    let mut columns = text.split(is_space).filter(|word| !word.is_empty());
    let first = columns.next();
    let second = columns.next();
    first.is_some_and(|name| !name.contains('=')) && second.is_some_and(|kind| SERVICE_KINDS.contains(&kind))
}

/// Why Postfix refuses a line of master.cf that is no service.
fn master_fault(text: &str) -> String {
    let count = text.split(is_space).filter(|word| !word.is_empty()).count();
    if count < 8 {
        format!("a service has eight columns, this line has {count}")
    } else {
        "the second column must be one of inet, unix, unix-dgram, fifo, pass".to_owned()
    }
}

fn read_service(line: &LogicalLine, conditional: bool) -> Service {
    let columns = words(&line.text);
    let column = |index: usize| columns.get(index).map_or("", |word| word.text);
    let head_end = columns.get(7).or(columns.last()).map_or(0, |word| word.range.end);
    let mut service = Service {
        name: column(0).to_owned(),
        kind: column(1).to_owned(),
        program: column(7).rsplit('/').next().unwrap_or("").to_owned(),
        chroot: column(4).to_owned(),
        written: line.whole(),
        head: line.span(columns.first().map_or(0, |word| word.range.start)..head_end),
        overrides: Vec::new(),
        named: Vec::new(),
        winners: Index::default(),
        options: 0,
        faults: Vec::new(),
        is_named: false,
        uses_braces: false,
        conditional,
    };
    check_columns(line, &columns, &mut service);
    read_options(line, columns.get(8..).unwrap_or(&[]), conditional, &mut service);
    service
}

/// The columns that master(8) reads before it starts anything.
fn check_columns(line: &LogicalLine, columns: &[Word<'_>], service: &mut Service) {
    let mut fault = |word: Option<&Word<'_>>, why: String| {
        let span = word.map_or_else(|| line.whole(), |word| line.span(word.range.clone()));
        service.faults.push(Fault::of_all(span, why));
    };
    if columns.len() < 8 {
        fault(None, format!("a service has eight columns, this line has {}", columns.len()));
        return;
    }
    for (index, title) in [(2, "private"), (3, "unpriv"), (4, "chroot")] {
        if let Some(word) = columns.get(index)
            && !matches!(word.text, "y" | "n" | "-")
        {
            fault(Some(word), format!("the column {title} must be y, n or -, not `{}`", word.text));
        }
    }
    for (index, title) in [(5, "wakeup"), (6, "maxproc")] {
        if let Some(word) = columns.get(index) {
            let number = if index == 5 { word.text.strip_suffix('?').unwrap_or(word.text) } else { word.text };
            if number != "-" && !number.chars().all(|c| c.is_ascii_digit()) {
                fault(Some(word), format!("the column {title} must be a number or -, not `{}`", word.text));
            }
        }
    }
    if let (Some(kind), Some(private)) = (columns.get(1), columns.get(2))
        && kind.text == "inet"
        && private.text != "n"
    {
        let why = "an inet service cannot be private: the third column must be n";
        service.faults.push(Fault::of_all(line.span(private.range.clone()), why).meaning("n"));
    }
    if let Some(limit) = columns.get(6).filter(|limit| service.program == "postscreen" && limit.text != "1") {
        let why = format!("postscreen runs alone: the column maxproc must be 1, not `{}`", limit.text);
        service.faults.push(Fault::of_service(line.span(limit.range.clone()), why).meaning("1"));
    }
}

/// Everything after the eighth column: `-o name=value`, `-o { name = value }`, `-oname=value`, `-v`, `-vo name=value`.
fn read_options(line: &LogicalLine, arguments: &[Word<'_>], conditional: bool, service: &mut Service) {
    let mut rest = arguments.iter();
    // Behind a setting with blanks around its sign nothing is read any more; what else is written so is told all the same.
    let mut is_over = false;
    while let Some(word) = rest.next() {
        let text = word.text;
        if is_over && !text.starts_with('-') {
            return;
        }
        if !text.starts_with('-') || text == "-" || text == "--" {
            if is_daemon(&service.program) {
                let why = format!("`{text}` is not an option, and the program takes no other arguments");
                let fault = Fault::of_service(line.span(word.range.clone()), why);
                // A long dash comes from a web page.
                service.faults.push(if matches!(text, "–o" | "—o") { fault.meaning("-o") } else { fault });
            }
            return;
        }
        let Some(option_at) = text.find('o') else { continue };
        let attached = word.range.start + option_at + 1..word.range.end;
        if text.get(option_at + 1..).is_some_and(|value| value.starts_with('{')) {
            // master(8) strips braces only from words that begin with one; `postconf` shows this as if it were right.
            let why = "a blank is missing between `-o` and the brace, so the program reads the brace as a name and stops";
            let braced = line.text.get(attached.clone()).unwrap_or("");
            service.faults.push(Fault::of_service(line.span(attached.clone()), why).meaning(format!(" {braced}")));
        }
        let (value, range) = if attached.is_empty() {
            let Some(next) = rest.next() else {
                service.faults.push(Fault::of_service(
                    line.span(word.range.clone()),
                    "the option -o needs a setting after it",
                ));
                return;
            };
            (next.text, next.range.clone())
        } else {
            (text.get(option_at + 1..).unwrap_or(""), attached)
        };
        let known = service.overrides.len();
        let end = read_override(line, value, range, conditional, service);
        if is_over {
            service.overrides.truncate(known);
        }
        if let Some(end) = end {
            is_over = true;
            while rest.as_slice().first().is_some_and(|next| next.range.start < end) {
                rest.next();
            }
        }
    }
}

/// Where a setting ends that has blanks around its sign; `None` for every other.
fn read_override(
    line: &LogicalLine,
    value: &str,
    range: Range<usize>,
    conditional: bool,
    service: &mut Service,
) -> Option<usize> {
    let (inner, shift) = match value.strip_prefix('{') {
        Some(inner) => {
            service.uses_braces = true;
            let Some(inner) = inner.strip_suffix('}') else {
                service.faults.push(Fault::of_all(
                    line.span(range),
                    "the closing brace is missing, or something stands behind it",
                ));
                return None;
            };
            (inner, range.start + 1)
        }
        None => (value, range.start),
    };
    match split_assignment(inner, shift) {
        Ok(parts) => {
            service.overrides.push(Assignment::new(line, parts, conditional));
            None
        }
        Err(why) => {
            let blank_around_equals = line.text.get(range.end..).is_some_and(|after| after.trim_start().starts_with('='));
            let why = if blank_around_equals {
                format!("blanks stand around the `=`, so Postfix reads `{value}` alone and stops: {why}")
            } else {
                format!("Postfix stops at `-o {value}`: {why}")
            };
            // The mark goes over everything that was meant as one setting.
            let end = if blank_around_equals { end_of_setting(&line.text, range.end) } else { range.end };
            let meant = line.text.get(range.start..end).and_then(|text| text.split_once('='));
            let meant = meant.map(|(name, value)| format!("{}={}", name.trim(), value.trim()));
            let fault = Fault::of_service(line.span(range.start..end), why);
            service.faults.push(match meant {
                Some(meant) if blank_around_equals => fault.meaning(meant),
                _ => fault,
            });
            blank_around_equals.then_some(end)
        }
    }
}

/// The end of ` = value` after a name.
fn end_of_setting(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let after_sign = rest.find('=').map_or(0, |at| at + 1);
    let value = rest.get(after_sign..).unwrap_or("");
    let lead = value.len() - value.trim_start().len();
    let length = value.trim_start().find(is_space).unwrap_or(value.trim_start().len());
    from + after_sign + lead + length
}

/// Programs that stop at an argument that is no option; the delivery agents pipe and spawn take them.
fn is_daemon(program: &str) -> bool {
    matches!(program, "smtpd" | "postscreen")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceKind, Sources};

    fn read(path: &str, text: &str) -> (Sources, Syntax) {
        let mut sources = Sources::new();
        sources.add(Source::new(path, text, SourceKind::Authored));
        let syntax = Syntax::read(sources.iter());
        (sources, syntax)
    }

    #[test]
    fn options_in_every_form() {
        let (sources, syntax) = read(
            "master.cf",
            "465 inet n - y - - smtpd\n  -o a=1\n  # note\n\n\t-o { b = 2 3 }\n  -oc=4 -v -vo d=5\n",
        );
        let service = &syntax.services[0];
        let pairs: Vec<(&str, &str)> =
            service.overrides.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "2 3"), ("c", "4"), ("d", "5")]);
        assert!(service.faults.is_empty() && service.uses_braces);
        assert_eq!(sources.slice(service.overrides[1].written), "b = 2 3");
    }

    #[test]
    fn blanks_around_the_sign_stop_the_service() {
        let (sources, syntax) =
            read("master.cf", "smtps inet n - y - - smtpd\n  -o smtpd_tls_wrappermode = yes\n  -o x=y\n");
        let fault = &syntax.services[0].faults[0];
        assert_eq!(sources.slice(fault.span), "smtpd_tls_wrappermode = yes");
        assert!(fault.why.contains("missing '='"));
    }

    #[test]
    fn a_paste_holds_both_languages() {
        let (_, syntax) = read(
            "paste",
            "$ postconf -n\nmyhostname = a.example\nsmtp inet n - y - - smtpd\n -o x=1\nsubmission/inet/y = 2\n",
        );
        assert_eq!(syntax.assignments.len(), 1);
        assert_eq!(syntax.services.len(), 2);
        assert!(syntax.has_main && syntax.has_master);
    }

    #[test]
    fn what_a_template_includes_is_conditional() {
        let (_, syntax) = read("main.cf", "{% if tls %}\na = 1\n{% endif %}\nb = 2\n");
        assert!(syntax.assignments[0].conditional && !syntax.assignments[1].conditional);
        assert!(syntax.faults.is_empty());
    }
}
