//! AUTH: the authenticators that serve, and who is told of them (the specification, "SMTP authentication" and the chapters of the
//! drivers; measured on 4.96).

use super::config::{self, Driver};
use super::expand::expand;
use super::hosts;
use super::view::{Moment, View, steps};
use crate::facts::{Auth, Because, Entry, Fact, Mechanisms, Members, Step, Tls, Value};
use crate::gather::Index;
use crate::question::QuestionId;

/// A mechanism that clients may be told of.
struct Offer<'a> {
    driver: &'a Driver,
    name: String,
    shows_password: bool,
    /// Set where it lets everybody in who tries: the line that says so.
    open_to_all: Option<&'a config::Entry>,
}

/// True for a driver that takes logins by AUTH, and does not only make them elsewhere. Source: what sets `server` in each of them.
fn serves(driver: &Driver) -> Option<bool> {
    let needed = match driver.option("driver")?.value.as_str() {
        "plaintext" | "external" => "server_condition",
        "cram_md5" => "server_secret",
        "spa" => "server_password",
        "dovecot" => "server_socket",
        "cyrus_sasl" | "heimdal_gssapi" => return Some(true),
        // It looks at certificates once TLS has begun, and no client is told of it.
        "tls" => return Some(false),
        _ => return None,
    };
    let mut lines = driver.options.iter().filter(|option| option.name == needed).peekable();
    if lines.peek().is_none() { Some(false) } else { lines.any(|line| line.open.is_none()).then_some(true) }
}

/// The line by which a driver takes every login. These two ask nothing else, and the others prove passwords before they look at it
/// (`check_serv_cond.c`).
fn open_to_all(driver: &Driver) -> Option<&config::Entry> {
    let asks_it_alone = matches!(driver.option("driver")?.value.as_str(), "plaintext" | "external");
    let line = driver.option("server_condition").filter(|line| asks_it_alone && line.open.is_none())?;
    let is = |word: &str| line.value.eq_ignore_ascii_case(word);
    (is("1") || is("yes") || is("true")).then_some(line)
}

/// The mechanism's name where none is given: these drivers take their instance's (`plaintext.c` and its kin).
fn own_name(driver: &Driver) -> Option<String> {
    let takes_it = ["plaintext", "dovecot", "spa", "external"].contains(&driver.option("driver")?.value.as_str());
    takes_it.then(|| driver.name.to_ascii_uppercase())
}

/// The mechanisms of drivers that serve.
pub(super) struct Offers<'a> {
    all: Vec<Offer<'a>>,
    /// Set where there may be more.
    more: Option<QuestionId>,
}

/// The mechanisms of drivers that serve, which are the same at each port.
pub(super) fn offers<'a>(view: &View<'a>) -> Offers<'a> {
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
                found.push(Offer { driver, name, shows_password, open_to_all: open_to_all(driver) });
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
    Offers { all: found, more }
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
        Value::Is(text) => match hosts::has(view, text, &|name| moment.variable(name), hosts::STRANGER) {
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
    /// Set where a mechanism is offered by which everybody gets in.
    open_to_all: Option<Vec<Step>>,
}

fn offered(view: &View<'_>, offers: &Offers<'_>, moment: Moment) -> Offered {
    let hosts = hosts_are_told(view, moment);
    let told: Vec<(bool, &str, Fact<bool>)> =
        offers.all.iter().map(|offer| (offer.shows_password, offer.name.as_str(), is_told(view, offer, moment))).collect();
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
        if let Some(question) = &offers.more {
            return Fact::unknown(question.clone(), Vec::new());
        }
        Fact::is(false, all().next().map(|(_, _, fact)| fact.because.clone()).unwrap_or_default())
    };
    let names = told.iter().filter(|(_, _, fact)| !fact.surely_not()).map(|(_, name, _)| (*name).to_owned()).collect();
    let mut surely = offers.all.iter().zip(&told).filter(|(_, (_, _, fact))| hosts.surely() && fact.surely());
    let open_to_all = surely.find_map(|(offer, _)| offer.open_to_all.map(steps));
    Offered { any: among(false), plaintext: among(true), names, open_to_all }
}

/// AUTH at a port.
pub(super) fn of(view: &View<'_>, offers: &Offers<'_>, tls: &Tls, port: u16) -> Auth {
    let no = || Fact::is(false, Vec::new());
    let before = match tls.entry.known() {
        Some(Entry::Implicit) => {
            let never = Fact::is(false, tls.entry.because.clone());
            Offered { any: never.clone(), plaintext: never, names: Vec::new(), open_to_all: None }
        }
        _ => offered(view, offers, Moment { tls: false, port, authenticated: false }),
    };
    let under = offered(view, offers, Moment { tls: true, port, authenticated: false });
    let is_under = tls.entry.known() != Some(&Entry::None) && tls.works.surely();
    let open_to_all = before.open_to_all.or(under.open_to_all.filter(|_| is_under));
    let after = |fact: Fact<bool>| match (&tls.entry.value, &tls.works.value) {
        (Value::Is(Entry::None), _) => Fact::is(false, tls.entry.because.clone()),
        (_, Value::Is(false)) => Fact::is(false, tls.works.because.clone()),
        (_, Value::Is(true)) => fact,
        (_, Value::Unknown(question)) => Fact::unknown(question.clone(), tls.works.because.clone()),
    };
    let each = Index::of(under.names.iter().chain(&before.names));
    let names: Vec<String> = each.names().map(str::to_owned).collect();
    // The names that every client knows come last: what is said of names is said of others.
    let (usual, others): (Vec<&Offer<'_>>, Vec<&Offer<'_>>) = offers.all.iter().partition(|offer| offer.shows_password);
    let because: Vec<Step> =
        others.into_iter().chain(usual).filter_map(|offer| offer.driver.option("public_name").or_else(|| offer.driver.option("driver"))).flat_map(steps).collect();
    let names = Fact::is(Members { surely: names, rest: offers.more.clone() }, because);
    Auth {
        before_tls: before.any,
        after_tls: after(under.any),
        old_form: no(),
        backend: Fact::is(String::new(), Vec::new()),
        hidden_from: Fact::is(Members { surely: Vec::new(), rest: None }, Vec::new()),
        mechanisms: Mechanisms {
            plaintext_before_tls: before.plaintext,
            plaintext_after_tls: after(under.plaintext),
            anonymous: match open_to_all {
                Some(because) => Fact::is(true, because),
                None => names.clone().map(|names| names.surely.iter().any(|name| name == "ANONYMOUS")),
            },
            picked: names.clone(),
            names,
        },
    }
}
