//! Cipher lists that leave nothing, or hold words that mean nothing.

use crate::change::Change;
use crate::facts::{Entry, Fact, Listener, Suites, TlsVersion, Value};
use crate::finding::Severity;
use crate::report::merge::enumerated;
use crate::rule::{Context, Draft, Sink, manual, rule};
use crate::tls::openssl::{self, Release};

rule! {
    "cipher-list-empty-or-invalid", "cipher_list_empty_or_invalid.md", High,
    sources: [
        manual("postconf(5)", "tls_medium_cipherlist"),
        manual("postconf(5)", "smtpd_tls_mandatory_exclude_ciphers"),
        manual("TLS_README", "Server-side cipher controls"),
    ],
    supersedes: ["tls12-disabled"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut encrypted =
        context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted.filter(|listener| !listener.is_implicit_port_in_clear()) {
        let Some(fact) = &listener.tls.suites else { continue };
        sink.wait_for_fact(fact);
        if let Some(suites) = fact.known() {
            judge(listener, fact, suites, sink);
        }
    }
}

fn judge(listener: &Listener, fact: &Fact<Suites>, suites: &Suites, sink: &mut Sink) {
    if let Some(why) = suites.fault().filter(|_| !suites.is_stock) {
        let draft = Draft::on(listener, format!("{{listener}} fails every handshake: {why}"));
        return sink.report(draft.because(fact).change(Change::UsualSuites));
    }
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
        let message = format!("{{listener}} has cipher lists in which {} {verb} of OpenSSL", enumerated(&unknown));
        sink.report(Draft::on(listener, message).because(fact).severity(Severity::Low));
    }
}

/// Words of written lists that no OpenSSL knows, each with the one that was meant.
fn unknown(fact: &Fact<Suites>, suites: &Suites) -> Vec<String> {
    let is_written = |setting: &str| fact.because.iter().any(|step| step.span().is_some() && step.setting() == Some(setting));
    let readings = suites.readings.iter().flat_map(|reading| reading.unknown.iter().map(move |one| (reading.release, one)));
    let mut found: Vec<(&str, Release)> = Vec::new();
    for (release, (word, setting)) in readings {
        if is_written(setting) && !openssl::is_word_anywhere(word) && found.iter().all(|(known, _)| known != word) {
            found.push((word, release));
        }
    }
    let told = |(word, release): &(&str, Release)| match openssl::meant(word, *release) {
        Some(meant) => format!("`{word}` (meant is perhaps `{meant}`)"),
        None => format!("`{word}`"),
    };
    found.iter().map(told).collect()
}
