//! The plan for programs: `smtplint/plan/1`.

use serde::Serialize;

use super::{Check, Gate, Plan, Stage, StageKind, To};
use crate::TOOL;
use crate::impact::Who;
use crate::json::Input;

/// What `smtplint migrate --format json` prints.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Plan"))]
pub struct PlanJson {
    /// `smtplint/plan/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/plan/1")))]
    pub schema: &'static str,
    /// Name and version of the program.
    pub tool: &'static str,
    /// The files.
    pub inputs: Vec<Input>,
    /// Where users are to be.
    pub to: To,
    /// What is to be said of the wish itself.
    pub answer: &'static str,
    /// True when no gate is unmet, and the plan goes to its end.
    pub whole: bool,
    /// What has to be so.
    pub gates: Vec<GateJson>,
    /// As far as the plan goes.
    pub stages: Vec<StageJson>,
    /// The command that makes a changed configuration the one in force.
    pub reload: &'static str,
}

/// What has to be so before the plan goes on.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Gate"))]
pub struct GateJson {
    /// `null` for what only somebody outside the configuration can see.
    pub met: Option<bool>,
    /// What has to be so.
    pub what: String,
    /// How that is known, or how to find out; and what to do where it is unmet.
    pub why: String,
}

/// One stage.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Stage"))]
pub struct StageJson {
    /// Counted from 0.
    pub number: usize,
    /// What it is for.
    pub kind: StageKind,
    /// In a few words.
    pub title: String,
    /// The plan is good without it.
    pub optional: bool,
    /// What to do, in this order.
    #[serde(rename = "do")]
    pub actions: Vec<String>,
    /// As `patch -p1` takes it, of the files as the stages before left them; empty where nothing is to be changed, or where a
    /// line that changes holds a password.
    pub patch: String,
    /// The patch is taken back before the next stage.
    pub temporary: bool,
    /// Commands that do the same where the text is a print-out.
    pub commands: Vec<String>,
    /// Who loses what.
    pub costs: Vec<CostJson>,
    /// Lines for the zone file.
    pub dns: Vec<String>,
    /// What a person types into a mail program.
    pub clients: Vec<String>,
    /// Commands that show whether it worked.
    pub checks: Vec<Check>,
    /// When the next stage may begin.
    pub done_when: String,
    /// The way back.
    pub roll_back: String,
}

/// Somebody who is served no more.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Cost"))]
pub struct CostJson {
    /// The listener's id.
    pub listener: String,
    /// Who.
    pub who: Who,
    /// False when an open question decides.
    pub certain: bool,
}

impl Plan {
    /// The plan for programs; `patches` are the stages' patches as text, in their order.
    #[must_use]
    pub fn to_json(&self, inputs: Vec<Input>, patches: &[String]) -> PlanJson {
        let stages = self.stages.iter().enumerate();
        PlanJson {
            schema: "smtplint/plan/1",
            tool: TOOL,
            inputs,
            to: self.to,
            answer: self.answer,
            whole: self.is_whole(),
            gates: self.gates.iter().map(gate).collect(),
            stages: stages
                .map(|(at, one)| stage(one, patches.get(at).cloned().unwrap_or_default()))
                .collect(),
            reload: self.reload,
        }
    }
}

fn gate(gate: &Gate) -> GateJson {
    GateJson {
        met: gate.met,
        what: gate.what.clone(),
        why: gate.why.clone(),
    }
}

fn stage(stage: &Stage, patch: String) -> StageJson {
    let step = stage.step.iter();
    let losses = step.clone().flat_map(|step| &step.impact.losses);
    StageJson {
        number: stage.number,
        kind: stage.kind,
        title: stage.title.clone(),
        optional: stage.is_optional,
        actions: stage.actions.clone(),
        patch,
        temporary: step.clone().any(|step| step.is_temporary),
        commands: step.flat_map(|step| step.commands()).map(str::to_owned).collect(),
        costs: losses
            .map(|loss| CostJson {
                listener: loss.listener.clone(),
                who: loss.who.clone(),
                certain: loss.certain,
            })
            .collect(),
        dns: stage.dns.clone(),
        clients: stage.clients.clone(),
        checks: stage.checks.clone(),
        done_when: stage.done_when.clone(),
        roll_back: stage.roll_back.clone(),
    }
}
