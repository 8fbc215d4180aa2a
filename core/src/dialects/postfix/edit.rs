//! How wishes are written into main.cf and master.cf, every other byte left as it is.

pub(super) mod command;
mod main_cf;
mod master_cf;
pub(super) mod meant;
mod port;
mod service;
pub(super) mod spelling;

pub(super) use master_cf::plain;

use super::advise::{self, Assign};
use super::syntax::Syntax;
use crate::change::Change;
use crate::patch::{Blocked, Edit, Patch, Wish};
use crate::source::{Source, SourceKind, Sources, Span};
use crate::version::{Point, Version};

/// What is being written.
struct Writer<'a> {
    syntax: &'a Syntax,
    sources: &'a Sources,
    points: &'a [Point],
    edits: Vec<Edit>,
    commands: Vec<String>,
}

impl Writer<'_> {
    /// True when every release in question is at least this one.
    fn all_know(&self, since: Version) -> bool {
        !self.points.is_empty() && self.points.iter().all(|point| point.version >= since)
    }
}

/// A setting as it shall be, and where.
#[derive(PartialEq)]
struct Wanted<'a> {
    /// The service, or main.cf.
    scope: Option<(&'a str, Option<Span>)>,
    name: &'a str,
    /// `None` for one that goes.
    value: Option<String>,
}

/// The edits that make all of the wishes true at every point.
pub(super) fn edit(syntax: &Syntax, sources: &Sources, wishes: &[Wish], points: &[Point]) -> Result<Patch, Blocked> {
    let mut writer = Writer { syntax, sources, points, edits: Vec::new(), commands: Vec::new() };
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for (change, listener) in wishes {
        if let Change::OpenForUsers { port } = change {
            service::open(&mut writer, *port)?;
            continue;
        }
        if *change == Change::CloseListener {
            port::close(&mut writer, listener.as_ref())?;
            continue;
        }
        if let Some(line) = change.line() {
            spelling::write(&mut writer, change, line)?;
            continue;
        }
        let (_, assigns, on_listener) = advise::plan(change, listener.as_ref(), points);
        let scope = match change {
            Change::SendOverTls { service, own, .. } => own.then_some((service.as_str(), None)),
            _ => listener.as_ref().filter(|_| on_listener).map(|one| (one.service.as_str(), one.defined)),
        };
        for assign in assigns {
            merge(&mut wanted, scope, assign)?;
        }
    }
    for one in &wanted {
        match one.scope {
            Some((scope, defined)) => {
                master_cf::write(&mut writer, &master_cf::Named { scope, defined }, one.name, one.value.as_deref())?;
            }
            None => main_cf::write(&mut writer, one.name, one.value.as_deref())?,
        }
    }
    let clash = || Blocked::Ambiguous("two changes of the same line".to_owned());
    let patch = Patch::of(writer.edits).ok_or_else(clash)?;
    Ok(Patch { commands: writer.commands, ..patch })
}

/// The same wish of two listeners is one; two wishes that contradict each other are none.
fn merge<'a>(wanted: &mut Vec<Wanted<'a>>, scope: Option<(&'a str, Option<Span>)>, assign: Assign<'a>) -> Result<(), Blocked> {
    if assign.value.contains(advise::YOURS) {
        return Err(Blocked::NeedsChoice(format!(
            "the certificate is yours to choose: write the paths of your own into `{} = {}`",
            assign.name, assign.value
        )));
    }
    let one = Wanted { scope, name: assign.name, value: (!assign.goes).then_some(assign.value) };
    match wanted.iter().find(|known| known.scope == one.scope && known.name == one.name) {
        Some(known) if known.value == one.value => {}
        Some(_) => return Err(Blocked::Ambiguous(format!("`{}` is wanted with two values", one.name))),
        None => wanted.push(one),
    }
    Ok(())
}

/// True when the file itself was given, false for what a program printed of it. A file that another program writes is not ours
/// to edit.
fn is_open(source: &Source) -> Result<bool, Blocked> {
    match &source.kind {
        SourceKind::Generated { owner, place } => {
            Err(Blocked::Generated { path: source.path.clone(), owner: owner.clone(), place: *place })
        }
        _ => Ok(!source.is_print_out()),
    }
}
