//! What is carried from Dovecot 2.3 to 2.4 means the same: strangers find every door as it was.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeMap;

use smtplint_core::dialects::dovecot::Dovecot;
use smtplint_core::dialects::dovecot::upgrade::NoUpgrade;
use smtplint_core::facts::{Fact, Listener, Server};
use smtplint_core::impact::Impact;
use smtplint_core::source::Sources;
use smtplint_core::{Options, Report, check};
use smtplint_tests::corpus::{self, Outside};
use smtplint_tests::doveconf::{self, Files};
use smtplint_tests::upgrades::{self, OLD};

fn judge(sources: &Sources, release: &str) -> Report {
    let mut options = Options::default();
    for target in [release, "openssl=3.0"] {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    check(sources, &Dovecot, &options)
}

/// Everything that a stranger meets at a door; which line decides it is another matter. What is not known is left out.
fn met(listener: &Listener) -> BTreeMap<&'static str, String> {
    fn told<T: std::fmt::Debug>(fact: &Fact<T>) -> Option<String> {
        fact.known().map(|value| format!("{value:?}"))
    }
    let tls = &listener.tls;
    let auth = &listener.auth;
    let all = [
        (
            "dead",
            listener.dead.as_ref().map(|cause| format!("{:?}", cause.known())),
        ),
        ("port", told(&listener.port)),
        ("address", told(&listener.address)),
        ("entry", told(&tls.entry)),
        ("required", told(&tls.required)),
        ("works", told(&tls.works)),
        ("versions", told(&tls.versions)),
        ("certificate", told(&tls.certificate)),
        ("auth before TLS", told(&auth.before_tls)),
        ("auth after TLS", told(&auth.after_tls)),
        ("mechanisms", told(&auth.mechanisms.names)),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

type Doors = BTreeMap<String, BTreeMap<&'static str, String>>;

fn doors(server: &Server) -> Doors {
    let open = server
        .listeners
        .iter()
        .filter(|listener| listener.known_port() != Some(0));
    open.map(|listener| (format!("{}/{}", listener.service, listener.name), met(listener)))
        .collect()
}

/// Holds the doors before against those after.
fn compare(name: &str, files: &Files, wrong: &mut Vec<String>) -> Result<usize, NoUpgrade> {
    let (upgrade, _) = upgrades::carried(files)?;
    let after = doveconf::sources(&upgrades::without_left(files, &upgrade));
    let (then, now) = (
        judge(&doveconf::sources(files), "dovecot=2.3.21"),
        judge(&after, "dovecot=2.4.1"),
    );
    let is_whole = files.contains_key("dovecot.conf");
    let (before, behind) = (doors(&then.server), doors(&now.server));
    if !before.keys().eq(behind.keys()) {
        wrong.push(format!(
            "{name}: doors {:?}, and then {:?}",
            before.keys(),
            behind.keys()
        ));
    }
    for (door, facts) in &before {
        let now = behind.get(door).into_iter();
        for (fact, value) in facts.iter().chain(now.flatten().filter(|(fact, _)| **fact == "dead")) {
            let now = behind.get(door).and_then(|facts| facts.get(fact));
            // What a part leaves open is known where a line said it that 2.3 takes no notice of.
            if now != Some(value) && (is_whole || now.is_some()) {
                wrong.push(format!(
                    "{name}: {door}: {fact} {:?}, and then {now:?}",
                    facts.get(fact)
                ));
            }
        }
    }
    let costs = Impact::between(&then.server, &now.server).spoken();
    if !costs.is_empty() && is_whole {
        wrong.push(format!("{name}: somebody loses something: {costs:?}"));
    }
    Ok(before.len())
}

#[test]
fn doors_stay_as_they_were() {
    let mut wrong = Vec::new();
    let mut doors = 0;
    for old in OLD {
        let files = old.files();
        match upgrades::carried(&files) {
            Ok((upgrade, _)) if upgrade.left.len() == old.left => {}
            Ok((upgrade, _)) => wrong.push(format!("{}: left {:#?}", old.name, upgrade.left)),
            Err(why) => wrong.push(format!("{}: {why:?}", old.name)),
        }
        match compare(old.name, &files, &mut wrong) {
            Ok(count) => doors += count,
            Err(why) => wrong.push(format!("{}: {why:?}", old.name)),
        }
    }
    println!("{doors} doors");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(doors > 20, "only {doors} doors");
}

#[test]
fn doors_of_others_stay_as_they_were() {
    let mut wrong = Vec::new();
    let Outside::Found(place, _) = corpus::outside().unwrap_or_else(|error| panic!("{error}")) else {
        println!("no outside corpus");
        return;
    };
    let (mut doors, mut none) = (0, 0);
    for case in corpus::read_parts(&place, &["dovecot", "doveconf-n"]).unwrap_or_else(|error| panic!("{error}")) {
        let texts = case.files.iter();
        let files: Files = texts
            .map(|(path, bytes)| (path.clone(), String::from_utf8_lossy(bytes).into_owned()))
            .collect();
        match compare(&case.name, &files, &mut wrong) {
            Ok(count) => doors += count,
            Err(_) => none += 1,
        }
    }
    println!("{doors} doors; nothing to carry in {none} configurations");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The whole text after, and what is told of it.
fn told(text: &str) -> String {
    let files = Files::from([("dovecot.conf".to_owned(), text.to_owned())]);
    let (_, after) = upgrades::carried(&files).unwrap_or_else(|why| panic!("{why:?}"));
    after.into_values().collect()
}

#[test]
fn every_other_byte_stays() {
    let before = "# Ours.\n\n## TLS\nprotocols = imap\nssl=required # why\n  ssl_cert = < /c.pem   # the chain\nplugin {\n\t# room\n\tquota = count:User quota\n\tquota_rule = *:storage=1G # each\n}\nmail_location = maildir:~/Maildir\npassdb {\n  # the file\n  driver = passwd-file\n  args = /etc/dovecot/users\n}\n";
    let after = "# Ours.\n\n## TLS\ndovecot_config_version = 2.4.0\ndovecot_storage_version = 2.3.21\nprotocols = imap\nssl=required # why\n  ssl_server_cert_file = /c.pem   # the chain\n\t# room\nquota \"User quota\" {\n  driver = count\n}\nquota_storage_size = 1G # each\nmail_driver = maildir\nmail_path = ~/Maildir\npassdb passwd-file {\n  # the file\n  passwd_file_path = /etc/dovecot/users\n}\n";
    assert_eq!(told(before), after);
}

/// Sections of one name would be one section.
#[test]
fn no_name_is_given_that_another_section_has() {
    let before = "passdb {\n  driver = pam\n}\npassdb pam {\n  driver = pam\n}\npassdb {\n  driver = pam\n}\n\
        service imap-login {\n  inet_listener {\n    port = 144\n  }\n  inet_listener imap-login-listener {\n    port = 145\n  }\n}\n";
    let after = "passdb pam2 {\n  driver = pam\n}\npassdb pam {\n}\npassdb pam3 {\n  driver = pam\n}\n\
        service imap-login {\n  inet_listener imap-login-listener2 {\n    port = 144\n  }\n  inet_listener imap-login-listener {\n    port = 145\n  }\n}\n";
    let told = told(before);
    assert!(told.ends_with(after), "{told}");
}

#[test]
fn passwords_are_left_where_they_stand() {
    let text = "protocols = imap\nssl = no\nssl_key_password = secret\nimapc_password = 100%sure\n";
    let files = Files::from([("dovecot.conf".to_owned(), text.to_owned())]);
    let (upgrade, _) = upgrades::carried(&files).unwrap_or_else(|why| panic!("{why:?}"));
    let edits = upgrade.patch.edits.iter();
    let real = smtplint_core::patch::replaced(text, edits);
    assert!(
        real.ends_with("ssl_server_key_password = secret\nimapc_password = 100%sure\n"),
        "{real}"
    );
    // An argument that holds one is a person's to move.
    let text = "passdb {\n  driver = static\n  args = password=secret\n}\n";
    let files = Files::from([("dovecot.conf".to_owned(), text.to_owned())]);
    let (upgrade, _) = upgrades::carried(&files).unwrap_or_else(|why| panic!("{why:?}"));
    assert_eq!(upgrade.left.len(), 1, "{:?}", upgrade.left);
}

#[test]
fn a_database_keeps_its_password_where_it_stands() {
    let old = OLD
        .iter()
        .find(|old| old.name == "users of a database whose file is given")
        .unwrap_or_else(|| panic!("the case is there"));
    let files = old.files();
    let (upgrade, after) = upgrades::carried(&files).unwrap_or_else(|why| panic!("{why:?}"));
    let sources = doveconf::sources(&files);
    let real = |path: &str| {
        let (file, _) = sources
            .iter()
            .find(|(_, source)| source.path == path)
            .unwrap_or_else(|| panic!("{path}"));
        smtplint_core::patch::replaced(&files[path], upgrade.patch.of_file(file))
    };
    assert_eq!(
        real("dovecot-sql.conf.ext"),
        "# Ours.\nsql_driver = mysql\nmysql /run/mysqld/mysqld.sock {\n  dbname = mail\n  user = mail\n  password = \"sesame\"\n}\n"
    );
    assert_eq!(
        real("dovecot.conf"),
        "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.3.21\nprotocols = imap\nssl = no\n\
         !include dovecot-sql.conf.ext\npassdb sql {\n  \
         query = SELECT username AS user, password, '/var/mail/%{user | domain}/%{user | username}' AS userdb_home FROM users WHERE username = '%{user}'\n  \
         default_password_scheme = SHA512-CRYPT\n}\n\
         userdb prefetch {\n}\nuserdb sql {\n  \
         query = SELECT home, uid, gid FROM users WHERE username = '%{user | lower}'\n  \
         iterate_query = SELECT username, domain FROM users\n}\n"
    );
    assert!(
        !after["dovecot-sql.conf.ext"].contains("sesame"),
        "what is shown hides it"
    );
}

#[test]
fn what_is_no_configuration_of_2_3_is_said_to_be_so() {
    let why = |text: &str| {
        let files = Files::from([("dovecot.conf".to_owned(), text.to_owned())]);
        upgrades::carried(&files).err()
    };
    assert_eq!(
        why("dovecot_config_version = 2.4.0\nssl = no\n"),
        Some(NoUpgrade::IsNew)
    );
    assert_eq!(why("ssl_server_cert_file = /c\n"), Some(NoUpgrade::IsNew));
    assert_eq!(
        why("# 1.2.9: /etc/dovecot/dovecot.conf\nprotocols: imap\n"),
        Some(NoUpgrade::IsOld)
    );
    assert!(matches!(
        why("{% if tls %}\nssl = yes\n{% endif %}\n"),
        Some(NoUpgrade::Template(_))
    ));
    assert!(matches!(why("passdb {\n"), Some(NoUpgrade::Fault(..))));
}
