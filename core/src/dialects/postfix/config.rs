//! The configuration as one program sees it at one release: overrides before main.cf before defaults.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::evidence::{Answer, Evidence};
use super::expand::{DEEPEST, Expansion, Grammar, HOLE, Lookup, expand};
use super::host;
use super::known::{Known, Name};
use super::parameters::{self, Kind, Nature, Parameter};
use super::syntax::{Assignment, Fault, Service, Syntax};
use crate::gather::{self, Index};
use crate::facts::{Fact, Members, Step, Value};
use crate::question::{QuestionId, Questions};
use crate::template;
use crate::version::{Target, Version};

/// The files, with what is the same for every release.
pub(super) struct Files<'a> {
    pub(super) syntax: &'a Syntax,
    /// Where the assignment of main.cf that wins stands, by name.
    main: Index,
    /// Name and program of every service, a blank between them.
    programs: BTreeSet<String>,
    /// Names that options of services set.
    pub(super) in_services: BTreeSet<String>,
    /// What keeps all of Postfix from starting.
    pub(super) stopped_by: Option<&'a Fault>,
    /// Assignments in force that some program may not be able to read.
    pub(super) doubtful: Vec<&'a Assignment>,
}

impl<'a> Files<'a> {
    pub(super) fn new(syntax: &'a Syntax) -> Files<'a> {
        // Later entries replace earlier ones, as in Postfix.
        let main = gather::map(syntax.assignments.iter().zip(0..).map(|(one, at)| (one.name.clone(), at)));
        let options = syntax.services.iter().flat_map(|service| &service.faults);
        let in_force = |one: &&Assignment| {
            let last = main.get(one.name.as_str()).and_then(|at| syntax.assignments.get(*at));
            last.is_some_and(|last| last.written == one.written)
        };
        Files {
            syntax,
            programs: gather::set(syntax.services.iter().map(|one| format!("{} {}", one.name, one.program))),
            in_services: gather::set(syntax.services.iter().flat_map(|one| &one.overrides).map(|one| one.name.clone())),
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
    /// Defaults of the machine that were worked out already, by how many were being worked out at that time and by name.
    pub(super) of_machine: RefCell<BTreeMap<(u8, String), Answer<Lookup>>>,
    /// How many defaults of the machine are being worked out, each for the sake of the one before.
    pub(super) asking: Cell<u8>,
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
        }
    }

    /// Goes on to another release. What is known stays where it rests on nothing that differs there.
    pub(super) fn go_to(&self, version: Version) {
        self.version.set(version);
    }

    /// The assignment of main.cf that is in force.
    pub(super) fn main_setting(&self, name: &str) -> Option<&'a Assignment> {
        self.files.main.get(name).and_then(|at| self.files.syntax.assignments.get(*at))
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
        let known = known.filter(|known| self.confirms(known.evidence))?;
        self.evidence.set(self.evidence.get().and(known.evidence));
        Some(known.value.clone())
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

    /// True when the answer of another release is this one's as well.
    pub(super) fn confirms(&self, evidence: Evidence) -> bool {
        evidence.holds_at(self.version.get())
    }

    fn note(&self, note: impl FnOnce(&mut Evidence)) {
        let mut evidence = self.evidence.get();
        note(&mut evidence);
        self.evidence.set(evidence);
    }

    /// Works something out about a name, or takes it over where it is known already; `place` is where it is kept.
    fn remembered<T: Clone>(
        &self,
        name: &str,
        keep: bool,
        place: impl Fn(&mut Name) -> &mut Option<Answer<T>>,
        work: impl FnOnce() -> T,
    ) -> T {
        if let Some(known) = self.reuse(place(self.known.borrow_mut().of(name)).as_ref()) {
            return known;
        }
        let answer = self.answer(work);
        let value = answer.value.clone();
        if keep {
            *place(self.known.borrow_mut().of(name)) = Some(answer);
        }
        value
    }

    /// The table's line for a parameter; `None` when this release does not have it.
    pub(super) fn parameter(&self, name: &str) -> Option<Parameter> {
        let version = self.version.get();
        self.remembered(name, true, |known| &mut known.parameter, || {
            let line = parameters::at(name, version);
            self.note(|evidence| evidence.note_parameter(name, line.as_ref(), version));
            line
        })
    }

    /// What a parameter is, whatever its default; `None` when this release does not have it.
    pub(super) fn nature(&self, name: &str) -> Option<Nature> {
        let version = self.version.get();
        self.remembered(name, true, |known| &mut known.nature, || match parameters::nature_at(name, version) {
            Some((nature, versions)) => {
                self.note(|evidence| evidence.note_line(versions, version));
                Some(nature)
            }
            None => {
                self.note(|evidence| evidence.note_parameter(name, None, version));
                None
            }
        })
    }

    /// True when every service that does not set the name itself has the same value for it: nothing in it refers, over at most so
    /// many levels, to a name that services may set.
    fn is_shared(&self, name: &str, levels: usize) -> bool {
        self.remembered(name, true, |known| &mut known.is_shared, || {
            // Where values refer to each other in a circle, the answer is no.
            self.known.borrow_mut().of(name).is_shared = Some(Answer { value: false, evidence: Evidence::default() });
            match (self.main_setting(name), name) {
                (Some(written), _) => self.refers_to_shared_alone(&written.value, levels),
                (None, "process_name" | "service_name") => false,
                (None, _) => self.parameter(name).is_some_and(|line| self.refers_to_shared_alone(line.default, levels)),
            }
        })
    }

    fn refers_to_shared_alone(&self, text: &str, levels: usize) -> bool {
        if !text.contains('$') {
            return true;
        }
        let Some(levels) = levels.checked_sub(1) else { return false };
        let is_shared = |name: &String| !self.files.in_services.contains(name) && self.is_shared(name, levels);
        super::names::references(text).iter().all(is_shared)
    }

    /// False half-way through a circle of the machine's defaults: an answer is none then.
    fn is_settled(&self) -> bool {
        self.asking.get() == 0
    }

    /// True for a parameter whose value is used as it stands.
    pub(super) fn is_raw(&self, name: &str) -> bool {
        self.nature(name).is_some_and(|nature| nature.kind == Kind::Raw)
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
        let runs = |service: &str, program: &str| self.files.programs.contains(&format!("{service} {program}"));
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

/// Where an unexpanded value comes from.
enum Origin<'a> {
    Override(&'a Assignment),
    Set(&'a Assignment),
    Default(Parameter),
    Elsewhere,
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
        self.overriding(name).or_else(|| self.configuration.main_setting(name))
    }

    /// The `-o` option in force for a name: the last one wins.
    pub(super) fn overriding(&self, name: &str) -> Option<&'a Assignment> {
        self.service.and_then(|service| service.overriding(name))
    }

    /// Where the unexpanded value of a name comes from.
    fn origin(&self, name: &str) -> Origin<'a> {
        if let Some(one) = self.overriding(name) {
            return Origin::Override(one);
        }
        if let Some(one) = self.configuration.main_setting(name) {
            return Origin::Set(one);
        }
        let of_service = self.service.is_some() && matches!(name, "process_name" | "service_name");
        if of_service || !self.configuration.syntax.has_main {
            return Origin::Elsewhere;
        }
        self.configuration.parameter(name).map_or(Origin::Elsewhere, Origin::Default)
    }

    fn raw(&self, name: &str) -> Lookup {
        match self.origin(name) {
            Origin::Override(one) | Origin::Set(one) if one.conditional => {
                Lookup::Unknown(self.configuration.template_question(&one.name))
            }
            Origin::Override(one) | Origin::Set(one) => Lookup::Text(one.value.clone()),
            Origin::Default(parameter) => match (self.configuration.target.machine.get(name), parameter.default) {
                (Some(value), _) => Lookup::Text(value.clone()),
                (None, "<host>") => host::default_of(self, name),
                (None, "<build>") => Lookup::Unknown(self.build_question(name)),
                (None, default) => Lookup::Text(default.to_owned()),
            },
            Origin::Elsewhere => match (self.service, name) {
                (Some(service), "process_name") => Lookup::Text(service.program.clone()),
                (Some(service), "service_name") => Lookup::Text(service.name.clone()),
                _ if !self.configuration.syntax.has_main => Lookup::Unknown(self.configuration.main_question()),
                _ => match self.configuration.service_default(name) {
                    Some(default) => Lookup::Text(default.to_owned()),
                    None if template::is_variable(name) && !self.configuration.is_finished() => {
                        Lookup::Unknown(self.configuration.template_question(&format!("${{{name}}}")))
                    }
                    None => Lookup::Undefined,
                },
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
        expand(text, self, &|mark| self.configuration.template_question(mark), &|name| self.raw(name))
    }

    /// Who decides about a name: the whole server, unless the service sets it, or what it refers to may differ there.
    fn deciding(&self, name: &str) -> View<'a> {
        let by_server = self.service.is_some() && self.overriding(name).is_none() && self.configuration.is_shared(name, DEEPEST);
        if by_server { View { service: None, ..*self } } else { *self }
    }

    /// What is in force for a name, expanded; `None` when nothing defines it and there is no default.
    pub(super) fn lookup(&self, name: &str) -> Option<Rc<Expansion>> {
        let deciding = self.deciding(name);
        let service = deciding.service.map(|service| service.written);
        let keep = self.configuration.is_settled();
        self.configuration.remembered(name, keep, |known| known.value.place(service), || deciding.look_up(name).map(Rc::new))
    }

    fn look_up(&self, name: &str) -> Option<Expansion> {
        match self.raw(name) {
            Lookup::Text(text) if self.configuration.is_raw(name) => Some(Expansion { text, ..Expansion::default() }),
            Lookup::Text(text) => Some(self.expand(&text)),
            Lookup::Unknown(question) => {
                Some(Expansion { text: HOLE.to_string(), question: Some(question), ..Expansion::default() })
            }
            Lookup::Undefined => None,
        }
    }

    /// Why the value is what it is.
    pub(super) fn because(&self, name: &str) -> Vec<Step> {
        match self.origin(name) {
            Origin::Override(one) => vec![Step::Override { setting: name.to_owned(), span: one.written }],
            Origin::Set(one) => vec![Step::Set { setting: name.to_owned(), span: one.written }],
            Origin::Default(parameter) => {
                let mut steps = vec![Step::Default {
                    setting: name.to_owned(),
                    value: self.lookup(name).map_or_else(String::new, |value| value.text.replace(HOLE, "?")),
                    versions: parameter.versions,
                }];
                if !parameter.default.contains('$') {
                    return steps;
                }
                if parameter.default.contains("$compatibility_level") {
                    let level = self.lookup("compatibility_level").map_or_else(String::new, |value| value.text.clone());
                    steps.push(Step::Compatibility { level });
                }
                // A default that refers to other settings is decided by them.
                let referred = super::names::references(parameter.default);
                for other in referred.iter().filter(|other| other.as_str() != "compatibility_level") {
                    if self.written(other).is_some() && other != name {
                        steps.splice(0..0, self.because(other));
                    }
                }
                steps
            }
            Origin::Elsewhere => Vec::new(),
        }
    }

    /// A text; empty when nothing defines the name.
    pub(super) fn text(&self, name: &str) -> Fact<String> {
        let expansion = self.lookup(name).unwrap_or_default();
        let value = match &expansion.question {
            Some(question) => Value::Unknown(question.clone()),
            None => Value::Is(expansion.text.clone()),
        };
        Fact { value, because: self.because(name) }
    }

    /// `yes` or `no`; anything else stops the program, so it counts as no here and as dead elsewhere.
    pub(super) fn boolean(&self, name: &str) -> Fact<bool> {
        let value = match self.lookup(name) {
            Some(expansion) => match &expansion.question {
                Some(question) => Value::Unknown(question.clone()),
                None => Value::Is(expansion.text.eq_ignore_ascii_case("yes")),
            },
            None => Value::Is(false),
        };
        Fact { value, because: self.because(name) }
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
        Fact { value: Value::Is(Members::clone(&self.members(name))), because: self.because(name) }
    }

    /// The same without the reasons.
    pub(super) fn members(&self, name: &str) -> Rc<Members<String>> {
        let deciding = self.deciding(name);
        let service = deciding.service.map(|service| service.written);
        let keep = self.configuration.is_settled();
        self.configuration.remembered(name, keep, |known| known.members.place(service), || {
            let expansion = deciding.lookup(name).unwrap_or_default();
            let members = split_list(&expansion.text).into_iter().filter(|member| !member.contains(HOLE));
            Rc::new(Members { surely: members.collect(), rest: expansion.question.clone() })
        })
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
