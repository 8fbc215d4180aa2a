//! The file that a section of the driver `sql` names. In 2.4 there is none: what it says of the connection stays in it, as settings
//! that dovecot.conf includes, and its queries go into the sections.
//!
//! Source: `db-sql.c` and `driver-*.c` of 2.3, and the settings of the drivers of 2.4. A password is never moved: the edits are made
//! around it.

use super::forms::no_counterpart;
use super::variables::{self, Use};
use super::{Carried, Writer};
use crate::dialects::dovecot::lines::{self, Line, Logical, Word};
use crate::patch::text::Text;
use crate::source::{FileId, Source, Span};

/// What 2.3 asks a database where the file does not say.
const DEFAULTS: [(&str, &str); 4] = [
    ("password_query", "SELECT username, domain, password FROM users WHERE username = '%n' AND domain = '%d'"),
    ("user_query", "SELECT home, uid, gid FROM users WHERE username = '%n' AND domain = '%d'"),
    ("iterate_query", "SELECT username, domain FROM users"),
    ("default_pass_scheme", "MD5"),
];

/// What a connection to MySQL may say that 2.4 calls the same.
const OF_MYSQL: [&str; 7] = ["user", "password", "dbname", "port", "client_flags", "option_file", "option_group"];

/// What a query may tell of a user that 2.4 calls otherwise: it refuses the user there.
const GONE: [&str; 4] = ["quota_rule", "userdb_quota_rule", "mail", "userdb_mail"];

/// A file that is carried, with what it says.
pub(super) struct Database {
    said: Vec<(String, String)>,
}

impl Database {
    fn get(&self, name: &str) -> &str {
        let said = self.said.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let default = || DEFAULTS.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        said.or_else(default).unwrap_or("")
    }
}

impl Writer<'_> {
    /// What a section says in place of `args`, and whether the file has to be included before it; `None` where the file was not
    /// given.
    pub(super) fn sql(&mut self, kind: &str, path: &str) -> Option<Result<(Vec<String>, bool), String>> {
        let main = self.sources.iter().find(|(_, source)| source.file_name() == "dovecot.conf").map_or("", |(_, source)| source.path.as_str());
        let beside = super::beside(main, path);
        let is_it = |source: &Source| source.path == path || source.path == beside;
        let (file, _) = self.sources.iter().find(|(_, source)| is_it(source))?;
        let is_new = !self.databases.contains_key(&file);
        if is_new {
            let carried = self.connection(file);
            self.databases.insert(file, carried);
        }
        let database = match self.databases.get(&file)? {
            Ok(database) => database,
            Err(why) => return Some(Err(why.clone())),
        };
        let (query, last) = match kind {
            "passdb" => ("password_query", ("default_password_scheme", "default_pass_scheme")),
            _ => ("user_query", ("iterate_query", "iterate_query")),
        };
        let mut lines = Vec::new();
        for (new, old) in [("query", query), last] {
            match converted(old, database.get(old)) {
                Ok(value) => lines.push(format!("{new} = {}", in_quotes(&value))),
                Err(why) => return Some(Err(why)),
            }
        }
        Some(Ok((lines, is_new)))
    }

    /// Carries the file itself.
    fn connection(&mut self, file: FileId) -> Result<Database, String> {
        let source = self.sources.file(file).ok_or("the file was not given")?;
        let text = Text::of(file, source);
        let lines = lines::read(file, source.text());
        let mut all: Vec<(&Word, &Word, Span)> = Vec::new();
        for Logical { line, span } in &lines {
            match line {
                Line::Assignment { key, value, from_file: false, .. } => all.push((key, value, *span)),
                _ => return Err(format!("the file says `{}`, which is no setting of its own", text.slice(span.start, span.end))),
            }
        }
        let value = |name: &str| all.iter().rev().find(|(key, ..)| key.text == name).map(|(_, value, _)| value.text.as_str());
        let driver = value("driver").unwrap_or("");
        if !matches!(driver, "mysql" | "pgsql" | "sqlite") {
            return Err(format!("the file names the driver `{driver}`"));
        }
        let mut edits = Vec::new();
        let mut carried = Vec::new();
        let mut said = Vec::new();
        for (key, value, span) in &all {
            let becomes = match key.text.as_str() {
                "driver" => {
                    edits.push(text.put(key.span.start, key.span.end, "sql_driver".to_owned()));
                    vec![format!("sql_driver = {driver}")]
                }
                "connect" if driver == "sqlite" => {
                    edits.push(text.put(key.span.start, key.span.end, "sqlite_path".to_owned()));
                    vec![format!("sqlite_path = {}", value.text)]
                }
                "connect" => {
                    let connect = connect(text, driver, key.span.start, value.span)?;
                    let becomes = crate::patch::replaced(source.text(), connect.iter());
                    let end = becomes.len() - (source.text().len() - value.span.end);
                    let shown = becomes.get(key.span.start..end).unwrap_or("").lines().map(str::to_owned).collect();
                    edits.extend(connect);
                    shown
                }
                "password_query" | "user_query" | "iterate_query" | "default_pass_scheme" => {
                    said.push((key.text.clone(), value.text.clone()));
                    edits.extend(text.remove_lines(*span));
                    Vec::new()
                }
                "update_query" | "userdb_warning_disable" => {
                    edits.extend(text.remove_lines(*span));
                    Vec::new()
                }
                other => return Err(format!("what 2.4 calls `{other}` of the file is not known here")),
            };
            let why = if becomes.is_empty() { "what it says stands in the sections" } else { "the connection is told by settings" };
            carried.push(Carried { span: *span, becomes, why: why.to_owned() });
        }
        let database = Database { said };
        // Nothing of the file is changed where a section would still need what stands in it.
        for (name, _) in DEFAULTS {
            converted(name, database.get(name))?;
        }
        self.edits.extend(edits);
        self.carried.extend(carried);
        Ok(database)
    }
}

/// A query with the variables of 2.4; or why it is not known what 2.4 would make of it.
fn converted(name: &str, query: &str) -> Result<String, String> {
    // What stands behind FROM are tables and conditions.
    let lower = query.to_ascii_lowercase();
    let told = lower.split_once(" from ").map_or(lower.as_str(), |(told, _)| told);
    // What stands in quotes is text, such as a path.
    let outside: String = told.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let mut words = outside.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    if let Some(field) = words.find(|word| GONE.contains(&word.trim_end_matches(|sign: char| sign.is_ascii_digit()))) {
        return Err(format!("`{name}` may tell `{field}` of a user, which 2.4 calls otherwise (`mail_driver` and `mail_path`, `quota_storage_size`)"));
    }
    variables::converted(query, Use::Auth).map_err(|variable| format!("{} in `{name}`", no_counterpart(&variable)))
}

/// `connect = host=localhost dbname=mail user=mail password=…` as a section of its own, made around each value.
fn connect(text: Text<'_>, driver: &str, start: usize, value: Span) -> Result<Vec<crate::patch::Edit>, String> {
    let written = text.slice(value.start, value.end);
    if written.contains(['\n', '"', '\'']) {
        return Err("its connection is written over several lines, or in quotes".to_owned());
    }
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for word in written.split(' ') {
        words.extend((!word.is_empty()).then_some((at, word)));
        at += word.len() + 1;
    }
    let hosts: Vec<&str> = words.iter().filter_map(|(_, word)| word.strip_prefix("host=").or_else(|| word.strip_prefix("hostaddr="))).collect();
    let [host] = hosts.as_slice() else {
        return Err("its connection names no host, or more than one".to_owned());
    };
    let (mut from, mut before) = (start, format!("{driver} {host} {{"));
    let (indent, behind) = match driver {
        "pgsql" => {
            before.push_str("\n  parameters {");
            ("    ", "\n  }\n}")
        }
        _ => ("  ", "\n}"),
    };
    let mut edits = Vec::new();
    for (at, word) in words {
        let (name, _) = word.split_once('=').ok_or_else(|| format!("its connection says `{word}`"))?;
        if matches!(name, "host" | "hostaddr") {
            continue;
        }
        if driver == "mysql" && !OF_MYSQL.contains(&name) || name == "maxconns" {
            return Err(format!("what 2.4 calls `{name}` of the connection is not known here"));
        }
        // What nobody sees here may hold a sign that would begin a comment.
        let quote = if name == "password" { "\"" } else { "" };
        let place = value.start + at + name.len() + 1;
        edits.push(text.put(from, place, format!("{before}\n{indent}{name} = {quote}")));
        from = value.start + at + word.len();
        before = quote.to_owned();
    }
    edits.push(text.put(from, value.end, format!("{before}{behind}")));
    Ok(edits)
}

/// A value in which a sign would begin a comment, or quotes stand at its ends, in quotes of its own.
fn in_quotes(value: &str) -> String {
    let is_plain = !value.contains('#') && !value.starts_with(['"', '\'', '<']) && !value.ends_with('\\');
    if is_plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}
