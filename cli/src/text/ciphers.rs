//! What a cipher string means, for people.

use std::fmt::Write;

use smtplint_core::tls::{Meaning, spoken};

use super::{harmless, width, wrapped};

/// The words, the suites, and what is known against them.
pub(crate) fn render(meaning: &Meaning) -> String {
    let mut text = meaning.reader();
    text.push('\n');
    let shown: Vec<(String, String)> = meaning
        .words
        .iter()
        .map(|word| (harmless(&word.text), meaning.effect(word)))
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
        let _ = writeln!(text, "\n{}", spoken::ATTACKS);
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

/// The suites that are offered, a line each, and the names of the others.
fn suites(text: &mut String, meaning: &Meaning) {
    let _ = writeln!(text, "\n{}", meaning.count());
    let lines: Vec<[String; 3]> = meaning
        .offered
        .iter()
        .map(|one| {
            let name = meaning.name(one.suite).to_owned();
            [name, one.range(), one.suite.key().to_owned()]
        })
        .collect();
    let wide = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (wide(0), wide(1), wide(2));
    for ([name, versions, key], one) in lines.iter().zip(&meaning.offered) {
        let line = format!(
            "  {name:first$}  {versions:second$}  {key:third$}  {}",
            one.suite.remarks()
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    named(text, spoken::NOT_OFFERED, &meaning.not_offered());
}

fn named(text: &mut String, title: &str, names: &[&str]) {
    if !names.is_empty() {
        let _ = writeln!(text, "\n{title}");
        text.push_str(&wrapped(&names.join(" "), "  ", width()));
    }
}
