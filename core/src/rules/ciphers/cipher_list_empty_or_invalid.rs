//! Cipher lists that leave nothing, or hold words that mean nothing.

use crate::change::Change;
use crate::facts::{Cause, Entry, Fact, Listener, Refusal, Role, Step, Suites, TlsVersion, UnknownWord, Value};
use crate::finding::Severity;
use crate::report::merge::enumerated;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::source::Span;

rule! {
    "cipher-list-empty-or-invalid", "cipher_list_empty_or_invalid.md", High,
    gain: Mail,
    sources: [
        manual("postconf(5)", "tls_medium_cipherlist"),
        manual("postconf(5)", "smtpd_tls_mandatory_exclude_ciphers"),
        manual("TLS_README", "Server-side cipher controls"), manual("Dovecot Core Settings", "ssl_cipher_list")],
    supersedes: ["tls12-disabled", "service-cannot-start"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    // Where TLS is a must, a list that leaves nothing keeps the port from serving anybody: such ports are looked at as well.
    let not_internal = context.server.listeners.iter().filter(|listener| listener.known_role() != Role::Internal);
    let mut encrypted = not_internal.filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted.filter(|listener| !listener.is_implicit_port_in_clear()) {
        let Some(fact) = &listener.tls.suites else { continue };
        let is_judged = listener.is_judged();
        if is_judged {
            sink.wait_for_fact(fact);
        }
        let Some(suites) = fact.known() else { continue };
        if let Some(why) = suites.fault().filter(|_| !suites.is_stock) {
            // At an emptied list the program itself stops.
            let stops = listener.dead.as_ref().and_then(Fact::known).filter(|_| suites.refused() == Some(&Refusal::Empty));
            let message = match stops {
                Some(Cause(cause)) => format!("{{listener}} serves nobody: {cause}"),
                None => format!("{{listener}} fails every handshake: {why}"),
            };
            let draft = Draft::on(listener, message);
            let draft = draft.because(fact).change(Change::UsualSuites);
            let dies_of_it = listener.dead.as_ref().is_none_or(|dead| dead.because.iter().any(|step| fact.because.contains(step)));
            sink.report(if dies_of_it { draft } else { draft.not_curing(OTHER_CAUSES) });
        } else if is_judged {
            judge(listener, fact, suites, sink);
        }
    }
}

/// What may keep a port from serving anybody for reasons of its own.
const OTHER_CAUSES: &[&str] = &["service-cannot-start"];

/// Lists that leave something.
fn judge(listener: &Listener, fact: &Fact<Suites>, suites: &Suites, sink: &mut Sink) {
    // With TLS 1.3 alone, whose suites stand in no list, programs that know nothing newer than 1.2 stay outside.
    if !suites.is_stock && suites.permitted.contains(&TlsVersion::Tls12) && !listener.tls.works.surely_not() {
        match suites.speaks(TlsVersion::Tls12) {
            Value::Is(true) => {}
            Value::Is(false) => {
                let message = "{listener} permits TLS 1.2, but the lists leave no cipher suite for it with this key";
                return sink.report(Draft::on(listener, message).because(fact).change(Change::UsualSuites));
            }
            Value::Unknown(question) => sink.wait_for(&question),
        }
    }
    let unknown = unknown(fact, suites);
    if !unknown.is_empty() {
        let verb = if unknown.len() == 1 { "is no word" } else { "are no words" };
        let told = |one: &&UnknownWord| match one.meant {
            Some(meant) => format!("`{}` (meant is perhaps `{meant}`)", one.word),
            None => format!("`{}`", one.word),
        };
        let words: Vec<String> = unknown.iter().map(told).collect();
        let message = format!("{{listener}} reads cipher lists in which {} {verb} of OpenSSL", enumerated(&words));
        let draft = Draft::on(listener, message).because(fact).severity(Severity::Low);
        sink.report(match spelt(fact, &unknown) {
            Some(change) => draft.change_server(change),
            None => draft,
        });
    }
}

/// Words of written lists that no OpenSSL knows, each with the one that was meant.
fn unknown<'a>(fact: &Fact<Suites>, suites: &'a Suites) -> Vec<&'a UnknownWord> {
    let mut found: Vec<&UnknownWord> = Vec::new();
    for one in suites.readings.iter().flat_map(|reading| &reading.unknown) {
        if line_of(fact, one).is_some() && found.iter().all(|known| known.word != one.word) {
            found.push(one);
        }
    }
    found
}

/// Where the list stands that holds the word.
fn line_of(fact: &Fact<Suites>, word: &UnknownWord) -> Option<Span> {
    fact.because.iter().filter(|step| step.setting() == Some(word.setting)).find_map(Step::span)
}

/// The words as they were meant; those that mean nothing go. Words of one line only: for another one it is done again.
fn spelt(fact: &Fact<Suites>, unknown: &[&UnknownWord]) -> Option<Change> {
    let line = line_of(fact, unknown.first()?)?;
    let here = unknown.iter().filter(|one| line_of(fact, one) == Some(line));
    let words = here.map(|one| (one.word.clone(), one.meant.unwrap_or_default().to_owned())).collect();
    Some(Change::Spell { line, words })
}
