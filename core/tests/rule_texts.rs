//! Every rule's text keeps its form, and every example in it is true: a bad one raises this rule alone, at the marked
//! lines, until the flip is made; a good one raises nothing.

mod common;

use std::collections::BTreeSet;

use common::examples::{Case, cases, flipped, judge, lines_of, shown};
use smtplint_core::change::Advice;
use smtplint_core::finding::Severity;
use smtplint_core::rule_text::RuleText;
use smtplint_core::rules::RULES;

/// The rules of this release, by group. A new rule is added here as well.
const IDS: &[(&str, &str)] = &[
    ("ports", "implicit-port-without-wrapper"),
    ("ports", "wrapper-on-starttls-port"),
    ("ports", "port-25-used-for-submission"),
    ("ports", "no-submission-service"),
    ("ports", "implicit-tls-not-offered"),
    ("ports", "starttls-submission-not-offered"),
    ("ports", "alternate-submission-port"),
    ("ports", "duplicate-or-shadowed-service"),
    ("ports", "front-proxy-terminates-tls"),
    ("enforcement", "no-tls-on-submission"),
    ("enforcement", "tls-not-required-on-submission"),
    ("enforcement", "tls-required-on-mx"),
    ("enforcement", "mandatory-vs-opportunistic-list-mixup"),
    ("enforcement", "legacy-tls-switches"),
    ("enforcement", "no-opportunistic-tls-on-mx"),
    ("enforcement", "starttls-advertised-without-certificate"),
    ("enforcement", "starttls-suppressed"),
    ("enforcement", "outbound-smarthost-tls-not-required"),
    ("enforcement", "starttls-injection-exposed-version"),
    ("enforcement", "client-certificate-requested-needlessly"),
    ("enforcement", "opportunistic-client-guidance"),
    ("versions", "sslv2-enabled"),
    ("versions", "sslv3-enabled"),
    ("versions", "tls10-enabled"),
    ("versions", "tls11-enabled"),
    ("versions", "tls12-disabled"),
    ("versions", "tls13-disabled"),
    ("versions", "min-version-syntax-too-new"),
    ("versions", "contradictory-protocol-range"),
    ("versions", "inclusion-list-protocols"),
    ("ciphers", "null-cipher"),
    ("ciphers", "export-cipher"),
    ("ciphers", "rc4-enabled"),
    ("ciphers", "no-forward-secrecy"),
    ("ciphers", "des-3des-enabled"),
    ("ciphers", "no-aead"),
    ("ciphers", "static-rsa-key-exchange"),
    ("ciphers", "anonymous-cipher-on-submission"),
    ("ciphers", "finite-field-dhe"),
    ("ciphers", "cbc-ciphers-enabled"),
    ("ciphers", "cipher-list-empty-or-invalid"),
    ("ciphers", "overridden-named-cipherlist"),
    ("handshake", "weak-dh-parameters"),
    ("handshake", "weak-or-fixed-curve"),
    ("handshake", "no-server-preference-with-weak-suites"),
    ("handshake", "compression-enabled"),
    ("handshake", "insecure-renegotiation"),
    ("handshake", "openssl-conf-weakened"),
    ("certificates", "no-certificate-configured"),
    ("certificates", "self-signed-or-snakeoil"),
    ("certificates", "hostname-mismatch"),
    ("certificates", "expired-or-expiring"),
    ("certificates", "incomplete-chain"),
    ("certificates", "weak-key-or-signature"),
    ("certificates", "key-file-permissions"),
    ("certificates", "deprecated-cert-params"),
    ("authentication", "auth-offered-in-clear"),
    ("authentication", "auth-missing-on-submission"),
    ("authentication", "auth-not-required-on-submission"),
    ("authentication", "mynetworks-bypasses-auth"),
    ("authentication", "anonymous-sasl-allowed"),
    ("authentication", "weak-or-obsolete-mechanisms"),
    ("authentication", "plaintext-forbidden-under-tls"),
    ("authentication", "broken-sasl-auth-clients"),
    ("authentication", "sender-spoofing-by-authenticated-users"),
    ("authentication", "sasl-enabled-globally"),
    ("authentication", "unencrypted-sasl-backend"),
    ("relay", "open-relay"),
    ("relay", "trusted-networks-too-wide"),
    ("relay", "container-nat-trusted"),
    ("relay", "proxy-protocol-unrestricted"),
    ("relay", "permit-mx-backup"),
    ("relay", "tls-clientcerts-all-relay"),
    ("relay", "relay-domains-catchall"),
    ("relay", "legacy-compat-level"),
    ("hardening", "service-cannot-start"),
    ("hardening", "delay-reject-locks-out"),
    ("hardening", "undefined-parameter"),
    ("hardening", "shadowed-setting"),
    ("hardening", "parameter-typo-or-unused"),
    ("hardening", "smtp-smuggling"),
    ("hardening", "unauth-pipelining-allowed"),
    ("hardening", "banner-discloses-version"),
    ("hardening", "vrfy-expn-enabled"),
    ("hardening", "tls-not-logged"),
    ("hardening", "tls-loglevel-too-high"),
    ("hardening", "service-name-in-log-missing"),
    ("hardening", "mua-overrides-inherit-mx-checks"),
    ("hardening", "end-of-life-version"),
    ("migration", "port-465-status"),
    ("migration", "service-named-smtps"),
    ("migration", "server-to-server-on-465"),
    ("migration", "submission-policies-differ"),
    ("migration", "port-587-not-ready"),
    ("migration", "port-465-not-ready"),
    ("migration", "no-usage-evidence"),
    ("migration", "plaintext-password-rotation-advised"),
];

/// The sections a text may have beside them, between the second and the third.
const OTHERS: &[&str] = &[
    "Why it matters on an mx",
    "Why it matters in Dovecot",
    "Why it matters in Exim",
];

/// The sections of a text, in this order.
const SECTIONS: &[&str] = &["What it means", "Why it matters", "What to do"];

/// Words that the project does not use, in any case of letters. `MSA` stands apart: only the capitals are meant.
const UNUSED_WORDS: &[&str] = &[
    "profile",
    "simply",
    "just",
    "obviously",
    "behavior",
    "authorize",
    "authorized",
    "authorization",
    "recognize",
    "recognized",
    "center",
    "color",
    "favor",
    "canceled",
    "defense",
    "license",
];

/// The most that fits under a finding without being skipped by the reader.
const LONGEST_WHY: usize = 220;

#[test]
fn the_list_of_rules_is_this_one() {
    let found: Vec<(&str, &str)> = RULES.iter().map(|(group, rule)| (*group, rule.id)).collect();
    assert_eq!(
        found, IDS,
        "a new rule belongs in the list of this test, a renamed one breaks scripts that name it"
    );
}

#[test]
fn ids_are_kebab_case_and_name_the_files() {
    for (group, rule) in RULES {
        let id = rule.id;
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        assert!(id.split('-').all(word), "`{id}` is not kebab-case");
        let stem = id.replace('-', "_");
        for ending in ["rs", "md"] {
            let file = common::source_file(&format!("rules/{group}/{stem}.{ending}"));
            assert!(
                file.is_some(),
                "rule `{id}` of group `{group}` has no file `rules/{group}/{stem}.{ending}`"
            );
        }
        let text = common::source_file(&format!("rules/{group}/{stem}.md")).unwrap_or_default();
        assert_eq!(
            text,
            rule.text(),
            "rule `{id}` does not carry the text that stands beside it"
        );
    }
}

#[test]
fn rules_supersede_rules_that_exist() {
    for (_, rule) in RULES {
        for other in rule.supersedes {
            assert!(
                RULES.iter().any(|(_, known)| known.id == *other),
                "`{}` supersedes `{other}`, which is no rule",
                rule.id
            );
            assert_ne!(*other, rule.id, "`{other}` supersedes itself");
        }
        assert!(!rule.sources().is_empty(), "`{}` rests on nothing", rule.id);
    }
}

#[test]
fn texts_keep_the_form() {
    let mut wrong = Vec::new();
    for (_, rule) in RULES {
        let id = rule.id;
        let text = RuleText::parse(rule.text());
        let mut fault = |what: String| wrong.push(format!("{id}: {what}"));
        if text.headline.is_empty() || text.headline.ends_with('.') || text.headline.contains(id) {
            fault(format!(
                "the headline is a sentence without full stop, not the id: `{}`",
                text.headline
            ));
        }
        let titles: Vec<&str> = text.sections.iter().map(|(title, _)| *title).collect();
        // Where an mx has another story than a port for users, the text tells it.
        let required: Vec<&str> = titles.iter().copied().filter(|title| !OTHERS.contains(title)).collect();
        if required != SECTIONS {
            fault(format!("the sections are {titles:?}, not {SECTIONS:?}"));
        }
        for title in SECTIONS.iter().filter(|title| text.section(title).is_empty()) {
            fault(format!("`{title}` is empty"));
        }
        let length = text.why(false).chars().count();
        if length > LONGEST_WHY {
            fault(format!(
                "the first paragraph of `Why it matters` has {length} characters, more than {LONGEST_WHY}"
            ));
        }
        let of_dovecot = RuleText::why_of(rule.text(), false, "dovecot");
        if of_dovecot.chars().count() > LONGEST_WHY || !of_dovecot.ends_with('.') {
            fault(format!(
                "what Dovecot's users read is too long, or no sentence: `{of_dovecot}`"
            ));
        }
        let of_exim = RuleText::why_of(rule.text(), false, "exim");
        if of_exim.chars().count() > LONGEST_WHY || !of_exim.ends_with('.') {
            fault(format!(
                "what Exim's users read is too long, or no sentence: `{of_exim}`"
            ));
        }
        if !text.why(false).ends_with('.') {
            fault(format!(
                "the first paragraph of `Why it matters` ends without a full stop: `{}`",
                text.why(false)
            ));
        }
        let fences = rule
            .text()
            .lines()
            .filter(|line| line.starts_with("```") && *line != "```")
            .count();
        if fences != text.examples.len() {
            fault(format!(
                "{fences} fences, but {} examples: each is `good` or `bad`",
                text.examples.len()
            ));
        }
        for (is_good, word) in [(true, "good"), (false, "bad")] {
            if !text
                .examples
                .iter()
                .any(|one| one.dialect == "postfix" && one.good == is_good)
            {
                fault(format!("no {word} example for Postfix"));
            }
        }
        for line in rule.text().lines().filter(|line| line.chars().count() > 120) {
            fault(format!("a line is longer than 120 characters: `{line}`"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn texts_use_the_words_of_the_project() {
    let mut wrong = Vec::new();
    for (_, rule) in RULES {
        let words = rule.text().split(|c: char| !c.is_alphanumeric() && c != '_');
        for word in words {
            if word == "MSA" || UNUSED_WORDS.contains(&word.to_lowercase().as_str()) {
                wrong.push(format!("{}: `{word}`", rule.id));
            }
        }
        let parsed = RuleText::parse(rule.text());
        // What stands between backquotes is code, where `!` has a meaning of its own.
        let mut prose = parsed.sections.iter().flat_map(|(_, body)| body.split('`').step_by(2));
        if prose.any(|text| text.contains('!')) {
            wrong.push(format!("{}: an exclamation mark", rule.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn bad_examples_raise_their_rule_at_the_marked_lines_and_no_other() {
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| !case.example.good) {
        let (sources, report) = judge(case, &case.example.unmarked());
        let marked: BTreeSet<usize> = case.example.marked_lines().into_iter().collect();
        if marked.is_empty() {
            wrong.push(format!("{}: no line is marked", case.name()));
        }
        let found: BTreeSet<usize> = report
            .findings
            .iter()
            .filter(|one| one.rule == case.rule)
            .flat_map(|one| lines_of(one, &sources))
            .collect();
        if found != marked {
            wrong.push(format!(
                "{}: marked are lines {marked:?}, the rule speaks of {found:?}:\n{}",
                case.name(),
                shown(&report, &sources)
            ));
        }
        if report
            .findings
            .iter()
            .any(|one| one.rule != case.rule && !case.is_with(one.rule) && one.severity >= Severity::Low)
        {
            wrong.push(format!(
                "{}: other rules speak as well:\n{}",
                case.name(),
                shown(&report, &sources)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn good_examples_raise_nothing() {
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.example.good) {
        if !case.example.marked_lines().is_empty() || case.example.flip.is_some() {
            wrong.push(format!("{}: a good example has neither mark nor flip", case.name()));
        }
        let (sources, report) = judge(case, &case.example.unmarked());
        if report.server.listeners.is_empty() {
            wrong.push(format!("{}: nothing listens, so nothing is shown", case.name()));
        }
        if report.findings.iter().any(|one| one.severity >= Severity::Low) {
            wrong.push(format!("{}:\n{}", case.name(), shown(&report, &sources)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn flips_silence_their_rule() {
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| !case.example.good) {
        let Some(flip) = case.example.flip else {
            wrong.push(format!("{}: no flip", case.name()));
            continue;
        };
        let text = flipped(&case.example, flip);
        if text == case.example.unmarked() {
            wrong.push(format!("{}: the flip `{flip}` changes nothing", case.name()));
        }
        let speaks = |text: &str| {
            let (sources, report) = judge(case, text);
            (
                report.findings.iter().any(|one| one.rule == case.rule),
                shown(&report, &sources),
            )
        };
        let (before, _) = speaks(&case.example.unmarked());
        let (after, findings) = speaks(&text);
        if !before {
            wrong.push(format!("{}: the rule is silent before the flip", case.name()));
        }
        if after {
            wrong.push(format!(
                "{}: after the flip `{flip}` the rule still speaks:\n{findings}in\n{text}",
                case.name()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_every_rule_are_looked_at() {
    let looked_at: BTreeSet<&str> = cases().iter().map(|case: &Case| case.rule).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|(_, rule)| rule.id).collect();
    assert_eq!(looked_at, all);
}

/// Rules whose examples of Exim need what only their owner has: a password file, the name of a list, a statement that he takes out.
const EXIM_WITHOUT: &[&str] = &[
    "anonymous-sasl-allowed",
    "open-relay",
    "service-cannot-start",
    "tls-required-on-mx",
    "weak-or-obsolete-mechanisms",
];

/// A text of Exim's with the lines of an advice where these say that they belong.
fn written(text: &str, advice: &Advice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (options, statements) = advice
        .text
        .split_once("# as the first statements of ")
        .unwrap_or((&advice.text, ""));
    let (options, inside) = options.split_once("# in the transport ").unwrap_or((options, ""));
    if let Some((transport, inside)) = inside.split_once('\n') {
        // Behind its name and its driver.
        let named = lines.iter().position(|line| *line == format!("{transport}:"));
        let at = named.map_or(0, |at| at + 2);
        let names: Vec<&str> = inside
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        let (head, tail) = lines.split_at(at);
        let kept = tail
            .iter()
            .filter(|line| !names.iter().any(|name| line.trim().starts_with(*name)));
        lines = head
            .iter()
            .cloned()
            .chain(inside.lines().map(str::to_owned))
            .chain(kept.cloned())
            .collect();
    }
    for option in options.lines() {
        let name = option.split(' ').next().unwrap_or_default();
        let is_it = |line: &String| line.split([' ', '=']).next() == Some(name) || *line == format!("no_{name}");
        match lines.iter().position(is_it) {
            Some(at) if option.starts_with("hostlist") || !lines[at].starts_with("hostlist") => {
                lines[at] = option.to_owned()
            }
            _ => lines.insert(0, option.to_owned()),
        }
    }
    if let Some((list, statements)) = statements.split_once('\n') {
        let at = lines
            .iter()
            .position(|line| line.trim() == format!("{list}:"))
            .map_or(0, |at| at + 1);
        lines.insert(at, statements.to_owned());
    }
    lines.join("\n") + "\n"
}

#[test]
fn what_is_advised_for_exim_cures() {
    let (mut cured, mut without, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases()
        .into_iter()
        .filter(|case| case.example.dialect == "exim" && !case.example.good)
    {
        let text = case.example.unmarked();
        let (_, report) = judge(&case, &text);
        for finding in report.findings.iter().filter(|finding| finding.rule == case.rule) {
            let Some(advice) = &finding.advice else {
                without.push(case.rule);
                continue;
            };
            let mut before = text.clone();
            // It stands in the place of what was misspelt.
            if let (true, Some(at)) = (advice.title == "Write what was meant", finding.at.first()) {
                before.replace_range(at.start..at.end, "");
            }
            let mended = written(&before, advice);
            let (sources, report) = judge(&case, &mended);
            if report
                .findings
                .iter()
                .any(|finding| finding.rule == case.rule || finding.rule == "service-cannot-start")
            {
                wrong.push(format!("{}:\n{mended}\n{}", case.name(), shown(&report, &sources)));
            }
            cured.push(case.rule);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    without.sort_unstable();
    assert_eq!(without, EXIM_WITHOUT);
    assert!(cured.len() > 15, "{cured:?}");
}
