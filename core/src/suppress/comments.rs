//! Comments that ignore: `# smtplint: ignore[rule-id, other-id] reason`.

use super::{By, unknown};
use crate::gather::Index;
use crate::report::Note;
use crate::source::{FileId, Source, Sources, Span};

/// What follows the sign of a comment when it is meant for this program.
const NAME: &str = "smtplint:";

/// What to write, for whoever wrote something else.
const FORM: &str = "write `# smtplint: ignore[rule-id] reason`";

/// One rule that one comment ignores.
struct One {
    rule: String,
    /// The comment.
    span: Span,
    reason: String,
    used: bool,
}

/// All comments of a configuration.
#[derive(Default)]
pub(super) struct Comments {
    ignored: Vec<One>,
    /// Which of `ignored` covers a line, by rule and line.
    by_line: Index,
    /// What is to be said of how they are written.
    pub(super) notes: Vec<Note>,
}

impl Comments {
    pub(super) fn of(sources: &Sources) -> Comments {
        let mut comments = Comments::default();
        for (id, source) in sources.iter() {
            // A look for eight bytes is a fast one.
            if source.text().contains("smtplint") && source.text().contains(NAME) {
                comments.read(id, source);
            }
        }
        comments
    }

    fn read(&mut self, file: FileId, source: &Source) {
        // Where in `ignored` the comments begin that wait for the line they are about, and those that cover the line that may
        // be continued, each rule once.
        let mut waiting = self.ignored.len();
        let mut covering = Vec::new();
        let mut end = 0;
        for (number, line) in source.text().split_inclusive('\n').enumerate() {
            let start = end;
            end += line.len();
            let content = line.trim();
            if content.is_empty() {
                continue;
            }
            let span = Span {
                file,
                start,
                end: start + line.trim_end().len(),
            };
            if content.starts_with('#') {
                if let Some(told) = content.trim_start_matches('#').trim().strip_prefix(NAME) {
                    self.take(told.trim(), span);
                }
                continue;
            }
            if content.contains("# smtplint: ignore") {
                self.note(
                    "not-understood",
                    span,
                    "this is a part of the line; a comment stands on a line of its own, above".to_owned(),
                );
            }
            let above = self.once(waiting);
            waiting = self.ignored.len();
            if line.starts_with([' ', '\t']) {
                self.cover_line(&covering, file, number + 1);
                self.cover_line(&above, file, number + 1);
            } else {
                self.cover_line(&above, file, number + 1);
                covering = above;
            }
        }
    }

    /// The places from one on, but for rules that are ignored already: however often a comment names a rule, it is one.
    fn once(&self, from: usize) -> Vec<usize> {
        let mut places: Vec<usize> = Vec::new();
        for (place, one) in self.ignored.iter().enumerate().skip(from) {
            if places
                .iter()
                .all(|known| self.ignored.get(*known).is_none_or(|known| known.rule != one.rule))
            {
                places.push(place);
            }
        }
        places
    }

    fn cover_line(&mut self, places: &[usize], file: FileId, line: usize) {
        for place in places {
            if let Some(one) = self.ignored.get(*place) {
                self.by_line.get_or_put(&key(&one.rule, file, line), *place);
            }
        }
    }

    /// What a comment says behind the name of the program.
    fn take(&mut self, told: &str, span: Span) {
        let list = told.strip_prefix("ignore[").and_then(|rest| rest.split_once(']'));
        let Some((rules, reason)) = list.filter(|(rules, _)| !rules.trim().is_empty()) else {
            return self.note("not-understood", span, format!("this is not understood; {FORM}"));
        };
        let reason = reason.trim().trim_start_matches(':').trim();
        if reason.is_empty() {
            self.note("no-reason", span, "no reason is given".to_owned());
        }
        for rule in rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
            match unknown(rule) {
                Some(text) => self.note("unknown-rule", span, text),
                None => self.ignored.push(One {
                    rule: rule.to_owned(),
                    span,
                    reason: reason.to_owned(),
                    used: false,
                }),
            }
        }
    }

    fn note(&mut self, topic: &'static str, span: Span, text: String) {
        self.notes.push(Note {
            topic,
            text,
            at: Some(span),
        });
    }

    /// The comment that covers a place for a rule, with its reason.
    pub(super) fn cover(&mut self, rule: &str, place: Span, sources: &Sources) -> Option<(By, String)> {
        // Few files have such comments at all.
        if self.ignored.is_empty() {
            return None;
        }
        let (line, _) = sources.file(place.file)?.line_and_column(place.start);
        let index = self.by_line.get(&key(rule, place.file, line))?;
        let one = self.ignored.get_mut(index)?;
        one.used = true;
        Some((By::Comment(one.span), one.reason.clone()))
    }

    /// What is ignored and not found.
    pub(super) fn note_unused(self, notes: &mut Vec<Note>) {
        for one in self.ignored.into_iter().filter(|one| !one.used) {
            let text = format!(
                "`{}` is to be ignored, but is not found at the line below: take it out",
                one.rule
            );
            notes.push(Note {
                topic: "unused-ignore",
                text,
                at: Some(one.span),
            });
        }
    }
}

fn key(rule: &str, file: FileId, line: usize) -> String {
    format!("{rule} {}:{line}", file.0)
}
