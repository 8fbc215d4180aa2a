//! Real postconf over every configuration there is: value for value, warning for warning, smtplint says the same.
//!
//! What the host decides is pinned (host name, loopback alone), so the same values come on every machine.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

mod generated;

use std::collections::BTreeMap;

use smtplint_core::template;
use smtplint_tests::corpus::{self, Case, Outside};
use smtplint_tests::oracle::{Comparison, Machine, predict};
use smtplint_tests::postconf::{Configuration, Host, HostFacts, PostconfError, Printed, Warning};
use smtplint_tests::program::in_parallel;

/// The host name of a case that names none.
const HOST_NAME: &str = "mail.example.test";

/// Built-in values that differ among builds.
const BUILT_IN: &[&str] = &[
    "mail_version",
    "mail_release_date",
    "daemon_directory",
    "html_directory",
    "manpage_directory",
    "readme_directory",
];

/// One configuration to ask about.
struct Question {
    name: String,
    main_cf: String,
    master_cf: Option<String>,
    host_name: String,
    /// The case says that postconf gives up.
    fatal: Option<String>,
}

impl Question {
    /// `None` for a case in an encoding that smtplint refuses.
    fn of(case: &Case) -> Option<Question> {
        let text = |name: &str| case.file(name).map(|bytes| String::from_utf8(bytes.to_vec()));
        let main_cf = match text("main.cf").or(text("postconf-n.txt")) {
            Some(text) => text.ok()?,
            None => String::new(),
        };
        let master_cf = match text("master.cf") {
            Some(text) => Some(text.ok()?),
            None => None,
        };
        Some(Question {
            name: case.name.clone(),
            main_cf,
            master_cf,
            host_name: case
                .expectations
                .host_name
                .clone()
                .unwrap_or_else(|| HOST_NAME.to_owned()),
            fatal: case.expectations.postconf.clone(),
        })
    }
}

/// What postconf says.
struct Asked {
    settings: Printed,
    /// Only where there is a master.cf: without one, `-P` is fatal.
    services: Option<Printed>,
    directory: String,
    built_in: BTreeMap<String, String>,
}

fn ask(question: &Question) -> Result<Asked, PostconfError> {
    let configuration = Configuration {
        main_cf: Some(question.main_cf.clone().into_bytes()),
        master_cf: question.master_cf.clone().map(String::into_bytes),
        host: Host::Pinned(HostFacts::loopback(&question.host_name)),
        ..Configuration::default()
    };
    let prepared = configuration.prepare()?;
    let settings = prepared.settings()?;
    let services = match configuration.master_cf {
        Some(_) => Some(prepared.services()?),
        None => None,
    };
    Ok(Asked {
        settings,
        services,
        directory: prepared.directory().display().to_string(),
        built_in: BTreeMap::new(),
    })
}

/// What this build of Postfix has inside, asked once.
fn built_in() -> BTreeMap<String, String> {
    let prepared = Configuration::new("", Some(b""))
        .prepare()
        .unwrap_or_else(|error| panic!("{error}"));
    let mut arguments = vec!["-d"];
    arguments.extend(BUILT_IN);
    prepared
        .values(&arguments)
        .unwrap_or_else(|error| panic!("{error}"))
        .values
}

/// A text that a template would still change: what stands at its marks is unknown to us and taken as it is by postconf.
fn hides(text: &str) -> bool {
    text.lines()
        .any(|line| template::first_mark(line).is_some() || template::is_control_line(line))
}

/// Where postconf itself misreads, so that it is no oracle. Real smtpd decides there, in the live cases.
const POSTCONF_MISREADS: &[(&str, &str)] = &[(
    "own/verbose-flag-glued-to-option",
    "it cuts `-vosmtpd_tls_wrappermode=yes` at the `o` of `mode`",
)];

fn compare(question: &Question, mut asked: Asked) -> Comparison {
    if POSTCONF_MISREADS.iter().any(|(name, _)| *name == question.name) {
        return Comparison::default();
    }
    asked
        .built_in
        .insert("config_directory".to_owned(), asked.directory.clone());
    let machine = Machine {
        host: HostFacts::loopback(&question.host_name),
        release: asked.built_in.get("mail_version").cloned().unwrap_or_default(),
        built_in: asked.built_in,
    };
    let ours = predict(&question.main_cf, question.master_cf.as_deref(), &machine);
    let mut comparison = Comparison::default();
    let fatal = asked
        .settings
        .fatal
        .clone()
        .or(asked.services.as_ref().and_then(|printed| printed.fatal.clone()));
    if let Some(fatal) = fatal {
        let templated = hides(&question.main_cf) || question.master_cf.as_deref().is_some_and(hides);
        if !ours.malformed && !templated {
            comparison
                .differences
                .push(format!("postconf gives up ({fatal}), we find nothing wrong"));
        }
        return comparison;
    }
    // `-n` prints the folder it was given although nobody set it.
    asked.settings.values.remove("config_directory");
    let mut own = ours.settings.clone();
    own.remove("config_directory");
    // A value may be unknown where a template would write something, in it or in what it refers to.
    let templated = hides(&question.main_cf) || question.master_cf.as_deref().is_some_and(hides);
    // Expanded by postconf, these are its own name and number.
    let printed = asked.settings.values.clone();
    let names_the_program =
        |name: &str| templated || printed.get(name).is_some_and(|value| value.contains("/postconf"));
    comparison.values("main.cf", &asked.settings.values, &own, &names_the_program);
    if let Some(services) = &asked.services {
        comparison.values("master.cf", &services.values, &ours.services, &|_| templated);
    }
    // The folder given on the command line overrules the one in the file.
    let own_folder = |warning: &Warning| matches!(warning, Warning::OverridingEarlierEntry { name, .. } if name == "config_directory");
    asked.settings.warnings.retain(|warning| !own_folder(warning));
    if question.master_cf.is_some() {
        comparison.warnings(&asked.settings, &ours);
    }
    comparison
}

/// Asks about all and compares.
fn compare_all(what: &str, questions: &[Question]) -> Comparison {
    let built_in = built_in();
    let mut all = Comparison::default();
    let (mut fatal, mut crashed) = (0, 0);
    for (question, asked) in questions.iter().zip(in_parallel(questions, 4, ask)) {
        // References that go in circles can bring postconf down: it says nothing then.
        if matches!(&asked, Err(PostconfError::Failed { code: None, .. })) {
            crashed += 1;
            continue;
        }
        let mut asked = asked.unwrap_or_else(|error| panic!("{}: {error}", question.name));
        asked.built_in.clone_from(&built_in);
        let gave_up = asked
            .settings
            .fatal
            .clone()
            .or(asked.services.as_ref().and_then(|one| one.fatal.clone()));
        fatal += usize::from(gave_up.is_some());
        if let Some(said) = &question.fatal {
            let wanted = said.strip_prefix("fatal: ").unwrap_or(said);
            let printed = gave_up.unwrap_or_default();
            assert!(
                printed.contains(wanted),
                "{}: postconf says `{printed}`, the case `{said}`",
                question.name
            );
        }
        let mut one = compare(question, asked);
        for difference in &mut one.differences {
            *difference = format!("{}: {difference}", question.name);
        }
        all.add(one);
    }
    println!(
        "{what}: {} configurations, {} values equal, {} unknown behind templates, {} warnings equal, {fatal} refused by postconf, {crashed} brought it down, {} differences",
        questions.len(),
        all.equal,
        all.unknown,
        all.warnings,
        all.differences.len()
    );
    all
}

fn assert_equal(comparison: &Comparison) {
    assert!(
        comparison.differences.is_empty(),
        "{}",
        comparison.differences.join("\n")
    );
}

#[test]
fn own_cases_mean_what_postconf_says() {
    let cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    let questions: Vec<Question> = cases.iter().filter_map(Question::of).collect();
    assert!(questions.len() >= 40, "only {} cases", questions.len());
    assert_equal(&compare_all("own", &questions));
}

#[test]
fn the_outside_corpus_means_what_postconf_says() {
    match corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        Outside::Absent(reason) => println!("{reason}"),
        Outside::Found(directory, cases) => {
            let questions: Vec<Question> = cases.iter().filter_map(Question::of).collect();
            println!("{} of {} are UTF-8", questions.len(), cases.len());
            assert_equal(&compare_all(&directory.display().to_string(), &questions));
        }
    }
}

#[test]
fn generated_files_mean_what_postconf_says() {
    let seed = generated::seed();
    let questions: Vec<Question> = (0..150)
        .map(|number| {
            let (main_cf, master_cf) = generated::configuration(seed, number);
            Question {
                name: format!("seed {seed}, file {number}"),
                main_cf,
                master_cf: Some(master_cf),
                host_name: HOST_NAME.to_owned(),
                fatal: None,
            }
        })
        .collect();
    println!("seed {seed}; SMTPLINT_SEED={seed} repeats it");
    assert_equal(&compare_all("generated", &questions));
}

#[test]
fn defaults_are_those_of_the_installed_postfix() {
    let prepared = Configuration::new("", Some(b""))
        .prepare()
        .unwrap_or_else(|error| panic!("{error}"));
    let printed = prepared.text(&["-d"]).unwrap_or_else(|error| panic!("{error}"));
    let release = built_in().remove("mail_version").unwrap_or_default();
    let version = release.parse().unwrap_or_else(|error| panic!("{release}: {error}"));
    let (equal, wrong) = smtplint_tests::defaults::compare(version, &printed);
    println!("postconf -d of {release}: {equal} defaults equal");
    // The folder given on the command line is printed as a default.
    let wrong: Vec<String> = wrong
        .into_iter()
        .filter(|one| !one.contains("`config_directory`"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(equal > 800, "only {equal} compared");
}
