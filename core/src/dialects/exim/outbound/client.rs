//! The smtp transport towards one host: where TLS is a must there, and whether it logs in ("The smtp transport" and "SMTP
//! authentication" of the specification; `transports/smtp.c`; measured on 4.96).

use std::net::IpAddr;

use super::super::config::{Driver, Entry};
use super::super::expand::{Text, expand, fails};
use super::super::listeners::port_of;
use super::super::view::{View, steps};
use super::super::{hosts, releases};
use crate::facts::{Assurance, Because, Cause, Fact, Step, Value, is_machine};
use crate::question::QuestionId;

/// A transport with the host that it speaks to.
pub(super) struct Client<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) name: &'a str,
    pub(super) transport: &'a Driver,
    pub(super) host: Towards<'a>,
}

/// Whom a client speaks to.
#[derive(Clone, Copy)]
pub(super) enum Towards<'a> {
    /// The mx of each domain.
    Mx,
    Host(&'a str),
    /// It is not known.
    Open,
}

impl<'a> Towards<'a> {
    fn host(self) -> Option<&'a str> {
        match self {
            Towards::Host(host) => Some(host),
            Towards::Mx | Towards::Open => None,
        }
    }
}

impl Client<'_> {
    fn ask(&self) -> QuestionId {
        let ask = format!("What does the transport `{}` do for the host that it speaks to?", self.name);
        self.view.ask(&format!("exim-transport:{}", self.name), ask, format!("exim -bP transport {}", self.name))
    }

    /// Whether a list of the transport has the host in it. Not set, it has nobody.
    fn names(&self, option: &str) -> Fact<bool> {
        let Some(entry) = self.transport.option(option) else { return Fact::is(false, Vec::new()) };
        let because = overridden(entry);
        if let Some(open) = &entry.open {
            return Fact::unknown(self.view.ask_open(open), because);
        }
        match self.is_in(&entry.value) {
            Some(is_in) => Fact::is(is_in, because),
            None => Fact::unknown(self.ask(), because),
        }
    }

    fn is_in(&self, list: &str) -> Option<bool> {
        // Its own name and its own address are the host itself, whatever they are.
        if !matches!(self.host, Towards::Host(_)) && matches!(list.trim(), "$host" | "$host_address" | "<; $host_address") {
            return Some(true);
        }
        let variable = |name: &str| match (name, self.host) {
            ("host" | "host_address", Towards::Host(host)) => Text::of(host),
            _ => Text::Unknown,
        };
        let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
        let named = |item: &str| match self.host {
            _ if item.is_empty() => Some(false),
            // Most of those that get mail are not the one that is named.
            Towards::Mx => Some(false),
            Towards::Open => None,
            Towards::Host(host) if host.eq_ignore_ascii_case(item) => Some(true),
            // Names are compared by their addresses, and patterns with the name that DNS has for the host.
            Towards::Host(host) => (is_address(host) && is_address(item)).then_some(false),
        };
        hosts::has(self.view, list, &variable, hosts::Known { own: None, listed: None, named: &named })
    }

    /// Whether TLS begins with the first byte.
    pub(super) fn implicit(&self) -> Fact<bool> {
        let Some(entry) = self.transport.option("protocol") else { return Fact::is(false, Vec::new()) };
        match &entry.open {
            Some(open) => Fact::unknown(self.view.ask_open(open), overridden(entry)),
            // Up to 4.98 every other word means plain SMTP, `submissions` too.
            None => Fact::is(entry.value.eq_ignore_ascii_case("smtps"), overridden(entry)),
        }
    }

    /// The port beside the host, or the transport's.
    pub(super) fn port(&self, named: Option<u16>, host: &Because, implicit: &Fact<bool>) -> Fact<u16> {
        if let Some(port) = named {
            return Fact::is(port, host.clone());
        }
        match (self.transport.option("port"), &implicit.value) {
            (Some(entry), _) => match (port_of(entry.value.trim()), &entry.open) {
                (_, Some(open)) => Fact::unknown(self.view.ask_open(open), overridden(entry)),
                (Some(port), None) => Fact::is(port, overridden(entry)),
                (None, None) => Fact::unknown(self.ask(), overridden(entry)),
            },
            (None, Value::Is(implicit_there)) => Fact::is(if *implicit_there { 465 } else { 25 }, implicit.because.clone()),
            (None, Value::Unknown(question)) => Fact::unknown(question.clone(), implicit.because.clone()),
        }
    }

    /// What TLS has to give.
    pub(super) fn tls(&self, implicit: &Fact<bool>) -> Fact<Assurance> {
        let (needed, dane) = (self.names("hosts_require_tls"), self.names("hosts_require_dane"));
        let (verified, avoided) = (self.names("tls_verify_hosts"), self.names("hosts_avoid_tls"));
        if dane.surely() {
            return Fact::is(Assurance::Verified, dane.because);
        }
        for fact in [&dane, implicit, &needed, &avoided] {
            let decided = needed.surely() || implicit.surely();
            if let Value::Unknown(question) = &fact.value
                && !decided
            {
                return Fact::unknown(question.clone(), fact.because.clone());
            }
        }
        let login = self.without_login_in_clear();
        if !needed.surely() && !implicit.surely()
            && let Some(because) = login
        {
            return Fact::is(Assurance::Required, because);
        }
        let must = if implicit.surely() { &implicit.because } else { &needed.because };
        match (needed.surely() || implicit.surely(), &verified.value) {
            (true, Value::Is(true)) => Fact::is(Assurance::Verified, [must.to_vec(), verified.because.to_vec()].concat()),
            (true, Value::Is(false)) => Fact::is(Assurance::Required, must.clone()),
            (true, Value::Unknown(question)) => Fact::unknown(question.clone(), verified.because),
            (false, _) if avoided.surely() => Fact::is(Assurance::None, avoided.because),
            (false, _) if needed.because.is_empty() => {
                Fact::is(Assurance::Optional, vec![self.view.unset("hosts_require_tls")])
            }
            (false, _) => Fact::is(Assurance::Optional, needed.because),
        }
    }

    /// Asked where DNS may make TLS a must all the same.
    pub(super) fn unless_in_dns(&self, tls: &Fact<Assurance>, by_name: bool) -> Option<QuestionId> {
        let by_name = by_name || self.transport.option("gethostbyname").is_some();
        let is_name = self.host.host().is_some_and(|host| host.parse::<IpAddr>().is_err());
        let tries = match self.transport.option("hosts_try_dane") {
            None => self.view.version >= releases::DANE_TRIED_SINCE,
            Some(_) => !self.names("hosts_try_dane").surely_not(),
        };
        if !tries || by_name || !is_name || tls.known() != Some(&Assurance::Optional) {
            return None;
        }
        // The same as of Postfix.
        let ask = "Does DNS publish TLSA records, signed by DNSSEC, for the hosts that mail is handed to?";
        Some(self.view.ask("next-hop-dane", ask, "dig +dnssec TLSA _587._tcp.smtp.example.net"))
    }

    /// Why TLS keeps all mail in the queue.
    pub(super) fn stuck(&self, implicit: &Fact<bool>, port: &Fact<u16>) -> Option<Fact<Cause>> {
        let (needed, avoided) = (self.names("hosts_require_tls"), self.names("hosts_avoid_tls"));
        if implicit.surely_not() && needed.surely() && avoided.surely() {
            let why = "`hosts_avoid_tls` keeps TLS away where `hosts_require_tls` insists on it".to_owned();
            return Some(Fact::is(Cause(why), [avoided.because.to_vec(), needed.because.to_vec()].concat()));
        }
        // The other end of a tunnel on this machine speaks as the tunnel was told to.
        let why = match (implicit.known()?, port.known()?) {
            _ if self.host.host().is_some_and(is_machine) => return None,
            (true, port @ (25 | 587)) => format!("port {port} begins in clear, and `protocol = smtps` begins with TLS"),
            (false, 465) => "port 465 begins with TLS, and without `protocol = smtps` Exim waits there for a greeting".to_owned(),
            _ => return None,
        };
        Some(Fact::is(Cause(why), [port.because.to_vec(), implicit.because.to_vec()].concat()))
    }

    /// The steps, where no mail leaves without a login, and there is none without TLS.
    fn without_login_in_clear(&self) -> Option<Vec<Step>> {
        let needed = self.names("hosts_require_auth");
        let mut clients = self.view.config.authenticators().filter(|one| is_client(one)).peekable();
        let is_plain = clients.peek().is_some() && self.view.config.unseen_behind.is_empty();
        let never = is_plain && clients.all(|one| logs_in_in_clear(one) == Some(false));
        (never && needed.surely()).then(|| needed.because.to_vec())
    }

    /// Whether it logs in, and whether by a password that can be read along where TLS is missing.
    pub(super) fn logins(&self, tls: &Fact<Assurance>) -> (Fact<bool>, Fact<bool>) {
        let (needed, tried) = (self.names("hosts_require_auth"), self.names("hosts_try_auth"));
        let asked = if needed.surely() || (tried.surely_not() && !needed.surely_not()) { needed } else { tried };
        let clients: Vec<&Driver> = self.view.config.authenticators().filter(|one| is_client(one)).collect();
        let more = self.view.config.unseen_behind.first().map(|open| self.view.ask_open(open));
        if asked.surely_not() || (clients.is_empty() && more.is_none()) {
            return (Fact::is(false, asked.because.clone()), Fact::is(false, asked.because));
        }
        let surely = clients.iter().any(|one| one.open.is_none());
        let password = match (asked.value.question(), more.filter(|_| !surely)) {
            (Some(question), _) => Fact::unknown(question.clone(), asked.because.clone()),
            (None, Some(question)) => Fact::unknown(question, asked.because.clone()),
            (None, None) if surely => Fact::is(true, asked.because.clone()),
            (None, None) => Fact::unknown(self.ask(), asked.because.clone()),
        };
        let mut in_clear = Fact::is(false, asked.because.clone());
        for client in clients {
            let shown = shows_in_clear(client);
            let because = client.option("client_send").map(steps).unwrap_or_default();
            match shown {
                Some(true) => {
                    in_clear = Fact::is(true, because);
                    break;
                }
                Some(false) => {}
                None => in_clear = Fact::unknown(self.ask(), because),
            }
        }
        let hidden = matches!(tls.known(), Some(Assurance::Required | Assurance::Verified));
        let in_clear = match (&password.value, in_clear.surely_not()) {
            _ if hidden => Fact::is(false, tls.because.clone()),
            (_, true) => in_clear,
            (Value::Unknown(question), false) => Fact::unknown(question.clone(), password.because.clone()),
            (Value::Is(_), false) => in_clear,
        };
        (password, in_clear)
    }
}

/// True for an authenticator that logs in elsewhere. Source: what sets `client` in each driver.
fn is_client(driver: &Driver) -> bool {
    let needed: &[&str] = match driver.option("driver").map_or("", |one| one.value.as_str()) {
        "plaintext" | "external" => &["client_send"],
        "cram_md5" => &["client_secret"],
        "spa" => &["client_password"],
        "gsasl" => &["client_username", "client_password"],
        _ => return false,
    };
    needed.iter().all(|name| driver.option(name).is_some())
}

/// Whether an authenticator logs in where there is no TLS: not where its condition does not hold there, nor where what it sends fails
/// to expand.
fn logs_in_in_clear(driver: &Driver) -> Option<bool> {
    let in_clear = |name: &str| match name {
        "tls_out_cipher" | "tls_cipher" | "tls_out_ver" => Text::of(""),
        _ => Text::Unknown,
    };
    if let Some(condition) = driver.option("client_condition") {
        match expand(&condition.value, &in_clear).holds() {
            Some(true) => {}
            known => return known,
        }
    }
    let Some(sent) = driver.option("client_send").map(|sent| &sent.value) else { return Some(true) };
    if fails(sent, &in_clear) {
        return Some(false);
    }
    (!sent.contains("tls_out_") && !sent.contains("tls_cipher")).then_some(true)
}

/// Whether its mechanism shows the password.
fn shows_password(driver: &Driver) -> bool {
    match driver.option("driver").map_or("", |one| one.value.as_str()) {
        "plaintext" => true,
        "gsasl" => {
            let name = driver.option("server_mech").or_else(|| driver.option("public_name"));
            name.is_none_or(|name| ["PLAIN", "LOGIN"].iter().any(|one| name.value.eq_ignore_ascii_case(one)))
        }
        _ => false,
    }
}

/// Whether an authenticator shows its password in a session without TLS.
fn shows_in_clear(driver: &Driver) -> Option<bool> {
    if shows_password(driver) { logs_in_in_clear(driver) } else { Some(false) }
}

/// A line of a driver as a step: it counts there alone.
fn overridden(entry: &Entry) -> Vec<Step> {
    let mut all = steps(entry);
    if let Some(own) = all.first_mut() {
        *own = Step::Override { setting: entry.name.as_str().into(), span: entry.written };
    }
    all
}
