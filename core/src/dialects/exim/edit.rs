//! How wishes are written into Exim's files, every other byte left as it is.

use super::advise::{self, Plan, RECIPIENTS};
use super::config::Entry;
use super::view::View;
use crate::change::Change;
use crate::patch::text::Text;
use crate::patch::{Blocked, Edit, Patch, Wish};
use crate::source::{FileId, Source, SourceKind, Sources};

/// The edits that make all of the wishes true.
///
/// # Errors
/// What keeps one of them from being written.
pub(super) fn edit(view: &View<'_>, sources: &Sources, wishes: &[Wish], are_answers_alone: bool) -> Result<Patch, Blocked> {
    let mut plan = Plan::new(view);
    let mut edits = Vec::new();
    for (change, listener) in wishes {
        if let Change::Spell { words, .. } = change {
            let words: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
            return Err(Blocked::NeedsChoice(format!("take the authenticator out that offers {}", words.join(" and "))));
        } else if let Change::RemoveLine { line, .. } = change {
            let entry = view.config.options.iter().chain(&view.config.lists).find(|entry| entry.written == *line);
            let entry = entry.ok_or_else(|| Blocked::CannotExpress("nothing plain stands for it".to_owned()))?;
            edits.extend(open(sources, entry.written.file)?.remove_lines(entry.written));
        } else if let Change::Put { .. } = change {
            // It starts only without any of them.
            for (entry, meant) in view.config.slips() {
                edits.extend(spelt(sources, entry, meant)?);
            }
        } else {
            plan.grant(change, listener.as_ref())?;
        }
    }
    for (name, value) in &plan.values {
        if value.contains(advise::YOURS) {
            return Err(Blocked::NeedsChoice(format!("the certificate is yours to choose: write the paths of your own into `{name} = {value}`")));
        }
        if let Some(edit) = answer(view, sources, name, value) {
            edits.extend(edit?);
            continue;
        }
        if are_answers_alone {
            return Err(elsewhere());
        }
        edits.extend(option(view, sources, name, value)?);
    }
    for (transport, option, value) in &plan.of_transports {
        edits.extend(within(view, sources, transport, option, value)?);
    }
    let statements = plan.statements();
    if !statements.is_empty() && are_answers_alone {
        return Err(elsewhere());
    }
    if !statements.is_empty() {
        let list = view.fixed(RECIPIENTS);
        let list = list.known().and_then(|name| view.config.acl(name)).ok_or_else(elsewhere)?;
        edits.push(open(sources, list.named.file)?.insert_behind(list.named.end, &statements));
    }
    Patch::of(edits).ok_or_else(|| Blocked::Ambiguous("two changes of the same line".to_owned()))
}

/// Another name for an option; a macro may have put the one there that it has.
fn spelt(sources: &Sources, entry: &Entry, meant: &str) -> Result<Vec<Edit>, Blocked> {
    let place = entry.name_span;
    let written = sources.file(place.file).and_then(|source| source.text().get(place.start..place.end));
    if written != Some(&entry.name) {
        return Err(Blocked::CannotExpress("nothing plain stands for it".to_owned()));
    }
    Ok(open(sources, place.file)?.replace(place, meant))
}

/// The file itself; a print-out is none, and a file that another program writes is not ours to edit.
fn open(sources: &Sources, file: FileId) -> Result<Text<'_>, Blocked> {
    let source: &Source = sources.file(file).ok_or_else(elsewhere)?;
    match &source.kind {
        SourceKind::Generated { owner, place } => Err(Blocked::Generated { path: source.path.clone(), owner: owner.clone(), place: *place }),
        SourceKind::Printed { .. } => Err(elsewhere()),
        SourceKind::Authored => Ok(Text::of(file, source)),
    }
}

/// The same in Debian's answers, where a list comes from them; `None` where it does not.
fn answer(view: &View<'_>, sources: &Sources, name: &str, value: &str) -> Option<Result<Vec<Edit>, Blocked>> {
    let entry = view.config.lists.iter().find(|entry| entry.name == name)?;
    let places = entry.macros.iter().map(|(_, place)| *place).chain([entry.written]);
    let place = places.into_iter().find(|place| {
        let text = sources.file(place.file).and_then(|source| source.text().get(place.start..place.end));
        text.is_some_and(|text| text.starts_with(advise::TRUSTED_ANSWER))
    })?;
    Some(open(sources, place.file).map(|text| text.replace(place, &advise::as_answer(value))))
}

/// Gives an option or a named list its value: where it stands, or behind what is most like it.
fn option(view: &View<'_>, sources: &Sources, name: &str, value: &str) -> Result<Vec<Edit>, Blocked> {
    let near = advise::neighbours(view, name, FEW);
    if let Some(entry) = near.first().filter(|entry| entry.name == name) {
        if entry.open.is_some() {
            return Err(Blocked::Ambiguous(format!("whether the line that sets `{name}` is read hangs on what is not known")));
        }
        // What stands alone is true, and with `no_` before it false.
        let is_bare = entry.value_span == entry.written;
        let text = open(sources, entry.written.file)?;
        let place = entry.value_span;
        let follows_closely = place.start == place.end && text.slice(0, place.start).ends_with('=') && !value.is_empty();
        let with = match (is_bare, follows_closely) {
            (true, _) => format!("{name} = {value}"),
            (false, true) => format!(" {value}"),
            (false, false) => value.to_owned(),
        };
        return Ok(text.replace(place, &with));
    }
    let line = [format!("{name} = {value}")];
    // A line within a condition goes when the condition does; what stands far behind costs a look at all that is before it.
    for entry in near.iter().filter(|entry| entry.open.is_none()) {
        let text = open(sources, entry.written.file)?;
        if is_outside(text.slice(0, entry.written.start)) {
            return Ok(vec![text.insert_behind(entry.written.end, &line)]);
        }
    }
    // Before all sections.
    let file = view.config.options.first().map(|entry| entry.written.file).ok_or_else(elsewhere)?;
    Ok(vec![open(sources, file)?.put(0, 0, format!("{}\n", line.concat()))])
}

/// Gives an option of a transport its value: where it stands, or behind the line that names the driver.
fn within(view: &View<'_>, sources: &Sources, transport: &str, name: &str, value: &str) -> Result<Vec<Edit>, Blocked> {
    let transport = view.config.transport(transport).ok_or_else(elsewhere)?;
    let unsure = || Blocked::Ambiguous(format!("whether the line that sets `{name}` is read hangs on what is not known"));
    if let Some(entry) = transport.option(name) {
        if entry.open.is_some() || entry.value_span == entry.written {
            return Err(unsure());
        }
        return Ok(open(sources, entry.written.file)?.replace(entry.value_span, value));
    }
    let driver = transport.option("driver").filter(|driver| driver.open.is_none()).ok_or_else(unsure)?;
    let text = open(sources, driver.written.file)?;
    let line = text.slice(0, driver.written.start).rsplit('\n').next().unwrap_or("");
    let indent: String = line.chars().take_while(|sign| sign.is_whitespace()).collect();
    Ok(vec![text.insert_behind(driver.written.end, &[format!("{indent}{name} = {value}")])])
}

/// So many lines are looked at for one that stands in no condition.
const FEW: usize = 16;

/// True where no `.ifdef` is open behind a text.
fn is_outside(text: &str) -> bool {
    let depth = text.lines().map(str::trim_start).fold(0_usize, |depth, line| {
        if line.starts_with(".ifdef") || line.starts_with(".ifndef") {
            depth + 1
        } else {
            depth.saturating_sub(usize::from(line.starts_with(".endif")))
        }
    });
    depth == 0
}

/// What is said where the text is a print-out, or a part of the whole.
fn elsewhere() -> Blocked {
    Blocked::NeedFile("Exim's own configuration file".to_owned())
}
