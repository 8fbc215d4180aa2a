//! What must change for a configuration to run here: directories, ports, certificates, the SASL back end. Everything
//! else stays, and every change is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::{main_cf, master};

/// Whether certificate files that do not exist are replaced by the lab's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Certificates {
    /// Paths that do not exist on this machine become the lab's certificate and key.
    #[default]
    Supply,
    /// The paths stay, existing or not.
    AsWritten,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewriting {
    /// `main.cf`, or `master.cf` and the service.
    pub place: String,
    /// The parameter or column.
    pub what: String,
    /// What was in force; `None` when nothing set it.
    pub from: Option<String>,
    /// What is in force in the lab.
    pub to: String,
}

impl fmt::Display for Rewriting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.from.as_deref().unwrap_or("(not set)");
        write!(f, "{}: {}: {from} -> {}", self.place, self.what, self.to)
    }
}

/// A service of type `inet` and the port it has in the lab, on 127.0.0.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The first column of master.cf as written: `smtp`, `465`, `[::1]:587` …
    pub service: String,
    /// The program: `smtpd`, `postscreen` …
    pub program: String,
    /// The port in the lab.
    pub port: u16,
}

/// Where things are in the lab.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) root: &'a Path,
    /// Key and certificate in one file.
    pub(super) chain: &'a Path,
    pub(super) sasl: &'a Path,
    pub(super) certificates: Certificates,
}

/// A configuration that runs in the lab.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub(super) main_cf: String,
    pub(super) master_cf: String,
    pub(super) listeners: Vec<Listener>,
    pub(super) rewritings: Vec<Rewriting>,
}

/// Certificates and keys belong together: when one file is not there, all become the lab's.
const PAIRS: [&str; 7] = [
    "smtpd_tls_cert_file",
    "smtpd_tls_key_file",
    "smtpd_tls_eccert_file",
    "smtpd_tls_eckey_file",
    "smtpd_tls_dcert_file",
    "smtpd_tls_dkey_file",
    "smtpd_tls_chain_files",
];
/// Files that are optional, and stop TLS when they are named and not there.
const EXTRAS: [&str; 4] = [
    "smtpd_tls_CAfile",
    "smtpd_tls_CApath",
    "smtpd_tls_dh1024_param_file",
    "smtpd_tls_dh512_param_file",
];
/// Caches in files outside the lab are not ours to write.
const CACHES: [&str; 5] = [
    "smtpd_tls_session_cache_database",
    "smtp_tls_session_cache_database",
    "lmtp_tls_session_cache_database",
    "postscreen_cache_map",
    "address_verify_map",
];
/// Helpers that are not there: mail filters would turn every MAIL into a temporary error, DNS lists wait for DNS.
const HELPERS: [&str; 3] = ["smtpd_milters", "non_smtpd_milters", "postscreen_dnsbl_sites"];

/// What of the lab's materials a configuration uses.
#[derive(Debug, Clone, Copy)]
struct Uses {
    sasl: bool,
    /// The lab's certificate instead of files that are not there.
    chain: bool,
}

impl Uses {
    fn of(
        settings: &BTreeMap<String, String>,
        overridden: &BTreeMap<String, String>,
        certificates: Certificates,
    ) -> Self {
        // An override is named service/type/name.
        let mut all = settings
            .iter()
            .chain(overridden)
            .map(|(name, value)| (name.rsplit('/').next().unwrap_or(name), value.as_str()));
        let chain = certificates == Certificates::Supply
            && all.clone().any(|(name, value)| PAIRS.contains(&name) && missing(value));
        Self {
            sasl: all.any(|(name, _)| name == "smtpd_sasl_auth_enable"),
            chain,
        }
    }
}

impl Places<'_> {
    /// What every server gets, whatever it had.
    fn fixed(&self) -> Vec<(&'static str, String)> {
        let within = |name: &str| self.root.join(name).display().to_string();
        vec![
            ("queue_directory", within("spool")),
            ("data_directory", within("data")),
            ("command_directory", "/usr/sbin".into()),
            ("daemon_directory", "/usr/lib/postfix/sbin".into()),
            ("mail_owner", "postfix".into()),
            ("setgid_group", "postdrop".into()),
            ("maillog_file", within("log/mail.log")),
            ("maillog_file_prefixes", self.root.display().to_string()),
            ("inet_interfaces", "127.0.0.1".into()),
            // Nobody connects by IPv6; but a client may be taken for one that does.
            ("inet_protocols", "all".into()),
            ("alias_maps", String::new()),
            ("alias_database", String::new()),
            ("local_recipient_maps", String::new()),
            // No look-up leaves the machine, no limit hits the probe, no report is mailed.
            ("smtpd_peername_lookup", "no".into()),
            ("smtpd_client_event_limit_exceptions", "127.0.0.0/8".into()),
            ("smtpd_authorized_xclient_hosts", "127.0.0.1".into()),
            ("notify_classes", String::new()),
        ]
    }

    /// What a value becomes; `None` when it may stay. Asked for main.cf and for every `-o`.
    fn value(&self, name: &str, value: &str, uses: Uses) -> Option<String> {
        if let Some((_, fixed)) = self.fixed().into_iter().find(|(fixed, _)| *fixed == name) {
            return Some(fixed);
        }
        let shown = |path: &Path| Some(path.display().to_string());
        match name {
            "mynetworks" => narrowed(value),
            "smtpd_sasl_type" if uses.sasl => Some("cyrus".into()),
            "smtpd_sasl_path" if uses.sasl => Some("smtpd".into()),
            "cyrus_sasl_config_path" if uses.sasl => shown(self.sasl),
            _ if HELPERS.contains(&name) => Some(String::new()),
            _ if CACHES.contains(&name) => (!value.contains("data_directory")).then(String::new),
            _ if EXTRAS.contains(&name) => {
                (self.certificates == Certificates::Supply && missing(value)).then(String::new)
            }
            _ if PAIRS.contains(&name) && !matches!(value, "" | "none") => uses.chain.then(|| shown(self.chain))?,
            _ => None,
        }
    }
}

/// Whether a value names files of which one is not there. Empty and `none` name none; `$` is not expanded here: what
/// it stands for comes expanded from postconf where it matters.
fn missing(value: &str) -> bool {
    let mut files = value
        .split([',', ' ', '\t', '\n', '\r'])
        .filter(|file| !file.is_empty());
    files.any(|file| file.starts_with(['/', '$']) && !Path::new(file).exists())
}

/// Loopback members of `mynetworks` become 127.0.0.2, so that 127.0.0.5 is a stranger; `None` when there are none.
/// Members that are wider than loopback stay: they are what is to be seen.
fn narrowed(value: &str) -> Option<String> {
    let mut changed = false;
    let members: Vec<&str> = value
        .split([',', ' ', '\t', '\n', '\r'])
        .filter(|member| !member.is_empty())
        .map(|member| match member {
            "127.0.0.0/8" | "127.0.0.1" | "127.0.0.1/32" | "127.0.0.1/8" | "127.0.0.0/16" | "127.0.0.0/24" => {
                changed = true;
                "127.0.0.2/32"
            }
            other => other,
        })
        .collect();
    changed.then(|| members.join(" "))
}

/// Rewrites a configuration. `settings` are the values of main.cf and `overridden` those of master.cf (by
/// `service/type/name`) as postconf expands them, `written` those of main.cf unexpanded; `free_port` gives a port nobody uses.
pub(super) fn rewrite<E>(
    texts: (&str, &str),
    settings: &BTreeMap<String, String>,
    written: &BTreeMap<String, String>,
    overridden: &BTreeMap<String, String>,
    places: &Places<'_>,
    mut free_port: impl FnMut() -> Result<u16, E>,
) -> Result<Rewritten, E> {
    let uses = Uses::of(settings, overridden, places.certificates);
    let mut rewritings = Vec::new();
    let mut names: BTreeSet<&str> = settings.keys().map(String::as_str).collect();
    names.extend(places.fixed().into_iter().map(|(name, _)| name));
    if uses.sasl {
        names.extend(["smtpd_sasl_type", "smtpd_sasl_path", "cyrus_sasl_config_path"]);
    }
    let mut additions = String::new();
    for name in names {
        // A cache within $data_directory is in the lab already; expanded it could not be told from one elsewhere.
        let from = if CACHES.contains(&name) {
            written.get(name)
        } else {
            settings.get(name)
        };
        let Some(to) = places.value(name, from.map_or("", String::as_str), uses) else {
            continue;
        };
        if from != Some(&to) {
            additions.push_str(&format!("{name} = {to}\n"));
            rewritings.push(Rewriting {
                place: "main.cf".into(),
                what: name.into(),
                from: from.cloned(),
                to,
            });
        }
    }
    if !settings.contains_key("mynetworks") {
        let to = "127.0.0.2/32".to_owned();
        additions.push_str(&format!("mynetworks = {to}\n"));
        rewritings.push(Rewriting {
            place: "main.cf".into(),
            what: "mynetworks".into(),
            from: None,
            to,
        });
    }
    let known = settings
        .get("known_tcp_ports")
        .map_or(master::KNOWN_TCP_PORTS, String::as_str);
    let (master_cf, listeners) = master(texts.1, known, places, uses, &mut rewritings, &mut free_port)?;
    let replaced: BTreeSet<&str> = additions.lines().filter_map(main_cf::name_of).collect();
    let main_cf = main_cf::without_shadowed(texts.0, &replaced);
    Ok(Rewritten {
        main_cf: format!("{main_cf}\n{additions}"),
        master_cf,
        listeners,
        rewritings,
    })
}

fn master<E>(
    text: &str,
    known: &str,
    places: &Places<'_>,
    uses: Uses,
    rewritings: &mut Vec<Rewriting>,
    free_port: &mut impl FnMut() -> Result<u16, E>,
) -> Result<(String, Vec<Listener>), E> {
    let mut written = String::new();
    let mut listeners = Vec::new();
    let mut present = BTreeSet::new();
    let mut place = "master.cf".to_owned();
    for line in text.lines() {
        let mut line = line.to_owned();
        if let Some(entry) = master::entry(&line) {
            let (service, kind) = (entry.service.to_owned(), entry.kind.to_owned());
            let (chroot, program) = (entry.chroot.to_owned(), entry.program.to_owned());
            place = format!("master.cf {service}/{kind}");
            let mut changed = |what: &str, from: String, to: String| {
                rewritings.push(Rewriting {
                    place: place.clone(),
                    what: what.into(),
                    from: Some(from),
                    to,
                });
            };
            // A name nobody can resolve stays: the server is then to fail as it would elsewhere.
            if kind == "inet" && master::resolvable(&service, known) {
                // The master takes two entries of one name for one service, and the last counts.
                let before = listeners.iter().position(|one: &Listener| one.service == service);
                let port = match before {
                    Some(index) => listeners.remove(index).port,
                    None => free_port()?,
                };
                let to = format!("127.0.0.1:{port}");
                line = master::with_column(&line, 0, &to);
                listeners.push(Listener {
                    service: service.clone(),
                    program,
                    port,
                });
                changed("service", service.clone(), to);
            }
            // Nothing is laid out for a change of root. `-` is `y` or `n` by compatibility_level.
            if chroot != "n" {
                line = master::with_column(&line, 4, "n");
                changed("chroot", chroot, "n".into());
            }
            present.insert((service, kind));
        }
        for name in overridable(places) {
            let Some(found) = master::find_override(&line, name) else {
                continue;
            };
            let Some(to) = places.value(name, &found.value, uses).filter(|to| *to != found.value) else {
                continue;
            };
            line = master::with_override(&line, &found, &to);
            let from = Some(found.value);
            rewritings.push(Rewriting {
                place: place.clone(),
                what: format!("-o {name}"),
                from,
                to,
            });
        }
        written.push_str(&line);
        written.push('\n');
    }
    for line in master::SERVICES.lines() {
        let Some(entry) = master::entry(line) else {
            continue;
        };
        if !present.contains(&(entry.service.to_owned(), entry.kind.to_owned())) {
            written.push_str(line);
            written.push('\n');
            let place = format!("master.cf {}/{}", entry.service, entry.kind);
            rewritings.push(Rewriting {
                place,
                what: "entry".into(),
                from: None,
                to: line.into(),
            });
        }
    }
    Ok((written, listeners))
}

fn overridable(places: &Places<'_>) -> Vec<&'static str> {
    let mut names: Vec<&str> = places.fixed().into_iter().map(|(name, _)| name).collect();
    names.extend([
        "mynetworks",
        "smtpd_sasl_type",
        "smtpd_sasl_path",
        "cyrus_sasl_config_path",
    ]);
    names.extend(PAIRS.into_iter().chain(EXTRAS).chain(CACHES).chain(HELPERS));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(main: &str, master: &str, settings: &[(&str, &str)]) -> Rewritten {
        let path = Path::new;
        let places = Places {
            root: path("/lab"),
            chain: path("/lab/chain.pem"),
            sasl: path("/lab/sasl"),
            certificates: Certificates::Supply,
        };
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut port = 20000;
        let next = || {
            port += 1;
            Ok::<u16, std::convert::Infallible>(port)
        };
        match rewrite((main, master), &settings, &settings, &BTreeMap::new(), &places, next) {
            Ok(rewritten) => rewritten,
        }
    }

    #[test]
    fn a_missing_certificate_is_supplied_with_its_key_and_present_files_stay() {
        let result = rewritten(
            "",
            "",
            &[
                ("smtpd_tls_cert_file", "/nowhere/a.pem"),
                ("smtpd_tls_key_file", "/etc/passwd"),
            ],
        );
        assert!(result.main_cf.contains("smtpd_tls_cert_file = /lab/chain.pem\n"));
        assert!(result.main_cf.contains("smtpd_tls_key_file = /lab/chain.pem\n"));
        let result = rewritten("", "", &[("smtpd_tls_cert_file", "/etc/passwd")]);
        assert!(!result.main_cf.contains("smtpd_tls_cert_file"));
    }

    #[test]
    fn loopback_is_narrowed_and_wider_networks_stay() {
        assert_eq!(
            narrowed("127.0.0.0/8, [::1]/128 10.0.0.0/8").as_deref(),
            Some("127.0.0.2/32 [::1]/128 10.0.0.0/8")
        );
        assert_eq!(narrowed("0.0.0.0/0"), None);
        assert_eq!(narrowed(""), None);
    }

    #[test]
    fn listeners_move_to_free_ports_and_keep_their_name() {
        let master = "[::1]:587 inet n - - - - smtpd\n  -o mynetworks=127.0.0.0/8\n#465 inet n - n - - smtpd\n";
        let result = rewritten("a = 1", master, &[]);
        let listener = Listener {
            service: "[::1]:587".into(),
            program: "smtpd".into(),
            port: 20001,
        };
        assert_eq!(result.listeners, [listener]);
        let expected = "127.0.0.1:20001 inet n - n - - smtpd\n  -o mynetworks=127.0.0.2/32\n#465 inet";
        assert!(result.master_cf.starts_with(expected), "{}", result.master_cf);
        assert!(result.master_cf.contains("\npostlog unix-dgram"));
        assert!(result.main_cf.starts_with("a = 1\n"));
    }

    #[test]
    fn two_entries_of_one_name_share_a_port_and_an_unknown_name_stays() {
        let master = "465 inet n - n - - smtpd\nsmpts inet n - n - - smtpd\n465 inet n - n - - postscreen\n";
        let result = rewritten("", master, &[]);
        let listener = Listener {
            service: "465".into(),
            program: "postscreen".into(),
            port: 20001,
        };
        assert_eq!(result.listeners, [listener]);
        assert!(result.master_cf.contains("\nsmpts inet"), "{}", result.master_cf);
    }

    #[test]
    fn sasl_is_only_touched_where_it_is_used() {
        let used = rewritten(
            "",
            "",
            &[("smtpd_sasl_auth_enable", "yes"), ("smtpd_sasl_type", "dovecot")],
        );
        assert!(used.main_cf.contains("smtpd_sasl_type = cyrus\n"));
        assert!(
            !rewritten("", "", &[("smtpd_sasl_type", "dovecot")])
                .main_cf
                .contains("smtpd_sasl_type")
        );
    }
}
