//! Settings outside of `plugin { }`, `passdb { }` and `userdb { }`.
//!
//! Source: "Upgrading Dovecot CE from 2.3 to 2.4", `old-set-parser.c` of 2.3, and 2.4.1, which was asked to read what is written here.

use super::forms::{no_counterpart, switch, within};
use super::variables::{self, Use};
use super::{Writer, is_hidden, location, names};
use crate::dialects::dovecot::tree::Entry;
use crate::dialects::dovecot::view::{is_yes, split};

/// Names that changed, and nothing else.
const RENAMED: &[(&str, &str)] = &[
    ("auth_default_realm", "auth_default_domain"),
    ("default_idle_kill", "default_idle_kill_interval"),
    ("master_user_separator", "auth_master_user_separator"),
    ("mail_attachment_dir", "mail_ext_attachment_path"),
    ("mail_attachment_hash", "mail_ext_attachment_hash"),
    ("mail_attachment_min_size", "mail_ext_attachment_min_size"),
    ("ssl_cert_username_field", "ssl_server_cert_username_field"),
    ("ssl_key_password", "ssl_server_key_password"),
    ("ssl_require_crl", "ssl_server_require_crl"),
    ("ssl_verify_client_cert", "ssl_server_request_client_cert"),
];

/// Settings with the content of a file, which 2.4 takes the name of.
pub(super) const FILES: &[(&str, &str)] = &[
    ("ssl_cert", "ssl_server_cert_file"),
    ("ssl_key", "ssl_server_key_file"),
    ("ssl_alt_cert", "ssl_server_alt_cert_file"),
    ("ssl_alt_key", "ssl_server_alt_key_file"),
    ("ssl_ca", "ssl_server_ca_file"),
    ("ssl_dh", "ssl_server_dh_file"),
    ("ssl_client_cert", "ssl_client_cert_file"),
    ("ssl_client_key", "ssl_client_key_file"),
];

/// Settings that 2.4 does without, each with the reason.
const GONE: &[(&str, &str)] = &[
    ("ssl_dh_parameters_length", "2.3 takes no notice of it either"),
    ("ssl_parameters_regenerate", "2.3 takes no notice of it either"),
    ("config_cache_size", "2.4 has no such cache"),
    ("auth_stats", "2.4 counts it always"),
    ("imap_id_log", "2.4 tells it as an event"),
];

/// What needs a person: the beginning of its name, why, and what to do.
const BY_HAND: &[(&str, &str, &str)] = &[
    ("director_", "2.4 has no director", "https://doc.dovecot.org/2.4.1/installation/upgrade/2.3-to-2.4.html names what comes in its place"),
    ("replicat", "2.4 has no replication between two servers", "shared storage, or `doveadm sync` by a timer"),
    ("old_stats_", "2.4 has no old-stats", "`metric NAME { }`"),
    ("login_access_sockets", "2.4 asks no such socket: whoever it kept out comes in", "a passdb of lua, or a packet filter"),
    ("mail_attachment_fs", "2.4 has it as `mail_ext_attachment { fs … { } }`", "https://doc.dovecot.org/2.4.1/core/summaries/settings.html"),
    ("mail_attribute_dict", "2.4 has it as `mail_attribute { dict … { } }`", "https://doc.dovecot.org/2.4.1/core/summaries/settings.html"),
    ("imapc_ssl_verify", "2.4 has one such setting for all that it connects to", "`ssl_client_require_valid_cert`"),
    ("doveadm_http_rawlog_dir", "2.4 has it in `doveadm_server { }`", "`http_client_rawlog_dir`"),
    ("stats_http_rawlog_dir", "2.4 has it in `stats_server { }`", "`http_client_rawlog_dir`"),
    ("auth_policy_", "2.4 has it in `auth_policy { }`", "https://doc.dovecot.org/2.4.1/core/config/auth/policy.html"),
    ("dict_db_config", "2.4 has no Berkeley DB", "another dict"),
    ("import_environment", "2.4 has a section of this name", "`import_environment { NAME = VALUE }`"),
    ("imap_id_send", "2.4 has a section of this name", "`imap_id_send { NAME = VALUE }`"),
];

/// Where every name is described.
const MANUAL: &str = "look it up: https://doc.dovecot.org/2.4.1/core/summaries/settings.html";

/// Lists that are added to one by one in 2.4.
const LISTS: &[&str] = &["mail_plugins", "protocols", "auth_mechanisms"];

impl Writer<'_> {
    /// A setting that stands outside of sections, or in those that say for whom it holds; it is one of all items.
    pub(super) fn setting(&mut self, entry: &Entry, at: usize) {
        let (name, value) = (entry.name.as_str(), entry.value.as_str());
        if let Some((_, new)) = FILES.iter().find(|(old, _)| *old == name) {
            self.file(entry, new);
        } else if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == name) {
            match name == "mail_attachment_hash" && value.contains('%') && value != "%{sha1}" {
                true => self.leave_entry(entry, "its variables are written otherwise in 2.4".to_owned(), "`mail_ext_attachment_hash`"),
                false => self.rename(entry, new),
            }
        } else if let Some((_, why)) = GONE.iter().find(|(old, _)| *old == name) {
            self.remove(entry, why);
        } else if entry.is_filled_in() && (!names::is_kept(name) || value.contains('%')) {
            self.leave_entry(entry, "a template fills it in".to_owned(), "change what the template makes of it");
        } else if LISTS.contains(&name) {
            self.list(entry, at);
        } else {
            self.by_name(entry);
        }
    }

    /// Settings that each have a way of their own.
    fn by_name(&mut self, entry: &Entry) {
        let (name, value) = (entry.name.as_str(), entry.value.as_str());
        let yes = is_yes(value);
        match name {
            "disable_plaintext_auth" if !yes && self.survey.requires_tls => {
                self.remove(entry, "with `ssl = required` it has no effect, and 2.4 stops there");
            }
            "disable_plaintext_auth" => {
                self.put(entry, &[switch("auth_allow_cleartext", !yes)], "it is asked the other way round");
            }
            "ssl_prefer_server_ciphers" => {
                let new = format!("ssl_server_prefer_ciphers = {}", if yes { "server" } else { "client" });
                self.put(entry, &[new], "it names whose order counts");
            }
            "ssl_protocols" => match oldest(value) {
                Some(oldest) => self.put(entry, &[format!("ssl_min_protocol = {oldest}")], "2.3 already takes the oldest version from this list, and no more"),
                None => self.remove(entry, "2.3 does not know a word in it, and takes no notice of the line"),
            },
            "ssl_options" => {
                let left: Vec<String> = split(value).into_iter().filter(|word| word != "no_compression" && word != "compression").collect();
                match (left.len() == split(value).len(), left.is_empty()) {
                    (true, _) => {}
                    (false, true) => self.remove(entry, "2.4 never compresses, and stops at the word"),
                    (false, false) => self.put(entry, &[format!("ssl_options = {}", left.join(" "))], "2.4 never compresses, and stops at the word"),
                }
            }
            "verbose_ssl" if yes => self.put(entry, &["log_debug = category=ssl".to_owned()], "what is logged in detail is named by its kind"),
            "verbose_ssl" => self.remove(entry, "2.4 does not unless it is told to"),
            "auth_worker_max_count" if entry.sections.is_empty() => {
                self.put(entry, &within("service auth-worker", &[format!("process_limit = {value}")]), "it is the limit of that service");
            }
            "lmtp_user_concurrency_limit" if value == "0" => self.put(entry, &["lmtp_user_concurrency_limit = unlimited".to_owned()], "0 is none in 2.4"),
            "lmtp_user_concurrency_limit" => {}
            "mail_location" => self.location(entry),
            "mail_attribute_dict" if value.starts_with("file:") => match variables::converted(value.get(5..).unwrap_or(""), Use::Mail) {
                Ok(path) => {
                    let lines = within("mail_attribute", &within("dict file", &[format!("path = {path}")]));
                    self.put(entry, &lines, "a dict has a section of its own");
                }
                Err(variable) => self.leave_entry(entry, no_counterpart(&variable), MANUAL),
            },
            "imap_capability" if value.starts_with('+') => {
                let words: Vec<String> = value.split_whitespace().map(|word| switch(word.trim_start_matches('+'), true)).collect();
                self.put(entry, &within("imap_capability", &words), "what is added is named one by one");
            }
            "imap_capability" => {}
            "pop3_uidl_format" => self.kept(entry),
            _ if names::is_kept(name) => self.kept(entry),
            _ => match BY_HAND.iter().find(|(beginning, ..)| name.starts_with(beginning)) {
                Some((_, why, instead)) => self.leave_entry(entry, (*why).to_owned(), instead),
                None => self.leave_entry(entry, "what 2.4 calls it is not known here".to_owned(), MANUAL),
            },
        }
    }

    /// A setting that is called the same: what stands in it may not be.
    pub(super) fn kept(&mut self, entry: &Entry) {
        let value = entry.value.as_str();
        if is_hidden(value) {
            // Nobody else reads a password for a variable.
            return;
        }
        if entry.from_file {
            self.leave_entry(entry, "it takes the content of a file, and whether 2.4 does so here is not known".to_owned(), MANUAL);
        } else if entry.is_expanded {
            self.expanded(entry);
        } else if value.contains('%') && entry.name != "log_timestamp" {
            let used = variables::use_of(&entry.name);
            match used.map(|used| variables::converted(value, used)) {
                Some(Ok(converted)) if converted == value => {}
                Some(Ok(converted)) => {
                    let line = format!("{} = {}", entry.name, self.quoted(entry, &converted));
                    self.put(entry, &[line], "variables have long names");
                }
                Some(Err(variable)) => self.leave_entry(entry, no_counterpart(&variable), "see the table of variables"),
                None => self.leave_entry(entry, "2.4 may take the `%` in it for a variable".to_owned(), "see the table of variables"),
            }
        }
    }

    /// `$name`, which is `$SET:name` in 2.4.
    fn expanded(&mut self, entry: &Entry) {
        let mut words = Vec::new();
        for word in entry.value.split(' ') {
            match word.strip_prefix('$') {
                Some(name) if name == entry.name || name.is_empty() => {
                    self.leave_entry(entry, "it adds to what it was before, and 2.4 cannot".to_owned(), "write all of it");
                    return;
                }
                Some(name) if !name.contains(':') => words.push(format!("$SET:{}", new_name(name))),
                _ => words.push(word.to_owned()),
            }
        }
        let new = words.join(" ");
        if new != entry.value {
            self.put(entry, &[format!("{} = {new}", entry.name)], "`$` names a setting with SET in 2.4");
        }
    }

    /// Lists of words, which 2.4 also takes in one by one: `mail_plugins { quota = yes }`.
    fn list(&mut self, entry: &Entry, at: usize) {
        let own = format!("${}", entry.name);
        if entry.from_file {
            self.leave_entry(entry, "the list lies in a file, whose words may be called otherwise in 2.4".to_owned(), "write the words here");
            return;
        }
        let mut words = split(&entry.value);
        let adds = words.contains(&own);
        words.retain(|word| *word != own);
        if words.iter().any(|word| word.starts_with('$')) {
            self.leave_entry(entry, "it takes words from another setting".to_owned(), "write the words here");
            return;
        }
        let old = words.clone();
        if entry.name == "mail_plugins" {
            words.retain(|word| word != "imap_zlib");
            for word in &mut words {
                if word == "zlib" {
                    *word = "mail_compress".to_owned();
                }
            }
            if let Some(unknown) = words.iter().find(|word| !names::is_plugin(word) && *word != "mail_compress") {
                let why = format!("whether 2.4 has the plugin `{unknown}` is not known here");
                self.leave_entry(entry, why, "https://doc.dovecot.org/2.4.1/installation/upgrade/2.3-to-2.4.html names those that are gone");
                return;
            }
        }
        if entry.name == "protocols" {
            words.retain(|word| word != "none");
        }
        // 2.3 takes what was there so far.
        let is_set_behind = !entry.sections.is_empty() && self.survey.last_outside.get(entry.name.as_str()).is_some_and(|last| *last > at);
        if adds && is_set_behind {
            self.leave_entry(entry, "the list that it adds to is set once more behind it".to_owned(), "write all of the words here");
        } else if adds && words.is_empty() {
            self.remove(entry, "it adds nothing that 2.4 has");
        } else if adds {
            let words: Vec<String> = words.iter().map(|word| switch(word, true)).collect();
            self.put(entry, &within(&entry.name, &words), "what is added is named one by one");
        } else if words != old {
            self.put(entry, &[format!("{} = {}", entry.name, words.join(" "))], "a word in it is gone, or called otherwise");
        }
    }

    /// A setting that takes the name of a file in 2.4.
    fn file(&mut self, entry: &Entry, new: &'static str) {
        if entry.value.is_empty() {
            self.remove(entry, "there is no file by default");
        } else if entry.from_file {
            self.name_file(entry, new);
        } else if entry.is_expanded {
            let name = entry.value.trim_start_matches('$');
            match FILES.iter().find(|(old, _)| *old == name) {
                Some((_, other)) => self.put(entry, &[format!("{new} = $SET:{other}")], "2.4 takes the name of the file"),
                None => self.leave_entry(entry, "it takes its value from another setting".to_owned(), "the name of the file"),
            }
        } else {
            self.leave_entry(entry, "the certificate or key itself stands here".to_owned(), "put it into a file, and write the file's name");
        }
    }

    /// Where mailboxes are.
    fn location(&mut self, entry: &Entry) {
        match location::settings(&entry.value) {
            _ if entry.value.is_empty() => self.remove(entry, "mailboxes are looked for by default"),
            _ if entry.comes_from_elsewhere() => self.leave_entry(entry, "something else fills it in".to_owned(), "`mail_driver` and `mail_path`"),
            Ok(settings) => {
                let lines: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
                self.put(entry, &lines, "each part has a setting of its own");
            }
            Err(why) => self.leave_entry(entry, why, "`mail_driver`, `mail_path` and their kin: https://doc.dovecot.org/2.4.1/core/config/mail_location.html"),
        }
    }

    /// A setting of a namespace.
    pub(super) fn namespace(&mut self, entry: &Entry) {
        let value = entry.value.as_str();
        match entry.name.as_str() {
            "location" => {
                match location::settings(value) {
                    _ if value.is_empty() => self.remove(entry, "it is where the others are by default"),
                    Ok(mut settings) if !entry.is_expanded && !entry.from_file => {
                        // What holds for the others would hold here as well.
                        for (name, _) in &self.survey.location {
                            if settings.iter().all(|(own, _)| own != name) {
                                settings.push((name, String::new()));
                            }
                        }
                        let lines: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value}").trim_end().to_owned()).collect();
                        self.put(entry, &lines, "each part has a setting of its own");
                    }
                    Ok(_) => self.leave_entry(entry, "something else fills it in".to_owned(), "`mail_driver` and `mail_path`"),
                    Err(why) => self.leave_entry(entry, why, "`mail_driver`, `mail_path` and their kin"),
                }
            }
            "prefix" if value.contains('%') => {
                self.leave_entry(entry, "its variables are written otherwise in 2.4".to_owned(), "$user, $username and $domain for %%u, %%n and %%d");
            }
            "type" | "separator" | "prefix" | "inbox" | "hidden" | "list" | "subscriptions" | "ignore_on_failure" | "disabled" | "order" | "alias_for" => {}
            _ => self.leave_entry(entry, "what 2.4 calls it is not known here".to_owned(), MANUAL),
        }
    }

    /// A setting of a mailbox.
    pub(super) fn mailbox(&mut self, entry: &Entry) {
        if !matches!(entry.name.as_str(), "auto" | "special_use" | "autoexpunge" | "autoexpunge_max_mails" | "comment") {
            self.leave_entry(entry, "what 2.4 calls it is not known here".to_owned(), MANUAL);
        }
    }

    /// A setting of a service, or of one of its doors.
    pub(super) fn service(&mut self, entry: &Entry) {
        let is_door = entry.sections.len() > 1;
        match (entry.name.as_str(), is_door) {
            ("service_count", false) if entry.value == "0" => self.put(entry, &["restart_request_count = unlimited".to_owned()], "0 is none in 2.4"),
            ("service_count", false) => self.rename(entry, "restart_request_count"),
            ("idle_kill", false) => self.rename(entry, "idle_kill_interval"),
            ("address", true) => self.rename(entry, "listen"),
            ("executable" | "user" | "group", _) if entry.is_expanded => self.expanded(entry),
            ("user" | "group", _) | ("mode" | "port" | "ssl" | "reuse_port" | "haproxy" | "path", true) => {}
            ("executable" | "privileged_group" | "extra_groups" | "chroot" | "type" | "protocol" | "drop_priv_before_exec", false) => {}
            ("client_limit" | "process_limit" | "process_min_avail" | "vsz_limit", false) => {}
            _ => self.leave_entry(entry, "what 2.4 calls it is not known here".to_owned(), MANUAL),
        }
    }
}

/// The new name of a setting that another one names.
fn new_name(name: &str) -> &str {
    let all = FILES.iter().chain(RENAMED);
    all.into_iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

/// The oldest version that a list of versions leaves, as 2.3 takes it from there.
fn oldest(list: &str) -> Option<&'static str> {
    const VERSIONS: [&str; 4] = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"];
    let words = split(list);
    let is_named = |version: &&&str| words.iter().any(|word| word == **version);
    let is_excluded = |version: &&&str| words.iter().any(|word| word.strip_prefix('!') == Some(**version));
    let is_known = words.iter().all(|word| VERSIONS.contains(&word.trim_start_matches('!')));
    let first = VERSIONS.iter().find(is_named).or_else(|| VERSIONS.iter().find(|version| !is_excluded(version)))?;
    // No build of OpenSSL that 2.4 runs with speaks the older one.
    is_known.then_some(if *first == "SSLv3" { "TLSv1" } else { first })
}

#[cfg(test)]
mod tests {
    use crate::dialects::dovecot::upgrade::upgrade;
    use crate::dialects::dovecot::view::OLD_NAMES;
    use crate::intake;
    use crate::version::Target;

    #[test]
    fn what_2_4_is_said_to_refuse_is_carried_under_the_name_that_is_told() {
        for (old, new) in OLD_NAMES {
            let value = match *old {
                "mail_location" => "maildir:~/Maildir",
                "ssl_cert" | "ssl_key" | "ssl_dh" => "</x.pem",
                _ => "yes",
            };
            let sources = intake::split("dovecot.conf", &format!("protocols = imap\n{old} = {value}\n"));
            let upgrade = upgrade(&sources, &Target::default()).unwrap();
            let carried = upgrade.carried.iter().find(|one| sources.slice(one.span).starts_with(old)).unwrap();
            assert!(carried.becomes.iter().any(|line| line.starts_with(&format!("{new} = "))), "{old}: {:?}", carried.becomes);
        }
    }
}
