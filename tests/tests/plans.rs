//! Plans for moving users, over all cases: every change is made of the text that the stages before left, it costs nobody anything
//! but what its stage is for, and where the plan goes to its end users are served at the wanted port, with TLS and nowhere else.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeMap;

use smtplint_core::facts::{Actor, Channel, Entry, Fact, Listener, Outcome, Recipient, Role, Server, TlsVersion};
use smtplint_core::finding::Finding;
use smtplint_core::impact::{Impact, Who};
use smtplint_core::migrate::{self, Check, Plan, Stage, StageKind, To};
use smtplint_core::source::Sources;
use smtplint_core::{Options, check, recognise};
use smtplint_tests::corpus::{self, Case, Outside};
use smtplint_tests::predict;

const AIMS: [To; 3] = [To::Starttls, To::Implicit, To::Both];

fn texts(sources: &Sources) -> Vec<&str> {
    sources.iter().map(|(_, source)| source.text()).collect()
}

/// By its number, or by its name where the release does not know the name.
fn port_of(listener: &Listener) -> Option<u16> {
    listener.known_port().or(listener.is_implicit_port().then_some(465))
}

fn at(server: &Server, port: u16) -> impl Iterator<Item = &Listener> {
    server.listeners.iter().filter(move |one| port_of(one) == Some(port))
}

fn takes(listener: &Listener, channel: Channel) -> bool {
    let outcome = listener.outcomes.at(Actor::Authenticated, channel, Recipient::Foreign);
    outcome.and_then(Fact::known) == Some(&Outcome::Accepted)
}

/// What a client gets: its code, where that is known.
fn code(listener: &Listener, actor: Actor, channel: Channel, recipient: Recipient) -> Option<u16> {
    match listener.outcomes.at(actor, channel, recipient)?.known()? {
        Outcome::Refused { code, .. } | Outcome::Deferred { code, .. } => Some(*code),
        _ => None,
    }
}

/// No check of a stage asks for what the server, as it is then, surely does not show.
fn can_hold(name: &str, stage: &Stage, plan: &Plan, server: &Server) {
    let shows = |word: &str| -> Vec<&Check> {
        let checks = stage.checks.iter();
        checks.filter(|check| check.shows.contains(word)).collect()
    };
    match stage.kind {
        StageKind::Ready if plan.is_whole() => {
            for &port in plan.to.wanted() {
                for listener in at(server, port) {
                    let tls = &listener.tls;
                    let offered = tls.versions.known().map(|offered| offered.surely.clone());
                    let perhaps = tls.open.iter().map(|(version, _)| *version);
                    let all: Vec<TlsVersion> = offered.iter().flatten().copied().chain(perhaps).collect();
                    let here = format!(":{port}");
                    for check in shows("nothing older")
                        .into_iter()
                        .filter(|check| check.command.contains(&here))
                    {
                        let newest = all.iter().all(|version| *version >= TlsVersion::Tls12);
                        assert!(newest && !all.is_empty(), "{name}: {check:?} of {all:?}");
                    }
                    let old = all.iter().any(|version| *version < TlsVersion::Tls12);
                    assert!(!old, "{name}: {} keeps {all:?}", listener.name);
                    assert!(
                        offered.is_none() || all.iter().any(|version| *version >= TlsVersion::Tls12),
                        "{name}: {all:?}"
                    );
                    assert!(tls.works.known() != Some(&false), "{name}");
                    assert!(listener.auth.after_tls.surely(), "{name}: no AUTH");
                    let own = listener
                        .outcomes
                        .at(Actor::Authenticated, Channel::Tls, Recipient::Local);
                    let own = own.and_then(Fact::known);
                    assert!(
                        !matches!(
                            own,
                            Some(Outcome::Refused { .. } | Outcome::Deferred { .. } | Outcome::Dead(_))
                        ),
                        "{name}: mail does not arrive: {own:?}"
                    );
                    let stranger = listener.outcomes.at(Actor::Stranger, Channel::Tls, Recipient::Foreign);
                    assert_ne!(stranger.and_then(Fact::known), Some(&Outcome::Accepted), "{name}");
                    if let Some(code) =
                        code(listener, Actor::Stranger, Channel::Tls, Recipient::Foreign).filter(|code| *code > 0)
                    {
                        assert!(!shows(&format!("`{code}`")).is_empty(), "{name}: {code} is not told");
                    }
                    if port == 587 {
                        assert!(!listener.auth.before_tls.surely(), "{name}: AUTH in clear");
                    }
                }
            }
        }
        StageKind::BrownOut if stage.step.is_some() => {
            for listener in at(server, plan.to.left().unwrap_or(0)).filter(|one| one.is_alive()) {
                if let Some(code) =
                    code(listener, Actor::Authenticated, Channel::Tls, Recipient::Local).filter(|code| *code > 0)
                {
                    assert!((400..500).contains(&code), "{name}: {code}");
                    assert!(!shows(&format!("`{code}`")).is_empty(), "{name}: {code} is not told");
                }
            }
        }
        StageKind::BrownOut => assert_eq!(shows("Connection refused").len(), 1, "{name}"),
        StageKind::Afterwards => {
            let reads = |one: &&Listener| {
                one.is_alive()
                    && one.known_role() != Role::Internal
                    && one.auth.mechanisms.plaintext_before_tls.surely()
            };
            let in_clear = server.listeners.iter().filter(reads).count();
            let says_so = stage
                .actions
                .iter()
                .any(|action| action.contains("can still be read on the way"));
            assert!(
                in_clear == 0 || says_so,
                "{name}: passwords go on in clear, and new ones are asked for"
            );
        }
        _ => {}
    }
}

/// Everything that holds of a plan, whatever it is a plan of.
fn is_sound(name: &str, sources: &Sources, plan: &Plan, judge: &dyn Fn(&Sources) -> Server) {
    let before = judge(sources);
    let mut text = sources.clone();
    for (number, stage) in plan.stages.iter().enumerate() {
        assert_eq!(stage.number, number, "{name}");
        let stage_name = format!("{name} to {}, stage {number}", plan.to.word());
        let Some(step) = &stage.step else {
            if plan.is_whole() {
                can_hold(&stage_name, stage, plan, &judge(&text));
            }
            continue;
        };
        assert_eq!(texts(&step.before), texts(&text), "{stage_name}: made of another text");
        let mut made = text.clone();
        for patch in &step.patches {
            assert!(!patch.is_empty(), "{stage_name}");
            made = patch.apply(&made);
        }
        assert_eq!(texts(&step.after), texts(&made), "{stage_name}");
        assert_ne!(texts(&made), texts(&text), "{stage_name}: changes nothing");
        let (was, is) = (judge(&text), judge(&made));
        let impact = Impact::between(&was, &is);
        assert_eq!(impact.losses, step.impact.losses, "{stage_name}");
        for loss in &impact.losses {
            let port = was
                .listeners
                .iter()
                .find(|one| one.id == loss.listener)
                .and_then(port_of);
            let is_meant = match stage.kind {
                StageKind::Ready => {
                    port.is_some_and(|port| plan.to.wanted().contains(&port))
                        && !matches!(loss.who, Who::Everybody | Who::Users | Who::Trusted | Who::IncomingMail)
                }
                StageKind::BrownOut => port == plan.to.left() && loss.who != Who::Everybody,
                StageKind::Close => port == plan.to.left(),
                StageKind::Afterwards => loss.who == Who::UsersInClear,
                _ => false,
            };
            assert!(is_meant, "{stage_name}: {loss:?}");
        }
        match stage.kind {
            StageKind::BrownOut => {
                let mut left = at(&is, plan.to.left().unwrap_or(0)).filter(|one| one.is_alive());
                assert!(
                    left.all(|one| !takes(one, Channel::Tls)),
                    "{stage_name}: takes mail all the same"
                );
            }
            StageKind::Close => {
                assert_eq!(at(&is, plan.to.left().unwrap_or(0)).count(), 0, "{stage_name}");
            }
            _ => {}
        }
        can_hold(&stage_name, stage, plan, &is);
        assert_eq!(step.is_temporary, stage.kind == StageKind::BrownOut);
        if !step.is_temporary {
            text = made;
        }
    }
    if !plan.is_whole() {
        assert!(plan.stages.len() <= 2, "{name}: goes on behind an unmet gate");
        assert!(plan.unmet().all(|gate| !gate.why.is_empty()));
        return;
    }
    let after = judge(&text);
    for &port in plan.to.wanted() {
        let entry = if port == 465 { Entry::Implicit } else { Entry::Starttls };
        let mut open = at(&after, port).peekable();
        assert!(open.peek().is_some(), "{name}: nothing listens on {port}");
        for listener in open {
            assert_eq!(listener.tls.entry.known(), Some(&entry), "{name}: {}", listener.name);
            assert!(
                listener.tls.required.surely() && listener.auth.after_tls.surely(),
                "{name}: {}",
                listener.name
            );
            assert!(
                !takes(listener, Channel::Clear),
                "{name}: {} takes mail in clear",
                listener.name
            );
        }
        let served = |server: &Server| server.listeners.iter().any(|one| takes(one, Channel::Tls));
        assert!(!served(&before) || served(&after), "{name}: users are lost");
    }
}

/// What is new after the move, of rules, is what the last stage says is.
fn says_what_is_new(name: &str, sources: &Sources, plan: &Plan, findings: &dyn Fn(&Sources) -> Vec<Finding>) {
    let mut text = sources.clone();
    for step in plan
        .stages
        .iter()
        .filter_map(|stage| stage.step.as_ref())
        .filter(|step| !step.is_temporary)
    {
        text = step.after.clone();
    }
    let (before, end) = (findings(sources), findings(&text));
    let Some(check) = plan.stages.last().and_then(|stage| stage.checks.last()) else {
        panic!("{name}: the last stage checks nothing")
    };
    for now in end.iter().filter(|now| before.iter().all(|then| then.rule != now.rule)) {
        let word = format!("`{}`", now.rule);
        assert!(
            check.shows.contains(&word),
            "{name} to {}: {word} is new, and {}",
            plan.to.word(),
            check.shows
        );
    }
}

fn all_cases() -> Vec<Case> {
    let mut cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    if let Outside::Found(_, outside) = corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        cases.extend(outside);
    }
    cases
}

#[test]
fn every_plan_of_every_case_is_sound() {
    let mut whole: BTreeMap<&str, usize> = BTreeMap::new();
    let mut stopped: BTreeMap<String, usize> = BTreeMap::new();
    for case in all_cases() {
        let sources = predict::sources(&case);
        let Some(dialect) = recognise(&sources) else { continue };
        let options = Options {
            target: predict::target(&case),
            ..Options::default()
        };
        let judge = |sources: &Sources| check(sources, dialect, &options).server;
        for to in AIMS {
            let plan = migrate::plan(&sources, dialect, &options, to);
            is_sound(&case.name, &sources, &plan, &judge);
            if plan.is_whole() {
                let findings = |sources: &Sources| check(sources, dialect, &options).findings;
                says_what_is_new(&case.name, &sources, &plan, &findings);
                *whole.entry(to.word()).or_default() += 1;
            }
            for gate in plan.unmet() {
                *stopped.entry(gate.what.clone()).or_default() += 1;
            }
        }
    }
    println!("whole: {whole:?}");
    for (gate, count) in &stopped {
        println!("{count:>5} {gate}");
    }
    assert!(
        AIMS.iter()
            .all(|to| whole.get(to.word()).is_some_and(|count| *count > 2))
    );
}
