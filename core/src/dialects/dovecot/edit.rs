//! How wishes are written into Dovecot's files, every other byte left as it is.

use super::advise::{self, Assign, Place};
use super::releases;
use super::tree::{Entry, Item, Section, Tree, are_same};
use super::view::View;
use crate::change::Change;
use crate::patch::text::Text;
use crate::patch::{Blocked, Edit, Patch, Wish, spelling};
use crate::source::{FileId, Source, SourceKind, Sources, Span};

/// What is being written.
struct Writer<'a> {
    view: View<'a>,
    sources: &'a Sources,
    edits: Vec<Edit>,
}

/// The edits that make all of the wishes true; `view` is that of the newest release in question.
pub(super) fn edit(view: View<'_>, is_mixed: bool, sources: &Sources, wishes: &[Wish]) -> Result<Patch, Blocked> {
    let mut writer = Writer { view, sources, edits: Vec::new() };
    let mut wanted: Vec<(Place<'_>, Vec<Assign>)> = Vec::new();
    for (change, listener) in wishes {
        if writer.of_line(change)? || writer.of_block(change)? {
            continue;
        }
        let Some((_, place, assigns)) = advise::plan(change, listener.as_ref(), &view) else {
            return Err(Blocked::CannotExpress("Dovecot has no setting for it".to_owned()));
        };
        for assign in assigns {
            merge(&mut wanted, &place, assign)?;
        }
    }
    for (place, assigns) in &wanted {
        if is_mixed && assigns.iter().any(|assign| advise::is_of_one_language(assign.name)) {
            let why = "2.4 has another name for it than 2.3: say which of them it is, as in --target dovecot=2.3";
            return Err(Blocked::CannotExpress(why.to_owned()));
        }
        match place {
            Place::Server(protocols) => assigns.iter().try_for_each(|assign| writer.setting(protocols, assign))?,
            Place::Door { service, name } => writer.door(service, name, assigns)?,
        }
    }
    Patch::of(writer.edits).ok_or_else(|| Blocked::Ambiguous("two changes of the same line".to_owned()))
}

/// The same wish of two doors is one; two wishes that contradict each other are none.
fn merge<'a>(wanted: &mut Vec<(Place<'a>, Vec<Assign>)>, place: &Place<'a>, assign: Assign) -> Result<(), Blocked> {
    if let Some(value) = assign.value.as_deref().filter(|value| value.contains(advise::YOURS)) {
        return Err(Blocked::NeedsChoice(format!(
            "the certificate is yours to choose: write the paths of your own into `{} = {value}`",
            assign.name
        )));
    }
    let Some((_, known)) = wanted.iter_mut().find(|(known, _)| known == place) else {
        wanted.push((place.clone(), vec![assign]));
        return Ok(());
    };
    match known.iter().find(|one| one.name == assign.name) {
        Some(one) if *one == assign => {}
        Some(_) => return Err(Blocked::Ambiguous(format!("`{}` is wanted with two values", assign.name))),
        None => known.push(assign),
    }
    Ok(())
}

/// The language of which release it is; true when the releases in question have both.
pub(super) fn is_mixed(points: &[crate::version::Point]) -> bool {
    let is_new = |point: &crate::version::Point| point.version >= releases::NEW_LANGUAGE_SINCE;
    points.iter().any(is_new) && !points.iter().all(is_new)
}

impl<'a> Writer<'a> {
    fn tree(&self) -> &'a Tree {
        self.view.tree
    }

    /// The file itself; a print-out is none, and a file that another program writes is not ours to edit.
    fn open(&self, file: FileId) -> Result<Text<'a>, Blocked> {
        let source: &'a Source = self.sources.file(file).ok_or_else(elsewhere)?;
        match &source.kind {
            SourceKind::Generated { owner, place } => {
                Err(Blocked::Generated { path: source.path.clone(), owner: owner.clone(), place: *place })
            }
            SourceKind::Printed { .. } => Err(elsewhere()),
            SourceKind::Authored => Ok(Text::of(file, source)),
        }
    }

    fn entries(&self) -> impl Iterator<Item = &'a Entry> {
        self.tree().entries()
    }

    /// A change of one line that stands there already; false for every other change.
    fn of_line(&mut self, change: &Change) -> Result<bool, Blocked> {
        let Some(line) = change.line() else { return Ok(false) };
        let Some(entry) = self.entries().find(|entry| entry.is_at(line)) else {
            return Err(Blocked::CannotExpress("nothing plain stands for it".to_owned()));
        };
        let text = self.open(line.file)?;
        let edits = match change {
            Change::RemoveLine { .. } => text.remove_lines(entry.written),
            Change::Spell { words, .. } => {
                let value = spelling::spelt(&entry.value, words);
                if value.is_empty() { text.remove_lines(entry.written) } else { text.replace(entry.value_span, &value) }
            }
            Change::Put { text: meant, .. } => {
                // It starts only without the other slips.
                let tree = self.tree();
                for (entry, meant) in &tree.slips {
                    self.is_alone(entry, meant)?;
                    if entry.name_span != line {
                        self.edits.extend(self.open(entry.name_span.file)?.replace(entry.name_span, meant));
                    }
                }
                text.replace(line, meant)
            }
            _ => return Err(Blocked::CannotExpress("Dovecot has no other name for it".to_owned())),
        };
        self.edits.extend(edits);
        Ok(true)
    }

    /// Of two lines that set the same only the last counts: which one that is to be nobody else knows.
    fn is_alone(&self, slip: &Entry, meant: &str) -> Result<(), Blocked> {
        let tree = self.tree();
        let slips = tree.slips.iter().filter(|(_, other)| *other == meant).map(|(entry, _)| entry);
        let mut others = tree.entries().filter(|entry| entry.name == meant).chain(slips);
        match others.any(|other| other.written != slip.written && are_same(&other.sections, &slip.sections)) {
            true => Err(Blocked::Ambiguous(format!("another line sets `{meant}` as well"))),
            false => Ok(()),
        }
    }

    /// `auth_mechanisms { anonymous = yes }` of the new language; false for every other change, and where no such line stands.
    fn of_block(&mut self, change: &Change) -> Result<bool, Blocked> {
        if *change != Change::RefuseAnonymous {
            return Ok(false);
        }
        let is_it = |entry: &&Entry| {
            let is_within = entry.sections.last().is_some_and(|last| last.kind == "auth_mechanisms");
            is_within && entry.name.eq_ignore_ascii_case("anonymous")
        };
        match self.entries().filter(is_it).last() {
            Some(entry) => self.put(entry, "no").map(|()| true),
            None => Ok(false),
        }
    }

    /// Gives a setting its value where it is decided for each of the protocols, or takes it out; adds it where it stands nowhere.
    fn setting(&mut self, protocols: &[&'static str], assign: &Assign) -> Result<(), Blocked> {
        let Some(value) = &assign.value else {
            // An earlier line would count as soon as the last one is gone.
            let tree = self.tree();
            for entry in tree.entries().filter(|entry| entry.name == assign.name) {
                let edits = self.open(entry.written.file)?.remove_lines(entry.written);
                self.edits.extend(edits);
            }
            return Ok(());
        };
        let mut deciding: Vec<&'a Entry> = Vec::new();
        let mut is_missing = false;
        for protocol in protocols {
            match self.view.of(protocol).deciding(assign.name) {
                Some(entry) if !deciding.contains(&entry) => deciding.push(entry),
                Some(_) => {}
                None => is_missing = true,
            }
        }
        for entry in deciding {
            self.put(entry, value)?;
        }
        if is_missing {
            self.add(assign.name, value)?;
        }
        Ok(())
    }

    /// Puts a value in the place of the one that stands there.
    fn put(&mut self, entry: &Entry, value: &str) -> Result<(), Blocked> {
        let text = self.open(entry.value_span.file)?;
        // Behind a bare sign a value stands apart.
        let is_bare = entry.value_span.start == entry.value_span.end && text.slice(0, entry.value_span.start).ends_with('=');
        let value = if is_bare { format!(" {value}") } else { value.to_owned() };
        self.edits.extend(text.replace(entry.value_span, &value));
        Ok(())
    }

    /// Behind the last line outside of sections whose name has most words in common; at the end of the main file when none has any.
    fn add(&mut self, name: &str, value: &str) -> Result<(), Blocked> {
        let shared = |one: &Entry| one.name.split('_').zip(name.split('_')).take_while(|(one, other)| one == other).count();
        let kin = self.entries().filter(|entry| entry.sections.is_empty() && shared(entry) > 0).max_by_key(|entry| shared(entry));
        let line = [format!("{name} = {value}")];
        let edit = match kin {
            Some(kin) => self.open(kin.written.file)?.insert_behind(kin.written.end, &line),
            None => self.at_the_end(&line)?,
        };
        self.edits.push(edit);
        Ok(())
    }

    /// The end of the file that takes the others together.
    fn at_the_end(&self, lines: &[String]) -> Result<Edit, Blocked> {
        let is_main = |(_, source): &(FileId, &Source)| source.file_name() == "dovecot.conf";
        let mut files = self.sources.iter();
        let only = self.sources.iter().next().filter(|_| self.sources.iter().count() == 1);
        let (file, source) = files.find(is_main).or(only).ok_or_else(elsewhere)?;
        Ok(self.open(file)?.insert_behind(source.text().len(), lines))
    }

    /// Settings of a door, in the section that makes the door, or in one of its own.
    fn door(&mut self, service: &str, name: &str, assigns: &[Assign]) -> Result<(), Blocked> {
        let is_service = |section: &Section| section.kind == "service" && section.name == service;
        let is_door = |sections: &[Section]| {
            matches!(sections, [outer, inner] if is_service(outer) && inner.kind == "inet_listener" && inner.name == name)
        };
        let mut new: Vec<String> = Vec::new();
        for assign in assigns {
            let value = assign.value.as_deref().unwrap_or_default();
            match self.entries().filter(|entry| entry.name == assign.name && is_door(&entry.sections)).last() {
                Some(entry) => self.put(entry, value)?,
                None => new.push(format!("{} = {value}", assign.name)),
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        // The section of the door, or else that of its service; the last one of each.
        let mut within: Option<(Span, bool)> = None;
        for item in &self.tree().items {
            match item {
                Item::Opened(sections) if is_door(sections) => within = sections.last().map(|inner| (inner.opened, true)),
                Item::Opened(sections) if !within.is_some_and(|(_, is_door)| is_door) => match sections.as_slice() {
                    [outer] if is_service(outer) => within = Some((outer.opened, false)),
                    _ => {}
                },
                _ => {}
            }
        }
        let block = |indent: &str, new: &[String]| {
            let inner = new.iter().map(|line| format!("{indent}    {line}"));
            let (open, close) = (format!("{indent}  inet_listener {name} {{"), format!("{indent}  }}"));
            std::iter::once(open).chain(inner).chain([close]).collect::<Vec<_>>()
        };
        let edit = match within {
            Some((opened, is_door)) => {
                let text = self.open(opened.file)?;
                let before = text.slice(text.line_start(opened.start), opened.start);
                let indent = if before.trim().is_empty() { before } else { "" };
                let lines = match is_door {
                    true => new.iter().map(|line| format!("{indent}  {line}")).collect(),
                    false => block(indent, &new),
                };
                text.insert_behind(opened.end, &lines)
            }
            None => {
                let mut lines = vec![format!("service {service} {{")];
                lines.extend(block("", &new));
                lines.push("}".to_owned());
                self.at_the_end(&lines)?
            }
        };
        self.edits.push(edit);
        Ok(())
    }
}

/// What is said where the text is a print-out, or a part of the whole.
fn elsewhere() -> Blocked {
    Blocked::NeedFile("dovecot.conf, or in a file that it includes".to_owned())
}
