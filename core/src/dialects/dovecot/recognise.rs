//! Whether a text is Dovecot's.

use super::lines::{self, Line};
use crate::dialect::Likelihood;
use crate::source::FileId;

/// The most lines that are looked at.
const LOOKED_AT: usize = 400;

/// Sections that nobody else has.
const SECTIONS: &[&str] = &["passdb", "userdb", "namespace", "protocol", "service", "inet_listener", "unix_listener", "local_name", "ssl_server"];

/// Beginnings of names of settings that nobody else has.
const NAMES: &[&str] = &["auth_", "login_", "mail_", "ssl_", "imap_", "pop3_", "submission_", "disable_plaintext_auth", "dovecot_", "protocols", "lmtp_"];

/// Looks at the path first, then at what stands in the text.
pub(super) fn recognise(path: &str, text: &str) -> Likelihood {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if file == "dovecot.conf" || super::releases::printed(text).is_some() {
        return Likelihood::Certain;
    }
    if matches!(file, "main.cf" | "master.cf") {
        return Likelihood::No;
    }
    let (mut known, mut all, mut sections) = (0_usize, 0_usize, 0_usize);
    for one in lines::read(FileId(0), text).iter().take(LOOKED_AT) {
        match &one.line {
            Line::Assignment { key, .. } => {
                all += 1;
                let name = key.text.as_str();
                let is_own = |own: &&str| name.strip_prefix(*own).is_some_and(|rest| rest.is_empty() || own.ends_with('_'));
                known += usize::from(name == "ssl" || NAMES.iter().any(is_own));
            }
            Line::Begin { kind, .. } => {
                all += 1;
                sections += usize::from(SECTIONS.contains(&kind.text.as_str()));
            }
            Line::End => {}
            Line::Include { .. } => sections += 1,
            Line::Fault(_) => all += 1,
        }
    }
    // `mail_version` and its kin are Postfix's: names alone say something where little else stands, and sections say it all.
    match (sections, known) {
        (1.., _) if (sections + known) * 4 >= all => Likelihood::Certain,
        (0, 1..) if known * 2 >= all => Likelihood::Possible,
        (1.., _) | (_, 1..) => Likelihood::Possible,
        _ => Likelihood::No,
    }
}
