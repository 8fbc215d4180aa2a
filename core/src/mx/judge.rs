//! What a domain's records come to.

mod clients;
mod dane;
mod delivery;
mod ports;
mod secrecy;

use std::net::SocketAddr;

use super::autoconfig::Outgoing;
use super::rules::{self, MxRule};
use super::strict::Policy;
use super::{Asked, Dnssec, Domain, Fetch, Fetched, Host, Status, of};
use crate::finding::Severity;

/// Something to know about a domain.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static MxRule,
    /// How bad it is here.
    pub severity: Severity,
    /// The name that it is about.
    pub about: String,
    /// What is so: a sentence without its full stop.
    pub message: String,
    /// What to do: a sentence without its full stop.
    pub advice: String,
}

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// What is not known, and why: a sentence without its full stop.
    pub ask: String,
    /// The command that settles it.
    pub command: String,
}

/// What a domain's records come to.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// The worst first.
    pub findings: Vec<Finding>,
    /// What could not be seen.
    pub open: Vec<Open>,
    /// The id of the policy that is announced.
    pub sts_id: Option<String>,
    /// The policy, where one is announced and can be read.
    pub policy: Option<Policy>,
    /// Where reports of TLS go.
    pub reports_to: Vec<String>,
    /// The servers for outgoing mail that mail programs are told.
    pub outgoing: Vec<Outgoing>,
}

impl Judgement {
    /// True when a finding is as bad as that or worse; strictly, when something could not be seen as well.
    #[must_use]
    pub fn fails(&self, fail_on: Severity, strict: bool) -> bool {
        self.findings.iter().any(|one| one.severity >= fail_on) || (strict && !self.open.is_empty())
    }

    fn ask(&mut self, open: Open) {
        if !self.open.contains(&open) {
            self.open.push(open);
        }
    }

    fn find(&mut self, rule: &'static MxRule, about: &str, message: String, advice: String) -> &mut Finding {
        // A port with two kinds of keys has two chains, of which the same may be said.
        let is_it = |one: &Finding| {
            one.rule.id == rule.id && one.about == about && one.message == message && one.advice == advice
        };
        let known = self.findings.iter().position(is_it);
        let place = known.unwrap_or(self.findings.len());
        if known.is_none() {
            self.findings.push(Finding {
                rule,
                severity: rule.severity,
                about: about.to_owned(),
                message,
                advice,
            });
        }
        &mut self.findings[place]
    }
}

/// Judges a domain.
#[must_use]
pub fn judge(domain: &Domain) -> Judgement {
    let mut judgement = Judgement::default();
    delivery::judge(domain, &mut judgement);
    secrecy::judge(domain, &mut judgement);
    dane::judge(domain, &mut judgement);
    clients::judge(domain, &mut judgement);
    ports::judge(domain, &mut judgement);
    let answers = answers(domain);
    bogus(&answers, domain.server, &mut judgement);
    open(domain, &answers, &mut judgement);
    judgement.findings.sort_by_key(|one| std::cmp::Reverse(one.severity));
    judgement
}

/// A question, whatever its records are.
struct Answer<'a> {
    name: &'a str,
    kind: &'static str,
    status: Status,
    dnssec: Dnssec,
    why: Option<&'a str>,
    command: String,
}

fn answer<T>(asked: &Asked<T>, server: Option<SocketAddr>) -> Answer<'_> {
    Answer {
        name: &asked.name,
        kind: asked.kind,
        status: asked.status,
        dnssec: asked.dnssec,
        why: asked.why.as_deref(),
        command: asked.command(server),
    }
}

fn answers(domain: &Domain) -> Vec<Answer<'_>> {
    let server = domain.server;
    let mut all = vec![answer(&domain.mx, server)];
    for host in &domain.hosts {
        all.extend(addresses(host, server));
        all.extend(host.addresses.iter().map(|one| answer(&one.pointers, server)));
        all.extend(host.tlsa.iter().map(|one| answer(one, server)));
    }
    all.extend([answer(&domain.sts, server), answer(&domain.reports, server)]);
    all.extend([answer(&domain.submission, server), answer(&domain.submissions, server)]);
    for host in &domain.servers {
        all.extend(addresses(host, server));
        all.extend(host.tlsa.iter().map(|one| answer(one, server)));
    }
    all
}

fn addresses(host: &Host, server: Option<SocketAddr>) -> [Answer<'_>; 2] {
    [answer(&host.ipv4, server), answer(&host.ipv6, server)]
}

/// One finding for all names: they are likely to have one cause.
fn bogus(answers: &[Answer<'_>], server: Option<SocketAddr>, judgement: &mut Judgement) {
    let mut names: Vec<String> = Vec::new();
    let bogus = answers.iter().filter(|one| one.dnssec == Dnssec::Bogus);
    for one in bogus.clone() {
        let name = format!("`{} {}`", one.name, one.kind);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let Some(first) = bogus.clone().next() else { return };
    let message = match names.as_slice() {
        [one] => format!("the signatures of {one} do not hold"),
        several => format!(
            "the signatures of {} answers do not hold: {}",
            several.len(),
            several.join(", ")
        ),
    };
    let advice = format!(
        "see which signature it is: `delv{} {} {}`",
        of(server),
        first.name,
        first.kind
    );
    judgement.find(&rules::BOGUS, first.name, message, advice);
}

/// What could not be seen.
fn open(domain: &Domain, answers: &[Answer<'_>], judgement: &mut Judgement) {
    for one in answers {
        if one.status != Status::Failed || one.dnssec == Dnssec::Bogus {
            continue;
        }
        let why = one.why.unwrap_or("there was no answer");
        judgement.ask(Open {
            ask: format!("the {} records of {} are not known: {why}", one.kind, one.name),
            command: one.command.clone(),
        });
    }
    let policy = Some(&domain.policy).filter(|_| judgement.sts_id.is_some());
    for one in policy.into_iter().chain(&domain.autoconfig) {
        if one.outcome == Fetch::Failed {
            judgement.open.push(unseen(one));
        }
    }
}

fn unseen(one: &Fetched) -> Open {
    let why = one.why.as_deref().unwrap_or("there was no answer");
    Open {
        ask: format!("what {} holds is not known: {why}", one.url),
        command: one.command(),
    }
}
