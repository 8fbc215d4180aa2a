//! Stages that are ticked off, kept in the browser under digests of the configuration: nothing of its text is kept.

use smtplint_core::migrate::StageKind;

use crate::keeping;

/// Before each name under which ticks are kept.
const NAME: &str = "smtplint-plan-";

/// The stages that are done, by the words for them.
#[derive(Debug, Default)]
pub(crate) struct Ticks {
    done: Vec<String>,
    /// The browser keeps nothing for this page.
    pub(crate) is_refused: bool,
}

impl Ticks {
    /// What is kept under a name; nothing where the browser refuses.
    pub(crate) fn read(key: &str) -> Ticks {
        let Some(kept) = keeping::lasting().and_then(|storage| storage.get_item(&name(key)).ok()) else {
            return Ticks {
                is_refused: true,
                ..Ticks::default()
            };
        };
        let done = kept.unwrap_or_default();
        Ticks {
            done: done.split_ascii_whitespace().map(str::to_owned).collect(),
            is_refused: false,
        }
    }

    /// True for a stage that is done.
    pub(crate) fn has(&self, stage: StageKind) -> bool {
        self.done.iter().any(|one| one == stage.word())
    }

    /// Ticks a stage, or takes its tick away, and keeps that under each of the names.
    pub(crate) fn set(&mut self, stage: StageKind, is_done: bool, keys: &[String]) {
        self.done.retain(|one| one != stage.word());
        self.done.extend(is_done.then(|| stage.word().to_owned()));
        let done = self.done.join(" ");
        let kept = keeping::lasting().is_some_and(|storage| {
            let mut keys = keys.iter();
            keys.all(|key| {
                if done.is_empty() {
                    storage.remove_item(&name(key)).is_ok()
                } else {
                    storage.set_item(&name(key), &done).is_ok()
                }
            })
        });
        self.is_refused = !kept;
    }
}

fn name(key: &str) -> String {
    format!("{NAME}{key}")
}
