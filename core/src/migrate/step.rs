//! One change of the configuration, judged by what it costs.

use super::Course;
use crate::dialect::Terms;
use crate::facts::Server;
use crate::impact::{Impact, Loss};
use crate::patch::{Patch, Wish};
use crate::report::Report;
use crate::source::Sources;

/// A change that was read and judged again.
#[derive(Debug, Clone)]
pub struct Step {
    /// The text before it.
    pub before: Sources,
    /// The edits, each of the text as the one before it left it.
    pub patches: Vec<Patch>,
    /// The text after it.
    pub after: Sources,
    /// True when it is taken back before the next stage.
    pub is_temporary: bool,
    /// Who loses what.
    pub impact: Impact,
}

impl Step {
    /// Goes on with a step that begins where this one ends. Who loses what by both is for whoever knows the facts around them.
    pub(super) fn append(&mut self, next: Step) {
        self.patches.extend(next.patches);
        self.after = next.after;
    }

    /// Whether what is taken out stays as comments.
    pub(super) fn comments_out(&self) -> bool {
        let mut edits = self.patches.iter().flat_map(|patch| &patch.edits);
        edits.any(|edit| edit.text.trim_start().starts_with('#'))
    }

    /// Commands for a shell that do the same, where the text is a print-out.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.patches
            .iter()
            .flat_map(|patch| &patch.commands)
            .map(String::as_str)
    }
}

impl Course<'_> {
    /// Who loses what, with the names that a log has for them.
    pub(super) fn impact(&self, before: &Server, after: &Server) -> Impact {
        Impact::between(before, after).weighed(self.evidence)
    }

    /// Writes wishes into a text; `Err` says why that cannot be, or who would be shut out by it.
    pub(super) fn step(
        &self,
        text: &Sources,
        before: &Report,
        wishes: &[Wish],
        may_cost: &dyn Fn(&Loss) -> bool,
    ) -> Result<(Step, Report), String> {
        let own = self.own(text);
        let reading = self.dialect.read(&own);
        let terms = Terms {
            target: &self.options.target,
            points: &reading.points(&self.options.target),
        };
        let patch = reading
            .edit(&own, wishes, &terms)
            .map_err(|blocked| blocked.to_string())?;
        if patch.is_empty() {
            return Err("there is nothing to write".to_owned());
        }
        let after = patch.apply(text);
        let now = self.judge(&after);
        let impact = Impact::between(&before.server, &now.server);
        let mut unmeant = impact.clone();
        unmeant.losses.retain(|loss| !may_cost(loss));
        if !unmeant.is_none() {
            return Err(format!(
                "it would shut out more than it is meant to: {}",
                unmeant.spoken().join("; ")
            ));
        }
        let step = Step {
            before: text.clone(),
            patches: vec![patch],
            after,
            is_temporary: false,
            impact: impact.weighed(self.evidence),
        };
        Ok((step, now))
    }
}
