//! Comments that ignore: `# smtplint: ignore[rule-id, other-id] reason`.

use super::unknown;
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

/// Lines that comments cover, in the order of the files; no two of them overlap.
type Ranges = Vec<Span>;

/// All comments of a configuration.
#[derive(Default)]
pub(super) struct Comments {
    ignored: Vec<One>,
    /// Lines with all that continues them.
    whole: Ranges,
    /// Single lines of a continued one.
    single: Ranges,
    /// Which of `ignored` covers a range, by rule and range.
    by_range: Index,
    /// What is to be said of how they are written.
    pub(super) notes: Vec<Note>,
}

impl Comments {
    pub(super) fn of(sources: &Sources) -> Comments {
        let mut comments = Comments::default();
        for (id, source) in sources.iter() {
            if source.text().contains(NAME) {
                comments.read(id, source);
            }
        }
        comments
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ignored.is_empty()
    }

    fn read(&mut self, file: FileId, source: &Source) {
        // Comments that wait for the line they are about: the first of them in `ignored`.
        let mut waiting = self.ignored.len();
        let mut open = false;
        let mut end = 0;
        for line in source.text().split_inclusive('\n') {
            let start = end;
            end += line.len();
            let content = line.trim();
            let span = Span {
                file,
                start: start + (line.len() - line.trim_start().len()),
                end: start + line.trim_end().len(),
            };
            if content.is_empty() {
                continue;
            }
            if content.starts_with('#') {
                if let Some(told) = content.trim_start_matches('#').trim_start().strip_prefix(NAME) {
                    self.take(told.trim(), span);
                }
                continue;
            }
            if let Some((_, told)) = content.split_once("# smtplint:")
                && told.trim_start().starts_with("ignore")
            {
                self.note(
                    "not-understood",
                    span,
                    "the comment is taken for a part of the line; put it on a line of its own, above".to_owned(),
                );
            }
            let continues = line.starts_with([' ', '\t']);
            if continues
                && open
                && let Some(last) = self.whole.last_mut()
            {
                last.end = end;
            }
            if !continues {
                open = false;
            }
            let covered = Span { file, start, end };
            if waiting < self.ignored.len() {
                if continues {
                    self.single.push(covered);
                } else {
                    self.whole.push(covered);
                    open = true;
                }
                self.cover_range(waiting, covered);
                waiting = self.ignored.len();
            }
        }
    }

    /// What a comment says behind the name of the program.
    fn take(&mut self, told: &str, span: Span) {
        let list = told
            .strip_prefix("ignore")
            .and_then(|rest| rest.trim_start().strip_prefix('['))
            .and_then(|rest| rest.split_once(']'));
        let Some((rules, reason)) = list.filter(|(rules, _)| !rules.trim().is_empty()) else {
            return self.note("not-understood", span, format!("this is not understood; {FORM}"));
        };
        let reason = reason.trim_start_matches([' ', '\t', ':', '-', '–', '—']).trim_end();
        if reason.is_empty() {
            self.note(
                "no-reason",
                span,
                "no reason is given; whoever comes after you will want one".to_owned(),
            );
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

    fn cover_range(&mut self, from: usize, covered: Span) {
        for (index, one) in self.ignored.iter().enumerate().skip(from) {
            self.by_range.entry(key(&one.rule, covered)).or_insert(index);
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
    pub(super) fn cover(&mut self, rule: &str, place: Span) -> Option<(Span, String)> {
        let index = [&self.single, &self.whole].into_iter().find_map(|ranges| {
            let behind = ranges.partition_point(|range| (range.file, range.start) <= (place.file, place.start));
            let range = *ranges.get(behind.checked_sub(1)?)?;
            (range.file == place.file && place.start < range.end)
                .then(|| self.by_range.get(&key(rule, range)).copied())
                .flatten()
        })?;
        let one = self.ignored.get_mut(index)?;
        one.used = true;
        Some((one.span, one.reason.clone()))
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

/// Ranges are told apart by where they begin: a single line is never the first one of a whole.
fn key(rule: &str, range: Span) -> String {
    format!("{rule} {}:{}", range.file.0, range.start)
}
