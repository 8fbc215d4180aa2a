//! `passdb { }` and `userdb { }`: each has a name in 2.4, and what stood in `args` has settings of its own.
//!
//! Source: `passdb-*.c` and `userdb-*.c` of 2.3 and of 2.4, and the filters that `doveconf -d` of 2.4.1 shows.

use super::forms::{no_counterpart, switch, within};
use super::variables::{self, Use};
use super::{Writer, is_hidden};
use crate::dialects::dovecot::tree::{Entry, Section};
use crate::dialects::dovecot::view::is_yes;

/// What a section becomes.
#[derive(Default)]
struct Database {
    /// `name = value`, in place of `args`.
    lines: Vec<String>,
    /// What is told of a user beside what is found: `name = value`.
    fields: Vec<String>,
}

/// Why a section is not carried, and what to do.
type Left = (String, String);

/// What is told of a user that both releases call the same.
const FIELDS: &[&str] = &[
    "uid", "gid", "home", "user", "chroot", "nice", "system_groups_user", "nopassword", "password", "proxy", "proxy_maybe", "host", "port", "ssl", "starttls", "destuser",
    "pass", "master", "nologin", "nodelay", "fail", "allow_nets", "domain", "userdb_uid", "userdb_gid", "userdb_home",
];

/// Where what a driver takes is described.
const MANUAL: &str = "https://doc.dovecot.org/2.4.1/core/config/auth/databases/";

impl Writer<'_> {
    /// A section with what stands in it.
    pub(super) fn database(&mut self, section: &Section, entries: &[&Entry]) {
        let value = |name: &str| entries.iter().rev().find(|entry| entry.name == name).map(|entry| entry.value.as_str());
        let driver = value("driver").unwrap_or("").to_owned();
        let mut include = Vec::new();
        let mut result = read(&section.kind, &driver, entries);
        if let (Ok(database), "sql", Some(path)) = (&mut result, driver.as_str(), value("args")) {
            match self.sql(&section.kind, path) {
                Some(Ok((lines, is_new))) => {
                    include.extend(is_new.then(|| format!("!include {path}")));
                    database.lines = lines;
                }
                Some(Err(why)) => result = Err((why, manual(&driver))),
                None => result = Err(by_hand(&driver)),
            }
        }
        match result {
            Err((why, instead)) => self.leave(section.opened, why, instead),
            Ok(database) => {
                let name = if section.name.is_empty() { self.names.free(section, &driver) } else { section.name.clone() };
                if section.name.is_empty() || !include.is_empty() {
                    self.open_behind(section, &include, &name, "every such section has a name");
                }
                let is_named_so = name == driver;
                let mut lines = database.lines;
                if !database.fields.is_empty() {
                    lines.extend(within("fields", &database.fields));
                }
                for entry in entries {
                    match entry.name.as_str() {
                        "driver" if is_named_so => self.remove(entry, "the section's name says it"),
                        "args" | "default_fields" | "override_fields" => {
                            let all = std::mem::take(&mut lines);
                            self.put(entry, &all, "what the driver takes has settings of its own");
                        }
                        "auth_verbose" => self.remove(entry, "2.4 has it for all of them alone"),
                        "mechanisms" => self.rename(entry, "mechanisms_filter"),
                        _ => {}
                    }
                }
            }
        }
    }
}

fn read(kind: &str, driver: &str, entries: &[&Entry]) -> Result<Database, Left> {
    let mut database = Database::default();
    for entry in entries {
        if entry.comes_from_elsewhere() || is_hidden(&entry.value) {
            return Err((format!("`{}` is not wholly to be seen here", entry.name), manual(driver)));
        }
        match entry.name.as_str() {
            "args" if driver == "sql" => {}
            "args" => args(kind, driver, &entry.value, &mut database)?,
            "default_fields" => fields(&entry.value, ":default", driver, &mut database)?,
            "override_fields" => fields(&entry.value, "", driver, &mut database)?,
            "driver" | "mechanisms" | "master" | "deny" | "username_filter" | "skip" | "result_success" | "result_failure" | "result_internalfail" => {}
            "auth_verbose" if entry.value == "default" => {}
            other => return Err((format!("2.4 has no `{other}` in `{kind}`"), manual(driver))),
        }
    }
    let has_args = entries.iter().any(|entry| entry.name == "args");
    match driver {
        "pam" | "passwd" | "prefetch" | "static" => Ok(database),
        "sql" if has_args => Ok(database),
        "passwd-file" if has_args => Ok(database),
        "passwd-file" => Err(("`args` is missing, which names the file".to_owned(), manual(driver))),
        _ => Err(by_hand(driver)),
    }
}

/// What to do for a driver whose arguments lie elsewhere, or that is gone.
fn by_hand(driver: &str) -> Left {
    let (why, instead) = match driver {
        "sql" => (
            "2.4 has no file of its own for SQL, and this one was not given: give it as well and it is carried".to_owned(),
            "connect becomes `sql_driver = mysql` and `mysql HOST { user = … password = … dbname = … }` outside of the section; password_query, user_query and \
             iterate_query become `query` and `iterate_query` in `passdb sql { }` and `userdb sql { }`, with %{user} for %u; default_pass_scheme becomes \
             `passdb_default_password_scheme`, which is PLAIN and was MD5 where nothing is said",
        ),
        "ldap" => (
            "2.4 has no file of its own for LDAP: what stands there are settings of dovecot.conf".to_owned(),
            "uris, dn and dnpass become `ldap_uris`, `ldap_auth_dn` and `ldap_auth_dn_password`; pass_filter and user_filter become `ldap_filter` in the section; \
             pass_attrs and user_attrs become `fields { }` with %{ldap:NAME}",
        ),
        "checkpassword" | "dict" | "shadow" | "vpopmail" | "sia" | "nss" => (format!("2.4 has no driver `{driver}` any more"), "shadow: use pam; the others: passdb lua"),
        "" => ("no driver is named".to_owned(), "name one"),
        _ => (format!("what the driver `{driver}` takes is written otherwise in 2.4"), "see its manual"),
    };
    (why, format!("{instead}: {}", manual(driver)))
}

fn manual(driver: &str) -> String {
    format!("{MANUAL}{}.html", driver.replace('-', "_"))
}

/// The arguments of a driver.
fn args(kind: &str, driver: &str, text: &str, database: &mut Database) -> Result<(), Left> {
    let left = |what: &str| (no_counterpart(what), manual(driver));
    let variables = |text: &str| variables::converted(text, Use::Auth).map_err(|variable| left(&variable));
    let words: Vec<&str> = text.split_whitespace().collect();
    match (kind, driver) {
        (_, "static") => {
            let mut told = Vec::new();
            for word in words {
                match word.split_once('=') {
                    Some(("allow_all_users", value)) if kind == "userdb" => database.lines.push(switch("static_allow_all_users", is_yes(value))),
                    Some(("password", value)) if kind == "passdb" => database.lines.push(format!("static_password = {}", variables(value)?)),
                    _ => told.push(word),
                }
            }
            fields(&told.join(" "), "", driver, database)
        }
        (_, "passwd-file") => {
            for word in words {
                match word.split_once('=') {
                    Some(("scheme", scheme)) if kind == "passdb" => database.lines.push(format!("default_password_scheme = {scheme}")),
                    // The user's own database asks for no password.
                    Some(("scheme", _)) => {}
                    Some(("username_format", format)) => database.lines.push(format!("auth_username_format = {}", variables(format)?)),
                    _ if word.starts_with('/') => database.lines.push(format!("passwd_file_path = {}", variables(word)?)),
                    _ => return Err(left(word)),
                }
            }
            Ok(())
        }
        ("passdb", "pam") => {
            for word in words {
                match word.split_once('=') {
                    Some((name @ ("session" | "setcred" | "failure_show_msg"), value)) => database.lines.push(switch(&format!("pam_{name}"), is_yes(value))),
                    Some(("max_requests", number)) => database.lines.push(format!("pam_max_requests = {number}")),
                    None if word == "*" => database.lines.push("pam_service_name = %{protocol}".to_owned()),
                    None if !word.starts_with('-') => database.lines.push(format!("pam_service_name = {}", variables(word)?)),
                    _ => return Err(left(word)),
                }
            }
            Ok(())
        }
        (_, "passwd" | "prefetch") if words.is_empty() => Ok(()),
        (_, "passwd" | "prefetch" | "pam") => Err(left(text)),
        _ => Err(by_hand(driver)),
    }
}

/// `uid=vmail home=/x/%n`, each with the mark that says when it counts.
fn fields(text: &str, mark: &str, driver: &str, database: &mut Database) -> Result<(), Left> {
    for word in text.split_whitespace() {
        let left = |why: String| (why, manual(driver));
        let (name, value) = word.split_once('=').unwrap_or((word, "yes"));
        let (name, mark) = match name.split_once(':') {
            Some((name, "protected")) => (name, ":default"),
            Some(_) => return Err(left(no_counterpart(name))),
            None => (name, mark),
        };
        let value = variables::converted(value, Use::Auth).map_err(|variable| left(no_counterpart(&variable)))?;
        if name == "mail" {
            let all = super::location::settings(word.split_once('=').map_or("", |(_, value)| value)).map_err(left)?;
            database.fields.extend(all.iter().map(|(name, value)| format!("{name}{mark} = {value}")));
        } else if FIELDS.contains(&name) {
            database.fields.push(format!("{name}{mark} = {value}"));
        } else {
            return Err(left(format!("what `{name}` is called in 2.4 is not known here")));
        }
    }
    Ok(())
}
