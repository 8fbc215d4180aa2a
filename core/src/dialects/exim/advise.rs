//! How wishes are written in Exim's language: what each option comes to, and what stands at the top of the list that judges
//! recipients (the specification, "The runtime configuration file" and "Access control lists").

use super::config::Entry;
use super::list;
use super::releases;
use super::view::{Library, View};
use crate::change::{Advice, Change};
use crate::facts::{self, Listener, TlsVersion};
use crate::gather::{self, Index};
use crate::patch::Blocked;

/// Suites with forward secrecy and AEAD alone; those of TLS 1.3 stand in no list.
const GOOD_SUITES: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

/// Stands in a path for what only the person can choose.
pub(super) const YOURS: &str = "/HOST/";

/// The option that names the list by which recipients are judged.
pub(super) const RECIPIENTS: &str = "acl_smtp_rcpt";

/// What wishes come to.
pub(super) struct Plan<'a> {
    view: &'a View<'a>,
    /// What options and named lists are to be, by their names.
    pub(super) values: Vec<(String, String)>,
    /// What options of transports are to be: the transport, the option, the value.
    pub(super) of_transports: Vec<(String, &'static str, &'static str)>,
    /// What is refused at the top of the list that judges recipients.
    refusals: Vec<Refusal>,
    /// Wishes for the whole server that have been granted.
    granted: Vec<Change>,
}

/// A statement that refuses.
struct Refusal {
    message: &'static str,
    /// At these ports alone; at all where none is named.
    ports: Vec<u16>,
    conditions: Vec<String>,
}

impl Refusal {
    fn lines(&self) -> Vec<String> {
        let at = match self.ports.as_slice() {
            [] => None,
            [port] => Some(format!("eq{{$received_port}}{{{port}}}")),
            ports => Some(format!("inlist{{$received_port}}{{{}}}", joined(&ports.iter().map(u16::to_string).collect::<Vec<_>>()))),
        };
        let at = at.map(|at| format!("condition  = ${{if {at}}}"));
        let inner = std::iter::once(format!("message    = {}", self.message)).chain(at).chain(self.conditions.iter().cloned());
        std::iter::once("  deny".to_owned()).chain(inner.map(|line| format!("    {line}"))).collect()
    }
}

fn not_in_one_list() -> Blocked {
    Blocked::Ambiguous("the network stands in no list of hosts, or in several: take it out where it is named".to_owned())
}

/// A list with one more item.
fn with(list: &str, item: &str) -> String {
    match list.trim().strip_prefix('<').and_then(|rest| rest.chars().next()) {
        _ if list.trim().is_empty() => item.to_owned(),
        Some(separator) => format!("{} {separator} {item}", list.trim()),
        None => format!("{} : {item}", list.trim()),
    }
}

/// Items as a list.
fn joined(items: &[String]) -> String {
    if items.iter().any(|item| item.contains(':')) { format!("<; {}", items.join(" ; ")) } else { items.join(" : ") }
}

impl<'a> Plan<'a> {
    pub(super) fn new(view: &'a View<'a>) -> Plan<'a> {
        Plan { view, values: Vec::new(), of_transports: Vec::new(), refusals: Vec::new(), granted: Vec::new() }
    }

    /// Adds a wish, and says in a few words what it does.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn grant(&mut self, change: &Change, listener: Option<&Listener>) -> Result<&'static str, Blocked> {
        let port = || listener.and_then(|one| one.port.known().copied()).ok_or_else(|| Blocked::Ambiguous("it is not known which port it is".to_owned()));
        Ok(match change {
            Change::RequireTls => {
                let port = port()?;
                if listener.is_some_and(|one| !matches!(one.tls.entry.known(), Some(facts::Entry::Starttls | facts::Entry::Implicit))) {
                    self.put("tls_advertise_hosts", "*");
                }
                // Whoever is refused at the recipient has shown the password before.
                let shows_passwords = listener.is_none_or(|one| !one.auth.before_tls.surely_not());
                if shows_passwords {
                    self.hide_auth()?;
                }
                match self.refuse("530 5.7.0 Must issue a STARTTLS command first", Some(port), vec!["!encrypted = *".to_owned()]) {
                    Ok(()) => "Take no mail and no password without TLS here",
                    // Passwords are out of reach all the same.
                    Err(_) if shows_passwords => "Take no password without TLS here",
                    Err(blocked) => return Err(blocked),
                }
            }
            Change::OfferTls if listener.is_some_and(|one| one.tls.entry.known() == Some(&facts::Entry::Starttls) && one.tls.required.surely()) => {
                let why = "a statement of the access control lists refuses mail without TLS: bind it to the ports for users, with a condition on `$received_port`";
                return Err(Blocked::Ambiguous(why.to_owned()));
            }
            Change::OfferTls | Change::AnnounceStarttls { .. } => {
                self.put("tls_advertise_hosts", "*");
                "Offer TLS"
            }
            Change::HideAuthInClear | Change::PlaintextInTls | Change::EncryptAuth => {
                if *change == Change::EncryptAuth {
                    self.put("tls_advertise_hosts", "*");
                }
                self.hide_auth()?;
                "Offer AUTH inside TLS alone"
            }
            Change::EndAuth => {
                // Where it is offered in clear here it is so at other ports, and one line decides both.
                if listener.is_some_and(|one| one.auth.before_tls.surely()) {
                    self.hide_auth()?;
                }
                let not_here = format!("${{if eq{{$received_port}}{{{}}}{{}}{{", port()?);
                let raw = self.value("auth_advertise_hosts")?;
                if !raw.contains(&not_here) {
                    self.wrap("auth_advertise_hosts", &not_here, "}}")?;
                }
                "Offer no AUTH here"
            }
            Change::RequireAuth | Change::UsersOnly | Change::OfferAuth => {
                if self.view.config.authenticators().next().is_none() {
                    let why = "how users prove who they are is yours to choose: no authenticator stands behind `begin authenticators`";
                    return Err(Blocked::NeedsChoice(why.to_owned()));
                }
                if *change == Change::OfferAuth || listener.is_some_and(|one| one.auth.after_tls.surely_not()) {
                    // Announced to everybody, it is hidden in clear right behind.
                    if !self.granted.contains(&Change::HideAuthInClear) {
                        self.put("auth_advertise_hosts", "*");
                    }
                    self.hide_auth()?;
                }
                if *change == Change::OfferAuth {
                    return Ok("Offer AUTH inside TLS");
                }
                self.refuse("530 5.7.0 Authentication required", Some(port()?), vec!["!authenticated = *".to_owned()])?;
                "Take mail from users who have logged in alone"
            }
            Change::GuardRelay => {
                let own: Vec<&str> = ["local_domains", "relay_to_domains"].into_iter().filter(|name| self.view.config.list("domainlist", name).is_some()).collect();
                if own.is_empty() {
                    let why = "which domains are your own only you know: name them in `domainlist local_domains = …`, and take mail for no others";
                    return Err(Blocked::NeedsChoice(why.to_owned()));
                }
                let own: Vec<String> = own.iter().map(|name| format!("+{name}")).collect();
                let trusted = if self.view.config.list("hostlist", "relay_from_hosts").is_some() { ": +relay_from_hosts" } else { ":" };
                let conditions = vec![format!("!domains   = {}", own.join(" : ")), format!("!hosts     = {trusted}"), "!authenticated = *".to_owned()];
                self.refuse("550 5.7.1 relay not permitted", None, conditions)?;
                "Relay for nobody who has not logged in"
            }
            Change::TrustOnly(networks) => {
                // At whichever port: the lists are the same.
                let trusted = super::acl::Walk::new(self.view, listener.and_then(Listener::known_port).unwrap_or(25)).trusted();
                let trusted = trusted.known().map(|known| Index::of(&known.patterns.surely)).unwrap_or_default();
                let stay = Index::of(networks);
                let is_wide = |item: &String| trusted.contains(item) && !stay.contains(item);
                let mut lists = self.view.config.lists.iter().filter(|list| list.name.starts_with("hostlist ") && list::items(&list.value).iter().any(is_wide));
                let (Some(one), None) = (lists.next(), lists.next()) else { return Err(not_in_one_list()) };
                let mut kept: Vec<String> = list::items(&one.value).into_iter().filter(|item| !is_wide(item)).collect();
                if kept.is_empty() {
                    kept = networks.iter().map(|one| one.replace(['[', ']'], "")).collect();
                }
                self.put(&one.name, &joined(&kept));
                "Trust no one else"
            }
            Change::RelayToNoDomain => {
                self.put("domainlist relay_to_domains", "");
                "Relay to no other domain"
            }
            Change::SendOverTls { implicit, service, .. } => {
                if self.view.config.transport(service).is_none() {
                    return Err(Blocked::Ambiguous("it is not known which transport it is".to_owned()));
                }
                match implicit {
                    Some(true) => self.of_transports.push((service.clone(), "protocol", "smtps")),
                    Some(false) => self.of_transports.push((service.clone(), "protocol", "smtp")),
                    None => {}
                }
                // What begins with TLS has it.
                if *implicit != Some(true) {
                    self.of_transports.push((service.clone(), "hosts_require_tls", "*"));
                }
                if self.view.config.transport(service).is_some_and(|transport| transport.option("hosts_avoid_tls").is_some()) {
                    self.of_transports.push((service.clone(), "hosts_avoid_tls", ""));
                }
                "Hand no mail over without TLS"
            }
            Change::ImplicitTls => {
                self.at_once(port()?)?;
                "Begin with TLS here"
            }
            Change::EndImplicitTls => {
                self.without("tls_on_connect_ports", port()?)?;
                "Begin in clear here, and offer STARTTLS"
            }
            Change::OpenForUsers { port } => {
                let ports = self.list("daemon_smtp_ports")?;
                let has_plain = list::items(&self.list("local_interfaces")?).iter().any(|item| matches!(super::listeners::interface(item), Some((_, None))));
                if !has_plain || self.view.is_written("daemon_smtp_port") {
                    return Err(Blocked::Ambiguous("each address has its own port in `local_interfaces`: say there which of them shall have this one".to_owned()));
                }
                if !has_port(&ports, *port) {
                    self.put("daemon_smtp_ports", &with(&ports, &port.to_string()));
                }
                if *port == 465 {
                    self.at_once(465)?;
                    "Open port 465, where TLS begins at once"
                } else {
                    "Open the port"
                }
            }
            Change::CloseListener => {
                let port = port()?;
                self.without("daemon_smtp_ports", port)?;
                if self.list("daemon_smtp_ports")?.is_empty() {
                    return Err(Blocked::Ambiguous("it is the only port, and without any Exim takes 25".to_owned()));
                }
                self.without("tls_on_connect_ports", port)?;
                "Open this port no more"
            }
            Change::OldestTls(oldest) => {
                self.oldest(*oldest)?;
                "Offer nothing older"
            }
            Change::RefuseSuites(_) | Change::UsualSuites => {
                match self.library()? {
                    Library::OpenSsl => self.put("tls_require_ciphers", GOOD_SUITES),
                    Library::GnuTls => self.put("tls_require_ciphers", "NORMAL"),
                }
                "Name good suites alone"
            }
            Change::TrustedCertificate => {
                for (name, file) in [("tls_certificate", "fullchain.pem"), ("tls_privatekey", "privkey.pem")] {
                    self.put(name, &format!("/etc/letsencrypt/live{YOURS}{file}"));
                }
                "Show a certificate that clients can check"
            }
            Change::AskNoCertificate => {
                self.put("tls_verify_hosts", "");
                self.put("tls_try_verify_hosts", "");
                "Ask clients for no certificate"
            }
            // What it takes by itself.
            Change::Remove { setting } if setting == "tls_eccurve" => {
                self.put("tls_eccurve", "auto");
                "Leave the curves to OpenSSL"
            }
            Change::HideRelease => {
                self.put("smtp_banner", "$smtp_active_hostname ESMTP");
                "Greet without the release"
            }
            Change::NameInLog => {
                self.log("incoming_interface")?;
                "Log the port of each message"
            }
            Change::LogTls => {
                self.log("tls_cipher")?;
                "Log TLS"
            }
            Change::EndVrfy => {
                self.put("acl_smtp_vrfy", "deny");
                "Answer VRFY to nobody"
            }
            Change::StopEarlyTalk => {
                self.put("smtp_enforce_sync", "true");
                "Wait for nobody who does not wait for their turn"
            }
            Change::RefuseAnonymous => {
                let why = "take the authenticator out at which nobody has to prove who they are, or its condition that always holds";
                return Err(Blocked::NeedsChoice(why.to_owned()));
            }
            _ => return Err(Blocked::CannotExpress("smtplint knows no way to write it in Exim's language".to_owned())),
        })
    }

    fn put(&mut self, name: &str, value: &str) {
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.values.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Adds a statement that refuses, or the port to the one that is there.
    fn refuse(&mut self, message: &'static str, port: Option<u16>, conditions: Vec<String>) -> Result<(), Blocked> {
        let list = self.view.fixed(RECIPIENTS);
        let is_there = list.known().is_some_and(|name| self.view.config.acl(name).is_some_and(|acl| acl.open.is_none()));
        if !is_there {
            return Err(Blocked::Ambiguous(format!("it belongs at the top of the list that `{RECIPIENTS}` names, and that list is not plain")));
        }
        match self.refusals.iter_mut().find(|one| one.message == message) {
            Some(known) => {
                known.ports.extend(port.filter(|port| !known.ports.contains(port)));
                known.ports.sort_unstable();
            }
            None => self.refusals.push(Refusal { message, ports: port.into_iter().collect(), conditions }),
        }
        Ok(())
    }

    /// The lines of the statements that refuse.
    pub(super) fn statements(&self) -> Vec<String> {
        self.refusals.iter().flat_map(Refusal::lines).collect()
    }

    /// Adds a word to what is logged.
    fn log(&mut self, word: &str) -> Result<(), Blocked> {
        let words = self.list("log_selector")?;
        let mut words: Vec<&str> = words.split_ascii_whitespace().filter(|one| one.get(1..) != Some(word)).collect();
        let added = format!("+{word}");
        words.push(&added);
        self.put("log_selector", &words.join(" "));
        Ok(())
    }

    /// What an option is to be so far, or is, as it is written.
    fn value(&self, name: &str) -> Result<String, Blocked> {
        if let Some((_, value)) = self.values.iter().find(|(known, _)| known == name) {
            return Ok(value.clone());
        }
        let text = self.view.text(name);
        text.known().cloned().ok_or_else(|| Blocked::Ambiguous(format!("whether a line that sets `{name}` is read hangs on what is not known")))
    }

    /// The same for a list of plain items.
    fn list(&self, name: &str) -> Result<String, Blocked> {
        let value = self.value(name)?;
        if value.contains('$') {
            return Err(Blocked::Ambiguous(format!("`{name}` is an expansion: what it comes to is yours to change")));
        }
        Ok(value)
    }

    fn wrap(&mut self, name: &str, before: &str, behind: &str) -> Result<(), Blocked> {
        let value = self.value(name)?;
        // What protects signs here would have to protect them twice.
        if value.contains(['\\', '\n']) {
            return Err(Blocked::Ambiguous(format!("`{name}` has signs that a backslash protects: it is yours to change")));
        }
        self.put(name, &format!("{before}{}{behind}", value.trim()));
        Ok(())
    }

    /// AUTH is announced once TLS has begun.
    fn hide_auth(&mut self) -> Result<(), Blocked> {
        if self.granted.contains(&Change::HideAuthInClear) {
            return Ok(());
        }
        self.granted.push(Change::HideAuthInClear);
        let variable = if self.view.versions.first < releases::TLS_IN_SINCE { "tls_cipher" } else { "tls_in_cipher" };
        self.wrap("auth_advertise_hosts", &format!("${{if def:{variable} {{"), "}}")
    }

    fn at_once(&mut self, port: u16) -> Result<(), Blocked> {
        let list = self.list("tls_on_connect_ports")?;
        if !has_port(&list, port) {
            self.put("tls_on_connect_ports", &with(&list, &port.to_string()));
        }
        Ok(())
    }

    fn without(&mut self, name: &str, port: u16) -> Result<(), Blocked> {
        let list = self.list(name)?;
        if has_port(&list, port) {
            let kept: Vec<String> = list::items(&list).into_iter().filter(|item| super::listeners::port_of(item) != Some(port)).collect();
            self.put(name, &joined(&kept));
        }
        Ok(())
    }

    fn library(&self) -> Result<Library, Blocked> {
        let why = "GnuTLS and OpenSSL have different words for it: say which of them this Exim has, as in --target debian=12 or --target openssl=3.0";
        self.view.library().known().copied().ok_or_else(|| Blocked::Ambiguous(why.to_owned()))
    }

    fn oldest(&mut self, oldest: TlsVersion) -> Result<(), Blocked> {
        match self.library()? {
            Library::OpenSsl => {
                let mut words: Vec<String> = self.list("openssl_options")?.split_ascii_whitespace().map(str::to_owned).collect();
                for (version, word) in OPENSSL_WORDS {
                    words.retain(|one| one.trim_start_matches(['+', '-']) != word);
                    if version < oldest {
                        words.push(format!("+{word}"));
                    }
                }
                self.put("openssl_options", &words.join(" "));
            }
            Library::GnuTls => {
                let list = self.list("tls_require_ciphers")?;
                let mut words: Vec<&str> = list.split(':').filter(|word| !word.is_empty()).collect();
                let begins_with_all = !words.contains(&"NONE");
                words.retain(|word| !word.contains("VERS-"));
                if words.is_empty() {
                    words.push("NORMAL");
                }
                for (version, takes, gives) in GNUTLS_WORDS {
                    match begins_with_all {
                        true if version < oldest => words.push(takes),
                        false if version >= oldest => words.push(gives),
                        _ => {}
                    }
                }
                self.put("tls_require_ciphers", &words.join(":"));
            }
        }
        Ok(())
    }
}

/// What takes a version out in `openssl_options`.
const OPENSSL_WORDS: [(TlsVersion, &str); 6] = [
    (TlsVersion::Ssl2, "no_sslv2"),
    (TlsVersion::Ssl3, "no_sslv3"),
    (TlsVersion::Tls10, "no_tlsv1"),
    (TlsVersion::Tls11, "no_tlsv1_1"),
    (TlsVersion::Tls12, "no_tlsv1_2"),
    (TlsVersion::Tls13, "no_tlsv1_3"),
];

/// The same in a priority string, and what lets it in where nothing is; those before TLS 1.0 are out unless a list names them.
const GNUTLS_WORDS: [(TlsVersion, &str, &str); 4] = [
    (TlsVersion::Tls10, "-VERS-TLS1.0", "+VERS-TLS1.0"),
    (TlsVersion::Tls11, "-VERS-TLS1.1", "+VERS-TLS1.1"),
    (TlsVersion::Tls12, "-VERS-TLS1.2", "+VERS-TLS1.2"),
    (TlsVersion::Tls13, "-VERS-TLS1.3", "+VERS-TLS1.3"),
];

fn has_port(list: &str, port: u16) -> bool {
    list::items(list).iter().any(|item| super::listeners::port_of(item) == Some(port))
}

/// Debian's answers, and the one that says whom it trusts.
const ANSWERS: &str = "update-exim4.conf.conf";
pub(super) const TRUSTED_ANSWER: &str = "dc_relay_nets";

/// A list of networks as Debian's answers have it: the machine itself it adds.
pub(super) fn as_answer(list: &str) -> String {
    let own = ["127.0.0.0/8", "127.0.0.1", "::1/128", "::1"];
    let others: Vec<String> = list::items(list).into_iter().filter(|item| !own.contains(&item.as_str())).collect();
    // A semicolon makes it the separator; without one the colons of an address would part it.
    let others = match others.as_slice() {
        [only] => only.replace(':', "::"),
        several => several.join(" ; "),
    };
    format!("{TRUSTED_ANSWER}='{others}'")
}

/// The lines to copy. Of Debian's answers alone, one is a list of its own; what else stands there stands for much more.
pub(super) fn advise(change: &Change, listeners: &[&Listener], view: &View<'_>, are_answers_alone: bool) -> Option<Advice> {
    if let Change::Put { place, title, text } = change {
        let (entry, _) = view.config.slips().find(|(entry, _)| entry.name_span == *place)?;
        let file = view.config.name(place.file).to_owned();
        return Some(Advice { title: title.clone(), file, text: format!("{text} = {}", entry.value) });
    }
    let mut plan = Plan::new(view);
    let mut title = "";
    let each = listeners.iter().map(|listener| Some(*listener));
    for listener in each.chain(listeners.is_empty().then_some(None)) {
        title = plan.grant(change, listener).ok()?;
    }
    let title = title.to_owned();
    if are_answers_alone {
        let (_, list) = plan.values.iter().find(|_| matches!(change, Change::TrustOnly(_)))?;
        return Some(Advice { title, file: ANSWERS.to_owned(), text: as_answer(list) });
    }
    let list = view.fixed(RECIPIENTS);
    let list = list.known().filter(|_| !plan.refusals.is_empty()).and_then(|name| view.config.acl(name));
    let file = match (plan.values.first(), list) {
        (Some((name, _)), _) => place(view, name).map(|entry| entry.written.file),
        (None, Some(list)) => Some(list.named.file),
        (None, None) => plan.of_transports.first().and_then(|(name, ..)| view.config.transport(name)?.place()).map(|place| place.file),
    };
    let mut inside: Vec<String> = Vec::new();
    for (transport, option, value) in &plan.of_transports {
        let head = format!("# in the transport {transport}");
        if !inside.contains(&head) {
            inside.push(head);
        }
        inside.push(format!("  {option} = {value}").trim_end().to_owned());
    }
    let options = plan.values.iter().map(|(name, value)| format!("{name} = {value}"));
    let label = list.map(|list| format!("# as the first statements of {}", list.name));
    let text: Vec<String> = options.chain(inside).chain(label).chain(plan.statements()).collect();
    let file = file.map_or("exim.conf", |file| view.config.name(file)).to_owned();
    (!text.is_empty()).then(|| Advice { title, file, text: text.join("\n") })
}

/// The line that sets an option or a named list, or else the one that it should stand behind: the one whose name is most like it.
pub(super) fn place<'a>(view: &View<'a>, name: &str) -> Option<&'a Entry> {
    own(view, name).or_else(|| neighbours(view, name, 1).into_iter().next())
}

/// The line that sets it, or may.
fn own<'a>(view: &View<'a>, name: &str) -> Option<&'a Entry> {
    view.config.option(name).or_else(|| name.split_once(' ').and_then(|(kind, own)| view.config.list(kind, own)))
}

/// Lines that set something for the whole server, so many at most: first the one of that name, then by how much their names are alike,
/// and of those that are equally alike the last.
pub(super) fn neighbours<'a>(view: &View<'a>, name: &str, most: usize) -> Vec<&'a Entry> {
    let words: Vec<&str> = name.split(['_', ' ']).collect();
    let shared = |one: &Entry| one.name.split(['_', ' ']).zip(&words).take_while(|(one, other)| one == *other).count() as u64;
    let others = view.config.options.iter().chain(&view.config.lists).filter(|one| one.name != name);
    // Files have an order of their own, and places in a file; a name has few words.
    let rank = |one: &&Entry| !(shared(one).min(0xff) << 56 | u64::from(one.written.file.0).min(0xffff) << 40 | one.written.end as u64 & 0xff_ffff_ffff);
    let others = gather::ordered(others.collect(), rank);
    own(view, name).into_iter().chain(others).take(most).collect()
}
