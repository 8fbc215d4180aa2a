//! The pure core of smtplint: what a mail server's configuration means, and what to say about it.
//!
//! Everything becomes facts, and only facts are judged. Every wish becomes a change, and only a dialect writes it.
//! The core reads no files, opens no sockets, has no clock and no randomness: whoever calls it hands the data in.

pub mod answers;
pub mod certificate;
pub mod change;
pub mod clients;
pub mod dialect;
pub mod dialects;
pub mod diff;
pub mod document;
pub mod explain;
pub mod exposure;
pub mod facts;
pub mod file_change;
pub mod finding;
pub mod fix;
pub mod formats;
pub mod gain;
mod gather;
pub mod impact;
pub mod inspect;
pub mod intake;
pub mod json;
pub mod late;
pub mod link;
pub mod markdown;
pub mod migrate;
pub mod mx;
mod nearest;
pub mod observed;
pub mod patch;
pub mod policy;
mod programs;
pub mod question;
pub mod redact;
pub mod report;
pub mod rule;
pub mod rule_text;
pub mod rules;
pub mod samples;
pub mod setting;
pub mod source;
pub mod suppress;
pub mod template;
pub mod texts;
pub mod tls;
pub mod usage;
pub mod version;

use dialect::Dialect;
use source::Sources;
use version::Target;

pub use inspect::Inspection;
pub use report::{Options, Report, Workings};

/// The name and version that every machine-readable output carries.
pub const TOOL: &str = concat!("smtplint ", env!("CARGO_PKG_VERSION"));

/// Which dialect the sources are written in, `None` when no dialect knows them. Of several programs it is that of the one which takes
/// mail in; the others are judged with it.
#[must_use]
pub fn recognise(sources: &Sources) -> Option<&'static dyn Dialect> {
    programs::first(sources)
}

/// The dialects that the sources are written in, the one of [`recognise`] first: whoever fetches readers fetches these.
#[must_use]
pub fn dialects_in(sources: &Sources) -> Vec<&'static dyn Dialect> {
    let first = recognise(sources);
    let programs = first.map(|first| programs::apart(sources, first)).unwrap_or_default();
    programs.into_iter().map(|program| program.dialect).collect()
}

/// Judges a configuration.
#[must_use]
pub fn check(sources: &Sources, dialect: &dyn Dialect, options: &Options) -> Report {
    let (mut report, _) = report::check(sources, dialect, options);
    suppress::apply(&mut report, sources, &mut ());
    report
}

/// Judges a configuration; beside what its comments ignore, it is ignored what is ordered from outside. `today` is for whatever
/// expires; without it nothing does. A role of a port where nothing listens is noted. What it was made of comes with it.
#[must_use]
pub fn check_with(
    sources: &Sources,
    dialect: &dyn Dialect,
    options: &Options,
    orders: &[suppress::Ignore],
    today: Option<suppress::Day>,
) -> (Report, Workings) {
    let (mut report, workings) = report::check(sources, dialect, options);
    let idle = options.target.roles_of_nothing(report.listeners()).into_iter();
    report.notes.extend(idle.map(|text| report::Note {
        topic: "role-of-nothing",
        text,
        at: None,
    }));
    suppress::apply(&mut report, sources, &mut suppress::Outside::new(orders, today));
    (report, workings)
}

/// The files that a configuration takes certificates and keys from: whoever can look at them hands what is seen back in
/// [`Target::seen`].
#[must_use]
pub fn named_files(sources: &Sources, dialect: &dyn Dialect, target: &Target) -> Vec<certificate::NamedFile> {
    let programs = programs::apart(sources, dialect).into_iter();
    let named = programs.flat_map(|program| program.dialect.read(&program.sources).named_files(target));
    certificate::NamedFile::merged(named)
}

/// Says what is in force, and why.
#[must_use]
pub fn inspect(sources: &Sources, dialect: &dyn Dialect, target: &Target) -> Inspection {
    inspect::inspect(sources, dialect, target)
}

/// The rule, of configurations or of domains, whose id a misspelt one was likely meant for.
#[must_use]
pub fn nearest_of_all_rules(id: &str) -> Option<&'static str> {
    let of_configurations = rules::RULES.iter().map(|(_, rule)| rule.id);
    let of_domains = mx::rules::ALL.iter().map(|rule| rule.id);
    nearest::nearest(id, of_configurations.chain(of_domains)).or_else(|| nearest_rule(id))
}

/// The rule whose id shares most words with a misspelt one.
#[must_use]
pub fn nearest_rule(id: &str) -> Option<&'static str> {
    let shared = |rule: &str| {
        let words = id.split(['-', '_', ' ']).filter(|word| word.len() > 2);
        words
            .filter(|word| rule.split('-').any(|own| own.starts_with(word)))
            .count()
    };
    let all = rules::RULES.iter().map(|(_, rule)| (shared(rule.id), rule.id));
    all.filter(|(count, _)| *count > 0).max().map(|(_, id)| id)
}

/// A rule by its id, with its group.
#[must_use]
pub fn rule_by_id(id: &str) -> Option<(&'static str, &'static rule::Rule)> {
    rules::RULES.iter().copied().find(|(_, rule)| rule.id == id)
}
