//! The configuration as one program sees it at one release: overrides before main.cf before defaults.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::evidence::{Answer, Evidence};
use super::expand::{Expansion, Grammar, HOLE, Lookup, expand};
use super::host;
use super::parameters::{self, Kind, Parameter};
use super::syntax::{Assignment, Fault, Service, Syntax};
use crate::gather::{self, Index};
use crate::facts::{Fact, Members, Step, Value};
use crate::question::{QuestionId, Questions};
use crate::source::Span;
use crate::version::{Target, Version};

/// The files, with what is the same for every release.
pub(super) struct Files<'a> {
    pub(super) syntax: &'a Syntax,
    /// Where the assignment of main.cf that wins stands, by name.
    main: Index,
    /// Name and program of every service, a blank between them.
    programs: BTreeSet<String>,
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
            stopped_by: syntax.faults.iter().chain(options).find(|fault| fault.stops_all),
            doubtful: syntax.assignments.iter().filter(in_force).filter(|one| super::health::is_doubtful(one)).collect(),
            main,
        }
    }
}

/// Expanded values by the service that asked, told apart by its place, and by name.
type Known = BTreeMap<Option<Span>, BTreeMap<String, Option<Rc<Expansion>>>>;

/// The members of lists, in the same way.
type Parted = BTreeMap<Option<Span>, BTreeMap<String, Rc<Members<String>>>>;

/// The files and the machine at one release, with what is known of them so far.
pub(super) struct Configuration<'a> {
    pub(super) files: &'a Files<'a>,
    pub(super) syntax: &'a Syntax,
    pub(super) target: &'a Target,
    version: Version,
    /// What the release was asked since the last answer was begun.
    evidence: RefCell<Evidence>,
    pub(super) questions: RefCell<Questions>,
    /// Values that were looked up already: facts ask for the same few again and again.
    known: RefCell<Known>,
    /// Lists that were taken apart already.
    parted: RefCell<Parted>,
    /// Defaults of the machine that were worked out already, by how many were being worked out at that time and by name.
    pub(super) of_machine: RefCell<BTreeMap<(u8, String), Lookup>>,
    /// How many defaults of the machine are being worked out, each for the sake of the one before.
    pub(super) asking: Cell<u8>,
}

impl<'a> Configuration<'a> {
    pub(super) fn new(files: &'a Files<'a>, target: &'a Target, version: Version) -> Configuration<'a> {
        Configuration {
            files,
            syntax: files.syntax,
            target,
            version,
            evidence: RefCell::default(),
            questions: RefCell::default(),
            known: RefCell::default(),
            parted: RefCell::default(),
            of_machine: RefCell::default(),
            asking: Cell::new(0),
        }
    }

    /// The assignment of main.cf that is in force.
    pub(super) fn main_setting(&self, name: &str) -> Option<&'a Assignment> {
        self.files.main.get(name).and_then(|at| self.files.syntax.assignments.get(*at))
    }

    /// Works an answer out and keeps what it rests on.
    pub(super) fn answer<T>(&self, work: impl FnOnce() -> T) -> Answer<T> {
        // What another answer looked up is not part of this one's evidence.
        self.known.borrow_mut().clear();
        self.parted.borrow_mut().clear();
        self.of_machine.borrow_mut().clear();
        self.evidence.take();
        let value = work();
        Answer { value, evidence: self.evidence.take() }
    }

    /// True when the answer of another release is this one's as well.
    pub(super) fn confirms(&self, evidence: &Evidence) -> bool {
        evidence.holds_at(self.version, |name| self.make_up(name))
    }

    /// The table's line for a parameter; `None` when this release does not have it.
    pub(super) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        let line = parameters::at(name, self.version);
        self.evidence.borrow_mut().note_parameter(name, line);
        line
    }

    /// True for a parameter whose value is used as it stands.
    pub(super) fn is_raw(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|parameter| parameter.kind == Kind::Raw)
    }

    /// True for this release and those after it.
    pub(super) fn since(&self, version: Version) -> bool {
        let answer = self.version >= version;
        self.evidence.borrow_mut().note_since(version, answer);
        answer
    }

    /// The default that Postfix makes up for a name such as `smtp_destination_recipient_limit`, of which there is one set for
    /// each delivery agent of master.cf.
    pub(super) fn service_default(&self, name: &str) -> Option<&'static str> {
        let default = self.make_up(name);
        self.evidence.borrow_mut().note_made_up(name, default);
        default
    }

    fn make_up(&self, name: &str) -> Option<&'static str> {
        parameters::service_default(name, self.version, |service, program| {
            self.files.programs.contains(&format!("{service} {program}"))
        })
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
    Default(&'static Parameter),
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

    pub(super) fn grammar(&self) -> Grammar {
        Grammar {
            expressions: self.since(Version::new(3, 0, 0)),
            levels: self.since(Version::new(3, 6, 0)),
        }
    }

    /// The assignment in force for a name, when one of the files has it.
    pub(super) fn written(&self, name: &str) -> Option<&'a Assignment> {
        self.overriding(name).or_else(|| self.configuration.main_setting(name))
    }

    /// The `-o` option in force for a name: the last one wins.
    pub(super) fn overriding(&self, name: &str) -> Option<&'a Assignment> {
        self.service.and_then(|service| service.overriding(name))
    }

    fn raw(&self, name: &str) -> (Lookup, Origin<'a>) {
        let (assignment, origin) = match (self.overriding(name), self.configuration.main_setting(name)) {
            (Some(one), _) => (Some(one), Origin::Override(one)),
            (None, Some(one)) => (Some(one), Origin::Set(one)),
            (None, None) => (None, Origin::Elsewhere),
        };
        if let Some(assignment) = assignment {
            if assignment.conditional {
                let question = self.configuration.template_question(&assignment.name);
                return (Lookup::Unknown(question), origin);
            }
            return (Lookup::Text(assignment.value.clone()), origin);
        }
        if let Some(service) = self.service {
            match name {
                "process_name" => return (Lookup::Text(service.program.clone()), origin),
                "service_name" => return (Lookup::Text(service.name.clone()), origin),
                _ => {}
            }
        }
        if !self.configuration.syntax.has_main {
            return (Lookup::Unknown(self.configuration.main_question()), origin);
        }
        let Some(parameter) = self.configuration.parameter(name) else {
            let default = self.configuration.service_default(name);
            return (default.map_or(Lookup::Undefined, |default| Lookup::Text(default.to_owned())), origin);
        };
        let lookup = match (self.configuration.target.machine.get(name), parameter.default) {
            (Some(value), _) => Lookup::Text(value.clone()),
            (None, "<host>") => host::default_of(self, name),
            (None, "<build>") => Lookup::Unknown(self.build_question(name)),
            (None, default) => Lookup::Text(default.to_owned()),
        };
        (lookup, Origin::Default(parameter))
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
        expand(text, self.grammar(), &|mark| self.configuration.template_question(mark), &|name| self.raw(name).0)
    }

    /// What is in force for a name, expanded; `None` when nothing defines it and there is no default.
    pub(super) fn lookup(&self, name: &str) -> Option<Rc<Expansion>> {
        let scope = self.service.map(|service| service.written);
        if let Some(known) = self.configuration.known.borrow().get(&scope).and_then(|known| known.get(name)) {
            return known.clone();
        }
        let found = self.look_up(name).map(Rc::new);
        // Half-way through a circle of the machine's defaults an answer is none.
        if self.configuration.asking.get() == 0 {
            self.configuration.known.borrow_mut().entry(scope).or_default().insert(name.to_owned(), found.clone());
        }
        found
    }

    fn look_up(&self, name: &str) -> Option<Expansion> {
        match self.raw(name).0 {
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
        match self.raw(name).1 {
            Origin::Override(one) => vec![Step::Override { setting: name.to_owned(), span: one.written }],
            Origin::Set(one) => vec![Step::Set { setting: name.to_owned(), span: one.written }],
            Origin::Default(parameter) => {
                let mut steps = vec![Step::Default {
                    setting: name.to_owned(),
                    value: self.lookup(name).map_or_else(String::new, |value| value.text.replace(HOLE, "?")),
                    versions: parameter.versions,
                }];
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
        self.text(name).map(|text| text.eq_ignore_ascii_case("yes"))
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
        let scope = self.service.map(|service| service.written);
        let parted = &self.configuration.parted;
        if let Some(members) = parted.borrow().get(&scope).and_then(|known| known.get(name)) {
            return Rc::clone(members);
        }
        let expansion = self.lookup(name).unwrap_or_default();
        let members = split_list(&expansion.text).into_iter().filter(|member| !member.contains(HOLE));
        let members = Rc::new(Members { surely: members.collect(), rest: expansion.question.clone() });
        if self.configuration.asking.get() == 0 {
            parted.borrow_mut().entry(scope).or_default().insert(name.to_owned(), Rc::clone(&members));
        }
        members
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
