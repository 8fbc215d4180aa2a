//! What a cipher string means, for people.

use std::fmt::Write;

use smtplint_core::facts::TlsVersion;
use smtplint_core::tls::{Did, Key, Meaning, Suite, Word, openssl};

use super::{harmless, width, wrapped};

/// The words, the suites, and what is known against them.
pub(crate) fn render(meaning: &Meaning) -> String {
    let mut text = format!("As {} {} reads it", proper(meaning.library), meaning.release);
    if let Some(level) = meaning.level {
        let _ = write!(text, ", at security level {level}");
    }
    text.push('\n');
    let shown: Vec<(String, String)> = meaning
        .words
        .iter()
        .map(|word| (harmless(&word.text), said(word, meaning.library)))
        .collect();
    let wide = shown.iter().map(|(word, _)| word.chars().count()).max().unwrap_or(0);
    for (word, said) in &shown {
        let _ = writeln!(text, "  {word:wide$}  {said}");
    }
    suites(&mut text, meaning);
    named(&mut text, "Groups", &meaning.groups);
    named(&mut text, "Signatures", &meaning.signatures);
    let attacks = meaning.attacks();
    if !attacks.is_empty() {
        text.push_str("\nKnown attacks for which this suffices, and how practical they are over SMTP\n");
    }
    for attack in attacks {
        let cves: Vec<&str> = attack.cves().collect();
        let sources: Vec<&str> = attack.sources().collect();
        let line = format!(
            "{} ({}; {}): {}",
            attack.name,
            cves.join(", "),
            sources.join(", "),
            attack.over_smtp
        );
        text.push_str(&wrapped(&line, "  ", width()));
    }
    text
}

fn proper(library: &str) -> &'static str {
    if library == "gnutls" { "GnuTLS" } else { "OpenSSL" }
}

/// What a word did.
fn said(word: &Word, library: &str) -> String {
    match &word.did {
        Did::Added(count) => format!("adds {count}"),
        Did::Removed(count) => format!("takes {count} away"),
        Did::Forbade(count) => format!("keeps {count} out from here on"),
        Did::Moved(count) => format!("moves {count} to the end"),
        Did::Sorted => "puts the strongest first".to_owned(),
        Did::Level(level) => format!("sets the security level to {level}"),
        Did::Switched => "switches something that is in no list".to_owned(),
        Did::Nothing => "does nothing".to_owned(),
        Did::Unknown(part) => {
            let start = part.start.saturating_sub(word.place.start);
            let part = word.text.get(start..start + part.len()).unwrap_or("");
            if part == "DEFAULT" {
                return format!(
                    "means something at the beginning alone, and {} passes over it",
                    proper(library)
                );
            }
            let near = word
                .nearest
                .as_ref()
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            let elsewhere = if openssl::is_word_anywhere(part) {
                "is not in this release"
            } else {
                "is not known"
            };
            format!("{elsewhere}, and {} passes over it{near}", proper(library))
        }
    }
}

/// The suites that are offered, a line each, and the names of the others.
fn suites(text: &mut String, meaning: &Meaning) {
    let _ = writeln!(text, "\n{} suites are offered, in this order", meaning.offered.len());
    let lines: Vec<[String; 3]> = meaning
        .offered
        .iter()
        .map(|one| {
            let name = meaning.name(one.suite).to_owned();
            [
                name,
                range(&one.versions.iter().collect::<Vec<_>>()),
                key(one.suite).to_owned(),
            ]
        })
        .collect();
    let wide = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (wide(0), wide(1), wide(2));
    for ([name, versions, key], one) in lines.iter().zip(&meaning.offered) {
        let line = format!(
            "  {name:first$}  {versions:second$}  {key:third$}  {}",
            remarks(one.suite)
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let kept: Vec<&str> = meaning
        .suites
        .iter()
        .filter(|suite| !meaning.offered.iter().any(|one| one.suite == **suite))
        .map(|suite| meaning.name(suite))
        .collect();
    named(
        text,
        "In the list, and not offered: the security level forbids them, or a secret must be shared",
        &kept,
    );
}

fn named(text: &mut String, title: &str, names: &[&str]) {
    if !names.is_empty() {
        let _ = writeln!(text, "\n{title}");
        text.push_str(&wrapped(&names.join(" "), "  ", width()));
    }
}

/// From the oldest version to the newest.
fn range(versions: &[TlsVersion]) -> String {
    match versions {
        [] => String::new(),
        [one] => one.to_string(),
        [first, .., last] => format!("{first} to {}", last.to_string().trim_start_matches("TLS ")),
    }
}

fn key(suite: &Suite) -> &'static str {
    match suite.needs() {
        Some(Key::Rsa) => "RSA key",
        Some(Key::Ecdsa) => "ECDSA key",
        Some(Key::Dsa) => "DSA key",
        Some(Key::Gost) => "GOST key",
        Some(Key::Shared) => "secret",
        None if suite.is_anonymous() => "no key",
        None => "any key",
    }
}

/// What is to be said against a suite.
fn remarks(suite: &Suite) -> String {
    let mut remarks = Vec::new();
    for (holds, remark) in [
        (suite.is_null(), "no encryption"),
        (suite.is_anonymous(), "the server proves nothing"),
        (suite.is_export(), "export"),
        (!suite.has_forward_secrecy(), "no forward secrecy"),
        (suite.is_cbc(), "CBC"),
    ] {
        if holds {
            remarks.push(remark);
        }
    }
    remarks.join(", ")
}
