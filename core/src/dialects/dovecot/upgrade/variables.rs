//! Variables: `%u` of 2.3 is `%{user}` in 2.4 ("Upgrading Dovecot CE from 2.3 to 2.4", variable expansion, and the tables of the
//! sources of both).

/// Where a text is used, which decides what its variables stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// While a password is looked at: passdb, userdb and names of users.
    Auth,
    /// While mail is read and delivered.
    Mail,
    /// One of the formats of log lines, with letters of its own.
    Format(&'static [(&'static str, &'static str)]),
}

/// Letters and long names that mean the same while a password is looked at and while mail is read.
const COMMON: &[(&str, &str)] = &[
    ("u", "user"),
    ("n", "user | username"),
    ("d", "user | domain"),
    ("h", "home"),
    ("l", "local_ip"),
    ("r", "remote_ip"),
    ("user", "user"),
    ("username", "user | username"),
    ("domain", "user | domain"),
    ("home", "home"),
    ("lip", "local_ip"),
    ("rip", "remote_ip"),
    ("local_ip", "local_ip"),
    ("remote_ip", "remote_ip"),
    ("session", "session"),
    ("auth_user", "auth_user"),
    ("auth_username", "auth_user | username"),
    ("auth_domain", "auth_user | domain"),
    ("hostname", "system:hostname"),
];

/// Those of the password's side alone.
const AUTH: &[(&str, &str)] = &[
    ("s", "protocol"),
    ("service", "protocol"),
    ("m", "mechanism"),
    ("mech", "mechanism"),
    ("mechanism", "mechanism"),
    ("c", "secured"),
    ("a", "local_port"),
    ("lport", "local_port"),
    ("b", "remote_port"),
    ("rport", "remote_port"),
    ("w", "password"),
    ("password", "password"),
    ("real_lip", "real_local_ip"),
    ("real_rip", "real_remote_ip"),
    ("orig_user", "original_user"),
    ("orig_username", "original_user | username"),
    ("orig_domain", "original_user | domain"),
    ("master_user", "master_user"),
];

/// Those of the mail's side alone.
const MAIL: &[(&str, &str)] = &[("s", "service"), ("service", "service"), ("p", "process:pid"), ("pid", "process:pid"), ("master_user", "master_user")];

/// `login_log_format_elements`.
const LOGIN: &[(&str, &str)] = &[
    ("u", "user"),
    ("n", "user | username"),
    ("d", "user | domain"),
    ("s", "protocol"),
    ("m", "mechanism"),
    ("r", "remote_ip"),
    ("l", "local_ip"),
    ("a", "local_port"),
    ("b", "remote_port"),
    ("c", "secured"),
    ("k", "ssl_security"),
    ("e", "mail_pid"),
    ("session", "session"),
    ("real_rip", "real_remote_ip"),
    ("real_lip", "real_local_ip"),
    ("local_name", "local_name"),
    ("orig_user", "original_user"),
    ("auth_user", "auth_user"),
];

/// What `imap_logout_format` and its kin of other protocols count.
const LOGOUT: &[(&str, &str)] = &[("i", "input"), ("o", "output"), ("input", "input"), ("output", "output")];

/// `deliver_log_format`.
const DELIVER: &[(&str, &str)] = &[
    ("$", "message"),
    ("m", "msgid"),
    ("s", "subject"),
    ("f", "from"),
    ("e", "from_envelope"),
    ("p", "size"),
    ("w", "vsize"),
    ("msgid", "msgid"),
    ("subject", "subject"),
    ("from", "from"),
    ("from_envelope", "from_envelope"),
    ("size", "size"),
    ("vsize", "vsize"),
    ("to_envelope", "to_envelope"),
    ("delivery_time", "delivery_time"),
    ("session_time", "session_time"),
    ("storage_id", "storage_id"),
];

/// How the variables in a setting's value are read; `None` for a setting in which none count.
pub(super) fn use_of(setting: &str) -> Option<Use> {
    Some(match setting {
        "auth_username_format" => Use::Auth,
        "mail_home" | "mail_chroot" | "mail_log_prefix" | "mail_server_admin" | "mail_server_comment" | "postmaster_address" | "mail_temp_dir"
        | "lmtp_rawlog_dir" | "rawlog_dir" | "last_login_key" | "acl_user" | "acl_groups" | "imapsieve_url" | "sieve_user_email" | "sieve_trace_dir" => Use::Mail,
        "login_log_format_elements" => Use::Format(LOGIN),
        "login_log_format" => Use::Format(&[("$", "message"), ("s", "elements")]),
        "imap_logout_format" | "submission_logout_format" | "managesieve_logout_format" | "imap_urlauth_logout_format" => Use::Format(LOGOUT),
        "deliver_log_format" => Use::Format(DELIVER),
        "pop3_uidl_format" => Use::Format(&[
            ("08Xu", "uid | hex(8)"),
            ("08Xv", "uidvalidity | hex(8)"),
            ("u", "uid"),
            ("v", "uidvalidity"),
            ("f", "filename"),
            ("m", "md5"),
            ("g", "guid"),
        ]),
        _ => return None,
    })
}

/// The same text with the variables of 2.4; or the variable that has no plain counterpart, as it is written.
pub(super) fn converted(text: &str, used: Use) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        // The sign itself; where 2.4 would begin a variable with it, it is written twice there as well.
        if let Some(literal) = behind.strip_prefix('%') {
            if literal.starts_with(['u', 'n', 'd', 'h']) {
                return Err(format!("%%{}", literal.chars().take(1).collect::<String>()));
            }
            out.push_str(if literal.starts_with('{') { "%%" } else { "%" });
            rest = literal;
            continue;
        }
        let (name, behind) = name(behind);
        match filters(name, used) {
            Some(filters) => out.push_str(&format!("%{{{filters}}}")),
            None => return Err(format!("%{name}")),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// A variable behind its sign, with the digits and letters that change what it gives: `Lu`, `1.2n`, `{rip}`, `L{user}`.
fn name(text: &str) -> (&str, &str) {
    let is_modifier = |sign: char| sign.is_ascii_digit() || matches!(sign, '.' | '-' | 'L' | 'U' | 'E' | 'X' | 'R' | 'N' | 'H' | 'M' | 'D' | 'T');
    let begin = text.find(|sign| !is_modifier(sign)).unwrap_or(text.len());
    let rest = text.get(begin..).unwrap_or("");
    let length = match rest.strip_prefix('{') {
        Some(inner) => inner.find('}').map_or(rest.len(), |end| end + 2),
        None => rest.chars().next().map_or(0, char::len_utf8),
    };
    text.split_at_checked(begin + length).unwrap_or((text, ""))
}

/// What stands between the braces in 2.4.
fn filters(name: &str, used: Use) -> Option<String> {
    let find = |tables: &[&[(&str, &'static str)]], wanted: &str| tables.iter().flat_map(|table| table.iter()).find(|(old, _)| *old == wanted).map(|(_, new)| *new);
    let tables: &[&[(&str, &'static str)]] = match used {
        Use::Auth => &[COMMON, AUTH],
        Use::Mail => &[COMMON, MAIL],
        Use::Format(own) => &[own],
    };
    let bare = |text: &'_ str| -> String { text.trim_start_matches('{').trim_end_matches('}').to_owned() };
    if let Some(new) = find(tables, &bare(name)) {
        return Some(new.to_owned());
    }
    let (filter, rest) = match (name.strip_prefix('L'), name.strip_prefix('U')) {
        (Some(rest), _) => ("lower", rest),
        (_, Some(rest)) => ("upper", rest),
        _ => return None,
    };
    find(tables, &bare(rest)).map(|new| format!("{new} | {filter}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_get_their_new_names() {
        for (old, used, new) in [
            ("/var/mail/%d/%n", Use::Mail, "/var/mail/%{user | domain}/%{user | username}"),
            ("%Lu", Use::Auth, "%{user | lower}"),
            ("%L{username}", Use::Auth, "%{user | username | lower}"),
            ("%s %{service}", Use::Auth, "%{protocol} %{protocol}"),
            ("%s(%u)<%{pid}>: ", Use::Mail, "%{service}(%{user})<%{process:pid}>: "),
            ("100%% of %%{x}", Use::Mail, "100% of %%{x}"),
            ("plain", Use::Auth, "plain"),
        ] {
            assert_eq!(converted(old, used), Ok(new.to_owned()), "{old}");
        }
        let told = |setting: &str, old: &str| use_of(setting).map(|used| converted(old, used));
        assert_eq!(told("pop3_uidl_format", "%08Xu%08Xv"), Some(Ok("%{uid | hex(8)}%{uidvalidity | hex(8)}".to_owned())));
        assert_eq!(told("login_log_format", "%$: %s"), Some(Ok("%{message}: %{elements}".to_owned())));
        assert_eq!(told("imap_logout_format", "in=%i out=%o"), Some(Ok("in=%{input} out=%{output}".to_owned())));
    }

    #[test]
    fn what_has_no_plain_counterpart_is_named() {
        for (old, variable) in [("/%1Mu/%u", "%1Mu"), ("%2.256Nu", "%2.256Nu"), ("%%u", "%%u"), ("%{if;%u;eq;a;b;c}", "%{if;%u;eq;a;b;c}"), ("50%", "%"), ("%{unended", "%{unended")] {
            assert_eq!(converted(old, Use::Mail), Err(variable.to_owned()), "{old}");
        }
    }
}
