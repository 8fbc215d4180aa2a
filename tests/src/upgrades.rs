//! Configurations of Dovecot 2.3 that are carried to 2.4: each is read by real releases in the lab, and its facts are compared
//! without one.

use smtplint_core::dialects::dovecot::upgrade::{self, NoUpgrade, Upgrade};
use smtplint_core::version::Target;

use crate::doveconf::{Files, sources};

/// A configuration of 2.3.
pub struct Old {
    /// What it is about.
    pub name: &'static str,
    /// dovecot.conf.
    pub text: &'static str,
    /// Other files, each with its text.
    pub beside: &'static [(&'static str, &'static str)],
    /// In how many places a person has to write something.
    pub left: usize,
}

impl Old {
    /// All of its files.
    #[must_use]
    pub fn files(&self) -> Files {
        let own = [("dovecot.conf", self.text)];
        let all = own.iter().chain(self.beside);
        all.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect()
    }
}

/// One for each kind of change.
pub const OLD: &[Old] = &[
    Old {
        name: "TLS",
        text: "protocols = imap pop3\nssl = required\nssl_cert = </c.pem\nssl_key=< /k.pem # ours\nssl_dh = </dh.pem\n\
               ssl_prefer_server_ciphers = yes\nssl_protocols = !SSLv3, !TLSv1\nssl_options = no_compression no_ticket\n\
               ssl_dh_parameters_length = 2048\nverbose_ssl = no\nssl_curve_list = P-256\n\
               local_name mail.example.test {\n  ssl_cert = </d.pem\n  ssl_key = $ssl_cert\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "passwords in clear",
        text: "protocols = imap\nssl = yes\nssl_cert = </c.pem\nssl_key = </k.pem\ndisable_plaintext_auth = yes\n\
               remote 127.0.0.1 {\n  disable_plaintext_auth = no\n}\nprotocol imap {\n  disable_plaintext_auth=No\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "passwords in clear where TLS is demanded",
        text: "protocols = imap\nssl = required\nssl_cert = </c.pem\nssl_key = </k.pem\ndisable_plaintext_auth = no\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "users of a file and of the machine",
        text: "protocols = imap\nssl = no\npassdb {\n  driver = passwd-file\n  args = scheme=BLF-CRYPT username_format=%n /etc/dovecot/%d\n}\n\
               passdb {\n  driver = pam\n  args = session=yes max_requests=20 dovecot\n  mechanisms = plain login\n}\n\
               passdb {\n  args = *\n  driver = pam\n  skip = authenticated\n}\n\
               userdb {\n  driver = passwd-file\n  args = username_format=%n /etc/dovecot/users\n  default_fields = home=/var/mail/%d/%n uid=vmail\n  override_fields = gid=vmail\n}\n\
               userdb {\n  driver = passwd\n}\nuserdb {\n  driver = prefetch\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "users by rule",
        text: "protocols = imap\nssl = no\nuserdb {\n  driver = static\n  args = uid=5000 gid=5000 home=/home/vmail/%d/%n mail=maildir:~/Maildir allow_all_users=yes\n}\n\
               passdb {\n  driver = static\n  args = nopassword=y proxy=y host=192.0.2.1 allow_nets=local\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "users of a database",
        text: "protocols = imap\nssl = no\npassdb {\n  driver = sql\n  args = /etc/dovecot/dovecot-sql.conf.ext\n}\nuserdb {\n  driver = ldap\n  args = /etc/dovecot/ldap.conf\n}\n\
               passdb {\n  driver = shadow\n}\n",
        beside: &[],
        left: 3,
    },
    Old {
        name: "users of a database whose file is given",
        text: "protocols = imap\nssl = no\npassdb {\n  driver = sql\n  args = dovecot-sql.conf.ext\n}\n\
               userdb {\n  driver = prefetch\n}\nuserdb {\n  args = dovecot-sql.conf.ext\n  driver = sql\n}\n",
        beside: &[(
            "dovecot-sql.conf.ext",
            "# Ours.\ndriver = mysql\nconnect = host=/run/mysqld/mysqld.sock dbname=mail user=mail password=sesame\ndefault_pass_scheme = SHA512-CRYPT\n\
             password_query = SELECT username AS user, password, '/var/mail/%d/%n' AS userdb_home \\\n  FROM users WHERE username = '%u'\n\
             user_query = SELECT home, uid, gid FROM users WHERE username = '%Lu'\n",
        )],
        left: 0,
    },
    Old {
        name: "a database that tells more of users",
        text: "protocols = imap\nssl = no\nuserdb {\n  driver = sql\n  args = quota.conf\n}\npassdb {\n  driver = sql\n  args = quota.conf\n}\n",
        beside: &[(
            "quota.conf",
            "driver = sqlite\nconnect = /var/lib/users.db\nuser_query = SELECT home, uid, gid, '*:bytes=' || quota AS quota_rule FROM mail WHERE mail = '%u'\n",
        )],
        left: 2,
    },
    Old {
        name: "users of SQLite",
        text: "protocols = imap\nssl = no\npassdb {\n  driver = sql\n  args = sqlite.conf\n}\n",
        beside: &[("sqlite.conf", "driver = sqlite\nconnect = /var/lib/users.db\n")],
        left: 0,
    },
    Old {
        name: "where mail is",
        text: "protocols = imap\nssl = no\nmail_location = mbox:~/mail:INBOX=/var/mail/%u:INDEX=MEMORY\nmail_home = /home/%Ld/%n\nmail_attribute_dict = file:%h/attributes\n\
               namespace {\n  inbox = yes\n  separator = /\n  mailbox \"Sent Messages\" {\n    special_use = \\Sent\n    auto = subscribe\n  }\n}\n\
               namespace {\n  prefix = Archive/\n  separator = /\n  location = maildir:/archive/%u:LAYOUT=fs\n  subscriptions = no\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "services",
        text: "protocols = imap pop3\nssl = no\nauth_worker_max_count = 5\ndefault_idle_kill = 2 mins\nservice imap-login {\n  inet_listener imap {\n    port = 0\n    address = 127.0.0.1\n  }\n  service_count = 0\n  process_min_avail = 2\n}\n\
               service pop3-login {\n  service_count = 100\n  idle_kill = 30s\n}\nservice auth {\n  unix_listener /var/spool/postfix/private/auth {\n    mode = 0660\n    user = $default_internal_user\n  }\n  inet_listener {\n    port = 12345\n    address = 127.0.0.1\n  }\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "formats of the log",
        text: "protocols = imap\nssl = no\nlogin_log_format_elements = \"user=<%u> method=%m rip=%r lip=%l mpid=%e %c session=<%{session}>\"\nlogin_log_format = %$: %s\n\
               mail_log_prefix = \"%s(%u)<%{pid}><%{session}>: \"\nimap_logout_format = in=%i out=%o\ndeliver_log_format = msgid=%m: %$\nlog_timestamp = \"%Y-%m-%d %H:%M:%S \"\n\
               auth_username_format = %Ln\npop3_uidl_format = %08Xu%08Xv\nauth_default_realm = example.test\nsubmission_logout_format = in=%i out=%o\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "plugins of the core",
        text: "protocols = imap\nssl = no\nmail_plugins = $mail_plugins quota zlib\nprotocol imap {\n  mail_plugins = $mail_plugins imap_quota imap_zlib\n}\n\
               plugin {\n  quota = count:User quota\n  quota_rule = *:storage=1G:messages=1000\n  quota_vsizes = yes\n  quota_grace = 10M\n  zlib_save = gz\n  zlib_save_level = 6\n\
               \x20 acl = vfile\n  mail_log_events = delete expunge\n  quota_status_overquota = \"552 5.2.2 Mailbox is full\"\n  quota_max_mail_size = 50M\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "plugins that need a person",
        text: "protocols = imap\nssl = no\nplugin {\n  quota_rule2 = Trash:storage=+100M\n  quota_warning = storage=95%% quota-warning 95 %u\n  fts = solr\n  unheard_of = 1\n  imapsieve_mailbox1_name = Junk\n}\n",
        beside: &[],
        left: 5,
    },
    Old {
        name: "single mailboxes",
        text: "protocols = imap sieve\nssl = no\nnamespace {\n  inbox = yes\n}\nplugin {\n  quota = count:User quota\n  quota_rule = *:storage=1G\n  quota_rule2 = Trash:storage=+10%%\n  quota_rule3 = Sent Mail:storage=+100M\n\
               \x20 quota_rule4 = Spam:ignore\n  quota_warning = storage=95%% quota-warning 95 %u\n  quota_warning2 = -storage=100%% quota-warning below %u\n\
               \x20 sieve_plugins = sieve_imapsieve\n  imapsieve_mailbox1_name = Junk\n  imapsieve_mailbox1_causes = COPY APPEND\n  imapsieve_mailbox1_before = file:/usr/lib/dovecot/sieve/spam.sieve\n\
               \x20 imapsieve_mailbox2_name = *\n  imapsieve_mailbox2_from = Junk\n  imapsieve_mailbox2_causes = COPY\n  imapsieve_mailbox2_before = file:/usr/lib/dovecot/sieve/ham.sieve\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "scripts",
        text: "protocols = imap sieve\nssl = no\nprotocol imap {\n  mail_plugins = imap_sieve\n}\nplugin {\n  sieve = file:~/sieve;active=~/.dovecot.sieve\n  sieve_before = /var/lib/dovecot/before.sieve\n  sieve_after = file:/var/lib/dovecot/after.sieve\n\
               \x20 sieve_extensions = +vacation-seconds +notify -regex\n  sieve_plugins = sieve_imapsieve sieve_extprograms\n  sieve_global_extensions = +vnd.dovecot.pipe\n  sieve_quota_max_scripts = 10\n\
               \x20 sieve_vacation_dont_check_recipient = yes\n  sieve_pipe_bin_dir = /usr/lib/dovecot/sieve\n  sieve_vacation_max_period = 0\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "submission",
        text: "protocols = imap submission\nssl = required\nssl_cert = </c.pem\nssl_key = </k.pem\nhostname = mail.example.test\nsubmission_relay_host = 127.0.0.1\nsubmission_relay_trusted = yes\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "submission with a door of its own at 465",
        text: "protocols = submission\nssl = required\nssl_cert = </c.pem\nssl_key = </k.pem\nsubmission_relay_host = 127.0.0.1\nservice submission-login {\n  inet_listener submissions {\n    port = 465\n    ssl = yes\n  }\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "protocols by default",
        text: "ssl = no\npassdb {\n  driver = pam\n}\n",
        beside: &[],
        left: 0,
    },
    Old {
        name: "what is gone",
        text: "protocols = imap\nssl = no\ndirector_servers = 192.0.2.1\nreplication_max_conns = 10\nservice aggregator {\n  fifo_listener replication-notify-fifo {\n    user = vmail\n  }\n}\nlogin_access_sockets = tcpwrap\ndict {\n  quota = mysql:/etc/dovecot/dict.conf\n}\n",
        beside: &[],
        left: 5,
    },
    Old {
        name: "lines of DOS and lines that go on",
        text: "protocols = imap \\\r\n  pop3\r\nssl = no\r\nplugin {\r\n  quota = count:User quota\r\n}\r\nauth_mechanisms = $auth_mechanisms login\r\n",
        beside: &[],
        left: 0,
    },
];

/// Carries files to 2.4.
///
/// # Errors
/// Why there is nothing to carry.
pub fn carried(files: &Files) -> Result<(Upgrade, Files), NoUpgrade> {
    let upgrade = upgrade::upgrade(&sources(files), &Target::default())?;
    let after = upgrade
        .after
        .iter()
        .map(|(_, source)| (source.path.clone(), source.text().to_owned()));
    let after = after.collect();
    Ok((upgrade, after))
}

/// The same with everything taken out that a person has to write: lines, and sections with what stands in them.
#[must_use]
pub fn without_left(files: &Files, upgrade: &Upgrade) -> Files {
    let old = sources(files);
    let mut after: Files = upgrade
        .after
        .iter()
        .map(|(_, source)| (source.path.clone(), source.text().to_owned()))
        .collect();
    for left in &upgrade.left {
        let place = old.place(left.span);
        let written = old.slice(left.span);
        let Some(text) = after.get_mut(&place.file) else {
            continue;
        };
        let is_alone = |at: &usize| {
            text.get(..*at)
                .and_then(|before| before.lines().last().filter(|_| !before.ends_with('\n')))
                .is_none_or(|before| before.trim().is_empty())
        };
        let Some(start) = text.match_indices(written).map(|(at, _)| at).find(is_alone) else {
            continue;
        };
        let end = if written.trim_end().ends_with('{') {
            end_of_section(text, start)
        } else {
            start + written.len()
        };
        text.replace_range(start..end, "");
    }
    after
}

/// The place behind the brace that closes the section which is opened there.
fn end_of_section(text: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, sign) in text.get(start..).unwrap_or("").char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 1 => return start + at + 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}
