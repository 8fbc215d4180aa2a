//! How wishes are written in Exim's language, for an owner to copy.

use super::list;
use super::view::View;
use crate::change::{Advice, Change};
use crate::facts::{Entry, Listener, Step, TlsVersion};
use crate::source::FileId;

/// Tells clients of AUTH once TLS has begun (the specification, "SMTP authentication").
const AUTH_UNDER_TLS: (&str, &str) = ("auth_advertise_hosts", "${if eq{$tls_in_cipher}{}{}{*}}");

/// Where the owner's own certificates lie, but for the name.
const LIVE: &str = "/etc/letsencrypt/live/HOST/";

/// Options of the server, and statements for the list that recipients are held against.
#[derive(Default)]
struct Lines {
    options: Vec<(&'static str, String)>,
    statements: Vec<String>,
}

impl Lines {
    fn set(name: &'static str, value: impl Into<String>) -> Lines {
        Lines { options: vec![(name, value.into())], statements: Vec::new() }
    }

    fn and(mut self, (name, value): (&'static str, &str)) -> Lines {
        self.options.push((name, value.to_owned()));
        self
    }

    fn stating(statement: String) -> Lines {
        Lines { options: Vec::new(), statements: vec![statement] }
    }
}

/// What a wish comes to, with what it does in a few words; `None` where what is to be written hangs on more than the wish.
fn plan(change: &Change, listener: Option<&Listener>, view: &View<'_>) -> Option<(&'static str, Lines)> {
    let port = listener.and_then(Listener::known_port);
    let entry = listener.and_then(|one| one.tls.entry.known());
    let implicit = || view.fixed("tls_on_connect_ports").known().cloned();
    let is_port = |item: &str, port: u16| super::listeners::port_of(item) == Some(port);
    let one_more = |name: &'static str, port: u16| {
        let ports = view.fixed(name).known().cloned()?;
        let mut items = list::items(&ports);
        if !items.iter().any(|item| is_port(item, port)) {
            items.push(port.to_string());
        }
        Some(items.join(" : "))
    };
    // Said of all ports for users at once, so that it is the same for each.
    let ports = if port == Some(25) { "${if eq{$received_port}{25}}" } else { "${if eq{$received_port}{25}{no}{yes}}" };
    let here = |refused: &str| format!("deny condition = {ports}\n{refused}");
    let begin_here = || Some(("Begin with TLS here", Lines::set("tls_on_connect_ports", one_more("tls_on_connect_ports", port?)?)));
    let selector = |word: &str| view.text("log_selector").known().map(|text| format!("{text} {word}").trim().to_owned());
    Some(match change {
        Change::ImplicitTls => return begin_here(),
        Change::RequireTls if listener.is_some_and(Listener::is_implicit_port) => return begin_here(),
        Change::RequireTls => {
            let mut lines = Lines::stating(here("       !encrypted = *\n       message = Begin TLS first"));
            if !listener.is_some_and(|one| one.auth.before_tls.surely_not()) {
                lines = lines.and(AUTH_UNDER_TLS);
            }
            if entry == Some(&Entry::None) {
                lines = lines.and(("tls_advertise_hosts", "*"));
            }
            ("Take no password and no mail without TLS", lines)
        }
        // Where it is offered, a statement of its lists asks for it, and only its owner knows why.
        Change::OfferTls if entry == Some(&Entry::None) => ("Offer TLS", Lines::set("tls_advertise_hosts", "*")),
        Change::EncryptAuth => ("Offer TLS, and take passwords inside it alone", Lines::set("tls_advertise_hosts", "*").and(AUTH_UNDER_TLS)),
        Change::HideAuthInClear => ("Take passwords inside TLS alone", Lines::set(AUTH_UNDER_TLS.0, AUTH_UNDER_TLS.1)),
        Change::EndAuth => ("Offer no AUTH here", Lines::set(AUTH_UNDER_TLS.0, format!("${{if or{{{{eq{{$tls_in_cipher}}{{}}}}{{eq{{$received_port}}{{{}}}}}}}{{}}{{*}}}}", port?))),
        Change::EndImplicitTls => {
            let port = port?;
            // The other port that begins in clear is mended beside it.
            let others: Vec<String> = list::items(&implicit()?).into_iter().filter(|item| ![port, 25, 587].iter().any(|one| is_port(item, *one))).collect();
            ("Begin in clear here, and offer STARTTLS", Lines::set("tls_on_connect_ports", others.join(" : ")))
        }
        Change::OldestTls(TlsVersion::Tls12) | Change::UsualSuites => {
            let is_openssl = by_openssl(listener?)?;
            match (change, is_openssl) {
                (Change::UsualSuites, true) => ("Take the list of the library", Lines::set("tls_require_ciphers", "DEFAULT")),
                (_, true) => ("Offer nothing older", Lines::set("openssl_options", "+no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1")),
                (_, false) => ("Offer nothing older", Lines::set("tls_require_ciphers", "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1")),
            }
        }
        Change::TrustedCertificate => {
            let lines = Lines::set("tls_certificate", format!("{LIVE}fullchain.pem")).and(("tls_privatekey", &format!("{LIVE}privkey.pem")));
            ("Show a certificate that clients can check", lines)
        }
        Change::GuardRelay => {
            view.config.list("domainlist", "local_domains")?;
            let statement = "accept authenticated = *\nrequire message = relay not permitted\n        domains = +local_domains";
            ("Send to others for those who have logged in", Lines::stating(statement.to_owned()))
        }
        Change::RequireAuth => ("Take mail from nobody else", Lines::stating(here("       !authenticated = *\n       message = Log in first"))),
        Change::StopEarlyTalk => ("Stop clients that do not wait", Lines::set("smtp_enforce_sync", "true")),
        Change::HideRelease => ("Keep the release out of the greeting", Lines::set("smtp_banner", "$smtp_active_hostname ESMTP")),
        Change::LogTls => ("Tell sessions under TLS in the log", Lines::set("log_selector", selector("+tls_cipher")?)),
        Change::NameInLog => ("Name the port in the log", Lines::set("log_selector", selector("+incoming_interface")?)),
        Change::OpenForUsers { port: 465 } => {
            let ports = one_more("daemon_smtp_ports", 465)?;
            let lines = Lines::set("daemon_smtp_ports", ports).and(("tls_on_connect_ports", &one_more("tls_on_connect_ports", 465)?));
            ("Open port 465, where TLS begins at once", lines)
        }
        Change::OpenForUsers { port } => ("Open the port", Lines::set("daemon_smtp_ports", one_more("daemon_smtp_ports", *port)?)),
        _ => return None,
    })
}

/// Whether OpenSSL is what a port's TLS comes from; `None` where that is not known.
fn by_openssl(listener: &Listener) -> Option<bool> {
    // What leaves the versions is the option of the one, or the list of the other.
    listener.tls.list.as_ref()?;
    listener.tls.versions.because.iter().find_map(Step::setting).map(|name| name == "openssl_options")
}

/// The list of networks that is to be another one.
fn trust(networks: &[String], view: &View<'_>, files: &Files<'_>) -> Option<Advice> {
    let plain = |network: &String| network.replace(['[', ']'], "");
    let title = "Trust nobody else".to_owned();
    if files.are_answers_alone {
        // Debian adds the machine itself.
        let own = ["127.0.0.0/8", "127.0.0.1", "::1/128", "::1"];
        let others: Vec<String> = networks.iter().map(plain).filter(|network| !own.contains(&network.as_str())).collect();
        return Some(Advice { title, file: ANSWERS.to_owned(), text: format!("dc_relay_nets='{}'", others.join(" ; ")) });
    }
    let because = super::acl::Walk::new(view, 25).trusted().because;
    let name = because.iter().filter_map(Step::setting).find(|name| name.starts_with("hostlist "))?;
    let list = name.split_once(' ').and_then(|(kind, name)| view.config.list(kind, name))?;
    let items: Vec<String> = networks.iter().map(plain).collect();
    Some(Advice { title, file: files.name(list.written.file), text: format!("{name} = <; {}", items.join(" ; ")) })
}

/// Debian's answers.
const ANSWERS: &str = "update-exim4.conf.conf";

/// The files that were given.
pub(super) struct Files<'a> {
    pub(super) names: &'a [String],
    /// Debian's answers are all of them.
    pub(super) are_answers_alone: bool,
}

impl Files<'_> {
    fn name(&self, file: FileId) -> String {
        self.names.get(file.0 as usize).cloned().unwrap_or_default()
    }
}

/// The lines to copy.
pub(super) fn advise(change: &Change, listener: Option<&Listener>, view: &View<'_>, files: &Files<'_>) -> Option<Advice> {
    if let Change::TrustOnly(networks) = change {
        return trust(networks, view, files);
    }
    if files.are_answers_alone {
        return None;
    }
    let (title, lines) = plan(change, listener, view)?;
    let mut text: Vec<String> = lines.options.iter().map(|(name, value)| format!("{name} = {value}").trim_end().to_owned()).collect();
    let known = lines.options.iter().find_map(|(name, _)| view.config.option(name));
    let mut file = known.or_else(|| view.config.options.last()).map(|entry| entry.written.file);
    if !lines.statements.is_empty() {
        let name = view.text("acl_smtp_rcpt").known().cloned()?;
        let acl = view.config.acl(&name)?;
        // The first statement that fits decides.
        text.push(format!("# as the first statements of {name}"));
        text.extend(lines.statements.iter().flat_map(|one| one.lines()).map(|line| format!("  {line}")));
        file = if lines.options.is_empty() { Some(acl.named.file) } else { file };
    }
    Some(Advice { title: title.to_owned(), file: files.name(file?), text: text.join("\n") })
}
