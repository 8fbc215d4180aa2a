//! From findings to lines, and from lines to findings.

use std::ops::Range;

use web_sys::HtmlTextAreaElement;

use super::App;
use crate::filter::Filter;
use crate::position::{self, Edit};
use crate::scrolling::{is_beside, show_card};
use crate::{editor, marks};

impl App {
    /// Brings a line of the judged text into view. One that was changed since is on its way to another judgement.
    pub(super) fn show_line(&self, range: &Range<usize>) {
        let now = self.written();
        if let Some(range) = Edit::between(&self.checked.text, &now).carry(range) {
            let written = now.get(range.clone()).unwrap_or("").trim_end().len();
            editor::select(&self.area, range.start, range.start + written);
        }
    }

    /// Chooses a finding, and has it shown where it was left out.
    pub(super) fn show_finding(&mut self, card: usize) {
        self.chosen = Some(card);
        let judged = self.checked.judged.as_ref();
        let finding = judged.and_then(|judged| judged.report.findings.get(card));
        if finding.is_some_and(|finding| !self.filter.shows(finding)) {
            self.filter = Filter::default();
        }
    }

    /// True when the caret stands in a mark: its card is chosen then.
    pub(super) fn show_finding_at_caret(&mut self) -> bool {
        let Some(area) = self.area.cast::<HtmlTextAreaElement>() else {
            return false;
        };
        let (start, end) = (
            area.selection_start().ok().flatten(),
            area.selection_end().ok().flatten(),
        );
        let caret = start.filter(|_| start == end);
        let mark = caret.and_then(|caret| marks::at(&self.marks, position::byte(&area.value(), caret)));
        let card = mark.map(|mark| mark.card);
        if let Some(card) = card {
            self.show_finding(card);
            // Where the advice stands below the text, the text must not run away under the finger.
            if is_beside() {
                show_card(card, false);
            }
        }
        card.is_some()
    }
}
