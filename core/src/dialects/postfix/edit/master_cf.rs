//! Edits of master.cf: options of a service.

use super::{Writer, command};
use crate::dialects::postfix::lines::is_space;
use crate::dialects::postfix::syntax::{Assignment, Service};
use crate::patch::{Blocked, Edit};
use crate::patch::text::Text;
use crate::source::Span;
use crate::version::Version;

/// The first release that reads `{ name = value }`.
const BRACES_SINCE: Version = Version::new(3, 0, 0);

/// A service by the name that the server's own tool uses, such as `submission/inet`. Of two entries it is the one that
/// stands at `defined`, else the last one.
pub(super) struct Named<'a> {
    pub(super) scope: &'a str,
    pub(super) defined: Option<Span>,
}

/// Gives an option of a service its value, or takes it out.
pub(super) fn write(writer: &mut Writer<'_>, named: &Named<'_>, name: &str, value: Option<&str>) -> Result<(), Blocked> {
    let scope = named.scope;
    let all = writer.syntax.services.iter().filter(|one| one.scope_name() == scope);
    let service = all.clone().find(|one| Some(one.written) == named.defined || Some(one.head) == named.defined).or_else(|| all.clone().next_back());
    let source = service.and_then(|service| writer.sources.file(service.written.file));
    let is_open = source.map(super::is_open).transpose()?;
    // Of a server that was only printed, the service is there all the same.
    let is_printed = is_open.map_or(writer.syntax.is_printed, |is_open| !is_open);
    if is_printed {
        writer.commands.push(command::setting(Some(scope), name, value));
    }
    let (Some(service), Some(source)) = (service, source) else {
        let print_out = writer.sources.iter().find(|_| is_printed).map(|(file, source)| Text::of(file, source));
        let text = print_out.ok_or_else(|| Blocked::NeedFile("master.cf".to_owned()))?;
        let line = value.map(|value| format!("{scope}/{name} = {value}"));
        writer.edits.extend(line.map(|line| text.insert_behind(text.text.len(), &[line])));
        return Ok(());
    };
    if service.conditional {
        return Err(Blocked::Ambiguous(format!("a template decides whether the service `{}` is there", service.name)));
    }
    let text = Text::of(service.written.file, source);
    let mut standing = service.overrides.iter().filter(|one| one.name == name);
    let edits = match (value, standing.next_back()) {
        (Some(value), Some(last)) => replace(writer, text, last, value)?,
        (Some(value), None) if service.is_named => {
            vec![text.insert_behind(service.written.end, &[format!("{scope}/{name} = {value}")])]
        }
        (None, last) if service.is_named => {
            standing.chain(last).flat_map(|one| text.remove_lines(one.written)).collect()
        }
        (Some(value), None) => {
            let line = format!("{}-o {}", indent(text, service), option(writer, name, value)?);
            vec![text.insert_behind(service.written.end, &[line])]
        }
        // An earlier one would count as soon as the last one is gone.
        (None, last) => {
            let all = standing.chain(last);
            all.map(|one| remove(text, one)).collect::<Result<_, _>>()?
        }
    };
    writer.edits.extend(edits);
    Ok(())
}

/// How lines with options begin in this service, or in the file.
pub(super) fn indent<'a>(text: Text<'a>, service: &Service) -> &'a str {
    let lines = |from: usize, to: usize| text.slice(from, to).lines().filter(|line| line.trim_start().starts_with("-o"));
    let own = lines(text.line_start(service.written.start), service.written.end).find(|line| line.starts_with(is_space));
    let any = own.or_else(|| lines(0, text.text.len()).find(|line| line.starts_with(is_space)));
    any.map_or("  ", |line| line.get(..line.len() - line.trim_start().len()).unwrap_or("  "))
}

/// `name=value`, or in braces where blanks belong to the value.
pub(super) fn option(writer: &Writer<'_>, name: &str, value: &str) -> Result<String, Blocked> {
    match plain(name, value) {
        Some(value) => Ok(format!("{name}={value}")),
        None if writer.all_know(BRACES_SINCE) => Ok(format!("{{ {name} = {value} }}")),
        None => Err(Blocked::CannotExpress(format!(
            "Postfix before 3.0 reads no blanks in an option of a service: `{name} = {value}` has to go into main.cf, under a name of its own"
        ))),
    }
}

/// The value without blanks. In lists commas alone part as well, and are read by every release; a text cannot do without.
pub(in crate::dialects::postfix) fn plain(name: &str, value: &str) -> Option<String> {
    match value.contains(is_space) {
        false => Some(value.to_owned()),
        true if name.ends_with("_banner") || value.contains('{') => None,
        true => Some(value.replace(", ", ",").replace(is_space, ",")),
    }
}

/// In its place, in the form that stands there as far as it can hold the value.
fn replace(writer: &Writer<'_>, text: Text<'_>, standing: &Assignment, value: &str) -> Result<Vec<Edit>, Blocked> {
    let in_braces = text.slice(0, standing.written.start).trim_end_matches(is_space).ends_with('{');
    match plain(&standing.name, value) {
        _ if in_braces => Ok(text.replace(standing.value_span, value)),
        Some(value) => Ok(text.replace(standing.value_span, &value)),
        None => Ok(vec![text.put(standing.written.start, standing.written.end, option(writer, &standing.name, value)?)]),
    }
}

/// From the `-o` to the end of the word.
pub(super) fn remove(text: Text<'_>, standing: &Assignment) -> Result<Edit, Blocked> {
    let before = text.slice(0, standing.written.start);
    let bare = before.trim_end_matches(is_space);
    let outside = bare.strip_suffix('{').map(|outside| outside.trim_end_matches(is_space));
    let end = match outside {
        Some(_) => {
            let rest = text.text.get(standing.written.end..).unwrap_or("");
            standing.written.end + rest.find('}').map_or(0, |brace| brace + 1)
        }
        None => standing.written.end,
    };
    let start = outside.unwrap_or(bare).strip_suffix("-o").map(str::len);
    let start = start.ok_or_else(|| {
        Blocked::Ambiguous(format!("the option `{}` stands in a word with other options", standing.name))
    })?;
    Ok(text.remove_word(start, end))
}
