//! The panel about the move between the ports 465 and 587: what is asked in it, and what it holds.

use smtplint_core::clients::Form;
use smtplint_core::file_change::stage_patch;
use smtplint_core::migrate::StageKind;
use smtplint_core::usage::Usage;
use yew::Html;

use crate::changes::download;
use crate::check::Checked;
use crate::files::Read;
use crate::history::Made;
use crate::planned::{Course, Planned, Said};
use crate::stages::{self, Around};
use crate::ticks::Ticks;
use crate::words;

/// What a person does in the panel.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// It is to open, or to close.
    Open(bool),
    /// Something else was said of the move.
    Course(Course),
    /// A stage is done, or is not.
    Tick(StageKind, bool),
    /// The change of a stage is to be made.
    Apply(usize),
    /// The patch of a stage is to be downloaded.
    Patch(usize),
    /// What a kind of program is told at a stage is to be downloaded.
    Form(usize, Form),
    /// The list of files for evidence is to open.
    Choose,
    /// Files were chosen there.
    Chosen,
    /// They were read.
    Evidence(Read),
    /// The evidence is to go.
    Forget,
    /// The plan is to be printed.
    Print,
}

impl Wish {
    /// Whether the page grants it by itself, without the plan.
    pub(crate) fn is_of_the_page(&self) -> bool {
        matches!(self, Wish::Open(false) | Wish::Choose | Wish::Chosen | Wish::Print)
    }
}

/// A log that was counted.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) name: String,
    pub(crate) usage: Usage,
}

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Planning {
    /// Plans anew where that is needed.
    pub(crate) follow: fn(&mut Migration, &Checked),
    /// Does what was wished of the plan itself.
    pub(crate) grant: fn(&mut Migration, Wish, &Checked) -> Granted,
    /// The panel's content.
    pub(crate) view: fn(&Migration, Around<'_>) -> Html,
}

pub(crate) static PLANNING: Planning = Planning {
    follow: Migration::follow,
    grant: Migration::grant,
    view: stages::view,
};

/// What came of a wish.
#[derive(Debug)]
pub(crate) enum Granted {
    /// Something else is to be shown.
    Shown,
    /// A file was handed over.
    Taken,
    /// The text is to be changed.
    Changed(Made),
}

/// The panel's state.
#[derive(Debug, Default)]
pub(crate) struct Migration {
    pub(crate) open: bool,
    pub(crate) course: Course,
    pub(crate) evidence: Option<Evidence>,
    /// Sentences about files that are no evidence.
    pub(crate) refused: Vec<String>,
    pub(crate) planned: Option<Planned>,
    pub(crate) ticks: Ticks,
    /// What the plan before said of the stages that were done.
    before: Vec<Said>,
}

/// True for a text that can only be meant as evidence: no configuration begins like it.
pub(crate) fn is_evidence(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

impl Migration {
    /// Plans anew, unless the text is one that the plan itself made.
    fn follow(&mut self, checked: &Checked) {
        let is_known = self.planned.as_ref().is_some_and(|planned| planned.is_of(checked));
        if !is_known {
            self.leave();
            if self.open {
                self.plan(checked);
            }
        }
    }

    /// Leaves a plan, and remembers what was done of it.
    fn leave(&mut self) {
        if let Some(planned) = self.planned.take() {
            let stages = planned.said().into_iter();
            self.before = stages.filter(|said| self.ticks.has(said.stage)).collect();
        }
    }

    /// Plans anew. What was done stays done where the new plan says the same of it.
    fn plan(&mut self, checked: &Checked) {
        self.leave();
        let usage = self.evidence.as_ref().map(|evidence| &evidence.usage);
        self.planned = Planned::new(checked, &self.course, usage);
        let Some(planned) = &self.planned else { return };
        self.ticks = planned.keys.first().map(|key| Ticks::read(key)).unwrap_or_default();
        for said in planned.said().iter().filter(|said| self.before.contains(said)) {
            if !self.ticks.has(said.stage) {
                self.ticks.set(said.stage, true, &planned.keys);
            }
        }
    }

    /// Does what was wished of the plan itself; choosing files and printing are the page's.
    fn grant(&mut self, wish: Wish, checked: &Checked) -> Granted {
        match wish {
            Wish::Choose | Wish::Chosen | Wish::Print => {}
            Wish::Open(open) => {
                self.open = open;
                if open && self.planned.is_none() {
                    self.plan(checked);
                }
            }
            Wish::Course(course) => {
                self.course = course;
                self.plan(checked);
            }
            Wish::Tick(stage, is_done) => self.tick(stage, is_done),
            Wish::Apply(stage) => return self.change(stage).map_or(Granted::Shown, Granted::Changed),
            Wish::Patch(stage) => return self.take_patch(stage).map_or(Granted::Shown, |()| Granted::Taken),
            Wish::Form(stage, form) => return self.take_form(stage, form).map_or(Granted::Shown, |()| Granted::Taken),
            Wish::Evidence(read) => self.take(read, checked),
            Wish::Forget => {
                self.evidence = None;
                self.plan(checked);
            }
        }
        Granted::Shown
    }

    /// Ticks a stage off, or takes the tick away.
    fn tick(&mut self, stage: StageKind, is_done: bool) {
        if let Some(planned) = &self.planned {
            self.ticks.set(stage, is_done, &planned.keys);
        }
    }

    /// Takes a log that was counted, or says why it is none.
    fn take(&mut self, read: Read, checked: &Checked) {
        self.refused = read.refused;
        for (name, text) in read.files {
            match Usage::parse(&text) {
                Ok(usage) => self.evidence = Some(Evidence { name, usage }),
                Err(why) => self.refused.push(words::no_evidence(&name, &why)),
            }
        }
        self.plan(checked);
    }

    /// The change of a stage.
    fn change(&self, stage: usize) -> Option<Made> {
        let planned = self.planned.as_ref()?;
        let (before, after) = planned.turn(stage)?;
        let title = planned.plan.stages.get(stage)?.title.clone().into();
        Some(Made { title, before, after })
    }

    /// Hands a patch over as a download.
    fn take_patch(&self, stage: usize) -> Option<()> {
        let patched = self.planned.as_ref()?.patches.get(stage)?;
        download(&stage_patch(stage), &patched.text)
    }

    /// Hands over what a kind of program is told at a stage.
    fn take_form(&self, stage: usize, form: Form) -> Option<()> {
        let all = self.planned.as_ref()?.settings.as_ref().ok()?;
        let (_, settings) = all.iter().find(|(number, _)| *number == stage)?;
        download(&form.file_name(&settings.domain), &form.render(settings).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn what_is_no_evidence_is_refused_with_a_sentence() {
        let checked = Checked::new(1, "Dear Sir,\n".into(), Settings::default(), None);
        let mut migration = Migration::default();
        let file = |text: &str| Read {
            files: vec![("x.json".to_owned(), text.to_owned())],
            refused: Vec::new(),
        };
        migration.refused.push("old".to_owned());
        migration.take(file("{\"a\": 1}"), &checked);
        assert!(migration.evidence.is_none());
        let [sentence] = migration.refused.as_slice() else {
            panic!("{:?}", migration.refused);
        };
        assert!(
            sentence.starts_with("x.json is not what `smtplint usage --format json` prints"),
            "{sentence}"
        );
        assert!(is_evidence(" {\"schema\"") && !is_evidence("a = {b}"));
    }
}
