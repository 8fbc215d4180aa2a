//! The table of Postfix's own parameters: which exist in which release, and their defaults there.

use std::cmp::Ordering;

use crate::version::{Version, Versions};

/// The parameters, one line a range of releases; the file's head says what the columns are.
const PARAMETERS: &str = include_str!("parameters.tsv");
/// Parameters that exist for each delivery agent or service of a kind.
const SERVICE_PARAMETERS: &str = include_str!("service-parameters.tsv");
/// Parameters that name the settings of a legacy database table.
const DATABASE_PARAMETERS: &str = include_str!("database-parameters.tsv");
/// Parameters that newer releases warn about.
const DEPRECATED: &str = include_str!("deprecated-parameters.tsv");

/// How Postfix reads a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `yes` or `no`.
    Boolean,
    /// Digits.
    Integer,
    /// Digits with a unit.
    Time,
    /// Text in which references are replaced.
    Text,
    /// Text that is used as it stands.
    Raw,
    /// Supplied by the build or the running program.
    Constant,
    /// A former name, empty by default, that other defaults still refer to.
    Legacy,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Which programs stop when they cannot read the value.
    programs: &'static str,
    pub(super) versions: Versions,
    pub(super) default: &'static str,
}

impl Parameter {
    /// True when smtpd reads the parameter as it starts, and stops at a value it cannot read.
    pub(super) fn is_read_by(&self, program: &str) -> bool {
        self.programs.split(',').any(|reader| reader == "all" || reader == program)
    }
}

/// The lines of a table, its head left out.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn parse(line: &'static str) -> Option<Parameter> {
    let mut columns = line.split('\t');
    let name = columns.next()?;
    let kind = match columns.next()? {
        "bool" | "nbool" => Kind::Boolean,
        "int" | "long" | "nint" => Kind::Integer,
        "time" => Kind::Time,
        "raw" => Kind::Raw,
        "const" => Kind::Constant,
        "legacy" => Kind::Legacy,
        _ => Kind::Text,
    };
    let programs = columns.next()?;
    let versions = Versions { first: columns.next()?.parse().ok()?, last: columns.next()?.parse().ok()? };
    Some(Parameter { name, kind, programs, versions, default: columns.next().unwrap_or("") })
}

/// All lines of one parameter, oldest first. The table is sorted by name, so they are found by halving it where it stands:
/// nothing is parsed that nobody asks for.
pub(super) fn lines_of(name: &str) -> impl Iterator<Item = Parameter> {
    let start = first_line_of(name);
    let name = name.to_owned();
    PARAMETERS
        .get(start..)
        .unwrap_or("")
        .lines()
        .take_while(move |line| line.split('\t').next() == Some(name.as_str()))
        .filter_map(parse)
}

fn first_line_of(name: &str) -> usize {
    let (mut low, mut high) = (head_length(PARAMETERS), PARAMETERS.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let before = PARAMETERS.as_bytes().get(..middle).unwrap_or(&[]);
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1).max(low);
        let rest = PARAMETERS.as_bytes().get(line_start..).unwrap_or(&[]);
        let line_length = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        let line_name = rest.split(|&byte| byte == b'\t').next().unwrap_or(&[]);
        if line_name.cmp(name.as_bytes()) == Ordering::Less {
            low = line_start + line_length;
        } else {
            high = line_start;
        }
    }
    low
}

/// The length of the comment lines at a table's head.
fn head_length(table: &str) -> usize {
    table.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum()
}

/// The line in force at a release.
pub(super) fn at(name: &str, version: Version) -> Option<Parameter> {
    lines_of(name).find(|line| line.versions.contains(version))
}

/// True when some release knows the name.
pub(super) fn exists(name: &str) -> bool {
    lines_of(name).next().is_some()
}

/// Every name, each once.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    rows(PARAMETERS).filter_map(|line| line.split('\t').next()).filter(move |name| {
        let fresh = *name != last;
        last = name;
        fresh
    })
}

/// The default of `<service>_<suffix>`, such as `smtp_destination_concurrency_limit`, when `name` is one of those that a
/// service of this name and program has.
pub(super) fn service_default(name: &str, service: &str, program: &str, version: Version) -> Option<&'static str> {
    let suffix = name.strip_prefix(service)?;
    rows(SERVICE_PARAMETERS).find_map(|line| {
        let mut columns = line.split('\t');
        let known = columns.next()?;
        let programs = columns.next()?;
        let versions = Versions { first: columns.next()?.parse().ok()?, last: columns.next()?.parse().ok()? };
        let default = columns.next()?;
        let fits = known == suffix && programs.split(',').any(|one| one == program) && versions.contains(version);
        fits.then_some(default)
    })
}

/// Parameters of a release whose default refers to `name`.
pub(super) fn defaults_referring_to(name: &str, version: Version) -> impl Iterator<Item = &'static str> {
    let reference = format!("${name}");
    rows(PARAMETERS)
        .filter(move |line| {
            line.find(&reference).is_some_and(|at| {
                let after = line.get(at + reference.len()..).unwrap_or("");
                !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            })
        })
        .filter_map(parse)
        .filter(move |parameter| parameter.versions.contains(version))
        .map(|parameter| parameter.name)
}

/// The suffixes that a table type reads as `<table>_<suffix>`, when it is an old one that does so.
pub(super) fn database_suffixes(database: &str) -> impl Iterator<Item = &'static str> {
    rows(DATABASE_PARAMETERS).filter_map(|line| line.split_once('\t')).filter_map(move |(kind, suffix)| {
        (kind == database).then_some(suffix)
    })
}

/// Since when a parameter is warned about, and what the server says to use instead.
pub(super) fn deprecated(name: &str) -> Option<(Version, &'static str)> {
    rows(DEPRECATED).find_map(|line| {
        let mut columns = line.split('\t');
        (columns.next()? == name).then_some(())?;
        Some((columns.next()?.parse().ok()?, columns.next()?))
    })
}

/// A real name close to a misspelt one: at most two letters away, and only one such.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let allowed = if name.len() < 8 { 1 } else { 2 };
    names()
        .filter(|known| known.len().abs_diff(name.len()) <= allowed)
        .map(|known| (distance(known.as_bytes(), name.as_bytes(), allowed), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Letters to change, add or leave out; anything above `limit` counts as `limit + 1`.
fn distance(left: &[u8], right: &[u8], limit: usize) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        let mut best = i + 1;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, b) in right.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(limit + 1);
            let beside = row.get(j).copied().unwrap_or(limit + 1);
            let cost = (diagonal + usize::from(a != b)).min(above + 1).min(beside + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = cost;
            }
            best = best.min(cost);
        }
        if best > limit {
            return limit + 1;
        }
    }
    row.last().copied().unwrap_or(limit + 1)
}
