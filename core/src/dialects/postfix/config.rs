//! The configuration as one program sees it at one release: overrides before main.cf before defaults.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use super::evidence::{Answer, Evidence};
use super::expand::{DEEPEST, Expansion, Grammar, HOLE, Lookup, expand, stands_for_itself};
use super::host;
use super::known::Known;
use super::parameters::{self, Kind, Nature, Parameter};
use super::releases;
use super::suites::KnownString;
use super::syntax::{Assignment, Fault, OF_EVERY_SERVICE, Service, Syntax};
use crate::facts::{Fact, Members, Because, Step, Value};
use crate::gather::Index;
use crate::question::{QuestionId, Questions};
use crate::template;
use crate::version::{Target, Version};

/// The files, with what is the same for every release.
pub(super) struct Files<'a> {
    pub(super) syntax: &'a Syntax,
    /// Where the assignment of main.cf that wins stands, by name.
    pub(super) main: Index,
    /// For each service that is none of the network, the one before whose place it takes: of services of the same name and type
    /// the last one counts.
    pub(super) same_before: Vec<Option<usize>>,
    /// Name and program of every service, a blank between them.
    programs: OnceCell<Index>,
    /// What keeps all of Postfix from starting.
    pub(super) stopped_by: Option<&'a Fault>,
    /// Assignments in force that some program may not be able to read.
    pub(super) doubtful: Vec<&'a Assignment>,
}

impl<'a> Files<'a> {
    pub(super) fn new(syntax: &'a Syntax) -> Files<'a> {
        // Later entries replace earlier ones, as in Postfix. A mark in front of a name hides whether that name is set.
        let behind_mark = |one: &'a Assignment| {
            let mark = template::first_mark(&one.name).filter(|_| one.conditional)?;
            one.name.strip_prefix(mark).filter(|name| !name.is_empty())
        };
        let mut main = Index::default();
        for (at, one) in syntax.assignments.iter().enumerate() {
            main.put(&one.name, at);
            if let Some(name) = behind_mark(one) {
                main.put(name, at);
            }
        }
        let options = syntax.services.iter().flat_map(|service| &service.faults);
        let in_force = |one: &&Assignment| {
            let last = main.get(&one.name).and_then(|at| syntax.assignments.get(at));
            last.is_some_and(|last| last.written == one.written)
        };
        let mut names = Index::default();
        let mut same_before = |(at, service): (usize, &Service)| {
            let counts = service.kind != "inet" && !service.conditional;
            if counts { names.put(&service.scope_name(), at) } else { None }
        };
        Files {
            syntax,
            same_before: syntax.services.iter().enumerate().map(&mut same_before).collect(),
            programs: OnceCell::new(),
            stopped_by: syntax.faults.iter().chain(options).find(|fault| fault.stops_all),
            doubtful: syntax.assignments.iter().filter(in_force).filter(|one| super::health::is_doubtful(one)).collect(),
            main,
        }
    }
}

/// The files and the machine at one release after the other, with what is known of them so far.
pub(super) struct Configuration<'a> {
    pub(super) files: &'a Files<'a>,
    pub(super) syntax: &'a Syntax,
    pub(super) target: &'a Target,
    version: Cell<Version>,
    /// What the release was asked since the last answer was begun.
    evidence: Cell<Evidence>,
    pub(super) questions: RefCell<Questions>,
    known: RefCell<Known>,
    /// Defaults of the machine that were worked out already, by how many were being worked out at that time and by name. There
    /// are a few such names only.
    pub(super) of_machine: RefCell<Vec<(u8, String, Answer<Lookup>)>>,
    /// How many defaults of the machine are being worked out, each for the sake of the one before.
    pub(super) asking: Cell<u8>,
    /// Strings of cipher suites that were read already; there are a few only.
    pub(super) cipher_strings: RefCell<Vec<KnownString>>,
    /// Words of cipher lists that no OpenSSL knows, with what they were meant for.
    pub(super) meant_words: RefCell<Vec<(String, Option<&'static str>)>>,
    /// The question that tells the release of OpenSSL, once it is asked, and the one that tells the certificate's key.
    pub(super) release_question: OnceCell<QuestionId>,
    pub(super) key_question: OnceCell<QuestionId>,
}

impl<'a> Configuration<'a> {
    pub(super) fn new(files: &'a Files<'a>, target: &'a Target, version: Version) -> Configuration<'a> {
        Configuration {
            files,
            syntax: files.syntax,
            target,
            version: Cell::new(version),
            evidence: Cell::default(),
            questions: RefCell::default(),
            known: RefCell::default(),
            of_machine: RefCell::default(),
            asking: Cell::new(0),
            cipher_strings: RefCell::default(),
            meant_words: RefCell::default(),
            release_question: OnceCell::new(),
            key_question: OnceCell::new(),
        }
    }

    /// Goes on to another release. What is known stays where it rests on nothing that differs there.
    pub(super) fn go_to(&self, version: Version) {
        self.version.set(version);
    }

    /// The place of a name among those that were asked for.
    fn place(&self, name: &str) -> usize {
        self.known.borrow_mut().place(name, self.files)
    }

    /// The assignment of main.cf that is in force.
    pub(super) fn main_setting(&self, name: &str) -> Option<&'a Assignment> {
        self.main_at(self.place(name))
    }

    fn main_at(&self, place: usize) -> Option<&'a Assignment> {
        let at = self.known.borrow_mut().at(place).main;
        at.and_then(|at| self.syntax.assignments.get(at))
    }

    /// Works an answer out and keeps what it rests on; whatever it is worked out for rests on the same.
    pub(super) fn answer<T>(&self, work: impl FnOnce() -> T) -> Answer<T> {
        let outer = self.evidence.take();
        let value = work();
        let evidence = self.evidence.get();
        self.evidence.set(outer.and(evidence));
        Answer { value, evidence }
    }

    /// Takes an answer over when it holds at this release: what it rests on counts for what it is used for.
    pub(super) fn reuse<T: Clone>(&self, known: Option<&Answer<T>>) -> Option<T> {
        known.filter(|known| self.takes_over(known.evidence)).map(|known| known.value.clone())
    }

    /// Works out a part of the facts, or takes it over from the release before.
    pub(super) fn part<T: Clone>(&self, part: &mut Option<Answer<T>>, work: impl FnOnce() -> T) -> T {
        if let Some(known) = self.reuse(part.as_ref()) {
            return known;
        }
        let answer = self.answer(work);
        let value = answer.value.clone();
        *part = Some(answer);
        value
    }

    /// The same, with what it rests on.
    pub(super) fn part_at<T: Clone>(&self, part: Option<Answer<T>>, work: impl FnOnce() -> T) -> Answer<T> {
        match part.filter(|known| self.takes_over(known.evidence)) {
            Some(known) => known,
            None => self.answer(work),
        }
    }

    /// True when the answer of another release is this one's as well: what it rests on counts for what it is used for.
    pub(super) fn takes_over(&self, evidence: Evidence) -> bool {
        let holds = evidence.holds_at(self.version.get());
        if holds {
            self.rest_on(evidence);
        }
        holds
    }

    fn note(&self, note: impl FnOnce(&mut Evidence)) {
        let mut evidence = self.evidence.get();
        note(&mut evidence);
        self.evidence.set(evidence);
    }

    /// Notes that what is being worked out rests on what something else rests on.
    pub(super) fn rest_on(&self, evidence: Evidence) {
        self.evidence.set(self.evidence.get().and(evidence));
    }

    /// Notes that a service was asked for something of its own.
    pub(super) fn note_options(&self, options: u64) {
        self.note(|evidence| evidence.note_options(options));
    }

    /// The table's line for a parameter; `None` when this release does not have it.
    pub(super) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        let place = self.place(name);
        self.line_at(place, &|_, _| false)
    }

    /// The default of a parameter; `None` when this release does not have it.
    fn default_at(&self, place: usize) -> Option<&'static str> {
        self.line_at(place, &|one, next| one.default == next.default).map(|line| line.default)
    }

    /// What a parameter is, whatever its default; `None` when this release does not have it.
    pub(super) fn nature(&self, name: &str) -> Option<Nature> {
        let place = self.place(name);
        self.line_at(place, &|one, next| one.nature == next.nature).map(|line| line.nature)
    }

    /// How a parameter's value is read; `None` when this release does not have it.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        let place = self.place(name);
        self.line_at(place, &|one, next| one.nature.kind == next.nature.kind).map(|line| line.nature.kind)
    }

    /// The table's line for a parameter at this release. What rests on it holds for the lines next to it as well that are alike.
    fn line_at(&self, place: usize, alike: &dyn Fn(&Parameter, &Parameter) -> bool) -> Option<&'static Parameter> {
        let version = self.version.get();
        let lines = self.lines(place);
        let Some(at) = lines.iter().position(|line| line.versions.contains(version)) else {
            self.note(|evidence| evidence.note_none_of(lines, version));
            return None;
        };
        let mut versions = lines[at].versions;
        let joins = |one: &Parameter, next: &Parameter| alike(one, next) && releases::after(one.versions.last) == Some(next.versions.first);
        for pair in lines[at..].windows(2).take_while(|pair| joins(&pair[0], &pair[1])) {
            versions.last = pair[1].versions.last;
        }
        for pair in lines[..=at].windows(2).rev().take_while(|pair| joins(&pair[0], &pair[1])) {
            versions.first = pair[0].versions.first;
        }
        self.note(|evidence| evidence.note_line(versions, version));
        Some(&lines[at])
    }

    /// The table's lines for a name, of all releases.
    fn lines(&self, place: usize) -> &'static [Parameter] {
        self.known.borrow_mut().at(place).lines
    }

    /// True when something holds for a name's line of the table in some release.
    fn any_line(&self, place: usize, holds: &dyn Fn(&Parameter) -> bool) -> bool {
        self.lines(place).iter().any(holds)
    }

    /// True when every service that does not set the name itself has the same value for it: nothing in it refers, over at most so
    /// many levels, to a name that services may set.
    fn is_shared(&self, name: &str, place: usize, levels: usize) -> bool {
        let main = {
            let mut known = self.known.borrow_mut();
            let known = known.at(place);
            if let Some(known) = self.reuse(known.is_shared.as_ref()) {
                return known;
            }
            // Where values refer to each other in a circle, the answer is no.
            known.is_shared = Some(Answer { value: false, evidence: Evidence::default() });
            known.main.and_then(|at| self.syntax.assignments.get(at))
        };
        let answer = self.answer(|| match (main, name) {
            (Some(written), _) => self.refers_to_shared_alone(&written.value, levels),
            (None, "process_name" | "service_name") => false,
            (None, _) => self.default_at(place).is_some_and(|default| self.refers_to_shared_alone(default, levels)),
        });
        let value = answer.value;
        self.known.borrow_mut().at(place).is_shared = Some(answer);
        value
    }

    fn refers_to_shared_alone(&self, text: &str, levels: usize) -> bool {
        if !text.contains('$') {
            return true;
        }
        let Some(levels) = levels.checked_sub(1) else { return false };
        let is_shared = |name: &str| {
            let place = self.place(name);
            let is_option = self.known.borrow_mut().at(place).option != 0;
            !is_option && self.is_shared(name, place, levels)
        };
        !super::names::any_reference(text, |name| !is_shared(name))
    }

    /// True for a name that options of services set.
    pub(super) fn is_option(&self, name: &str) -> bool {
        self.files.syntax.option(name) != 0
    }

    /// False half-way through a circle of the machine's defaults: an answer is none then.
    fn is_settled(&self) -> bool {
        self.asking.get() == 0
    }

    /// True for a parameter whose value is used as it stands.
    pub(super) fn is_raw(&self, name: &str) -> bool {
        self.is_raw_at(self.place(name))
    }

    fn is_raw_at(&self, place: usize) -> bool {
        let is_raw = |line: &Parameter| line.nature.kind == Kind::Raw;
        // Nearly all are raw in no release.
        if !self.any_line(place, &is_raw) {
            return false;
        }
        self.line_at(place, &|one, next| is_raw(one) == is_raw(next)).is_some_and(is_raw)
    }

    /// True for this release and those after it.
    pub(super) fn since(&self, version: Version) -> bool {
        let answer = self.version.get() >= version;
        self.note(|evidence| evidence.note_since(version, answer));
        answer
    }

    /// The default that Postfix makes up for a name such as `smtp_destination_recipient_limit`, of which there is one set for
    /// each delivery agent of master.cf.
    pub(super) fn service_default(&self, name: &str) -> Option<&'static str> {
        let version = self.version.get();
        let programs = || {
            let mut programs = Index::default();
            for one in &self.syntax.services {
                programs.add(&format!("{} {}", one.name, one.program));
            }
            programs
        };
        let runs = |service: &str, program: &str| {
            self.files.programs.get_or_init(programs).contains(&format!("{service} {program}"))
        };
        parameters::service_default(name, version, runs, |line| self.note(|evidence| evidence.note_line(line, version)))
    }

    /// The whole server.
    pub(super) fn server(&'a self) -> View<'a> {
        View { configuration: self, service: None }
    }

    fn ask(&self, id: &str, ask: impl Into<String>, command: impl Into<String>) -> QuestionId {
        self.questions.borrow_mut().ask(id, ask, command)
    }

    /// The question behind a template mark.
    pub(super) fn template_question(&self, mark: &str) -> QuestionId {
        let mark: String = mark.chars().take(40).collect();
        self.ask(
            "template",
            format!("A template puts something in place of `{mark}`: what does the finished file say?"),
            "postconf -nx; postconf -Mf",
        )
    }

    /// True for what the server reads as it stands: a print-out, or the files of the very machine.
    fn is_finished(&self) -> bool {
        self.syntax.is_printed || !self.target.machine.is_empty()
    }

    /// The question behind everything that only main.cf tells.
    fn main_question(&self) -> QuestionId {
        self.ask("main-cf", "What does main.cf say? Only master.cf was given.", "postconf -n")
    }
}

/// What a program sees: the whole server, or one service with its overrides.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) configuration: &'a Configuration<'a>,
    pub(super) service: Option<&'a Service>,
}

impl<'a> View<'a> {
    /// The same release, seen by one service.
    pub(super) fn of(&self, service: &'a Service) -> View<'a> {
        View { service: Some(service), ..*self }
    }

    pub(super) fn ask(&self, id: &str, ask: impl Into<String>, command: impl Into<String>) -> QuestionId {
        self.configuration.ask(id, ask, command)
    }

    /// True for this release and those after it.
    pub(super) fn since(&self, version: Version) -> bool {
        self.configuration.since(version)
    }

    /// The assignment in force for a name, when one of the files has it.
    pub(super) fn written(&self, name: &str) -> Option<&'a Assignment> {
        let place = self.configuration.place(name);
        self.option_at(name, place).or_else(|| self.configuration.main_at(place))
    }

    /// The `-o` option in force for a name: the last one wins.
    pub(super) fn overriding(&self, name: &str) -> Option<&'a Assignment> {
        self.service?;
        self.option_at(name, self.configuration.place(name))
    }

    fn option_at(&self, name: &str, place: usize) -> Option<&'a Assignment> {
        let service = self.service?;
        let option = self.configuration.known.borrow_mut().at(place).option;
        if option == 0 {
            return None;
        }
        self.configuration.note_options(option);
        if service.options & option == 0 { None } else { service.overriding(name) }
    }

    /// True for what each service has of its own.
    fn is_of_service(&self, name: &str) -> bool {
        let is_of_service = self.service.is_some() && matches!(name, "process_name" | "service_name");
        if is_of_service {
            self.configuration.note_options(OF_EVERY_SERVICE);
        }
        is_of_service
    }

    /// True where the files or the machine decide about a value: in some release it is not just the table's default.
    pub(super) fn is_open(&self, name: &str) -> bool {
        let refers = |line: &Parameter| line.default.contains(['$', '<']);
        self.written(name).is_some()
            || self.configuration.target.machine.contains_key(name)
            || self.configuration.any_line(self.configuration.place(name), &refers)
    }

    fn raw(&self, name: &str, place: usize) -> Lookup {
        let configuration = self.configuration;
        if let Some(one) = self.option_at(name, place).or_else(|| configuration.main_at(place)) {
            return if one.conditional {
                Lookup::Unknown(configuration.template_question(&one.name))
            } else {
                Lookup::Text(one.value.clone())
            };
        }
        if let Some(service) = self.service
            && self.is_of_service(name)
        {
            return Lookup::Text(if name == "process_name" { service.program.clone() } else { service.name.clone() });
        }
        if !configuration.syntax.has_main {
            return Lookup::Unknown(configuration.main_question());
        }
        match configuration.default_at(place) {
            Some(default) => match (configuration.target.machine.get(name), default) {
                (Some(value), _) => Lookup::Text(value.clone()),
                (None, "<host>") => host::default_of(self, name),
                (None, "<build>") => Lookup::Unknown(self.build_question(name)),
                (None, default) => Lookup::Text(default.to_owned()),
            },
            None => match configuration.service_default(name) {
                Some(default) => Lookup::Text(default.to_owned()),
                None if template::is_variable(name) && !configuration.is_finished() => {
                    Lookup::Unknown(configuration.template_question(&format!("${{{name}}}")))
                }
                None => Lookup::Undefined,
            },
        }
    }

    fn build_question(&self, name: &str) -> QuestionId {
        if name == "mail_version" {
            return self.ask("postfix-version", "Which release of Postfix is this?", "postconf -h mail_version");
        }
        self.ask(
            &format!("built-in-{name}"),
            format!("What was `{name}` set to when this Postfix was built?"),
            format!("postconf -dh {name}"),
        )
    }

    /// Expands a text as this program would.
    pub(super) fn expand(&self, text: &str) -> Expansion {
        let raw = |name: &str| self.raw(name, self.configuration.place(name));
        expand(text, self, &|mark| self.configuration.template_question(mark), &raw)
    }

    /// Who decides about a name: the whole server, unless the service sets it, or what it refers to may differ there.
    fn deciding(&self, name: &str, place: usize) -> View<'a> {
        let by_server =
            self.service.is_some() && self.option_at(name, place).is_none() && self.configuration.is_shared(name, place, DEEPEST);
        if by_server { View { service: None, ..*self } } else { *self }
    }

    /// What is in force for a name, expanded; `None` when nothing defines it and there is no default.
    pub(super) fn lookup(&self, name: &str) -> Option<Rc<Expansion>> {
        self.value_at(name, self.configuration.place(name))
    }

    fn value_at(&self, name: &str, place: usize) -> Option<Rc<Expansion>> {
        self.deciding(name, place).own_value_at(name, place)
    }

    /// The same, asked of the one who decides.
    fn own_value_at(&self, name: &str, place: usize) -> Option<Rc<Expansion>> {
        let service = self.service.map(|service| service.written);
        let configuration = self.configuration;
        if let Some(known) = configuration.reuse(configuration.known.borrow_mut().at(place).value.place(service).as_ref()) {
            return known;
        }
        let keep = configuration.is_settled();
        let answer = configuration.answer(|| self.look_up(name, place).map(Rc::new));
        let value = answer.value.clone();
        if keep {
            *configuration.known.borrow_mut().at(place).value.place(service) = Some(answer);
        }
        value
    }

    fn look_up(&self, name: &str, place: usize) -> Option<Expansion> {
        match self.raw(name, place) {
            Lookup::Text(text) if stands_for_itself(&text) || self.configuration.is_raw_at(place) => {
                Some(Expansion { text, ..Expansion::default() })
            }
            Lookup::Text(text) => Some(self.expand(&text)),
            Lookup::Unknown(question) => {
                Some(Expansion { text: HOLE.to_string(), question: Some(question), ..Expansion::default() })
            }
            Lookup::Undefined => None,
        }
    }

    /// Why the value is what it is.
    pub(super) fn because(&self, name: &str) -> Because {
        self.because_at(name, self.configuration.place(name), None)
    }

    /// The same, where it may be known already who decides.
    fn because_at(&self, name: &str, place: usize, deciding: Option<View<'a>>) -> Because {
        if let Some(one) = self.option_at(name, place) {
            return Step::Override { setting: self.configuration.known.borrow().name(place), span: one.written }.into();
        }
        if let Some(one) = self.configuration.main_at(place) {
            return self.configuration.known.borrow_mut().set_at(place, one.written);
        }
        if self.is_of_service(name) || !self.configuration.syntax.has_main {
            return Because::default();
        }
        let deciding = deciding.unwrap_or_else(|| self.deciding(name, place));
        let service = deciding.service.map(|service| service.written);
        let configuration = self.configuration;
        if let Some(known) = configuration.reuse(configuration.known.borrow_mut().at(place).because.place(service).as_ref()) {
            return known;
        }
        let keep = configuration.is_settled();
        let answer = configuration.answer(|| deciding.because_of_default(name, place));
        let steps = answer.value.clone();
        if keep {
            *configuration.known.borrow_mut().at(place).because.place(service) = Some(answer);
        }
        steps
    }

    fn because_of_default(&self, name: &str, place: usize) -> Because {
        let Some(parameter) = self.configuration.line_at(place, &|_, _| false) else { return Because::default() };
        let setting = self.configuration.known.borrow().name(place);
        let value = self.own_value_at(name, place).map_or_else(Rc::default, |value| shown(&value.text));
        let mut steps = vec![Step::Default { setting, value, versions: parameter.versions }];
        if !parameter.default.contains('$') {
            return steps.into();
        }
        if parameter.default.contains("$compatibility_level") {
            let level = self.lookup("compatibility_level").map_or_else(String::new, |value| value.text.clone());
            steps.push(Step::Compatibility { level });
        }
        // A default that refers to other settings is decided by them.
        let referred = super::names::references(parameter.default);
        for other in referred.iter().filter(|other| other.as_str() != "compatibility_level") {
            if self.written(other).is_some() && other != name {
                steps = [self.because(other).as_slice(), &steps].concat();
            }
        }
        steps.into()
    }

    /// A text; empty when nothing defines the name.
    pub(super) fn text(&self, name: &str) -> Fact<String> {
        let place = self.configuration.place(name);
        let deciding = self.deciding(name, place);
        let value = match deciding.own_value_at(name, place).as_deref() {
            Some(Expansion { question: Some(question), .. }) => Value::Unknown(question.clone()),
            Some(expansion) => Value::Is(expansion.text.clone()),
            None => Value::Is(String::new()),
        };
        Fact { value, because: self.because_at(name, place, Some(deciding)) }
    }

    /// `yes` or `no`; anything else stops the program, so it counts as no here and as dead elsewhere.
    pub(super) fn boolean(&self, name: &str) -> Fact<bool> {
        let place = self.configuration.place(name);
        let deciding = self.deciding(name, place);
        let value = match deciding.own_value_at(name, place).as_deref() {
            Some(Expansion { question: Some(question), .. }) => Value::Unknown(question.clone()),
            Some(expansion) => Value::Is(expansion.text.eq_ignore_ascii_case("yes")),
            None => Value::Is(false),
        };
        Fact { value, because: self.because_at(name, place, Some(deciding)) }
    }

    /// A text that is known whole, without the reasons.
    pub(super) fn known(&self, name: &str) -> Option<Rc<Expansion>> {
        let value = self.lookup(name).unwrap_or_default();
        value.question.is_none().then_some(value)
    }

    /// The same without the reasons: true only when it says yes for certain.
    pub(super) fn is_yes(&self, name: &str) -> bool {
        self.lookup(name).is_some_and(|value| value.question.is_none() && value.text.eq_ignore_ascii_case("yes"))
    }

    /// A list of networks or hosts: a word that begins with `#` ends it (`match_list.c`), so what stands behind is not read.
    pub(super) fn match_list(&self, name: &str) -> Fact<Members<String>> {
        self.list(name).map(|mut members| {
            if let Some(comment) = members.surely.iter().position(|word| word.starts_with('#')) {
                members.surely.truncate(comment);
            }
            members
        })
    }

    /// A list, split at commas and blanks; what stands in braces stays together.
    pub(super) fn list(&self, name: &str) -> Fact<Members<String>> {
        let place = self.configuration.place(name);
        let deciding = self.deciding(name, place);
        let members = deciding.own_members_at(name, place);
        Fact { value: Value::Is(Members::clone(&members)), because: self.because_at(name, place, Some(deciding)) }
    }

    /// The same without the reasons.
    pub(super) fn members(&self, name: &str) -> Rc<Members<String>> {
        let place = self.configuration.place(name);
        self.deciding(name, place).own_members_at(name, place)
    }

    /// The same, asked of the one who decides.
    fn own_members_at(&self, name: &str, place: usize) -> Rc<Members<String>> {
        let service = self.service.map(|service| service.written);
        let configuration = self.configuration;
        if let Some(known) = configuration.reuse(configuration.known.borrow_mut().at(place).members.place(service).as_ref()) {
            return known;
        }
        let keep = configuration.is_settled();
        let answer = configuration.answer(|| {
            let expansion = self.own_value_at(name, place).unwrap_or_default();
            let members = split_list(&expansion.text).into_iter().filter(|member| !member.contains(HOLE));
            Rc::new(Members { surely: members.collect(), rest: expansion.question.clone() })
        });
        let value = Rc::clone(&answer.value);
        if keep {
            *configuration.known.borrow_mut().at(place).members.place(service) = Some(answer);
        }
        value
    }
}

impl Grammar for View<'_> {
    fn expressions(&self) -> bool {
        self.since(Version::new(3, 0, 0))
    }

    fn levels(&self) -> bool {
        self.since(Version::new(3, 6, 0))
    }
}

/// A value without what cannot be known of it.
fn shown(text: &str) -> Rc<str> {
    if text.contains(HOLE) { text.replace(HOLE, "?").into() } else { text.into() }
}

/// Splits at commas and blanks, braces kept together, as Postfix splits lists.
pub(super) fn split_list(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let parts_here = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == ',' || super::lines::is_space(c))
    };
    text.split(parts_here).filter(|member| !member.is_empty()).map(str::to_owned).collect()
}
