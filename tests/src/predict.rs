//! What smtplint says a client will see, in the notation of the cases: `submission: entry=starttls required=yes …`.

use smtplint_core::dialects::postfix::Postfix;
use smtplint_core::facts::{Entry, Fact, Listener, Members, TlsVersion, Value};
use smtplint_core::intake;
use smtplint_core::source::{Source, Sources};
use smtplint_core::version::Target;
use smtplint_core::{Options, Report};

use crate::corpus::Case;

/// The release that `facts` hold for when a case names none.
pub const USUAL_TARGET: &str = "postfix=3.7";

/// The sources of a case: its two files, or its paste.
#[must_use]
pub fn sources(case: &Case) -> Sources {
    let text = |name: &str| case.file(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let mut sources = Sources::new();
    for name in ["main.cf", "master.cf"] {
        if let Some(text) = text(name) {
            sources.add(Source::new(name, &text, intake::kind(&text)));
        }
    }
    if sources.is_empty() {
        for name in ["paste.txt", "postconf-n.txt"] {
            if let Some(text) = text(name) {
                return intake::split("paste", &text);
            }
        }
    }
    sources
}

/// The target that a case names, or the usual one.
///
/// # Panics
/// When the case names one that is none: the case is wrong then.
#[must_use]
pub fn target(case: &Case) -> Target {
    let mut target = Target {
        host_name: case.expectations.host_name.clone(),
        ..Target::default()
    };
    let words = case.expectations.target.as_deref().unwrap_or(USUAL_TARGET);
    assert_eq!(target.add(words), Ok(()), "{}: target", case.name);
    target
}

/// The judgement of a case.
#[must_use]
pub fn judge(case: &Case) -> Report {
    smtplint_core::check(
        &sources(case),
        &Postfix,
        &Options {
            target: target(case),
            ..Options::default()
        },
    )
}

/// The judgement of two texts at one release.
///
/// # Panics
/// When the release is none.
#[must_use]
pub fn judge_texts(main_cf: &str, master_cf: &str, release: &str) -> Report {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", main_cf, intake::kind(main_cf)));
    sources.add(Source::new("master.cf", master_cf, intake::kind(master_cf)));
    let mut target = Target::default();
    assert_eq!(target.add(&format!("postfix={release}")), Ok(()), "target");
    smtplint_core::check(
        &sources,
        &Postfix,
        &Options {
            target,
            ..Options::default()
        },
    )
}

/// What a client will see at a listener, as a line of `facts` says it; unknown facts are left out.
#[must_use]
pub fn line(listener: &Listener) -> String {
    // TLS that is required and cannot succeed serves nobody either, but the port answers.
    let answers = listener.tls.entry.known() == Some(&Entry::Starttls) && listener.tls.works.surely_not();
    if listener.dead.is_some() && !answers {
        return format!("{}: entry=dead", listener.name);
    }
    let mut words = vec![format!("{}:", listener.name)];
    let mut word = |key: &str, value: Option<String>| words.extend(value.map(|value| format!("{key}={value}")));
    let yes_or_no = |fact: &Fact<bool>| fact.known().map(|yes| if *yes { "yes" } else { "no" }.to_owned());
    let entry = listener.tls.entry.known().copied();
    word("entry", entry.map(|entry| entry.word().to_owned()));
    word("required", yes_or_no(&listener.tls.required));
    word("versions", versions(&listener.tls.versions));
    word("auth_before", yes_or_no(&listener.auth.before_tls));
    let handshake = entry != Some(Entry::None) && !listener.tls.works.surely_not();
    word("auth_after", yes_or_no(&listener.auth.after_tls).filter(|_| handshake));
    words.join(" ")
}

/// The versions of a library without SSL 3.0; `None` when more than that is open.
fn versions(fact: &Fact<Members<TlsVersion>>) -> Option<String> {
    let Value::Is(members) = &fact.value else { return None };
    if members
        .rest
        .as_ref()
        .is_some_and(|question| question.0 != "openssl-sslv3")
    {
        return None;
    }
    let numbers: Vec<&str> = members
        .surely
        .iter()
        .filter_map(|version| version.name().strip_prefix("TLSv"))
        .map(|number| if number == "1" { "1.0" } else { number })
        .collect();
    Some(if numbers.is_empty() {
        "none".to_owned()
    } else {
        numbers.join(",")
    })
}
