//! The examples in the texts of rules: judging one, and making the change that silences its rule.

#![expect(clippy::panic, reason = "a helper stops the test that it serves")]

use super::certificates::{NOW, certificates};
use smtplint_core::certificate::{self, Content, Object, Seen, SeenFile};
use smtplint_core::dialect::Dialect;
use smtplint_core::finding::Finding;
use smtplint_core::intake;
use smtplint_core::report::{Options, Report};
use smtplint_core::rule_text::{Example, HERE, RuleText};
use smtplint_core::rules::RULES;
use smtplint_core::source::{Source, SourceKind, Sources};

/// What a careful server has beside that which an example is about. An example is judged as if its main.cf had these lines as
/// well, but for names it sets itself, so that it can be short; one with the word `alone` in its fence is judged as it stands.
const USUAL: &[(&str, &str)] = &[
    ("disable_vrfy_command", "yes"),
    ("smtpd_data_restrictions", "reject_unauth_pipelining"),
    ("smtpd_forbid_bare_newline", "yes"),
    ("smtpd_tls_loglevel", "1"),
    (
        "smtpd_tls_mandatory_exclude_ciphers",
        "aNULL, kRSA, kDHE, SHA1, SHA256, SHA384",
    ),
];

/// In the fence of an example that needs the server's own suites, for versions before TLS 1.2 or for want of a certificate, or
/// where TLS is no must: none is excluded then, and the rule that says so may speak as well.
const STOCK_SUITES: &str = "stock-suites";

/// One example of one rule.
pub(crate) struct Case {
    /// The rule's id.
    pub(crate) rule: &'static str,
    /// Its place among the rule's examples, from 1.
    pub(crate) number: usize,
    /// The example.
    pub(crate) example: Example<'static>,
}

impl Case {
    /// True for a rule that this one only adds to, and that speaks as well in a bad example of it: `with=…` in the fence.
    pub(crate) fn is_with(&self, rule: &str) -> bool {
        self.example.words.iter().any(|word| match *word {
            STOCK_SUITES => rule == "anonymous-cipher-on-submission",
            word => word.strip_prefix("with=") == Some(rule),
        })
    }

    /// What a writer needs to find it.
    pub(crate) fn name(&self) -> String {
        let kind = if self.example.good { "good" } else { "bad" };
        format!(
            "{}, example {} ({kind}, {})",
            self.rule, self.number, self.example.dialect
        )
    }
}

/// Every example of every rule.
pub(crate) fn cases() -> Vec<Case> {
    RULES
        .iter()
        .flat_map(|(_, rule)| {
            let examples = RuleText::parse(rule.text()).examples;
            (1..).zip(examples).map(|(number, example)| Case {
                rule: rule.id,
                number,
                example,
            })
        })
        .collect()
}

/// Judges a text as somebody who pasted it would see it, for the target that the fence names. With `certificate=NAME` in the
/// fence the files that the text names hold that certificate, and with `keys=open` everybody can read them.
pub(crate) fn judge(case: &Case, text: &str) -> (Sources, Report) {
    // Only Postfix's examples are parts of something larger.
    let alone = case.example.words.contains(&"alone") || case.example.dialect != "postfix";
    let mut sources = Sources::new();
    if !alone {
        sources.add(Source::new("main.cf", &usual_beside(case, text), SourceKind::Authored));
    }
    for (_, part) in intake::split("paste", text).iter() {
        sources.add(part.clone());
    }
    let (dialect, options) = judged_as(case, text, &sources);
    let report = smtplint_core::check(&sources, dialect, &options);
    (sources, report)
}

/// The same as one text, with what it is judged as.
#[allow(dead_code, reason = "each test file uses its own part")]
pub(crate) fn whole(case: &Case) -> (Sources, &'static dyn Dialect, Options) {
    let text = case.example.unmarked();
    // Only Postfix's examples are parts of something larger.
    let alone = case.example.words.contains(&"alone") || case.example.dialect != "postfix";
    let usual = if alone {
        String::new()
    } else {
        usual_beside(case, &text)
    };
    let mut sources = Sources::new();
    // Without headings it is a paste, in which each line tells by itself what it is.
    if text.contains("==>") {
        sources = intake::split("paste", &text);
    } else {
        sources.add(Source::new("paste", &format!("{usual}\n{text}"), intake::kind(&text)));
    }
    let (dialect, options) = judged_as(case, &text, &sources);
    (sources, dialect, options)
}

/// The dialect and the target that the fence names.
fn judged_as(case: &Case, text: &str, sources: &Sources) -> (&'static dyn Dialect, Options) {
    let dialect =
        smtplint_core::recognise(sources).unwrap_or_else(|| panic!("{}: nobody knows it:\n{text}", case.name()));
    assert_eq!(
        dialect.id(),
        case.example.dialect,
        "{}: taken for another dialect",
        case.name()
    );
    let mut options = Options::default();
    let mut files = None;
    for word in case
        .example
        .words
        .iter()
        .filter(|word| !["alone", STOCK_SUITES].contains(word) && !word.starts_with("with="))
    {
        let added = match word.split_once('=') {
            Some(("target", target)) => options.target.add(target),
            Some(("certificate", name)) => {
                files.get_or_insert(("fine", false)).0 = name;
                Ok(())
            }
            Some(("keys", "open")) => {
                files.get_or_insert(("fine", false)).1 = true;
                Ok(())
            }
            _ => panic!("{}: what is `{word}`?", case.name()),
        };
        if let Err(error) = added {
            panic!("{}: {error}", case.name());
        }
    }
    if let Some((name, open)) = files {
        let named = |text: &str| smtplint_core::named_files(&intake::split("paste", text), dialect, &options.target);
        let mut seen = Seen {
            now: Some(NOW),
            ..Seen::default()
        };
        // What a flip names instead is a file as it should be.
        for file in named(text) {
            seen.files.insert(file.path, seen_file("fine", false));
        }
        for file in named(&case.example.unmarked()) {
            seen.files.insert(file.path, seen_file(name, open));
        }
        options.target.seen = seen;
    }
    (dialect, options)
}

/// A file with a key, and with the certificates of one of the files of `tests/certificates`.
fn seen_file(name: &str, everyone_reads: bool) -> SeenFile {
    let mut objects = vec![Object::Key];
    objects.extend(certificate::read(&certificates(name)));
    SeenFile {
        content: Content::Holds(objects),
        everyone_reads: Some(everyone_reads),
    }
}

/// The usual lines that a text does not set itself.
fn usual_beside(case: &Case, text: &str) -> String {
    let stock_suites = case.example.words.contains(&STOCK_SUITES);
    let sets = |name: &str| {
        text.lines()
            .any(|line| line.split(['=', ' ', '\t']).any(|word| word == name))
    };
    USUAL
        .iter()
        .filter(|(name, _)| !sets(name))
        .filter(|(name, _)| !stock_suites || !name.ends_with("_exclude_ciphers"))
        .map(|(name, value)| format!("{name} = {value}\n"))
        .collect()
}

/// The line of the deciding place; where a default decides, the lines where the listeners are defined.
pub(crate) fn lines_of(finding: &Finding, sources: &Sources) -> Vec<usize> {
    let decides = finding
        .at
        .first()
        .map_or(finding.context.as_slice(), std::slice::from_ref);
    decides.iter().map(|span| sources.place(*span).line).collect()
}

/// Findings, one a line, for the message of a failed test.
pub(crate) fn shown(report: &Report, sources: &Sources) -> String {
    report
        .findings
        .iter()
        .map(|one| {
            format!(
                "    {} {} at {:?}: {}\n",
                one.severity.word(),
                one.rule,
                lines_of(one, sources),
                one.message
            )
        })
        .collect()
}

/// The example with the flip made in every marked line.
pub(crate) fn flipped(example: &Example<'_>, flip: &str) -> String {
    let mut text = String::new();
    for line in example.text.lines() {
        let Some((line, _)) = line.split_once(HERE) else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        if flip != "-" {
            text.push_str(&flipped_line(line.trim_end(), flip));
            text.push('\n');
        }
    }
    text
}

/// `name=value` put in the place of the old value, behind a service, or in the place of another setting.
fn flipped_line(line: &str, flip: &str) -> String {
    let (name, value) = flip
        .split_once('=')
        .unwrap_or_else(|| panic!("`{flip}` is not `name=value`"));
    let of_master = belongs_to_master(line);
    let old = line
        .find(name)
        .filter(|at| line[at + name.len()..].trim_start().starts_with('='));
    match old {
        Some(at) if of_master => {
            let after = line[at + name.len()..]
                .trim_start()
                .trim_start_matches('=')
                .trim_start();
            // The old value ends at a blank, where the next option begins.
            let rest = after.find(' ').map_or("", |end| &after[end..]);
            format!("{}{name}={value}{rest}", &line[..at])
        }
        None if of_master => format!("{line} -o {name}={value}"),
        Some(_) | None => format!("{name} = {value}"),
    }
}

/// True for a service and for its options.
fn belongs_to_master(line: &str) -> bool {
    let kind = line.split_whitespace().nth(1).unwrap_or("");
    line.trim_start().starts_with("-o") || matches!(kind, "inet" | "unix" | "pass" | "fifo")
}

#[test]
fn flips_find_their_place() {
    for (line, flip, expected) in [
        ("a = 1", "a=2", "a = 2"),
        ("a = 1", "b=2", "b = 2"),
        ("  -o a=1", "a=2", "  -o a=2"),
        ("  -o a=1 -o b=1", "a=2", "  -o a=2 -o b=1"),
        ("  -o a = 1", "a=2", "  -o a=2"),
        ("  -o a=1", "b=2", "  -o a=1 -o b=2"),
        (
            "smtp inet n - y - - smtpd",
            "a=>=2",
            "smtp inet n - y - - smtpd -o a=>=2",
        ),
    ] {
        assert_eq!(flipped_line(line, flip), expected, "{line} with {flip}");
    }
}
