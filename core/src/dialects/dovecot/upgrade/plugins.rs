//! What stood in `plugin { }`: settings like all others in 2.4, and many under other names.
//!
//! Source: "Upgrading Dovecot CE from 2.3 to 2.4" and the settings of its plugins; what is written here, 2.4.1 was asked to read.

use super::forms::{no_counterpart, script_path, switch, within};
use super::variables::{self, Use};
use super::{Writer, is_hidden, names};
use crate::dialects::dovecot::tree::Entry;
use crate::dialects::dovecot::view::is_yes;

/// Names that changed, and nothing else.
const RENAMED: &[(&str, &str)] = &[
    ("quota_max_mail_size", "quota_mail_size"),
    ("sieve_quota_max_scripts", "sieve_quota_script_count"),
    ("sieve_quota_max_storage", "sieve_quota_storage_size"),
    ("sieve_user_log", "sieve_user_log_path"),
    ("sieve_spamtest_max_header", "sieve_spamtest_score_max_header"),
    ("sieve_spamtest_max_value", "sieve_spamtest_score_max_value"),
    ("sieve_virustest_max_header", "sieve_virustest_score_max_header"),
    ("sieve_virustest_max_value", "sieve_virustest_score_max_value"),
    ("sieve_variables_max_scope_size", "sieve_variables_max_scope_count"),
    ("sieve_variables_max_variable_size", "sieve_variables_max_value_size"),
    ("zlib_save", "mail_compress_write_method"),
    ("fts_index_timeout", "fts_search_timeout"),
];

/// Keys that lie in files: the setting, and the section that it stands in.
const KEYS: &[(&str, &str, Option<&str>)] = &[
    ("mail_crypt_global_public_key", "crypt_global_public_key_file", None),
    ("mail_crypt_global_private_key", "crypt_private_key_file", Some("crypt_global_private_key main")),
];

/// What needs a person, each with what 2.4 has for it.
const BY_HAND: &[(&str, &str)] = &[
    ("quota_rule", "a mailbox of its own: `namespace NAME { mailbox NAME { quota_storage_extra = … } }`; a share of the whole: `quota_storage_percentage`"),
    ("quota_warning", "`quota \"NAME\" { warning NAME { quota_storage_percentage = … execute quota-warning { args = … } } }`"),
    ("quota", "dict and dirsize are gone: `driver = count`, and quota_clone for others to read it"),
    ("quota_grace", "`quota_storage_grace` is an amount, such as 10M, and no share"),
    ("quota_clone_dict", "`quota_clone { dict … { } }`"),
    ("imapsieve_mailbox", "`mailbox NAME { sieve_script NAME { type = before cause = copy path = … } }`, and `imapsieve_from NAME { }` around it for where a message comes from"),
    ("acl", "a global file or folder of rights is gone: `mailbox NAME { acl WHO { rights = … } }`"),
    ("acl_shared_dict", "`acl_sharing_map { dict file { path = … } }`"),
    ("acl_anyone", "`imap_acl_allow_anyone`"),
    ("fts", "`fts NAME { }` with its own settings in it"),
    ("mail_crypt", "`crypt_global_private_key NAME { crypt_private_key_file = … }`, `crypt_global_public_key_file`, `crypt_write_algorithm`"),
    ("last_login_dict", "`last_login { dict … { } }`"),
    ("listescape_char", "`mailbox_list_storage_escape_char`"),
    ("sieve_dir", "`sieve_script personal { path = … }`"),
    ("sieve_editheader_protected", "`sieve_editheader_header_forbid_add` and `…_forbid_delete`"),
    ("expire", "`mailbox NAME { autoexpunge = … }`"),
];

impl Writer<'_> {
    /// A setting of `plugin { }`.
    pub(super) fn plugin(&mut self, entry: &Entry) {
        let name = entry.name.as_str();
        let value = entry.value.as_str();
        if let Some((_, new, section)) = KEYS.iter().find(|(old, ..)| *old == name).filter(|_| entry.from_file && !is_hidden(value)) {
            let line = [format!("{new} = {value}")];
            let lines = section.map_or_else(|| line.to_vec(), |section| within(section, &line));
            self.put(entry, &lines, "2.4 takes the name of the file");
            return;
        }
        let is_open = entry.comes_from_elsewhere() || is_hidden(value);
        let stem = name.trim_end_matches(|sign: char| sign.is_ascii_digit());
        let lines = match stem {
            _ if is_open => None,
            "quota" => quota(value),
            "quota_rule" => rule(value).or_else(|| self.rule_of_mailbox(value)),
            "quota_warning" => self.warning(name, value),
            _ if name.starts_with("imapsieve_mailbox") => self.pair(entry),
            "sieve" => self.personal(value),
            "sieve_before" | "sieve_after" | "sieve_default" | "sieve_global" | "sieve_discard" => script(name, stem, value),
            "sieve_extensions" | "sieve_global_extensions" => extensions(name, value),
            "zlib_save_level" => self.level(value),
            "sieve_vacation_dont_check_recipient" => Some(vec![switch("sieve_vacation_check_recipient", !is_yes(value))]),
            "acl" if value == "vfile" => Some(vec!["acl_driver = vfile".to_owned()]),
            "sieve_vacation_max_period" if value == "0" => Some(vec![format!("{name} = infinite")]),
            "quota_vsizes" => Some(Vec::new()),
            "mail_crypt_save_version" if value == "2" => Some(Vec::new()),
            "mail_crypt_save_version" if value == "0" => Some(vec!["crypt_write_algorithm =".to_owned()]),
            _ => None,
        };
        if let Some(lines) = lines {
            match lines.is_empty() {
                true if name.starts_with("imapsieve") => self.remove(entry, "the section of the mailbox says it"),
                true => self.remove(entry, "2.4 does so by itself"),
                false => self.put(entry, &lines, "plugins have settings like all others"),
            }
            return;
        }
        if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == name).filter(|_| !entry.from_file && !value.contains(['%', '$'])) {
            self.rename(entry, new);
            return;
        }
        if name == "quota_grace" && !value.contains('%') {
            self.rename(entry, "quota_storage_grace");
            return;
        }
        let is_known = |word: &str| matches!(word, "sieve_imapsieve" | "sieve_extprograms");
        if name == "sieve_plugins" && !value.split_whitespace().all(is_known) {
            self.leave_entry(entry, "whether 2.4 has one of these is not known here".to_owned(), "those of Pigeonhole 2.4 itself are sieve_imapsieve and sieve_extprograms");
            return;
        }
        if names::is_kept_of_plugin(name) && !entry.from_file && !entry.is_expanded {
            match variables::converted(value, Use::Mail) {
                Ok(converted) if converted == value => self.carry(entry, "plugins have settings like all others"),
                Ok(converted) if !is_open => self.put(entry, &[format!("{name} = {}", self.quoted(entry, &converted))], "variables have long names"),
                Ok(_) => self.leave_entry(entry, "a variable in it has another name in 2.4".to_owned(), "see the table of variables"),
                Err(variable) => self.leave_entry(entry, no_counterpart(&variable), "see the table of variables"),
            }
            return;
        }
        let known = BY_HAND.iter().filter(|(old, _)| name.starts_with(old)).max_by_key(|(old, _)| old.len());
        match known {
            Some((_, instead)) => self.leave_entry(entry, "2.4 has it in another form".to_owned(), instead),
            None => self.leave_entry(entry, "what 2.4 calls it is not known here".to_owned(), "look it up: https://doc.dovecot.org/2.4.1/core/summaries/settings.html"),
        }
    }

    /// How hard new mail is pressed together: each way of doing so has a setting of its own.
    fn level(&self, value: &str) -> Option<Vec<String>> {
        let save = self.survey.compression?;
        matches!(save, "gz" | "deflate" | "zstd").then(|| vec![format!("compress_{save}_level = {value}")])
    }

    /// The script of each user's own, and where it is kept.
    fn personal(&self, value: &str) -> Option<Vec<String>> {
        let path = |text: &str| variables::converted(text, Use::Mail).ok();
        let mut lines = vec!["driver = file".to_owned()];
        match value.strip_prefix("file:").map(|rest| rest.split_once(';')) {
            Some(Some((folder, options))) => {
                let active = options.strip_prefix("active=").filter(|active| !active.contains(';'))?;
                lines.push(format!("path = {}", path(folder)?));
                lines.push(format!("active_path = {}", path(active)?));
            }
            Some(None) => lines.push(format!("path = {}", path(value.strip_prefix("file:")?)?)),
            None if value.starts_with(['/', '~']) && !value.contains(';') => {
                // The other folder may be said elsewhere; then only a person can put them together.
                let active = path(value).filter(|_| !self.survey.names_folder_of_scripts)?;
                lines.push("path = ~/sieve".to_owned());
                lines.push(format!("active_path = {active}"));
            }
            None => return None,
        }
        Some(within("sieve_script personal", &lines))
    }
}

/// `count:User quota`.
fn quota(value: &str) -> Option<Vec<String>> {
    let (driver, name) = value.split_once(':')?;
    let is_plain = matches!(driver, "count" | "maildir") && !name.contains([':', '%', '"']) && !name.is_empty();
    is_plain.then(|| within(&format!("quota \"{name}\""), &[format!("driver = {driver}")]))
}

/// `*:storage=1G:messages=1000`, which holds for all mailboxes together.
fn rule(value: &str) -> Option<Vec<String>> {
    let limits = value.strip_prefix("*:")?.split(':');
    let line = |limit: &str| match limit.split_once('=')? {
        (_, amount) if amount.is_empty() || amount.contains(['+', '-', '%']) => None,
        ("storage", amount) if amount.bytes().all(|byte| byte.is_ascii_digit()) => Some(format!("quota_storage_size = {amount}k")),
        ("storage" | "bytes", amount) => Some(format!("quota_storage_size = {amount}")),
        ("messages", amount) => Some(format!("quota_message_count = {amount}")),
        _ => None,
    };
    limits.map(line).collect()
}

/// A script for everybody.
fn script(name: &str, stem: &str, value: &str) -> Option<Vec<String>> {
    let path = script_path(value)?;
    let (name, kind) = (name.trim_start_matches("sieve_"), stem.trim_start_matches("sieve_"));
    Some(within(&format!("sieve_script {name}"), &[format!("type = {kind}"), format!("path = {path}")]))
}

/// `+vacation-seconds -imapflags`, or a list that stands for all.
fn extensions(name: &str, value: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = value.split_whitespace().filter(|word| !is_gone(word.trim_start_matches(['+', '-']))).collect();
    if words.is_empty() {
        return Some(Vec::new());
    }
    if words.iter().all(|word| !word.starts_with(['+', '-'])) {
        return Some(vec![format!("{name} = {}", words.join(" "))]);
    }
    let line = |word: &&str| match (word.strip_prefix('+'), word.strip_prefix('-')) {
        (Some(extension), _) => Some(switch(extension, true)),
        (_, Some(extension)) => Some(switch(extension, false)),
        _ => None,
    };
    let inner: Option<Vec<String>> = words.iter().map(line).collect();
    Some(within(name, &inner?))
}

/// Extensions of scripts that 2.4 has no more.
fn is_gone(extension: &str) -> bool {
    matches!(extension, "notify" | "imapflags" | "vnd.dovecot.duplicate")
}
