//! `smtplint.toml`: what is known of a machine and accepted there, for good or until a day.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use smtplint_core::facts::Role;
use smtplint_core::policy::{self, POLICIES, Policy, Prefer};
use smtplint_core::suppress::{Day, Ignore};
use smtplint_core::version::{Interface, Target};
use toml::Spanned;

use crate::error::Error;
use crate::input;

/// What the file is called beside a configuration.
const NAME: &str = "smtplint.toml";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1_000_000;

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Where it was, when there is one.
    pub(crate) path: Option<PathBuf>,
    pub(crate) policy: Option<&'static Policy>,
    pub(crate) prefer: Option<Prefer>,
    pub(crate) ignores: Vec<Ignore>,
    pub(crate) target: Machine,
}

/// What it says of the machine.
#[derive(Debug, Default)]
pub(crate) struct Machine(Target);

impl Machine {
    /// Adds what the flags leave open; what the machine itself said gives way.
    pub(crate) fn fill(&self, target: &mut Target, flags: &Target) {
        let own = &self.0;
        target.postfix = flags.postfix.or(own.postfix).or(target.postfix);
        target.dovecot = flags.dovecot.or(own.dovecot).or(target.dovecot);
        target.exim = flags.exim.or(own.exim).or(target.exim);
        target.gnutls = flags.gnutls.or(own.gnutls).or(target.gnutls);
        target.openssl = flags.openssl.or(own.openssl).or(target.openssl);
        if flags.host_name.is_none() && own.host_name.is_some() {
            target.host_name.clone_from(&own.host_name);
        }
        if flags.interfaces.is_empty() && !own.interfaces.is_empty() {
            target.interfaces.clone_from(&own.interfaces);
        }
        target.words.extend(own.words.iter().cloned());
        // The first one that names a port counts.
        target.roles.extend(own.roles.iter().cloned());
    }
}

/// The file as it is written. The keys are called as the flags are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    policy: Option<Spanned<String>>,
    prefer: Option<Spanned<Port>>,
    #[serde(default)]
    target: Vec<Spanned<String>>,
    host_name: Option<String>,
    #[serde(default)]
    interface: Vec<Spanned<String>>,
    #[serde(default)]
    role: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<WrittenIgnore>>,
}

/// One entry of `[[ignore]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIgnore {
    rule: String,
    reason: Spanned<String>,
    listener: Option<Port>,
    file: Option<String>,
    until: Option<Spanned<Date>>,
}

/// A port may be written as a number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a port is a number or a name in quotes")]
enum Port {
    Number(u16),
    Name(String),
}

/// A day may be written with or without quotes.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a day is written YEAR-MONTH-DAY, for example 2027-01-31")]
enum Date {
    Text(String),
    Value(toml::value::Datetime),
}

impl Port {
    fn word(self) -> String {
        match self {
            Port::Number(number) => number.to_string(),
            Port::Name(name) => name,
        }
    }
}

/// Reads the file of `--config`, or the one that lies in the folder of a file that was read. Below a root nothing outside is
/// read.
pub(crate) fn find(named: Option<&Path>, folders: &[PathBuf], root: Option<&Path>) -> Result<Config, Error> {
    if let Some(path) = named {
        return parse(
            path,
            &text(path)?.ok_or_else(|| unreadable(path, ErrorKind::NotFound.into()))?,
        );
    }
    let mut found: Option<PathBuf> = None;
    for path in folders.iter().map(|folder| folder.join(NAME)) {
        let same = |one: &PathBuf| *one == path || one.canonicalize().ok() == path.canonicalize().ok();
        if found.as_ref().is_some_and(same) || path.symlink_metadata().is_err() {
            continue;
        }
        if let Some(one) = found {
            return Err(Error::TwoConfigs { one, other: path });
        }
        found = Some(path);
    }
    let Some(path) = found else {
        return Ok(Config::default());
    };
    if let Some(root) = root
        && !path
            .canonicalize()
            .map_err(|source| unreadable(&path, source))?
            .starts_with(root)
    {
        return Err(Error::LeavesRoot {
            path,
            root: root.to_path_buf(),
        });
    }
    match text(&path)? {
        Some(text) => parse(&path, &text),
        None => Err(unreadable(&path, ErrorKind::NotFound.into())),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable {
        path: path.to_path_buf(),
        source,
    }
}

/// The text of a file; `None` when it is not there.
pub(crate) fn text(path: &Path) -> Result<Option<String>, Error> {
    let size = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(source) => return Err(unreadable(path, source)),
        Ok(metadata) => metadata.len(),
    };
    if size > LARGEST {
        return Err(Error::TooLarge {
            name: path.display().to_string(),
            limit: LARGEST / 1_000_000,
        });
    }
    fs::read_to_string(path)
        .map(Some)
        .map_err(|source| unreadable(path, source))
}

/// Takes the text apart; every error names its line.
fn parse(path: &Path, text: &str) -> Result<Config, Error> {
    let line = |range: Range<usize>| text.get(..range.start).unwrap_or(text).matches('\n').count() + 1;
    let wrong = |range: Option<Range<usize>>, what: String| Error::Config {
        path: path.to_path_buf(),
        line: range.map(line),
        what,
    };
    let written: Written =
        toml::from_str(text).map_err(|error| wrong(error.span(), error.message().replace('\n', "; ")))?;
    let mut config = Config {
        path: Some(path.to_path_buf()),
        ..Config::default()
    };
    if let Some(word) = written.policy {
        let known = policy::by_id(word.get_ref());
        config.policy = Some(known.ok_or_else(|| {
            let ids: Vec<&str> = POLICIES.iter().map(|policy| policy.id).collect();
            wrong(Some(word.span()), format!("the policy is one of {}", ids.join(", ")))
        })?);
    }
    if let Some(word) = written.prefer {
        let span = word.span();
        let prefer = Prefer::from_word(&word.into_inner().word());
        let wrong = || wrong(Some(span), "what is preferred is \"both\", 587 or 465".to_owned());
        config.prefer = Some(prefer.ok_or_else(wrong)?);
    }
    let target = &mut config.target.0;
    for word in written.target {
        target
            .add(word.get_ref())
            .map_err(|error| wrong(Some(word.span()), error.to_string()))?;
    }
    target.host_name = written.host_name;
    for word in written.interface {
        let interface: Option<Interface> = input::interface(word.get_ref());
        let what = || "an interface is written ADDRESS/PREFIX, for example \"192.0.2.7/24\"".to_owned();
        target
            .interfaces
            .push(interface.ok_or_else(|| wrong(Some(word.span()), what()))?);
    }
    for (which, role) in written.role {
        let what = || format!("the role of {which} is one of mx, submission, internal, unknown");
        let known = Role::from_word(role.get_ref()).ok_or_else(|| wrong(Some(role.span()), what()))?;
        target.roles.push((which, known));
    }
    for one in written.ignore {
        let origin = format!("{}:{}", path.display(), line(one.span()));
        let one = one.into_inner();
        if one.reason.get_ref().trim().is_empty() {
            let what = "the reason to ignore it is empty; whoever comes after you will want one";
            return Err(wrong(Some(one.reason.span()), what.to_owned()));
        }
        let until = one
            .until
            .map(|until| day(until).map_err(|(span, what)| wrong(Some(span), what)));
        config.ignores.push(Ignore {
            rule: one.rule,
            listener: one.listener.map(Port::word),
            file: one.file,
            reason: one.reason.into_inner(),
            until: until.transpose()?,
            origin,
        });
    }
    Ok(config)
}

fn day(date: Spanned<Date>) -> Result<Day, (Range<usize>, String)> {
    let span = date.span();
    let text = match date.into_inner() {
        Date::Text(text) => text,
        Date::Value(value) => value.to_string(),
    };
    text.parse()
        .map_err(|error: smtplint_core::suppress::DayError| (span, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match parse(Path::new("smtplint.toml"), text) {
            Ok(config) => format!("{config:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn everything_can_be_said() {
        let text = "policy = \"ncsc-nl-2025\"\nprefer = 465\ntarget = [\"debian=12\", \"postfix=3.7.11\"]\n\
                    host-name = \"mx.example.org\"\ninterface = [\"192.0.2.7/24\"]\n\n[role]\n25 = \"internal\"\n\
                    submission = \"submission\"\n\n[[ignore]]\nrule = \"tls10-enabled\"\nlistener = 587\n\
                    file = \"main.cf\"\nreason = \"printers\"\nuntil = 2027-01-31\n\n[[ignore]]\n\
                    rule = \"port-465-status\"\nreason = \"known\"\nuntil = \"2027-01-31\"\n";
        let config = parse(Path::new("smtplint.toml"), text).expect("it is right");
        assert_eq!(config.policy.map(|policy| policy.id), Some("ncsc-nl-2025"));
        assert_eq!(config.prefer, Some(Prefer::Implicit));
        assert_eq!(config.target.0.roles.len(), 2);
        assert_eq!(config.target.0.interfaces.len(), 1);
        let [first, second] = config.ignores.as_slice() else {
            panic!("two are ignored")
        };
        assert_eq!(first.listener.as_deref(), Some("587"));
        assert_eq!(first.origin, "smtplint.toml:11");
        assert_eq!(first.until, second.until);
        assert_eq!(second.until.map(|day| day.to_string()).as_deref(), Some("2027-01-31"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            (
                "polcy = 1",
                ", line 1: unknown field `polcy`, expected one of `policy`, `prefer`",
            ),
            (
                "\npolicy = \"bcp\"",
                ", line 2: the policy is one of bcp195, mozilla-intermediate-6.0, ncsc-nl-2025",
            ),
            ("prefer = 25", ", line 1: what is preferred is \"both\", 587 or 465"),
            ("prefer = true", ", line 1: a port is a number or a name in quotes"),
            ("target = [\n  \"exim\"]", ", line 2: `exim` is not of the form"),
            (
                "interface = [\"eth0\"]",
                ", line 1: an interface is written ADDRESS/PREFIX",
            ),
            ("[role]\n25 = \"relay\"", ", line 2: the role of 25 is one of mx"),
            ("[[ignore]]\nrule = \"x\"", ": missing field `reason`"),
            (
                "[[ignore]]\nrule = \"x\"\nreason = \" \"",
                ", line 3: the reason to ignore it is empty",
            ),
            (
                "[[ignore]]\nrule = \"x\"\nreason = \"y\"\nuntil = \"soon\"",
                ", line 4: a day is written YEAR-MONTH-DAY",
            ),
            (
                "[[ignore]]\nrule = \"x\"\nreason = \"y\"\nuntil = 2027-02-31",
                "line 4: ",
            ),
            (
                "[[ignore]]\nrule = \"x\"\nreason = \"y\"\nuntill = \"2027-01-31\"",
                ", line 4: unknown field `untill`",
            ),
            ("= 1", ", line 1: "),
        ] {
            let said = said(text);
            assert!(
                said.starts_with("`smtplint.toml`") && said.contains(expected),
                "{text}: {said}"
            );
        }
    }
}
