//! The table of Postfix's own parameters: which exist in which release, and their defaults there.

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::{releases, table};
use crate::texts::{Text, text_file};
use crate::version::{Version, Versions};

/// Parameters that exist for each delivery agent or service of a kind.
pub(super) static SERVICE_PARAMETERS: Text = text_file!("postfix-service-parameters", "service-parameters.tsv");
/// Parameters that name the settings of a legacy database table.
pub(super) static DATABASE_PARAMETERS: Text = text_file!("postfix-database-parameters", "database-parameters.tsv");
/// Parameters that newer releases warn about.
pub(super) static DEPRECATED: Text = text_file!("postfix-deprecated-parameters", "deprecated-parameters.tsv");

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
    pub(super) nature: Nature,
    pub(super) versions: Versions,
    pub(super) default: &'static str,
}

impl Parameter {
    /// True when the other line is about the same kind of value, for the same programs, from the next release on.
    pub(super) fn only_default_differs(&self, next: &Parameter) -> bool {
        self.nature == next.nature && releases::after(self.versions.last) == Some(next.versions.first)
    }
}

/// What a parameter is, whatever its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nature {
    pub(super) kind: Kind,
    /// Which programs stop when they cannot read the value.
    programs: &'static str,
}

impl Nature {
    /// True when smtpd reads the parameter as it starts, and stops at a value it cannot read.
    pub(super) fn is_read_by(&self, program: &str) -> bool {
        self.programs.split(',').any(|reader| reader == "all" || reader == program)
    }
}

/// The lines of a table, its head left out.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// What stands before a byte, and behind it. Parts are short, so a plain walk is faster than a search.
fn split_at_byte(text: &str, byte: u8) -> (&str, &str) {
    let end = text.bytes().position(|one| one == byte).unwrap_or(text.len());
    (text.get(..end).unwrap_or(""), text.get(end + 1..).unwrap_or(""))
}

/// The parameter of the line that begins here.
fn parse(line: &'static str) -> Option<Parameter> {
    let (name, rest) = split_at_byte(line, b'\t');
    let (kind, rest) = split_at_byte(rest, b'\t');
    let (programs, rest) = rest.split_once('\t')?;
    let (first, rest) = split_at_byte(rest, b'\t');
    let (last, rest) = split_at_byte(rest, b'\t');
    let default = rest.find('\n').and_then(|end| rest.get(..end)).unwrap_or(rest);
    let kind = match kind {
        "bool" | "nbool" => Kind::Boolean,
        "int" | "long" | "nint" => Kind::Integer,
        "time" => Kind::Time,
        "raw" => Kind::Raw,
        "const" => Kind::Constant,
        "legacy" => Kind::Legacy,
        _ => Kind::Text,
    };
    let versions = Versions { first: release(first)?, last: release(last)? };
    Some(Parameter { name, nature: Nature { kind, programs }, versions, default })
}

/// A release as the tables write it: three numbers.
fn release(text: &str) -> Option<Version> {
    let mut numbers = [0_u16; 3];
    let mut at = 0;
    for byte in text.bytes() {
        match byte {
            b'.' => at += 1,
            b'0'..=b'9' => {
                let number = numbers.get_mut(at)?;
                *number = number.checked_mul(10)?.checked_add(u16::from(byte - b'0'))?;
            }
            _ => return None,
        }
    }
    let [major, minor, patch] = numbers;
    (at == 2).then_some(Version::new(major, minor, patch))
}

/// The text from the beginning of a line on.
fn from(start: u32) -> &'static str {
    usize::try_from(start).ok().and_then(|start| table::text().get(start..)).unwrap_or("")
}

/// How the name of the line that begins here stands to another one. A tab ends it, and sorts before every letter.
fn name_against(start: u32, name: &str) -> Ordering {
    let line = from(start).as_bytes();
    let (known, rest) = line.split_at(name.len().min(line.len()));
    known.cmp(name.as_bytes()).then(if rest.first() == Some(&b'\t') { Ordering::Equal } else { Ordering::Greater })
}

/// All lines of one parameter, oldest first.
pub(super) fn lines_of(name: &str) -> impl Iterator<Item = Parameter> {
    let first = table::starts().partition_point(|start| name_against(*start, name).is_lt());
    let rest = table::starts().get(first..).unwrap_or(&[]);
    let same = rest.iter().take_while(move |start| name_against(**start, name).is_eq());
    same.filter_map(|start| parse(from(*start)))
}

/// The line in force at a release.
pub(super) fn at(name: &str, version: Version) -> Option<Parameter> {
    lines_of(name).find(|line| line.versions.contains(version))
}

/// True when some release knows the name.
pub(super) fn exists(name: &str) -> bool {
    table::starts().binary_search_by(|start| name_against(*start, name)).is_ok()
}

/// Every name, each once.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    table::starts().iter().map(|start| split_at_byte(from(*start), b'\t').0).filter(move |name| {
        let fresh = *name != last;
        last = name;
        fresh
    })
}

/// A line of the table of service parameters: the suffix, the programs that have it, where, and its default.
struct ServiceParameter {
    suffix: &'static str,
    programs: &'static str,
    versions: Versions,
    default: &'static str,
}

fn service_table() -> &'static [ServiceParameter] {
    static TABLE: OnceLock<Vec<ServiceParameter>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let parse = |line: &'static str| {
            let mut columns = line.split('\t');
            Some(ServiceParameter {
                suffix: columns.next()?,
                programs: columns.next()?,
                versions: Versions { first: release(columns.next()?)?, last: release(columns.next()?)? },
                default: columns.next()?,
            })
        };
        rows(SERVICE_PARAMETERS.read()).filter_map(parse).collect()
    })
}

/// The default of `<service>_<suffix>`, such as `smtp_destination_concurrency_limit`, when `runs` says that there is a
/// service of this name that runs the program. `asked` hears which releases have the lines that were asked for it.
pub(super) fn service_default(
    name: &str,
    version: Version,
    runs: impl Fn(&str, &str) -> bool,
    mut asked: impl FnMut(Versions),
) -> Option<&'static str> {
    service_table().iter().find_map(|line| {
        let service = name.strip_suffix(line.suffix)?;
        if !line.programs.split(',').any(|program| runs(service, program)) {
            return None;
        }
        asked(line.versions);
        line.versions.contains(version).then_some(line.default)
    })
}

/// Names that defaults refer to, as `$name`, and that are parameters in no release, each with the parameter whose default it is.
const REFERRED: &[(&str, &str)] = &[
    ("home", "forward_path"),
    ("rbl_class", "default_rbl_reply"),
    ("rbl_code", "default_rbl_reply"),
    ("rbl_domain", "default_rbl_reply"),
    ("rbl_reason", "default_rbl_reply"),
    ("rbl_what", "default_rbl_reply"),
];

/// Lines of parameters whose default refers, as `$name`, to a name that is no parameter in any release.
pub(super) fn defaults_referring_to(name: &str) -> impl Iterator<Item = Parameter> {
    REFERRED.iter().filter(move |(known, _)| *known == name).flat_map(|(_, parameter)| lines_of(parameter))
}

/// The suffixes that a table type reads as `<table>_<suffix>`, when it is an old one that does so.
pub(super) fn database_suffixes(database: &str) -> impl Iterator<Item = &'static str> {
    rows(DATABASE_PARAMETERS.read()).filter_map(|line| line.split_once('\t')).filter_map(move |(kind, suffix)| {
        (kind == database).then_some(suffix)
    })
}

/// Since when a parameter is warned about, and what the server says to use instead.
pub(super) fn deprecated(name: &str) -> Option<(Version, &'static str)> {
    static TABLE: OnceLock<Vec<(&'static str, (Version, &'static str))>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let parse = |line: &'static str| {
            let mut columns = line.split('\t');
            Some((columns.next()?, (release(columns.next()?)?, columns.next()?)))
        };
        rows(DEPRECATED.read()).filter_map(parse).collect()
    });
    table.iter().find(|(known, _)| *known == name).map(|(_, told)| *told)
}

/// A real name close to a misspelt one: at most two letters away, and only one such.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let allowed = if name.len() < 8 { 1 } else { 2 };
    let letters = letters(name);
    // Each of the changes lets one letter come and one go at most.
    let is_like = |known: &&str| (self::letters(known) ^ letters).count_ones() as usize <= 2 * allowed;
    names_of_about(name.len(), allowed)
        .filter(is_like)
        .map(|known| (distance(known.as_bytes(), name.as_bytes(), allowed), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Every name whose length differs by so much at most, each once.
fn names_of_about(length: usize, allowed: usize) -> impl Iterator<Item = &'static str> {
    let mut last = "";
    table::starts().iter().filter_map(move |start| {
        let line = from(*start);
        let end = line.bytes().take(length + allowed + 1).position(|byte| byte == b'\t')?;
        let name = line.get(..end).filter(|name| name.len() + allowed >= length && *name != last)?;
        last = name;
        Some(name)
    })
}

/// The bytes that a name is made of, each a bit; some share one.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |letters, byte| letters | 1 << (byte & 63))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of the table.
    fn table() -> impl Iterator<Item = Parameter> {
        table::starts().iter().filter_map(|start| parse(from(*start)))
    }

    #[test]
    fn the_whole_table_is_read_and_sorted() {
        let table: Vec<Parameter> = table().collect();
        assert_eq!(table.len(), rows(table::text()).count());
        assert_eq!(service_table().len(), rows(SERVICE_PARAMETERS.read()).count());
        let key = |line: &Parameter| (line.name, line.versions.first);
        assert!(table.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        for name in names() {
            assert!(exists(name) && lines_of(name).count() > 0 && lines_of(name).all(|line| line.name == name), "{name}");
        }
        for name in ["", "a", "nothing", "smtpd_tls", "smtpd_tls_security_level_", "zzz", "\u{e4}", "#"] {
            assert!(!exists(name) && lines_of(name).next().is_none(), "{name}");
        }
    }

    #[test]
    fn defaults_lead_to_what_they_refer_to() {
        for line in table().filter(|line| line.default.contains('$')) {
            for after in line.default.split('$').skip(1) {
                let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
                let found = defaults_referring_to(name).any(|known| known == line);
                assert_eq!(found, !name.is_empty() && !exists(name), "{name} in {}", line.name);
            }
        }
        for (name, parameter) in REFERRED {
            assert!(lines_of(parameter).all(|line| line.default.contains(&format!("${name}"))), "{name}");
        }
        assert!(defaults_referring_to("myhost").next().is_none());
        assert!(defaults_referring_to("rbl_code").any(|line| line.name == "default_rbl_reply"));
        assert!(defaults_referring_to("myhostname").next().is_none(), "a parameter of its own");
    }
}
