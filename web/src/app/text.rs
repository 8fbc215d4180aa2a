//! The text: what is written in it and judged of it, and what changes it.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use smtplint_core::intake;
use smtplint_core::samples::SAMPLES;
use web_sys::HtmlTextAreaElement;
use yew::AttrValue;

use super::App;
use crate::check::{Checked, PASTE};
use crate::files;
use crate::filter::Filter;
use crate::history::Made;
use crate::message::Message;
use crate::migration::{Granted, Wish};
use crate::parts::{self, Part};
use crate::proposal::Preview;
use crate::{keeping, marks, words};

impl App {
    /// Takes a new text, to be judged when it has rested for so many milliseconds.
    pub(super) fn take(&mut self, text: AttrValue, pause: u32) {
        self.refused = Vec::new();
        self.not_undone = "";
        if self.text != text {
            self.text = text;
            self.carry_marks();
            self.judge_after(pause);
        }
    }

    /// Takes a text that nobody typed. The field is a new one then: what the browser would undo in it has gone with the old text,
    /// and would only be mixed into this one.
    pub(super) fn put(&mut self, text: AttrValue) {
        self.field = if self.field.is_empty() { "new" } else { "" };
        self.take(text, 0);
    }

    /// Puts another text in place of all that is there; somebody's own can be brought back.
    pub(super) fn replace(&mut self, text: AttrValue) {
        if !self.text.is_empty() && self.sample().is_none() {
            self.replaced = Some(self.text.clone());
        }
        self.made.clear();
        self.put(text);
    }

    pub(super) fn judge_after(&mut self, pause: u32) {
        let tell = self.tell.clone();
        self.pause = Some(Timeout::new(pause, move || tell.emit(Message::Judge)));
    }

    pub(super) fn judge(&mut self) {
        let sources = intake::split(PASTE, &self.text);
        self.keep();
        if let Some(part) = Part::missing_reader(&sources, self.settings.dialect) {
            return self.fetch(part, Message::Judge);
        }
        // No reader is missing any more.
        self.not_fetched.take_if(|missed| missed.part().is_none());
        self.chosen = None;
        let revision = self.checked.revision + 1;
        let checked = Checked::of(sources, revision, self.text.clone(), self.settings.clone(), Some(now()));
        // Without a report there is none for programs to look at.
        self.json &= checked.judged.is_some();
        self.checked = Rc::new(checked);
        self.carry_marks();
        self.preview = None;
        self.said = "";
        self.filter = Filter::default();
        self.mending.begin(&self.tell);
        if let Some(planning) = parts::plan() {
            (planning.follow)(&mut self.migration, &self.checked);
        }
    }

    pub(super) fn carry_marks(&mut self) {
        self.marks = marks::carry(&self.checked.marks, &self.checked.text, &self.text);
    }

    /// What stands in the field.
    pub(super) fn written(&self) -> String {
        let area = self.area.cast::<HtmlTextAreaElement>();
        area.map(|area| area.value()).unwrap_or_default()
    }

    /// The sample that is shown, when the text is one.
    pub(super) fn sample(&self) -> Option<&'static str> {
        let sample = SAMPLES.iter().find(|sample| sample.text() == self.text.as_str());
        sample.map(|sample| sample.name)
    }

    /// Keeps the text over a reload, where that may be.
    pub(super) fn keep(&self) {
        if self.may_keep {
            keeping::keep(&self.text, &self.settings);
        }
    }

    /// Shows the change that mends a card.
    pub(super) fn show_change(&mut self, card: Option<usize>) {
        let judged = self.checked.judged.as_ref();
        let finding = card.and_then(|card| Some((card, judged?.report.findings.get(card)?)));
        let changed = finding.zip(parts::changes());
        self.preview = changed.map(|((card, finding), changing)| {
            let proposal = (changing.of_finding)(&self.checked, finding);
            Rc::new(Preview { card, proposal })
        });
    }

    /// Makes a change, unless the text has become another one since.
    pub(super) fn make(&mut self, made: Made) {
        if made.before == self.text {
            self.put(made.after.clone());
            self.made.push(made);
        }
    }

    /// Takes the last change back, and leaves what was written since.
    pub(super) fn undo(&mut self) {
        let Some(last) = self.made.pop() else { return };
        let undone = parts::changes().and_then(|changing| (changing.undone)(&last, &self.text));
        match undone {
            Some(text) => self.put(text.into()),
            None => {
                self.made.push(last);
                self.not_undone = words::not_undone();
            }
        }
    }

    /// Does what was wished in the panel about the move; true when something that is shown has changed.
    pub(super) fn plan(&mut self, wish: Wish) -> bool {
        match wish {
            Wish::Choose => files::choose(&self.evidence),
            Wish::Chosen => {
                let told = |read| Message::Plan(Wish::Evidence(read));
                self.tell.emit(Message::Files(files::chosen(&self.evidence), told));
            }
            Wish::Print => {
                if let Some(window) = web_sys::window() {
                    window.print().ok();
                }
            }
            wish => {
                self.migration.open |= matches!(wish, Wish::Evidence(_));
                let Some(planning) = parts::plan() else { return true };
                match (planning.grant)(&mut self.migration, wish, &self.checked) {
                    Granted::Shown => {}
                    Granted::Taken => return false,
                    Granted::Changed(made) => self.make(made),
                }
                return true;
            }
        }
        false
    }
}

/// The time by the machine's clock, in seconds since 1970.
pub(super) fn now() -> i64 {
    // The browser counts milliseconds in a number with a fraction; whole seconds fit by far.
    #[expect(clippy::cast_possible_truncation, reason = "the number is far below the limit")]
    let seconds = (js_sys::Date::now() / 1_000.0) as i64;
    seconds
}
