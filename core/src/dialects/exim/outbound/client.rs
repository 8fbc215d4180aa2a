//! The smtp transport towards one host: where TLS is a must there, and whether it logs in ("The smtp transport" and "SMTP
//! authentication" of the specification; `transports/smtp.c`; measured on 4.96).

use std::net::IpAddr;

use super::super::config::{Driver, Entry};
use super::super::expand::{Text, expand};
use super::super::listeners::port_of;
use super::super::view::{View, steps};
use super::super::{list, releases};
use super::DEEPEST;
use crate::facts::{Assurance, Because, Cause, Fact, Step, Value};
use crate::question::QuestionId;

/// A transport with the host that it speaks to.
pub(super) struct Client<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) name: &'a str,
    pub(super) transport: &'a Driver,
    pub(super) host: Option<&'a str>,
}

impl Client<'_> {
    fn ask(&self, option: &str) -> QuestionId {
        let ask = format!("What does `{option}` of the transport `{}` come to for the host that mail is handed to?", self.name);
        self.view.ask(&format!("exim-transport:{}.{option}", self.name), ask, format!("exim -bP transport {}", self.name))
    }

    /// Whether a list of the transport has the host in it. Not set, it has nobody.
    fn names(&self, option: &str) -> Fact<bool> {
        let Some(entry) = self.transport.option(option) else { return Fact::is(false, Vec::new()) };
        let because = overridden(entry);
        if let Some(open) = &entry.open {
            return Fact::unknown(self.view.ask_open(open), because);
        }
        match self.has(&entry.value, DEEPEST) {
            Some(has) => Fact::is(has, because),
            None => Fact::unknown(self.ask(option), because),
        }
    }

    fn has(&self, text: &str, deep: usize) -> Option<bool> {
        let deep = deep.checked_sub(1)?;
        if !self.view.goes_on(text.len()) {
            return None;
        }
        let variable = |name: &str| match (name, self.host) {
            ("host", Some(host)) => Text::of(host),
            ("host_address", Some(host)) if host.parse::<IpAddr>().is_ok() => Text::of(host),
            _ => Text::Unknown,
        };
        let Text::Is(text) = expand(text, &variable) else { return None };
        list::holds(&list::items(&text), &mut |item| {
            if item == "*" || item == "0.0.0.0/0" {
                return Some(true);
            }
            if let Some(name) = item.strip_prefix('+') {
                let named = self.view.config.list("hostlist", name).filter(|named| named.open.is_none())?;
                return self.has(&named.value, deep);
            }
            if item.is_empty() {
                return Some(false);
            }
            if item.contains([';', '/', '$']) || item.starts_with('^') {
                return None;
            }
            let Some(host) = self.host else { return Some(false) };
            match item.strip_prefix('*') {
                Some(end) => Some(host.to_ascii_lowercase().ends_with(&end.to_ascii_lowercase())),
                // A name that has this address, or an address that has this name, DNS alone knows.
                None if host.parse::<IpAddr>().is_ok() != item.parse::<IpAddr>().is_ok() => None,
                None => Some(host.eq_ignore_ascii_case(item)),
            }
        })
    }

    /// Whether TLS begins with the first byte.
    pub(super) fn implicit(&self) -> Fact<bool> {
        let Some(entry) = self.transport.option("protocol") else { return Fact::is(false, Vec::new()) };
        match &entry.open {
            Some(open) => Fact::unknown(self.view.ask_open(open), overridden(entry)),
            None => Fact::is(["smtps", "submissions"].iter().any(|word| entry.value.eq_ignore_ascii_case(word)), overridden(entry)),
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
                (None, None) => Fact::unknown(self.ask("port"), overridden(entry)),
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
    pub(super) fn unless_in_dns(&self, tls: &Fact<Assurance>, port: &Fact<u16>, by_name: bool) -> Option<QuestionId> {
        let host = self.host.filter(|host| host.parse::<IpAddr>().is_err() && !by_name)?;
        let tries = match self.transport.option("hosts_try_dane") {
            None => self.view.version >= releases::DANE_TRIED_SINCE,
            Some(_) => !self.names("hosts_try_dane").surely_not(),
        };
        if !tries || tls.known() != Some(&Assurance::Optional) {
            return None;
        }
        let port = port.known().copied().unwrap_or(25);
        let ask = format!("Does DNS publish TLSA records, signed by DNSSEC, for {host}? Then Exim insists on TLS there.");
        Some(self.view.ask("next-hop-dane", ask, format!("dig +dnssec TLSA _{port}._tcp.{host}")))
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
            (None, None) => Fact::unknown(self.ask("hosts_try_auth"), asked.because.clone()),
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
                None => in_clear = Fact::unknown(self.ask("hosts_try_auth"), because),
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
    let needed = match driver.option("driver").map_or("", |one| one.value.as_str()) {
        "plaintext" | "external" => "client_send",
        "cram_md5" => "client_secret",
        "spa" => "client_password",
        "gsasl" => "client_password",
        _ => return false,
    };
    driver.option(needed).is_some()
}

/// Whether an authenticator shows its password in a session without TLS: not where its condition does not hold there, nor where
/// what it sends fails to expand.
fn shows_in_clear(driver: &Driver) -> Option<bool> {
    if driver.option("driver").is_some_and(|one| one.value != "plaintext") {
        return Some(false);
    }
    let in_clear = |name: &str| match name {
        "tls_out_cipher" | "tls_cipher" | "tls_out_ver" => Text::of(""),
        _ => Text::Unknown,
    };
    if let Some(condition) = driver.option("client_condition") {
        match expand(&condition.value, &in_clear).holds() {
            Some(true) => {}
            Some(false) => return Some(false),
            None => return None,
        }
    }
    let sent = &driver.option("client_send")?.value;
    // What it sends may hang on TLS, by an expansion that fails without.
    if sent.contains("tls_out_cipher") || sent.contains("tls_cipher") {
        return if sent.contains("fail") { Some(false) } else { None };
    }
    Some(true)
}

/// Why TLS keeps all mail in the queue.
pub(super) fn stuck(implicit: &Fact<bool>, port: &Fact<u16>, host: Option<&str>) -> Option<Fact<Cause>> {
    // The other end of a tunnel on this machine speaks as the tunnel was told to.
    let is_machine = host.is_some_and(|host| host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()));
    let because = || [port.because.to_vec(), implicit.because.to_vec()].concat();
    let why = match (implicit.known()?, port.known()?) {
        _ if is_machine => return None,
        (true, port @ (25 | 587)) => format!("port {port} begins in clear, and `protocol = smtps` begins with TLS"),
        (false, 465) => "port 465 begins with TLS, and without `protocol = smtps` Exim waits there for a greeting".to_owned(),
        _ => return None,
    };
    Some(Fact::is(Cause(why), because()))
}

/// A line of a driver as a step: it counts there alone.
fn overridden(entry: &Entry) -> Vec<Step> {
    let own = Step::Override { setting: entry.name.as_str().into(), span: entry.written };
    steps(entry).into_iter().skip(1).fold(vec![own], |mut all, step| {
        all.push(step);
        all
    })
}
