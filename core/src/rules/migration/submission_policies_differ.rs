//! Two ports for the same users, with different rules.

use super::pair::{accepted, begins_rightly, floor, in_use};
use crate::facts::{Actor, Listener, Recipient, Role, SenderCheck};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "submission-policies-differ", "submission_policies_differ.md", Medium,
    gain: Password,
    sources: [rfc(8314, "3.3"), rfc(6409, "3.1"), rfc(5068, "3.1")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let on = |port: u16| {
        let mut users = context.with_role(Role::Submission);
        users.find(|one| one.is_alive() && one.known_port() == Some(port) && begins_rightly(one, port))
    };
    let (Some(starttls), Some(implicit)) = (on(587), on(465)) else {
        return sink.not_applicable("users have one of the ports 465 and 587, not both");
    };
    let mut differences = Differences { only: Vec::new(), severity: Severity::Info };
    // How TLS begins, and that 465 always has it, is the nature of the ports.
    differences.note(starttls, implicit, Severity::Info, "AUTH", |one| one.auth.after_tls.known().copied());
    let strangers = |one: &Listener| accepted(one, Actor::Stranger, Recipient::Local);
    differences.note(starttls, implicit, Severity::Info, "mail from strangers", strangers);
    if strangers(starttls) == strangers(implicit) {
        let trusted = |one: &Listener| accepted(one, Actor::Trusted, Recipient::Foreign);
        differences.note(starttls, implicit, Severity::Medium, "mail to anywhere from the trusted networks without AUTH", trusted);
    }
    if !in_use(context, 587).is_empty() && !in_use(context, 465).is_empty() {
        let users = |one: &Listener| accepted(one, Actor::Authenticated, Recipient::Foreign);
        differences.note(starttls, implicit, Severity::Medium, "mail to anywhere from users who have logged in", users);
        let senders = |one: &Listener| match one.access.senders.known()? {
            SenderCheck::Enforced => Some(false),
            SenderCheck::None | SenderCheck::Unreached { .. } => Some(true),
            SenderCheck::Toothless | SenderCheck::RefusesAll => None,
        };
        differences.note(starttls, implicit, Severity::Medium, "any sender's address from users who have logged in", senders);
    }
    if let (Some(one), Some(other)) = (floor(starttls), floor(implicit))
        && one != other
    {
        let (version, port) = if one < other { (one, 587) } else { (other, 465) };
        differences.only.push(format!("{version} on {port} only"));
    }
    for fact in [&starttls.auth.after_tls, &implicit.auth.after_tls] {
        sink.wait_for_fact(fact);
    }
    if !differences.only.is_empty() {
        let message = format!("{{listener}} differ: {}", differences.only.join("; "));
        let draft = Draft::on_all(&[starttls, implicit], message).severity(differences.severity);
        sink.report(draft.because(&starttls.access.senders).because(&implicit.access.senders));
    }
}

/// What one of the two takes and the other does not.
struct Differences {
    only: Vec<String>,
    severity: Severity,
}

impl Differences {
    /// Compares one thing where both are known. What other rules say of one port alone counts for less.
    fn note(
        &mut self,
        starttls: &Listener,
        implicit: &Listener,
        severity: Severity,
        what: &str,
        takes: impl Fn(&Listener) -> Option<bool>,
    ) {
        let port = match (takes(starttls), takes(implicit)) {
            (Some(true), Some(false)) => 587,
            (Some(false), Some(true)) => 465,
            _ => return,
        };
        self.only.push(format!("{what} on {port} only"));
        self.severity = self.severity.max(severity);
    }
}
