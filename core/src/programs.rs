//! The programs whose files were given together: a machine often runs two, such as Postfix and the Dovecot that knows its users.

use crate::dialect::{Dialect, Likelihood};
use crate::dialects::DIALECTS;
use crate::source::{FileId, Source, Sources};

/// A program, and its files among all that were given.
pub(crate) struct Program<'a> {
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) sources: Sources,
}

/// Which program the sources are of; where they are of several, the one that takes mail in. `None` when no dialect knows them.
pub(crate) fn first(sources: &Sources) -> Option<&'static dyn Dialect> {
    let mut found: Option<(Likelihood, &'static dyn Dialect)> = None;
    for (_, source) in sources.iter() {
        let Some(own) = DIALECTS
            .iter()
            .map(|dialect| (likelihood(*dialect, source), *dialect))
            .max_by_key(|(likelihood, _)| *likelihood)
        else {
            continue;
        };
        // Who is likely to own a file is there; of those that are, the last of the list goes first.
        let rank = |(likelihood, dialect): &(Likelihood, &dyn Dialect)| {
            let place = DIALECTS.iter().position(|one| one.id() == dialect.id());
            let is_there = *likelihood >= Likelihood::Likely;
            (if is_there { Likelihood::Certain } else { *likelihood }, place)
        };
        if own.0 > Likelihood::No && found.as_ref().is_none_or(|found| rank(&own) > rank(found)) {
            found = Some(own);
        }
    }
    found.map(|(_, dialect)| dialect)
}

/// The files of each program, those of `first` before the others'. A file that nobody knows is of the program in whose folder it
/// stands, or goes with the one before it.
pub(crate) fn apart<'a>(sources: &Sources, first: &'a dyn Dialect) -> Vec<Program<'a>> {
    let mut programs = vec![Program {
        dialect: first,
        sources: sources.clone(),
    }];
    if sources.is_of_one() {
        return programs;
    }
    let known: Vec<(FileId, &Source, Option<&str>)> = sources
        .iter()
        .map(|(file, source)| (file, source, owner_of(source, first).map(Dialect::id)))
        .collect();
    let mut before = first.id();
    let mut owners: Vec<(FileId, &str)> = Vec::new();
    for (file, source, owner) in &known {
        before = owner.or_else(|| of_folder(source, &known)).unwrap_or(before);
        owners.push((*file, before));
    }
    let is_there =
        |dialect: &&&dyn Dialect| dialect.id() != first.id() && owners.iter().any(|(_, id)| *id == dialect.id());
    let others = DIALECTS.iter().filter(is_there);
    programs.extend(others.map(|dialect| Program {
        dialect: *dialect,
        sources: sources.clone(),
    }));
    if programs.len() > 1 {
        for program in &mut programs {
            let of_others = owners.iter().filter(|(_, id)| *id != program.dialect.id());
            program.sources = sources.without(of_others.map(|(file, _)| *file).collect());
        }
    }
    programs
}

/// The program whose files stand in the same folder, or in the nearest one above or below it.
fn of_folder<'a>(source: &Source, known: &[(FileId, &Source, Option<&'a str>)]) -> Option<&'a str> {
    // `/etc/postfix` and `/etc/dovecot` share two parts, the empty one before the first sign among them.
    let folders = |path: &'_ str| path.rsplit_once('/').map_or(0, |(folder, _)| folder.len());
    let own = source.path.get(..folders(&source.path)).unwrap_or("");
    let shared = |other: &Source| {
        let other = other.path.get(..folders(&other.path)).unwrap_or("");
        let parts = own.split('/').zip(other.split('/'));
        parts.take_while(|(one, other)| one == other).count()
    };
    let mut best = (0, None);
    for (_, other, owner) in known {
        if let Some(owner) = owner
            && !own.is_empty()
            && shared(other) > best.0
        {
            best = (shared(other), Some(*owner));
        }
    }
    best.1
}

/// The one program of these, with its files.
pub(crate) fn only<'a>(sources: &Sources, dialect: &'a dyn Dialect) -> Program<'a> {
    let mut programs = apart(sources, dialect);
    programs.swap_remove(0)
}

fn likelihood(dialect: &dyn Dialect, source: &Source) -> Likelihood {
    dialect.recognise(&source.path, source.text())
}

/// The likeliest; `first` where another one is no likelier.
fn owner_of<'a>(source: &Source, first: &'a dyn Dialect) -> Option<&'a dyn Dialect> {
    let mut best = (likelihood(first, source), first);
    for dialect in DIALECTS.iter().filter(|dialect| dialect.id() != first.id()) {
        let other = likelihood(*dialect, source);
        if other > best.0 {
            best = (other, *dialect);
        }
    }
    (best.0 > Likelihood::No).then_some(best.1)
}
