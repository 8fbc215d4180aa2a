//! The six short answers, over our own cases: what some of them must be, and what must hold of all.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::answers::{self, Answer, Asked, Reply};
use smtplint_core::certificate;
use smtplint_core::dialects::postfix::Postfix;
use smtplint_core::facts::{Actor, Channel, Entry, Fact, Listener, Outcome, Recipient, Role, TlsVersion};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::version::Version;
use smtplint_core::{Options, Report};
use smtplint_tests::corpus::{self, Case, Outside};
use smtplint_tests::predict;

use Reply::{No, NotApplicable, Partly, Unknown, Yes};

/// What is asked, in the order of the columns below.
const ASKED: [Asked; 6] = [
    Asked::AlwaysEncrypted,
    Asked::SafeSubmission,
    Asked::ReadInTheMiddle,
    Asked::OutdatedVersions,
    Asked::WithoutAuthentication,
    Asked::Port465,
];

/// Always encrypted, safe submission, readable in the middle, outdated versions, without authentication, port 465.
const EXPECTED: &[(&str, [Reply; 6])] = &[
    ("modern-submission-server", [Partly, Yes, Partly, No, No, Yes]),
    ("implicit-port-speaks-clear", [Partly, Partly, Partly, No, Partly, No]),
    ("submission-may-with-auth-only", [Partly, Partly, Yes, No, No, No]),
    ("submission-may-and-clear-passwords", [No, Partly, Yes, No, No, No]),
    ("submission-without-any-tls", [No, No, Yes, No, No, No]),
    ("snakeoil-on-submission", [Partly, No, Yes, No, No, Yes]),
    ("split-lists-on-purpose", [Partly, Yes, Partly, Yes, No, Yes]),
    (
        "networks-of-the-whole-world",
        [No, NotApplicable, Yes, No, Yes, NotApplicable],
    ),
    (
        "networks-public-and-ipv6",
        [No, NotApplicable, Yes, No, Partly, NotApplicable],
    ),
    (
        "distribution-like-untouched",
        [No, NotApplicable, Yes, Yes, No, NotApplicable],
    ),
    (
        "loopback-only-interfaces",
        [Yes, NotApplicable, No, No, No, NotApplicable],
    ),
    ("null-client", [Yes, NotApplicable, No, No, No, NotApplicable]),
    ("internal-relay-requiring-tls", [Yes, No, No, No, Partly, No]),
    ("main-file-only", [No, Unknown, Yes, Unknown, Unknown, Unknown]),
    ("services-file-only", [Unknown, Unknown, Yes, Unknown, Unknown, No]),
    ("jinja-template", [Unknown, Unknown, Yes, Unknown, Unknown, Unknown]),
    ("mx-demands-tls", [Yes, Yes, Partly, No, No, No]),
    ("starttls-hidden", [Partly, No, Partly, No, No, No]),
    ("wrapper-on-submission-port", [Partly, No, Partly, No, Partly, No]),
    ("relay-rules-undefined", [No, No, Yes, Unknown, Unknown, No]),
];

/// Every case with its report and its answers.
fn answered() -> Vec<(Case, Report, Vec<Answer>)> {
    let mut cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    if let Ok(Outside::Found(_, outside)) = corpus::outside() {
        cases.extend(outside);
    }
    let answer = |case: Case| {
        let report = predict::judge(&case);
        let answers = answers::of(&report.server);
        (case, report, answers)
    };
    cases.into_iter().map(answer).collect()
}

/// Says what is wrong with any case, all of it in one message.
fn for_every_case(wrong_with: impl Fn(&Report, &dyn Fn(Asked) -> Answer) -> Vec<String>) {
    let mut wrong = Vec::new();
    for (case, report, answers) in answered() {
        let of = |asked: Asked| {
            answers
                .iter()
                .find(|one| one.asked == asked)
                .cloned()
                .unwrap_or_else(|| panic!("{asked:?}"))
        };
        wrong.extend(
            wrong_with(&report, &of)
                .into_iter()
                .map(|one| format!("{}: {one}", case.name)),
        );
    }
    assert!(wrong.is_empty(), "{} times\n{}", wrong.len(), wrong.join("\n"));
}

/// Those that serve somebody beyond the machine itself.
fn reachable(report: &Report) -> impl Iterator<Item = &Listener> {
    report
        .server
        .listeners
        .iter()
        .filter(|one| one.is_alive() && !one.is_local_only())
}

fn surely_accepted(listener: &Listener, actor: Actor, channel: Channel, recipient: Recipient) -> bool {
    let outcome = listener.outcomes.at(actor, channel, recipient).map(Fact::outcome);
    outcome == Some(Outcome::Accepted)
}

#[test]
fn answers_are_as_expected() {
    let all = answered();
    let mut wrong = Vec::new();
    for (name, expected) in EXPECTED {
        let Some((_, _, answers)) = all
            .iter()
            .find(|(case, ..)| case.name.rsplit('/').next() == Some(*name))
        else {
            panic!("there is no case `{name}`");
        };
        for (answer, expected) in answers
            .iter()
            .zip(expected)
            .filter(|(answer, expected)| answer.reply != **expected)
        {
            wrong.push(format!(
                "{name}: {:?} is {:?}, not {expected:?}: {}",
                answer.asked, answer.reply, answer.says
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_answer_names_what_it_rests_on() {
    for (case, report, answers) in answered() {
        let name = &case.name;
        let asked: Vec<Asked> = answers.iter().map(|one| one.asked).collect();
        assert_eq!(asked, ASKED, "{name}");
        for answer in &answers {
            assert!(
                !answer.says.is_empty() && !answer.says.ends_with('.') && !answer.says.contains('{'),
                "{name}: {answer:?}"
            );
            let there = |id: &String| report.server.listeners.iter().any(|one| one.id == *id);
            assert!(answer.listeners.iter().all(there), "{name}: {answer:?}");
            let known = |id: &_| report.questions.iter().any(|one| one.id == *id);
            assert!(answer.questions.iter().all(known), "{name}: {answer:?}");
            assert!(
                answer.reply != Unknown || !answer.questions.is_empty() || answer.says.contains("nobody is served on"),
                "{name}: not known, and no reason: {answer:?}"
            );
        }
    }
}

#[test]
fn whoever_lets_strangers_send_to_anywhere_is_told_so() {
    for_every_case(|report, answer| {
        let open = reachable(report).filter(|one| {
            [Channel::Clear, Channel::Tls]
                .into_iter()
                .any(|channel| surely_accepted(one, Actor::Stranger, channel, Recipient::Foreign))
        });
        let reply = answer(Asked::WithoutAuthentication).reply;
        open.filter(|_| reply != Yes)
            .map(|one| format!("{} is open, the answer is {reply:?}", one.id))
            .collect()
    });
}

#[test]
fn nobody_is_told_no_while_somebody_may_send_without_authenticating() {
    for_every_case(|report, answer| {
        let reply = answer(Asked::WithoutAuthentication).reply;
        let doubtful = reachable(report).filter(|one| {
            [Channel::Clear, Channel::Tls].into_iter().any(|channel| {
                let outcome = one
                    .outcomes
                    .at(Actor::Stranger, channel, Recipient::Foreign)
                    .map(Fact::outcome);
                matches!(outcome, Some(Outcome::Accepted | Outcome::Unknown(_)) | None)
            })
        });
        doubtful
            .filter(|_| matches!(reply, No | Partly))
            .map(|one| format!("{}: {reply:?}", one.id))
            .collect()
    });
}

#[test]
fn what_is_always_encrypted_is_never_accepted_in_clear() {
    for_every_case(|report, answer| {
        let reply = answer(Asked::AlwaysEncrypted).reply;
        let in_clear = reachable(report).filter(|one| {
            [Actor::Stranger, Actor::Trusted, Actor::Authenticated]
                .into_iter()
                .any(|actor| surely_accepted(one, actor, Channel::Clear, Recipient::Local))
        });
        in_clear
            .filter(|_| reply == Yes)
            .map(|one| format!("{} takes mail in clear", one.id))
            .collect()
    });
}

#[test]
fn submission_is_safe_only_inside_tls_that_is_a_must() {
    for_every_case(|report, answer| {
        let answer = answer(Asked::SafeSubmission);
        if answer.reply != Yes {
            return Vec::new();
        }
        let named = report
            .server
            .listeners
            .iter()
            .filter(|one| answer.listeners.contains(&one.id));
        let unsafe_one = |one: &&Listener| {
            !one.tls.required.surely()
                || !one.auth.before_tls.surely_not()
                || !one.auth.after_tls.surely()
                || !one.is_alive()
        };
        named
            .filter(unsafe_one)
            .map(|one| format!("{} is called safe", one.id))
            .collect()
    });
}

#[test]
fn nothing_outdated_is_kept_quiet_or_made_up() {
    for_every_case(|report, answer| {
        let old = |one: &Listener| {
            one.tls
                .versions
                .known()
                .is_some_and(|members| members.surely.iter().any(|version| *version < TlsVersion::Tls12))
        };
        let surely = reachable(report)
            .any(|one| old(one) && one.tls.entry.known() != Some(&Entry::None) && !one.tls.works.surely_not());
        let reply = answer(Asked::OutdatedVersions).reply;
        let wrong = surely != (reply == Yes);
        wrong
            .then(|| format!("an old version is offered: {surely}; the answer is {reply:?}"))
            .into_iter()
            .collect()
    });
}

#[test]
fn an_mx_is_told_the_truth_without_alarm() {
    for_every_case(|report, answer| {
        let answer = answer(Asked::ReadInTheMiddle);
        let is_plain = |one: &&Listener| {
            one.known_role() == Role::Mx
                && one.tls.entry.known() == Some(&Entry::Starttls)
                && !one.tls.works.surely_not()
        };
        let mut plain = reachable(report).filter(is_plain);
        let calm = answer.reply != No && answer.says.contains("as usual between servers");
        plain
            .next()
            .filter(|_| !calm)
            .map(|one| format!("{}: {answer:?}", one.id))
            .into_iter()
            .collect()
    });
}

/// What is answered without knowing the release must hold on each.
#[test]
fn no_release_contradicts_an_answer() {
    let mut wrong = Vec::new();
    for case in corpus::own().unwrap_or_else(|error| panic!("{error}")) {
        let asked = |release: Option<&str>| {
            let mut options = Options::default();
            options.target.host_name.clone_from(&case.expectations.host_name);
            if let Some(release) = release {
                assert_eq!(options.target.add(&format!("postfix={release}")), Ok(()), "{release}");
            }
            let report = smtplint_core::check(&predict::sources(&case), &Postfix, &options);
            (report.version.known().copied(), answers::of(&report.server))
        };
        let (versions, either) = asked(None);
        let Some(versions) = versions else { continue };
        for release in ["3.5.25", "3.6.19", "3.7.11", "3.8.14", "3.9.8", "3.10.7", "3.11.0"] {
            let version: Version = release.parse().unwrap_or_else(|_| panic!("{release}"));
            if !versions.contains(version) {
                continue;
            }
            for (one, either) in asked(Some(release)).1.iter().zip(&either) {
                let holds = match (either.asked, either.reply) {
                    (_, Unknown | Partly) => true,
                    // What was open may join what is known.
                    (Asked::AlwaysEncrypted, No) | (Asked::ReadInTheMiddle, Yes) => {
                        one.reply == Partly || one.reply == either.reply
                    }
                    // A release on which a port serves nobody contradicts nothing.
                    _ => {
                        one.reply == either.reply || (one.reply == Unknown && one.says.contains("nobody is served on"))
                    }
                };
                if !holds {
                    wrong.push(format!("{} on {release}: {one:?}\n    but {either:?}", case.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Before 3.6 Postfix could not read `>=`, so the port for users serves nobody there.
#[test]
fn what_depends_on_the_release_is_said_to() {
    let main_cf = "compatibility_level = 2\nsmtpd_tls_cert_file = /c.pem\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n";
    let master_cf =
        "submission inet n - n - - smtpd\n -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes\n";
    let answers = asked_with(main_cf, master_cf, |_| ());
    let of = |asked: Asked| {
        answers
            .iter()
            .find(|one| one.asked == asked)
            .unwrap_or_else(|| panic!("{asked:?}"))
    };
    let safe = of(Asked::SafeSubmission);
    assert_eq!((safe.reply, safe.questions.len()), (Unknown, 1), "{safe:?}");
    assert!(safe.says.contains("depends on the release"), "{safe:?}");
    // Whether mail flows or not, none of it is in clear.
    assert_eq!(of(Asked::AlwaysEncrypted).reply, Yes, "{answers:?}");
}

fn asked_with(main_cf: &str, master_cf: &str, options_of: impl FnOnce(&mut Options)) -> Vec<Answer> {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", main_cf, SourceKind::Authored));
    sources.add(Source::new("master.cf", master_cf, SourceKind::Authored));
    let mut options = Options::default();
    options_of(&mut options);
    answers::of(&smtplint_core::check(&sources, &Postfix, &options).server)
}

/// The replies in the order of [`ASKED`].
fn replies(answers: &[Answer]) -> Vec<Reply> {
    answers.iter().map(|one| one.reply).collect()
}

fn says(answers: &[Answer], asked: Asked) -> &str {
    let answer = answers.iter().find(|one| one.asked == asked);
    answer.map_or_else(|| panic!("{asked:?}"), |one| one.says.as_str())
}

/// When certificates are looked at: 2026-11-25.
const NOW: i64 = 1_795_564_800;

const SAFE: &str = "compatibility_level = 3.6\nmyhostname = mail.example.org\nmynetworks = 127.0.0.0/8\n\
    smtpd_tls_cert_file = /snakeoil.pem\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n";

const USERS: &str = "submission inet n - n - - smtpd\n -o smtpd_tls_security_level=encrypt\n \
    -o smtpd_sasl_auth_enable=yes\n -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n";

/// What stands in the certificate decides, whatever its file is called.
#[test]
fn no_certificate_that_fails_to_be_checked_is_called_safe() {
    let fine = include_str!("../../core/tests/certificates/fine.pem");
    let cases = [
        (fine, Some("mail.example.org"), [Yes, No], ""),
        (
            include_str!("../../core/tests/certificates/self-signed.pem"),
            Some("mail.example.org"),
            [No, Yes],
            "no client can check the certificate",
        ),
        (
            include_str!("../../core/tests/certificates/expired.pem"),
            Some("mail.example.org"),
            [No, Yes],
            "the certificate is not valid now",
        ),
        (
            include_str!("../../core/tests/certificates/early.pem"),
            Some("mail.example.org"),
            [No, Yes],
            "the certificate is not valid now",
        ),
        (
            fine,
            Some("other.example.org"),
            [No, Yes],
            "the certificate is for another name",
        ),
    ];
    for (pem, name, expected, why) in cases {
        let answers = asked_with(SAFE, USERS, |options| {
            options.target.seen.given = certificate::given(pem);
            options.target.seen.now = Some(NOW);
            options.target.published_name = name.map(str::to_owned);
        });
        let reply = [answers[1].reply, answers[2].reply];
        assert_eq!(reply, expected, "{why}: {answers:?}");
        for asked in [Asked::SafeSubmission, Asked::ReadInTheMiddle] {
            assert!(says(&answers, asked).contains(why), "{answers:?}");
        }
    }
    // The name of the machine need not be the one that clients use.
    let elsewhere = SAFE.replace("mail.example.org", "inner.example.org");
    let answers = asked_with(&elsewhere, USERS, |options| {
        options.target.seen.given = certificate::given(fine);
        options.target.seen.now = Some(NOW);
    });
    assert_eq!([answers[1].reply, answers[2].reply], [Unknown, Unknown], "{answers:?}");
    assert_eq!(
        says(&answers, Asked::SafeSubmission),
        "port 587: it depends on the name that clients use"
    );
}

/// Nothing is claimed of a port that serves nobody, and it is named.
#[test]
fn what_serves_nobody_makes_nothing_good() {
    let alone = asked_with(
        "compatibility_level = 3.6\nsmtpd_timeout = never\n",
        "smtp inet n - n - - smtpd\n",
        |_| (),
    );
    assert_eq!(
        replies(&alone),
        [Unknown, No, Unknown, Unknown, Unknown, No],
        "{alone:?}"
    );
    for asked in [
        Asked::AlwaysEncrypted,
        Asked::ReadInTheMiddle,
        Asked::OutdatedVersions,
        Asked::WithoutAuthentication,
    ] {
        assert_eq!(says(&alone, asked), "nobody is served on port 25", "{asked:?}");
    }
    let main_cf = SAFE.replace("snakeoil", "c");
    let dead = USERS.replace("submission", "465") + " -o smtpd_tls_wrappermode=yes\n -o smtpd_timeout=never\n";
    let beside = asked_with(&main_cf, &format!("{USERS}{dead}"), |_| ());
    assert_eq!(
        replies(&beside),
        [Unknown, Partly, Unknown, Unknown, Unknown, No],
        "{beside:?}"
    );
    for asked in &ASKED[..5] {
        assert!(
            says(&beside, *asked).contains("nobody is served on port 465"),
            "{beside:?}"
        );
    }
    // One port that serves is enough for the worse answer.
    let beside = asked_with(&main_cf, &format!("smtp inet n - n - - smtpd\n{dead}"), |_| ());
    assert_eq!(
        (beside[0].reply, beside[1].reply, beside[2].reply),
        (No, No, Yes),
        "{beside:?}"
    );
    assert!(
        says(&beside, Asked::SafeSubmission).contains("nobody is served on port 465"),
        "{beside:?}"
    );
}

/// A port that trusted machines reach takes their mail in clear all the same.
#[test]
fn an_internal_port_that_others_reach_counts() {
    let main_cf = "compatibility_level = 3.6\nmynetworks = 10.0.0.0/8\nsmtpd_tls_cert_file = /c.pem\n\
        smtpd_tls_security_level = may\ninet_interfaces = ";
    let on = |interfaces: &str| {
        asked_with(
            &format!("{main_cf}{interfaces}\n"),
            "smtp inet n - n - - smtpd\n",
            |options| {
                options.target.roles.push(("25".to_owned(), Role::Internal));
            },
        )
    };
    let all = on("all");
    assert_eq!((all[0].reply, all[2].reply), (No, Yes), "{all:?}");
    assert_eq!(
        says(&all, Asked::AlwaysEncrypted),
        "port 25 only if the client wants it"
    );
    assert!(all.iter().all(|one| !one.says.contains("nothing is taken")), "{all:?}");
    let own = on("loopback-only");
    assert_eq!((own[0].reply, own[2].reply), (Yes, No), "{own:?}");
    assert_eq!(
        says(&own, Asked::AlwaysEncrypted),
        "nothing is taken from other machines"
    );
}

/// What a stranger may say of himself counts as what he is.
#[test]
fn whoever_may_pass_for_somebody_else_may_send() {
    let port = "smtp inet n - n - - smtpd\n";
    let answered = |line: &str, release: &str| {
        let main_cf = format!("{SAFE}{line}\n");
        let target = format!("postfix={release}");
        let all = asked_with(&main_cf, port, |options| options.target.add(&target).expect("a target"));
        (all[4].reply, all[4].says.clone())
    };
    for line in [
        "smtpd_authorized_xclient_hosts = 0.0.0.0/0",
        "smtpd_relay_restrictions = permit_mynetworks, permit_naked_ip_address, reject_unauth_destination",
    ] {
        let (reply, says) = answered(line, "3.7");
        assert_eq!(reply, Yes, "{line}: {says}");
    }
    let (reply, says) = answered("smtpd_authorized_xclient_hosts = 127.0.0.1", "3.7");
    assert_eq!(reply, No, "{says}");
    // It is an error since 3.9, and nobody gets through.
    let naked = "smtpd_relay_restrictions = permit_naked_ip_address, reject_unauth_destination";
    let (reply, says) = answered(naked, "3.10");
    assert_ne!(reply, Yes, "{says}");
    let (reply, says) = answered("smtpd_upstream_proxy_protocol = haproxy", "3.7");
    assert_eq!(reply, Unknown, "{says}");
}

#[test]
fn suites_that_hide_nothing_are_no_protection() {
    let main_cf = SAFE.replace("snakeoil", "c") + "smtpd_tls_mandatory_ciphers = null\n";
    let all = asked_with(&main_cf, USERS, |_| ());
    assert_eq!(all[2].reply, Partly, "{}", all[2].says);
}
