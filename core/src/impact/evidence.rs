//! What a log says of those who would lose something: it names them, or shows that there is nobody.

use super::{Impact, Loss, Who};
use crate::facts::{Entry, Mechanisms, TlsVersion};
use crate::report::merge::enumerated;
use crate::usage::{PortSource, Service, Usage, User, logins};

/// More users are counted, and not named.
const NAMED: usize = 5;

/// How a login was made; `None` where the log does not tell.
#[derive(Default)]
struct Login<'a> {
    entry: Option<Entry>,
    version: Option<TlsVersion>,
    mechanism: Option<&'a str>,
}

impl Impact {
    /// By a log, where there is one: what costs nobody anything is taken out, and of the rest it is said whom it costs something.
    #[must_use]
    pub fn weighed(mut self, evidence: Option<&Usage>) -> Impact {
        let Some(usage) = evidence else { return self };
        for mut loss in std::mem::take(&mut self.losses) {
            match found(&loss, usage) {
                // Who may have been at the port, or may not, clears nobody.
                Some(found) if found.logins == 0 && found.is_guess => self.losses.push(loss),
                Some(found) if found.logins == 0 => self.cleared.push(loss),
                Some(found) => {
                    loss.seen = Some(found.spoken());
                    self.losses.push(loss);
                }
                None => self.losses.push(loss),
            }
        }
        self
    }
}

/// Who would lose something, as far as a log goes.
struct Found<'a> {
    /// Sessions with a login that would fail, or may.
    logins: u64,
    users: Vec<&'a User>,
    /// The port is a guess, or there are such logins whose port is not told.
    is_guess: bool,
}

impl Found<'_> {
    fn spoken(&self) -> String {
        let names: Vec<String> = self.users.iter().take(NAMED).map(|user| user.user.clone()).collect();
        let more = self.users.len().saturating_sub(NAMED);
        let logins = logins(self.logins);
        match (names.is_empty(), more) {
            (true, _) => format!("{logins} in the log, without a name"),
            (false, 0) => format!("{logins} in the log, of {}", enumerated(&names)),
            (false, more) => format!("{logins} in the log, of {} and {more} more", names.join(", ")),
        }
    }
}

/// `None` where the log cannot tell: of a port that it does not know apart, or of those who do not log in.
fn found<'a>(loss: &Loss, usage: &'a Usage) -> Option<Found<'a>> {
    let port = loss.port?;
    let here = || usage.services.iter().filter(|service| service.port == Some(port));
    let is_told =
        |service: &&Service| !service.shared && service.port_from.is_some_and(|from| from != PortSource::Guess);
    let told: Vec<&Service> = here().filter(is_told).collect();
    let is_guess = told.is_empty();
    let services = if is_guess { here().collect() } else { told };
    if services.is_empty() || lost(&loss.who, &Login::default()).is_none() {
        return None;
    }
    let may_fail = |login: &Login<'_>| lost(&loss.who, login) == Some(true);
    let by_mechanism = matches!(loss.who, Who::PlaintextMechanisms | Who::Mechanisms(_));
    let of_service = |service: &Service| -> u64 {
        if by_mechanism {
            let rows = service.mechanisms.iter();
            let rows = rows.filter(|row| {
                may_fail(&Login {
                    mechanism: row.mechanism.as_deref().filter(|_| !service.authenticators),
                    ..Login::default()
                })
            });
            return rows.map(|row| row.logins).sum();
        }
        let rows = service.encryption.iter();
        let rows = rows.filter(|row| {
            may_fail(&Login {
                entry: row.entry,
                version: row.version,
                mechanism: None,
            })
        });
        rows.map(|row| row.logins).sum()
    };
    // What has no port in the log may have been at this one.
    let is_elsewhere = |service: &&Service| service.port.is_none() && service.may_be_at(port);
    let may_be_more = usage
        .services
        .iter()
        .filter(is_elsewhere)
        .any(|service| of_service(service) > 0);
    let is_configured = |name: &str| usage.service(name).is_some_and(|service| service.authenticators);
    let concerns = |user: &&User| {
        let mut uses = user.uses.iter().filter(|one| one.port == Some(port));
        uses.any(|one| {
            may_fail(&Login {
                entry: one.entry,
                version: one.version,
                // The name of an authenticator may be any mechanism's.
                mechanism: one.mechanism.as_deref().filter(|_| !is_configured(&one.service)),
            })
        })
    };
    Some(Found {
        logins: services.into_iter().map(of_service).sum(),
        users: usage.users.iter().filter(concerns).collect(),
        is_guess: is_guess || may_be_more,
    })
}

/// Whether a login would fail, or may where the log does not tell how it was made; `None` when it is not about logins.
fn lost(who: &Who, login: &Login<'_>) -> Option<bool> {
    Some(match who {
        Who::Users | Who::Logins => true,
        Who::UsersInClear => match login.entry {
            Some(entry) => entry == Entry::None,
            // What has a version is encrypted, however it began.
            None => login.version.is_none(),
        },
        Who::ImplicitTls => login.entry.is_none_or(|entry| entry == Entry::Implicit),
        Who::Starttls => login.entry.is_none_or(|entry| entry != Entry::Implicit),
        Who::OldTls(versions) => match (login.entry, login.version) {
            (Some(Entry::None), _) => false,
            (_, Some(version)) => versions.contains(&version),
            (_, None) => true,
        },
        Who::PlaintextMechanisms => {
            let plain = |name: &str| {
                Mechanisms::PLAINTEXT
                    .iter()
                    .any(|plain| name.eq_ignore_ascii_case(plain))
            };
            login.mechanism.is_none_or(plain)
        }
        Who::Mechanisms(names) => login
            .mechanism
            .is_none_or(|name| names.iter().any(|gone| gone.eq_ignore_ascii_case(name))),
        Who::Everybody
        | Who::IncomingMail
        | Who::IncomingMailInClear
        | Who::DeliveryWithoutLogin
        | Who::Trusted
        | Who::NotTrusted(_)
        | Who::TrustedInClear
        | Who::Suites(_)
        | Who::OutgoingMail => return None,
    })
}
