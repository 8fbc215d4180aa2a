//! A service of master.cf that goes: its lines stay as comments.

use super::{Writer, command};
use crate::facts::Listener;
use crate::patch::{Blocked, Edit};
use crate::patch::text::{Text, is_comment};
use crate::source::Span;

/// Puts a `#` in front of every line of the service, and of earlier entries of the same name: one of them would take its place.
/// What is commented out behind it stays as it is.
pub(super) fn close(writer: &mut Writer<'_>, listener: Option<&Listener>) -> Result<(), Blocked> {
    let missing = || Blocked::NeedFile("master.cf".to_owned());
    let is_meant = |span| listener.is_some_and(|listener| listener.defined == Some(span));
    let services = writer.syntax.services.iter();
    let service = services.clone().find(|one| is_meant(one.written) || is_meant(one.head)).ok_or_else(missing)?;
    let scope = service.scope_name();
    for entry in services.filter(|one| one.scope_name() == scope) {
        if entry.is_named {
            return Err(missing());
        }
        if entry.conditional {
            return Err(Blocked::Ambiguous(format!("a template decides whether the service `{}` is there", entry.name)));
        }
        let source = writer.sources.file(entry.written.file).ok_or_else(missing)?;
        if !super::is_open(source)? {
            writer.commands.push(command::comment_out(&scope));
        }
        let text = Text::of(entry.written.file, source);
        let mut start = text.line_start(entry.written.start);
        while start < entry.written.end {
            let end = text.next_line(start);
            if !is_comment(text.slice(start, end)) {
                let place = Span { file: text.file, start, end: start };
                writer.edits.push(Edit::insert(place, "#"));
            }
            start = end;
        }
    }
    Ok(())
}
