//! A port for users on which nobody can prove who they are.

use crate::change::Change;
use crate::facts::{Actor, Listener, Outcome, Role};
use crate::finding::Severity;
use crate::link::{CLOSED_SOCKET, NO_SOCKET};
use crate::question::QuestionId;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "auth-missing-on-submission", "auth_missing_on_submission.md", High,
    gain: KeptOut,
    sources: [rfc(6409, "4.3"), rfc(5068, "3.1"), manual("SASL_README", "Enabling SASL authentication in the Postfix SMTP server"), manual("Exim specification", "SMTP authentication")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut users = context.with_role(Role::Submission).peekable();
    if users.peek().is_none() {
        return sink.not_applicable("no port is for users");
    }
    for listener in users {
        if let Some((question, why)) = no_backend(listener) {
            let message = format!("{{listener}} lets nobody send: {why}, and smtpd stops at every client, unless another program opens it");
            sink.report(Draft::on(listener, message).because(&listener.auth.backend).depends_on(question));
            continue;
        }
        let (auth, access) = (&listener.auth, &listener.access);
        // A proxy in front may ask for the password and pass the user's name on.
        let by_proxy = access.may_name_client.known().is_none_or(|hosts| !hosts.surely.is_empty() || hosts.rest.is_some());
        // Without TLS there is nothing to offer AUTH in: that is told as what it is.
        let for_want_of_tls = listener.tls.works.surely_not() && auth.after_tls.because == listener.tls.works.because;
        if auth.before_tls.surely() || auth.after_tls.surely() || by_proxy || access.by_certificate.surely() || for_want_of_tls {
            continue;
        }
        if !auth.after_tls.surely_not() || !auth.before_tls.surely_not() {
            sink.wait_for_fact(&auth.after_tls);
            sink.wait_for_fact(&auth.before_tls);
            continue;
        }
        let draft = Draft::on(listener, "{listener} offers no AUTH: users cannot prove who they are")
            .severity(severity(listener))
            .because(&auth.after_tls);
        // Where more than one setting takes part, AUTH is switched on and then hidden.
        sink.report(if auth.after_tls.because.len() == 1 { draft.change(Change::OfferAuth) } else { draft });
    }
}

/// Where the files of the program that knows the users open nothing that this one could ask.
fn no_backend(listener: &Listener) -> Option<(&QuestionId, &'static str)> {
    let question = listener.auth.mechanisms.names.known()?.rest.as_ref()?;
    let why = match question.0.as_str() {
        NO_SOCKET => "Dovecot's files open no socket where it asks for users",
        CLOSED_SOCKET => "Dovecot's files open the socket where it asks for users for root alone",
        _ => return None,
    };
    Some((question, why))
}

/// RFC 6409 leaves a port to clients that are known by their network; then no stranger gets anything there.
fn severity(listener: &Listener) -> Severity {
    let strangers = || listener.outcomes.cells().iter().filter(|cell| cell.actor == Actor::Stranger).map(|cell| cell.outcome.outcome());
    if strangers().any(|outcome| outcome == Outcome::Accepted) {
        Severity::High
    } else if strangers().any(|outcome| matches!(outcome, Outcome::Unknown(_) | Outcome::Dead(_))) {
        Severity::Medium
    } else {
        Severity::Info
    }
}
