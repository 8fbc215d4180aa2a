//! Edits of main.cf: a parameter changed in its place, taken out, or added beside its kin.

use super::{Writer, command};
use crate::dialects::postfix::syntax::Assignment;
use crate::patch::Blocked;
use crate::patch::text::Text;
use crate::source::{FileId, Source};

/// Gives a parameter its value, or takes it out. Where the text is a print-out, the server's own tool does that, and the edit
/// shows what comes of it.
pub(super) fn write(writer: &mut Writer<'_>, name: &str, value: Option<&str>) -> Result<(), Blocked> {
    let (text, is_open) = home(writer)?;
    if !is_open {
        writer.commands.push(command::setting(None, name, value));
    }
    let all = || writer.syntax.assignments.iter().filter(|one| one.name == name);
    if all().any(|one| one.conditional) {
        return Err(Blocked::Ambiguous(format!("a template decides whether the line that sets `{name}` is there")));
    }
    if let Some(other) = all().find(|one| one.written.file != text.file) {
        let path = writer.sources.file(other.written.file).map_or("", |file| &file.path);
        return Err(Blocked::Ambiguous(format!("`{name}` is set in {path} as well")));
    }
    let edits = match (value, all().next_back()) {
        (Some(value), Some(last)) => {
            // Behind a bare sign a value stands apart.
            let is_bare = last.value_span.start == last.value_span.end && !value.is_empty();
            let is_bare = is_bare && text.slice(0, last.value_span.start).ends_with('=');
            text.replace(last.value_span, &if is_bare { format!(" {value}") } else { value.to_owned() })
        }
        (Some(value), None) => vec![add(writer, text, name, value)],
        // An earlier line would count as soon as the last one is gone.
        (None, _) => all().flat_map(|one| text.remove_lines(one.written)).collect(),
    };
    writer.edits.extend(edits);
    Ok(())
}

/// The file that is main.cf, and whether it is the file itself. A print-out of services alone is none: what else main.cf says is
/// not known, and one line of it would pass for all.
fn home<'a>(writer: &Writer<'a>) -> Result<(Text<'a>, bool), Blocked> {
    let named = |(_, source): &(FileId, &Source)| matches!(source.file_name(), "main.cf" | "main.cf.proto");
    let holds = |(file, _): &(FileId, &Source)| writer.syntax.assignments.iter().any(|one| one.written.file == *file);
    let is_master = |source: &Source| matches!(source.file_name(), "master.cf" | "master.cf.proto");
    let (file, source) = (writer.sources.iter().find(named))
        .or_else(|| writer.sources.iter().find(holds))
        .or_else(|| writer.sources.iter().find(|(_, source)| source.is_printed() && !is_master(source)).filter(|_| writer.syntax.has_main))
        .ok_or_else(|| Blocked::NeedFile("main.cf".to_owned()))?;
    Ok((Text::of(file, source), super::is_open(source)?))
}

/// Behind the last line whose name has most words in common; at the end of the file when none has any, or of its lines for main.cf
/// where a paste has services as well.
fn add(writer: &Writer<'_>, text: Text<'_>, name: &str, value: &str) -> crate::patch::Edit {
    let here = writer.syntax.assignments.iter().filter(|one| one.written.file == text.file && !one.conditional);
    let shared = |one: &Assignment| one.name.split('_').zip(name.split('_')).take_while(|(one, other)| one == other).count();
    let has_services = writer.syntax.services.iter().any(|one| one.written.file == text.file);
    let last = here.clone().next_back().filter(|_| has_services);
    let kin = here.filter(|one| shared(one) > 0).max_by_key(|one| shared(one));
    let sign = kin.map_or(" = ", |kin| sign(text, kin));
    let line = format!("{name}{sign}{value}").trim_end().to_owned();
    text.insert_behind(kin.or(last).map_or(text.text.len(), |one| one.written.end), &[line])
}

/// How a line writes its sign: with blanks around it or without. Columns that were drawn by hand are not drawn on.
fn sign(text: Text<'_>, kin: &Assignment) -> &'static str {
    let between = text.slice(kin.written.start + kin.name.len(), kin.value_span.start);
    if between == "=" { "=" } else { " = " }
}
