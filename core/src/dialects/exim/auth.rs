//! AUTH: the authenticators that serve, and who is told of them (the specification, "SMTP authentication" and the chapters of the
//! drivers; measured on 4.96).

use super::config::Driver;
use super::expand::expand;
use super::hosts;
use super::view::{Moment, View, steps};
use crate::facts::{Auth, Because, Entry, Fact, Mechanisms, Members, Step, Tls, Value};
use crate::question::QuestionId;

/// A mechanism that clients may be told of.
struct Offer<'a> {
    driver: &'a Driver,
    name: String,
    shows_password: bool,
}

/// True for a driver that takes logins, and does not only make them elsewhere.
fn serves(driver: &Driver) -> Option<bool> {
    let has = |names: &[&str]| driver.options.iter().any(|option| names.contains(&option.name.as_str()));
    Some(match driver.option("driver")?.value.as_str() {
        "plaintext" => has(&["server_condition"]),
        "cram_md5" => has(&["server_secret"]),
        "spa" => has(&["server_password"]),
        "external" => has(&["server_param2", "server_param3", "server_condition"]),
        "tls" => has(&["server_param", "server_param1", "server_condition"]),
        "dovecot" | "cyrus_sasl" | "heimdal_gssapi" => true,
        "gsasl" => return None,
        _ => return None,
    })
}

/// The mechanism's name where none is given: these drivers take their instance's (`plaintext.c` and its kin).
fn own_name(driver: &Driver) -> Option<String> {
    let takes_it = ["plaintext", "dovecot", "spa", "external", "tls"].contains(&driver.option("driver")?.value.as_str());
    takes_it.then(|| driver.name.to_ascii_uppercase())
}

/// The mechanisms of drivers that serve; with a question where more may.
fn offers<'a>(view: &View<'a>) -> (Vec<Offer<'a>>, Option<QuestionId>) {
    let mut found = Vec::new();
    let mut more = view.config.unseen_behind.first().map(|open| view.ask_open(open));
    if view.is_fragment || (view.config.sections.is_empty() && view.is_printed_options()) {
        more = Some(view.rest_question());
    }
    for driver in view.config.authenticators() {
        let name = driver.option("public_name").map(|name| name.value.to_ascii_uppercase()).or_else(|| own_name(driver));
        match (serves(driver), name) {
            (Some(true), Some(name)) => {
                let by_driver = driver.option("driver").is_some_and(|one| one.value == "plaintext");
                let shows_password = by_driver || matches!(name.as_str(), "PLAIN" | "LOGIN");
                found.push(Offer { driver, name, shows_password });
            }
            (Some(false), _) => {}
            _ => {
                let ask = format!("Does the authenticator `{}` take logins?", driver.name);
                more = Some(view.ask("exim-authenticator", ask, "exim -bP authenticators"));
            }
        }
        if let Some(open) = &driver.open {
            more = Some(view.ask_open(open));
        }
    }
    (found, more)
}

/// Whether a mechanism is told of at a moment, with the steps.
fn is_told(view: &View<'_>, offer: &Offer<'_>, moment: Moment) -> Fact<bool> {
    let named = offer.driver.option("driver").map(steps).unwrap_or_default();
    if let Some(open) = &offer.driver.open {
        return Fact::unknown(view.ask_open(open), named);
    }
    let Some(condition) = offer.driver.option("server_advertise_condition") else { return Fact::is(true, named) };
    let because = steps(condition);
    if let Some(open) = &condition.open {
        return Fact::unknown(view.ask_open(open), because);
    }
    match expand(&condition.value, &|name| moment.variable(name)).holds() {
        Some(told) => Fact::is(told, because),
        None => {
            let ask = format!("When is `{}` offered? What its `server_advertise_condition` comes to is not plain.", offer.name);
            let command = format!("exim -bP authenticator {}", offer.driver.name);
            Fact::unknown(view.ask(&format!("exim-advertise:{}", offer.driver.name), ask, command), because)
        }
    }
}

/// Whether clients at a port are told of AUTH at all.
fn hosts_are_told(view: &View<'_>, moment: Moment) -> Fact<bool> {
    let hosts = view.text("auth_advertise_hosts");
    match &hosts.value {
        Value::Unknown(question) => Fact::unknown(question.clone(), hosts.because),
        Value::Is(text) => match hosts::has_stranger(view, text, &|name| moment.variable(name)) {
            Some(has) => Fact::is(has, hosts.because),
            None => Fact::unknown(view.ask_expansion("auth_advertise_hosts"), hosts.because),
        },
    }
}

/// AUTH at a moment: whether it is offered, and whether by a mechanism that shows the password.
struct Offered {
    any: Fact<bool>,
    plaintext: Fact<bool>,
    names: Vec<String>,
}

fn offered(view: &View<'_>, moment: Moment) -> Offered {
    let (offers, more) = offers(view);
    let hosts = hosts_are_told(view, moment);
    let told: Vec<(bool, &str, Fact<bool>)> =
        offers.iter().map(|offer| (offer.shows_password, offer.name.as_str(), is_told(view, offer, moment))).collect();
    let among = |only_plaintext: bool| {
        let all = || told.iter().filter(|(plaintext, _, _)| *plaintext || !only_plaintext);
        let behind = |fact: &Fact<bool>| {
            // What keeps it back is told first, and what opens it last.
            let is_default = |because: &Because| because.iter().all(|step| matches!(step, Step::Default { .. }));
            if is_default(&hosts.because) { fact.because.to_vec() } else { [hosts.because.to_vec(), fact.because.to_vec()].concat() }
        };
        let open = all().find(|(_, _, fact)| fact.surely());
        if hosts.surely_not() {
            return Fact::is(false, hosts.because.clone());
        }
        if let Some((_, _, fact)) = open {
            return match &hosts.value {
                Value::Unknown(question) => Fact::unknown(question.clone(), hosts.because.clone()),
                Value::Is(_) => Fact::is(true, behind(fact)),
            };
        }
        let unknown = all().find_map(|(_, _, fact)| fact.value.question().map(|question| (question.clone(), fact.because.clone())));
        if let Some((question, because)) = unknown {
            return Fact::unknown(question, because);
        }
        if let Some(question) = &more {
            return Fact::unknown(question.clone(), Vec::new());
        }
        Fact::is(false, all().next().map(|(_, _, fact)| fact.because.clone()).unwrap_or_default())
    };
    let names = told.iter().filter(|(_, _, fact)| !fact.surely_not()).map(|(_, name, _)| (*name).to_owned()).collect();
    Offered { any: among(false), plaintext: among(true), names }
}

/// AUTH while a session is in clear.
pub(super) fn in_clear(view: &View<'_>, entry: &Fact<Entry>, port: u16) -> Fact<bool> {
    match entry.known() {
        Some(Entry::Implicit) => Fact::is(false, entry.because.clone()),
        _ => offered(view, Moment { tls: false, port, authenticated: false }).any,
    }
}

/// AUTH at a port.
pub(super) fn of(view: &View<'_>, tls: &Tls, port: u16) -> Auth {
    let no = || Fact::is(false, Vec::new());
    let before = match tls.entry.known() {
        Some(Entry::Implicit) => {
            let never = Fact::is(false, tls.entry.because.clone());
            Offered { any: never.clone(), plaintext: never, names: Vec::new() }
        }
        _ => offered(view, Moment { tls: false, port, authenticated: false }),
    };
    let under = offered(view, Moment { tls: true, port, authenticated: false });
    let after = |fact: Fact<bool>| match (&tls.entry.value, &tls.works.value) {
        (Value::Is(Entry::None), _) => Fact::is(false, tls.entry.because.clone()),
        (_, Value::Is(false)) => Fact::is(false, tls.works.because.clone()),
        (_, Value::Is(true)) => fact,
        (_, Value::Unknown(question)) => Fact::unknown(question.clone(), tls.works.because.clone()),
    };
    let mut names = under.names;
    names.extend(before.names.into_iter().filter(|name| !names.contains(name)).collect::<Vec<String>>());
    let (all, rest) = offers(view);
    // The names that every client knows come last: what is said of names is said of others.
    let (usual, others): (Vec<&Offer<'_>>, Vec<&Offer<'_>>) = all.iter().partition(|offer| offer.shows_password);
    let because: Vec<Step> =
        others.into_iter().chain(usual).filter_map(|offer| offer.driver.option("public_name").or_else(|| offer.driver.option("driver"))).flat_map(steps).collect();
    let names = Fact::is(Members { surely: names, rest }, because);
    Auth {
        before_tls: before.any,
        after_tls: after(under.any),
        old_form: no(),
        backend: Fact::is(String::new(), Vec::new()),
        hidden_from: Fact::is(Members { surely: Vec::new(), rest: None }, Vec::new()),
        mechanisms: Mechanisms {
            plaintext_before_tls: before.plaintext,
            plaintext_after_tls: after(under.plaintext),
            anonymous: names.clone().map(|names| names.surely.iter().any(|name| name == "ANONYMOUS")),
            picked: names.clone(),
            names,
        },
    }
}
