//! What can be mended of a judgement without a cost to anybody: found out finding by finding, while nothing else is to be done.

use gloo_timers::callback::Timeout;
use smtplint_core::finding::{Finding, Severity};
use smtplint_core::fix::{Choice, Fixes, Work};
use smtplint_core::impact::Impact;
use smtplint_core::patch::Patch;
use yew::{Callback, Html};

use crate::app::Message;
use crate::check::Checked;
use crate::history::Made;
use crate::proposal::{self, Judge, Proposal};
use crate::results::ResultsProps;
use crate::{changes, words};

/// How long a judgement must stand before this begins, in milliseconds.
const REST: u32 = 500;

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Changing {
    /// One step of the mending; true when it was the last one.
    pub(crate) step: fn(&mut Mending, &Checked, &Callback<Message>) -> bool,
    /// Everything that costs nobody anything, as one change.
    pub(crate) all: fn(&Mending, &Checked) -> Option<Made>,
    /// The change that mends one finding, whatever it costs; or why there is none.
    pub(crate) of_finding: fn(&Checked, &Finding) -> Result<Proposal, String>,
    /// The change as something to look at.
    pub(crate) view: fn(&Proposal, &Callback<Message>) -> Html,
    /// What can be changed at once, the way back, and what was changed, to take home.
    pub(crate) section: fn(&ResultsProps) -> Html,
    /// Hands over a file that differs between two texts, or the patch of them all.
    pub(crate) take: fn(Option<usize>, &str, &str) -> Option<()>,
    /// A text without a change that was made.
    pub(crate) undone: fn(&Made, &str) -> Option<String>,
}

pub(crate) static CHANGING: Changing = Changing {
    step: Mending::step,
    all: Mending::all,
    of_finding: proposal::of_finding,
    view: Proposal::view,
    section: changes::section,
    take: changes::take,
    undone: Made::undone,
};

/// How far it is.
#[derive(Debug, Default)]
pub(crate) struct Mending {
    work: Option<Work>,
    /// What came of it.
    pub(crate) fixes: Option<Fixes>,
    /// Until the next step.
    pause: Option<Timeout>,
}

impl Mending {
    /// Forgets what was, and begins when the judgement has stood long enough.
    pub(crate) fn begin(&mut self, tell: &Callback<Message>) {
        *self = Mending::default();
        self.go_on(REST, tell);
    }

    fn go_on(&mut self, pause: u32, tell: &Callback<Message>) {
        let tell = tell.clone();
        self.pause = Some(Timeout::new(pause, move || tell.emit(Message::Mend)));
    }

    /// One step; true when it was the last one.
    fn step(&mut self, checked: &Checked, tell: &Callback<Message>) -> bool {
        let Some(judge) = Judge::of(checked) else {
            return true;
        };
        let choice = Choice {
            check: &|sources| judge.check(sources),
            wants: &is_wanted,
            weigh: &|impact| impact,
            bears: &Impact::is_none,
        };
        let mut work = self.work.take().unwrap_or_else(|| Work::new(&checked.sources, &choice));
        let goes_on = work.step(judge.dialect, judge.options, &choice);
        if goes_on {
            self.work = Some(work);
            self.go_on(0, tell);
        } else {
            self.fixes = Some(work.finish(judge.dialect));
        }
        !goes_on
    }

    /// How many findings can be mended at once without a cost.
    pub(crate) fn count(&self) -> usize {
        self.fixes.as_ref().map_or(0, |fixes| fixes.done.len())
    }

    /// Everything that costs nobody anything, as one change; `None` where there is nothing of that kind, or not yet.
    fn all(&self, checked: &Checked) -> Option<Made> {
        let fixes = self.fixes.as_ref().filter(|fixes| !fixes.done.is_empty())?;
        let patches: Vec<&Patch> = fixes.done.iter().map(|fix| &fix.patch).collect();
        let title = words::mended(patches.len()).into();
        let impact = Impact::default();
        Some(Proposal::new(checked, title, &patches, impact, fixes.reload.clone()).made())
    }
}

/// As the command does without being told more.
fn is_wanted(finding: &Finding) -> bool {
    finding.severity >= Severity::Low
}
