//! Changes of one line or one word that stands in the text already.

use super::{Writer, command};
use crate::change::{Advice, Change};
use crate::dialects::postfix::syntax::{Assignment, Syntax};
use crate::patch::{Blocked, Edit};
use crate::patch::spelling::{places, spelt, titled, with_its_sign};
use crate::patch::text::Text;
use crate::source::Span;

/// A setting that stands in a text, and the service it is an option of.
struct Standing<'a> {
    assignment: &'a Assignment,
    service: Option<&'a str>,
    scope: Option<String>,
}

fn standing(syntax: &Syntax, line: Span) -> Option<Standing<'_>> {
    let in_main = syntax.assignments.iter().find(|one| one.written == line);
    let in_main = in_main.map(|assignment| Standing { assignment, service: None, scope: None });
    in_main.or_else(|| {
        let find = |one: &&Assignment| one.written == line;
        let mut found = syntax.services.iter().filter_map(|service| Some((service, service.overrides.iter().find(find)?)));
        let (service, assignment) = found.next()?;
        Some(Standing { assignment, service: Some(&service.name), scope: Some(service.scope_name()) })
    })
}

/// The line as it shall be: name and value; `None` for one that goes.
fn wanted<'a>(change: &'a Change, standing: &'a Assignment) -> Option<(&'a str, String)> {
    match change {
        Change::Rename { to, value, .. } => Some((to, value.clone().unwrap_or_else(|| standing.value.clone()))),
        Change::Spell { words, .. } => Some((&standing.name, spelt(&standing.value, words))),
        _ => None,
    }
}

/// The lines to copy.
pub(in crate::dialects::postfix) fn advise(syntax: &Syntax, change: &Change, line: Span) -> Option<Advice> {
    match change {
        Change::Put { title, text, .. } => {
            let in_master = syntax.services.iter().any(|one| one.written.file == line.file);
            // A value by itself would not tell whose it is.
            let whose = syntax.assignments.iter().find(|one| one.value_span == line).map(|one| format!("{} = {text}", one.name));
            let of_service = || {
                syntax.services.iter().find_map(|service| {
                    let one = service.overrides.iter().find(|one| one.value_span == line)?;
                    Some(format!("{} {} …\n  -o {}={text}", service.name, service.kind, one.name))
                })
            };
            let text = whose.or_else(of_service).unwrap_or_else(|| text.clone());
            let file = if in_master { "master.cf" } else { "main.cf" };
            return Some(Advice { title: title.clone(), file: file.to_owned(), text });
        }
        Change::RemoveService { .. } => {
            let service = syntax.services.iter().find(|one| one.head == line)?;
            let text = format!("# {} {} …    (take this entry out)", service.name, service.kind);
            return Some(Advice { title: "Take the entry out that never runs".to_owned(), file: "master.cf".to_owned(), text });
        }
        _ => {}
    }
    let Standing { assignment, service, scope } = standing(syntax, line)?;
    let title = match change {
        Change::RemoveLine { .. } => "Take the line out that has no effect".to_owned(),
        Change::Rename { to, .. } => format!("Write `{to}`"),
        Change::Spell { words, .. } => titled(words),
        _ => return None,
    };
    let wanted = wanted(change, assignment).map(|(name, value)| (name, value.split_whitespace().collect::<Vec<_>>().join(" ")));
    let (file, text) = match (service, syntax.is_printed, wanted) {
        (None, false, Some((name, value))) => ("main.cf", format!("{name} = {value}")),
        (None, false, None) => ("main.cf", format!("# {} = {}    (take this line out)", assignment.name, assignment.value)),
        (Some(service), false, Some((name, value))) => ("master.cf", format!("{service} …\n  -o {name}={value}")),
        (Some(service), false, None) => ("master.cf", format!("{service} …\n  # -o {}=…    (take this option out)", assignment.name)),
        (_, true, Some((name, value))) => ("shell", command::setting(scope.as_deref(), name, Some(&value))),
        (_, true, None) => ("shell", command::setting(scope.as_deref(), &assignment.name, None)),
    };
    Some(Advice { title, file: file.to_owned(), text })
}

/// The command that puts a text in the place of a value, or of the name of a service.
fn put(syntax: &Syntax, change: &Change, place: Span) -> Option<String> {
    let Change::Put { text: meant, .. } = change else { return None };
    if let Some(one) = syntax.assignments.iter().find(|one| one.value_span == place) {
        return Some(command::setting(None, &one.name, Some(meant)));
    }
    syntax.services.iter().find_map(|service| {
        let scope = service.scope_name();
        if let Some(one) = service.overrides.iter().find(|one| one.value_span == place) {
            return Some(command::setting(Some(&scope), &one.name, Some(meant)));
        }
        let end = service.head.start + service.name.len();
        let is_name = !service.is_named && service.head.file == place.file && service.head.start <= place.start && place.end == end;
        let host = service.name.get(..place.start.checked_sub(service.head.start)?).filter(|_| is_name)?;
        Some(command::name(&scope, &format!("{host}{meant}")))
    })
}

/// The other slips of the same service: it runs only without any of them.
fn slips_beside(syntax: &Syntax, text: Text<'_>, place: Span) -> Vec<Edit> {
    let all = syntax.services.iter().map(|service| &service.faults);
    let of_service = all.into_iter().find(|faults| faults.iter().any(|fault| fault.span == place));
    let others = of_service.into_iter().flatten().filter(|fault| fault.span != place && fault.span.file == place.file);
    let put = |(span, meant): (Span, &String)| text.put(span.start, span.end, meant.clone());
    others.filter_map(|fault| Some((fault.span, fault.meant.as_ref()?))).map(put).collect()
}

/// The edits.
pub(super) fn write(writer: &mut Writer<'_>, change: &Change, line: Span) -> Result<(), Blocked> {
    let gone = || Blocked::Ambiguous("the line does not stand there any more".to_owned());
    let source = writer.sources.file(line.file).ok_or_else(gone)?;
    let is_open = super::is_open(source)?;
    let text = Text::of(line.file, source);
    let alone = match change {
        Change::Put { text: meant, .. } => {
            let put = text.put(line.start, line.end, meant.clone());
            Some(std::iter::once(put).chain(slips_beside(writer.syntax, text, line)).collect())
        }
        Change::RemoveService { .. } => {
            let service = writer.syntax.services.iter().find(|one| one.head == line).ok_or_else(gone)?;
            Some(text.remove_lines(service.written))
        }
        _ => None,
    };
    if let Some(edits) = alone {
        if !is_open {
            // Of two entries of one name, and of what the tool cannot read, a print-out does not show where they stand.
            let unknown = || Blocked::Ambiguous("the text is a print-out".to_owned());
            writer.commands.push(put(writer.syntax, change, line).ok_or_else(unknown)?);
        }
        writer.edits.extend(edits);
        return Ok(());
    }
    let Standing { assignment, service, .. } = standing(writer.syntax, line).ok_or_else(gone)?;
    if !is_open {
        let advice = advise(writer.syntax, change, line);
        writer.commands.extend(advice.into_iter().flat_map(|advice| advice.text.lines().map(str::to_owned).collect::<Vec<_>>()));
    }
    match change {
        Change::RemoveLine { .. } if service.is_none() => writer.edits.extend(text.remove_lines(line)),
        Change::RemoveLine { .. } => writer.edits.push(super::master_cf::remove(text, assignment)?),
        Change::Rename { to, value, .. } => {
            writer.edits.push(text.put(line.start, line.start + assignment.name.len(), (*to).to_owned()));
            writer.edits.extend(value.iter().flat_map(|value| text.replace(assignment.value_span, value)));
        }
        Change::Spell { words, .. } => {
            let span = assignment.value_span;
            let written = text.slice(span.start, span.end);
            for (word, meant) in words {
                let found = places(written, word);
                if found.is_empty() {
                    return Err(Blocked::Ambiguous(format!("`{word}` comes into the value from another setting")));
                }
                for at in found {
                    let range = with_its_sign(written, at, word.len(), meant);
                    writer.edits.push(text.put(span.start + range.start, span.start + range.end, meant.clone()));
                }
            }
        }
        _ => {}
    }
    Ok(())
}
