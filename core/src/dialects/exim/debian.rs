//! What Debian makes the configuration of: parts in `conf.d` or one template, with the answers in `update-exim4.conf.conf`
//! (update-exim4.conf(8); measured on its release 4.96-15).

use super::config::{Config, Entry};
use crate::source::{FileId, Source, Sources, Span};

/// The sections in the order in which their parts are put together.
const SECTIONS: [&str; 7] = ["main", "acl", "router", "transport", "retry", "rewrite", "auth"];

/// True for the file with the answers.
pub(super) fn is_answers(path: &str, text: &str) -> bool {
    path.ends_with("update-exim4.conf.conf") || text.lines().any(|line| line.starts_with("dc_eximconfig_configtype="))
}

/// True for a part of the split configuration.
pub(super) fn is_part(path: &str) -> bool {
    section_of(path).is_some() && path.contains("exim4")
}

/// Which section a part is of.
fn section_of(path: &str) -> Option<usize> {
    let (folder, file) = path.rsplit_once('/')?;
    let (above, section) = folder.rsplit_once('/').unwrap_or(("", folder));
    // Files whose names have other signs are left out.
    let is_plain = file.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !above.ends_with("conf.d") || !is_plain {
        return None;
    }
    SECTIONS.iter().position(|one| *one == section)
}

/// Where reading begins: files one after the other.
pub(super) struct Start {
    pub(super) order: Vec<FileId>,
    /// Macros that the answers define.
    pub(super) macros: Vec<(String, String, Span)>,
    /// Parts of it were given, and what they are put together with was not.
    pub(super) is_fragment: bool,
    /// The answers are all that was given.
    pub(super) is_answers_alone: bool,
}

/// Finds it; `included` tells which files others include.
pub(super) fn start(sources: &Sources, included: &[FileId]) -> Start {
    let files: Vec<(FileId, &Source)> = sources.iter().collect();
    let answers = files.iter().find(|(_, source)| is_answers(&source.path, source.text()));
    let mut parts: Vec<(usize, &str, FileId)> =
        files.iter().filter_map(|(file, source)| Some((section_of(&source.path)?, source.path.as_str(), *file))).collect();
    let named = |name: &str| files.iter().find(|(_, source)| source.file_name() == name).map(|(file, _)| *file);
    let whole = ["exim4.conf", "exim.conf"].iter().find_map(|name| named(name));
    let template = named("exim4.conf.template");
    let (macros, is_split) = answers.map_or((Vec::new(), !parts.is_empty()), |(file, source)| asked(*file, source));
    let is_answer = |file: FileId| answers.is_some_and(|(answers, _)| *answers == file);
    if let Some(whole) = whole {
        return Start { order: vec![whole], macros: Vec::new(), is_fragment: false, is_answers_alone: false };
    }
    if is_split && !parts.is_empty() {
        // Few files: the simplest way to put them in order is enough.
        parts.sort_unstable();
        let is_fragment = answers.is_none() || !parts.iter().any(|part| part.0 == 0);
        return Start { order: parts.into_iter().map(|part| part.2).collect(), macros, is_fragment, is_answers_alone: false };
    }
    if let Some(template) = template {
        let order = named("exim4.conf.localmacros").into_iter().chain([template]).collect();
        // Others write the whole of it under this name; Debian's own waits for its answers.
        let text = files.iter().find(|(file, _)| *file == template).map_or("", |(_, source)| source.text());
        let waits = ["DEBCONF", "UPEX4C", "DC_"].iter().any(|mark| text.contains(mark));
        return Start { order, macros, is_fragment: answers.is_none() && waits, is_answers_alone: false };
    }
    let others = files.iter().map(|(file, _)| *file).filter(|file| !is_answer(*file));
    let mut order: Vec<FileId> = others.clone().filter(|file| !included.contains(file)).collect();
    if order.is_empty() {
        order = others.take(1).collect();
    }
    let is_alone = order.is_empty() && answers.is_some();
    Start { is_fragment: is_alone, is_answers_alone: is_alone, order, macros }
}

/// What is taken for granted where the answers stand alone.
pub(super) const ALONE: &str = "Debian's own lists, put together with these answers: no other file of Exim was given";

/// What Debian's own `acl_check_rcpt` asks of a client against whom nothing speaks, the same in all of its releases; measured on
/// 4.96-15.
const CHECK_RCPT: [&str; 3] = ["accept hosts = :
deny domains = +local_domains
  local_parts = ^[.] : ^.*[@%!/|`#&?]
deny domains = !+local_domains
  local_parts = ^[./|] : ^.*[@%!`#&?] : ^.*/\\.\\./
accept local_parts = postmaster
  domains = +local_domains : +relay_to_domains", "accept hosts = +relay_from_hosts", "accept authenticated = *
require domains = +local_domains : +relay_to_domains
accept verify = recipient"];

/// What surely follows from answers that stand alone: who may send where by port 25, if Debian's own lists are in force. Of TLS and
/// AUTH they say nothing.
pub(super) fn from_answers(config: &mut Config, macros: &[(String, String, Span)]) {
    let get = |name: &str| macros.iter().find(|(one, _, _)| one == name);
    // Where Debian is to put nothing in, nothing is known of it.
    let Some((_, _, kind)) = get("DC_eximconfig_configtype") else { return };
    let mut put = |name: &str, value: &str, written: Span| {
        config.put(Entry { name: name.to_owned(), name_span: written, value: value.to_owned(), written, value_span: written, open: None, macros: Vec::new() });
    };
    for (list, name) in [("domainlist local_domains", "MAIN_LOCAL_DOMAINS"), ("domainlist relay_to_domains", "MAIN_RELAY_TO_DOMAINS"), ("hostlist relay_from_hosts", "MAIN_RELAY_NETS")] {
        if let Some((_, value, written)) = get(name) {
            put(list, value, *written);
        }
    }
    match get("MAIN_LOCAL_INTERFACES") {
        Some((_, value, written)) => put("local_interfaces", value, *written),
        None => put("local_interfaces", "<; ::0 ; 0.0.0.0", *kind),
    }
    put("daemon_smtp_ports", "25", *kind);
    put("acl_smtp_rcpt", "acl_check_rcpt", *kind);
    // They are not set, or let everybody pass of whom nothing bad is known.
    for option in ["acl_smtp_connect", "acl_smtp_helo", "acl_smtp_mail", "acl_smtp_predata", "acl_smtp_data", "acl_smtp_auth", "acl_smtp_starttls", "acl_smtp_vrfy", "host_reject_connection", "tls_on_connect_ports"] {
        put(option, "", *kind);
    }
    let nets = get("MAIN_RELAY_NETS").map_or(*kind, |one| one.2);
    let [before, by_network, behind] = CHECK_RCPT;
    config.put_acl("acl_check_rcpt", *kind, &[(before, *kind), (by_network, nets), (behind, *kind)]);
}

/// The macros that the answers come to, and whether the parts are put together rather than the template.
fn asked(file: FileId, source: &Source) -> (Vec<(String, String, Span)>, bool) {
    let mut answers: Vec<(String, String, Span)> = Vec::new();
    let mut offset = 0;
    for line in crate::source::lines(source.text()) {
        let start = offset;
        offset += line.len();
        let said = line.trim();
        let Some((name, value)) = said.split_once('=').filter(|_| !said.starts_with('#')) else { continue };
        let value = value.trim();
        let value = value.strip_prefix(['\'', '"']).and_then(|value| value.strip_suffix(['\'', '"'])).unwrap_or(value);
        let from = start + line.find(said).unwrap_or(0);
        answers.push((name.to_owned(), value.to_ascii_lowercase(), Span { file, start: from, end: from + said.len() }));
    }
    let get = |name: &str| answers.iter().rev().find(|(one, _, _)| one == name);
    let text = |name: &str| get(name).map_or("", |one| one.1.as_str());
    // Names of hosts part at colons; of the others, a semicolon makes it the separator.
    let with_separator = |value: &str| if value.contains(';') && !value.starts_with('<') { format!("<; {value}") } else { value.to_owned() };
    let span = |name: &str| get(name).map_or(Span { file, start: 0, end: 0 }, |one| one.2);
    let mut macros = Vec::new();
    let kind = text("dc_eximconfig_configtype");
    let is_split = text("dc_use_split_config") == "true";
    if !matches!(kind, "internet" | "smarthost" | "satellite" | "local") {
        return (macros, is_split);
    }
    let mut define = |name: &str, value: String, from: &str| macros.push((name.to_owned(), value, span(from)));
    let interfaces = with_separator(text("dc_local_interfaces"));
    if !interfaces.is_empty() {
        define("MAIN_LOCAL_INTERFACES", interfaces, "dc_local_interfaces");
    }
    if matches!(kind, "smarthost" | "satellite") && text("dc_hide_mailname") == "true" && !text("dc_readhost").is_empty() {
        define("HIDE_MAILNAME", "1".to_owned(), "dc_hide_mailname");
    }
    let names = format!("@:localhost:{}", text("dc_other_hostnames"));
    let names = names.trim_end_matches([';', ':', ' ']).replacen(' ', "", 1).replace(';', ":");
    define("MAIN_LOCAL_DOMAINS", names, "dc_other_hostnames");
    define("MAIN_RELAY_TO_DOMAINS", with_separator(text("dc_relay_domains")), "dc_relay_domains");
    let nets = with_separator(text("dc_relay_nets"));
    let own = if nets.starts_with("<;") { " ; 127.0.0.1 ; ::1" } else { " : 127.0.0.1 : ::::1" };
    define("MAIN_RELAY_NETS", format!("{nets}{own}"), "dc_relay_nets");
    let delivery = text("dc_localdelivery");
    define("LOCAL_DELIVERY", if delivery.is_empty() { "mail_spool".to_owned() } else { delivery.to_owned() }, "dc_localdelivery");
    define("DCreadhost", text("dc_readhost").to_owned(), "dc_readhost");
    define("DCsmarthost", text("dc_smarthost").replace(';', ":"), "dc_smarthost");
    define("DC_eximconfig_configtype", kind.to_owned(), "dc_eximconfig_configtype");
    define(&format!("DCconfig_{kind}"), "1".to_owned(), "dc_eximconfig_configtype");
    (macros, is_split)
}
