//! `mail_location`, which 2.4 has as settings of their own.
//!
//! Source: `mailbox_list_settings_parse_full` of 2.3 and the settings of 2.4 (doc.dovecot.org, "Mail Location").

use super::forms::no_counterpart;
use super::variables::{self, Use};

/// Each part of a location, with the setting it is in 2.4.
const PARTS: &[(&str, &str)] = &[
    ("INBOX", "mail_inbox_path"),
    ("INDEX", "mail_index_path"),
    ("INDEXPVT", "mail_index_private_path"),
    ("INDEXCACHE", "mail_cache_path"),
    ("CONTROL", "mail_control_path"),
    ("ALT", "mail_alt_path"),
    ("LAYOUT", "mailbox_list_layout"),
    ("SUBSCRIPTIONS", "mailbox_subscriptions_filename"),
    ("VOLATILEDIR", "mail_volatile_path"),
    ("LISTINDEX", "mailbox_list_index_prefix"),
];

/// Parts that only stand there, each with what turns it on in 2.4.
const SWITCHES: &[(&str, &str)] = &[("UTF-8", "mailbox_list_utf8"), ("NO-NOSELECT", "mailbox_list_drop_noselect"), ("ITERINDEX", "mailbox_list_iter_from_index_dir")];

/// Forms of mailboxes that both releases have.
const DRIVERS: &[&str] = &["maildir", "mbox", "sdbox", "mdbox"];

/// The settings that a location is in 2.4; or why it is not known which.
pub(super) fn settings(location: &str) -> Result<Vec<(&'static str, String)>, String> {
    let none = |what: &str| Err(no_counterpart(what));
    if location.contains("::") {
        return none("::");
    }
    let mut parts = location.split(':');
    let driver = parts.next().unwrap_or("");
    let Some(path) = parts.next().filter(|_| DRIVERS.contains(&driver)) else {
        return Err("the form of the mailboxes is not named, and 2.4 wants it: maildir, mbox, sdbox or mdbox".to_owned());
    };
    let variables = |text: &str| variables::converted(text, Use::Mail).map_err(|variable| no_counterpart(&variable));
    let mut settings = vec![("mail_driver", driver.to_owned()), ("mail_path", variables(path)?)];
    for part in parts.filter(|part| !part.is_empty()) {
        if let Some((_, setting)) = SWITCHES.iter().find(|(name, _)| *name == part) {
            settings.push((setting, "yes".to_owned()));
            continue;
        }
        let Some((name, value)) = part.split_once('=') else { return none(part) };
        let Some((_, setting)) = PARTS.iter().find(|(old, _)| *old == name) else { return none(name) };
        settings.push((setting, variables(value)?));
    }
    let has = |wanted: &str| settings.iter().any(|(name, _)| *name == wanted);
    let has_such_folders = driver != "maildir" || has("mailbox_list_layout");
    if has_such_folders && !has("mailbox_list_drop_noselect") {
        // 2.4 would do it where 2.3 was not told to.
        settings.push(("mailbox_list_drop_noselect", "no".to_owned()));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_taken_apart() {
        let told = |text: &str| settings(text).map(|all| all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "));
        for (old, new) in [
            ("maildir:~/Maildir", "mail_driver=maildir mail_path=~/Maildir"),
            ("maildir:/v/%d/%n:LAYOUT=fs:INDEX=MEMORY", "mail_driver=maildir mail_path=/v/%{user | domain}/%{user | username} mailbox_list_layout=fs mail_index_path=MEMORY mailbox_list_drop_noselect=no"),
            ("mbox:~/mail:INBOX=/var/mail/%n", "mail_driver=mbox mail_path=~/mail mail_inbox_path=/var/mail/%{user | username} mailbox_list_drop_noselect=no"),
            ("sdbox:~/s:NO-NOSELECT:UTF-8", "mail_driver=sdbox mail_path=~/s mailbox_list_drop_noselect=yes mailbox_list_utf8=yes"),
        ] {
            assert_eq!(told(old), Ok(new.to_owned()), "{old}");
        }
        for old in ["~/mail", "imapc:", "maildir:a::b", "maildir:~/M:DIRNAME=x", "maildir:~/%1Mu", "mbox"] {
            assert!(settings(old).is_err(), "{old}");
        }
    }
}
