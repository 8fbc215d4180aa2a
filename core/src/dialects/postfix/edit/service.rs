//! A new service in master.cf: the entry that stands there as a comment, or a new one in the file's own style.

use super::{Writer, master_cf};
use crate::dialects::postfix::advise::{self, NewService};
use crate::dialects::postfix::lines::is_space;
use crate::dialects::postfix::syntax::Service;
use crate::patch::{Blocked, Edit};
use crate::patch::text::Text;
use crate::source::Source;

/// Opens a port for users.
pub(super) fn open(writer: &mut Writer<'_>, port: u16) -> Result<(), Blocked> {
    let new = advise::new_service(port, writer.points, writer.syntax);
    let inet = |one: &&Service| one.kind == "inet";
    let last = writer.syntax.services.iter().rfind(inet).ok_or_else(|| Blocked::NeedFile("master.cf".to_owned()))?;
    let source = writer.sources.file(last.written.file).ok_or_else(|| Blocked::NeedFile("master.cf".to_owned()))?;
    let is_open = super::is_open(source)?;
    if !is_open {
        writer.commands.extend(new.commands());
    }
    let edits = match commented(source, &new) {
        Some(block) => uncomment(writer, Text::of(last.written.file, source), &block, &new)?,
        None => vec![insert(writer, source, &new)?],
    };
    writer.edits.extend(edits);
    Ok(())
}

/// An entry that is commented out: where its first line begins, and where the `#` lines behind it end.
struct Commented {
    head: usize,
    end: usize,
}

/// The entry of that name and type among the comments: `#submission inet n - y - - smtpd`.
fn commented(source: &Source, new: &NewService<'_>) -> Option<Commented> {
    let text = source.text();
    let mut offset = 0;
    let mut found: Option<Commented> = None;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        match &mut found {
            Some(block) => match line.strip_prefix('#') {
                Some(rest) if rest.starts_with(is_space) => block.end = offset,
                _ => return found,
            },
            None => {
                let mut words = line.strip_prefix('#').unwrap_or("").split_ascii_whitespace();
                let is_head = words.next() == Some(new.name) && words.next() == Some("inet");
                if is_head && line.starts_with(&format!("#{}", new.name)) && words.count() == 6 && line.trim_end().ends_with("smtpd") {
                    found = Some(Commented { head: start, end: offset });
                }
            }
        }
    }
    found
}

/// Takes the `#` away from the entry and from the options that are wanted as they stand there; the others are put in behind.
fn uncomment(writer: &Writer<'_>, text: Text<'_>, block: &Commented, new: &NewService<'_>) -> Result<Vec<Edit>, Blocked> {
    let mut edits = vec![text.put(block.head, block.head + 1, String::new())];
    edits.extend(shut_in_like_the_other(text, block.head, new));
    let mut missing: Vec<&(String, String)> = new.options.iter().collect();
    let mut behind = text.next_line(block.head);
    let mut indent = "  ";
    let mut at = behind;
    while at < block.end {
        let end = text.next_line(at);
        let line = text.slice(at + 1, end);
        let option = line.trim().strip_prefix("-o").map(|option| option.trim_start_matches(is_space));
        if let Some(option) = option {
            indent = line.get(..line.len() - line.trim_start().len()).unwrap_or(indent);
            let is_wanted = |(name, value): &&(String, String)| {
                option == format!("{name}={value}") || master_cf::plain(name, value).is_some_and(|value| option == format!("{name}={value}"))
            };
            if let Some(index) = missing.iter().position(is_wanted) {
                missing.remove(index);
                edits.push(text.put(at, at + 1, String::new()));
                behind = end;
            }
        }
        at = end;
    }
    let lines = missing.into_iter().map(|(name, value)| Ok(format!("{indent}-o {}", master_cf::option(writer, name, value)?)));
    let lines = lines.collect::<Result<Vec<_>, Blocked>>()?;
    if !lines.is_empty() {
        edits.push(text.insert_behind(behind, &lines));
    }
    Ok(edits)
}

/// A service that is shut into the queue's folder while the other port is not would look for its passwords elsewhere.
fn shut_in_like_the_other(text: Text<'_>, head: usize, new: &NewService<'_>) -> Option<Edit> {
    let columns = text.slice(head, text.line_end(head));
    let word = columns.split_ascii_whitespace().nth(4).filter(|word| new.like.is_some() && *word != new.chroot)?;
    let at = head + (word.as_ptr() as usize).checked_sub(columns.as_ptr() as usize)?;
    Some(text.put(at, at + word.len(), new.chroot.to_owned()))
}

/// Behind the other port for users, or behind the last service of clients from outside.
fn insert(writer: &Writer<'_>, source: &Source, new: &NewService<'_>) -> Result<Edit, Blocked> {
    let file = |service: &&Service| writer.sources.file(service.written.file).is_some_and(|file| std::ptr::eq(file, source));
    let inet = |service: &&Service| file(service) && service.kind == "inet";
    let place = new.like.as_ref().filter(|like| inet(like)).copied();
    let place = place.or_else(|| writer.syntax.services.iter().rfind(inet));
    let place = place.ok_or_else(|| Blocked::NeedFile("master.cf".to_owned()))?;
    let text = Text::of(place.written.file, source);
    let columns = text.slice(place.head.start, place.head.end);
    let head = if new.like.is_some() || place.program == "smtpd" { renamed(columns, new) } else { new.head() };
    let indent = master_cf::indent(text, place);
    let mut lines = vec![head];
    for (name, value) in &new.options {
        lines.push(format!("{indent}-o {}", master_cf::option(writer, name, value)?));
    }
    // Options that are commented out belong to the service before them.
    let is_option = |line: &str| line.strip_prefix('#').is_some_and(|line| line.trim_start_matches(is_space).starts_with("-o"));
    let mut behind = text.next_line(place.written.end.saturating_sub(1));
    while is_option(text.slice(behind, text.next_line(behind))) {
        behind = text.next_line(behind);
    }
    Ok(text.insert_behind(behind, &lines))
}

/// The columns of a service under another name, drawn as they are drawn there.
fn renamed(columns: &str, new: &NewService<'_>) -> String {
    let name_end = columns.find(is_space).unwrap_or(columns.len());
    let rest = columns.get(name_end..).unwrap_or("");
    let blanks = rest.len() - rest.trim_start_matches(is_space).len();
    let behind = rest.trim_start_matches(is_space);
    if blanks < 2 || rest.starts_with('\t') {
        return format!("{}{rest}", new.name);
    }
    format!("{:width$} {behind}", new.name, width = (name_end + blanks).saturating_sub(1))
}
