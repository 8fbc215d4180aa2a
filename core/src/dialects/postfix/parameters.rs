//! The table of Postfix's own parameters: which exist in which release, and their defaults there.

use std::sync::OnceLock;

use super::{releases, table};
use crate::gather::is_same;
use crate::nearest::{letters, nearest_within, of_a_slip};
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
    letters: u64,
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

/// True for a line of a table's head, which says what the table is.
pub(super) const fn is_of_head(line: &str) -> bool {
    matches!(line.as_bytes(), [] | [b'#', ..])
}

/// The lines of a table, its head left out.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !is_of_head(line))
}

/// What stands before a sign of ASCII, and behind it.
pub(super) const fn split_at_byte(text: &str, byte: u8) -> (&str, &str) {
    let (bytes, mut end) = (text.as_bytes(), 0);
    while end < bytes.len() && bytes[end] != byte {
        end += 1;
    }
    let (before, rest) = text.split_at(end);
    (before, if rest.is_empty() { rest } else { rest.split_at(1).1 })
}

/// The parameter of a line. What does not fit the form is in no release; a test holds every line to it.
pub(super) const fn parse(line: &'static str) -> Parameter {
    let (name, rest) = split_at_byte(line, b'\t');
    let (kind, rest) = split_at_byte(rest, b'\t');
    let (programs, rest) = split_at_byte(rest, b'\t');
    let (first, rest) = split_at_byte(rest, b'\t');
    let (last, default) = split_at_byte(rest, b'\t');
    let kind = match kind.as_bytes() {
        b"bool" | b"nbool" => Kind::Boolean,
        b"int" | b"long" | b"nint" => Kind::Integer,
        b"time" => Kind::Time,
        b"raw" => Kind::Raw,
        b"const" => Kind::Constant,
        b"legacy" => Kind::Legacy,
        _ => Kind::Text,
    };
    let versions = match (release(first), release(last)) {
        (Some(first), Some(last)) => Versions { first, last },
        _ => Versions { first: Version::new(0, 0, 0), last: Version::new(0, 0, 0) },
    };
    Parameter { name, letters: letters(name), nature: Nature { kind, programs }, versions, default }
}

/// A release as the tables write it: three numbers.
const fn release(text: &str) -> Option<Version> {
    let (bytes, mut at) = (text.as_bytes(), 0);
    let (mut numbers, mut number) = ([0_u16; 3], 0);
    while at < bytes.len() {
        match bytes[at] {
            b'.' if number < 2 => number += 1,
            digit @ b'0'..=b'9' => numbers[number] = numbers[number].saturating_mul(10).saturating_add((digit - b'0') as u16),
            _ => return None,
        }
        at += 1;
    }
    let [major, minor, patch] = numbers;
    if number == 2 { Some(Version::new(major, minor, patch)) } else { None }
}

/// All lines of one parameter, oldest first.
pub(super) fn lines_of(name: &str) -> &'static [Parameter] {
    let rest = table::first_of(name).and_then(|first| table::all().get(first..)).unwrap_or(&[]);
    let count = rest.iter().take_while(|line| is_same(line.name, name)).count();
    rest.get(..count).unwrap_or(&[])
}

/// The line in force at a release.
pub(super) fn at(name: &str, version: Version) -> Option<&'static Parameter> {
    lines_of(name).iter().find(|line| line.versions.contains(version))
}

/// True when some release knows the name.
pub(super) fn exists(name: &str) -> bool {
    !lines_of(name).is_empty()
}

/// The first line of every name.
fn firsts() -> impl Iterator<Item = &'static Parameter> {
    let mut last = "";
    table::all().iter().filter(move |line| {
        let fresh = line.name != last;
        last = line.name;
        fresh
    })
}

/// Every name, each once.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    firsts().map(|line| line.name)
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
            let (suffix, rest) = split_at_byte(line, b'\t');
            let (programs, rest) = split_at_byte(rest, b'\t');
            let (first, rest) = split_at_byte(rest, b'\t');
            let (last, default) = split_at_byte(rest, b'\t');
            Some(ServiceParameter { suffix, programs, versions: Versions { first: release(first)?, last: release(last)? }, default })
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
pub(super) fn defaults_referring_to(name: &str) -> impl Iterator<Item = &'static Parameter> {
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
            let (name, rest) = split_at_byte(line, b'\t');
            let (since, instead) = split_at_byte(rest, b'\t');
            Some((name, (release(since)?, instead)))
        };
        rows(DEPRECATED.read()).filter_map(parse).collect()
    });
    table.iter().find(|(known, _)| *known == name).map(|(_, told)| *told)
}

/// A real name close to a misspelt one: at most two letters away.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let allowed = of_a_slip(name);
    let letters = letters(name);
    // There are a thousand names, and their letters are known beforehand; each change lets one come and one go at most.
    let is_like = |known: &&Parameter| {
        known.name.len().abs_diff(name.len()) <= allowed && (known.letters ^ letters).count_ones() as usize <= 2 * allowed
    };
    nearest_within(name, allowed, table::all().iter().filter(is_like).map(|known| known.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_read_and_sorted() {
        let table = table::all();
        assert_eq!(table.len(), rows(table::text()).count());
        for (line, written) in table.iter().zip(rows(table::text())) {
            let columns: Vec<&str> = written.split('\t').collect();
            let versions = format!("{} {}", line.versions.first, line.versions.last);
            assert_eq!([line.name, line.nature.programs, &versions, line.default], [columns[0], columns[2], &[columns[3], columns[4]].join(" "), columns[5]]);
        }
        assert_eq!(service_table().len(), rows(SERVICE_PARAMETERS.read()).count());
        let key = |line: &Parameter| (line.name, line.versions.first);
        assert!(table.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        for name in names() {
            assert!(exists(name) && lines_of(name).iter().all(|line| line.name == name), "{name}");
        }
        for name in ["", "a", "nothing", "smtpd_tls", "smtpd_tls_security_level_", "zzz", "\u{e4}", "#"] {
            assert!(!exists(name) && lines_of(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn defaults_lead_to_what_they_refer_to() {
        for line in table::all().iter().filter(|line| line.default.contains('$')) {
            for after in line.default.split('$').skip(1) {
                let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
                let found = defaults_referring_to(name).any(|known| known == line);
                assert_eq!(found, !name.is_empty() && !exists(name), "{name} in {}", line.name);
            }
        }
        for (name, parameter) in REFERRED {
            assert!(lines_of(parameter).iter().all(|line| line.default.contains(&format!("${name}"))), "{name}");
        }
        assert!(defaults_referring_to("myhost").next().is_none());
        assert!(defaults_referring_to("rbl_code").any(|line| line.name == "default_rbl_reply"));
        assert!(defaults_referring_to("myhostname").next().is_none(), "a parameter of its own");
    }
}
