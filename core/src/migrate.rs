//! Moving users between the ports 587 and 465: stage by stage, each with its change, its check and its way back.
//!
//! Every change is written into the text as the stages before left it, read again and judged again: it may cost nobody
//! anything but what its stage is for. Where something stands in the way that no change of the configuration mends, the plan
//! stops and says what.

mod afterwards;
mod commands;
mod elsewhere;
mod gates;
mod json;
mod markdown;
pub(crate) mod ports;
mod publish;
mod ready;
mod stages;
mod step;
#[cfg(test)]
mod tests;

pub use json::{CostJson, GateJson, PlanJson, StageJson};
pub use step::Step;

use serde::Serialize;

use crate::clients::{self, HostName};
use crate::dialect::Dialect;
use crate::facts::Server;
use crate::file_change::{Files, Patched};
use crate::link;
use crate::policy::Prefer;
use crate::programs;
use crate::report::{self, Options, Report};
use crate::source::Sources;
use crate::usage::Usage;

/// Seconds for which name servers may keep the records while users are moved.
pub const SHORT_TTL: u32 = 300;

/// Where users are to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum To {
    /// On 587 with STARTTLS, away from 465.
    #[serde(rename = "587")]
    Starttls,
    /// On 465 with implicit TLS, away from 587.
    #[serde(rename = "465")]
    Implicit,
    /// On both, as RFC 8314 §3.3 has it: nobody has to move.
    #[serde(rename = "both")]
    #[default]
    Both,
}

impl To {
    /// The word that `--to` takes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            To::Starttls => "587",
            To::Implicit => "465",
            To::Both => "both",
        }
    }

    /// The aim of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<To> {
        [To::Starttls, To::Implicit, To::Both]
            .into_iter()
            .find(|to| to.word() == word)
    }

    /// The ports that have to be ready, the one that programs are to try first in front.
    #[must_use]
    pub fn wanted(self) -> &'static [u16] {
        match self {
            To::Starttls => &[587],
            To::Implicit => &[465],
            To::Both => &[465, 587],
        }
    }

    /// The port that users leave.
    #[must_use]
    pub fn left(self) -> Option<u16> {
        match self {
            To::Starttls => Some(465),
            To::Implicit => Some(587),
            To::Both => None,
        }
    }
}

/// What has to be so before a plan goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Whether it is; `None` for what only somebody outside the configuration can see.
    pub met: Option<bool>,
    /// What has to be so.
    pub what: String,
    /// Why it is taken for met or unmet, or how to find out; and what to do where it is unmet.
    pub why: String,
}

/// What a stage is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    /// What there is, and a way back to it.
    Inventory,
    /// The wanted port, at least as strict as the one in use.
    Ready,
    /// A log that tells who uses what.
    Evidence,
    /// New clients find the wanted port first.
    Advertise,
    /// The others are set anew.
    Move,
    /// The old port refuses for an hour, so that those who are left speak up.
    BrownOut,
    /// The old port goes.
    Close,
    /// What remains to be done.
    Afterwards,
}

impl StageKind {
    /// The word that stands for it, as programs read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StageKind::Inventory => "inventory",
            StageKind::Ready => "ready",
            StageKind::Evidence => "evidence",
            StageKind::Advertise => "advertise",
            StageKind::Move => "move",
            StageKind::BrownOut => "brown-out",
            StageKind::Close => "close",
            StageKind::Afterwards => "afterwards",
        }
    }
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Counted from 0.
    pub number: usize,
    /// What it is for.
    pub kind: StageKind,
    /// In a few words.
    pub title: String,
    /// The plan is good without it.
    pub is_optional: bool,
    /// What to do, one sentence each, in this order.
    pub actions: Vec<String>,
    /// The change of the configuration, where there is one.
    pub step: Option<Step>,
    /// Lines for the zone file.
    pub dns: Vec<String>,
    /// What a person types into a mail program.
    pub clients: Vec<String>,
    /// Commands that show whether it worked, each with what it has to show.
    pub checks: Vec<Check>,
    /// When the next stage may begin.
    pub done_when: String,
    /// The way back.
    pub roll_back: String,
}

/// A command, and what it has to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// For a shell; words in capitals, such as `USER`, are to be replaced.
    pub command: String,
    /// What is to be seen.
    pub shows: String,
}

/// The way from port to port.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to.
    pub to: To,
    /// The name by which clients find the server, or a word in capitals that stands for it.
    pub host: String,
    /// What is to be said of the wish itself: two sentences.
    pub answer: &'static str,
    /// What has to be so.
    pub gates: Vec<Gate>,
    /// As far as the plan goes.
    pub stages: Vec<Stage>,
    /// The facts as they are now.
    pub before: Report,
    /// The facts when the wanted port is ready and nothing is closed yet; `None` where the plan does not come so far.
    pub ready: Option<Server>,
    /// The facts when the port that users leave is closed; `None` where nothing is closed.
    pub closed: Option<Server>,
    /// The command that makes a changed configuration the one in force.
    pub reload: &'static str,
}

impl Plan {
    /// The gates that are surely not met: the plan stops there.
    pub fn unmet(&self) -> impl Iterator<Item = &Gate> {
        self.gates.iter().filter(|gate| gate.met == Some(false))
    }

    /// Puts the users' domain in the place of the word that stands for it.
    pub fn name_domain(&mut self, domain: &HostName) {
        let named = |text: &mut String| {
            // The word by itself, in the names that are looked up and in the commands.
            for (word, name) in [(".DOMAIN", format!(".{domain}")), (" DOMAIN`", format!(" {domain}`"))] {
                *text = text.replace(word, &name);
            }
        };
        for stage in &mut self.stages {
            stage.actions.iter_mut().for_each(named);
            stage.checks.iter_mut().for_each(|check| named(&mut check.command));
        }
    }

    /// Why the plan ends before its end; `None` when it does not.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        let unmet: Vec<&str> = self.unmet().map(|gate| gate.what.as_str()).collect();
        (!unmet.is_empty()).then(|| format!("The plan stops here, because this is not so: {}.", unmet.join("; ")))
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn title(&self) -> String {
        match self.to {
            To::Both => "Users on both ports, 465 and 587".to_owned(),
            to => format!("Users to port {}", to.word()),
        }
    }

    /// The whole plan as Markdown, with boxes to tick; `patches` are those of its stages, in their order.
    #[must_use]
    pub fn to_markdown(&self, patches: &[Patched]) -> String {
        markdown::render(self, patches)
    }

    /// The patch of each stage, of the files as the stages before left them. `folder` is where patches are written; `None` where
    /// the reader has to save them.
    #[must_use]
    pub fn patches(&self, mut files: Files, folder: Option<&str>) -> Vec<Patched> {
        let patch = |stage: &Stage| {
            let Some(step) = &stage.step else {
                return Patched::default();
            };
            let (after, patched) = files.of_stage(stage.number, step, folder);
            files = after;
            patched
        };
        self.stages.iter().map(patch).collect()
    }

    /// True when it goes to its end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unmet().next().is_none()
    }
}

/// What the plan is made with.
struct Course<'a> {
    dialect: &'a dyn Dialect,
    options: Options,
    to: To,
    /// Who uses what, by a log.
    evidence: Option<&'a Usage>,
    /// The name by which clients find the server, or a word that stands for it.
    host: String,
    reload: &'static str,
}

impl Course<'_> {
    /// The files of the program that is moved.
    fn own(&self, sources: &Sources) -> Sources {
        programs::only(sources, self.dialect).sources
    }

    fn judge(&self, sources: &Sources) -> Report {
        report::check(&self.own(sources), self.dialect, &self.options).0
    }
}

/// The name by which clients find the server: as the person says, as its certificate was found by, or as it calls itself; a
/// placeholder where none of them is known.
fn host(course: &Course<'_>, sources: &Sources, before: &Report) -> String {
    let target = &course.options.target;
    let said = target
        .published_name
        .clone()
        .or_else(|| before.server.name.known().cloned());
    let own = || clients::own_name(&crate::inspect(&course.own(sources), course.dialect, target), target);
    let is_full = |name: &String| name.contains('.');
    said.filter(is_full)
        .or_else(|| own().filter(is_full))
        .unwrap_or_else(|| "MAIL.EXAMPLE.ORG".to_owned())
}

/// Makes the plan. What is ignored by order or comment counts here all the same: a gate is no matter of taste.
#[must_use]
pub fn plan(sources: &Sources, dialect: &dyn Dialect, options: &Options, to: To) -> Plan {
    plan_with(sources, dialect, options, to, None)
}

/// The same, with what a log says of who uses what: it names those who have to move.
#[must_use]
pub fn plan_with(
    sources: &Sources,
    dialect: &dyn Dialect,
    options: &Options,
    to: To,
    evidence: Option<&Usage>,
) -> Plan {
    let programs = programs::apart(sources, dialect);
    let mut course = Course {
        evidence,
        dialect,
        options: Options {
            prefer: Prefer::Both,
            target: link::target(&programs, &options.target).into_owned(),
            ..options.clone()
        },
        to,
        host: String::new(),
        // The dialect's own files come first.
        reload: dialect
            .read(programs.first().map_or(sources, |own| &own.sources))
            .reload(),
    };
    let before = course.judge(sources);
    course.host = host(&course, sources, &before);
    let mut plan = Plan {
        to,
        host: course.host.clone(),
        answer: stages::answer(to),
        gates: gates::at_the_start(&course, sources, &before),
        stages: Vec::new(),
        before,
        ready: None,
        closed: None,
        reload: course.reload,
    };
    let somebody_moves = plan.gates.first().is_some_and(|gate| gate.met == Some(true));
    if somebody_moves {
        plan.stages.push(stages::inventory(&course, &plan.before));
    }
    if !plan.is_whole() {
        return plan;
    }
    let (step, text, now) = ready::make(&course, sources, &plan.before);
    let of_the_port = gates::of_the_port(&course, &now);
    let unmet = of_the_port.iter().filter(|gate| gate.met == Some(false)).count();
    plan.gates.extend(of_the_port);
    plan.stages.push(stages::ready(&course, step, &now.server, unmet));
    if plan.is_whole() {
        stages::onwards(&course, &mut plan, text, now);
    }
    for (number, stage) in plan.stages.iter_mut().enumerate() {
        stage.number = number;
    }
    plan
}
